"""`GET /`: the wall board, served from the package."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from aiohttp import web

from queuewatch.serve.negotiate import has

TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "svg": "image/svg+xml",
}


OPEN, TOKEN = b'data-access="open"', b'data-access="token"'
"""How the page knows whether it needs a token."""


@dataclass(frozen=True)
class _File:
    body: bytes
    content_type: str
    etag: str


@cache
def _load(*, is_open: bool) -> Mapping[str, _File]:
    files = {}
    for entry in resources.files("queuewatch.serve").joinpath("static").iterdir():
        suffix = entry.name.rpartition(".")[2]
        if suffix in TYPES:
            body = entry.read_bytes()
            if suffix == "html" and not is_open:
                body = body.replace(OPEN, TOKEN)
            files[entry.name] = _File(body, TYPES[suffix], f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    return files


class Page:
    """The page and its files, read once by all that serve them.

    Args:
        is_open: Whether the page may read without a token; else it asks for one before it tries.
    """

    def __init__(self, *, is_open: bool) -> None:
        self._files = _load(is_open=is_open)

    async def index(self, request: web.Request) -> web.Response:
        """The page."""
        return self.file(request, "index.html")

    async def planner(self, request: web.Request) -> web.Response:
        """The planner's page."""
        return self.file(request, "planner.html")

    async def static(self, request: web.Request) -> web.Response:
        """One of its files."""
        return self.file(request, request.match_info["file"])

    def file(self, request: web.Request, name: str) -> web.Response:
        """A file by its name; 304 where the asker has it already."""
        file = self._files.get(name)
        if file is None:
            raise web.HTTPNotFound
        # Asked for again each time, answered by 304: after an update nobody looks at a stale board.
        headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
        if has(request.headers.get("If-None-Match", ""), file.etag):
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=headers)
