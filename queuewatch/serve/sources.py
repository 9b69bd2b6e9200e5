"""`GET /v1/sources…`: whether each source speaks, what it told, and in words what could not be used of it."""

from __future__ import annotations

from aiohttp import web

from queuewatch.ports import Desk
from queuewatch.serve import answers
from queuewatch.serve.problems import ProblemError


class Sources:
    """Answers whoever connects a system and wants to see what becomes of what it sends.

    Args:
        desk: Who knows.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def listed(self, _request: web.Request) -> web.Response:
        """All of them."""
        return answers.as_json(answers.sources(self._desk.board()))

    async def one(self, request: web.Request) -> web.Response:
        """One source."""
        name = request.match_info["name"]
        found = answers.sources(self._desk.board()).sources
        for source in found:
            if source.source == name:
                return answers.as_json(source)
        known = ", ".join(source.source for source in found) or "none"
        raise ProblemError(404, f"nothing has come from a source {name!r} so far; there is: {known}")
