"""Points in time of many events at once: RFC 3339 as programs write it, to the floats of the core.

The times of a batch nearly always lie within one hour, and one source writes them all in one way. So the hour
is read by the decoder that reads single times; what comes after it is held against the hour's first moment,
octet by octet, and added up as numbers: less work than `datetime.timestamp`, and to the bit its result.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

_Times = list[Annotated[datetime, Meta(tz=True)]]
_HOUR = len("0000-00-00T00")
# The octets after the hour: what each is as the hour begins, how far it may lie above that, and how many
# microseconds one more of it stands for.
_FIRST = ":00:00.000000"
_ROOM = (0, 5, 9, 0, 5, 9, 0, 9, 9, 9, 9, 9, 9)
_MICROS = (0.0, 6e8, 6e7, 0.0, 1e7, 1e6, 0.0, 1e5, 1e4, 1e3, 1e2, 1e1, 1.0)
# To the second, or with one to six digits more.
_PLACES = {6, *range(8, 14)}
# Before this a float holds the microseconds since 1970 exactly, and one division rounds once.
_YEAR_2200 = 7_258_118_400.0


class _Hour(NamedTuple):
    """How the times of an hour are written, each followed by a line feed.

    Attributes:
        first: Its first moment.
        room: How far each octet may lie above that of the first moment.
        weights: Microseconds that one more in each octet stands for.
        micros: When it began, microseconds since 1970.
    """

    first: bytes
    room: bytes
    weights: NDArray[np.float64]
    micros: float


def instants(texts: Sequence[str | None]) -> list[float] | None:
    """Points in time, seconds since 1970 (UTC), each as `datetime.timestamp` would give it.

    Args:
        texts: At least one, as in JSON. They are read in the least time where they lie in one hour and are
            written alike: with as many digits to the second (none to six), and `Z` or `+00:00`.

    Returns:
        None where one of them is missing, is no time with a zone, or lies outside the years 1970 to 2199.
    """
    try:
        lines = ("\n".join(texts) + "\n").encode()  # type: ignore[arg-type]  # what is missing is no text
    except (TypeError, UnicodeEncodeError):
        return None
    ats = _of_one_hour(lines, texts[0] or "", len(texts))
    return _one_by_one(texts) if ats is None else ats


def _of_one_hour(lines: bytes, first: str, count: int) -> list[float] | None:
    """So many times, each followed by a line feed; None where they are not as the first of them."""
    zone = "Z" if first.endswith("Z") else "+00:00"
    hour = _hour(first[:_HOUR], len(first) - _HOUR - len(zone), zone)
    if hour is None or len(lines) != len(hour.first) * count:
        return None
    # An octet below that of the first moment wraps around, and lies far above it.
    above = np.frombuffer(lines, np.uint8) - np.frombuffer(hour.first * count, np.uint8)
    if np.count_nonzero(above > np.frombuffer(hour.room * count, np.uint8)):
        return None
    micros = above.reshape(count, -1).dot(hour.weights) + hour.micros
    return (micros / 1e6).tolist()  # type: ignore[no-any-return]


def _one_by_one(texts: Sequence[str | None]) -> list[float] | None:
    try:
        ats = [one.timestamp() for one in msgspec.convert(texts, _Times)]
    except msgspec.ValidationError:
        return None
    return ats if min(ats) >= 0.0 and max(ats) < _YEAR_2200 else None


@lru_cache(maxsize=32)
def _hour(start: str, places: int, zone: str) -> _Hour | None:
    """The hour that is written so, with so many octets between it and the zone; None where there is none."""
    if places not in _PLACES:
        return None
    began = _one_by_one([f"{start}:00:00Z"])
    if began is None:
        return None
    none, end = [0] * _HOUR, [0] * len(f"{zone}\n")
    return _Hour(
        first=f"{start}{_FIRST[:places]}{zone}\n".encode(),
        room=bytes([*none, *_ROOM[:places], *end]),
        weights=np.array([*none, *_MICROS[:places], *end]),
        micros=began[0] * 1e6,
    )
