"""The ledger of what was decided to be sent: nothing goes out twice, and nothing is forgotten in a crash.

What is to be sent is claimed, sent and settled. After a crash between sending and settling it is claimed and
not settled: whoever sends chooses whether it goes out again (better twice than never) or not (never twice).
"""

from __future__ import annotations

import sqlite3
from typing import Literal

from queuewatch.store.journal import Journal

_PRUNED_AT_ONCE = 5_000


class Ledger:
    """`ports.Ledger` on a table beside the journal's, written by the journal's thread.

    Every method raises JournalFailedError when the disk fails or the journal is closed: then nothing of what
    was asked for is written.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def claim(self, key: str, sender: str, at: float) -> bool:
        """Claim the sending of `key` by `sender`; False when it is settled or claimed already."""

        def run(database: sqlite3.Connection) -> bool:
            inserted = database.execute(
                "INSERT OR IGNORE INTO ledger VALUES (?, ?, 'claimed', ?, NULL, 1)", (key, sender, at)
            )
            return inserted.rowcount > 0

        return await self._journal.transact(run)

    async def settle(self, key: str, sender: str, at: float, outcome: Literal["sent", "failed"]) -> None:
        """Write down what became of it. What is settled stays as it was settled first.

        Raises:
            KeyError: It was never claimed.
        """

        def run(database: sqlite3.Connection) -> bool:
            database.execute(
                "UPDATE ledger SET state = ?, settled_at = ?"
                " WHERE key = ? AND sender = ? AND state = 'claimed'",
                (outcome, at, key, sender),
            )
            return _state(database, key, sender) is not None

        if not await self._journal.transact(run):
            raise KeyError(key)

    async def forget_refused(self) -> int:
        """Forget what was refused for good, so that it is claimed again; returns how many."""
        return await self._journal.transact(
            lambda database: database.execute("DELETE FROM ledger WHERE state = 'failed'").rowcount
        )

    async def is_settled(self, key: str, sender: str) -> bool:
        """Whether the sending of `key` by `sender` is settled: sent, or refused for good."""
        state = await self._journal.transact(lambda database: _state(database, key, sender))
        return state in {"sent", "failed"}

    async def prune(self, settled_before: float) -> int:
        """Delete what was settled before; returns how many. What is not settled stays, however old."""

        def run(database: sqlite3.Connection) -> int:
            deleted = database.execute(
                "DELETE FROM ledger WHERE (key, sender) IN"
                " (SELECT key, sender FROM ledger WHERE settled_at < ? ORDER BY settled_at LIMIT ?)",
                (settled_before, _PRUNED_AT_ONCE),
            )
            return deleted.rowcount

        pruned = 0
        while some := await self._journal.transact(run):
            pruned += some
        return pruned


def _state(database: sqlite3.Connection, key: str, sender: str) -> str | None:
    row = database.execute("SELECT state FROM ledger WHERE key = ? AND sender = ?", (key, sender)).fetchone()
    return None if row is None else str(row[0])
