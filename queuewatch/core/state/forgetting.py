"""A customer is forgotten: nobody, a stand-in, is put in their place everywhere.

What the core knows of customers stands in many places, by their keyed hash. The stand-in keeps what belongs
together together, so that counts and budgets stay right, but nothing leads from it to the customer.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")

PREFIX = "forgotten:"
"""What every stand-in begins with."""


def without(state: T, customer: str, stand_in: str) -> T:
    """A copy of a state (a Struct) with the stand-in wherever the customer's keyed hash stood."""
    encode = msgspec.msgpack.encode
    # With its length before it and 256 bits of hash, no other bytes can be taken for it.
    frozen = encode(state).replace(encode(customer), encode(stand_in))
    return msgspec.msgpack.decode(frozen, type=type(state))
