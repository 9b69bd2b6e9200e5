"""The audit: every decision about money, with its reason, for good; the database refuses to change it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from queuewatch.core.decisions import Audited, Decision, FollowUpDue, IncentiveMoved
from queuewatch.outgoing import Issuing
from queuewatch.store.database import Transacting

_AT_ONCE = 500
_OF_CUSTOMER = (
    "incentive IN (SELECT incentive FROM audit WHERE json_extract(CAST(body AS TEXT), '$.customer') = ?)"
)


def write(database: sqlite3.Connection, decisions: Iterable[Decision]) -> None:
    """Keep those of the decisions that are about money; one that is kept already stays as it is."""
    database.executemany(
        "INSERT OR IGNORE INTO audit (key, at, site, decision, incentive, body) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                one.key,
                one.at,
                one.site,
                str(one.__struct_config__.tag),
                one.incentive if isinstance(one, IncentiveMoved | FollowUpDue) else one.key,
                msgspec.json.encode(one),
            )
            for one in decisions
            if isinstance(one, Audited)
        ],
    )


def read(
    database: sqlite3.Connection,
    *,
    since_at: float | None = None,
    until_at: float | None = None,
    site: str | None = None,
    incentive: str | None = None,
    customer: str | None = None,
    most: int = 1_000,
) -> tuple[Audited, ...]:
    """What the audit holds, oldest first; of many the newest.

    Args:
        database: The journal's, open for reading at least.
        since_at: From then on, seconds since 1970 UTC.
        until_at: Before then.
        site: Of this site only.
        incentive: About this voucher (or refusal) only, by its key.
        customer: About this customer's only, by the keyed hash.
        most: At most so many.
    """
    wanted: list[tuple[str, Any]] = [
        ("at >= ?", since_at),
        ("at < ?", until_at),
        ("site = ?", site),
        ("incentive = ?", incentive),
        (_OF_CUSTOMER, customer),
    ]
    given = [(clause, value) for clause, value in wanted if value is not None]
    where = " AND ".join(clause for clause, _ in given) or "1"
    rows: Sequence[tuple[bytes]] = database.execute(
        f"SELECT body FROM audit WHERE {where} ORDER BY number DESC LIMIT ?",  # noqa: S608  # our own words
        (*(value for _, value in given), most),
    ).fetchall()
    return tuple(msgspec.json.decode(body, type=Audited) for (body,) in reversed(rows))


class Audit:
    """Reads the audit of a running service, through the journal's thread.

    Raises JournalFailedError when the disk fails or the journal is closed.
    """

    def __init__(self, journal: Transacting) -> None:
        self._journal = journal

    async def read(
        self,
        *,
        since_at: float | None = None,
        until_at: float | None = None,
        site: str | None = None,
        incentive: str | None = None,
        customer: str | None = None,
        most: int = 1_000,
    ) -> tuple[Audited, ...]:
        """What the audit holds, oldest first; see `read`."""
        return await self._journal.transact(
            lambda database: read(
                database,
                since_at=since_at,
                until_at=until_at,
                site=site,
                incentive=incentive,
                customer=customer,
                most=most,
            )
        )

    async def issuing(self, incentives: Sequence[str]) -> dict[str, Issuing]:
        """How far an issuer outside is with these vouchers; see `issuing`."""

        def run(database: sqlite3.Connection) -> dict[str, Issuing]:
            return issuing(database, incentives)

        return await self._journal.transact(run)


def issuing(database: sqlite3.Connection, incentives: Sequence[str]) -> dict[str, Issuing]:
    """How far an issuer outside is with these vouchers, by key; those not written down yet are left out."""
    found: dict[str, Issuing] = {}
    for first in range(0, len(incentives), _AT_ONCE):
        some = incentives[first : first + _AT_ONCE]
        rows = database.execute(
            "SELECT audit.key, state, receipt, why FROM audit LEFT JOIN outbox"  # noqa: S608  # our own words
            " ON outbox.key = audit.key AND outbox.kind = 'voucher'"
            f" WHERE audit.key IN ({', '.join('?' * len(some))})",
            tuple(some),
        )
        for key, state, receipt, why in rows:
            sent = state == "sent"
            found[key] = Issuing(state=state, code=receipt if sent else "", why="" if sent else why or "")
    return found
