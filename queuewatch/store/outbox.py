"""The outbox: what was decided and has to go out, in the journal's database, until it has arrived.

Decisions are written in the order they were made. `outbox_mark` says up to when they are: a restart decides
anew what was decided since the last snapshot, and only what the mark has not passed is written again, where
the key keeps it from being there twice. So nothing is lost, nothing is doubled, and neither a pruned row nor
another config brings back the past.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from queuewatch.core.decisions import (
    AlertChanged,
    Decision,
    FollowUpDue,
    IncentiveIssued,
    IncentiveMoved,
)
from queuewatch.outgoing import DeliveryKind, OutboxState, OutboxView, Posted
from queuewatch.store import audit
from queuewatch.store.database import Transacting

_PRUNED_AT_ONCE = 2_000
_AT_ONCE = 500
_COLUMNS = (
    "number, key, sender, kind, thread, site, state, decided_at, queued_at, due_at, claimed_at, settled_at,"
    " attempts, unsure, why, receipt, body"
)
_FIELDS = tuple(_COLUMNS.split(", "))


def kinds_of(decision: Decision) -> frozenset[DeliveryKind]:
    """As what a decision goes out through the outbox; notices do not: the latest of each queue is enough."""
    match decision:
        case AlertChanged():
            return frozenset(("alert",))
        case IncentiveIssued():
            return frozenset(("incentive", "voucher"))
        case IncentiveMoved() | FollowUpDue():
            return frozenset(("incentive",))
        case _:
            return frozenset()


def thread_of(decision: Decision) -> str:
    """What the rows about one alert, or one voucher, have in common."""
    match decision:
        case AlertChanged():
            return decision.alert
        case IncentiveMoved() | FollowUpDue():
            return decision.incentive
        case _:
            return decision.key


class Outbox:
    """`outgoing.Outbox` on tables beside the journal's, written by the journal's thread.

    Every method raises JournalFailedError when the disk fails or the journal is closed: then nothing of what
    was asked for is written.
    """

    def __init__(self, journal: Transacting) -> None:
        self._journal = journal

    async def write(
        self, decisions: Sequence[Decision], wanted: Mapping[str, frozenset[DeliveryKind]]
    ) -> None:
        """Write decisions down, once per sender that wants them, and those about money into the audit.

        Args:
            decisions: In the order they were made.
            wanted: What each sender sends.
        """

        def run(database: sqlite3.Connection) -> None:
            (mark,) = database.execute("SELECT written_at FROM outbox_mark").fetchone()
            new = [one for one in decisions if one.at >= mark]
            audit.write(database, new)
            database.executemany(_INSERT, [row for one in new for row in _rows(one, wanted)])
            if new:
                database.execute("UPDATE outbox_mark SET written_at = ?", (max(one.at for one in new),))

        await self._journal.transact(run)

    async def waiting(self, sender: str) -> tuple[Posted, ...]:
        """What this sender has still to send, in order; a few hundred at a time."""
        return await self._journal.transact(
            lambda database: _select(
                database,
                "sender = ? AND state IN ('pending', 'claimed') ORDER BY number LIMIT ?",
                (sender, _AT_ONCE),
            )
        )

    async def bulletin(self, sender: str, site: str) -> tuple[str, tuple[Posted, ...]]:
        """The receipt of the sender's message about this site's alerts, and the alerts it speaks of."""

        def run(database: sqlite3.Connection) -> tuple[str, tuple[Posted, ...]]:
            since, receipt = database.execute(
                "SELECT since, receipt FROM bulletins WHERE sender = ? AND site = ?", (sender, site)
            ).fetchone() or (0, "")
            where = "sender = ? AND site = ? AND kind = 'alert' AND number >= ? ORDER BY number"
            return receipt, _select(database, where, (sender, site, since))

        return await self._journal.transact(run)

    async def claim(self, numbers: Sequence[int], at: float) -> None:
        """These are being sent from now on; until it is settled nobody knows whether they were taken."""
        await self._change(
            numbers,
            "state = 'claimed', claimed_at = ?, attempts = attempts + 1, unsure = 1",
            (at,),
            "state IN ('pending', 'claimed')",
        )

    async def settle(
        self, numbers: Sequence[int], at: float, state: OutboxState, *, why: str = "", receipt: str = ""
    ) -> None:
        """This became of them. What was sent stays sent."""
        await self._change(
            numbers,
            "state = ?, settled_at = ?, why = ?, receipt = ?, unsure = (unsure AND ? = 'dead')",
            (state, at, why, receipt, state),
            "state IN ('pending', 'claimed')",
        )

    async def postpone(self, numbers: Sequence[int], due_at: float, why: str, *, unsure: bool) -> None:
        """These have to be sent again; `unsure`: nobody knows whether the other side took them."""
        await self._change(
            numbers,
            "state = 'pending', due_at = ?, why = ?, unsure = ?",
            (due_at, why, unsure),
            "state = 'claimed'",
        )

    async def keep_bulletin(self, sender: str, site: str, receipt: str, after: int | None) -> None:
        """Keep a message's receipt; `after` the row of this number the next message begins."""

        def run(database: sqlite3.Connection) -> None:
            database.execute(
                "INSERT INTO bulletins VALUES (?, ?, ?, ?) ON CONFLICT (sender, site) DO UPDATE SET"
                " receipt = excluded.receipt, since = max(since, excluded.since)",
                (sender, site, 0 if after is None else after + 1, receipt),
            )

        await self._journal.transact(run)

    async def view(self, sender: str) -> OutboxView:
        """How it stands."""

        def run(database: sqlite3.Connection) -> OutboxView:
            pending, oldest_at = database.execute(
                "SELECT count(*), min(queued_at) FROM outbox"
                " WHERE sender = ? AND state IN ('pending', 'claimed')",
                (sender,),
            ).fetchone()
            (dead,) = database.execute(
                "SELECT count(*) FROM outbox WHERE sender = ? AND state = 'dead'", (sender,)
            ).fetchone()
            return OutboxView(pending=pending, dead=dead, oldest_at=oldest_at)

        return await self._journal.transact(run)

    async def resend(self, numbers: Sequence[int], at: float) -> int:
        """Have these sent once more, such as dead letters; returns how many.

        What an issuer may have taken already it is asked about first, as after a crash.
        """
        return await self._change(
            numbers,
            "state = 'pending', due_at = ?, queued_at = ?, attempts = 0, settled_at = NULL, why = ''",
            (at, at),
            "(state IN ('dead', 'dropped', 'merged') OR state = 'sent' AND kind <> 'voucher')",
        )

    async def drop(self, numbers: Sequence[int], at: float, why: str) -> int:
        """Send these no more; returns how many."""
        return await self._change(
            numbers,
            "state = 'dropped', settled_at = ?, why = ?",
            (at, why),
            "state IN ('pending', 'dead')",
        )

    async def listed(self, states: Sequence[OutboxState] = (), most: int = 100) -> tuple[Posted, ...]:
        """The newest rows, newest first; of these states only, where any are named."""
        return await self._journal.transact(lambda database: listed(database, states, most))

    async def prune(self, settled_before: float) -> int:
        """Delete what was settled before, but nothing about money, and no dead letter; returns how many."""

        def run(database: sqlite3.Connection) -> int:
            return database.execute(
                "DELETE FROM outbox WHERE number IN (SELECT number FROM outbox WHERE settled_at < ?"
                " AND kind = 'alert' AND state IN ('sent', 'merged', 'dropped') LIMIT ?)",
                (settled_before, _PRUNED_AT_ONCE),
            ).rowcount

        pruned = 0
        while some := await self._journal.transact(run):
            pruned += some
        return pruned

    async def _change(self, numbers: Sequence[int], changes: str, values: Sequence[Any], where: str) -> int:
        def run(database: sqlite3.Connection) -> int:
            return sum(
                database.execute(
                    f"UPDATE outbox SET {changes} WHERE number = ? AND {where}",  # noqa: S608  # our own words
                    (*values, number),
                ).rowcount
                for number in numbers
            )

        return await self._journal.transact(run)


