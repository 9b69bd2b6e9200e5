"""The loop: the journal alone determines state, decisions and keys; nobody is told before it is durable."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC

import pytest
from msgspec import structs
from structlog.testing import capture_logs

from queuewatch.core.decisions import Decision
from queuewatch.core.facts.events import Abandoned, Answered, Enqueued, Event
from queuewatch.core.freeze import SCHEMA
from queuewatch.core.hours import Hours
from queuewatch.core.rules import QueueRules, Rules
from queuewatch.core.schedule import Planned
from queuewatch.core.view import BoardView, NoticeLevel
from queuewatch.ports import Desk, FaultError, Incoming, JournalFailedError, Refused, Snapshot
from queuewatch.service.dispatch import Dispatch
from queuewatch.service.loop import JOURNAL_RETRY_S, PROBE_S, Service, SnapshotEvery
from tests.clocks import NOON, settle
from tests.service.fakes import Desktop, FakeJournal, FakeLedger, FakeSource, event, joined, ordered
from tests.service.house import House

BUSY = "notice/default/sales/busy/2026-11-21T12:00:00.000000Z"
LEVELS: tuple[NoticeLevel, ...] = ("busy", "very_busy", "normal")
RULES = Rules()


async def test_the_service_is_what_desks_are() -> None:
    async with House().run() as service:
        assert isinstance(service, Desk)


async def test_nobody_is_answered_and_nothing_is_seen_before_it_is_durable() -> None:
    house = House()
    async with house.run() as service:
        taking = asyncio.create_task(service.take("pbx", [joined("c1")]))
        await settle()
        assert not taking.done()
        assert service.queue("sales") is None
        house.journal.commit(NOON)
        assert (await taking).new == 1
        view = service.queue("sales")
        assert view is not None
        assert view.waiting == 1


async def test_a_request_with_nothing_but_refusals_asks_nothing_of_the_journal() -> None:
    house = House()
    async with house.run() as service:
        receipt = await service.take("http", [], [Refused("not_json"), Refused("not_json")])
        assert (receipt.new, receipt.repeated) == (0, 0)
        assert house.journal.pending == 0
        (source,) = service.board().sources
        assert (source.source, source.refused) == ("http", {"not_json": 2})


async def test_a_decision_goes_out_once_with_the_time_of_its_commit_in_its_key() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, ordered("busy"))
        await house.clock.move(NOON + 20)
        assert house.sender.notices == [BUSY]
        assert service.notices()["default", "sales", "busy"] == 1
        assert service.deliveries()["fake", "sent"] >= 1


async def test_the_core_is_woken_when_it_asked_to_be_and_not_before() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, ordered("busy", until_at=NOON + 42.5))
        await house.clock.move(NOON + 42.4)
        assert level(service) == "busy"
        await house.clock.move(NOON + 42.5)
        assert level(service) == "normal"
        over = "notice/default/sales/normal/2026-11-21T12:00:42.500000Z"
        assert house.sender.notices == [BUSY, over]


async def test_wakes_that_fall_before_a_commit_come_before_it_and_those_after_it_after() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, ordered("busy", until_at=NOON + 1))
        taking = asyncio.create_task(service.take("desk", [ordered("very_busy", at=NOON + 2)]))
        # The journal is slow: the commit bears a time after the wake, and is told of later still.
        await house.clock.move(NOON + 2.5)
        assert level(service) == "busy"  # while something is pending, the wake waits for it
        house.journal.commit(NOON + 2)
        await taking
        await settle()
        assert [key.split("/")[3:] for key in await keys(house)] == [
            ["busy", "2026-11-21T12:00:00.000000Z"],
            ["normal", "2026-11-21T12:00:01.000000Z"],
            ["very_busy", "2026-11-21T12:00:02.000000Z"],
        ]


async def keys(house: House) -> list[str]:
    """Every notice that was decided, as a service that is told of the journal alone decides."""
    told: list[str] = []

    class Listening(Dispatch):
        def hand_over(self, decisions: Iterable[Decision], looked_at: Iterable[tuple[str, str]]) -> None:
            told.extend(one.key for one in decisions)
            super().hand_over((), looked_at)

    service = Service(house.clock, RULES, Listening(house.clock, []))
    await service.start(FakeJournal(), FakeLedger(), Desktop().outbox)
    for group in house.journal.groups:
        service.heed(group)
    return told


async def test_the_same_journal_gives_the_same_decisions_with_the_same_keys() -> None:
    house = House()
    async with house.run() as service:
        for minute in range(6):
            await house.clock.move(NOON + 60 * minute)
            now = house.clock.now()
            await house.tell(service, ordered(LEVELS[minute % 3], at=now, until_at=now + 37.5))
        live = house.sender.notices
    assert len(live) == len(set(live))
    again = await keys(house)
    assert again == await keys(house)
    assert live == again


async def test_the_journals_overload_is_told_to_those_who_ask_and_waited_out_for_a_source() -> None:
    acknowledged: list[str] = []
    source = FakeSource(Incoming((joined("c1"),), done=lambda: acknowledged.append("c1")))
    house = House(source)
    house.journal.full = [5.0, 2.0]
    async with house.run() as service:
        assert house.journal.pending == 0
        await house.clock.move(NOON + 6.999)
        assert house.journal.pending == 0
        await house.clock.move(NOON + 7)
        assert house.journal.pending == 1
        assert source.asked == 1  # nothing more is asked of it meanwhile: that is the back-pressure
        house.journal.commit(house.clock.now())
        await settle()
        assert acknowledged == ["c1"]
        assert source.asked == 2
        assert service.queue("sales") is not None


def refusals_of(service: Service) -> dict[str, list[tuple[str, int]]]:
    """Source → what was refused of it, and how often."""
    return {
        one.source: [(refusal.reason, refusal.count) for refusal in one.refusals]
        for one in service.board().sources
        if one.refusals
    }


async def test_what_a_full_disk_refuses_is_counted_for_who_has_to_come_again_and_not_for_who_waits() -> None:
    source = FakeSource(Incoming((joined("c1"),)))
    house = House(source)
    async with house.run() as service:
        told = asyncio.create_task(service.take("http", (joined("c2"), joined("c3"))))
        await settle()
        assert house.journal.held == [True, False]
        with capture_logs() as logs:
            house.journal.fail("the disk is full")
            with pytest.raises(JournalFailedError):
                await told
        assert logs == [], "the journal says it, once"
        await house.clock.move_by(60)
        assert refusals_of(service) == {"http": [("not_written", 2)]}


async def test_an_event_we_make_a_mistake_with_is_refused_by_itself_and_its_source_goes_on() -> None:
    acknowledged: list[str] = []
    first = Incoming(
        tuple(joined(name) for name in ("c1", "c2", "bad", "c3", "c4")),
        done=lambda: acknowledged.append("first"),
        refused=(Refused("bad_field", "no queue"),),
    )
    source = FakeSource(first, Incoming((joined("c5"),), done=lambda: acknowledged.append("second")))
    house = House(source)
    house.journal.faulty = {"bad-joined"}
    async with house.run() as service:
        for _ in range(6):
            house.journal.commit(house.clock.now())
            await settle()
        assert acknowledged == ["first", "second"]
        waiting = service.contacts("sales")
        assert waiting is not None
        assert [one.contact for one in waiting] == ["c1", "c2", "c3", "c4", "c5"]
        assert sorted(refusals_of(service)["pbx"]) == [("bad_field", 1), ("fault", 1)]
        (pbx,) = (one for one in service.board().sources if one.source == "pbx")
        assert "event 'bad-joined'" in next(one.detail for one in pbx.refusals if one.reason == "fault")


async def test_who_sends_what_we_make_a_mistake_with_is_told_and_it_is_counted() -> None:
    house = House()
    house.journal.faulty = {"bad-joined"}
    async with house.run() as service:
        with pytest.raises(FaultError):
            await service.take("http", (joined("bad"), joined("c1")))
        assert refusals_of(service) == {"http": [("fault", 2)]}


async def test_what_was_refused_is_counted_once_however_often_the_journal_has_to_be_asked() -> None:
    source = FakeSource(Incoming((joined("c1"),), refused=(Refused("bad_field", "no queue"),)))
    house = House(source)
    house.journal.full = [5.0, 2.0]
    async with house.run() as service:
        await house.clock.move(NOON + 7)
        house.journal.commit(house.clock.now())
        await settle()
        views = {one.source: one for one in service.board().sources}
        refusals = [one for view in views.values() for one in view.refusals]
        assert [(one.reason, one.count, one.detail) for one in refusals] == [("bad_field", 1, "no queue")]


async def test_what_the_disk_does_not_take_is_tried_again_for_a_source_and_told_to_those_who_ask() -> None:
    source = FakeSource(Incoming((joined("c1"),)))
    house = House(source)
    async with house.run() as service:
        asked = asyncio.create_task(service.take("http", [joined("c2")]))
        await settle()
        house.journal.fail("the disk is full")
        with pytest.raises(JournalFailedError, match="the disk is full"):
            await asked
        await house.clock.move(NOON + JOURNAL_RETRY_S)
        assert house.journal.pending == 1
        house.journal.commit(house.clock.now())
        await settle()
        assert [one.contact for one in service.contacts("sales") or ()] == ["c1"]
        assert source.asked == 2


async def test_the_core_is_woken_though_the_disk_takes_nothing_any_more() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, ordered("busy", until_at=NOON + 1))
        asked = asyncio.create_task(service.take("http", [joined("c2")]))
        await house.clock.move(NOON + 2)
        assert level(service) == "busy"
        house.journal.fail("the disk is full")
        await settle()
        assert level(service) == "normal"
        assert isinstance(asked.exception(), JournalFailedError)


async def test_a_source_is_told_that_its_events_are_durable_only_when_they_are() -> None:
    acknowledged: list[str] = []
    pieces = (
        Incoming((joined("c1"),), done=lambda: acknowledged.append("c1")),
        Incoming((), refused=(Refused("not_json"),), done=lambda: acknowledged.append("nothing")),
        Incoming((joined("c2"),)),
    )
    house = House(FakeSource(*pieces))
    async with house.run() as service:
        assert acknowledged == []
        house.journal.commit(NOON)
        await settle()
        assert acknowledged == ["c1", "nothing"]
        house.journal.commit(NOON + 1)
        await settle()
        view = service.queue("sales")
        assert view is not None
        assert view.waiting == 2
        assert {one.source: one.refused for one in service.board().sources}["pbx"] == {"not_json": 1}


async def test_a_source_is_closed_when_the_service_ends() -> None:
    source = FakeSource()
    async with House(source).run():
        assert not source.ended
    assert source.ended


async def test_after_a_crash_the_state_is_as_it_was_and_nothing_is_sent_again() -> None:
    house = House()
    async with house.run(stops=False) as service:
        await house.tell(service, joined("c1"), joined("c2"), ordered("busy"))
        await house.tell(service, answered("c1"))
        before = service.board()
    assert house.journal.snapshots == []
    async with house.run() as service:
        assert without_version(service.board()) == without_version(before)
        await house.clock.move(NOON + 2)
    assert house.sender.notices == [BUSY]


async def test_what_was_decided_but_not_sent_before_a_crash_goes_out_after_it() -> None:
    house = House()
    house.sender.open.clear()
    async with house.run(stops=False) as service:
        await house.tell(service, ordered("busy"))
        await settle()
        assert house.ledger.kept == {(BUSY, "fake"): "claimed"}
    house.sender.open.set()
    async with house.run():
        pass
    assert house.sender.notices == [BUSY]
    assert house.ledger.kept == {(BUSY, "fake"): "sent"}


async def test_stopping_writes_a_snapshot_from_which_the_next_start_goes_on() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"), ordered("busy"))
        before = service.board()
    (snapshot,) = house.journal.snapshots
    assert snapshot.position == 2
    assert snapshot.schema == SCHEMA
    house.journal.groups = []  # what the snapshot holds is not read again: it may be gone by then
    async with house.run() as service:
        assert without_version(service.board()) == without_version(before)
    assert len(house.journal.snapshots) == 1  # nothing new, nothing to save


async def test_a_disk_that_takes_no_snapshot_does_not_keep_the_service_from_stopping() -> None:
    house = House()
    house.journal.snapshots_fail = True
    async with house.run() as service:
        await house.tell(service, joined("c1"))
    assert len(house.journal.snapshots) == 1


async def test_events_after_the_snapshot_are_taken_in_on_top_of_it() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"))
    async with house.run(stops=False) as service:
        await house.tell(service, joined("c2"))
    async with house.run() as service:
        view = service.queue("sales")
        assert view is not None
        assert (view.waiting, view.counts.offered) == (2, 2)


async def test_a_calendar_that_the_config_has_new_holds_after_a_restart_though_nothing_happens() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"), answered("c1"))
        assert level(service) == "normal"
    all_day = Hours(zone=UTC, week=(((0.0, 86_400.0),),) * 7)
    house.rules = Rules(every=QueueRules(schedule=(Planned(level="busy", hours=all_day),)))
    async with house.run() as service:
        assert level(service) == "busy"
        assert house.sender.notices == [BUSY]
    async with house.run() as service:
        assert house.sender.notices == [BUSY]
    house.rules = RULES
    async with house.run() as service:
        assert level(service) == "normal"


async def test_a_damaged_snapshot_is_passed_over_and_the_journal_read_from_its_beginning() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"), joined("c2"))
    house.journal.snapshots = [Snapshot(2, NOON, SCHEMA, b"\x00 this is no state")]
    async with house.run() as service:
        view = service.queue("sales")
        assert view is not None
        assert (view.waiting, view.counts.offered) == (2, 2)


async def test_a_snapshot_is_written_after_so_many_events() -> None:
    house = House(snapshot_every=SnapshotEvery(events=3, seconds=1e9))
    async with house.run(stops=False) as service:
        await house.clock.move(NOON + 10)
        await house.tell(service, joined("c1"), joined("c2"))
        assert house.journal.snapshots == []
        await house.tell(service, joined("c3"))
        assert [one.position for one in house.journal.snapshots] == [3]
        await house.tell(service, joined("c4"))
        assert len(house.journal.snapshots) == 1


async def test_in_a_flood_snapshots_keep_their_distance() -> None:
    house = House(snapshot_every=SnapshotEvery(events=2, seconds=1e9, least_s=10))
    async with house.run(stops=False) as service:
        await house.clock.move(NOON + 9.75)
        await house.tell(service, joined("c1"), joined("c2"))
        assert house.journal.snapshots == []
        await house.clock.move(NOON + 10)
        await house.tell(service, joined("c3"))
        assert [one.position for one in house.journal.snapshots] == [3]
        await house.tell(service, joined("c4"), joined("c5"))
        assert len(house.journal.snapshots) == 1
        await house.clock.move(NOON + 20)
        await house.tell(service, joined("c6"))
        assert [one.position for one in house.journal.snapshots] == [3, 6]


async def test_a_snapshot_is_written_after_so_many_seconds_if_there_is_news() -> None:
    house = House(snapshot_every=SnapshotEvery(events=1000, seconds=300))
    async with house.run(stops=False) as service:
        await house.clock.move(NOON + 299)
        await house.tell(service, joined("c1"))
        assert house.journal.snapshots == []
        await house.clock.move(NOON + 300)
        assert house.journal.snapshots == []
        await house.tell(service, joined("c2"))
        assert [one.position for one in house.journal.snapshots] == [2]


async def test_a_journal_that_cannot_be_written_gets_no_snapshot_at_the_end() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"))
        house.journal.broken = "disk full"
    assert house.journal.snapshots == []


async def test_reaching_the_other_side_again_repeats_what_is_in_force() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, ordered("busy"))
        service.reached("fake")
        await house.clock.move(NOON + 5)
        assert house.sender.notices == [BUSY]
        service.reached("fake")
        await house.clock.move(NOON + 10)
        assert house.sender.notices == [BUSY, BUSY]


async def test_a_repeated_event_counts_once() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"))
        await house.tell(
            service, joined("c1"), event("x", Abandoned(queue="sales", channel="phone"), subject="c1")
        )
        view = service.queue("sales")
        assert view is not None
        assert (view.counts.offered, view.counts.abandoned) == (1, 1)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_the_order_in_which_facts_come_in_does_not_show(order: Sequence[int]) -> None:
    facts = [
        event("1", Enqueued(queue="sales", channel="phone"), at=NOON - 90, subject="c1"),
        event("2", Answered(queue="sales", channel="phone", agent="ada"), at=NOON - 30, subject="c1"),
        joined("c2"),
    ]
    house = House()
    async with house.run() as service:
        for place in order:
            await house.tell(service, facts[place])
        view = service.queue("sales")
        assert view is not None
        assert (view.waiting, view.counts.answered, view.counts.wait.sum_s) == (1, 1, 60.0)


def answered(contact: str) -> Event:
    return event(
        f"{contact}-answered", Answered(queue="sales", channel="phone", agent="ada"), subject=contact
    )


def level(service: Service) -> str:
    view = service.queue("sales")
    assert view is not None
    return view.notice.level


def without_version(board: BoardView) -> BoardView:
    """A board as it is told, but for how often it changed since the service came up."""
    return structs.replace(board, version=0)


async def test_a_disk_that_failed_is_tried_again_until_it_is_mended() -> None:
    house = House()
    async with house.run() as service:
        mending = asyncio.create_task(service.mend())
        house.journal.fail("the disk is full")
        assert not service.health().ready
        await house.clock.move(house.clock.now() + PROBE_S)
        await settle()
        assert service.health().ready
        mending.cancel()


async def test_a_customer_is_forgotten_in_the_state_then_in_what_a_restart_begins_with_then_in_the_file() -> (
    None
):
    ada, nobody = f"p1:{'a' * 64}", "forgotten:1"
    house = House()
    async with house.run() as service:
        await house.tell(service, structs.replace(joined("c1"), data=_of(ada)))
        forgetting = asyncio.create_task(service.forget_customer(ada, nobody))
        await settle()
        assert house.journal.snapshots == []
        house.journal.commit(house.clock.now())
        await forgetting
        states = [one.state for one in house.journal.snapshots]
        assert [ada.encode() in state for state in states] == [False, False]
        assert house.journal.anonymised == [(ada, nobody, house.journal.last_position)]
    async with house.run() as service:
        view = service.queue("sales")
        assert view is not None
        assert view.waiting == 1


def _of(customer: str) -> Enqueued:
    return Enqueued(queue="sales", channel="phone", customer=customer)
