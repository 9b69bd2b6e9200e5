"""`/v1/abandoned`: the call-back list, and what people do with it under `/v1/callbacks`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from aiohttp import web
from msgspec import Struct

from queuewatch.core.customers.callbacks import CallbackAct, Callbacks, CallbackState, Caller
from queuewatch.core.facts.acts import CallbackClaimed, CallbackDone, CallbackFailed, CallbackQueued
from queuewatch.core.facts.terms import Channel, Tier
from queuewatch.core.facts.wire import Time
from queuewatch.ports import Desk
from queuewatch.serve import answers
from queuewatch.serve.incentives import Touch
from queuewatch.serve.people import People, body_of, chosen, moment, table, wants_csv
from queuewatch.serve.problems import ProblemError


class Callback(Struct, frozen=True, kw_only=True):
    """Somebody to be called back.

    Attributes:
        callback: Names the entry in the routes under /v1/callbacks: the contact that waited first.
        contact: The contact that was lost last.
        contacts: All that were lost.
        customer: The keyed hash of the customer; null when nobody knows.
        waited_s: How long they waited, the longest time, seconds.
        tries: How often they waited in vain.
        why: How the last wait ended.
        in_line: Whether they stand in line again, in the place of their first wait.
        failed: How often we tried to call back in vain.
    """

    callback: str
    state: CallbackState
    site: str
    queue: str
    channel: Channel
    contact: str
    contacts: tuple[str, ...]
    customer: str | None
    tier: Tier | None
    language: str | None
    waited_s: float
    tries: int
    why: str
    enqueued_at: Time
    lost_at: Time
    in_line: bool
    failed: int
    by: str | None
    note: str
    moved_at: Time | None


class Abandoned(Struct, frozen=True, kw_only=True):
    """The call-back list, those who waited longest first."""

    at: Time
    callbacks: tuple[Callback, ...]


class CallbackList:
    """Answers for the list, and takes what people do with it.

    Args:
        desk: Who knows.
        people: Journals what people do.
    """

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk = desk
        self._people = people

    async def get(self, request: web.Request) -> web.Response:
        """Who gave up or timed out and was not served since, nor waits again; as JSON or CSV."""
        as_csv = wants_csv(request)
        since_at = moment(request, "since")
        state = chosen(request, "state", get_args(CallbackState))
        queue, site = request.query.get("queue"), request.query.get("site")
        found = [
            one
            for one in self._all()
            if site in (None, one.site)
            and queue in (None, one.queue)
            and (one.state == state if state else one.state != "done")
            and (since_at is None or one.lost_at.timestamp() >= since_at)
        ]
        found.sort(key=lambda one: (-one.waited_s, one.callback))
        if as_csv:
            return table(Callback, found, "callbacks")
        return answers.as_json(Abandoned(at=answers.time(self._people.now()), callbacks=tuple(found)))

    def _all(self) -> Iterator[Callback]:
        for site, care in self._desk.cares().items():
            yield from (shown(site, caller) for caller in care.callbacks.listed())

    async def queue(self, request: web.Request) -> web.Response:
        """Put the customer into the line again, in the place of the first wait."""
        return await self._do(request, CallbackQueued)

    async def claim(self, request: web.Request) -> web.Response:
        """Say that one is calling the customer back; 409 when somebody else is."""
        return await self._do(request, CallbackClaimed)

    async def done(self, request: web.Request) -> web.Response:
        """Say that the customer was reached."""
        return await self._do(request, CallbackDone)

    async def failed(self, request: web.Request) -> web.Response:
        """Say that the customer was not reached; the next one may try."""
        return await self._do(request, CallbackFailed)

    async def _do(self, request: web.Request, kind: type[CallbackAct]) -> web.Response:
        site, contact = self._site(request), request.match_info["callback"]
        said = await body_of(request, Touch)
        by = self._people.who(request, said.by)
        ident = await self._people.do(request, site, kind(contact=contact, by=by, note=said.note))
        after = self._list(site).find(contact)
        if after is None or after.act != ident:
            raise ProblemError(409, _why(after), reason="gone" if after is None else after.state)
        return answers.as_json(shown(site, after))

    def _site(self, request: web.Request) -> str:
        contact = request.match_info["callback"]
        site = request.query.get("site", "default")
        if self._list(site).find(contact) is None:
            raise ProblemError(404, f"nobody is to be called back because of contact {contact!r}")
        return site

    def _list(self, site: str) -> Callbacks:
        care = self._desk.cares().get(site)
        return Callbacks() if care is None else care.callbacks


def _why(caller: Caller | None) -> str:
    if caller is None:
        return "this customer was served in the meantime"
    if caller.state == "claimed":
        return f"{caller.by} is calling this customer back already"
    return "this is done already" if caller.state == "done" else "this customer stands in line already"


def shown(site: str, caller: Caller) -> Callback:
    """One entry as it is answered."""
    first, last = caller.first, caller.last
    return Callback(
        callback=first.contact,
        state=caller.state,
        site=site,
        queue=last.queue,
        channel=last.channel,
        contact=last.contact,
        contacts=tuple(dict.fromkeys(one.contact for one in caller.misses.values())),
        customer=caller.customer,
        tier=caller.tier,
        language=caller.language,
        waited_s=caller.waited_s,
        tries=len(caller.misses),
        why=last.why,
        enqueued_at=answers.time(first.enqueued_at),
        lost_at=answers.time(last.lost_at),
        in_line=caller.in_line is not None,
        failed=caller.failed,
        by=caller.by,
        note=caller.note,
        moved_at=None if caller.moved_at is None else answers.time(caller.moved_at),
    )
