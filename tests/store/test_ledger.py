"""The ledger has everything sent once, and knows after a crash what was under way."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import pytest

from queuewatch.ports import JournalFailedError
from queuewatch.ports import Ledger as LedgerPort
from queuewatch.store.journal import Journal
from queuewatch.store.ledger import Ledger
from tests.clocks import NOON
from tests.store.facts import open_journal

KEY = "busy/default/support/2026-11-21T12:00:00Z"


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
async def test_what_is_settled_cannot_be_claimed_again(
    ledger: Ledger, outcome: Literal["sent", "failed"]
) -> None:
    await ledger.claim(KEY, "slack", NOON)
    assert not await ledger.is_settled(KEY, "slack")
    await ledger.settle(KEY, "slack", NOON + 1, outcome)
    assert await ledger.is_settled(KEY, "slack")
    assert not await ledger.claim(KEY, "slack", NOON + 2)


async def test_what_was_never_claimed_cannot_be_settled(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        await ledger.settle(KEY, "slack", NOON, "sent")


async def test_what_is_settled_stays_as_it_was_settled_first(ledger: Ledger) -> None:
    await ledger.claim(KEY, "slack", NOON)
    await ledger.settle(KEY, "slack", NOON + 1, "sent")
    await ledger.settle(KEY, "slack", NOON + 2, "failed")
    assert await ledger.forget_refused() == 0
    assert await ledger.is_settled(KEY, "slack")


async def test_after_a_crash_before_it_was_settled_it_is_claimed_and_open(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    before = open_journal(path)
    await Ledger(before).claim(KEY, "slack", NOON)
    await before.close()  # it may have gone out or not: the process died before it could say so
    after = open_journal(path)
    ledger = Ledger(after)
    assert not await ledger.claim(KEY, "slack", NOON + 9)
    assert not await ledger.is_settled(KEY, "slack")
    await ledger.settle(KEY, "slack", NOON + 9, "sent")
    assert await ledger.is_settled(KEY, "slack")
    await after.close()


async def test_what_was_refused_for_good_is_claimed_again_once_it_is_forgotten(ledger: Ledger) -> None:
    await ledger.claim("sent", "slack", NOON)
    await ledger.settle("sent", "slack", NOON + 1, "sent")
    await ledger.claim("refused", "slack", NOON)
    await ledger.settle("refused", "slack", NOON + 1, "failed")
    assert await ledger.forget_refused() == 1
    assert await ledger.claim("refused", "slack", NOON + 2)
    assert not await ledger.claim("sent", "slack", NOON + 2)


async def test_pruning_deletes_what_was_settled_before_and_nothing_else(ledger: Ledger) -> None:
    for key in ("old", "border", "open"):
        await ledger.claim(key, "slack", NOON)
    await ledger.settle("old", "slack", NOON + 1, "sent")
    await ledger.settle("border", "slack", NOON + 2, "sent")
    assert await ledger.prune(settled_before=NOON + 2) == 1
    assert await ledger.claim("old", "slack", NOON + 9)
    assert not await ledger.claim("border", "slack", NOON + 9)
    assert not await ledger.claim("open", "slack", NOON + 9)


async def test_a_closed_journal_takes_no_claims(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "journal.db")
    await journal.close()
    with pytest.raises(JournalFailedError, match="closed"):
        await Ledger(journal).claim(KEY, "slack", NOON)
