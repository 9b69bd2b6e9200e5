"""Points in time of many events at once: RFC 3339 as programs write it, to the floats of the core.

A time is nearly always written in one shape by one source, and the times of a batch lie within one hour.
So the shape is held against all of them at once, the hour is read by the decoder that reads single times, and
minutes and seconds are added up as numbers: less work than `datetime.timestamp`, and to the bit its result.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

_UP_TO_HOUR = "0000-00-00T00"
_UP_TO_MINUTE = f"{_UP_TO_HOUR}:00:"
_HOUR, _MINUTE = len(_UP_TO_HOUR), len(_UP_TO_MINUTE)
# Before this a float holds the microseconds since 1970 exactly, and one division rounds once.
_YEAR_2200 = 7_258_118_400.0


# To the shape one digit is like the other.
_LIKE = bytes.maketrans(b"123456789", b"0" * 9)


class _Shape(NamedTuple):
    """How the times of a batch are written, each followed by a line feed.

    Attributes:
        pattern: The shape, with a 0 for each digit.
        zone: How each ends, where that has digits.
        weights: Microseconds that each octet stands for: 0 up to the hour, for signs, and in the zone.
        zero: What the weights make of nothing but the digit 0.
    """

    pattern: bytes
    zone: bytes
    weights: NDArray[np.float64]
    zero: float


def instants(texts: Sequence[str | None]) -> list[float] | None:
    """Points in time, seconds since 1970 (UTC), each as `datetime.timestamp` would give it.

    Args:
        texts: At least one, as in JSON. All must be of one shape: with a `T`, as many digits to the second
            as the others (none to six), and `Z` or `+00:00`; and of the years 1970 to 2199.

    Returns:
        None where one of them is not: then each is to be read by itself, and may be wrong.
    """
    first = texts[0] or ""
    shape = _shape_of(first)
    try:
        lines = ("\n".join(texts) + "\n").encode()  # type: ignore[arg-type]  # what is missing is no text
    except (TypeError, UnicodeEncodeError):
        return None
    # A text of another length, or with line feeds of its own, has one where the shape has none.
    if shape is None or lines.translate(_LIKE) != shape.pattern * len(texts):
        return None
    if shape.zone and lines.count(shape.zone) < len(texts):  # its digits are not like others
        return None
    length = len(shape.pattern)
    # An hour has no more minutes than 59, a minute no more seconds.
    if (lines[_HOUR + 1 :: length] + lines[_MINUTE::length]).strip(b"012345"):
        return None
    if lines.count(first[:_HOUR].encode()) < len(texts):
        return _one_by_one(texts)
    hour_at = _hour_at(first[:_HOUR])
    if not 0.0 <= hour_at < _YEAR_2200:
        return None
    micros = np.frombuffer(lines, np.uint8).reshape(len(texts), length).dot(shape.weights)
    return ((micros + (hour_at * 1e6 - shape.zero)) / 1e6).tolist()  # type: ignore[no-any-return]


def _one_by_one(texts: Sequence[str | None]) -> list[float] | None:
    """The times of several hours."""
    try:
        ats = [one.timestamp() for one in msgspec.convert(texts, list[datetime])]
    except msgspec.ValidationError:
        return None
    return ats if min(ats) >= 0.0 and max(ats) < _YEAR_2200 else None


@lru_cache(maxsize=32)
def _hour_at(hour: str) -> float:
    """When this hour began; -1 where there is no such hour."""
    try:
        return msgspec.convert(f"{hour}:00:00Z", datetime).timestamp()
    except msgspec.ValidationError:
        return -1.0


def _shape_of(text: str) -> _Shape | None:
    zone = "Z" if text.endswith("Z") else "+00:00"
    return _shape(len(text) - _MINUTE - len(zone), zone)


@lru_cache(maxsize=32)
def _shape(places: int, zone: str) -> _Shape | None:
    """The shape with so many places from the seconds' first to the zone; None where none is written so."""
    if places not in {2, *range(4, 10)}:
        return None
    pattern = f"{_UP_TO_MINUTE}{'00.000000'[:places]}{zone}\n".encode()
    seconds = [1e7, 1e6, 0.0, *(10.0**power for power in range(5, -1, -1))][:places]
    weights = np.zeros(len(pattern))
    weights[_HOUR + 1 : _MINUTE + places] = [6e8, 6e7, 0.0, *seconds]
    zero = float(weights.sum()) * ord("0")
    return _Shape(pattern, b"" if zone == "Z" else f"{zone}\n".encode(), weights, zero)
