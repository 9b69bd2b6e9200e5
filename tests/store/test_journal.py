"""What is acknowledged is on disk, told of once and in order; what cannot be written is not acknowledged."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import msgspec
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from queuewatch.core.facts.events import Event, supersedes
from queuewatch.core.facts.wire import Read
from queuewatch.ports import FaultError, Group, JournalFailedError, OverloadedError, Receipt, Snapshot
from queuewatch.ports import Journal as JournalPort
from queuewatch.store.database import StoreError
from queuewatch.store.journal import Journal, Limits
from queuewatch.store.retention import Retention
from tests.clocks import NOON, HandClock
from tests.store.facts import events_in, full_disk, held, joined, open_journal, quiet


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def groups() -> list[Group]:
    return []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
async def journal(path: Path, clock: HandClock, groups: list[Group]) -> AsyncIterator[Journal]:
    journal = Journal(path, clock, groups.append)
    yield journal
    await journal.close()


async def test_it_is_the_journal_that_the_service_asks_for(journal: Journal) -> None:
    port: JournalPort = journal
    assert await port.append([]) == Receipt(0, 0)


async def test_a_receipt_says_how_many_events_were_new_and_how_many_known(journal: Journal) -> None:
    assert await journal.append([joined(1), joined(2), joined(1)]) == Receipt(2, 1)
    assert await journal.append([joined(2), joined(3)]) == Receipt(1, 1)
    assert events_in(journal) == [joined(1), joined(2), joined(3)]


async def test_what_is_pending_is_written_as_one_group_and_each_is_told_its_part(
    journal: Journal, groups: list[Group]
) -> None:
    async with held(journal):
        receipts = [journal.append(batch) for batch in ([joined(1)], [joined(1), joined(2)], [], [joined(3)])]
    assert [await receipt for receipt in receipts] == [
        Receipt(1, 0),
        Receipt(1, 1),
        Receipt(0, 0),
        Receipt(1, 0),
    ]
    (group,) = groups
    assert [one.position for one in group.recorded] == [1, 3, 4]
    assert [one.event for one in group.recorded] == [joined(1), joined(2), joined(3)]
    assert group.repeated == 1
    assert list(journal.read()) == [Group(group.recorded_at, group.recorded, 0)]


async def test_the_group_is_told_before_the_receipts(path: Path) -> None:
    known: list[bool] = []
    receipts: list[asyncio.Future[Receipt]] = []
    journal = Journal(path, HandClock(), lambda _: known.extend(receipt.done() for receipt in receipts))
    async with held(journal):
        receipts += [journal.append([joined(1)]), journal.append([joined(2)])]
    await asyncio.gather(*receipts)
    assert known == [False, False]
    await journal.close()


async def test_the_group_is_told_in_the_loop(path: Path) -> None:
    threads: list[threading.Thread] = []
    journal = Journal(path, HandClock(), lambda _: threads.append(threading.current_thread()))
    await journal.append([joined(1)])
    assert threads == [threading.current_thread()]
    await journal.close()


async def test_a_group_with_nothing_but_repetitions_is_told_of(journal: Journal, groups: list[Group]) -> None:
    await journal.append([joined(1)])
    await journal.append([joined(1)])
    assert [(len(group.recorded), group.repeated) for group in groups] == [(1, 0), (0, 1)]
    assert groups[1].recorded_at > groups[0].recorded_at


async def test_a_correction_is_told_of_and_what_it_corrects_is_gone(
    journal: Journal, groups: list[Group]
) -> None:
    await journal.append([joined(1, place=3), joined(2)])
    assert await journal.append([joined(1, place=4)]) == Receipt(1, 0)
    assert [one.event for one in groups[1].recorded] == [joined(1, place=4)]
    assert events_in(journal) == [joined(2), joined(1, place=4)]


async def test_a_later_group_has_a_later_time_also_when_the_clock_stands_or_goes_back(
    journal: Journal, clock: HandClock, groups: list[Group]
) -> None:
    for ident, at in enumerate((NOON, NOON, NOON - 3_600, NOON + 1)):
        clock.at = at
        await journal.append([joined(ident)])
    times = [group.recorded_at for group in groups]
    assert times[0] == NOON
    assert times[1:3] == pytest.approx([NOON + 1e-6, NOON + 2e-6], abs=5e-7)
    assert times == sorted(set(times))
    assert times[3] == NOON + 1


async def test_a_later_group_has_a_later_time_also_after_a_restart(path: Path, clock: HandClock) -> None:
    journal = open_journal(path, clock)
    await journal.append([joined(1)])
    await journal.close()
    clock.at -= 60
    journal = open_journal(path, clock)
    await journal.append([joined(2)])
    first, second = journal.read()
    await journal.close()
    assert first.recorded_at < second.recorded_at
    assert [one.position for one in second.recorded] == [2]


async def test_reading_starts_after_a_position(journal: Journal) -> None:
    for ident in range(3):
        await journal.append([joined(ident)])
    assert events_in(journal, after=2) == [joined(2)]


async def test_beyond_so_many_events_waiting_it_is_overloaded(path: Path) -> None:
    journal = Journal(path, HandClock(), quiet, limits=Limits(events=3))
    async with held(journal):
        receipt = journal.append([joined(1), joined(2)])
        third = journal.append([joined(3)])
        with pytest.raises(OverloadedError) as refused:
            journal.append([joined(4)])
    assert refused.value.retry_after_s > 0
    assert [await receipt, await third] == [Receipt(2, 0), Receipt(1, 0)]
    assert await journal.append([joined(4)]) == Receipt(1, 0)
    await journal.close()


async def test_beyond_so_many_bytes_waiting_it_is_overloaded(path: Path) -> None:
    journal = Journal(path, HandClock(), quiet, limits=Limits(size_bytes=100))
    async with held(journal):
        receipt = journal.append([joined(1)])
        with pytest.raises(OverloadedError):
            journal.append([joined(2)])
    assert await receipt == Receipt(1, 0)
    assert events_in(journal) == [joined(1)]
    await journal.close()


async def test_a_batch_beyond_the_limit_is_taken_when_nothing_waits(path: Path) -> None:
    journal = Journal(path, HandClock(), quiet, limits=Limits(events=2, size_bytes=10))
    assert await journal.append([joined(one) for one in range(5)]) == Receipt(5, 0)
    await journal.close()


async def test_a_batch_larger_than_a_group_is_still_one_group(journal: Journal, groups: list[Group]) -> None:
    await journal.append([joined(one) for one in range(6_000)])
    assert [len(group.recorded) for group in groups] == [6_000]


async def test_more_than_one_group_holds_is_written_as_several(journal: Journal, groups: list[Group]) -> None:
    async with held(journal):
        receipts = [journal.append([joined(f"{batch}-{one}") for one in range(100)]) for batch in range(120)]
    await asyncio.gather(*receipts)
    assert len(groups) > 1
    assert sum(len(group.recorded) for group in groups) == 12_000
    assert list(journal.read()) == groups


async def test_an_event_that_would_not_come_back_as_it_is_is_refused(journal: Journal) -> None:
    with structlog.testing.capture_logs():
        with pytest.raises(FaultError, match=r"event '1' of 'pbx' would not be read back .*at"):
            journal.append([joined(1, at=float("nan"))])
        with pytest.raises(FaultError, match="event '2' of 'pbx' would not be read back"):
            journal.append([msgspec.structs.replace(joined(2), version_at=float("inf"))])
    assert journal.pending == 0
    assert await journal.append([joined(1)]) == Receipt(1, 0)


async def test_what_was_read_from_the_wire_and_what_was_put_together_is_written_alike(
    journal: Journal,
) -> None:
    assert await journal.append(Read([joined(1), joined(2)])) == Receipt(2, 0)
    assert await journal.append([joined(2), joined(3)]) == Receipt(1, 1)
    assert events_in(journal) == [joined(1), joined(2), joined(3)]


async def test_what_a_caller_who_gave_up_handed_in_is_written_all_the_same(journal: Journal) -> None:
    async with held(journal):
        given_up = journal.append([joined(1)])
        waited_for = journal.append([joined(2)])
        given_up.cancel()
    assert await waited_for == Receipt(1, 0)
    assert events_in(journal) == [joined(1), joined(2)]


def test_a_loop_that_ended_early_loses_nothing(path: Path) -> None:
    async def leave() -> Journal:
        journal = open_journal(path)
        journal.append([joined(1)])
        return journal

    journal = asyncio.run(leave())
    asyncio.run(journal.close())
    assert events_in(journal) == [joined(1)]


async def test_when_the_group_cannot_be_applied_those_who_wait_hear_of_it(path: Path) -> None:
    def cannot(_: Group) -> None:
        raise ArithmeticError("a bug in the core")

    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    journal = Journal(path, HandClock(), cannot)
    with pytest.raises(ArithmeticError):
        await journal.append([joined(1)])
    await journal.close()
    assert [type(complaint["exception"]) for complaint in complaints] == [ArithmeticError]


async def test_nothing_is_acknowledged_that_a_full_disk_did_not_take(
    journal: Journal, groups: list[Group], path: Path
) -> None:
    await journal.append([joined("before")])
    with full_disk(10_000, path):
        with pytest.raises(JournalFailedError, match=r"journal\.db: the disk .*; ") as failed:
            await journal.append([joined(one) for one in range(1_000)])
        failure = journal.failure
        assert failure == str(failed.value)
    assert events_in(journal) == [joined("before")]
    assert len(groups) == 1
    assert await journal.append([joined("after")]) == Receipt(1, 0)
    assert journal.failure is None
    assert events_in(journal) == [joined("before"), joined("after")]
    assert [one.position for group in journal.read() for one in group.recorded] == [1, 2]


async def test_the_log_says_once_that_nothing_is_written_and_once_that_it_is_again(
    journal: Journal, path: Path
) -> None:
    await journal.append([joined("before")])
    with structlog.testing.capture_logs() as logs:
        with full_disk(0, path):
            for one in range(3):
                with pytest.raises(JournalFailedError):
                    await journal.append([joined(one)])
        await journal.append([joined("after")])
        assert journal.failure is None
        await journal.close()
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("error", "not written"),
        ("info", "written again"),
    ]
    assert "the disk" in logs[0]["why"]
    assert (logs[1]["refused_requests"], logs[1]["refused_events"]) == (3, 3)
    assert logs[1]["lasted_s"] >= 0.0


async def test_whoever_keeps_what_is_not_written_is_not_among_those_refused(
    journal: Journal, path: Path
) -> None:
    with structlog.testing.capture_logs() as logs:
        with full_disk(0, path):
            for held in (True, True, False):
                with pytest.raises(JournalFailedError):
                    await journal.append([joined(1), joined(2)], held=held)
        await journal.append([joined(1), joined(2)], held=True)
        await journal.close()
    assert (logs[1]["refused_requests"], logs[1]["refused_events"]) == (1, 2)


async def test_a_journal_that_is_closed_while_the_disk_is_full_says_what_that_has_cost(path: Path) -> None:
    journal = open_journal(path)
    with full_disk(0, path):
        with pytest.raises(JournalFailedError):
            await journal.append([joined(1)])
        with structlog.testing.capture_logs() as logs:
            await journal.close()
            await journal.close()
    (line,) = logs
    assert (line["log_level"], line["event"]) == ("warning", "closed while nothing is written")
    assert (line["refused_requests"], line["refused_events"]) == (1, 1)


@pytest.mark.parametrize("which", ["journal.db", "journal.db-wal"])
async def test_nothing_is_acknowledged_into_a_file_that_is_no_longer_in_its_place(
    journal: Journal, path: Path, which: str
) -> None:
    await journal.append([joined("before")])
    file, aside = path.with_name(which), path.with_name("aside")
    file.rename(aside)
    with structlog.testing.capture_logs():
        with pytest.raises(JournalFailedError, match=r"moved or deleted while in use .*; put it back"):
            await journal.append([joined("gone")])
        shutil.copy(aside, file)
        with pytest.raises(JournalFailedError, match="another file is in the place of"):
            await journal.append([joined("elsewhere")])
        aside.rename(file)
        assert await journal.append([joined("after")]) == Receipt(1, 0)
    assert journal.failure is None
    assert events_in(journal) == [joined("before"), joined("after")]


UNWRITABLE = "\udcff"  # half of a character, as a file name or a line may have one that is not UTF-8


async def test_an_event_that_cannot_be_put_into_bytes_is_a_mistake_and_no_failing_disk(
    journal: Journal,
) -> None:
    with structlog.testing.capture_logs() as logs, pytest.raises(FaultError, match="UnicodeEncodeError"):
        journal.append([joined(1), joined(UNWRITABLE)])
    assert [(line["event"], line["doing"]) for line in logs] == [
        ("a mistake of queuewatch's", "events: 2, of pbx: Enqueued")
    ]
    assert journal.failure is None
    assert journal.pending == 0
    assert await journal.append([joined(1)]) == Receipt(1, 0)


async def test_a_mistake_in_one_of_many_is_told_to_that_one_alone_and_the_others_are_written(
    journal: Journal, groups: list[Group]
) -> None:
    await journal.append([joined("before")])

    def wrong(database: Connection) -> None:
        database.execute("UPDATE counters SET value = 2 WHERE name = 'probes'")
        database.execute("SELECT ?", [2**63])

    def right(database: Connection) -> int:
        return int(database.execute("SELECT value FROM counters WHERE name = 'probes'").fetchone()[0])

    with structlog.testing.capture_logs() as logs:
        async with held(journal):
            receipts = [journal.append([joined(one), joined(f"{one}b")]) for one in range(5)]
            failing = journal.transact(wrong)
            answer = journal.transact(right)
        with pytest.raises(FaultError, match=r"queuewatch made a mistake .*OverflowError"):
            await failing
        assert [await receipt for receipt in receipts] == [Receipt(2, 0)] * 5
    assert await answer == 0, "what the mistake had written is taken back"
    assert journal.failure is None, "the disk has nothing to do with it"
    assert [line["event"] for line in logs] == ["a mistake of queuewatch's"]
    assert list(journal.read()) == groups, "what was told is what a restart reads"
    assert len(events_in(journal)) == 11
    assert journal.commits().events == 11
    times = [group.recorded_at for group in groups]
    assert times == sorted(set(times))


async def test_a_batch_with_a_mistake_in_it_fails_alone_and_is_neither_pending_nor_timed(
    journal: Journal,
) -> None:
    def damage(database: Connection) -> None:
        database.execute("UPDATE events SET body = x'00' WHERE id = '1'")

    await journal.append([joined(1)])
    await journal.transact(damage)
    async with held(journal):  # a correction of what cannot be read has no answer
        batches = [[joined(2)], [joined(3), joined(1, place=4)], [joined(4)]]
        receipts = [journal.append(batch) for batch in batches]
    with structlog.testing.capture_logs(), pytest.raises(FaultError, match="DecodeError"):
        await receipts[1]
    assert [await receipts[0], await receipts[2]] == [Receipt(1, 0)] * 2
    assert journal.pending == 0
    assert sum(journal.commits().counts) == 3
    assert journal.commits().events == 3


async def test_what_writes_nothing_does_not_make_the_journal_healthy_and_a_probe_does(
    journal: Journal, path: Path
) -> None:
    await journal.append([joined("before")])
    with full_disk(0, path):
        with pytest.raises(JournalFailedError):
            await journal.append([joined(1)])
        assert await journal.append([joined("before")]) == Receipt(0, 1)
        assert journal.failure is not None
        assert await journal.probe() == journal.failure
    assert await journal.probe() is None
    assert journal.failure is None


async def test_how_slow_the_disk_is_is_how_long_the_last_write_took_or_the_one_under_way_takes(
    journal: Journal,
) -> None:
    assert journal.slow_s == 0.0
    await journal.append([joined(1)])
    took_s = journal.slow_s
    assert took_s > 0.0
    assert journal.slow_s == took_s, "with nothing under way it stays as it was"

    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        go_on.wait()

    held = journal.transact(hold)
    await asyncio.to_thread(begun.wait)
    waiting = journal.append([joined(2)])
    slow_s = journal.slow_s
    while journal.slow_s <= max(took_s, slow_s):
        await asyncio.to_thread(lambda: None)
    go_on.set()
    await asyncio.gather(held, waiting)


async def test_the_room_left_is_that_of_the_disk_it_lies_on(journal: Journal, path: Path) -> None:
    assert 0 < journal.free_bytes() <= shutil.disk_usage(path.parent).total


async def test_a_snapshot_outlives_a_restart(path: Path) -> None:
    snapshot = Snapshot(2, NOON, 1, bytes(2_000_000))
    journal = open_journal(path)
    await journal.append([joined(1), joined(2)])
    assert journal.latest_snapshot(1) is None
    await journal.save_snapshot(snapshot)
    await journal.close()
    journal = open_journal(path)
    assert journal.latest_snapshot(1) == snapshot
    assert events_in(journal, after=snapshot.position) == []
    await journal.close()


async def test_events_are_written_between_the_pieces_of_a_snapshot(journal: Journal) -> None:
    async with held(journal):
        saved = journal.save_snapshot(Snapshot(0, NOON, 1, bytes(20_000_000)))
    await journal.append([joined(1)])
    assert not saved.done()
    await saved
    assert journal.latest_snapshot(1) is not None


async def test_a_snapshot_that_the_disk_does_not_take_fails_and_the_one_before_stays(
    journal: Journal, path: Path
) -> None:
    first = Snapshot(0, NOON, 1, b"first")
    await journal.save_snapshot(first)
    with full_disk(600_000, path), pytest.raises(JournalFailedError):
        await journal.save_snapshot(Snapshot(0, NOON + 1, 1, bytes(2_000_000)))
    assert journal.latest_snapshot(1) == first


async def test_retention_follows_the_second_snapshot(path: Path, clock: HandClock) -> None:
    journal = Journal(path, clock, quiet, retention=Retention(age_s=3_600))
    for ident in range(3):
        await journal.append([joined(ident)])
    clock.at += 7_200
    await journal.append([joined(3)])
    await journal.save_snapshot(Snapshot(2, NOON, 1, b"one"))
    await journal.save_snapshot(Snapshot(4, NOON, 1, b"two"))
    for _ in range(20):  # between any two commits there is one step
        await journal.append([])
    assert events_in(journal) == [joined(2), joined(3)]
    await journal.close()


async def test_each_commit_is_timed_once(journal: Journal) -> None:
    async with held(journal):
        receipts = [journal.append([joined(one)]) for one in range(3)]
    await asyncio.gather(*receipts)
    await journal.append([joined(3)])
    assert sum(journal.commits().counts) == 2
    assert journal.commits().sum_s > 0


async def test_closing_writes_what_is_pending_and_leaves_no_thread(path: Path) -> None:
    snapshot = Snapshot(0, NOON, 1, bytes(2_000_000))
    journal = open_journal(path)
    async with held(journal):
        receipts = [journal.append([joined(one)]) for one in range(3)]
        saved = journal.save_snapshot(snapshot)
        closing = asyncio.create_task(journal.close())
        await asyncio.wait([closing], timeout=0)
    await closing
    assert [receipt.result() for receipt in receipts] == [Receipt(1, 0)] * 3
    assert saved.done()
    assert not [thread for thread in threading.enumerate() if thread.name == "journal-writer"]
    assert events_in(journal) == [joined(0), joined(1), joined(2)]
    assert journal.latest_snapshot(1) == snapshot


async def test_a_closed_journal_can_be_closed_again_and_takes_nothing_more(path: Path) -> None:
    journal = open_journal(path)
    await asyncio.gather(journal.close(), journal.close())
    await journal.close()
    with pytest.raises(JournalFailedError, match=r"journal\.db: the journal is closed"):
        journal.append([joined(1)])
    with pytest.raises(JournalFailedError):
        journal.save_snapshot(Snapshot(0, NOON, 1, b""))
    open_again = open_journal(path)
    await open_again.close()


async def test_a_second_journal_on_the_same_file_is_refused(journal: Journal, path: Path) -> None:
    await journal.append([joined(1)])
    with pytest.raises(StoreError, match="another queuewatch"):
        open_journal(path)


def test_a_file_damaged_where_it_ends_is_refused_and_let_go(path: Path) -> None:
    async def fill() -> None:
        journal = open_journal(path)
        await journal.append([joined(one) for one in range(3_000)])
        await journal.close()

    asyncio.run(fill())
    whole = path.read_bytes()
    path.write_bytes(whole[:4_096] + bytes(len(whole) - 4_096))
    for _ in range(2):
        with pytest.raises(StoreError, match=r"journal\.db: the file is damaged"):
            open_journal(path)


made_up = st.lists(
    st.builds(
        joined,
        st.integers(1, 4),
        place=st.integers(1, 3),
        version_at=st.sampled_from([None, NOON, NOON + 1]),
    ),
    max_size=4,
)


@settings(max_examples=15, deadline=None)
@given(rounds=st.lists(st.lists(made_up, max_size=3), max_size=4))
def test_whatever_comes_what_is_read_back_is_what_was_acknowledged(rounds: list[list[list[Event]]]) -> None:
    model: dict[str, Event] = {}
    expected = [_take(model, batch) for batches in rounds for batch in batches]
    with tempfile.TemporaryDirectory() as folder:
        receipts, told = asyncio.run(_journal_of(Path(folder) / "journal.db", rounds))
        journal_read = asyncio.run(_read_again(Path(folder) / "journal.db"))
    assert receipts == expected
    assert [one.event for group in journal_read for one in group.recorded] == list(model.values())
    applied: dict[str, Event] = {}
    for one in (one for group in told for one in group.recorded):
        applied.pop(one.event.id, None)
        applied[one.event.id] = one.event
    assert applied == model


def _take(model: dict[str, Event], batch: Sequence[Event]) -> Receipt:
    """What a plain dict makes of a batch."""
    new = 0
    for event in batch:
        if event.id not in model or supersedes(event, model[event.id]):
            model.pop(event.id, None)
            model[event.id] = event
            new += 1
    return Receipt(new, len(batch) - new)


async def _journal_of(path: Path, rounds: list[list[list[Event]]]) -> tuple[list[Receipt], list[Group]]:
    """Append each round's batches at once, the rounds one after the other."""
    told: list[Group] = []
    journal = Journal(path, HandClock(), told.append)
    receipts: list[Receipt] = []
    for batches in rounds:
        receipts += await asyncio.gather(*(journal.append(batch) for batch in batches))
    await journal.close()
    return receipts, told


async def _read_again(path: Path) -> list[Group]:
    journal = open_journal(path)
    groups = list(journal.read())
    await journal.close()
    return groups
