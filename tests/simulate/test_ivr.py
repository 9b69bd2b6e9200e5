"""The voice menu of a simulated centre."""

from __future__ import annotations

import zlib
from typing import Any

import aiohttp
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from queuewatch.core.facts.events import Abandoned, Answered, Enqueued, Event, Left
from queuewatch.simulate.ivr import GREETING_S, PARTS, TOLD, Ivr, over_http
from tests.clocks import HastyClock

PHONE: dict[str, Any] = {"queue": "support", "channel": "phone"}
CONTACTS = [f"c{number}" for number in range(60)]
CHOSEN = [one for one in CONTACTS if zlib.crc32(one.encode()) % PARTS < TOLD]
ANN, BOB, CARL = CHOSEN[:3]


class Service:
    """Answers with a status, or with an error, and remembers what it was asked."""

    def __init__(self, answer: int | Exception = 201) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, str]] = []

    async def ask(self, queue: str, contact: str, language: str) -> int:
        self.asked.append((queue, contact, language))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def joins(at: float, contact: str, **said: Any) -> Event:
    return Event(f"{contact}-{at}", "pbx", at, Enqueued(**(PHONE | said)), contact)


async def test_who_still_waits_after_the_greeting_is_told_in_their_language() -> None:
    clock, service = HastyClock(100.0), Service()
    menu = Ivr(service.ask, clock)
    menu.heed([joins(101.0, ANN, language="de"), joins(102.0, BOB)])
    assert menu.next_at == 101.0 + GREETING_S
    clock.at = 101.0 + GREETING_S - 0.1
    await menu.tell()
    assert service.asked == []
    clock.at = 102.0 + GREETING_S
    await menu.tell()
    assert service.asked == [("support", ANN, "de"), ("support", BOB, "en")]
    assert menu.next_at == float("inf")


async def test_whose_wait_is_over_by_then_is_told_nothing() -> None:
    clock, service = HastyClock(100.0), Service()
    menu = Ivr(service.ask, clock)
    menu.heed(joins(101.0, one) for one in (ANN, BOB, CARL))
    ends: tuple[Answered | Abandoned | Left, ...] = (
        Answered(**PHONE, agent="ida"),
        Abandoned(**PHONE),
        Left(**PHONE, reason="timed_out"),
    )
    menu.heed(
        Event(f"e{one}", "pbx", 105.0, end, one) for one, end in zip((ANN, BOB, CARL), ends, strict=True)
    )
    clock.at = 200.0
    await menu.tell()
    assert service.asked == []


async def test_two_in_three_are_told_and_nobody_who_came_before_or_who_writes() -> None:
    clock, service = HastyClock(100.0), Service()
    menu = Ivr(service.ask, clock)
    menu.heed(joins(99.9, one, queue="sales") for one in CONTACTS)
    menu.heed(joins(100.0, one, queue="mail", channel="email") for one in CONTACTS)
    menu.heed(joins(100.0, one) for one in CONTACTS)
    clock.at = 200.0
    await menu.tell()
    assert sorted(service.asked) == sorted(("support", one, "en") for one in CHOSEN)
    assert 0.5 < len(CHOSEN) / len(CONTACTS) < 0.8


async def test_who_cannot_be_told_because_the_service_is_out_of_reach_is_told_nothing() -> None:
    clock, service = HastyClock(100.0), Service(aiohttp.ClientConnectionError("gone"))
    menu = Ivr(service.ask, clock)
    menu.heed([joins(100.0, ANN), joins(100.0, BOB)])
    clock.at = 200.0
    with structlog.testing.capture_logs() as logs:
        await menu.tell()
    assert [one["event"] for one in logs] == ["promise_not_told"] * 2


async def test_where_promises_are_refused_nobody_asks_again() -> None:
    clock, service = HastyClock(100.0), Service(403)
    menu = Ivr(service.ask, clock)
    menu.heed([joins(100.0, ANN), joins(101.0, BOB)])
    clock.at = 200.0
    with structlog.testing.capture_logs() as logs:
        await menu.tell()
    assert len(service.asked) == 1
    assert [one["event"] for one in logs] == ["promises_refused"]


async def test_it_asks_over_http_with_its_token() -> None:
    heard = []

    async def take(request: web.Request) -> web.Response:
        heard.append((request.match_info["contact"], request.query["lang"], request.headers["Authorization"]))
        return web.json_response({}, status=201)

    app = web.Application()
    app.router.add_post("/v1/queues/{queue}/contacts/{contact}/promises", take)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        assert await over_http(session, str(server.make_url("")), "sesame")("support", "a/b c", "nl") == 201
        assert await over_http(session, str(server.make_url("/elsewhere")))("support", "c", "nl") == 404
    assert heard == [("a/b c", "nl", "Bearer sesame")]
