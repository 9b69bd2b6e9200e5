"""Who stands in line joined in that order, though of some it is known to the second only when."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from queuewatch.sources.asterisk_calls import HAIR_S


class Joined(Struct, frozen=True):
    """When somebody joined; `exact` False: to the second only."""

    at: float
    exact: bool


def in_order(line: Sequence[Joined]) -> list[float]:
    """The times of those who stand in this order, each later than the one before.

    What is exact stays as it is; what is not gives way: first to what comes after it, then to what is before.
    """
    times = [one.at for one in line]
    for place in range(len(line) - 2, -1, -1):
        if not line[place].exact and times[place] >= times[place + 1]:
            times[place] = times[place + 1] - HAIR_S
    for place in range(1, len(line)):
        if not line[place].exact and times[place] <= times[place - 1]:
            times[place] = times[place - 1] + HAIR_S
    return times
