"""What was decided, as JSON to any address: a chat widget's notices, a CRM's incentives, a pager's alerts.

Signed as Standard Webhooks has it: `Webhook-Id` (the decision's key, the same at every attempt), its time,
and `Webhook-Signature: v1,` with the HMAC-SHA256 of `id.timestamp.body` in base64. A secret that begins with
`whsec_` is base64 behind that, as the standard's libraries take it; any other is taken as it is. What a crash
may do here: it may rather come twice than never, under the same id.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from queuewatch.outgoing import Delivery, DeliveryKind, Manner
from queuewatch.ports import Clock, SendFailedError
from queuewatch.senders.payload import Wording, encoded, notice_message
from queuewatch.senders.web import Line, Posting, ask, header_text, host_of, judge

ENCODED = "whsec_"
"""What a secret in base64 begins with, as the standard has it."""


def message(delivery: Delivery, wording: Wording, languages: Sequence[str]) -> bytes:
    """The body."""
    if delivery.view is not None:
        return notice_message(delivery.view, wording, languages)
    if delivery.decision is not None:
        return encoded(delivery.decision)
    raise SendFailedError("there is nothing to send", permanent=True)


def signature(secret: str, ident: str, timestamp: int, body: bytes) -> str:
    """What proves that we sent it.

    Raises:
        ValueError: What is behind `whsec_` in the secret is no base64.
    """
    signed = f"{ident}.{timestamp}.".encode() + body
    digest = hmac.digest(_key(secret), signed, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    if not secret.startswith(ENCODED):
        return secret.encode()
    return base64.b64decode(secret.removeprefix(ENCODED), validate=True)


class Hook(Posting):
    """Sends to one address.

    Args:
        name: In the outbox, metrics and logs.
        url: Where to; may hold a secret.
        secret: Signs; None: nothing is signed.
        kinds: What is sent there.
        clock: The time.
        line: How requests go out.
        wording: Says notices in words.
        languages: In which languages (BCP 47).
    """

    def __init__(
        self,
        name: str,
        url: str,
        secret: str | None,
        kinds: frozenset[DeliveryKind],
        clock: Clock,
        *,
        line: Line,
        wording: Wording,
        languages: Sequence[str],
    ) -> None:
        self.name = name
        self.manner = Manner(kinds=kinds, per_minute=300.0, burst=30, give_up_s=86_400.0)
        self._url = url
        self._secret = secret
        self._clock = clock
        self._line = line
        self._wording = wording
        self._languages = languages

    async def send(self, delivery: Delivery) -> str | None:
        """Post it."""
        body = message(delivery, self._wording, self._languages)
        timestamp = int(self._clock.now())
        ident = header_text(delivery.key)  # what is signed is what is sent
        headers = {
            "Content-Type": "application/json",
            "Webhook-Id": ident,
            "Webhook-Timestamp": str(timestamp),
            "Idempotency-Key": ident,
        }
        if self._secret is not None:
            headers["Webhook-Signature"] = signature(self._secret, ident, timestamp, body)
        answer = await ask(self._line, "POST", self._url, body=body, headers=headers)
        judge(answer, host_of(self._url), self._clock)
        return None

    async def probe(self) -> str:
        """Whether somebody is there; more cannot be tried without sending."""
        answer = await ask(self._line, "HEAD", self._url)
        return f"{host_of(self._url)} is there (it answered {answer.status}); nothing was sent"
