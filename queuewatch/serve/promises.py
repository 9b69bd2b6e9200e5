"""`POST …/promises`: what to tell one who waits, on record; `GET …/promises`: what was told, and kept."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from aiohttp import web

from queuewatch.core.facts.events import Event
from queuewatch.core.trust.promises import telling
from queuewatch.core.view import ContactView, PromiseView
from queuewatch.ports import Clock, Desk
from queuewatch.serve import answers
from queuewatch.serve.ingest import SOURCE
from queuewatch.serve.people import KEY_HEADER, key_of
from queuewatch.serve.problems import ProblemError
from queuewatch.serve.reads import Reads, named

# The event's own source: whoever speaks to customers, through this route.
TELLER = "/promises"
LONGEST_KEY = 256
MOST = 1_000
"""So many promises are listed at most, the latest first."""


class Promises:
    """Tells promises, and what became of them.

    Args:
        desk: Who knows, and journals.
        clock: The time.
        reads: Finds the queue and the language.
        wording: Puts the wait into words.
    """

    def __init__(self, desk: Desk, clock: Clock, reads: Reads, wording: answers.Wording) -> None:
        self._desk = desk
        self._clock = clock
        self._reads = reads
        self._wording = wording
        self._telling: dict[str, asyncio.Event] = {}

    async def post(self, request: web.Request) -> web.Response:
        """What to tell this contact now; the same key again gets what was told the first time."""
        queue, site = named(request)
        contact = request.match_info["contact"]
        ident = _ident(request, site, queue, contact)
        async with self._alone(ident):
            told = self._desk.promise(ident, queue, site)
            if told is not None:
                return self._answer(told, 200)
            self._reads.find(request)
            view = self._desk.contact(queue, contact, site)
            if view is None:
                raise ProblemError(404, f"contact {contact!r} does not wait in queue {queue!r}")
            event = self._event(ident, view, self._reads.language(request))
            await self._desk.take(SOURCE, (event,))
            told = self._desk.promise(ident, queue, site)
        if told is None:  # so many others ended meanwhile that it is forgotten already
            raise ProblemError(503, "the promise is on record but no longer at hand; do not tell it")
        return self._answer(told, 201)

    async def of_queue(self, request: web.Request) -> web.Response:
        """The queue's promises, and how right its estimates have been."""
        view = self._reads.find(request)
        told = self._desk.promises(view.site, view.queue) or ()
        return answers.as_json(
            answers.QueuePromises(
                site=view.site,
                queue=view.queue,
                summary=answers.promises(view.promises),
                promises=tuple(answers.promise(one) for one in told[:MOST]),
            )
        )

    async def everywhere(self, request: web.Request) -> web.Response:
        """The promises of every queue of a site, and how right its estimates have been."""
        site = request.query.get("site", "default")
        told = self._desk.promises(site) or ()
        queues = {view.queue: view.promises for view in self._desk.board().queues if view.site == site}
        return answers.as_json(
            answers.SitePromises(
                site=site,
                queues={name: answers.promises(view) for name, view in queues.items()},
                promises=tuple(answers.promise(one) for one in told[:MOST]),
            )
        )

    def _event(self, ident: str, view: ContactView, language: str) -> Event:
        said = self._wording.promise(view.wait, view.channel, language)
        data = telling(view, said.language, said.text, said.told_s)
        return Event(id=ident, source=TELLER, at=self._clock.now(), data=data, site=view.site)

    def _answer(self, told: PromiseView, status: int) -> web.Response:
        response = answers.as_json(answers.promise(told), status=status)
        response.headers["Content-Language"] = told.language
        return response

    @asynccontextmanager
    async def _alone(self, ident: str) -> AsyncIterator[None]:
        """Two requests with one key come one after the other: what is told is told once."""
        while ident in self._telling:
            await self._telling[ident].wait()
        done = self._telling[ident] = asyncio.Event()
        try:
            yield
        finally:
            del self._telling[ident]
            done.set()


def _ident(request: web.Request, site: str, queue: str, contact: str) -> str:
    """The promise's key: from the caller's, for this contact alone; else a new one."""
    if KEY_HEADER not in request.headers:
        return uuid4().hex
    key = key_of(request, LONGEST_KEY)
    if not key:
        raise ProblemError(400, f"{KEY_HEADER} must have 1 to {LONGEST_KEY} characters")
    return hashlib.sha256(f"{site}\0{queue}\0{contact}\0{key}".encode()).hexdigest()[:32]
