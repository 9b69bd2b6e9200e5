"""Queue detail: one queue, what it says about the wait, and what happened."""

from __future__ import annotations

from grafana_foundation_sdk.builders import common, heatmap
from grafana_foundation_sdk.models.common import HeatmapCellLayout
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode

from dashboards.grafana import queries as ask
from dashboards.grafana.colours import (
    AGENTS,
    ANY_IS_BAD,
    CALM,
    CHANCE,
    HURTS,
    LEVEL,
    LEVELS,
    OCCUPANCY,
    OTHER,
    PLAIN,
    SPARE,
    WAIT,
    WARNING,
    WELL,
)
from dashboards.grafana.kit import Look, Query, Section, panel
from dashboards.grafana.kit import board as made_board
from dashboards.grafana.lines import coloured, lines, number

WINDOW = "10m"


def board() -> Dashboard:
    """The board."""
    return made_board(
        "queue",
        "Queue detail",
        "One queue: what it says about the wait, what happened, who serves it.",
        [
            Section("Now", _now()),
            Section("The wait", [_said(), _chances(), _waits(), _service_level()]),
            Section("Contacts and agents", [_arrivals(), _ends(), _agents(), _load()]),
            Section("What customers were owed", [_vouchers(), _callbacks()]),
        ],
        one_queue=True,
        since="now-6h",
    )


def _now() -> list[Panel]:
    calm, wait = Look("short", CALM, decimals=0), Look("s", WAIT, decimals=0, none="no estimate")
    chance = Look("percentunit", CHANCE, decimals=0, none="no estimate")
    return [
        number(
            "Notice",
            "What customers are told now: normal, busy or very busy.",
            f"max({ask.of('notice_level')})",
            Look("short", LEVEL, words=LEVELS),
        ),
        number(
            "Waiting", "Contacts that wait in this queue now.", f"sum({ask.of('contacts_waiting')})", calm
        ),
        number("Longest wait", "Of those who wait now; 0 when nobody does.", f"max({ask.oldest()})", wait),
        number(
            "The next waits about",
            "Median of the wait of the next contact to arrive. Half wait longer.",
            f"max({ask.of('estimated_wait_seconds', ask.MEDIAN)})",
            wait,
        ),
        number(
            "Past last threshold",
            "Chance that the next contact waits past the last threshold (180 s by default).",
            f"max({ask.last_chance()})",
            chance,
        ),
        number(
            "Agents missing",
            "Agents needed at the recent load, less those on duty.",
            f"max({ask.missing()})",
            Look("short", ANY_IS_BAD, decimals=0, none="no agents known, or no load yet"),
        ),
    ]


def _said() -> Panel:
    by = ask.BY_QUEUE

    def quantile(one: str) -> str:
        matcher = f'quantile="{one}"'
        return f"max {by} ({ask.of('estimated_wait_seconds', matcher)})"

    colours = {"9 in 10 within": WARNING, "median": WELL, "1 in 10 within": PLAIN, "answered, mean": OTHER}
    look = coloured("s", WAIT, colours | {"longest now": HURTS}, "9 in 10 within", "median", "1 in 10 within")
    return lines(
        "What the next was told to expect, and what those answered had",
        "Dashed: the estimate for the next contact, its median and the range that 8 in 10 fall into."
        " Solid: the"
        f" mean wait of those answered in the last {WINDOW}, and the longest wait now. The horizontal"
        " lines are"
        " 60 and 180 s.",
        [
            Query(quantile("0.1"), "1 in 10 within"),
            Query(quantile("0.5"), "median"),
            Query(quantile("0.9"), "9 in 10 within"),
            Query(ask.mean("wait_seconds", WINDOW, by), "answered, mean"),
            Query(f"max {by} ({ask.oldest()})", "longest now"),
        ],
        look,
        drawn=True,
    )


