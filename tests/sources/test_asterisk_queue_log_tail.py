"""Tests of the queue_log as a live source: what is new, where to go on, and what cannot be read."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from queuewatch.core.facts.events import AgentChanged, Answered, Enqueued, SourceGap
from queuewatch.ports import Incoming, Source
from queuewatch.sources.asterisk_queue_log import read
from queuewatch.sources.asterisk_queue_log_tail import AsteriskQueueLog, QueueLogSettings
from queuewatch.sources.reading import Lines
from queuewatch.sources.tail import Position
from tests.clocks import HandClock
from tests.sources.ami import DATA, READING

NOW = 1_700_000_000.0
JOIN = "1700000000|c1|desk|NONE|ENTERQUEUE||0207|1\n"
TAKE = "1700000009|c1|desk|Ada|CONNECT|9|c1a|3\n"


class Log:
    def __init__(self, folder: Path, now: float = NOW + 10.0) -> None:
        self.path = folder / "queue_log"
        self.clock = HandClock(now)
        self.kept: list[Position] = []

    def source(self, position: Position | None = None) -> AsteriskQueueLog:
        settings = QueueLogSettings(path=str(self.path))
        return AsteriskQueueLog(
            "log", settings, READING, self.clock, position=position, keep=self.kept.append
        )

    def write(self, text: str) -> None:
        with self.path.open("a") as file:
            file.write(text)

    async def next(self, events: AsyncGenerator[Incoming, None]) -> Incoming:
        """The next that comes, time going by meanwhile."""
        task = asyncio.ensure_future(anext(events))
        while not task.done():
            done, _ = await asyncio.wait([task], timeout=0)
            if not done:
                await self.clock.move_by(0.5)
        return await task


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


async def test_it_is_a_source_in_trouble_until_the_log_is_read(log: Log) -> None:
    log.write(JOIN)
    source: Source = log.source()
    assert source.name == "log"
    troubles = [source.trouble]
    async with aclosing(source.events()) as events:
        await log.next(events)
        troubles.append(source.trouble)
    assert troubles == [f"{log.path} has not been read yet", None]


async def test_lines_become_events_as_they_are_written(log: Log) -> None:
    log.write(JOIN)
    async with aclosing(log.source().events()) as events:
        first = await log.next(events)
        log.write(TAKE)
        second = await log.next(events)
    assert [type(event.data) for event in first.events] == [Enqueued]
    assert [type(event.data) for event in second.events] == [Answered]


async def test_half_a_line_is_refused_without_telling_who_called(log: Log) -> None:
    log.write("02071230001|1|Ann Example\n" + JOIN)
    async with aclosing(log.source().events()) as events:
        incoming = await log.next(events)
    (refused,) = incoming.refused
    assert refused.reason == "bad_line"
    assert "Ann" not in refused.detail
    assert "0207" not in refused.detail
    assert [type(event.data) for event in incoming.events] == [Enqueued]


async def test_the_whole_recording_read_live_is_the_recording_read_as_history(log: Log) -> None:
    log.clock = HandClock(1_795_290_100.0)
    text = gzip.decompress((DATA / "queue_log-22.10.1.gz").read_bytes())
    log.path.write_bytes(text)
    async with aclosing(log.source().events()) as events:
        incoming = await log.next(events)
    history = list(read(Lines(("", text.splitlines(keepends=True))), READING))
    assert [*incoming.events] == [one for one in history if hasattr(one, "data")]
    assert [one.reason for one in incoming.refused] == ["unknown_verb"] * 5


async def test_a_position_is_kept_once_what_comes_before_it_is_durable(log: Log) -> None:
    log.write(JOIN + TAKE)
    async with aclosing(log.source().events()) as events:
        incoming = await log.next(events)
        assert log.kept == []
        assert incoming.done is not None
        incoming.done()
    assert [position.offset for position in log.kept] == [len(JOIN)]


async def test_after_a_restart_the_second_in_which_it_stopped_is_told_again_under_the_same_ids(
    log: Log,
) -> None:
    loop = "1700000009|c1|desk|NONE|ENTERQUEUE||0207|1\n1700000009|c1|desk|NONE|EXITEMPTY|1|1|0\n"
    log.write(JOIN + loop)
    async with aclosing(log.source().events()) as events:
        before = await log.next(events)
        assert before.done is not None
        before.done()
    log.write(loop)
    async with aclosing(log.source(log.kept[-1]).events()) as events:
        after = await log.next(events)
    known = {event.id for event in before.events}
    ids = [event.id for event in after.events]
    assert [ident in known for ident in ids] == [True, True, False, False]
    assert len(set(ids)) == 4


async def test_old_lines_are_not_told_but_learned_from(log: Log) -> None:
    day = 86_400
    log.write(f"{NOW - day - 1:.0f}|MANAGER|desk|Ada|ADDMEMBER|\n{NOW:.0f}|NONE|desk|Ada|PAUSE|Tea\n")
    log.clock = HandClock(NOW)
    async with aclosing(log.source().events()) as events:
        incoming = await log.next(events)
    assert [event.data for event in incoming.events] == [AgentChanged(state="not_ready", reason="Tea")]


async def test_a_log_that_cannot_be_read_is_a_gap_and_read_once_it_can(log: Log) -> None:
    source = log.source()
    async with aclosing(source.events()) as events:
        gap = await log.next(events)
        troubles = [source.trouble]
        log.write(JOIN)
        back = await log.next(events)
        troubles.append(source.trouble)
    assert troubles == [f"{log.path}: No such file or directory; let queuewatch read it", None]
    assert [type(event.data) for event in gap.events] == [SourceGap]
    assert [one.reason for one in gap.refused] == ["unreadable"]
    assert [type(event.data) for event in back.events] == [Enqueued]


async def test_an_emptied_log_is_a_gap(log: Log) -> None:
    log.write(JOIN)
    async with aclosing(log.source().events()) as events:
        await log.next(events)
        log.path.write_text(TAKE)
        incoming = await log.next(events)
    assert [type(event.data) for event in incoming.events] == [SourceGap, Answered]


async def test_wrap_up_ends_though_nothing_is_written(log: Log) -> None:
    log.write("1700000009|NONE|desk|Ada|WRAPUPSTART|15\n")
    async with aclosing(log.source().events()) as events:
        await log.next(events)
        incoming = await log.next(events)
    assert [(event.at, event.data) for event in incoming.events] == [
        (1_700_000_024.0, AgentChanged(state="available"))
    ]
