"""`GET /banner.js`, and the notice for the pages it stands on: origins that the config names, no token."""

from __future__ import annotations

from collections.abc import Collection

from aiohttp import web

from queuewatch.serve.page import Page
from queuewatch.serve.problems import Handler

FILE = "banner.js"
MAX_AGE_S = 300


class Banner:
    """Serves the script, to whichever page has it.

    Args:
        page: Has the file.
    """

    def __init__(self, page: Page) -> None:
        self._page = page

    async def script(self, request: web.Request) -> web.Response:
        """The script."""
        response = self._page.file(request, FILE)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Cache-Control"] = f"max-age={MAX_AGE_S}"
        return response


def open_to(origins: Collection[str], handler: Handler, guarded: Handler) -> Handler:
    """What pages of these origins may read without a token; all others as guarded.

    What a notice says is meant for everybody who calls; the list keeps other people's pages from using it.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        if origin not in origins:
            return await guarded(request)
        response = await handler(request)
        response.headers["Access-Control-Allow-Origin"] = origin
        return response

    return answer
