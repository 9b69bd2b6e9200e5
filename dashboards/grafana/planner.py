"""Planner: arrivals against the forecasts, load, and agents needed against there."""

from __future__ import annotations

from dataclasses import replace

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import queries as ask
from dashboards.grafana.bars import bars
from dashboards.grafana.colours import ANY_IS_BAD, CALM, HURTS, OCCUPANCY, OTHER, PLAIN, WARNING, WELL
from dashboards.grafana.kit import Look, Query, Section
from dashboards.grafana.kit import board as made_board
from dashboards.grafana.lines import coloured, lines
from dashboards.grafana.shared import INTERVAL, agents, forecast

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
"""As Prometheus numbers them."""
MISSING, MISSING_ON = "queue:agents_missing:count", "queue_weekday:agents_missing:count"
UNTOLD = "nobody tells of agents, or no load yet"
NEEDED = Look("short", ANY_IS_BAD, decimals=1, least=0, none=UNTOLD)


def board() -> Dashboard:
    """The board."""
    return made_board(
        "planner",
        "Planner",
        "How much came, how much work that is, and how many agents it needs, by half hours and against"
        " last week.",
        [
            Section("Arrivals", [forecast(), _arrivals(), _handling(), _errors()]),
            Section("Agents", [agents(), _occupancy(), _load(), _gap(), _shortfall(), _weekdays()]),
        ],
        refresh="1m",
        since="now-24h",
    )


def _arrivals() -> Panel:
    came = ask.of("contacts_offered_total")
    return lines(
        "Arrivals per half hour, and a week before",
        "Contacts that came in the half hour before each point, all chosen queues together; dashed: the"
        " same half hour a week ago, once there is a week of data.",
        [
            Query(f"sum(increase({came}[{INTERVAL}]))", "came"),
            Query(f"sum(increase({came}[{INTERVAL}] offset 1w)) or sum({came}) * 0", "a week before"),
        ],
        coloured("short", CALM, {"came": WELL, "a week before": WARNING}, "a week before"),
    )


def _errors() -> Panel:
    error = f"max by (lead) ({ask.of('forecast_error_ratio')})"
    return lines(
        "How far last week's forecasts were off",
        "Sum of the absolute errors over what came, for forecasts made a day and a week before; the worst"
        " of the chosen queues. Chance alone makes some per cent. 0 where there was none to judge.",
        [Query(ask.zero_if_up(error, "lead"), "{{lead}} before")],
        coloured("percentunit", CALM, {"day before": WELL, "week before": WARNING}),
    )


def _handling() -> Panel:
    every = "by (channel)"
    return lines(
        "Mean handling time",
        "Mean time an agent needs for a contact, per channel, over the hour before each point. A minute"
        " more is as much work as the same share of contacts more.",
        [
            Query(
                f"{ask.mean('handling_seconds', '1h', every)} or sum by (channel)"
                f" ({ask.of('handling_seconds_count')} == 0)",
                "{{channel}}",
            )
        ],
        coloured("dthms", CALM, {"phone": WELL, "chat": WARNING, "email": PLAIN}),
    )


def _occupancy() -> Panel:
    own = ask.of("occupancy_ratio")
    return lines(
        "Occupancy",
        "Share of agents on duty who are busy: highest and mean of the chosen queues. Above 85 % for"
        " long, people serve badly and leave; far under it they could help elsewhere.",
        [
            Query(f"max({own}) or max({ask.of('contacts_serving')} == 0)", "highest"),
            Query(f"avg({own})", "mean"),
        ],
        Look("percentunit", OCCUPANCY, least=0, most=1, colours={"highest": HURTS, "mean": WELL}),
        drawn=True,
    )


def _load() -> Panel:
    return lines(
        "Work that comes in",
        "Offered load in erlangs: how many agents would be busy without a break if nobody had to wait."
        " Beside it how many contacts are being served. No line of what is offered: nobody has come yet.",
        [
            Query(f"sum({ask.of('offered_load_erlangs')})", "offered"),
            Query(f"sum({ask.of('contacts_serving')})", "being served"),
        ],
        coloured("suffix: erl", CALM, {"offered": WARNING, "being served": WELL}, "offered"),
    )


def _gap() -> Panel:
    missed = f"sum {ask.BY_QUEUE} (avg_over_time({ask.recorded(MISSING)}[6h]))"
    return bars(
        "Where agents were missing most, last 6 hours",
        "Mean number of agents missing against what the load needed. The queues on top need other shifts"
        " first.",
        [Query(f"sort_desc({missed})", ask.QUEUE_NAME, now=True)],
        NEEDED,
    )


def _shortfall() -> Panel:
    def mean(rule: str) -> str:
        return f"sum(avg_over_time({ask.recorded(rule)}[{INTERVAL}]))"

    load, plan = "short of the load", "short of the plan"
    return lines(
        "Agents missing, by interval",
        "Agents on duty short of what the recent load needed, and short of the plan: mean of the half"
        " hour before each point, summed over the chosen queues. Short of the plan: look who has not"
        " logged in. Short of the load only: the plan was too small. No line of the plan: none was"
        " brought in (`queuewatch plan import FILE`).",
        [Query(mean(MISSING), load), Query(mean("queue:agents_short_of_plan:count"), plan)],
        replace(coloured("short", ANY_IS_BAD, {load: HURTS, plan: OTHER}, plan), none=UNTOLD),
    )


def _weekdays() -> Panel:
    missed = f"sum by (weekday) (avg_over_time({ask.recorded(MISSING_ON)}[4w]))"
    names = {str(number): {"displayName": name} for number, name in enumerate(WEEKDAYS)}
    return bars(
        "When agents were missing most, by weekday",
        "Mean number of agents missing in the last four weeks, in all chosen queues together, by the day"
        " of the week in UTC; the worst on top. A day without a bar was not seen yet.",
        [Query(f"sort_desc({missed})", "{{weekday}}", now=True)],
        replace(NEEDED, more=names),
    )
