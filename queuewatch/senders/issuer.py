"""Vouchers from an issuer outside, over HTTP.

What a crash may do here: nothing. A voucher is claimed before it is asked for, its key goes along as
`Idempotency-Key`, and what may have been issued (after a crash, a time-out, a 5xx) is asked about at
`ask_url` before it is asked for again: never blindly twice, and never forgotten.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from queuewatch.core.decisions import IncentiveIssued
from queuewatch.core.facts.wire import rfc3339
from queuewatch.outgoing import Delivery, Manner
from queuewatch.ports import Clock, SendFailedError
from queuewatch.senders.web import Answer, Line, Posting, ask, header_text, host_of, judge

_NOT_FOUND = 404
_CONFLICT = 409
_CHECK = "queuewatch-check"


def message(owed: IncentiveIssued) -> bytes:
    """What the issuer is asked for."""
    asked: dict[str, Any] = {
        "key": owed.key,
        "amount": owed.benefit.amount,
        "currency": owed.benefit.currency,
        "percent": owed.benefit.percent,
        "text": owed.benefit.text,
        "customer": owed.customer,
        "tier": owed.tier,
        "language": owed.language,
        "reason": owed.reason,
        "rule": owed.rule,
        "site": owed.site,
        "queue": owed.queue,
        "expires_at": rfc3339(owed.expires_at),
    }
    return msgspec.json.encode(asked)


class HttpIssuer(Posting):
    """Has vouchers issued. `outgoing.Issuer`.

    Args:
        url: Where vouchers are asked for (POST).
        ask_url: Where it is asked whether there is one (GET), with `{key}` in it: 200 or 404.
        token: Shown as a bearer token; None: none is.
        clock: The time.
        line: How requests go out.
    """

    name = "issuer"
    manner = Manner(kinds=frozenset(("voucher",)), per_minute=120.0, burst=10, give_up_s=7 * 86_400.0)

    def __init__(self, url: str, ask_url: str, token: str | None, clock: Clock, line: Line) -> None:
        self._url = url
        self._ask_url = ask_url
        self._token = token
        self._clock = clock
        self._line = line

    async def send(self, delivery: Delivery) -> str | None:
        """Have it issued; returns its code. What is issued under this key already is not issued again."""
        if not isinstance(delivery.decision, IncentiveIssued):
            raise SendFailedError("this is no voucher", permanent=True)
        headers = {"Content-Type": "application/json", "Idempotency-Key": header_text(delivery.key)}
        answer = await ask(
            self._line,
            "POST",
            self._url,
            body=message(delivery.decision),
            headers=headers | self._shown(),
        )
        if answer.status == _CONFLICT:  # "there is one under this key": then it can tell which
            raise SendFailedError(f"{host_of(self._url)} has one under this key", retry_after_s=0.0)
        judge(answer, host_of(self._url), self._clock)
        return _code(answer)

    async def ask(self, delivery: Delivery) -> str | None:
        """Its code where it is issued; None where it is not."""
        return await self._asked(delivery.key)

    async def probe(self) -> str:
        """Whether the issuer answers for a voucher that there is not."""
        await self._asked(_CHECK)
        return f"{host_of(self._ask_url)} answers for vouchers"

    async def _asked(self, key: str) -> str | None:
        url = self._ask_url.replace("{key}", quote(key, safe=""))
        answer = await ask(self._line, "GET", url, headers=self._shown())
        if answer.status == _NOT_FOUND:
            return None
        try:
            judge(answer, host_of(url), self._clock)
        except SendFailedError as error:
            # Not knowing is no answer, and no reason to give up: somebody mends the address or the token.
            raise SendFailedError(str(error), retry_after_s=error.retry_after_s) from None
        return _code(answer)

    def _shown(self) -> dict[str, str]:
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}


def _code(answer: Answer) -> str:
    """The code in an answer; empty where there is none, for it is issued all the same."""
    try:
        said = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    code = said.get("code") if isinstance(said, dict) else None
    return code if isinstance(code, str) else ""
