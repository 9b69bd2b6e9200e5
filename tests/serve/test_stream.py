"""The board as server-sent events: on change, paced, with a heartbeat, and no memory for slow readers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import ClientPayloadError, web
from aiohttp.test_utils import TestClient, TestServer

from queuewatch.serve.reads import Reads
from queuewatch.serve.stream import HEARTBEAT_S, PACE_S, SHARED_S, Stream
from tests.clocks import HandClock, HastyClock, settle
from tests.serve.conftest import Client
from tests.serve.desk import NOON, FakeDesk, FakeWording, queue


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
def stream(desk: FakeDesk, clock: HandClock) -> Stream:
    return Stream(desk, clock, Reads(desk, FakeWording(), "en"), FakeWording())


class Reader:
    """Reads boards in its own task, as fast as they come."""

    def __init__(self, stream: Stream, language: str = "en") -> None:
        self.boards: list[dict[str, Any]] = []
        self._task = asyncio.create_task(self._read(stream, language))

    async def _read(self, stream: Stream, language: str) -> None:
        async for event in stream.boards(language):
            self.boards.append(parsed(event))

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    @property
    def versions(self) -> list[int]:
        return [board["version"] for board in self.boards]


def parsed(event: bytes) -> dict[str, Any]:
    """The board in one server-sent event."""
    lines = event.decode().removesuffix("\n\n").split("\n")
    fields = dict(line.split(": ", 1) for line in lines)
    assert fields["event"] == "board"
    board: dict[str, Any] = msgspec.json.decode(fields["data"])
    assert fields["id"] == str(board["version"])
    return board


@pytest.fixture
async def reader(stream: Stream) -> AsyncIterator[Reader]:
    reader = Reader(stream)
    await settle()
    yield reader
    await reader.leave()


async def test_the_board_is_sent_at_once(reader: Reader) -> None:
    assert reader.versions == [1]
    assert [one["queue"] for one in reader.boards[0]["queues"]] == ["sales", "quiet"]


async def test_a_change_after_a_quiet_moment_is_sent_at_once(
    reader: Reader, desk: FakeDesk, clock: HandClock
) -> None:
    await clock.move_by(HEARTBEAT_S)
    desk.move()
    await clock.move_by(SHARED_S)
    assert reader.versions == [1, 1, 2]


async def test_more_changes_are_sent_when_the_pace_allows(
    reader: Reader, desk: FakeDesk, clock: HandClock
) -> None:
    desk.move()
    await clock.move_by(SHARED_S)
    desk.move()
    await clock.move_by(PACE_S - 0.125 - SHARED_S)
    assert reader.versions == [1, 2]
    await clock.move_by(0.125)
    assert reader.versions == [1, 2, 3]
    desk.move()
    await clock.move_by(PACE_S - 0.125)
    assert reader.versions == [1, 2, 3]
    await clock.move_by(0.125)
    assert reader.versions == [1, 2, 3, 4]


async def test_many_changes_make_one_board(reader: Reader, desk: FakeDesk, clock: HandClock) -> None:
    for _ in range(10):
        desk.move()
    await clock.move_by(PACE_S)
    assert reader.versions == [1, 11]


async def test_without_a_change_the_board_is_the_heartbeat(reader: Reader, clock: HandClock) -> None:
    await clock.move_by(HEARTBEAT_S - 0.5)
    assert reader.versions == [1]
    await clock.move_by(0.5)
    assert reader.versions == [1, 1]


async def test_readers_share_one_board(
    reader: Reader, stream: Stream, desk: FakeDesk, clock: HandClock
) -> None:
    others = [Reader(stream) for _ in range(5)]
    await settle()
    assert desk.boards == 1
    desk.move()
    await clock.move_by(PACE_S)
    assert [one.versions for one in (reader, *others)] == [[1, 2]] * 6
    assert desk.boards == 2
    for one in others:
        await one.leave()


async def test_each_language_has_its_own_words(stream: Stream) -> None:
    reader = Reader(stream, "de")
    await settle()
    assert reader.boards[0]["queues"][0]["notice"]["text"] == "Wir sind busy."
    await reader.leave()


async def test_a_slow_reader_gets_the_newest_board_and_not_the_old_ones(
    stream: Stream, desk: FakeDesk, clock: HandClock
) -> None:
    boards = stream.boards("en")
    assert parsed(await anext(boards))["version"] == 1
    for _ in range(100):
        desk.move()
        await clock.move_by(PACE_S)
    assert parsed(await anext(boards))["version"] == 101
    assert desk.boards == 2
    await boards.aclose()


async def test_it_goes_over_http(client: Client, desk: FakeDesk) -> None:
    response = await client.get("/v1/stream")
    assert response.status == 200
    assert response.content_type == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    assert parsed(await response.content.readuntil(b"\n\n"))["version"] == 1
    desk.move()
    assert parsed(await response.content.readuntil(b"\n\n"))["version"] == 2
    response.close()


async def test_the_end_of_the_service_ends_the_stream(client: Client) -> None:
    response = await client.get("/v1/stream")
    await response.content.readuntil(b"\n\n")
    assert client.server is not None
    async with asyncio.timeout(5):
        await client.server.close()
        rest = await asyncio.gather(response.content.read(), return_exceptions=True)
    assert not rest[0] or isinstance(rest[0], ClientPayloadError)


async def test_head_tells_the_type_and_ends(client: Client) -> None:
    response = await client.head("/v1/stream")
    assert response.status == 200
    assert response.content_type == "text/event-stream"


async def test_a_reader_that_takes_nothing_is_let_go(desk: FakeDesk) -> None:
    desk.views = [queue("q" * 200 + str(number)) for number in range(2000)]
    stream = Stream(desk, HastyClock(NOON), Reads(desk, FakeWording(), "en"), FakeWording(), stuck_s=0.05)
    app = web.Application()
    app.router.add_get("/", stream.stream)
    async with TestClient(TestServer(app)) as client:
        assert client.server is not None
        port = client.server.port
        reading, writing = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writing.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reading.readuntil(b"\r\n")
        async with asyncio.timeout(20):
            while stream.readers:
                desk.move()
                await settle()
        writing.close()


async def test_what_goes_wrong_at_the_desk_is_not_taken_for_a_change(
    stream: Stream, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_version: int) -> int:
        raise RuntimeError("the desk is closed")

    monkeypatch.setattr(desk, "changed", fails)
    boards = stream.boards("en")
    await anext(boards)
    with pytest.raises(RuntimeError, match="the desk is closed"):
        await anext(boards)
