"""The writer thread does what it was given, tells of it in the loop, and survives being killed."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from queuewatch.core.facts.wire import pack
from queuewatch.ports import FaultError, Receipt
from queuewatch.store.database import open_for_writing
from queuewatch.store.reading import latest_snapshot, read_groups
from queuewatch.store.writer import Batch, Call, Chore, Done, Writer
from tests.clocks import HandClock
from tests.store.appender import batch_of, state_at
from tests.store.facts import joined, open_journal

ROOT = Path(__file__).parents[2]


class Loop:
    """The side of the loop: keeps what it is told, and resolves the futures."""

    def __init__(self, path: Path) -> None:
        self.told: list[Done] = []
        self.writer = Writer(path, open_for_writing(path), HandClock(), self._tell)

    def _tell(self, done: Done) -> None:
        self.told.append(done)
        for future, answer in done.answers:
            if isinstance(answer, Exception):
                future.set_exception(answer)
            elif not future.done():
                future.set_result(answer)


def future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


def batch(*idents: int) -> Batch:
    events = [joined(ident) for ident in idents]
    receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
    return Batch(events, [pack(event) for event in events], 0, receipt)


@pytest.fixture
async def loop(tmp_path: Path) -> Loop:
    return Loop(tmp_path / "journal.db")


async def test_what_was_submitted_before_the_stop_is_done_in_order(loop: Loop) -> None:
    order: list[str] = []
    first = Call(lambda _: order.append("first"), future())
    events = batch(1, 2)
    second = Call(lambda _: order.append("second"), future())
    for job in (first, events, second):
        loop.writer.submit(job)
    await loop.writer.stop()
    assert order == ["first", "second"]
    assert events.future.result() == Receipt(2, 0)


async def test_a_call_sees_the_events_of_its_own_transaction(loop: Loop) -> None:
    def count(database: sqlite3.Connection) -> int:
        return int(database.execute("SELECT count(*) FROM events").fetchone()[0])

    counted: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    events = batch(1, 2, 3)
    loop.writer.submit(events)
    loop.writer.submit(Call(count, counted))
    assert await counted == 3
    await loop.writer.stop()


async def test_what_is_submitted_in_one_turn_of_the_loop_is_written_in_one_transaction(loop: Loop) -> None:
    batches = [batch(number) for number in range(50)]
    for one in batches:
        loop.writer.submit(one)
    await asyncio.gather(*(one.future for one in batches))
    await loop.writer.stop()
    assert [len(done.batches) for done in loop.told if done.batches] == [50]


@pytest.mark.parametrize(("count", "early"), [(599, False), (600, True)])
async def test_many_events_are_begun_with_before_the_turn_of_the_loop_is_over(
    loop: Loop, count: int, early: bool
) -> None:
    begun = threading.Event()
    call: Call = Call(lambda _: begun.set(), future())
    events = batch(*range(count))
    loop.writer.submit(call)
    loop.writer.submit(events)
    assert begun.wait(10.0 if early else 0.0) is early
    later = batch(count)
    loop.writer.submit(later)
    assert await events.future == Receipt(count, 0)
    assert await later.future == Receipt(1, 0)
    await loop.writer.stop()


async def test_events_are_written_between_the_steps_of_a_chore(loop: Loop) -> None:
    loop.writer.submit(Chore(lambda _: itertools.repeat(None), future(), must_finish=False))
    for number in range(5):
        events = batch(number)
        loop.writer.submit(events)
        assert await events.future == Receipt(1, 0)
    await loop.writer.stop()


async def test_at_the_stop_a_chore_is_finished_if_it_must_and_cancelled_if_not(loop: Loop) -> None:
    must, may = future(), future()
    loop.writer.submit(Chore(lambda _: itertools.repeat(None), may, must_finish=False))
    loop.writer.submit(Chore(lambda _: itertools.repeat(None, 9), must, must_finish=True))
    await loop.writer.stop()
    assert may.cancelled()
    assert must.done()


async def test_what_must_be_finished_goes_before_what_need_not_in_its_own_order(loop: Loop) -> None:
    order: list[str] = []

    def steps(name: str) -> Iterator[None]:
        order.append(name)
        yield
        order.append(name)

    endless, first, second = future(), future(), future()
    loop.writer.submit(Chore(lambda _: itertools.repeat(None), endless, must_finish=False))
    loop.writer.submit(Chore(lambda _: steps("first"), first, must_finish=True))
    loop.writer.submit(Chore(lambda _: steps("second"), second, must_finish=True))
    await first
    await second
    await loop.writer.stop()
    assert order == ["first", "first", "second", "second"]


async def test_a_step_that_fails_ends_its_chore_and_takes_back_that_step_only(
    loop: Loop, tmp_path: Path
) -> None:
    def steps(database: sqlite3.Connection) -> Iterator[None]:
        database.execute("INSERT INTO counters VALUES ('first step', 1)")
        yield
        database.execute("INSERT INTO counters VALUES ('second step', 1)")
        raise LookupError("no such thing")

    over = future()
    loop.writer.submit(Chore(steps, over, must_finish=True))
    with pytest.raises(FaultError, match="no such thing"):
        await over
    await loop.writer.stop()
    assert [str(done.fault) for done in loop.told if done.fault] == ["no such thing"]
    assert not [done.failure for done in loop.told if done.failure]
    database, lock = open_for_writing(tmp_path / "journal.db")
    names = [name for (name,) in database.execute("SELECT name FROM counters WHERE name LIKE '%step'")]
    database.close()
    lock.release()
    assert names == ["first step"]


async def test_the_thread_the_file_and_the_lock_are_let_go_at_the_stop(loop: Loop, tmp_path: Path) -> None:
    await loop.writer.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "journal-writer"]
    database, lock = open_for_writing(tmp_path / "journal.db")
    database.close()
    lock.release()


async def test_after_a_mistake_what_stood_with_it_is_done_in_its_order(loop: Loop) -> None:
    order: list[str] = []

    def wrong(_: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    calls = [Call(lambda _: order.append("first"), future()), Call(wrong, future())]
    calls += [Call(lambda _: order.append("third"), future()), Call(lambda _: order.append("last"), future())]
    for call in calls:
        loop.writer.submit(call)
    await loop.writer.stop()
    assert [type(call.future.exception()) for call in calls] == [
        type(None),
        FaultError,
        type(None),
        type(None),
    ]
    done = [name for place, name in enumerate(order) if name not in order[place + 1 :]]
    assert done == ["first", "third", "last"]


def killed(path: Path, first: int, after_lines: int) -> list[list[str]]:
    """Let a process append from batch `first` on, kill -9 it once it said so many lines; what it said."""
    command = [sys.executable, "-m", "tests.store.appender", str(path), str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(after_lines)]
        child.kill()
        said += child.stdout.readlines()
    return [line.split() for line in said]


@pytest.mark.slow
def test_kill_9_at_any_moment_loses_nothing_acknowledged_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    acknowledged: list[int] = []
    told: dict[float, int] = {}
    for number in range(25):
        snapshot_position = 0
        for word, value, *rest in killed(path, number * 1_000_000, after_lines=1 + number * 37 % 200):
            if word == "batch":
                acknowledged.append(int(value))
            elif word == "group":
                told[float(value)] = int(rest[0])
            else:
                snapshot_position = int(value)
        snapshot = latest_snapshot(path, 1)
        if snapshot_position:
            assert snapshot is not None
            assert snapshot.position >= snapshot_position
        assert snapshot is None or snapshot.state == state_at(snapshot.position)
    groups = list(read_groups(path))
    sizes = {group.recorded_at: len(group.recorded) for group in groups}
    batches = Counter(int(one.event.id.partition("-")[0]) for group in groups for one in group.recorded)
    assert len(acknowledged) > 100
    assert {number: batches[number] for number in acknowledged} == {
        number: len(batch_of(number)) for number in acknowledged
    }
    assert all(count == len(batch_of(number)) for number, count in batches.items())
    assert told.items() <= sizes.items()
    assert list(sizes) == sorted(sizes)
    asyncio.run(open_journal(path).close())
