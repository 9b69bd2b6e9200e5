"""Customers' identifiers become keyed hashes at the edge; the raw value goes no further."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field

import msgspec

from queuewatch.core.events import Enqueued, Event

SHORTEST_KEY = 16
# Seven digits is the shortest subscriber number with its country code; shorter ones are customer numbers.
_PHONE = re.compile(r"(?:tel:)?\+?(?:[ ().\-/]*[0-9]){7,}[ ().\-/]*", re.IGNORECASE)
_NOT_DIGITS = re.compile(r"[^0-9]")


def normalise(customer: str) -> str:
    """One spelling per customer: trimmed, e-mail addresses in lower case, phone numbers as `+` and digits.

    A phone number's international prefix may be written `+`, `00` or not at all.
    """
    trimmed = customer.strip()
    if "@" in trimmed:
        return trimmed.lower()
    if _PHONE.fullmatch(trimmed):
        return "+" + _NOT_DIGITS.sub("", trimmed).removeprefix("00")
    return trimmed


@dataclass(frozen=True)
class Customers:
    """Hides customers' identifiers behind HMAC-SHA256 with the service's own key.

    Attributes:
        key: Secret, at least SHORTEST_KEY bytes.
        version: Number of the key, from 1; it is part of each pseudonym, so that a key can be replaced.

    Raises:
        ValueError: The key is too short to keep anything secret.
    """

    key: bytes = field(repr=False)
    version: int = 1

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise ValueError(
                f"the customer key has {len(self.key)} bytes;"
                f" it needs at least {SHORTEST_KEY}, better 32 random ones"
            )

    def pseudonym(self, customer: str) -> str:
        """`p<version>:<hex>`: the same for every spelling of the same customer, and telling nothing of it."""
        digest = hmac.digest(self.key, normalise(customer).encode(), "sha256")
        return f"p{self.version}:{digest.hex()}"

    def hide(self, event: Event) -> Event:
        """The event with its customer replaced by the pseudonym; the event itself where it names none."""
        data = event.data
        if not isinstance(data, Enqueued) or data.customer is None:
            return event
        customer = self.pseudonym(data.customer) if data.customer.strip() else None
        return msgspec.structs.replace(event, data=msgspec.structs.replace(data, customer=customer))
