"""Tests of what outlives the events: rows of five minutes, outages, forecasts that were made."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from queuewatch.core.state.history import Row, Written
from queuewatch.ports import JournalFailedError
from queuewatch.store.database import StoreError
from queuewatch.store.intervals import IntervalStore, known_queues, read_history
from queuewatch.store.journal import Journal
from tests.clocks import HandClock

DAY_S = 86_400
MORNING = 20_000 * DAY_S


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queuewatch.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[IntervalStore]:
    journal = Journal(path, HandClock(), lambda _: None)
    yield IntervalStore(journal, path)
    await journal.close()


def row(offered: int) -> Row:
    return Row(
        offered=offered,
        repeated=1,
        answered=offered - 1,
        abandoned=1,
        waited_s=12.3,
        handled=offered - 1,
        handling_s=301.2,
        handling_s2=90_000.0,
        there_s=600.0,
        busy_s=301.2,
        blind_s=0.5,
        past={"60": 1},
    )


async def test_rows_come_back_as_they_were_written(store: IntervalStore) -> None:
    rows = [Written("sales", (MORNING + 300 * place, 0), row(place + 2)) for place in range(3)]
    await store.save("default", {"sales": "chat"}, rows)
    found = store.history("default", "sales")
    assert found is not None
    assert [(one.start, one.row) for one in found.intervals] == [(one.key[0], one.row) for one in rows]
    assert found.channel == "chat"
    assert (found.since, found.until) == (MORNING, MORNING + 900)


async def test_a_row_written_again_replaces_what_was_written_of_it(store: IntervalStore) -> None:
    await store.save("default", {}, [Written("sales", (MORNING, 0), row(5))])
    for _ in range(2):
        await store.save("default", {}, [Written("sales", (MORNING, 0), row(7))])
    found = store.history("default", "sales")
    assert found is not None
    assert [one.row.offered for one in found.intervals] == [7]


async def test_parts_of_an_interval_and_days_are_put_together(store: IntervalStore) -> None:
    await store.save("default", {}, [Written("sales", (MORNING, 0), row(5))])
    late = [Written("sales", (MORNING, 9), row(2)), Written("sales", (MORNING + DAY_S, 0), row(3))]
    await store.save("default", {}, late)
    found = store.history("default", "sales")
    assert found is not None
    assert [one.row.offered for one in found.intervals] == [7, 3]


async def test_what_nobody_saw_between_two_lives_is_an_outage(store: IntervalStore) -> None:
    assert await store.begin(MORNING - 100.0) is None
    await store.alive(MORNING + 1000.0)
    await store.save("default", {}, [Written("sales", (MORNING, 0), row(5))])
    assert await store.begin(MORNING + 1050.0) == MORNING + 1000.0
    assert await store.begin(MORNING + 5000.0) == MORNING + 1000.0
    found = store.history("default", "sales")
    assert found is not None
    assert found.outages == [(MORNING + 1000.0, MORNING + 5000.0)]
    assert found.until == MORNING + 1000.0


async def test_forecasts_are_kept_for_some_months(store: IntervalStore) -> None:
    for day in (0, 100, 200):
        await store.keep("default", "sales", float(MORNING + day * DAY_S), b"%d" % day)
    assert store.kept("default", "sales", 0.0) == [b"100", b"200"]
    assert store.kept("default", "support", 0.0) == []
    assert store.kept("default", "sales", MORNING + 150.0 * DAY_S) == [b"200"]


async def test_queues_with_a_past_are_known(store: IntervalStore, path: Path) -> None:
    await store.save("default", {}, [Written("sales", (MORNING, 0), row(5))])
    await store.save("harbour", {}, [Written("mail", (MORNING, 0), row(5))])
    assert known_queues(path) == [("default", "sales"), ("harbour", "mail")]
    assert read_history(path, "default", "mail") is None


def test_without_a_journal_there_is_no_past(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no journal here"):
        read_history(tmp_path / "none.db", "default", "sales")


async def test_a_busy_day_takes_kilobytes(store: IntervalStore, path: Path) -> None:
    import sqlite3  # noqa: PLC0415

    rows = [Written("sales", (MORNING + 300 * place, 0), row(place % 40)) for place in range(288)]
    await store.save("default", {}, rows)
    (size,) = sqlite3.connect(path).execute("SELECT length(body) FROM intervals").fetchone()
    assert size < 4096


async def test_within_the_service_a_file_that_is_gone_is_a_disk_that_fails(
    store: IntervalStore, path: Path
) -> None:
    shutil.move(path, path.with_name("aside"))
    with pytest.raises(JournalFailedError, match="there is no journal here"):
        store.history("default", "sales")
    with pytest.raises(JournalFailedError, match="there is no journal here"):
        store.kept("default", "sales", 0.0)
