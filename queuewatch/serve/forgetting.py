"""`DELETE /v1/customers/{customer}`: forgets a customer, in what is known and in what is kept."""

from __future__ import annotations

import secrets

from aiohttp import web

from queuewatch.core.state.forgetting import PREFIX
from queuewatch.customers import Customers
from queuewatch.ports import Desk, FaultError, JournalFailedError
from queuewatch.serve.problems import ProblemError


class Forgetting:
    """Forgets customers.

    Args:
        desk: Forgets them.
        customers: Hides whom a request names.
    """

    def __init__(self, desk: Desk, customers: Customers) -> None:
        self._desk = desk
        self._customers = customers

    async def delete(self, request: web.Request) -> web.Response:
        """Forget; answered once nothing leads to the customer any more, and alike where nobody knew them.

        The customer is named as a source would name them, or by the keyed hash that the journal shows.
        """
        named = request.match_info["customer"]
        if not named.strip():
            raise ProblemError(400, "name the customer as your source does: a number, an address, an id")
        try:
            await self._desk.forget_customer(self._customers.whom(named), PREFIX + secrets.token_hex(16))
        except FaultError:  # asking again is of no use
            raise
        except JournalFailedError as error:
            raise ProblemError(
                503, f"not forgotten, ask again: {error}", headers={"Retry-After": "5"}
            ) from None
        return web.Response(status=204)
