"""The demo: its events, and how they are played."""

from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from queuewatch.core.facts.events import AgentChanged, Enqueued, Event
from queuewatch.core.facts.wire import decode
from queuewatch.simulate.demo import demo_events, demo_feed, play
from queuewatch.simulate.feed import BATCH, Answer, Feed, FeedError
from queuewatch.simulate.ivr import GREETING_S, Ivr
from queuewatch.simulate.scenario import HISTORY_S
from tests.clocks import HastyClock

LIVE_AT = 1_790_000_000.0


class Listener:
    """Takes every batch and remembers when it came."""

    def __init__(self, clock: HastyClock, takes_s: float = 0.0) -> None:
        self.clock = clock
        self.takes_s = takes_s
        self.heard: list[tuple[float, list[Event]]] = []

    async def send(self, body: bytes) -> Answer:
        batch = [decode(raw, 0.0) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
        self.heard.append((self.clock.at, batch))
        self.clock.at += self.takes_s
        return Answer(202)


async def silent(queue: str, contact: str, language: str) -> int:  # noqa: ARG001
    return 201


def arrivals(*times: float) -> list[Event]:
    return [
        Event(str(i), "pbx", at, Enqueued(queue="support", channel="phone"), f"c{i}")
        for i, at in enumerate(times)
    ]


async def played(told: list[Event], takes_s: float = 0.0) -> list[tuple[float, list[float]]]:
    clock = HastyClock(100.0)
    listener = Listener(clock, takes_s)
    await play(iter(told), Feed(listener.send, clock, np.random.default_rng(1)), clock, Ivr(silent, clock))
    assert [one for _, batch in listener.heard for one in batch] == told
    return [(at, [one.at for one in batch]) for at, batch in listener.heard]


async def test_the_past_is_told_at_once_and_the_rest_when_its_time_has_come() -> None:
    with structlog.testing.capture_logs() as logs:
        heard = await played(arrivals(10.0, 20.0, 100.0, 107.0, 107.0, 130.0))
    assert heard == [(100.0, [10.0, 20.0, 100.0]), (107.0, [107.0, 107.0]), (130.0, [130.0])]
    assert [one["event"] for one in logs] == ["demo_is_live"]


async def test_what_happens_during_a_delivery_goes_into_the_next() -> None:
    heard = await played(arrivals(10.0, 101.0, 102.0, 120.0), takes_s=5.0)
    assert heard == [(100.0, [10.0]), (105.0, [101.0, 102.0]), (120.0, [120.0])]


async def test_who_waits_is_told_between_the_events_when_their_greeting_is_over() -> None:
    clock = HastyClock(100.0)
    listener = Listener(clock)
    told: list[tuple[float, str]] = []

    async def ask(queue: str, contact: str, language: str) -> int:  # noqa: ARG001
        told.append((clock.at, contact))
        return 201

    events = arrivals(*(101.0 + number for number in range(9)), 200.0)
    await play(iter(events), Feed(listener.send, clock, np.random.default_rng(1)), clock, Ivr(ask, clock))
    assert 3 < len(told) < 9
    assert all(at == 101.0 + int(contact.removeprefix("c")) + GREETING_S for at, contact in told)


async def test_a_long_past_is_told_in_batches() -> None:
    heard = await played(arrivals(*(i / 100 for i in range(2 * BATCH + 10))))
    assert [len(batch) for _, batch in heard] == [BATCH, BATCH, 10]


async def test_a_past_with_pauses_takes_its_time_and_what_happens_meanwhile_comes_after_it() -> None:
    clock = HastyClock(100.0)
    listener = Listener(clock)
    told = arrivals(*(i / 100 for i in range(BATCH + 10)), 102.0, 130.0)
    menu = Ivr(silent, clock)
    live_at: list[float] = []
    feed = Feed(listener.send, clock, np.random.default_rng(1))
    await play(iter(told), feed, clock, menu, 5.0, on_live=lambda: live_at.append(clock.at))
    assert [(at, len(batch)) for at, batch in listener.heard] == [(100.0, BATCH), (105.0, 11), (130.0, 1)]
    assert live_at == [105.0]


def test_the_events_of_the_demo_reach_from_the_evening_before_and_depend_on_the_seed_alone() -> None:
    told = list(itertools.islice(demo_events(LIVE_AT, 1), 20_000))
    assert LIVE_AT - HISTORY_S <= told[0].at < LIVE_AT - HISTORY_S + 3600
    assert told[-1].at > LIVE_AT
    assert list(itertools.islice(demo_events(LIVE_AT, 1), 20_000)) == told
    assert list(itertools.islice(demo_events(LIVE_AT, 2), 20_000)) != told
    known: set[str] = set()
    for one in told:
        if isinstance(one.data, AgentChanged) and one.subject not in known:
            known.add(one.subject)
            assert one.data.queues


async def test_the_demo_speaks_to_a_service_over_http() -> None:
    clock, heard, promised = HastyClock(LIVE_AT), list[Event](), list[str]()

    async def take(request: web.Request) -> web.Response:
        raws = msgspec.json.decode(await request.read(), type=list[msgspec.Raw])
        heard.extend(decode(raw, 0.0) for raw in raws)
        return web.Response(status=202 if heard[-1].at < LIVE_AT + 600 else 401)

    async def promise(request: web.Request) -> web.Response:
        promised.append(request.match_info["contact"])
        return web.Response(status=201)

    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/events", take)
    app.router.add_post("/v1/queues/{queue}/contacts/{contact}/promises", promise)
    async with TestServer(app) as server:
        with pytest.raises(FeedError, match="token"):
            await demo_feed(str(server.make_url("")), seed=1, clock=clock, token="sesame", real_clock=clock)
    assert promised
    assert heard[0].at < LIVE_AT - HISTORY_S + 3600
    assert heard[-1].at >= LIVE_AT + 600
    assert clock.at == heard[-1].at
