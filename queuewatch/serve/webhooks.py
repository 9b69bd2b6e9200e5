"""`POST /v1/sources/{name}`: a vendor's webhook in, its signature checked, an answer once it is durable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn, Protocol

import msgspec
from aiohttp import web

from queuewatch.core.facts.events import Event
from queuewatch.core.facts.wire import AHEAD_S, rfc3339
from queuewatch.ports import Clock, Desk, Refused
from queuewatch.serve.bodies import unpacked
from queuewatch.serve.problems import ProblemError

_DENIED = 401
_UNREADABLE = frozenset({"not_json", "bad_payload"})


class Hook(Protocol):
    """A configured webhook source, as this route needs it."""

    @property
    def name(self) -> str:
        """The last part of its path, and its name in metrics."""
        ...

    def verify(self, headers: Mapping[str, str], body: bytes, url: str, now: float) -> Refused | None:
        """Why the request is not from whom it should be; None when it is."""
        ...

    def parse(self, body: bytes, content_type: str) -> Sequence[Event | Refused]:
        """What the body says."""
        ...


class Noted(msgspec.Struct, frozen=True):
    """What became of a webhook: so many events are new, so many were known; so many could not be used."""

    accepted: int
    repeated: int
    refused: int


def _of_now(found: Event | Refused, now: float) -> Event | Refused:
    """What is found, unless it is of tomorrow: then its contact would never grow old."""
    if isinstance(found, Refused) or found.at <= now + AHEAD_S:
        return found
    return Refused("in_the_future", f"time is {rfc3339(found.at)}, here it is {rfc3339(now)}")


class Webhooks:
    """Takes webhooks for the desk.

    Args:
        desk: Where events go.
        clock: When they came in.
        hooks: The configured sources.
    """

    def __init__(self, desk: Desk, clock: Clock, hooks: Iterable[Hook]) -> None:
        self._desk = desk
        self._clock = clock
        self._hooks = {hook.name: hook for hook in hooks}

    async def post(self, request: web.Request) -> web.Response:
        """Check, read, journal, answer.

        What was sent by the right one and can be read is answered with 200, also where it says nothing to us:
        the sender would only try again, and some stop for good after errors.
        """
        name = request.match_info["name"]
        hook = self._hooks.get(name)
        if hook is None:
            raise ProblemError(404, f"there is no source {name!r} here; the config names it [sources.{name}]")
        body = await self._read(hook, request)
        url = f"{request.scheme}://{request.host}{request.raw_path}"
        now = self._clock.now()
        denied = hook.verify(request.headers, body, url, now)
        if denied is not None:
            await self._refuse(hook, 401, denied)
        told = hook.parse(body, request.headers.get("Content-Type", ""))
        found = [_of_now(one, now) for one in told]
        events = [one for one in found if isinstance(one, Event)]
        refused = [one for one in found if isinstance(one, Refused)]
        if refused and not events and all(one.reason in _UNREADABLE for one in refused):
            await self._refuse(hook, 400, *refused)
        receipt = await self._desk.take(hook.name, events, refused)
        answer = Noted(receipt.new, receipt.repeated, len(refused))
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    async def _read(self, hook: Hook, request: web.Request) -> bytes:
        try:
            return await unpacked(request)
        except ProblemError as error:
            await self._desk.take(hook.name, (), (Refused(error.members["reason"], error.detail),))
            raise

    async def _refuse(self, hook: Hook, status: int, *refused: Refused) -> NoReturn:
        """Count, and end the request with a problem."""
        await self._desk.take(hook.name, (), refused)
        first = refused[0]
        headers = {"WWW-Authenticate": 'Bearer realm="queuewatch"'} if status == _DENIED else None
        raise ProblemError(status, first.detail, headers=headers, reason=first.reason)
