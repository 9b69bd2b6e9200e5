"""On a quiet day no panel is empty: each has data, or says in words why there is none.

A real Prometheus scrapes a real `queuewatch serve`, first before anybody called, then after a few calls that
were all answered at once. No plan was brought in, nobody gave up, nobody was told a wait.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from queuewatch.clock import SystemClock
from queuewatch.core.facts.wire import rfc3339
from tests.dashboards.boards import Asked, Json, panels, queries
from tests.real.asking import unanswered
from tests.real.servers import free_port, prometheus, running

pytestmark = [pytest.mark.real, pytest.mark.slow]
CLOCK = SystemClock()
CALLS = 4

HEAT_MAP = "Waits of those answered, as a heat map with the 60 and 180 s lines"

Place = tuple[str, str]

# What a panel without any data says instead.
BEFORE_THE_FIRST_CALL: dict[Place, str] = {
    ("wall-board", "Promises kept"): "nobody was told a wait yet",
    ("wall-board", "Agents missing now"): "no load yet",
    ("queue-detail", "Agents missing"): "no load yet",
    ("queue-detail", HEAT_MAP): "nobody was answered",
    ("queue-detail", "Gave up, by how long they had waited"): "nobody came in this time",
    ("planner", "Where agents were missing most, last 6 hours"): "no load yet",
    ("planner", "Agents missing, by interval"): "no load yet",
    ("planner", "When agents were missing most, by weekday"): "no load yet",
    ("trust", "Every estimator of every queue"): "no wait was judged yet",
    ("trust", "Told too much (+) or too little (-)"): "nobody was answered",
    ("operations", "Slowest commit of a hundred"): "nothing was written",
}
AFTER_A_FEW: dict[Place, str] = {
    ("wall-board", "Promises kept"): "nobody was told a wait yet",
    ("trust", "Every estimator of every queue"): "no wait was judged yet",
}
# Of a panel with data: which of its lines, bars or columns may have none, and what it says about that.
MISSING_AFTER_A_FEW: dict[Place, tuple[set[str], str]] = {
    ("wall-board", "Every queue"): ({"M"}, "A question mark is unknown"),
    ("queue-detail", "Gave up, by how long they had waited"): (
        {"30 to 60 s", "60 to 120 s", "120 to 180 s", "180 to 300 s", "over 300 s"},
        "A band without a bar: nobody waited so long",
    ),
    ("queue-detail", "Agents by state, and how many are needed and planned"): (
        {"planned"},
        "queuewatch plan import FILE",
    ),
    ("queue-detail", "Handling time and occupancy"): ({"first response"}, "(chat and e-mail)"),
    ("planner", "Agents planned, needed and there"): ({"planned"}, "queuewatch plan import FILE"),
    ("planner", "Agents missing, by interval"): ({"short of the plan"}, "queuewatch plan import FILE"),
    ("trust", "Our ranges: what they hold"): (
        {"within the 80 % range", "within 9 in 10"},
        "No line: no wait was judged yet",
    ),
}


def of(panel: Place) -> Json:
    """A panel as it is shipped."""
    board, title = panel
    return next(one for one in panels(board) if one["title"] == title)


def empty(every: list[Asked], left: list[Asked]) -> set[Place]:
    """Panels of which no query has an answer."""
    told = {(one.board, one.panel) for one in every if one not in left}
    return {(one.board, one.panel) for one in every} - told


def event(kind: str, subject: str, number: int, ago_s: float, **data: Any) -> Json:
    """A fact of a telephone system, as it happened `ago_s` seconds ago."""
    return {
        "specversion": "1.0",
        "id": f"{subject}-{kind}-{number}",
        "source": "pbx",
        "type": f"queuewatch.{kind}",
        "subject": f"{subject}/{number}",
        "time": rfc3339(CLOCK.now() - ago_s),
        "data": {"queue": "sales", "channel": "phone", **data},
    }


def called(number: int) -> list[Json]:
    """A call that was answered after two seconds."""
    joined = event("contact.enqueued", "contact", number, 10.0 - number)
    return [joined, event("contact.answered", "contact", number, 8.0 - number, agent=f"{number}")]


async def post(port: int, events: list[Json]) -> None:
    """Tell the service what happened."""
    kind = {"Content-Type": "application/cloudevents-batch+json"}
    async with (
        ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}/v1/events", json=events, headers=kind) as answer,
    ):
        assert answer.status == 202, await answer.text()


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Where `queuewatch serve` listens, with a folder of its own and nothing configured."""
    port = free_port()
    config = tmp_path / "queuewatch.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path / "var"}"\n[http]\nport = {port}\n')
    serve = [sys.executable, "-m", "queuewatch", "serve", "--config", str(config)]
    with running(serve, port, tmp_path / "queuewatch.log"):
        yield port


def wordless(found: set[Place], expected: dict[Place, str]) -> set[Place]:
    """Panels without data of which that was not expected, or that do not say why."""
    said = {one: of(one)["fieldConfig"]["defaults"]["noValue"] for one in found}
    return {one for one, words in said.items() if expected.get(one, "not expected") not in words}


def unsaid(every: list[Asked], left: list[Asked]) -> set[Place]:
    """Panels with some data of which something else is missing than expected, or that do not say why."""
    missing: dict[Place, set[str]] = {}
    for one in left:
        missing.setdefault((one.board, one.panel), set()).add(one.name)
    found = {place: names for place, names in missing.items() if place not in empty(every, left)}
    expected = MISSING_AFTER_A_FEW
    return {
        place
        for place, names in found.items()
        if place not in expected
        or not names <= expected[place][0]
        or expected[place][1] not in of(place)["description"]
    }


async def test_every_panel_has_data_or_says_why_not_on_a_quiet_day(port: int, tmp_path: Path) -> None:
    every = list(queries())
    agents = [
        event("agent.changed", "agent", n, 60.0, state="available", queues=["sales"]) for n in range(CALLS)
    ]
    with prometheus(tmp_path, f"127.0.0.1:{port}") as address:
        await post(port, agents)
        early = BEFORE_THE_FIRST_CALL.keys()
        left = await unanswered(address, every, lambda left: empty(every, left) <= early)
        assert wordless(empty(every, left), BEFORE_THE_FIRST_CALL) == set()

        await post(port, [one for number in range(CALLS) for one in called(number)])
        await asyncio.sleep(3)  # some scrapes, so that what is counted grows between them
        await post(port, [event("contact.completed", "contact", number, 0.0) for number in range(CALLS)])
        left = await unanswered(
            address, every, lambda left: empty(every, left) <= AFTER_A_FEW.keys() and not unsaid(every, left)
        )
        assert wordless(empty(every, left), AFTER_A_FEW) == set()
        assert unsaid(every, left) == set()
