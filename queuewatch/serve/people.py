"""What people do here, over HTTP: read from a body, made a fact of the journal once, told who did it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from queuewatch.core.facts.acts import Act, NoticeOverridden
from queuewatch.core.facts.complaint import complaint
from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.ports import Clock, Desk
from queuewatch.serve.access import Access
from queuewatch.serve.bodies import unpacked
from queuewatch.serve.ingest import SOURCE
from queuewatch.serve.negotiate import preferred
from queuewatch.serve.problems import ProblemError

TELLER = "/people"
LONGEST_KEY = 128
KEY_HEADER = "Idempotency-Key"
SOMEBODY = "somebody"
_KINDS = ("application/json", "text/csv")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Deed = Act | NoticeOverridden | tuple[Enqueued, str, float]

By = Annotated[str, Meta(max_length=80)]
"""Who acts, as a body says it; empty: whose token it is."""

_T = TypeVar("_T")


class People:
    """Takes what people do.

    Args:
        desk: Journals it.
        access: Knows whose token a request shows.
        clock: The time.
    """

    def __init__(self, desk: Desk, access: Access, clock: Clock) -> None:
        self._desk = desk
        self._access = access
        self._clock = clock

    def now(self) -> float:
        """The present."""
        return self._clock.now()

    def holder(self, request: web.Request) -> str | None:
        """Whose token a request shows; None where none is needed."""
        return self._access.holder(request)

    def who(self, request: web.Request, said: str | None) -> str:
        """Who acts: whose token it is, and who of them the body says; see `Access.author`.

        Raises:
            ProblemError: 422, neither says.
        """
        by = self._access.author(request, said or "")
        if by is None:
            raise ProblemError(422, "by is missing; say who does this")
        return by

    def whoever(self, request: web.Request, said: str | None) -> str:
        """Who acts, as `who`; `somebody` where neither says: a till need not know its cashier."""
        return self._access.author(request, said or "") or SOMEBODY

    def may_act(self, request: web.Request) -> bool:
        """Whether a request may do what people do here, such as see codes."""
        return self._access.allows("act", request)

    async def do(self, request: web.Request, site: str, *acts: Deed) -> str:
        """Make what a person does facts of the journal; returns once they are durable and heeded.

        With an `Idempotency-Key` the same request again is the same fact. A fact about a contact is given
        with the contact and its time.

        Returns:
            The id of the first fact.
        """
        given = key_of(request)
        ident = f"{request.path}#{given}" if given else uuid4().hex
        events = []
        for number, one in enumerate(acts):
            data, subject, at = one if isinstance(one, tuple) else (one, "", self.now())
            name = f"{ident}/{number}" if number else ident
            events.append(Event(id=name, source=TELLER, at=at, data=data, subject=subject, site=site))
        await self._desk.take(SOURCE, events)
        return ident


def key_of(request: web.Request, longest: int = LONGEST_KEY) -> str:
    """What a request is known by when it comes again, its `Idempotency-Key`; empty where it has none.

    Raises:
        ProblemError: 400, it is too long, or no text.
    """
    given = request.headers.get(KEY_HEADER, "").strip()
    if len(given) > longest:
        raise ProblemError(400, f"{KEY_HEADER} has more than {longest} characters")
    try:
        given.encode()
    except UnicodeEncodeError:  # octets that are none in UTF-8 come as surrogates
        raise ProblemError(400, f"{KEY_HEADER} is no text; write it in UTF-8, or better in ASCII") from None
    return given


async def body_of(request: web.Request, kind: type[_T]) -> _T:
    """What a request says, as this kind of struct; an empty body says nothing.

    Raises:
        ProblemError: 400, it is not JSON; 422, it is not such a struct.
    """
    raw = await unpacked(request)
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise ProblemError(422, complaint(error, kind, "the body")) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ProblemError(400, f"the body is not JSON: {error}") from None
    except RecursionError:
        raise ProblemError(400, "the body is nested too deeply") from None


def moment(request: web.Request, name: str) -> float | None:
    """A point in time in the query, RFC 3339; None where it is not there.

    Raises:
        ProblemError: 400, it is none.
    """
    asked = request.query.get(name)
    if asked is None:
        return None
    try:
        # A plus sign in a query is a space once it is decoded.
        when = datetime.fromisoformat(asked.replace(" ", "+"))
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise ProblemError(
            400, f"{name} must be a time with its zone such as 2026-11-21T10:00:00Z, not {asked!r}"
        )
    return when.timestamp()


def chosen(request: web.Request, name: str, among: tuple[str, ...]) -> str | None:
    """One of some words in the query; None where it is not there.

    Raises:
        ProblemError: 400, it is none of them.
    """
    asked = request.query.get(name)
    if asked is not None and asked not in among:
        raise ProblemError(400, f"{name} must be one of {', '.join(among)}, not {asked!r}")
    return asked


def as_csv(kind: type[Struct], rows: Iterable[Struct]) -> str:
    """Structs as CSV (RFC 4180) under their fields' names."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(kind.__struct_fields__)
    for row in rows:
        told: dict[str, Any] = msgspec.to_builtins(row)
        writer.writerow([_cell(value) for value in told.values()])
    return text.getvalue()


def table(kind: type[Struct], rows: Iterable[Struct], name: str) -> web.Response:
    """Structs as CSV under their fields' names; to be saved under this name."""
    return web.Response(
        text=as_csv(kind, rows),
        content_type="text/csv",
        charset="utf-8",
        headers={"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(value: Any) -> Any:
    """A value as a spreadsheet may have it: text that it would take for a formula is marked as text."""
    if isinstance(value, dict):
        value = "; ".join(f"{key}: {text}" for key, text in value.items())
    if isinstance(value, list | tuple):
        value = " ".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def wants_csv(request: web.Request) -> bool:
    """Whether a table is asked for: `?format=` before Accept.

    Raises:
        ProblemError: 400, an unknown format; 406, neither JSON nor CSV will do.
    """
    asked = chosen(request, "format", ("json", "csv"))
    if asked is not None:
        return asked == "csv"
    liked = preferred(request.headers.get("Accept", ""), _KINDS)
    if liked is None:
        raise ProblemError(406, f"this can be had as {' or '.join(_KINDS)}")
    return liked == "text/csv"
