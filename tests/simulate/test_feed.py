"""Events over HTTP, repeated until they are durable."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import msgspec
import numpy as np
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.core.facts.wire import decode
from queuewatch.simulate.feed import BATCH, GIVE_UP_AFTER_S, Answer, Feed, FeedError, over_http
from tests.clocks import HastyClock

EVENTS = [
    Event(str(i), "pbx", 1000.0 + i, Enqueued(queue="support", channel="phone"), f"c{i}")
    for i in range(2 * BATCH + 1)
]


class Service:
    """Answers as told, then 202; remembers what it was sent."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []

    async def send(self, body: bytes) -> Answer:
        self.bodies.append(body)
        answer = self.answers.pop(0) if self.answers else Answer(202)
        if isinstance(answer, Exception):
            raise answer
        return answer


def feed_to(service: Service) -> tuple[Feed, HastyClock]:
    clock = HastyClock(0.0)
    return Feed(service.send, clock, np.random.default_rng(1)), clock


async def test_events_go_out_in_order_in_batches() -> None:
    service = Service()
    feed, clock = feed_to(service)
    await feed.post(EVENTS)
    batches = [msgspec.json.decode(body, type=list[msgspec.Raw]) for body in service.bodies]
    assert [len(one) for one in batches] == [BATCH, BATCH, 1]
    assert [decode(raw, 0.0) for one in batches for raw in one] == EVENTS
    assert clock.slept == []


async def test_nothing_to_tell_is_not_told() -> None:
    service = Service()
    await feed_to(service)[0].post([])
    assert service.bodies == []


@pytest.mark.parametrize("status", [429, 503])
async def test_under_pressure_it_comes_back_when_asked_to(status: int) -> None:
    service = Service(Answer(status, 3.0), Answer(status, 5.0))
    feed, clock = feed_to(service)
    await feed.post(EVENTS[:2])
    assert clock.slept == [3.0, 5.0]
    assert len(set(service.bodies)) == 1
    assert len(service.bodies) == 3


async def test_out_of_reach_it_tries_again_ever_more_slowly_and_gives_up_in_words() -> None:
    service = Service(*[ConnectionRefusedError("refused")] * 100)
    feed, clock = feed_to(service)
    with pytest.raises(
        FeedError, match=r"taken no events for 120 s: it is not reached \(refused\); is it running"
    ):
        await feed.post(EVENTS[:1])
    assert 0.125 <= clock.slept[0] <= 0.25
    assert all(5.0 <= one <= 10.0 for one in clock.slept[7:])
    assert GIVE_UP_AFTER_S <= clock.at < GIVE_UP_AFTER_S + 10.0


@pytest.mark.parametrize(
    "trouble", [aiohttp.ServerDisconnectedError(), TimeoutError(), Answer(500), Answer(408)]
)
async def test_passing_trouble_passes(trouble: Answer | Exception) -> None:
    service = Service(trouble)
    feed, clock = feed_to(service)
    await feed.post(EVENTS[:1])
    assert len(service.bodies) == 2
    assert len(clock.slept) == 1


async def test_an_error_without_words_is_named() -> None:
    feed, _ = feed_to(Service(*[TimeoutError()] * 100))
    with pytest.raises(FeedError, match=r"not reached \(TimeoutError\)"):
        await feed.post(EVENTS[:1])


async def test_what_will_never_be_taken_is_not_tried_again() -> None:
    with pytest.raises(FeedError, match="give the feed a token with the scope 'ingest'"):
        await feed_to(Service(Answer(401)))[0].post(EVENTS[:1])
    with pytest.raises(FeedError, match="does not take the events: 415 no such type"):
        await feed_to(Service(Answer(415, None, "no such type")))[0].post(EVENTS[:1])


async def test_refused_events_of_a_batch_are_logged_and_not_repeated() -> None:
    service = Service(Answer(422, None, "index 0"))
    with structlog.testing.capture_logs() as logs:
        await feed_to(service)[0].post(EVENTS[:2])
    assert [(one["event"], one["detail"]) for one in logs] == [("events_refused", "index 0")]
    assert len(service.bodies) == 1


@pytest.fixture
async def heard() -> AsyncIterator[tuple[str, list[web.Request], list[web.Response]]]:
    requests: list[web.Request] = []
    answers: list[web.Response] = []

    async def take(request: web.Request) -> web.Response:
        requests.append(request)
        await request.read()
        return answers.pop(0)

    app = web.Application()
    app.router.add_post("/v1/events", take)
    async with TestServer(app) as server:
        yield str(server.make_url("/")), requests, answers


async def test_over_http_it_sends_a_batch_of_cloudevents(
    heard: tuple[str, list[web.Request], list[web.Response]],
) -> None:
    url, requests, answers = heard
    answers += [
        web.Response(status=202),
        web.Response(status=429, headers={"Retry-After": "7"}, text="busy"),
        web.Response(status=503, headers={"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}),
    ]
    async with aiohttp.ClientSession() as session:
        assert await over_http(session, url, "sesame")(b"[]") == Answer(202)
        send = over_http(session, url)
        assert await send(b"[]") == Answer(429, 7.0, "busy")
        assert await send(b"[]") == Answer(503)
    assert requests[0].headers["Content-Type"] == "application/cloudevents-batch+json"
    assert requests[0].headers["Authorization"] == "Bearer sesame"
    assert "Authorization" not in requests[1].headers
