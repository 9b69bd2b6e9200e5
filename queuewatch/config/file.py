"""The config file: found, read, checked; every complaint names it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from queuewatch.config.checks import check
from queuewatch.config.read import ConfigError, Reader
from queuewatch.config.settings import Settings

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def load(path: Path | str | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the config file; without one, the defaults.

    Args:
        path: The TOML file, or None.
        environ: Where secrets written `{ env = "NAME" }` come from; the process's environment by default.

    Raises:
        ConfigError: Something in it cannot be used.
    """
    if path is None:
        return Settings()
    raw = _toml_in(Path(path))
    try:
        settings = Reader(Settings, os.environ if environ is None else environ).table(raw, Settings)
        check(settings)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    return settings


_FORM = "text stands in quotes, lists in [ ], and each key on a line of its own"


def _toml_in(path: Path) -> dict[str, Any]:
    """The TOML in this file.

    Raises:
        ConfigError: There is no such file, it cannot be read, or it is not TOML (with the line).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark before it
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; name the config file that there is") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: this is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); mend the path or its rights") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}, {_syntax(str(error), text)}") from None


def _syntax(complaint: str, text: str) -> str:
    """Where the TOML breaks off, and what to look at there."""
    found = _AT_LINE.search(complaint)
    line = int(found[1]) if found else max(1, len(text.splitlines()))
    what = complaint.removesuffix(" (at end of document)")
    what = what[: found.start()] if found else what
    twice = what.startswith(("Cannot overwrite", "Cannot declare", "Duplicate"))
    cure = "it stands there twice: keep one of them" if twice else _FORM
    return f"line {line}: {what}; {cure}"
