"""Panels that stand on more than one board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grafana_foundation_sdk.models.dashboard import Panel

from dashboards.grafana import queries as ask
from dashboards.grafana.bars import states
from dashboards.grafana.colours import (
    ANY_IS_BAD,
    ANY_IS_GOOD,
    CALM,
    DIM,
    HURTS,
    OTHER,
    PLAIN,
    UP,
    WARNING,
    WELL,
)
from dashboards.grafana.kit import Look, Query
from dashboards.grafana.lines import coloured, filled, lines

INTERVAL = "30m"
"""The planner's interval by default: what a forecast is for."""


def sources() -> Panel:
    """Which sources spoke, and when they were silent."""
    return states(
        "Sources that could be relied on",
        "Whether each source spoke. While one was silent, its queues had no estimate.",
        Query("max by (source) (queuewatch_source_up)", "{{source}}"),
        Look("short", ANY_IS_GOOD, words=UP),
        size=(12, 8),
    )


def forecast() -> Panel:
    """What came, against the forecasts of the interval and the range of the one a day before."""
    leads = {"now": "forecast today", "day": "forecast a day before", "week": "forecast a week before"}
    low, high = "range, from", "range, to"
    none = f"sum({ask.of('contacts_offered_total')}) * 0"

    def told(metric: str, **labels: str) -> str:
        matchers = (ask.label(name, value) for name, value in labels.items())
        return f"sum({ask.of(metric, *matchers)}) or {none}"

    colours = dict(zip(("came", *leads.values()), (WELL, HURTS, WARNING, PLAIN), strict=True))
    look = coloured("short", CALM, {**colours, low: DIM, high: DIM}, *leads.values())
    edges: dict[str, Mapping[str, object]] = {
        low: {"custom.lineWidth": 0},
        high: {"custom.lineWidth": 0, **filled(low)},
    }
    return lines(
        "Arrivals per half hour, and as forecast",
        "Contacts that came in the half hour before each point, all chosen queues together; dashed: what"
        " was forecast for the half hour. Shaded is the range told a day before, into which 4 of 5 should"
        " fall; that of several queues is the sum of theirs, and holds more. 0 where there is no forecast"
        " yet: it takes some days of history.",
        [
            Query(f"sum(increase({ask.of('contacts_offered_total')}[{INTERVAL}]))", "came"),
            *(Query(told("forecast_contacts", lead=lead), name) for lead, name in leads.items()),
            Query(told("forecast_range_contacts", lead="day", range="80", edge="low"), low),
            Query(told("forecast_range_contacts", lead="day", range="80", edge="high"), high),
        ],
        replace(look, more={**look.more, **edges}),
    )


def agents() -> Panel:
    """Agents planned, needed, called for by the forecast, and there."""
    there = f"sum({ask.of('agents', ask.ON_DUTY)}) or sum({ask.of('contacts_serving')})"
    planned = f"sum({ask.of('agents_planned')})"
    called_for = f"sum({ask.of('forecast_agents')}) or sum({ask.of('contacts_offered_total')}) * 0"
    return lines(
        "Agents planned, needed and there",
        "Solid: agents on duty. Dashed: what the plan has for this moment, what the recent load needs,"
        " and what the forecast called for. There under planned: somebody is missing; planned under"
        " needed: the plan is too small. No line of the plan: none was brought in (`queuewatch plan import"
        " FILE`); no line of what is needed: no load yet. Sum over the chosen queues, where an agent of"
        " several queues counts in each; choose one queue to decide.",
        [
            Query(there, "there"),
            Query(planned, "planned"),
            Query(f"sum({ask.of('agents_required')})", "needed"),
            Query(called_for, "forecast"),
        ],
        coloured(
            "short",
            ANY_IS_BAD,
            {"there": WELL, "planned": OTHER, "needed": HURTS, "forecast": WARNING},
            "planned",
            "needed",
            "forecast",
        ),
    )
