"""The ledger has everything sent once, and knows after a crash what was under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from queuewatch.ports import JournalFailedError
from queuewatch.ports import Ledger as LedgerPort
from queuewatch.store.journal import Journal
from queuewatch.store.ledger import Claim, Ledger
from tests.store.facts import NOON, open_journal

KEY = "busy/default/support/2026-11-21T12:00:00Z"


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = open_journal(tmp_path / "journal.db")
    yield journal
    await journal.close()


@pytest.fixture
def ledger(journal: Journal) -> Ledger:
    return Ledger(journal)


async def test_it_is_the_ledger_that_the_service_asks_for(ledger: Ledger) -> None:
    port: LedgerPort = ledger
    assert await port.claim(KEY, "slack", NOON)


async def test_a_key_can_be_claimed_once_by_each_sender(ledger: Ledger) -> None:
    assert await ledger.claim(KEY, "slack", NOON)
    assert not await ledger.claim(KEY, "slack", NOON + 1)
    assert await ledger.claim(KEY, "mqtt", NOON + 2)


async def test_of_many_who_claim_at_once_one_succeeds(ledger: Ledger) -> None:
    claims = await asyncio.gather(*(ledger.claim(KEY, "slack", NOON) for _ in range(20)))
    assert sum(claims) == 1


@pytest.mark.parametrize("outcome", ["sent", "failed"])
async def test_what_is_settled_cannot_be_claimed_again(ledger: Ledger, outcome: str) -> None:
    await ledger.claim(KEY, "slack", NOON)
    await ledger.settle(KEY, "slack", NOON + 1, "sent" if outcome == "sent" else "failed")
    assert not await ledger.claim(KEY, "slack", NOON + 2)
    assert await ledger.was_sent(KEY, "slack") == (outcome == "sent")
    assert await ledger.unsettled() == ()


async def test_what_was_never_claimed_was_not_sent_and_cannot_be_settled(ledger: Ledger) -> None:
    assert not await ledger.was_sent(KEY, "slack")
    with pytest.raises(KeyError):
        await ledger.settle(KEY, "slack", NOON, "sent")


async def test_what_is_settled_stays_as_it_was_settled_first(ledger: Ledger) -> None:
    await ledger.claim(KEY, "slack", NOON)
    await ledger.settle(KEY, "slack", NOON + 1, "sent")
    await ledger.settle(KEY, "slack", NOON + 2, "failed")
    assert await ledger.was_sent(KEY, "slack")


async def test_a_crash_after_the_send_may_send_again_where_twice_is_better_than_never(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    before = open_journal(path)
    await Ledger(before).claim(KEY, "slack", NOON)
    await before.close()  # the message went out, and the process died before it could settle
    after = open_journal(path)
    ledger = Ledger(after)
    assert await ledger.unsettled() == (Claim(KEY, "slack", NOON, 1),)
    assert await ledger.retry(KEY, "slack") == 2
    await ledger.settle(KEY, "slack", NOON + 9, "sent")
    assert await ledger.unsettled() == ()
    assert await ledger.was_sent(KEY, "slack")
    await after.close()


async def test_a_crash_after_the_claim_sends_nothing_where_never_is_better_than_twice(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    before = open_journal(path)
    await Ledger(before).claim(KEY, "issuer", NOON)
    await before.close()
    after = open_journal(path)
    ledger = Ledger(after)
    assert not await ledger.claim(KEY, "issuer", NOON + 9)
    await ledger.settle(KEY, "issuer", NOON + 9, "failed")
    assert not await ledger.was_sent(KEY, "issuer")
    await after.close()


async def test_only_what_is_claimed_can_be_tried_again(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        await ledger.retry(KEY, "slack")
    await ledger.claim(KEY, "slack", NOON)
    await ledger.settle(KEY, "slack", NOON + 1, "sent")
    with pytest.raises(KeyError):
        await ledger.retry(KEY, "slack")


async def test_what_is_unsettled_is_listed_oldest_first(ledger: Ledger) -> None:
    for key, at in (("c", NOON), ("a", NOON + 2), ("b", NOON + 1)):
        await ledger.claim(key, "slack", at)
    assert [claim.key for claim in await ledger.unsettled()] == ["c", "b", "a"]


async def test_pruning_deletes_what_was_settled_before_and_nothing_else(ledger: Ledger) -> None:
    for key in ("old", "border", "open"):
        await ledger.claim(key, "slack", NOON)
    await ledger.settle("old", "slack", NOON + 1, "sent")
    await ledger.settle("border", "slack", NOON + 2, "sent")
    assert await ledger.prune(settled_before=NOON + 2) == 1
    assert not await ledger.was_sent("old", "slack")
    assert await ledger.was_sent("border", "slack")
    assert [claim.key for claim in await ledger.unsettled()] == ["open"]


async def test_a_closed_journal_takes_no_claims(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "journal.db")
    await journal.close()
    with pytest.raises(JournalFailedError, match="closed"):
        await Ledger(journal).claim(KEY, "slack", NOON)
