"""Queue detail: one queue, what it says about the wait, and what happened."""

from __future__ import annotations

from dataclasses import replace

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import queries as ask
from dashboards.grafana.bars import bars
from dashboards.grafana.colours import (
    AGENTS,
    ANY_IS_BAD,
    CALM,
    CHANCE,
    DIM,
    HURTS,
    LEVEL,
    LEVELS_WRITTEN,
    OCCUPANCY,
    OTHER,
    PLAIN,
    SPARE,
    WAIT,
    WARNING,
    WELL,
    Steps,
)
from dashboards.grafana.heat import heat
from dashboards.grafana.kit import Look, Query, Section
from dashboards.grafana.kit import board as made_board
from dashboards.grafana.lines import DASHED, coloured, filled, lines, number
from dashboards.grafana.shared import forecast

WINDOW = "10m"
BANDS_S = (0, 30, 60, 120, 180, 300)
"""Where the bands of waits begin in which people give up, seconds."""
IMPATIENCE: Steps = ((None, PLAIN), (0.1, WARNING), (0.25, HURTS))


def board() -> Dashboard:
    """The board."""
    return made_board(
        "queue",
        "Queue detail",
        "One queue: what it says about the wait, what happened, who serves it.",
        [
            Section("Now", _now()),
            Section(
                "The wait",
                [_said(), _chances(), heat(size=(12, 10)), _spread(), _service_level(), _giving_up()],
            ),
            Section(
                "Contacts and agents", [forecast(), _arrivals(), _agents(), _load(), _patience(), _ends()]
            ),
            Section("What customers were owed", [_vouchers(), _callbacks()]),
        ],
        one_queue=True,
        since="now-6h",
    )


def _now() -> list[Panel]:
    calm, wait = Look("short", CALM, decimals=0), Look("dthms", WAIT, decimals=0, none="no estimate")
    chance = Look("percentunit", CHANCE, decimals=0, none="no estimate")
    return [
        number(
            "Notice",
            "What customers are told now: normal, busy or very busy.",
            f"max({ask.of('notice_level')})",
            Look("short", LEVEL, words=LEVELS_WRITTEN),
        ),
        number(
            "Waiting",
            "Contacts that wait in this queue now.",
            f"sum({ask.of('contacts_waiting')})",
            calm,
            loud=False,
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
            Look("short", ANY_IS_BAD, decimals=0, none="nobody tells of agents, or no load yet"),
        ),
    ]


