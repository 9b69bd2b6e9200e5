"""What others see: boards, single queues, contacts; and whether the service can be relied on."""

from __future__ import annotations

import asyncio

from queuewatch.core.facts.events import SourceStopped
from queuewatch.core.views import KEPT_S
from queuewatch.service.window import BOARD_KEEP_S
from tests.clocks import NOON, settle
from tests.service.fakes import FakeSource, event, joined
from tests.service.house import House


async def test_a_board_serves_all_who_look_within_a_tenth_of_a_second_until_there_is_news() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"))
        first = service.board()
        assert service.board() is first
        house.clock.at = first.at + BOARD_KEEP_S
        later = service.board()
        assert later is not first
        assert later.at == first.at + BOARD_KEEP_S
        await house.tell(service, joined("c2"))
        assert service.board().queues[0].waiting == 2


async def test_who_waits_for_news_is_told_of_the_version_that_brings_it() -> None:
    house = House()
    async with house.run() as service:
        version = service.board().version
        waiting = asyncio.create_task(service.changed(version))
        await settle()
        assert not waiting.done()
        await house.tell(service, joined("c1"))
        assert await waiting == service.board().version > version
        assert await service.changed(version) > version


async def test_each_queue_has_a_count_of_each_notice_level_from_the_beginning() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"))
        assert service.notices() == {
            ("default", "sales", level): 0 for level in ("normal", "busy", "very_busy")
        }


async def test_a_source_in_trouble_makes_the_service_not_ready_and_says_why() -> None:
    source = FakeSource()
    house = House(source)
    async with house.run() as service:
        assert service.health().ready
        assert {one.source: one.up for one in service.board().sources} == {"pbx": True}
        source.trouble = "the broker hung up"
        house.clock.at += 1
        assert service.health().troubles == {"source pbx": "the broker hung up"}
        assert not service.health().ready
        assert {one.source: one.up for one in service.board().sources} == {"pbx": False}


async def test_a_source_that_says_it_stopped_is_down_though_its_connection_stands() -> None:
    house = House(FakeSource())
    async with house.run() as service:
        await house.tell(service, joined("c1"), event("end", SourceStopped(), at=NOON + 1))
        assert {one.source: one.up for one in service.board().sources} == {"pbx": False}
        assert service.health().ready


async def test_a_journal_that_cannot_be_written_makes_the_service_not_ready() -> None:
    house = House()
    async with house.run() as service:
        assert not service.commits().failing
        house.journal.broken = "the disk is full"
        assert service.health().troubles == {"journal": "the disk is full"}
        assert service.board().troubles == ("journal",), "why is for those who run it"
        assert service.commits().failing


async def test_a_clock_that_went_back_makes_the_service_not_ready_until_it_has_caught_up() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"))
        await house.clock.jump(-3600.0)
        assert list(service.health().troubles) == ["clock"]
        await house.clock.move(NOON)
        assert service.health().ready


async def test_queues_and_contacts_are_found_by_name_and_nothing_is_made_up() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1", at=NOON - 5), joined("c2"))
        contact = service.contact("sales", "c2")
        assert contact is not None
        assert (contact.wait.place, contact.enqueued_at) == (2, NOON)
        assert [one.contact for one in service.contacts("sales") or ()] == ["c1", "c2"]
        assert service.contact("sales", "c3") is None
        for name, site in (("mail", "default"), ("sales", "elsewhere")):
            assert service.queue(name, site) is None
            assert service.contacts(name, site) is None
            assert service.contact(name, "c1", site) is None


async def test_a_queue_that_nothing_touches_is_drawn_anew_only_now_and_then() -> None:
    house = House()
    async with house.run() as service:
        await house.tell(service, joined("c1"))
        drawn_at = service.board().at
        house.clock.at = drawn_at + 0.5
        (kept,) = service.board().queues
        assert (kept.at, kept.oldest_wait_s) == (drawn_at, house.clock.at - kept.heard_at)
        house.clock.at = drawn_at + KEPT_S
        (anew,) = service.board().queues
        assert anew.at == house.clock.at
