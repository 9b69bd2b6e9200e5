"""A customer is forgotten in the file: what is kept stays as it was, but for whom it is about."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.ports import Snapshot
from tests.clocks import HandClock
from tests.store.facts import events_in, joined, open_journal

ADA, NOBODY = f"p1:{'a' * 64}", "forgotten:1234"


def of_ada(ident: str) -> Event:
    event = joined(ident)
    return replace(event, data=Enqueued(queue="support", channel="phone", customer=ADA))


def decided(path: Path) -> None:
    with sqlite3.connect(path) as database:
        body = f'{{"customer":"{ADA}"}}'.encode()
        database.execute(
            "INSERT INTO audit (key, at, site, decision, incentive, body)"
            " VALUES ('k', 1.0, 's', 'd', 'i', ?)",
            (body,),
        )
        database.execute(
            "INSERT INTO outbox (key, sender, kind, thread, site, state, decided_at, queued_at, due_at, body)"
            " VALUES ('k', 's', 'd', 't', 'default', 'sent', 1.0, 1.0, 1.0, ?)",
            (body,),
        )
    database.close()


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_events_up_to_a_position_and_decisions_lead_to_the_customer_no_more(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = open_journal(path)
    await journal.append([of_ada("1"), joined("2"), of_ada("3")])
    decided(path)
    await journal.anonymise(ADA, NOBODY, upto=2)
    customers = [event.data.customer for event in events_in(journal) if isinstance(event.data, Enqueued)]
    assert customers == [NOBODY, None, ADA]
    await journal.anonymise(ADA, NOBODY, upto=3)
    await journal.close()
    assert ADA.encode() not in everything_in(tmp_path)
    with sqlite3.connect(path) as database:
        for table in ("audit", "outbox"):
            ((body,),) = database.execute(f"SELECT body FROM {table}").fetchall()  # noqa: S608
            assert body == f'{{"customer":"{NOBODY}"}}'.encode()
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            database.execute("UPDATE audit SET body = 'x'")
    database.close()


async def test_a_source_that_tells_all_once_more_does_not_make_the_customer_known_again(
    tmp_path: Path,
) -> None:
    journal = open_journal(tmp_path / "journal.db")
    await journal.append([of_ada("1")])
    await journal.anonymise(ADA, NOBODY, upto=1)
    receipt = await journal.append([of_ada("1")])
    assert (receipt.new, receipt.repeated) == (0, 1)
    correction = replace(of_ada("1"), data=Enqueued(queue="support", channel="phone", priority=1))
    assert (await journal.append([correction])).new == 1
    await journal.close()


async def test_a_restart_finds_neither_the_customer_nor_anything_missing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = open_journal(path, HandClock())
    await journal.append([of_ada(str(number)) for number in range(12_000)])
    for _ in range(2):
        await journal.save_snapshot(Snapshot(12_000, 1.0, 1, b"state"))
    await journal.anonymise(ADA, NOBODY, upto=12_000)
    await journal.close()
    again = open_journal(path)
    events = events_in(again)
    assert len(events) == 12_000
    assert {event.data.customer for event in events if isinstance(event.data, Enqueued)} == {NOBODY}
    await again.close()
