"""The wall board: which queue is about to hurt customers, and what helps; read from five metres."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import queries as ask
from dashboards.grafana.bars import Column, bars, rows, states
from dashboards.grafana.colours import (
    AGE,
    ANY_IS_BAD,
    CALM,
    CHANCE,
    KEPT,
    LEVEL,
    LEVELS,
    LEVELS_WRITTEN,
    WAIT,
)
from dashboards.grafana.kit import Look, Query, Section, to_queue
from dashboards.grafana.kit import board as made_board
from dashboards.grafana.lines import number

SHARE: dict[str, object] = {"unit": "percentunit"}
DURATION: dict[str, object] = {"unit": "dthms"}
COUNT: dict[str, object] = {"unit": "short"}


def _wide(look: dict[str, object], width: int) -> dict[str, object]:
    return {**look, "custom.width": width}


def _greatest(metric: str, *more: str) -> str:
    return f"max {ask.IN_TABLE} ({ask.of(metric, *more)})"


def _agents(state: str) -> str:
    """Agents in some states; 0 only where agents are known at all."""
    every = f"sum {ask.IN_TABLE} ({ask.of('agents')}) * 0"
    return f"sum {ask.IN_TABLE} ({ask.of('agents', state)}) or {every}"


def _kept() -> str:
    """Promises kept today, or else waits within our estimate for nine in ten."""
    return " or ".join(
        f"min {ask.IN_TABLE} ({ask.of(f'{told}_kept_ratio')})" for told in ("promises", "estimates")
    )


COLUMNS = (
    Column("Notice", _greatest("notice_level"), {"custom.width": 105}, LEVEL, LEVELS_WRITTEN),
    Column("Chance past last", ask.last_chance(ask.IN_TABLE), _wide(SHARE, 145), CHANCE),
    Column("Chance past 1st", ask.first_chance(ask.IN_TABLE), _wide(SHARE, 145), CHANCE),
    Column("Missing", ask.missing(ask.IN_TABLE), _wide(COUNT, 90), ANY_IS_BAD),
    Column("Waiting", _greatest("contacts_waiting"), _wide(COUNT, 90)),
    Column("Oldest", f"round(max {ask.IN_TABLE} ({ask.oldest()}))", _wide(DURATION, 105)),
    Column("Next waits", f"round({_greatest('estimated_wait_seconds', ask.MEDIAN)})", _wide(DURATION, 115)),
    Column(
        "9 in 10 within",
        f"round({_greatest('estimated_wait_seconds', ask.NINE_IN_TEN)})",
        _wide(DURATION, 125),
    ),
    Column("Free", _agents(ask.FREE), _wide(COUNT, 65)),
    Column("Busy", _agents('state=~"busy|ringing"'), _wide(COUNT, 65)),
    Column("Away", _agents('state=~"wrap_up|not_ready"'), _wide(COUNT, 65)),
    Column("Needed", _greatest("agents_required"), _wide(COUNT, 85)),
    Column("Kept", _kept(), _wide(SHARE, 75), KEPT),
)


def board() -> Dashboard:
    """The board."""
    return made_board(
        "wall",
        "Wall board",
        "Which queue is about to hurt customers, and what helps. Thresholds are 60 and 180 s unless a"
        " queue has its own.",
        [Section("", [*_numbers(), *_chances(), _table(), _notices(), _missing()])],
    )


def _numbers() -> list[Panel]:
    level = ask.of("notice_level")
    return [
        number(
            "Queues in trouble",
            "Queues whose customers are told that it is busy. Look below for which, and what is missing.",
            f"count({level} > 0) or count({level}) * 0",
            Look("short", ANY_IS_BAD, decimals=0),
            size=(3, 4),
        ),
        number(
            "Waiting",
            "Contacts that wait now, in all chosen queues.",
            f"sum({ask.of('contacts_waiting')})",
            Look("short", CALM, decimals=0),
            size=(3, 4),
            loud=False,
        ),
        number(
            "Longest live wait",
            "The longest wait now on phone and chat; e-mail is measured in hours and stands in the table.",
            f"max({ask.oldest(ask.LIVE)}) or max({ask.oldest()})",
            Look("dthms", WAIT),
            size=(3, 4),
        ),
        number(
            "Past threshold",
            "Contacts that wait already longer than the last threshold of their queue: call them back first.",
            f"sum({ask.past_last()})",
            Look("short", ANY_IS_BAD, decimals=0),
            size=(3, 4),
        ),
        number(
            "Losing patience",
            "Waiting customers expected to be past what they put up with gladly, now.",
            f"sum({ask.of('contacts_at_risk', ask.RESENTS_NOW)})",
            Look("short", ANY_IS_BAD, decimals=0),
            size=(3, 4),
        ),
        number(
            "Promises kept",
            "Share of today's promises, or else of our estimates for nine in ten, that were kept: the"
            " lowest of the chosen queues. Nine in ten should be.",
            f"min({ask.of('promises_kept_ratio')}) or min({ask.of('estimates_kept_ratio')})",
            Look("percentunit", KEPT, decimals=0, none="nobody was told a wait yet"),
            size=(3, 4),
        ),
        number(
            "Silent sources",
            "Phone, chat or mail systems that say nothing. While there is one, do not trust its queues.",
            "count(queuewatch_source_up == 0) or count(queuewatch_source_up) * 0",
            Look("short", ANY_IS_BAD, decimals=0),
            size=(3, 4),
        ),
        number(
            "Age of data",
            "Seconds since the last fact about the queue of which we heard last. It grows when nothing"
            " happens, and when nothing comes in.",
            f"round(min({ask.of('data_age_seconds')}))",
            Look("s", AGE, decimals=0),
            size=(3, 4),
        ),
    ]


def _chance(title: str, about: str, expr: str) -> Panel:
    look = Look(
        "percentunit",
        CHANCE,
        decimals=0,
        least=0,
        most=1,
        none="no estimate: too few data, no agents or silence",
        links=to_queue(),
    )
    return bars(title, about, [Query(f"sort_desc({expr})", ask.QUEUE_NAME, now=True)], look)


def _chances() -> list[Panel]:
    return [
        _chance(
            "Chance that the next waits past the LAST threshold (180 s)",
            "The colour that matters: from 50 % on, the next to arrive will rather be hurt than not. A"
            " queue without a bar has no estimate. Click a bar for its queue.",
            ask.last_chance(),
        ),
        _chance(
            "Chance that the next waits past the FIRST threshold (60 s)",
            "The early warning: from 50 % for half a minute customers are told that it is busy.",
            ask.first_chance(),
        ),
    ]


def _table() -> Panel:
    return rows(
        "Every queue",
        "All about each queue, the worst first. Missing agents are the cure: log in as many, or ask"
        " another team. A question mark is unknown, not zero.",
        {
            "queue": ("Queue", {"links": to_queue("${__value.raw}"), "custom.minWidth": 150}),
            "channel": ("Channel", {"custom.width": 85}),
            "site": ("Site", {"custom.width": 90}),
        },
        COLUMNS,
        worst=("Chance past last", True),
    )


def _notices() -> Panel:
    return states(
        "What customers were told",
        "The notice in force in each queue, over time: normal, busy, very busy.",
        Query(f"max {ask.BY_QUEUE} ({ask.of('notice_level')})", ask.QUEUE_NAME),
        Look("short", LEVEL, words=LEVELS),
        size=(12, 9),
    )


def _missing() -> Panel:
    return bars(
        "Agents missing now",
        "Agents needed for the targets at the load of the last while, less those on duty. Needed is"
        " Erlang's answer for a steady load; in a sudden wave the chances above are quicker.",
        [Query(f"sort_desc({ask.missing()})", ask.QUEUE_NAME, now=True)],
        Look("short", ANY_IS_BAD, decimals=0, least=0, none="nobody tells of agents, or no load yet"),
    )
