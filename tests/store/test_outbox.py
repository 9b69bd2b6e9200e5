"""The outbox keeps every decision that must go out once per sender, until it has arrived or was given up."""

from __future__ import annotations

from pathlib import Path

import pytest

from queuewatch.outgoing import DeliveryKind
from queuewatch.outgoing import Outbox as OutboxPort
from queuewatch.ports import JournalFailedError
from queuewatch.store.journal import Journal
from queuewatch.store.outbox import Outbox, kinds_of, thread_of
from tests.decided import NOON, alert, follow_up, redeemed, refusal, voucher
from tests.store.facts import joined, open_journal

SLACK: dict[str, frozenset[DeliveryKind]] = {"slack": frozenset(("alert",))}
ALL = SLACK | {"till": frozenset(("voucher",)), "mqtt": frozenset(("alert", "incentive"))}


@pytest.fixture
def outbox(journal: Journal) -> Outbox:
    return Outbox(journal)


async def test_it_is_the_outbox_that_the_service_asks_for(outbox: Outbox) -> None:
    port: OutboxPort = outbox
    assert await port.waiting("slack") == ()


async def test_a_decision_waits_once_for_each_sender_that_wants_it(outbox: Outbox) -> None:
    one, money = alert(), voucher()
    await outbox.write([one, money, refusal()], ALL)
    assert [row.decision for row in await outbox.waiting("slack")] == [one]
    assert [row.decision for row in await outbox.waiting("till")] == [money]
    assert [row.kind for row in await outbox.waiting("mqtt")] == ["alert", "incentive"]


async def test_what_is_decided_again_after_a_restart_is_not_there_twice(outbox: Outbox) -> None:
    for _ in range(2):
        await outbox.write([alert(), alert("escalated", at=NOON + 60)], SLACK)
    assert len(await outbox.waiting("slack")) == 2


async def test_what_was_written_and_pruned_does_not_come_back_when_it_is_decided_again(
    outbox: Outbox,
) -> None:
    await outbox.write([alert(), alert("resolved", at=NOON + 60)], SLACK)
    numbers = [row.number for row in await outbox.waiting("slack")]
    await outbox.settle(numbers, NOON + 61, "sent")
    assert await outbox.prune(NOON + 62) == 2
    await outbox.write([alert(), alert("raised", at=NOON + 120)], SLACK)
    assert [row.decided_at for row in await outbox.waiting("slack")] == [NOON + 120]


async def test_a_sender_that_is_new_is_not_told_of_the_past(outbox: Outbox) -> None:
    await outbox.write([alert(), alert("resolved", at=NOON + 60)], SLACK)
    await outbox.write([alert(), alert("raised", at=NOON + 120)], ALL)
    assert [row.decided_at for row in await outbox.waiting("mqtt")] == [NOON + 120]


async def test_a_journal_older_than_the_outbox_does_not_send_what_it_held(tmp_path: Path) -> None:
    from queuewatch.store.database import open_for_writing  # noqa: PLC0415
    from queuewatch.store.schema import MIGRATIONS  # noqa: PLC0415

    path = tmp_path / "journal.db"
    database, lock = open_for_writing(path, MIGRATIONS[:1])
    database.execute("INSERT INTO events VALUES (1, ?, 'pbx', '1', '{}')", (NOON,))
    database.close()
    lock.release()
    journal = open_journal(path)
    outbox = Outbox(journal)
    await outbox.write([alert(at=NOON - 1), alert("escalated", at=NOON)], SLACK)
    assert [row.decided_at for row in await outbox.waiting("slack")] == [NOON]
    await journal.close()


async def test_what_is_claimed_is_still_waiting_and_nobody_is_sure_of_it(outbox: Outbox) -> None:
    await outbox.write([voucher()], ALL)
    (row,) = await outbox.waiting("till")
    await outbox.claim([row.number], NOON + 1)
    (row,) = await outbox.waiting("till")
    assert (row.state, row.claimed_at, row.attempts, row.unsure) == ("claimed", NOON + 1, 1, True)
    await outbox.postpone([row.number], NOON + 30, "429", unsure=False)
    (row,) = await outbox.waiting("till")
    assert (row.state, row.due_at, row.why, row.unsure) == ("pending", NOON + 30, "429", False)