def _chances() -> Panel:
    steady = f"max by (threshold) ({ask.of('erlang_c_exceedance_probability')})"
    return lines(
        "Chance to wait past each threshold",
        "For the next contact, from who is in line now; beside it Erlang's long-run chance at the recent"
        " load,"
        " which is 1 where the agents cannot keep up. The horizontal lines are where a notice ends and"
        " begins.",
        [
            Query(ask.first_chance(), "past the first"),
            Query(ask.last_chance(), "past the last"),
            Query(steady, "long run, {{threshold}} s"),
        ],
        Look(
            "percentunit",
            CHANCE,
            least=0,
            most=1,
            none="no estimate",
            colours={
                "past the first": WARNING,
                "past the last": HURTS,
                "long run, 60 s": PLAIN,
                "long run, 180 s": WELL,
            },
        ),
        drawn=True,
    )


def _waits() -> Panel:
    kind = heatmap.Panel().calculate(False).cell_gap(1).show_legend()
    colour = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").steps(32)
    kind = kind.color(colour).y_axis(heatmap.YAxisConfig().unit("s").decimals(0))
    kind = kind.rows_frame(heatmap.RowsHeatmapOptions().layout(HeatmapCellLayout.LE))
    kind = kind.cell_values(heatmap.CellValues().unit("short").decimals(0))
    kind = kind.scale_distribution(common.ScaleDistributionConfig())
    return panel(
        kind,
        "Waits of those answered, over the day",
        "How many were answered after how long; darker is more. Rows end at 60 and 180 s, so what lies above"
        " those labels had to wait longer. Who gave up is not in here.",
        [
            Query(
                f"sum by (le) (increase({ask.of('wait_seconds_bucket')}[$__rate_interval]))",
                "{{le}}",
                form="heatmap",
            )
        ],
        Look("s", CALM, none="nobody was answered yet"),
        size=(12, 9),
    )


def _service_level() -> Panel:
    nobody = f"max {ask.BY_QUEUE} ({ask.of('contacts_offered_total')}) * 0"
    gave_up = f"sum {ask.BY_QUEUE} (increase({ask.of('contacts_abandoned_total')}[{WINDOW}]))"
    came = f"sum {ask.BY_QUEUE} (increase({ask.of('contacts_offered_total')}[{WINDOW}]))"
    return lines(
        "Answered in time, and given up",
        f"Of those answered in the last {WINDOW}, the share that waited no longer than each threshold; and of"
        " those who came, the share that gave up. A gap: nobody was answered.",
        [
            Query(ask.within(WINDOW), "answered within {{threshold}} s"),
            Query(f"clamp_max({gave_up} / ({came} > 0), 1) or {nobody}", "gave up"),
        ],
        Look(
            "percentunit",
            ((None, HURTS), (0.8, WELL)),
            least=0,
            most=1,
            colours={"answered within 60 s": PLAIN, "answered within 180 s": WELL, "gave up": HURTS},
        ),
    )


def _per_hour(metric: str) -> str:
    return f"sum {ask.BY_QUEUE} (rate({ask.of(metric)}[{WINDOW}])) * 3600"


def _arrivals() -> Panel:
    return lines(
        "Arrivals and answers",
        f"Contacts per hour that came, were answered and gave up, over the last {WINDOW}. Where more come"
        " than are"
        " answered, the line grows.",
        [
            Query(_per_hour("contacts_offered_total"), "came"),
            Query(_per_hour("contacts_answered_total"), "answered"),
            Query(_per_hour("contacts_abandoned_total"), "gave up"),
        ],
        coloured("suffix: /h", CALM, {"came": WARNING, "answered": WELL, "gave up": HURTS}, "came"),
    )


