"""The config as commands read it: what the file says, held against the languages there are words in."""

from __future__ import annotations

from pathlib import Path

from queuewatch.config import ConfigError, Settings, load
from queuewatch.words import available


def read_settings(path: Path | None) -> Settings:
    """The settings in this file, or the defaults.

    Raises:
        ConfigError: Something in the file cannot be used, or there are no words in one of its languages.
    """
    settings = load(path)
    chosen = [("notice.languages", language) for language in settings.notice.languages]
    if settings.alerts.language is not None:
        chosen.append(("alerts.language", settings.alerts.language))
    for key, language in chosen:
        if language not in available():
            raise ConfigError(
                f'{path}: {key} has "{language}", but there are words only in '
                f"{', '.join(available())}; remove it, or add queuewatch/words/{language}.toml"
            )
    return settings
