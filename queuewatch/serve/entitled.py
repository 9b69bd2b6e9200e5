"""`GET /v1/access`: what the bearer of a token may do, so that a page offers only that."""

from __future__ import annotations

from typing import get_args

from aiohttp import web
from msgspec import Struct

from queuewatch.serve import answers
from queuewatch.serve.access import Access, Scope


class Entitlement(Struct, frozen=True, kw_only=True):
    """What the asker may do; `open` where no tokens are configured and everybody may do all.

    `name`: whose token it is, as acts are signed with it; null while all is open.
    """

    open: bool
    name: str | None
    scopes: tuple[Scope, ...]


class Entitled:
    """Tells what a token allows.

    Args:
        access: Who may do what.
    """

    def __init__(self, access: Access) -> None:
        self._access = access

    async def answer(self, request: web.Request) -> web.Response:
        """The scopes of the asker."""
        allowed = tuple(scope for scope in get_args(Scope) if self._access.allows(scope, request))
        return answers.as_json(
            Entitlement(open=self._access.is_open, name=self._access.holder(request), scopes=allowed)
        )