async def test_what_was_sent_stays_sent_whatever_comes_after(outbox: Outbox) -> None:
    await outbox.write([voucher()], ALL)
    (row,) = await outbox.waiting("till")
    await outbox.claim([row.number], NOON)
    await outbox.settle([row.number], NOON, "sent", receipt="ABCD")
    await outbox.settle([row.number], NOON, "dead", why="late")
    await outbox.claim([row.number], NOON)
    await outbox.postpone([row.number], NOON, "late", unsure=True)
    assert await outbox.drop([row.number], NOON, "no more") == 0
    (listed,) = await outbox.listed(["sent"])
    assert (listed.receipt, listed.unsure) == ("ABCD", False)


async def test_a_voucher_that_was_sent_is_never_resent_and_an_alert_may_be(outbox: Outbox) -> None:
    await outbox.write([voucher(), alert()], ALL)
    rows = [*await outbox.waiting("till"), *await outbox.waiting("slack")]
    numbers = [row.number for row in rows]
    await outbox.settle(numbers, NOON, "sent")
    assert await outbox.resend(numbers, NOON + 5) == 1
    assert await outbox.waiting("till") == ()
    (again,) = await outbox.waiting("slack")
    assert (again.due_at, again.queued_at, again.attempts) == (NOON + 5, NOON + 5, 0)


async def test_a_dead_letter_that_may_have_arrived_remembers_it_when_it_is_resent(outbox: Outbox) -> None:
    await outbox.write([voucher()], ALL)
    (row,) = await outbox.waiting("till")
    await outbox.claim([row.number], NOON)
    await outbox.settle([row.number], NOON, "dead", why="timed out for a week")
    assert (await outbox.view("till")).dead == 1
    await outbox.resend([row.number], NOON + 5)
    (row,) = await outbox.waiting("till")
    assert row.unsure


async def test_the_view_counts_what_waits_and_what_was_given_up(outbox: Outbox) -> None:
    await outbox.write([alert(), alert("escalated", at=NOON + 60)], SLACK)
    first, _ = await outbox.waiting("slack")
    await outbox.settle([first.number], NOON, "dead")
    view = await outbox.view("slack")
    assert (view.pending, view.dead, view.oldest_at) == (1, 1, NOON + 60)
    await outbox.drop([first.number], NOON, "by hand")
    assert (await outbox.view("slack")).dead == 0


async def test_a_message_speaks_of_the_alerts_since_the_one_before_it_was_closed(outbox: Outbox) -> None:
    await outbox.write([alert(), alert("resolved", at=NOON + 60), alert("raised", at=NOON + 90)], SLACK)
    _, second, third = await outbox.waiting("slack")
    await outbox.keep_bulletin("slack", "default", "ts-1", None)
    receipt, spoken = await outbox.bulletin("slack", "default")
    assert (receipt, len(spoken)) == ("ts-1", 3)
    await outbox.keep_bulletin("slack", "default", "", second.number)
    receipt, spoken = await outbox.bulletin("slack", "default")
    assert (receipt, [row.number for row in spoken]) == ("", [third.number])
    assert await outbox.bulletin("slack", "north") == ("", ())


async def test_pruning_keeps_what_is_about_money_and_the_dead_letters(outbox: Outbox) -> None:
    await outbox.write([alert(), alert("escalated", at=NOON + 1), voucher(at=NOON + 2)], ALL)
    alerts = await outbox.waiting("slack")
    (money,) = await outbox.waiting("till")
    await outbox.settle([alerts[0].number, money.number], NOON, "sent")
    await outbox.settle([alerts[1].number], NOON, "dead")
    assert await outbox.prune(NOON) == 0
    assert await outbox.prune(NOON + 1) == 1
    assert {row.state for row in await outbox.listed()} == {"pending", "sent", "dead"}


async def test_a_list_is_newest_first_and_no_longer_than_asked(outbox: Outbox) -> None:
    await outbox.write([alert(), alert("escalated", at=NOON + 1)], SLACK)
    assert [row.decided_at for row in await outbox.listed(most=1)] == [NOON + 1]
    assert await outbox.listed(["dead", "dropped"]) == ()


def test_only_some_decisions_go_through_the_outbox() -> None:
    money = voucher()
    assert kinds_of(refusal()) == frozenset()
    assert kinds_of(money) == {"incentive", "voucher"}
    assert kinds_of(redeemed(money)) == kinds_of(follow_up(money)) == {"incentive"}
    assert thread_of(redeemed(money)) == thread_of(money) == money.key
    assert thread_of(alert()) == thread_of(alert("resolved"))


async def test_a_closed_journal_takes_nothing_and_says_so(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "journal.db")
    outbox = Outbox(journal)
    await journal.append([joined("c1")])
    await journal.close()
    with pytest.raises(JournalFailedError):
        await outbox.write([alert()], SLACK)
