"""Trust: how right the waits are that we tell, as far as the metrics know today."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, statetimeline
from grafana_foundation_sdk.models.common import BarGaugeDisplayMode, VisibilityMode, VizOrientation
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import queries as ask
from dashboards.grafana.colours import AGE, ANY_IS_BAD, ANY_IS_GOOD, HURTS, OTHER, UP, WARNING, WELL, Steps
from dashboards.grafana.kit import Look, Query, Section, latest, panel
from dashboards.grafana.kit import board as made_board
from dashboards.grafana.lines import coloured, lines, number

WINDOW = "1h"
OFF: Steps = ((None, WARNING), (-0.1, WELL), (0.1, WARNING))
"""A chance that is off by a tenth, either way, is worth a look."""


def board() -> Dashboard:
    """The board."""
    return made_board(
        "trust",
        "Trust",
        "How right are the waits that we tell? Chances told, against what came of them.",
        [
            Section("What there is to go by", [*_numbers()]),
            Section("Chances told, and what happened", [_bias(), _told("first"), _told("last"), _waits()]),
            Section("The facts behind it", [_sources(), _ages()]),
        ],
        refresh="30s",
        since="now-12h",
    )


def _numbers() -> list[Panel]:
    median = ask.of("estimated_wait_seconds", ask.MEDIAN)
    all_of_them = f"count({ask.of('contacts_waiting')})"
    return [
        number(
            "Queues without an estimate",
            "Queues for which nobody can say how long the next waits: too few data, no agents, or silence."
            " No estimate is better than an invented one.",
            f"{all_of_them} - (count({median}) or {all_of_them} * 0)",
            Look("short", ANY_IS_BAD, decimals=0),
            size=(8, 4),
        ),
        number(
            "Waits to judge by",
            f"Contacts answered in the last {WINDOW}. Under a hundred, what stands below may be chance.",
            f"sum(increase({ask.of('wait_seconds_count')}[{WINDOW}]))",
            Look("short", ((None, WARNING), (100, WELL)), decimals=0),
            size=(8, 4),
        ),
        number(
            "Age of the oldest facts",
            "Seconds since the last fact about the queue that has been silent longest.",
            f"max({ask.of('data_age_seconds')})",
            Look("s", AGE, decimals=0),
            size=(8, 4),
        ),
    ]


def _mean_chance() -> str:
    return (
        "avg by (site, queue, channel, threshold) "
        f"(avg_over_time({ask.of('wait_exceedance_probability')}[{WINDOW}]))"
    )


def _happened() -> str:
    """Share of those answered who had waited past each threshold; 1 less the share within it."""
    return f"1 - ({ask.within(WINDOW)})"


def _bias() -> Panel:
    kind = bargauge.Panel().display_mode(BarGaugeDisplayMode.BASIC).reduce_options(latest())
    kind = kind.orientation(VizOrientation.HORIZONTAL)
    query = f"({_mean_chance()}) - on (site, queue, channel, threshold) ({_happened()})"
    return panel(
        kind,
        "Told too much (+) or too little (-)",
        f"Mean chance told over the last {WINDOW}, less the share of those answered who did wait past the"
        " threshold. 0 is right; +10 % means that we frightened people, -10 % that we promised too much."
        " Those"
        " who gave up are not in it, which pulls it up where many do.",
        [Query(query, "{{queue}}, {{threshold}} s", now=True)],
        Look("percentunit", OFF, decimals=0, least=-0.5, most=0.5, none="nobody was answered yet"),
        size=(12, 9),
    )


def _told(which: str) -> Panel:
    pick = "max" if which == "first" else "min"
    happened = f"{pick} {ask.BY_QUEUE} ({_happened()})"
    told = f"{pick} {ask.BY_QUEUE} ({_mean_chance()})"
    serving = f"avg({ask.of('contacts_waiting')}) * 0"
    return lines(
        f"Past the {which} threshold: told, and happened",
        f"Chance told (dashed) and what came of it, both over the last {WINDOW}, on average over the"
        " chosen queues."
        " They lie on each other where the estimate is right.",
        [
            Query(f"avg({told}) or {serving}", "told"),
            Query(f"avg({happened}) or {serving}", "happened"),
        ],
        Look(
            "percentunit",
            OFF,
            least=0,
            most=1,
            colours={"told": WARNING, "happened": WELL},
            more={"told": {"custom.lineStyle": {"fill": "dash", "dash": [10, 6]}}},
        ),
    )


def _waits() -> Panel:
    told = ask.of("estimated_wait_seconds", ask.MEDIAN)
    return lines(
        "Mean of the medians told, and mean wait",
        f"Over the last {WINDOW} and the chosen queues. The mean lies above the median where a few wait"
        " very long,"
        " so a gap alone is no fault; a growing gap is.",
        [
            Query(f"avg(avg_over_time({told}[{WINDOW}]))", "medians told"),
            Query(f"avg({ask.mean('wait_seconds', WINDOW, ask.BY_QUEUE)})", "waited"),
            Query(f"max({ask.oldest()})", "longest wait now"),
        ],
        coloured(
            "s", AGE, {"medians told": WARNING, "waited": WELL, "longest wait now": OTHER}, "medians told"
        ),
    )


def _sources() -> Panel:
    kind = statetimeline.Panel().show_value(VisibilityMode.AUTO).row_height(0.9)
    return panel(
        kind,
        "Sources that could be relied on",
        "Whether each source spoke. While one was silent, its queues had no estimate.",
        [Query("max by (source) (queuewatch_source_up)", "{{source}}")],
        Look("short", ANY_IS_GOOD, words=UP),
        size=(12, 8),
    )


def _ages() -> Panel:
    return lines(
        "How old the facts were",
        "Seconds since the last fact, for the freshest and for the most silent of the chosen queues.",
        [
            Query(f"max({ask.of('data_age_seconds')})", "most silent"),
            Query(f"min({ask.of('data_age_seconds')})", "freshest"),
        ],
        coloured("s", AGE, {"most silent": HURTS, "freshest": WELL}),
        size=(12, 8),
    )
