"""A courier sees each thing through, patiently and within limits, and never sends a voucher twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from queuewatch.core.decisions import Decision
from queuewatch.outgoing import Delivery, Manner, OutboxState, Sender
from queuewatch.ports import SendFailedError
from queuewatch.service.courier import (
    FAILURES_IN_A_ROW,
    FIRST_RETRY_S,
    JOURNAL_RETRY_S,
    LEFT_ALONE_S,
    TOGETHER_S,
    Courier,
)
from tests.clocks import HandClock, settle
from tests.decided import NOON, alert, voucher
from tests.service.fakes import Desktop, FakeSender, at_work

ALERTS = Manner(kinds=frozenset(("alert",)))
EDITED = Manner(kinds=frozenset(("alert",)), bulletins=True, edits=True)
POSTED = Manner(kinds=frozenset(("alert",)), bulletins=True)
VOUCHERS = Manner(kinds=frozenset(("voucher",)), give_up_s=7 * 86_400.0)
AWAY = SendFailedError("away")


class FakeIssuer(FakeSender):
    """Issues a voucher once per key as far as it can help it; counts how often it did."""

    def __init__(self, failures: Sequence[SendFailedError] = ()) -> None:
        super().__init__("till", failures, VOUCHERS)
        self.issued: Counter[str] = Counter()
        self.asked: list[str] = []
        self.mute = 0

    async def send(self, delivery: Delivery) -> str | None:
        await super().send(delivery)
        self.issued[delivery.key] += 1
        return f"code-of-{delivery.key}"

    async def ask(self, delivery: Delivery) -> str | None:
        self.asked.append(delivery.key)
        if self.mute:
            self.mute -= 1
            raise AWAY
        return f"code-of-{delivery.key}" if self.issued[delivery.key] else None


class Office:
    """A courier at work on an outbox that outlives it."""

    def __init__(self, sender: FakeSender) -> None:
        self.clock = HandClock()
        self.desk = Desktop()
        self.sender = sender
        sender.clock = self.clock
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.courier = self._hired()

    def _hired(self) -> Courier:
        sender: Sender = self.sender
        return Courier(self.clock, sender, self.outcomes, chance=lambda: 1.0)

    @asynccontextmanager
    async def open(self, *decisions: Decision) -> AsyncIterator[Courier]:
        await self.put(*decisions)
        self.courier = self._hired()
        async with at_work(self.courier.run(self.desk.outbox)):
            yield self.courier

    async def put(self, *decisions: Decision) -> None:
        await self.desk.outbox.write(decisions, {self.sender.name: self.sender.manner.kinds})
        self.courier.awake.set()

    async def states(self) -> list[OutboxState]:
        return [row.state for row in reversed(await self.desk.outbox.listed())]


async def test_what_is_in_the_outbox_is_sent_in_order_and_settled() -> None:
    office = Office(FakeSender(manner=ALERTS))
    first, second = alert(), alert("resolved", at=NOON)
    async with office.open(first, second) as courier:
        assert [one.decision for one in office.sender.sent] == [first, second]
        assert (courier.view.pending, courier.view.up) == (0, True)
    assert await office.states() == ["sent", "sent"]
    assert office.outcomes == {("fake", "sent"): 2}


async def test_what_failed_is_sent_later_each_pause_twice_as_long() -> None:
    office = Office(FakeSender(manner=ALERTS, failures=[AWAY, AWAY]))
    async with office.open(alert()) as courier:
        assert courier.view.oldest_at == NOON
        await office.clock.move(NOON + 3 * FIRST_RETRY_S)
    assert [at - NOON for at, _ in office.sender.attempts] == [0, FIRST_RETRY_S, 3 * FIRST_RETRY_S]
    assert await office.states() == ["sent"]
    assert office.outcomes == {("fake", "failed"): 2, ("fake", "sent"): 1}


async def test_a_mistake_of_ours_in_a_sender_is_a_failure_and_does_not_end_the_courier() -> None:
    office = Office(FakeSender(manner=ALERTS, failures=[ValueError("a mistake")]))
    async with office.open(alert(), alert("resolved", at=NOON)):
        await office.clock.move(NOON + FIRST_RETRY_S)
    assert await office.states() == ["sent", "sent"]
    assert office.outcomes == {("fake", "failed"): 1, ("fake", "sent"): 2}


async def test_a_pause_that_the_other_side_asks_for_holds_up_everything_to_it() -> None:
    office = Office(FakeSender(manner=ALERTS, failures=[SendFailedError("429", retry_after_s=30.0)]))
    async with office.open(alert(), alert("resolved", at=NOON)):
        await office.clock.move(NOON + 29)
        assert len(office.sender.attempts) == 1
        await office.clock.move(NOON + 30)
    assert [at - NOON for at, _ in office.sender.attempts] == [0, 30, 30]


async def test_what_is_refused_for_good_is_a_dead_letter_at_once_and_holds_up_nothing() -> None:
    office = Office(FakeSender(manner=ALERTS, failures=[SendFailedError("no such channel", permanent=True)]))
    async with office.open(alert(), alert("resolved", at=NOON)) as courier:
        assert courier.view.dead == 1
    assert await office.states() == ["dead", "sent"]
    assert office.outcomes == {("fake", "refused"): 1, ("fake", "sent"): 1}
    (dead,) = await office.desk.outbox.listed(["dead"])
    assert dead.why == "no such channel"


@pytest.mark.parametrize("unsure", [False, True])
async def test_a_dead_letter_says_whether_anybody_knows_that_it_was_not_taken(unsure: bool) -> None:
    refusal = SendFailedError("no such channel", permanent=True, unsure=unsure)
    office = Office(FakeSender(manner=ALERTS, failures=[refusal]))
    async with office.open(alert()):
        pass
    (dead,) = await office.desk.outbox.listed(["dead"])
    assert (dead.state, dead.unsure, dead.why) == ("dead", unsure, "no such channel")


async def test_what_could_not_be_sent_in_time_is_given_up_with_the_last_reason() -> None:
    manner = Manner(kinds=frozenset(("alert",)), give_up_s=6.0)
    office = Office(FakeSender(manner=manner, failures=[AWAY] * 3))
    async with office.open(alert()):
        await office.clock.move(NOON + 5.9)
        assert len(office.sender.attempts) == 3
        assert await office.states() == ["pending"]
        await office.clock.move(NOON + 7)
    assert len(office.sender.attempts) == 3
    (dead,) = await office.desk.outbox.listed(["dead"])
    assert (dead.settled_at, dead.why) == (NOON + 7, "away")
    assert office.outcomes["fake", "given_up"] == 1


async def test_a_dead_letter_that_is_resent_goes_out() -> None:
    office = Office(FakeSender(manner=ALERTS, failures=[SendFailedError("no", permanent=True)]))
    async with office.open(alert()) as courier:
        (dead,) = await office.desk.outbox.listed(["dead"])
        await office.desk.outbox.resend([dead.number], NOON)
        courier.awake.set()
        await settle()
    assert await office.states() == ["sent"]


async def test_after_some_failures_in_a_row_a_sender_is_left_alone_for_a_while() -> None:
    office = Office(FakeSender(manner=ALERTS, failures=[AWAY] * FAILURES_IN_A_ROW))
    many = [alert(queue=f"q{number}") for number in range(FAILURES_IN_A_ROW + 3)]
    async with office.open(*many) as courier:
        assert len(office.sender.attempts) == FAILURES_IN_A_ROW
        assert not courier.view.up
        await office.clock.move(NOON + LEFT_ALONE_S - 1)
        assert len(office.sender.attempts) == FAILURES_IN_A_ROW
        await office.clock.move(NOON + LEFT_ALONE_S)
        assert office.courier.view.up
    assert await office.states() == ["sent"] * len(many)


async def test_no_more_is_sent_in_a_minute_than_the_sender_takes() -> None:
    manner = Manner(kinds=frozenset(("alert",)), per_minute=6.0, burst=2)
    office = Office(FakeSender(manner=manner))
    async with office.open(*(alert(queue=f"q{number}") for number in range(4))):
        await office.clock.move(NOON + 60)
    assert [at - NOON for at, _ in office.sender.attempts] == [0, 0, 10, 20]


async def test_a_journal_that_cannot_be_written_holds_up_but_does_not_end_the_courier() -> None:
    office = Office(FakeSender(manner=ALERTS))
    async with office.open():
        await office.put(alert())
        office.desk.broken = 3
        with capture_logs() as logs:
            await settle()
            assert office.sender.sent == []
            await office.clock.move(NOON + 2 * JOURNAL_RETRY_S)
            assert office.sender.sent == []
            await office.clock.move(NOON + 3 * JOURNAL_RETRY_S)
        assert len(office.sender.sent) == 1
        assert [line["event"] for line in logs if line["log_level"] == "error"] == ["outbox not written"]


# ── alerts of a site in one message ───────────────────────────────────────────────────────────────────────


async def test_alerts_of_one_site_that_come_together_share_a_message() -> None:
    office = Office(FakeSender(manner=EDITED))
    async with office.open(alert(), alert(queue="mail"), alert(queue="north", site="north")):
        assert office.sender.sent == []
        await office.clock.move(NOON + TOGETHER_S)
    told = [one.bulletin for one in office.sender.sent if one.bulletin]
    assert [(one.site, [which.subject for which in one.alerts]) for one in told] == [
        ("default", ["sales", "mail"]),
        ("north", ["north"]),
    ]
    assert await office.states() == ["sent"] * 3


async def test_a_message_is_brought_up_to_date_and_closed_and_the_next_alert_begins_another() -> None:
    office = Office(FakeSender(manner=EDITED))
    async with office.open(alert()):
        await office.clock.move(NOON + 10)
        await office.put(alert("updated", at=NOON + 10))
        await office.clock.move(NOON + 20)
        await office.put(alert("resolved", at=NOON + 20))
        await office.clock.move(NOON + 30)
        await office.put(alert("raised", at=NOON + 30))
        await office.clock.move(NOON + 40)
    told = [one.bulletin for one in office.sender.sent if one.bulletin]
    assert [(one.receipt, one.alerts[0].phase, len(one.open)) for one in told] == [
        ("", "raised", 1),
        ("sent", "updated", 1),
        ("sent", "resolved", 0),
        ("", "raised", 1),
    ]


async def test_a_sender_that_cannot_edit_is_spared_small_news_and_told_of_the_end() -> None:
    office = Office(FakeSender(manner=POSTED))
    async with office.open(alert()):
        await office.clock.move(NOON + 10)
        for phase, later in (("updated", 10.0), ("escalated", 20.0), ("updated", 30.0), ("resolved", 40.0)):
            await office.put(alert(phase, at=NOON + later))  # type: ignore[arg-type]
            await office.clock.move(NOON + later + 5)
    told = [one.bulletin.news[-1].phase for one in office.sender.sent if one.bulletin]
    assert told == ["raised", "escalated", "resolved"]
    assert await office.states() == ["sent", "merged", "sent", "merged", "sent"]


async def test_what_was_over_before_anybody_could_be_told_is_not_told() -> None:
    office = Office(FakeSender(manner=EDITED, failures=[AWAY]))
    async with office.open(alert()):
        await office.clock.move(NOON + TOGETHER_S)
        await office.put(alert("resolved", at=NOON + 1.5))
        await office.clock.move(NOON + 30)
        assert (office.sender.sent, await office.states()) == ([], ["merged", "merged"])
        await office.put(alert("raised", at=NOON + 30))
        await office.clock.move(NOON + 40)
    (told,) = office.sender.sent
    assert told.bulletin is not None
    assert [one.phase for one in told.bulletin.alerts] == ["raised"]


async def test_an_alert_that_may_have_been_sent_before_a_crash_is_sent_again() -> None:
    office = Office(FakeSender(manner=ALERTS))
    office.sender.open.clear()
    async with office.open(alert()):
        assert await office.states() == ["claimed"]
    office.sender.open.set()
    async with office.open():
        pass
    assert len(office.sender.attempts) == 2
    assert await office.states() == ["sent"]


# ── vouchers: never twice, never lost ─────────────────────────────────────────────────────────────────────


async def test_a_voucher_is_issued_under_its_key_and_its_code_is_kept() -> None:
    issuer = FakeIssuer()
    office = Office(issuer)
    async with office.open(voucher()):
        pass
    (row,) = await office.desk.outbox.listed()
    assert (row.state, row.receipt) == ("sent", f"code-of-{voucher().key}")
    assert (issuer.issued, issuer.asked) == ({voucher().key: 1}, [])


async def test_a_crash_before_the_issuer_was_reached_has_it_asked_and_then_issue() -> None:
    issuer = FakeIssuer()
    office = Office(issuer)
    issuer.open.clear()
    async with office.open(voucher()):
        assert await office.states() == ["claimed"]
    issuer.open.set()
    async with office.open():
        pass
    assert (issuer.asked, issuer.issued) == ([voucher().key], {voucher().key: 1})
    assert await office.states() == ["sent"]


async def test_a_crash_between_issuing_and_settling_has_it_asked_and_not_issued_again() -> None:
    issuer = FakeIssuer()
    office = Office(issuer)
    await office.put(voucher())
    (row,) = await office.desk.outbox.waiting("till")
    await office.desk.outbox.claim([row.number], NOON)
    issuer.issued[voucher().key] = 1
    async with office.open():
        pass
    assert (issuer.attempts, issuer.issued) == ([], {voucher().key: 1})
    (row,) = await office.desk.outbox.listed()
    assert (row.state, row.receipt) == ("sent", f"code-of-{voucher().key}")


async def test_a_time_out_is_no_reason_to_issue_again_before_the_issuer_was_asked() -> None:
    issuer = FakeIssuer(
        [SendFailedError("timed out"), SendFailedError("429", retry_after_s=1.0, unsure=False)]
    )
    office = Office(issuer)
    async with office.open(voucher()):
        await office.clock.move(NOON + 30)
    assert issuer.asked == [voucher().key]
    assert issuer.issued == {voucher().key: 1}


async def test_while_the_issuer_does_not_answer_nothing_is_issued_and_nothing_given_up() -> None:
    issuer = FakeIssuer([AWAY])
    issuer.mute = 3
    office = Office(issuer)
    async with office.open(voucher()):
        await office.clock.move(NOON + 2)
        assert len(issuer.attempts) == 1
        await office.clock.move(NOON + 8 * 86_400.0)
    assert len(issuer.asked) == 4
    assert issuer.issued == {voucher().key: 1}
    assert await office.states() == ["sent"]
