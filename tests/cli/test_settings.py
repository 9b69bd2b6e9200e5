"""The config as commands read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from queuewatch.cli.settings import read_settings
from queuewatch.config import ConfigError, Settings


def test_without_a_file_the_defaults_hold_and_all_their_languages_have_words() -> None:
    assert read_settings(None) == Settings()


def test_a_language_without_words_is_named_with_the_file_that_would_give_them(tmp_path: Path) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text('[notice]\nlanguages = ["en", "da"]\n')
    with pytest.raises(ConfigError) as error:
        read_settings(path)
    assert str(error.value) == (
        f'{path}: notice.languages has "da", but there are words only in de, en, es, fr, nl; '
        "remove it, or add queuewatch/words/da.toml"
    )


def test_a_team_cannot_be_spoken_to_in_a_language_that_there_are_no_words_in(tmp_path: Path) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text('[alerts]\nlanguage = "da"\n')
    with pytest.raises(ConfigError, match=r'alerts\.language has "da", but there are words only in'):
        read_settings(path)
    path.write_text('[alerts]\nlanguage = "de"\n')
    assert read_settings(path).alerts.language == "de"
