"""`GET /v1/queues/{queue}/notice`: what to tell customers now, for IVRs, chat widgets and web pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
from aiohttp import web

from queuewatch.core.view import QueueView
from queuewatch.serve import answers
from queuewatch.serve.negotiate import has, preferred
from queuewatch.serve.problems import ProblemError
from queuewatch.serve.reads import Reads

TYPES = {
    "application/json": "json",
    "text/plain": "text",
    "application/ssml+xml": "ssml",
    "text/xml": "twiml",
}
MAX_AGE_S = 5
"""So long a copy may be used unasked: levels move over tens of seconds."""


class Notices:
    """Tells the notice in force.

    Args:
        reads: Finds the queue and the language.
        wording: Puts the notice into words.
    """

    def __init__(self, reads: Reads, wording: answers.Wording) -> None:
        self._reads = reads
        self._makers: dict[str, Callable[[QueueView, str], bytes]] = {
            "json": lambda view, language: msgspec.json.encode(answers.notice(view, wording, language)),
            "text": lambda view, language: wording.text(view, language).text.encode(),
            "ssml": lambda view, language: wording.ssml(wording.text(view, language)).encode(),
            "twiml": lambda view, language: wording.twiml(wording.text(view, language)).encode(),
        }

    async def notice(self, request: web.Request) -> web.Response:
        """The notice, or 304 where the asker has it already."""
        kind = _kind(request)
        view = self._reads.find(request)
        language = self._reads.language(request)
        body = self._makers[TYPES[kind]](view, language)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {
            "ETag": etag,
            "Cache-Control": f"max-age={MAX_AGE_S}",
            "Vary": "Accept, Accept-Language, Origin",
            "Content-Language": language,
        }
        if has(request.headers.get("If-None-Match", ""), etag):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


def _kind(request: web.Request) -> str:
    """The media type asked for: `?format=` before Accept."""
    asked = request.query.get("format")
    if asked is not None:
        for kind, name in TYPES.items():
            if name == asked:
                return kind
        raise ProblemError(400, f"format must be one of {', '.join(TYPES.values())}, not {asked!r}")
    liked = preferred(request.headers.get("Accept", ""), tuple(TYPES))
    if liked is None:
        raise ProblemError(406, f"the notice can be had as {', '.join(TYPES)}")
    return liked
