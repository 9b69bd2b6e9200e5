"""`/v1/deliveries`: what goes, went, or did not get out; dead letters are seen to here."""

from __future__ import annotations

from typing import Annotated, get_args

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from queuewatch.core.facts.wire import Time, rfc3339
from queuewatch.outgoing import DeliveryKind, OutboxState, Posted
from queuewatch.ports import Desk
from queuewatch.serve import answers
from queuewatch.serve.access import Access
from queuewatch.serve.people import By, body_of
from queuewatch.serve.problems import ProblemError

MOST = 1_000
LAST = 2**63 - 1
"""The highest number that the outbox's database knows."""
_STATES: tuple[OutboxState, ...] = get_args(OutboxState)


class Row(Struct, frozen=True, kw_only=True):
    """One decision on its way through one sender; `unsure`: nobody knows whether it was taken."""

    number: int
    key: str
    sender: str
    kind: DeliveryKind
    site: str
    state: OutboxState
    decided_at: Time
    due_at: Time
    claimed_at: Time | None
    settled_at: Time | None
    attempts: int
    unsure: bool
    why: str


class Rows(Struct, frozen=True, kw_only=True):
    """Decisions on their way, newest first."""

    deliveries: tuple[Row, ...]


class Which(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which are meant.

    Attributes:
        numbers: Of the outbox.
        notices: All notices that were refused for good (to be resent; they have no numbers).
        by: Who says so (unless set: whose token it is).
    """

    numbers: tuple[Annotated[int, Meta(ge=1, le=LAST)], ...] | None = None
    notices: bool = False
    by: By = ""


class Changed(Struct, frozen=True, kw_only=True):
    """How many it was done to; those in a state that does not allow it are left as they are."""

    changed: int


class Deliveries:
    """Lists deliveries, has them resent and dropped.

    Args:
        desk: Who knows.
        access: Knows whose token a request shows.
    """

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access

    async def listed(self, request: web.Request) -> web.Response:
        """The newest; of the states that `?state=` names, at most `?limit=`."""
        states = tuple(one for one in request.query.get("state", "").split(",") if one)
        known: list[OutboxState] = [state for state in _STATES if state in states]
        if len(known) < len(set(states)):
            raise ProblemError(400, f"state must be one of {', '.join(_STATES)}, not {','.join(states)!r}")
        limit = request.query.get("limit", "100")
        if not (limit.isascii() and limit.isdigit() and 0 < int(limit[:5]) <= MOST):
            raise ProblemError(400, f"limit must be a whole number from 1 to {MOST}, not {limit!r}")
        posted = await self._desk.posted(known, int(limit))
        return answers.as_json(Rows(deliveries=tuple(map(row, posted))))

    async def resend(self, request: web.Request) -> web.Response:
        """Have dead letters, or others, sent once more; an issuer is asked first what it may have taken."""
        which = await body_of(request, Which)
        changed = await self._desk.resend(which.numbers) if which.numbers else 0
        if which.notices:
            changed += await self._desk.resend_notices()
        return answers.as_json(Changed(changed=changed))

    async def drop(self, request: web.Request) -> web.Response:
        """Send these no more."""
        which = await body_of(request, Which)
        by = self._access.author(request, which.by) or "somebody"
        return answers.as_json(Changed(changed=await self._desk.drop(which.numbers or (), by)))


def row(posted: Posted) -> Row:
    """The row as it is told."""
    fields = {name: getattr(posted, name) for name in Row.__struct_fields__}
    times = {
        name: rfc3339(value) for name, value in fields.items() if name.endswith("_at") and value is not None
    }
    return msgspec.convert(fields | times, Row)
