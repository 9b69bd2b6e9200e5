"""`POST /v1/queues/{queue}/notice/override`: a supervisor's word on a notice, journalled like any fact."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from msgspec import Struct

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.wire import Time
from queuewatch.core.view import QueueView
from queuewatch.serve import answers
from queuewatch.serve.people import By, People, body_of
from queuewatch.serve.problems import ProblemError
from queuewatch.serve.reads import Reads


class Override(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a supervisor says.

    Attributes:
        level: The notice to tell; null gives it back to the rules.
        by: Who says so (unless set: whose token it is); shown on the boards.
        until_at: Until when; null: until somebody says otherwise.
    """

    level: Literal["normal", "busy", "very_busy"] | None
    by: By = ""
    until_at: Time | None = None


class Overrides:
    """Takes a supervisor's word.

    Args:
        people: Journals what people do.
        reads: Finds the queue and the language.
        wording: Puts the notice into words.
    """

    def __init__(self, people: People, reads: Reads, wording: answers.Wording) -> None:
        self._people = people
        self._reads = reads
        self._wording = wording

    async def post(self, request: web.Request) -> web.Response:
        """Journal it, and answer with the notice that is in force now."""
        queue = self._reads.find(request)
        said = await body_of(request, Override)
        by = self._people.who(request, said.by)
        until_at = said.until_at.timestamp() if said.until_at else None
        if until_at is not None and until_at <= self._people.now():
            raise ProblemError(422, "until_at is past already; name a later time, or null for no end")
        word = NoticeOverridden(queue=queue.queue, level=said.level, by=by, until_at=until_at)
        await self._people.do(request, queue.site, word)
        after: QueueView = self._reads.find(request)
        return answers.as_json(answers.notice(after, self._wording, self._reads.language(request)))
