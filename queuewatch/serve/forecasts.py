"""What metrics tell of forecasts: what was expected of this interval, and how good last week was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from queuewatch.serve.exposition import Family, Sample, labels
from queuewatch.serve.owed import Told


class Figures(Protocol):
    """What is known of a queue's forecasts."""

    @property
    def site(self) -> str:
        """The queue's site."""
        ...

    @property
    def queue(self) -> str:
        """The queue."""
        ...

    @property
    def channel(self) -> str:
        """Its channel."""
        ...

    @property
    def contacts(self) -> Mapping[str, float]:
        """Contacts expected in the present interval, by lead."""
        ...

    @property
    def ranges(self) -> Mapping[tuple[str, str, str], float]:
        """The edges of their ranges, by lead, range (per cent) and edge (`low`, `high`)."""
        ...

    @property
    def agents(self) -> int | None:
        """Agents the present interval calls for."""
        ...

    @property
    def wape(self) -> Mapping[str, float]:
        """Error of last week's forecasts, by lead."""
        ...

    @property
    def cover(self) -> Mapping[tuple[str, str], float]:
        """Share of intervals that came inside the range, by lead and range."""
        ...


_FAMILIES: tuple[tuple[Family, Callable[[Any], Iterable[tuple[dict[str, Any], float]]]], ...] = (
    (
        Family(
            "forecast_contacts",
            "gauge",
            "Contacts expected in the present interval, as told today (now), a day and a week before.",
        ),
        lambda one: [({"lead": lead}, value) for lead, value in one.contacts.items()],
    ),
    (
        Family(
            "forecast_range_contacts",
            "gauge",
            "Edges of the range that contacts of the present interval are expected in, by lead and range.",
        ),
        lambda one: [
            ({"lead": lead, "range": share, "edge": edge}, value)
            for (lead, share, edge), value in one.ranges.items()
        ],
    ),
    (
        Family("forecast_agents", "gauge", "Agents the forecast calls for in the present interval."),
        lambda one: [] if one.agents is None else [({}, one.agents)],
    ),
    (
        Family(
            "forecast_error_ratio",
            "gauge",
            "Sum of absolute errors of last week's forecasts over what came, by lead.",
        ),
        lambda one: [({"lead": lead}, value) for lead, value in one.wape.items()],
    ),
    (
        Family(
            "forecast_coverage_ratio",
            "gauge",
            "Share of last week's intervals that came inside the range told, by lead and range (per cent).",
        ),
        lambda one: [({"lead": lead, "range": share}, value) for (lead, share), value in one.cover.items()],
    ),
)


def told(figures: Iterable[Figures]) -> tuple[Told, ...]:
    """The families with their samples."""
    known = list(figures)
    return tuple(
        (family, tuple(_sample(one, more, value) for one in known for more, value in telling(one)))
        for family, telling in _FAMILIES
    )


def _sample(one: Figures, more: dict[str, Any], value: float) -> Sample:
    return labels(site=one.site, queue=one.queue, channel=one.channel, **more), value
