"""`POST /v1/plan`: agents planned per interval, as CSV or JSON, journalled whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from uuid import uuid4

import msgspec
from aiohttp import web
from msgspec import Struct, field

from queuewatch.core.facts.acts import PlanTold
from queuewatch.core.facts.events import Event
from queuewatch.core.facts.wire import Time
from queuewatch.planning.imported import Imported, PlanFileError, read_csv, read_rows
from queuewatch.ports import Clock, Desk
from queuewatch.serve import answers
from queuewatch.serve.bodies import unpacked
from queuewatch.serve.ingest import SOURCE
from queuewatch.serve.people import TELLER, People, body_of, key_of
from queuewatch.serve.problems import ProblemError

SPANS_PER_EVENT = 500
MOST_TOLD = 20
"""So many bad rows are told of; who has more has one mistake in all of them."""


class PlannedRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of a plan: so many agents for a queue `from` one time `until` another (not included)."""

    since: str = field(name="from")
    until: str
    queue: str
    agents: int
    site: str = "default"


class PlanBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan. `by` says whose it is; without it, that of the token."""

    rows: tuple[PlannedRow, ...]
    by: str | None = None


class PlannedQueue(Struct, frozen=True, kw_only=True):
    """What was taken in of one queue. `known` is false for a queue nobody ever heard of: a slip, or new."""

    site: str
    queue: str
    rows: int
    from_at: Time
    until_at: Time
    known: bool


class PlanTaken(Struct, frozen=True, kw_only=True):
    """A plan was taken in."""

    rows: int
    queues: tuple[PlannedQueue, ...]


class PlanImport:
    """Takes a plan.

    Args:
        desk: Journals it.
        people: Says who it is that plans.
        clock: The time.
        zone_of: The zone of a queue's clock.
    """

    def __init__(self, desk: Desk, people: People, clock: Clock, zone_of: Callable[[str], tzinfo]) -> None:
        self._desk = desk
        self._people = people
        self._clock = clock
        self._zone_of = zone_of

    async def post(self, request: web.Request) -> web.Response:
        """Journal it; answered once it is durable.

        Raises:
            ProblemError: 400 the body or `Idempotency-Key` cannot be read, 415 it is of another kind, 422
                a row cannot be taken: then none is.
        """
        read, said = await self._read(request)
        if read.bad:
            more = len(read.bad) - MOST_TOLD
            told = "; ".join(f"{one.where}: {one.why}" for one in read.bad[:MOST_TOLD])
            raise ProblemError(422, f"nothing was taken: {told}{f'; and {more} more' if more > 0 else ''}")
        if not read.spans:
            raise ProblemError(422, "the plan has no rows; give at least one")
        by = self._people.who(request, said)
        await self._desk.take(SOURCE, tuple(self._events(request, read, by)))
        known = {(one.site, one.queue) for one in self._desk.board().queues}
        queues = tuple(
            PlannedQueue(
                site=place[0],
                queue=place[1],
                rows=len(spans),
                from_at=answers.time(spans[0].begins_at),
                until_at=answers.time(spans[-1].until_at),
                known=place in known,
            )
            for place, spans in read.spans.items()
        )
        return answers.as_json(PlanTaken(rows=sum(one.rows for one in queues), queues=queues))

    async def _read(self, request: web.Request) -> tuple[Imported, str | None]:
        if request.content_type == "text/csv":
            try:
                return read_csv((await unpacked(request)).decode(), self._zone_of), request.query.get("by")
            except UnicodeDecodeError:
                raise ProblemError(400, "the body is not UTF-8 text; save it as UTF-8") from None
            except PlanFileError as error:
                raise ProblemError(422, str(error)) from None
        if request.content_type not in {"application/json", "application/octet-stream"}:
            raise ProblemError(415, "a plan is taken as text/csv or application/json")
        body = await body_of(request, PlanBody)
        rows = [(f"rows[{at}]", _cells(row)) for at, row in enumerate(body.rows)]
        return read_rows(rows, self._zone_of), body.by

    def _events(self, request: web.Request, read: Imported, by: str) -> Iterator[Event]:
        given = key_of(request)
        ident, now = f"{request.path}#{given}" if given else uuid4().hex, self._clock.now()
        number = 0
        for (site, queue), spans in read.spans.items():
            for first in range(0, len(spans), SPANS_PER_EVENT):
                data = PlanTold(queue=queue, by=by, spans=tuple(spans[first : first + SPANS_PER_EVENT]))
                yield Event(id=f"{ident}/{number}", source=TELLER, at=now, data=data, site=site)
                number += 1


def _cells(row: PlannedRow) -> dict[str, str]:
    told = msgspec.to_builtins(row)
    return {name: str(value).strip() for name, value in told.items()}