def listed(
    database: sqlite3.Connection, states: Sequence[OutboxState] = (), most: int = 100
) -> tuple[Posted, ...]:
    """The newest rows of an outbox, newest first; of these states only, where any are named."""
    marks = ", ".join("?" * len(states))
    where = f"state IN ({marks})" if states else "1"
    return _select(database, f"{where} ORDER BY number DESC LIMIT ?", (*states, most))


_INSERT = (
    "INSERT OR IGNORE INTO outbox"
    " (key, sender, kind, thread, site, state, decided_at, queued_at, due_at, body)"
    " VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?)"
)


def _rows(one: Decision, wanted: Mapping[str, frozenset[DeliveryKind]]) -> list[tuple[Any, ...]]:
    kinds = kinds_of(one)
    body = msgspec.json.encode(one) if kinds else b""
    return [
        (one.key, sender, kind, thread_of(one), one.site, one.at, one.at, one.at, body)
        for sender, wants in wanted.items()
        for kind in sorted(kinds & wants)
    ]


def _select(database: sqlite3.Connection, where: str, values: Sequence[Any]) -> tuple[Posted, ...]:
    rows = database.execute(f"SELECT {_COLUMNS} FROM outbox WHERE {where}", values)  # noqa: S608  # our own words
    return tuple(_posted(row) for row in rows)


def _posted(row: Sequence[Any]) -> Posted:
    fields = dict(zip(_FIELDS, row, strict=True))
    body = fields.pop("body")
    fields["unsure"] = bool(fields["unsure"])
    return Posted(decision=msgspec.json.decode(body, type=Decision), **fields)
