"""The wall board: which queue is about to hurt customers, and what helps; read from five metres."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, common, statetimeline, table
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from dashboards.grafana import queries as ask
from dashboards.grafana.colours import (
    AGE,
    ANY_IS_BAD,
    CALM,
    CHANCE,
    HURTS,
    LEVEL,
    LEVELS,
    WAIT,
    WARNING,
    WELL,
    Steps,
)
from dashboards.grafana.kit import Look, Query, Section, latest, panel, to_queue
from dashboards.grafana.kit import board as made_board
from dashboards.grafana.lines import number

KEPT: Steps = ((None, HURTS), (0.8, WARNING), (0.88, WELL))

SECONDS: dict[str, object] = {"unit": "s", "decimals": 1, "custom.width": 130}
COLUMNS: tuple[tuple[str, str, dict[str, object]], ...] = (
    (
        "Notice",
        f"max {ask.IN_TABLE} ({ask.of('notice_level')})",
        {"steps": LEVEL, "mappings": LEVELS, "custom.width": 110},
    ),
    (
        "Chance past last",
        ask.last_chance(ask.IN_TABLE),
        {"unit": "percentunit", "steps": CHANCE, "custom.width": 150},
    ),
    (
        "Chance past 1st",
        ask.first_chance(ask.IN_TABLE),
        {"unit": "percentunit", "steps": CHANCE, "custom.width": 150},
    ),
    ("Missing", ask.missing(ask.IN_TABLE), {"unit": "short", "steps": ANY_IS_BAD, "custom.width": 100}),
    ("Waiting", f"max {ask.IN_TABLE} ({ask.of('contacts_waiting')})", {"unit": "short", "custom.width": 100}),
    ("Oldest", f"round(max {ask.IN_TABLE} ({ask.oldest()}))", SECONDS),
    ("Next waits", f"round(max {ask.IN_TABLE} ({ask.of('estimated_wait_seconds', ask.MEDIAN)}))", SECONDS),
    (
        "9 in 10 within",
        f"round(max {ask.IN_TABLE} ({ask.of('estimated_wait_seconds', ask.NINE_IN_TEN)}))",
        SECONDS,
    ),
    (
        "Free agents",
        (f"sum {ask.IN_TABLE} ({ask.of('agents', ask.FREE)}) or sum {ask.IN_TABLE} ({ask.of('agents')}) * 0"),
        {"unit": "short", "custom.width": 110},
    ),
    ("On duty", ask.on_duty(ask.IN_TABLE), {"unit": "short", "custom.width": 90}),
    (
        "Needed",
        f"max {ask.IN_TABLE} ({ask.of('agents_required')})",
        {"unit": "short", "custom.width": 90},
    ),
)


def board() -> Dashboard:
    """The board."""
    return made_board(
        "wall",
        "Wall board",
        "Which queue is about to hurt customers, and what helps. Thresholds are 60 and 180 s unless a queue"
        " has its own.",
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
        ),
        number(
            "Longest live wait",
            "The longest wait now on phone and chat; e-mail is measured in hours and stands in the table.",
            f"max(({ask.oldest()}) and on (site, queue) {ask.of('contacts_waiting', ask.LIVE)})"
            f" or max({ask.oldest()})",
            Look("s", WAIT, decimals=1),
            size=(3, 4),
        ),
        number(
            "Past their last threshold",
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
            "Promises kept today",
            "Share of today's promises, or else of our estimates for nine in ten, that were kept: the lowest"
            " of the chosen queues. Nine in ten should be.",
            f"min({ask.of('promises_kept_ratio')}) or min({ask.of('estimates_kept_ratio')})",
            Look("percentunit", KEPT, decimals=0, none="none was told yet"),
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
            "Age of what you see",
            "Seconds since the last fact about the queue of which we heard last. It grows when nothing"
            " happens,"
            " and when nothing comes in.",
            f"round(min({ask.of('data_age_seconds')}))",
            Look("s", AGE, decimals=0),
            size=(3, 4),
        ),
    ]


def _chance(title: str, about: str, expr: str) -> Panel:
    kind = bargauge.Panel().display_mode(BarGaugeDisplayMode.BASIC).reduce_options(latest())
    kind = kind.orientation(VizOrientation.HORIZONTAL)
    look = Look(
        "percentunit",
        CHANCE,
        decimals=0,
        least=0,
        most=1,
        none="no estimate: too few data, no agents or silence",
        links=to_queue(),
    )
    return panel(
        kind, title, about, [Query(f"sort_desc({expr})", ask.QUEUE_NAME, now=True)], look, size=(12, 9)
    )


def _chances() -> list[Panel]:
    return [
        _chance(
            "Chance that the next waits past the LAST threshold (180 s)",
            "The colour that matters: from 50 % on, the next to arrive will rather be hurt than not. A queue"
            " without a bar has no estimate. Click a bar for its queue.",
            ask.last_chance(),
        ),
        _chance(
            "Chance that the next waits past the FIRST threshold (60 s)",
            "The early warning: from 50 % for half a minute customers are told that it is busy.",
            ask.first_chance(),
        ),
    ]


def _table() -> Panel:
    names = {f"Value #{letter}": name for letter, (name, _, _) in zip("ABCDEFGHIJK", COLUMNS, strict=True)}
    order = ["queue", "channel", "site", *names]
    return panel(
        table.Panel().show_header(True),
        "Every queue",
        "All about each queue, the worst first. Missing agents are the cure: log in as many, or ask"
        " another team."
        " An empty cell is unknown, not zero.",
        [Query(expr, now=True, form="table") for _, expr, _ in COLUMNS],
        Look("short", CALM, decimals=0, none="?", more=_cells()),
        size=(24, 10),
        transformations=[
            ("merge", {}),
            (
                "organize",
                {
                    "excludeByName": {"Time": True},
                    "indexByName": {name: index for index, name in enumerate(order)},
                    "renameByName": {**names, "queue": "Queue", "channel": "Channel", "site": "Site"},
                },
            ),
            ("sortBy", {"sort": [{"field": "Chance past last", "desc": True}]}),
        ],
    )


def _cells() -> dict[str, dict[str, object]]:
    """Unit and colour of each column; cells with steps of their own are coloured by them."""
    cells: dict[str, dict[str, object]] = {
        "Queue": {"links": to_queue("${__value.raw}"), "custom.minWidth": 160},
        "Channel": {"custom.width": 90},
        "Site": {"custom.width": 110},
    }
    for name, _, look in COLUMNS:
        properties = {key: value for key, value in look.items() if key != "steps"}
        if "steps" in look:
            steps: Steps = look["steps"]  # type: ignore[assignment]
            shown = [{"value": value, "color": colour} for value, colour in steps]
            properties["thresholds"] = {"mode": "absolute", "steps": shown}
            properties["custom.cellOptions"] = {"type": "color-background", "mode": "basic"}
        cells[name] = properties
    return cells


def _notices() -> Panel:
    kind = statetimeline.Panel().show_value(VisibilityMode.AUTO).row_height(0.9)
    kind = kind.legend(common.VizLegendOptions().show_legend(False))
    return panel(
        kind,
        "What customers were told",
        "The notice in force in each queue, over time: normal, busy, very busy.",
        [Query(f"max {ask.BY_QUEUE} ({ask.of('notice_level')})", ask.QUEUE_NAME)],
        Look("short", LEVEL, words=LEVELS),
        size=(12, 9),
    )


def _missing() -> Panel:
    kind = bargauge.Panel().display_mode(BarGaugeDisplayMode.BASIC).reduce_options(latest())
    kind = kind.orientation(VizOrientation.HORIZONTAL)
    return panel(
        kind,
        "Agents missing now",
        "Agents needed for the targets at the load of the last while, less those on duty. Needed is Erlang's"
        " answer for a steady load; in a sudden wave the chances above are quicker.",
        [Query(f"sort_desc({ask.missing()})", ask.QUEUE_NAME, now=True)],
        Look("short", ANY_IS_BAD, decimals=0, least=0, none="no agents known, or no load yet"),
        size=(12, 9),
    )
