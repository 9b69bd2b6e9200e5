"""Dispatch: each notice once, states as they change, and patience with senders that fail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from queuewatch.core.decisions import NoticeChanged
from queuewatch.core.view import QueueView
from queuewatch.outgoing import Manner
from queuewatch.ports import SendFailedError
from queuewatch.service.dispatch import FIRST_RETRY_S, LAST_RETRY_S, LEDGER_RETRY_S, STATE_EVERY_S, Dispatch
from tests.clocks import NOON, HandClock, settle
from tests.decided import alert, notice, voucher
from tests.serve.desk import queue
from tests.service.fakes import Desktop, FakeLedger, FakeSender, at_work

SALES = ("default", "sales")
KEY = "notice/default/sales/busy/2026-11-21T12:00:00.000000Z"
OVER = "notice/default/sales/normal/2026-11-21T12:05:00.000000Z"


def look(_site: str, name: str) -> QueueView | None:
    return None if name == "unknown" else queue(name)


def decided(key: str = KEY, name: str = "sales") -> NoticeChanged:
    return notice(queue=name, key=key)


class Office:
    """A dispatch at work, with one sender or several."""

    def __init__(self, *senders: FakeSender, chance: Callable[[], float] = lambda: 1.0) -> None:
        self.clock = HandClock()
        self.ledger = FakeLedger()
        self.desktop = Desktop()
        for sender in senders:
            sender.clock = self.clock
        self.dispatch = Dispatch(self.clock, senders, chance=chance)

    @asynccontextmanager
    async def open(self, in_force: tuple[tuple[tuple[str, str], str], ...] = ()) -> AsyncIterator[Dispatch]:
        await self.dispatch.start(self.ledger, self.desktop.outbox, look, in_force)
        async with at_work(*map(self.dispatch.run, self.dispatch.posts)):
            yield self.dispatch


async def test_a_notice_is_claimed_sent_and_settled() -> None:
    sender = FakeSender()
    office = Office(sender)
    async with office.open() as dispatch:
        sender.open.clear()
        dispatch.hand_over([decided()], [])
        await settle()
        assert office.ledger.kept == {(KEY, "fake"): "claimed"}
        sender.open.set()
        await settle()
        assert sender.notices == [KEY]
        assert office.ledger.kept == {(KEY, "fake"): "sent"}
        assert dispatch.outcomes == {("fake", "sent"): 1}


async def test_what_is_decided_is_in_the_log_but_for_whose_a_voucher_is() -> None:
    office = Office(FakeSender())
    async with office.open() as dispatch:
        with capture_logs() as logs:
            dispatch.hand_over([decided(), alert(), alert("updated"), voucher()], [])
    told, alarm = logs
    assert (told["event"], told["queue"], told["notice_level"], told["reason"]) == (
        "notice",
        "sales",
        "busy",
        "above",
    )
    assert (alarm["event"], alarm["kind"], alarm["phase"], alarm["subject"]) == (
        "alert",
        "queue_busy",
        "raised",
        "sales",
    )


async def test_the_same_notice_is_sent_once_however_often_it_is_decided() -> None:
    sender = FakeSender()
    office = Office(sender)
    async with office.open() as dispatch:
        for _ in range(3):
            dispatch.hand_over([decided()], [])
            await settle()
    assert sender.notices == [KEY]


async def test_a_newer_notice_of_a_queue_takes_the_older_ones_place_while_that_waits() -> None:
    sender = FakeSender()
    sender.open.clear()
    office = Office(sender)
    async with office.open() as dispatch:
        dispatch.hand_over([decided("first", "mail")], [])
        await settle()
        dispatch.hand_over([decided(KEY)], [])
        dispatch.hand_over([decided(OVER)], [])
        sender.open.set()
        await settle()
    assert sender.notices == ["first", OVER]


async def test_a_slow_sender_holds_up_no_other() -> None:
    slow, quick = FakeSender("slow"), FakeSender("quick")
    slow.open.clear()
    office = Office(slow, quick)
    async with office.open() as dispatch:
        dispatch.hand_over([decided()], [SALES])
        await settle()
        assert (slow.notices, quick.notices) == ([], [KEY])
        assert office.ledger.kept == {(KEY, "slow"): "claimed", (KEY, "quick"): "sent"}


async def test_a_failed_notice_is_tried_again_after_a_pause_that_doubles_up_to_a_minute() -> None:
    failures = 9
    sender = FakeSender(failures=[SendFailedError("away")] * failures)
    office = Office(sender)
    async with office.open() as dispatch:
        with capture_logs() as logs:
            dispatch.hand_over([decided()], [])
            await office.clock.move(NOON + 3600)
        assert [one["why"] for one in logs if one["event"] == "not sent"] == ["away"]
        assert dispatch.outcomes == {("fake", "failed"): failures, ("fake", "sent"): 1}
    times = [at for at, _ in sender.attempts]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses == [min(LAST_RETRY_S, FIRST_RETRY_S * 2**attempt) for attempt in range(failures)]
    assert office.ledger.kept == {(KEY, "fake"): "sent"}


async def test_a_notice_is_tried_again_also_after_a_day_without_the_broker() -> None:
    sender = FakeSender(failures=[SendFailedError("away")])
    office = Office(sender)
    async with office.open() as dispatch:
        (post,) = dispatch.posts
        post.failures = 1_440
        dispatch.hand_over([decided()], [])
        await office.clock.move(NOON + LAST_RETRY_S)
    assert sender.notices == [KEY]


@pytest.mark.parametrize(("chance", "pause_s"), [(0.0, 0.25), (0.5, 0.375), (1.0, 0.5)])
async def test_the_pause_is_spread_over_its_upper_half(chance: float, pause_s: float) -> None:
    sender = FakeSender(failures=[SendFailedError("away")])
    office = Office(sender, chance=lambda: chance)
    async with office.open() as dispatch:
        dispatch.hand_over([decided()], [])
        await settle()
        assert office.clock.sleeping_until == [NOON + pause_s]


async def test_a_success_ends_the_doubling() -> None:
    away = SendFailedError("away")
    sender = FakeSender(failures=[away, away])
    office = Office(sender)
    async with office.open() as dispatch:
        dispatch.hand_over([decided()], [])
        await office.clock.move(NOON + 100)
        sender.failures = [away]
        dispatch.hand_over([decided(OVER)], [])
        await settle()
        assert office.clock.sleeping_until == [NOON + 100 + FIRST_RETRY_S]


async def test_the_pause_is_as_long_as_the_other_side_asks_for() -> None:
    sender = FakeSender(failures=[SendFailedError("too many", retry_after_s=42.0)])
    office = Office(sender)
    async with office.open() as dispatch:
        dispatch.hand_over([decided()], [])
        await office.clock.move(NOON + 41.999)
        assert sender.notices == []
        await office.clock.move(NOON + 42)
        assert sender.notices == [KEY]


async def test_a_newer_notice_goes_out_instead_of_the_one_that_failed() -> None:
    sender = FakeSender(failures=[SendFailedError("away")])
    office = Office(sender)
    async with office.open() as dispatch:
        dispatch.hand_over([decided()], [])
        await settle()
        dispatch.hand_over([decided(OVER)], [])
        await office.clock.move(NOON + 10)
    assert sender.notices == [OVER]


@pytest.mark.parametrize(
    "error",
    [SendFailedError("not allowed", permanent=True), ValueError("a mistake")],
    ids=["its", "ours"],
)
async def test_what_can_never_be_sent_is_given_up_and_counted(error: Exception) -> None:
    sender = FakeSender(failures=[error])
    office = Office(sender)
    async with office.open() as dispatch:
        dispatch.hand_over([decided()], [])
        await office.clock.move(NOON + 3600)
        assert dispatch.outcomes == {("fake", "refused"): 1}
    assert len(sender.attempts) == 1
    assert office.ledger.kept == {(KEY, "fake"): "failed"}


async def test_what_was_refused_for_good_is_not_sent_again_at_each_restart() -> None:
    sender = FakeSender(failures=[SendFailedError("not allowed", permanent=True)])
    office = Office(sender)
    async with office.open() as dispatch:
        dispatch.hand_over([decided()], [])
        await settle()
    async with office.open(((SALES, KEY),)):
        await settle()
    assert (sender.notices, office.ledger.kept) == ([], {(KEY, "fake"): "failed"})


async def test_after_a_restart_only_what_is_not_settled_as_sent_goes_out() -> None:
    sender = FakeSender()
    office = Office(sender)
    office.ledger.kept = {("in the middle", "fake"): "claimed", ("sent", "fake"): "sent"}
    in_force = (
        (("default", "a"), "in the middle"),
        (("default", "b"), "sent"),
        (("default", "c"), "never claimed"),
    )
    async with office.open(in_force):
        await settle()
    assert sorted(sender.notices) == ["in the middle", "never claimed"]
    assert set(office.ledger.kept.values()) == {"sent"}


async def test_a_ledger_that_cannot_be_written_holds_a_notice_up_until_it_can() -> None:
    sender = FakeSender()
    office = Office(sender)
    office.ledger.broken = 2
    async with office.open() as dispatch:
        dispatch.hand_over([decided()], [])
        await office.clock.move(NOON + 2 * LEDGER_RETRY_S - 0.001)
        assert sender.notices == []
        await office.clock.move(NOON + 2 * LEDGER_RETRY_S)
    assert sender.notices == [KEY]


async def test_a_ledger_that_cannot_be_asked_at_the_start_is_asked_before_a_notice_goes_out() -> None:
    sender = FakeSender()
    office = Office(sender)
    office.ledger.kept = {(KEY, "fake"): "sent"}
    office.ledger.unreadable = 1
    missing = "notice/default/support/busy/2026-11-21T12:00:00.000000Z"
    async with office.open(((("default", "sales"), KEY), (("default", "support"), missing))):
        await settle()
        assert sender.notices == [missing]


async def test_the_state_of_a_queue_goes_out_at_most_once_a_second_and_then_the_newest() -> None:
    sender = FakeSender()
    office = Office(sender)
    async with office.open() as dispatch:
        for _ in range(3):
            dispatch.hand_over([], [SALES])
            await settle()
        assert sender.states == ["sales"]
        await office.clock.move(NOON + STATE_EVERY_S / 2)
        assert sender.states == ["sales"]
        await office.clock.move(NOON + STATE_EVERY_S)
        assert sender.states == ["sales", "sales"]
        await office.clock.move(NOON + 60)
        assert sender.states == ["sales", "sales"]


async def test_a_notice_does_not_wait_for_the_second_between_states_to_pass() -> None:
    sender = FakeSender()
    office = Office(sender)
    async with office.open() as dispatch:
        dispatch.hand_over([], [SALES])
        await settle()
        dispatch.hand_over([decided()], [SALES])
        await settle()
        assert sender.notices == [KEY]


async def test_a_state_that_failed_is_sent_later_and_a_refused_one_is_not() -> None:
    sender = FakeSender(failures=[SendFailedError("away"), SendFailedError("never", permanent=True)])
    office = Office(sender)
    async with office.open() as dispatch:
        dispatch.hand_over([], [SALES, ("default", "mail")])
        await office.clock.move(NOON + 60)
    assert sender.states == ["sales"]
    assert office.ledger.kept == {}


async def test_a_queue_that_nobody_knows_any_more_is_passed_over() -> None:
    sender = FakeSender()
    office = Office(sender)
    async with office.open() as dispatch:
        dispatch.hand_over([], [("default", "unknown"), SALES])
        await settle()
    assert sender.states == ["sales"]


async def test_a_sender_that_reaches_the_other_side_first_is_given_the_states_and_no_notice_again() -> None:
    sender = FakeSender()
    office = Office(sender)
    office.ledger.kept = {(KEY, "fake"): "sent"}
    async with office.open() as dispatch:
        dispatch.reached("fake", [(SALES, KEY)], [SALES])
        await settle()
    assert (sender.notices, sender.states) == ([], ["sales"])


async def test_a_sender_that_reaches_the_other_side_again_repeats_the_notices_in_force() -> None:
    sender, other = FakeSender(), FakeSender("other")
    office = Office(sender, other)
    office.ledger.kept = {(KEY, "fake"): "sent", (KEY, "other"): "sent"}
    async with office.open() as dispatch:
        dispatch.reached("fake", [(SALES, KEY)], [SALES])
        await settle()
        dispatch.reached("fake", [(SALES, KEY)], [SALES])
        await office.clock.move(NOON + 2)
    assert (sender.notices, sender.states) == ([KEY], ["sales", "sales"])
    assert other.sent == []


async def test_a_notice_that_was_refused_goes_out_once_somebody_has_it_resent() -> None:
    sender = FakeSender(failures=[SendFailedError("not allowed", permanent=True)])
    office = Office(sender)
    async with office.open(((SALES, KEY),)) as dispatch:
        office.ledger.kept.clear()
        await dispatch.catch_up([(SALES, KEY)])
        await settle()
    assert sender.notices == [KEY]


async def test_a_sender_that_sends_no_notices_is_given_none() -> None:
    sender = FakeSender(manner=Manner(kinds=frozenset(("queue_state",))))
    office = Office(sender)
    async with office.open(((SALES, KEY),)) as dispatch:
        dispatch.hand_over([decided()], [SALES])
        await settle()
    assert (sender.notices, sender.states) == ([], ["sales"])
