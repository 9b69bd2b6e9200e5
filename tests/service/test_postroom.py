"""The post room writes decisions down in order, before any snapshot, and has them carried."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from queuewatch.outgoing import Manner, OutboxView
from queuewatch.ports import JournalFailedError
from queuewatch.service.postroom import KEPT_S, PRUNE_EVERY_S, WRITE_RETRY_S, PostRoom
from tests.clocks import HandClock, settle
from tests.decided import NOON, alert, notice, refusal
from tests.service.fakes import Desktop, FakeSender, at_work

ALERTS = Manner(kinds=frozenset(("alert",)))
NOTICE = notice()


class Office:
    """A post room with one sender of alerts and one of notices."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.desk = Desktop()
        self.sender = FakeSender(manner=ALERTS)
        self.room = PostRoom(self.clock, [self.sender, FakeSender("boards")], Counter(), chance=lambda: 1.0)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PostRoom]:
        self.room.open(self.desk.outbox, [])
        async with at_work(self.room.run(), *map(self.room.carry, self.room.couriers)):
            yield self.room


async def test_a_decision_is_written_down_and_carried() -> None:
    office = Office()
    async with office.open() as room:
        room.put([alert(), NOTICE])
        assert not room.is_written
        await settle()
        assert office.room.is_written
        assert room.views() == {"fake": OutboxView()}
    assert [one.decision for one in office.sender.sent] == [alert()]


async def test_a_notice_alone_needs_no_writing() -> None:
    office = Office()
    office.room.put([NOTICE])
    assert office.room.is_written


async def test_only_those_who_send_through_the_outbox_have_a_courier() -> None:
    assert [one.name for one in Office().room.couriers] == ["fake"]


async def test_a_disk_that_fails_loses_nothing_and_changes_no_order() -> None:
    office = Office()
    async with office.open() as room:
        office.desk.broken = 2
        room.put([alert()])
        with capture_logs() as logs:
            await settle()
            room.put([alert("resolved", at=NOON + 1)])
            await office.clock.move(NOON + WRITE_RETRY_S)
            assert not room.is_written
            await office.clock.move(NOON + 2 * WRITE_RETRY_S)
        assert office.room.is_written
        assert [line["event"] for line in logs] == ["decisions not written"]
    assert [one.decision for one in office.sender.sent] == [alert(), alert("resolved", at=NOON + 1)]


async def test_what_a_restart_decides_anew_is_written_where_it_is_missing() -> None:
    office = Office()
    office.room.open(office.desk.outbox, [alert()])
    await office.room.flush()
    again = PostRoom(office.clock, [office.sender], Counter())
    again.open(office.desk.outbox, [alert(), alert("escalated", at=NOON + 1)])
    await again.flush()
    assert len(await office.desk.outbox.waiting("fake")) == 2


async def test_more_than_is_written_at_once_is_written_all_the_same() -> None:
    office = Office()
    office.room.open(office.desk.outbox, [alert(queue=f"q{number}") for number in range(1_001)])
    await office.room.flush()
    assert (await office.desk.outbox.view("fake")).pending == 1_001


async def test_flushing_says_so_when_the_disk_does_not_take_it() -> None:
    office = Office()
    office.desk.broken = 1
    office.room.open(office.desk.outbox, [refusal()])
    with pytest.raises(JournalFailedError):
        await office.room.flush()
    assert not office.room.is_written


async def test_what_was_sent_long_ago_is_deleted_once_a_day() -> None:
    office = Office()
    async with office.open() as room:
        room.put([alert()])
        await settle()
        office.clock.at += KEPT_S + PRUNE_EVERY_S
        room.put([alert("resolved", at=office.clock.at)])
        await settle()
    assert [row.decided_at for row in await office.desk.outbox.listed()] == [office.clock.at]


async def test_a_courier_looks_again_when_somebody_says_so() -> None:
    office = Office()
    async with office.open() as room:
        await office.desk.outbox.write([alert()], {"fake": ALERTS.kinds})
        room.wake()
        await settle()
    assert len(office.sender.sent) == 1
