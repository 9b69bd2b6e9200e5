"""Reading fields of other people's JSON: whatever stands there gives a value, None, or UnreadableError."""

from __future__ import annotations

import math
import re
from datetime import UTC

from queuewatch.sources.reading import MAX_NAME, clip, moment

_LATEST = 4_102_444_800.0  # the year 2100: what is later is no time, or in another unit
_MILLISECONDS = 1e11
_LONGEST_S = 1e9
_DIGITS = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")


class UnreadableError(ValueError):
    """A payload lacks or misuses a field; `reason` is the metric's label, the text says which."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def get(raw: object, *path: str) -> object:
    """What stands at the path; None where there is nothing."""
    for step in path:
        if not isinstance(raw, dict):
            return None
        raw = raw.get(step)
    return raw


def text(raw: object, *path: str) -> str | None:
    """A text or whole number at the path, as text; None where there is none, or a blank one.

    Raises:
        UnreadableError: It is longer than an id or name may be.
    """
    found = get(raw, *path)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    written = str(found).strip()
    if len(written) > MAX_NAME:
        raise UnreadableError("bad_field", f"{'.'.join(path)} is longer than {MAX_NAME} characters")
    return written or None


def need(raw: object, *path: str) -> str:
    """As `text`, where there must be one. Raises UnreadableError where there is none."""
    found = text(raw, *path)
    if found is None:
        raise UnreadableError("bad_field", f"{'.'.join(path)} is missing")
    return found


def members(raw: object, *path: str) -> list[object]:
    """The list at the path; empty where there is none."""
    found = get(raw, *path)
    return found if isinstance(found, list) else []


def number(raw: object, *path: str) -> float | None:
    """A number at the path, also one written as text; None where there is none."""
    found = get(raw, *path)
    if isinstance(found, str) and _DIGITS.fullmatch(found.strip()):
        found = float(found)
    if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > _LATEST * 1e6:
        return None
    value = float(found)
    return value if math.isfinite(value) else None


def seconds(raw: object, *path: str, scale: float = 1.0) -> float | None:
    """A duration at the path, in seconds; None where there is none, or one that cannot be.

    Args:
        raw: The payload.
        path: Where.
        scale: Seconds per unit of the payload.
    """
    found = number(raw, *path)
    return None if found is None or not 0 <= found * scale <= _LONGEST_S else found * scale


def when(raw: object, *path: str) -> float | None:
    """A point in time at the path: RFC 3339, or the epoch's seconds or milliseconds; None for nothing.

    Raises:
        UnreadableError: What stands there is no time.
    """
    found = get(raw, *path)
    if found is None or found in ("", 0):
        return None
    at = number(raw, *path)
    if at is not None:
        at = at / 1000.0 if at > _MILLISECONDS else at
    elif isinstance(found, str):
        try:
            at = moment(found.strip(), UTC)
        except ValueError as error:
            raise UnreadableError("bad_field", f"{'.'.join(path)}: {error}") from None
    if at is None or not 0 < at < _LATEST:
        raise UnreadableError("bad_field", f"{'.'.join(path)} is no time: {_shown(found)}")
    return at


def _shown(found: object) -> str:
    return clip(str(found)) if isinstance(found, str | int | float) else f"a {type(found).__name__}"


def first_time(*found: float | None) -> float:
    """The first time there is. Raises UnreadableError where there is none."""
    for at in found:
        if at is not None:
            return at
    raise UnreadableError("no_time", "the payload does not say when this happened")


def language(raw: object, *path: str) -> str | None:
    """A language at the path, as BCP 47 writes it (`en_GB` is `en-GB`); None where there is none."""
    found = get(raw, *path)
    if not isinstance(found, str):
        return None
    tag = found.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def priority(raw: object, *path: str, words: dict[str, int]) -> int:
    """A priority at the path, by its word (lower case); 0 where it is not told."""
    found = get(raw, *path)
    return words.get(found.lower(), 0) if isinstance(found, str) else 0
