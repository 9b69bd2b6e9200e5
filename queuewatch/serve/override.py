"""`POST /v1/queues/{queue}/notice/override`: a supervisor's word on a notice, journalled like any fact."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import uuid4

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from queuewatch.core.acts import NoticeOverridden
from queuewatch.core.events import Event
from queuewatch.core.view import QueueView
from queuewatch.core.wire import Time
from queuewatch.ports import Clock, Desk
from queuewatch.serve import answers
from queuewatch.serve.problems import ProblemError
from queuewatch.serve.reads import Reads

SOURCE = "http"
# The event's own source: people, through this route.
TELLER = "/supervisors"


class Override(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a supervisor says.

    Attributes:
        level: The notice to tell; null gives it back to the rules.
        by: Who says so; shown on the boards.
        until_at: Until when; null: until somebody says otherwise.
    """

    level: Literal["normal", "busy", "very_busy"] | None
    by: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S")]
    until_at: Time | None = None


class Overrides:
    """Takes a supervisor's word.

    Args:
        desk: Journals it.
        clock: The time.
        reads: Finds the queue and the language.
        wording: Puts the notice into words.
    """

    def __init__(self, desk: Desk, clock: Clock, reads: Reads, wording: answers.Wording) -> None:
        self._desk = desk
        self._clock = clock
        self._reads = reads
        self._wording = wording

    async def post(self, request: web.Request) -> web.Response:
        """Journal it, and answer with the notice that is in force now."""
        queue = self._reads.find(request)
        said = _read(await request.read())
        now = self._clock.now()
        until_at = said.until_at.timestamp() if said.until_at else None
        if until_at is not None and until_at <= now:
            raise ProblemError(422, "until_at is past already; name a later time, or null for no end")
        word = NoticeOverridden(queue=queue.queue, level=said.level, by=said.by.strip(), until_at=until_at)
        event = Event(id=uuid4().hex, source=TELLER, at=now, data=word, site=queue.site)
        await self._desk.take(SOURCE, (event,))
        after: QueueView = self._reads.find(request)
        return answers.as_json(answers.notice(after, self._wording, self._reads.language(request)))


def _read(body: bytes) -> Override:
    try:
        return msgspec.json.decode(body, type=Override)
    except msgspec.ValidationError as error:
        raise ProblemError(422, f"this override cannot be taken: {error}") from None
    except msgspec.DecodeError as error:
        raise ProblemError(400, f"the body is not JSON: {error}") from None
