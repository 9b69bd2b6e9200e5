"""Planner: arrivals against the forecasts, load, and agents needed against there."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge
from grafana_foundation_sdk.models.common import BarGaugeDisplayMode, VizOrientation
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import queries as ask
from dashboards.grafana.colours import ANY_IS_BAD, CALM, HURTS, OCCUPANCY, PLAIN, WARNING, WELL
from dashboards.grafana.kit import Look, Query, Section, latest, panel
from dashboards.grafana.kit import board as made_board
from dashboards.grafana.lines import coloured, lines

INTERVAL = "30m"


def board() -> Dashboard:
    """The board."""
    return made_board(
        "planner",
        "Planner",
        "How much came, how much work that is, and how many agents it needs, by half hours and against"
        " last week.",
        [
            Section("Arrivals", [_forecast(), _arrivals(), _handling(), _errors()]),
            Section("Agents", [_agents(), _occupancy(), _load(), _gap()]),
        ],
        refresh="1m",
        since="now-24h",
    )


def _arrivals() -> Panel:
    came = ask.of("contacts_offered_total")
    return lines(
        "Arrivals per half hour, and a week before",
        "Contacts that came in the half hour before each point, all chosen queues together; dashed: the"
        " same half"
        " hour a week ago, once there is a week of data.",
        [
            Query(f"sum(increase({came}[{INTERVAL}]))", "came"),
            Query(f"sum(increase({came}[{INTERVAL}] offset 1w)) or sum({came}) * 0", "a week before"),
        ],
        coloured("short", CALM, {"came": WELL, "a week before": WARNING}, "a week before"),
    )


def _forecast() -> Panel:
    none = f"sum({ask.of('contacts_offered_total')}) * 0"
    leads = {"now": "forecast today", "day": "forecast a day before", "week": "forecast a week before"}
    told = [
        Query(
            f"sum({ask.of('forecast_contacts', f'lead={lead!r}'.replace(chr(39), chr(34)))}) or {none}", name
        )
        for lead, name in leads.items()
    ]
    return lines(
        "Arrivals per half hour, and as forecast",
        "Contacts that came in the half hour before each point, all chosen queues together; dashed: what was"
        " forecast for the interval then. 0 where there is no forecast yet: it takes some days of history."
        " The ranges stand on the planner's page.",
        [Query(f"sum(increase({ask.of('contacts_offered_total')}[{INTERVAL}]))", "came"), *told],
        coloured(
            "short",
            CALM,
            dict(zip(("came", *leads.values()), (WELL, HURTS, WARNING, PLAIN), strict=True)),
            *leads.values(),
        ),
    )


def _errors() -> Panel:
    error = f"max by (lead) ({ask.of('forecast_error_ratio')})"
    return lines(
        "How far last week's forecasts were off",
        "Sum of the absolute errors over what came, for forecasts made a day and a week before; the worst of"
        " the chosen queues. Chance alone makes some per cent. 0 where there was none to judge.",
        [Query(ask.zero_if_up(error, "lead"), "{{lead}} before")],
        coloured("percentunit", CALM, {"day before": WELL, "week before": WARNING}),
    )


def _handling() -> Panel:
    every = "by (channel)"
    return lines(
        "Mean handling time",
        "Mean time an agent needs for a contact, per channel, over the hour before each point. A minute"
        " more is"
        " as much work as the same share of contacts more.",
        [
            Query(
                f"{ask.mean('handling_seconds', '1h', every)}"
                f" or sum by (channel) ({ask.of('handling_seconds_count')} == 0)",
                "{{channel}}",
            )
        ],
        coloured("s", CALM, {"phone": WELL, "chat": WARNING, "email": PLAIN}),
    )


def _agents() -> Panel:
    there = ask.of("agents", ask.ON_DUTY)
    return lines(
        "Agents needed, and there",
        "Sum over the chosen queues. An agent who serves several queues counts in each, so choose one"
        " queue to"
        " decide.",
        [
            Query(f"sum({ask.of('agents_required')})", "needed"),
            Query(f"sum({there}) or sum({ask.of('contacts_serving')})", "there"),
            Query(
                f"sum({ask.of('forecast_agents')}) or sum({ask.of('contacts_offered_total')}) * 0", "forecast"
            ),
        ],
        coloured(
            "short", ANY_IS_BAD, {"needed": HURTS, "there": WELL, "forecast": WARNING}, "needed", "forecast"
        ),
    )


def _occupancy() -> Panel:
    own = ask.of("occupancy_ratio")
    return lines(
        "Occupancy",
        "Share of agents on duty who are busy: highest and mean of the chosen queues. Above 85 % for"
        " long, people"
        " serve badly and leave; far under it they could help elsewhere.",
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
        " Beside it how"
        " many contacts are being served.",
        [
            Query(f"sum({ask.of('offered_load_erlangs')})", "offered"),
            Query(f"sum({ask.of('contacts_serving')})", "being served"),
        ],
        coloured("suffix: erl", CALM, {"offered": WARNING, "being served": WELL}, "offered"),
    )


def _gap() -> Panel:
    kind = bargauge.Panel().display_mode(BarGaugeDisplayMode.BASIC).reduce_options(latest())
    kind = kind.orientation(VizOrientation.HORIZONTAL)
    missed = f"avg_over_time(({ask.missing()})[6h:1m])"
    return panel(
        kind,
        "Where agents were missing most, last 6 hours",
        "Mean number of agents missing against what the load needed. The queues on top need other shifts"
        " first.",
        [Query(f"sort_desc({missed})", ask.QUEUE_NAME, now=True)],
        Look("short", ANY_IS_BAD, decimals=1, least=0, none="no agents known, or no load yet"),
        size=(12, 9),
    )
