"""Hours in which the people of a site had no rest: overloaded people serve badly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from msgspec import Struct

from queuewatch.core.state.visit import Visit

TIRING = 0.85
_HOUR_S = 3600.0

Served = tuple[str, Visit]
"""A visit with its site."""


class Tired(Struct, frozen=True, kw_only=True):
    """Hours in which the people of a site were busy for more than 85 % of their time.

    Attributes:
        hours: How many hours.
        worst_at: When the worst one began.
        worst: Its occupancy, in [0, 1].
    """

    site: str
    hours: int
    worst_at: float
    worst: float


def tired(served: Iterable[Served], pause_s: float) -> tuple[Tired, ...]:
    """Sites with hours in which their people were busy for more than 85 % of their time.

    Somebody is on duty from the first contact to the last, and off when nothing came for `pause_s`. An hour
    counts from half an hour of somebody's presence on.
    """
    spans: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for site, visit in served:
        if visit.agent is not None and visit.answered_at is not None and visit.ended_at is not None:
            spans[site, visit.agent].append((visit.answered_at, visit.ended_at))
    busy: dict[str, Counter[int]] = defaultdict(Counter)
    there: dict[str, Counter[int]] = defaultdict(Counter)
    for (site, _), worked in spans.items():
        last_at = float("-inf")
        for starts_at, ends_at in sorted(worked):
            if 0 < starts_at - last_at <= pause_s:
                _spread(there[site], last_at, starts_at)
            begins_at = max(starts_at, last_at)
            if ends_at > begins_at:
                _spread(there[site], begins_at, ends_at)
                _spread(busy[site], begins_at, ends_at)
                last_at = ends_at
    found: list[Tired] = []
    for site, hours in sorted(there.items()):
        shares = {hour: busy[site][hour] / s for hour, s in hours.items() if s >= _HOUR_S / 2}
        tiring = {hour: share for hour, share in shares.items() if share > TIRING}
        if tiring:
            worst = max(tiring, key=lambda hour: (tiring[hour], hours[hour]))
            found.append(Tired(site=site, hours=len(tiring), worst_at=worst * _HOUR_S, worst=tiring[worst]))
    return tuple(found)


def _spread(hours: Counter[int], begins_at: float, ends_at: float) -> None:
    """Add a span of time to the hours (since 1970) it lies in, whole seconds."""
    at = begins_at
    while at < ends_at:
        hour = int(at // _HOUR_S)
        until_at = min(ends_at, (hour + 1) * _HOUR_S)
        hours[hour] += round(until_at - at)
        at = until_at