def _said() -> Panel:
    by = ask.BY_QUEUE

    def quantile(one: str) -> str:
        matcher = f'quantile="{one}"'
        return f"max {by} ({ask.of('estimated_wait_seconds', matcher)})"

    colours = {"9 in 10 within": WARNING, "median": WELL, "1 in 10 within": PLAIN, "answered, mean": OTHER}
    look = coloured(
        "dthms", WAIT, colours | {"longest now": HURTS}, "9 in 10 within", "median", "1 in 10 within"
    )
    return lines(
        "What the next was told to expect, and what those answered had",
        "Dashed: the estimate for the next contact, its median and the range that 8 in 10 fall into."
        f" Solid: the mean wait of those answered in the last {WINDOW}, and the longest wait now. The"
        " horizontal lines are 60 and 180 s. A gap: nobody was answered, or there is no estimate.",
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
        " load, which is 1 where the agents cannot keep up; without a load there is none. The horizontal"
        " lines are where a notice ends and begins.",
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


def _spread() -> Panel:
    low, high = "1 in 10 within", "9 in 10 within"
    look = coloured("dthms", WAIT, {low: PLAIN, "half within": WELL, high: WARNING, "longest now": HURTS})
    return lines(
        "Waits of those answered, against 60 and 180 s",
        f"What one, five and nine in ten of those answered in the last {WINDOW} had waited at most, and"
        " the longest wait now. The dashed lines are 60 and 180 s. A gap: nobody was answered.",
        [
            Query(ask.quantile("wait_seconds", 0.1, WINDOW), low),
            Query(ask.quantile("wait_seconds", 0.5, WINDOW), "half within"),
            Query(ask.quantile("wait_seconds", 0.9, WINDOW), high),
            Query(f"max({ask.oldest()})", "longest now"),
        ],
        replace(look, more={high: filled(low)}),
        size=(12, 10),
        drawn=True,
    )


def _service_level() -> Panel:
    nobody = f"max {ask.BY_QUEUE} ({ask.of('contacts_offered_total')}) * 0"
    gave_up = f"sum {ask.BY_QUEUE} (increase({ask.of('contacts_abandoned_total')}[{WINDOW}]))"
    came = f"sum {ask.BY_QUEUE} (increase({ask.of('contacts_offered_total')}[{WINDOW}]))"
    return lines(
        "Answered in time, and given up",
        f"Of those answered in the last {WINDOW}, the share that waited no longer than each threshold; and"
        " of those who came, the share that gave up. A gap: nobody was answered.",
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


def _giving_up() -> Panel:
    ends = [*BANDS_S[1:], None]
    names = [
        f"{begin} to {end} s" if end else f"over {begin} s" for begin, end in zip(BANDS_S, ends, strict=True)
    ]
    return bars(
        "Gave up, by how long they had waited",
        "Of those who were still in line when the band begins, the share that gave up within it, over the"
        " board's time. Where the bars rise is where people lose patience: call back, or say something,"
        " before. A band without a bar: nobody waited so long. Who left for another reason is not"
        " counted.",
        [
            Query(_hazard(begin, end), name, now=True)
            for begin, end, name in zip(BANDS_S, ends, names, strict=True)
        ],
        Look("percentunit", IMPATIENCE, decimals=0, least=0, most=0.5, none="nobody came in this time"),
        upright=True,
    )


def _hazard(begin_s: int, end_s: int | None) -> str:
    """Share of those who waited for `begin_s` that gave up by `end_s` (None: ever), over the board's time."""

    def within(metric: str, border_s: int | None) -> str:
        if border_s is None:
            return f"sum(increase({ask.of(metric + '_count')}[$__range]))"
        return f"sum(increase({ask.of(metric + '_bucket', ask.le(border_s))}[$__range]))"

    def past(metric: str) -> str:
        every = within(metric, None)
        return f"{every} - {within(metric, begin_s)}" if begin_s else every

    gave_up, answered = "abandoned_wait_seconds", "wait_seconds"
    by_end = within(gave_up, end_s)
    gone = f"{by_end} - {within(gave_up, begin_s)}" if begin_s else by_end
    return f"({gone}) / ({past(gave_up)} + {past(answered)} > 0)"


def _per_hour(metric: str) -> str:
    return f"sum {ask.BY_QUEUE} (rate({ask.of(metric)}[{WINDOW}])) * 3600"


def _arrivals() -> Panel:
    return lines(
        "Arrivals and answers",
        f"Contacts per hour that came, were answered and gave up, over the last {WINDOW}. Where more come"
        " than are answered, the line grows.",
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
        " handed on. Many that left full or closed are lost customers that no wait tells of.",
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
    over_it: dict[str, object] = {
        "custom.stacking": {"mode": "none", "group": "B"},
        "custom.fillOpacity": 0,
        **DASHED,
    }
    return lines(
        "Agents by state, and how many are needed and planned",
        "Who is on duty, by state, stacked; dashed: how many the recent load needs, and how many the plan"
        " has. Below what is needed customers wait past their targets. No line of what is needed: no load"
        " yet. No line of the plan: none was brought in (`queuewatch plan import FILE`).",
        [
            Query(on_duty, "{{state}}"),
            Query(f"sum({ask.of('agents_required')})", "needed"),
            Query(f"sum({ask.of('agents_planned')})", "planned"),
        ],
        Look(
            "short",
            CALM,
            colours={**AGENTS, "needed": HURTS, "planned": OTHER},
            more={"needed": over_it, "planned": over_it},
        ),
        stacked=True,
    )


def _patience() -> Panel:
    resent, soon = "past what is put up with gladly", "expected to give up within 5 minutes"
    return lines(
        "Whose patience ends",
        "Of those who wait now: how many are expected to be past what they put up with gladly, and how"
        " many to have given up within five minutes. Offer them to call back.",
        [
            Query(f"sum({ask.of('contacts_at_risk', ask.RESENTS_NOW)})", resent),
            Query(f"sum({ask.of('contacts_leaving')})", soon),
            Query(f"sum({ask.of('contacts_waiting')})", "waiting"),
        ],
        coloured("short", CALM, {resent: WARNING, soon: HURTS, "waiting": PLAIN}),
    )


def _load() -> Panel:
    return lines(
        "Handling time and occupancy",
        f"Mean handling time and time to the first response (chat and e-mail) of the last {WINDOW}, left;"
        " share of agents on duty who are busy, right. Above 85 % for long, people serve badly. A gap:"
        " nobody was served.",
        [
            Query(ask.mean("handling_seconds", WINDOW, ask.BY_QUEUE), "handling"),
            Query(ask.mean("first_response_seconds", WINDOW, ask.BY_QUEUE), "first response"),
            Query(
                f"max {ask.BY_QUEUE} ({ask.of('occupancy_ratio')}) or max {ask.BY_QUEUE}"
                f" ({ask.of('contacts_serving')} == 0)",
                "occupancy",
            ),
        ],
        Look(
            "dthms",
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
        coloured(
            "short",
            CALM,
            {
                "issued wait_passed": WELL,
                "issued abandoned": OTHER,
                "issued promise_broken": HURTS,
                "issued granted": SPARE,
                "refused": WARNING,
            },
            "refused",
        ),
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
        coloured(
            "short",
            ANY_IS_BAD,
            {
                "to call back": HURTS,
                "in line to be called": WARNING,
                "served": WELL,
                "queued": PLAIN,
                "done": SPARE,
                "failed": OTHER,
                "none": DIM,
            },
            "in line to be called",
        ),
    )