def _ends() -> Panel:
    def each(metric: str, label: str) -> str:
        return ask.zero_if_up(f"sum by ({label}) (increase({ask.of(metric)}[{WINDOW}]))", label)

    return lines(
        "Left otherwise, and handed on",
        f"Contacts of the last {WINDOW} that left unanswered for another reason than giving up, and those"
        " handed on."
        " Many that left full or closed are lost customers that no wait tells of.",
        [
            Query(each("contacts_left_total", "reason"), "left {{reason}}"),
            Query(each("contacts_transferred_total", "kind"), "handed on {{kind}}"),
        ],
        Look(
            "short",
            CALM,
            colours={
                "left timed_out": HURTS,
                "left overflowed": WARNING,
                "left full": OTHER,
                "handed on queue": WELL,
                "handed on blind": PLAIN,
                "handed on attended": SPARE,
            },
        ),
    )


def _agents() -> Panel:
    # Where nobody tells of agents, those who are talking; never both, for one stands on the other.
    talking = f'label_replace(sum({ask.of("contacts_serving")}), "state", "busy", "", "")'
    on_duty = f"sum by (state) ({ask.of('agents', ask.ON_DUTY)}) or on() {talking}"
    return lines(
        "Agents by state, and how many are needed",
        "Who is on duty, by state, stacked; the dashed line is how many the recent load needs. Below the line"
        " customers wait past their targets.",
        [
            Query(on_duty, "{{state}}"),
            Query(f"sum({ask.of('agents_required')})", "needed"),
        ],
        Look(
            "short",
            CALM,
            colours={**AGENTS, "needed": HURTS},
            more={
                "needed": {
                    "custom.stacking": {"mode": "none", "group": "B"},
                    "custom.fillOpacity": 0,
                    "custom.lineStyle": {"fill": "dash", "dash": [10, 6]},
                }
            },
        ),
        stacked=True,
    )


def _load() -> Panel:
    return lines(
        "Handling time and occupancy",
        f"Mean handling time and time to the first response (chat and e-mail) of the last {WINDOW}, left;"
        " share of"
        " agents on duty who are busy, right. Above 85 % for long, people serve badly.",
        [
            Query(ask.mean("handling_seconds", WINDOW, ask.BY_QUEUE), "handling"),
            Query(ask.mean("first_response_seconds", WINDOW, ask.BY_QUEUE), "first response"),
            Query(
                f"max {ask.BY_QUEUE} ({ask.of('occupancy_ratio')})"
                f" or max {ask.BY_QUEUE} ({ask.of('contacts_serving')} == 0)",
                "occupancy",
            ),
        ],
        Look(
            "s",
            OCCUPANCY,
            colours={"handling": WELL, "first response": OTHER, "occupancy": WARNING},
            more={
                "occupancy": {
                    "unit": "percentunit",
                    "custom.axisPlacement": "right",
                    "min": 0,
                    "max": 1,
                }
            },
        ),
    )


def _vouchers() -> Panel:
    issued = ask.owed("incentives_total")
    refused = ask.owed("incentives_refused_total")
    return lines(
        "Vouchers per hour, by reason",
        "Vouchers issued over the hour before each point, by reason; dashed: cases that were given none."
        " Why each was, or was not, stands in the list of vouchers on the built-in board.",
        [
            Query(ask.zero_if_up(f"sum by (reason) (increase({issued}[1h]))", "reason"), "issued {{reason}}"),
            Query(ask.zero_if_up(f"sum(increase({refused}[1h]))"), "refused"),
        ],
        coloured("short", CALM, {"refused": WARNING}, "refused"),
    )


def _callbacks() -> Panel:
    done = ask.owed("callbacks_total")
    return lines(
        "Call-backs",
        "Customers of the site who gave up and were not served since; and, for this queue, those in line"
        " whom we call back, and what was done over the hour before each point.",
        [
            Query('sum(queuewatch_callbacks_open{site=~"$site"})', "to call back"),
            Query(f"sum({ask.of('callbacks_waiting')})", "in line to be called"),
            Query(ask.zero_if_up(f"sum by (outcome) (increase({done}[1h]))", "outcome"), "{{outcome}}"),
        ],
        coloured("short", ANY_IS_BAD, {"to call back": HURTS, "in line to be called": WARNING}),
    )
