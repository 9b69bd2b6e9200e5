"""`POST /v1/events`: events in, an answer once they are durable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from aiohttp import web

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.core.facts.terms import LONGEST_NAME
from queuewatch.core.facts.wire import AHEAD_S, Read, RefusedError, decode_batch, decode_live
from queuewatch.customers import Customers
from queuewatch.ports import Clock, Desk, Receipt, Refused
from queuewatch.serve import cloudevents
from queuewatch.serve.access import Access, challenge
from queuewatch.serve.bodies import unpacked
from queuewatch.serve.problems import ProblemError, problem

SOURCE = "http"
"""The name under which what comes in here is counted."""

Sign = Callable[[Event], Event | RefusedError]

_NOT_JSON = "not_json"
_FORBIDDEN = "forbidden"


class Refusal(msgspec.Struct, frozen=True):
    """An event that was not taken: its place in the batch, from 0; the reason counted; what is wrong."""

    index: int
    reason: str
    detail: str


class Accepted(msgspec.Struct, frozen=True):
    """What became of the events: so many are new, so many were known already. All are durable."""

    accepted: int
    repeated: int


class Ingest:
    """Takes events for the desk.

    Args:
        desk: Where they go.
        access: Who may set a notice by hand.
        clock: When they came in.
        customers: Hides whom they are about.
    """

    def __init__(self, desk: Desk, access: Access, clock: Clock, customers: Customers) -> None:
        self._desk = desk
        self._access = access
        self._clock = clock
        self._customers = customers

    async def post(self, request: web.Request) -> web.Response:
        """Read, journal, answer."""
        try:
            message = await self._read(request)
        except ProblemError as error:
            await self._desk.take(SOURCE, (), (Refused(error.members["reason"], error.detail),))
            raise
        events, refusals = self.decode(message, partial(self._signed, request))
        receipt = await self._take(events, refusals)
        if refusals:
            return _refused(message, refusals, receipt)
        return web.Response(
            status=202,
            body=msgspec.json.encode(Accepted(receipt.new, receipt.repeated)),
            content_type="application/json",
        )

    async def _read(self, request: web.Request) -> cloudevents.Message:
        body = await unpacked(request)
        try:
            return self.read(request.headers.get("Content-Type", ""), request.headers, body)
        except cloudevents.UnsupportedError as error:
            raise ProblemError(415, str(error), reason="bad_content_type") from None
        except cloudevents.UnreadableError as error:
            raise ProblemError(400, str(error), reason=_NOT_JSON) from None

    def read(self, content_type: str, headers: Mapping[str, str], body: bytes) -> cloudevents.Message:
        """The request's events, in JSON, or read already where they are a list without a fault."""
        at_once = partial(decode_batch, latest_at=self._clock.now() + AHEAD_S)
        return cloudevents.read(content_type, headers, body, at_once)

    def decode(self, message: cloudevents.Message, sign: Sign) -> tuple[Read, list[Refusal]]:
        """The events, customers hidden, and what cannot be taken. One plain loop: this is the hot path.

        Args:
            message: As it came.
            sign: Puts who acts into what a supervisor says.
        """
        events: list[Event] = []
        refusals: list[Refusal] = []
        found = enumerate(message.known) if message.known is not None else self._one_by_one(message.events)
        for index, event in found:
            if isinstance(event, Event):
                kind = type(event.data)
                if kind is Enqueued:
                    event = self._customers.hide(event)  # noqa: PLW2901
                elif kind is NoticeOverridden:
                    event = sign(event)  # noqa: PLW2901
            if isinstance(event, RefusedError):
                refusals.append(Refusal(index, event.reason, str(event)))
            else:
                events.append(event)
        return Read(events), refusals

    def _one_by_one(self, raws: Sequence[cloudevents.Json]) -> Iterator[tuple[int, Event | RefusedError]]:
        received_at = self._clock.now()
        for index, raw in enumerate(raws):
            try:
                yield index, decode_live(raw, received_at)
            except RefusedError as error:
                yield index, _second_look(raw, received_at, error)

    def _signed(self, request: web.Request, event: Event) -> Event | RefusedError:
        """A supervisor's word with the name of the token that it came with."""
        if not self._access.allows("act", request):
            return RefusedError(_FORBIDDEN, "setting a notice needs the scope 'act'")
        word = event.data
        assert isinstance(word, NoticeOverridden)  # noqa: S101  # whoever calls has looked
        by = self._access.author(request, word.by) or word.by
        if len(by) > LONGEST_NAME:
            return RefusedError(
                "bad_field", f"data.by and the token's name: more than {LONGEST_NAME} characters"
            )
        return msgspec.structs.replace(event, data=msgspec.structs.replace(word, by=by))

    async def _take(self, events: Sequence[Event], refusals: list[Refusal]) -> Receipt:
        if not events and not refusals:
            return Receipt(0, 0)
        refused = [Refused(one.reason, one.detail) for one in refusals]
        return await self._desk.take(SOURCE, events, refused)


def _second_look(raw: cloudevents.Json, received_at: float, error: RefusedError) -> Event | RefusedError:
    """Some senders pack JSON data as base64, which CloudEvents allows."""
    plain = cloudevents.unpacked(raw)
    if plain is None:
        return error
    try:
        return decode_live(plain, received_at)
    except RefusedError as refused:
        return refused


def _refused(message: cloudevents.Message, refusals: list[Refusal], receipt: Receipt) -> web.Response:
    """400 for one event that is no JSON, 403 where only a scope was lacking, 422 else."""
    members: dict[str, Any] = {
        "accepted": receipt.new,
        "repeated": receipt.repeated,
        "refused": refusals,
    }
    headers: dict[str, str] = {}
    status = 422
    if all(one.reason == _FORBIDDEN for one in refusals):
        status = 403
        headers = challenge("act")
    elif not message.is_batch and refusals[0].reason == _NOT_JSON:
        status = 400
    detail = refusals[0].detail
    if message.is_batch:
        kept = message.count - len(refusals)
        detail = f"refused {len(refusals)} of {message.count} events and kept {kept}; the first: {detail}"
    return problem(status, detail, headers=headers, **members)


async def handshake(request: web.Request) -> web.Response:
    """`OPTIONS /v1/events`: the abuse protection of CloudEvents webhooks; we consent to be sent events."""
    headers = {"Allow": "OPTIONS, POST"}
    origin = request.headers.get("WebHook-Request-Origin")
    if origin is not None:
        headers["WebHook-Allowed-Origin"] = origin
        headers["WebHook-Allowed-Rate"] = request.headers.get("WebHook-Request-Rate", "*")
    return web.Response(status=200, headers=headers)
