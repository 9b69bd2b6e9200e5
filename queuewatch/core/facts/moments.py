"""Points in time of many events at once: RFC 3339 as programs write it, to the floats of the core.

A time is nearly always written in one shape by one source, and the times of a batch lie within a few minutes.
So the shape is held against all of them at once, each minute is read by the decoder that reads single times,
and the seconds are added up as numbers: less work than `datetime.timestamp`, and to the bit its result.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

_UP_TO_MINUTE = "0000-00-00T00:00:"
_MINUTE = len(_UP_TO_MINUTE)
# Before this a float holds the microseconds since 1970 exactly, and one division rounds once.
_YEAR_2200 = 7_258_118_400.0


# To the shape one digit is like the other.
_LIKE = bytes.maketrans(b"123456789", b"0" * 9)


class _Shape(NamedTuple):
    """How the times of a batch are written, each followed by a line feed.

    Attributes:
        pattern: The shape, with a 0 for each digit.
        zone: How each ends.
        parts: The octets up to the minute, those of the seconds, and the zone.
        weights: Microseconds that a digit of the seconds stands for; 0 for their point.
        zero: What the weights make of seconds of nothing but the digit 0.
    """

    pattern: bytes
    zone: bytes
    parts: np.dtype[np.void]
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
    if lines.count(shape.zone) < len(texts):  # its digits are not like others
        return None
    if lines[_MINUTE :: len(shape.pattern)].strip(b"012345"):  # a minute has no more seconds than 59
        return None
    rows = np.frombuffer(lines, shape.parts)
    micros: NDArray[np.float64] = rows["seconds"].astype(np.float64).dot(shape.weights) - shape.zero
    changes = []
    if lines.count(first[:_MINUTE].encode()) < len(texts):
        minutes = rows["minute"]
        changes = (np.flatnonzero(minutes[1:] != minutes[:-1]) + 1).tolist()
    for start, end in pairwise((0, *changes, len(texts))):
        minute_at = _minute_at(texts[start] or "")
        if not 0.0 <= minute_at < _YEAR_2200:
            return None
        micros[start:end] += minute_at * 1e6
    return (micros / 1e6).tolist()  # type: ignore[no-any-return]


def _minute_at(text: str) -> float:
    """When the minute of this time began; -1 where there is no such minute."""
    try:
        return msgspec.convert(f"{text[:_MINUTE]}00Z", datetime).timestamp()
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
    seconds = "00.000000"[:places]
    weights = np.array([1e7, 1e6, 0.0, *(10.0**power for power in range(5, -1, -1))][:places])
    parts = [("minute", f"S{_MINUTE}"), ("seconds", np.uint8, (places,)), ("zone", f"S{len(zone) + 1}")]
    pattern = f"{_UP_TO_MINUTE}{seconds}{zone}\n".encode()
    zero = float(weights.sum()) * ord("0")
    return _Shape(pattern, f"{zone}\n".encode(), np.dtype(parts), weights, zero)
