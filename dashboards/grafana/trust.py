"""Trust: how right the waits are that we tell: promises kept, every estimator's scores, chances and facts."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import queries as ask
from dashboards.grafana.bars import Column, bars, rows
from dashboards.grafana.colours import AGE, ANY_IS_BAD, HURTS, KEPT, OTHER, WARNING, WELL, Steps
from dashboards.grafana.kit import Look, Query, Section
from dashboards.grafana.kit import board as made_board
from dashboards.grafana.lines import DASHED, coloured, lines, number
from dashboards.grafana.shared import sources

WINDOW = "1h"
OFF: Steps = ((None, WARNING), (-0.1, WELL), (0.1, WARNING))
"""A chance that is off by a tenth, either way, is worth a look."""


def _score(metric: str, pick: str = "max") -> str:
    return f"{pick} by (site, queue, estimator) ({ask.of(f'estimate_{metric}')})"


SCORES = (
    Column("Bias", _score("bias_seconds"), {"unit": "s", "decimals": 1}),
    Column("Mean error", _score("absolute_error_seconds"), {"unit": "s", "decimals": 1}),
    Column("In 80 % range", _score("coverage_ratio"), {"unit": "percentunit", "decimals": 0}),
    Column("In 9 in 10", _score("kept_ratio"), {"unit": "percentunit", "decimals": 0}),
    # Thresholds differ from queue to queue: the worst of a queue's thresholds, and the best.
    Column("Brier, worst", _score("brier_score"), {"unit": "short", "decimals": 3}),
    Column("Brier, best", _score("brier_score", "min"), {"unit": "short", "decimals": 3}),
)


def board() -> Dashboard:
    """The board."""
    return made_board(
        "trust",
        "Trust",
        "How right are the waits that we tell? Chances told, against what came of them.",
        [
            Section("What there is to go by", [*_numbers()]),
            Section("Promises", [_promised(), _promise_errors()]),
            Section("Every estimator, lately", [_scores(), _calibration()]),
            Section("Chances told, and what happened", [_bias(), _told("first"), _told("last"), _waits()]),
            Section("The facts behind it", [sources(), _ages()]),
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
            "Queues for which nobody can say how long the next waits: too few data, no agents, or"
            " silence. No estimate is better than an invented one.",
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
            Look("s", ((None, WELL), (600, WARNING), (3600, HURTS)), decimals=0),
            size=(8, 4),
        ),
    ]


def _promised() -> Panel:
    # Where none was told today, what we would have told; where nobody was answered yet, nothing is broken.
    held = f"min({ask.of('estimates_kept_ratio')}) or count({ask.of('contacts_waiting')}) * 0 + 1"
    return lines(
        "Kept: promises told, and our estimates told or not",
        "Share of today's promises that were kept, and of today's answered waits that stayed within our"
        " estimate for nine in ten; the lowest of the chosen queues. Nine in ten should be.",
        [
            Query(f"min({ask.of('promises_kept_ratio')}) or {held}", "promises kept"),
            Query(held, "estimates kept"),
        ],
        Look(
            "percentunit",
            KEPT,
            least=0,
            most=1,
            colours={"promises kept": WELL, "estimates kept": WARNING},
        ),
        drawn=True,
    )


def _promise_errors() -> Panel:
    told = ask.of("promises_total")
    none = f"count({ask.of('contacts_waiting')}) * 0"
    buckets = f"sum by (le) (increase({ask.of('promise_error_seconds_bucket')}[{WINDOW}]))"
    return lines(
        "Promises told, and how far they were off",
        "Promises told per hour, right; median and 9 in 10 of the sizes of their errors over the last"
        f" {WINDOW}, left.",
        [
            Query(f"histogram_quantile(0.5, {buckets}) >= 0 or {none}", "half within"),
            Query(f"histogram_quantile(0.9, {buckets}) >= 0 or {none}", "9 in 10 within"),
            Query(f"sum(increase({told}[{WINDOW}])) or {none}", "told per hour"),
        ],
        Look(
            "s",
            AGE,
            colours={"half within": WELL, "9 in 10 within": HURTS, "told per hour": OTHER},
            more={"told per hour": {"unit": "short", "custom.axisPlacement": "right"}},
        ),
    )


def _scores() -> Panel:
    return rows(
        "Every estimator of every queue",
        "What each said as waits began, against what came of them; about the last 500 waits count. Bias"
        " under 0: it said too little. A range of 80 % should hold 80 %, a wait for nine in ten 90 %."
        " Brier: 0 is perfect. `live` is what we tell; the others are the rules of other products.",
        {"queue": ("Queue", {}), "estimator": ("Estimator", {}), "site": ("Site", {})},
        SCORES,
        worst=("Queue", False),
        decimals=2,
        none="no wait was judged yet",
    )


def _calibration() -> Panel:
    ours = 'estimator="live"'
    unknown = f"count({ask.of('contacts_waiting')}) * 0"
    return lines(
        "Our ranges: what they hold",
        "Share of waits within our 80 % range and within our wait for nine in ten, lately, on average"
        " over the chosen queues. The lines should lie on 80 % and 90 %. No line: no wait was judged yet.",
        [
            Query(f"avg({ask.of('estimate_coverage_ratio', ours)})", "within the 80 % range"),
            Query(f"avg({ask.of('estimate_kept_ratio', ours)})", "within 9 in 10"),
            Query(f"{unknown} + 0.8", "should be"),
        ],
        Look(
            "percentunit",
            KEPT,
            least=0,
            most=1,
            colours={"within the 80 % range": WELL, "within 9 in 10": WARNING, "should be": OTHER},
            more={"should be": DASHED},
        ),
        size=(24, 8),
    )


def _mean_chance() -> str:
    return (
        "avg by (site, queue, channel, threshold)"
        f" (avg_over_time({ask.of('wait_exceedance_probability')}[{WINDOW}]))"
    )


def _happened() -> str:
    """Share of those answered who had waited past each threshold; 1 less the share within it."""
    return f"1 - ({ask.within(WINDOW)})"


def _bias() -> Panel:
    query = f"({_mean_chance()}) - on (site, queue, channel, threshold) ({_happened()})"
    return bars(
        "Told too much (+) or too little (-)",
        f"Mean chance told over the last {WINDOW}, less the share of those answered who did wait past the"
        " threshold. 0 is right; +10 % means that we frightened people, -10 % that we promised too much."
        " Those who gave up are not in it, which pulls it up where many do.",
        [Query(query, "{{queue}}, {{threshold}} s", now=True)],
        Look(
            "percentunit", OFF, decimals=0, least=-0.5, most=0.5, none="nobody was answered in the last hour"
        ),
    )


def _told(which: str) -> Panel:
    pick = "max" if which == "first" else "min"
    happened = f"{pick} {ask.BY_QUEUE} ({_happened()})"
    told = f"{pick} {ask.BY_QUEUE} ({_mean_chance()})"
    serving = f"avg({ask.of('contacts_waiting')}) * 0"
    return lines(
        f"Past the {which} threshold: told, and happened",
        f"Chance told (dashed) and what came of it, both over the last {WINDOW}, on average over the"
        " chosen queues. They lie on each other where the estimate is right.",
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
            more={"told": DASHED},
        ),
    )


def _waits() -> Panel:
    def of(*more: str) -> dict[str, str]:
        told = ask.of("estimated_wait_seconds", ask.MEDIAN, *more)
        return {
            "medians told": f"avg(avg_over_time({told}[{WINDOW}]))",
            "waited": f"avg({ask.mean('wait_seconds', WINDOW, ask.BY_QUEUE, *more)})",
            "longest wait now": f"max({ask.oldest(*more)})",
        }

    live, every = of(ask.LIVE), of()
    return lines(
        "Mean of the medians told, and mean wait",
        f"Over the last {WINDOW}, on phone and chat; of e-mail, which takes hours, where nothing else is"
        " chosen. The mean lies above the median where a few wait very long, so a gap alone is no fault;"
        " a growing gap is. No line: nobody was answered.",
        [Query(f"{live[name]} or {every[name]}", name) for name in live],
        coloured(
            "dthms", AGE, {"medians told": WARNING, "waited": WELL, "longest wait now": OTHER}, "medians told"
        ),
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
