"""Contacts that were forgotten: when each ended, so that what comes much too late is not taken for another.

Whatever a contact needs to be told anew goes when it is forgotten; of its name and its end, the last hundred
thousand are kept, which is a day of a large centre. They are kept packed: hardly ever does anybody ask for
one, and a hundred thousand names strewn over the memory would slow down all that is remembered among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import msgspec

KEPT = 100_000
PACKED_TOGETHER = 1_000

_decode = msgspec.msgpack.Decoder(dict[str, float]).decode


@dataclass(slots=True)
class Gone:
    """Contacts that were forgotten, with the time of the last fact of each.

    Attributes:
        latest: The times, by name, of those forgotten last.
        packed: Those before them, PACKED_TOGETHER or more in each: how many, and their times by name in
            MessagePack; the earliest first. As many as it takes to have KEPT.
        count: How many are packed.
        until_at: The latest time of all: what is later is about nobody who was forgotten.
    """

    latest: dict[str, float] = field(default_factory=dict)
    packed: list[tuple[int, bytes]] = field(default_factory=list)
    count: int = 0
    until_at: float = float("-inf")

    def add(self, last_at: dict[str, float]) -> None:
        """Contacts are forgotten, by name the time of the last fact of each."""
        latest = self.latest
        latest.update(last_at)
        self.until_at = max(self.until_at, max(last_at.values(), default=self.until_at))
        if len(latest) < PACKED_TOGETHER:
            return
        self.packed.append((len(latest), msgspec.msgpack.encode(latest)))
        self.count += len(latest)
        self.latest = {}
        while self.count - self.packed[0][0] >= KEPT:
            self.count -= self.packed.pop(0)[0]

    def knows(self, contact: str, at: float) -> bool:
        """Whether a fact of that time is about the stay that was forgotten, not about one since."""
        if at > self.until_at:
            return False
        never = float("-inf")
        if at <= self.latest.get(contact, never):
            return True
        return any(at <= _unpacked(names).get(contact, never) for _, names in self.packed)


@lru_cache(maxsize=2 * KEPT // PACKED_TOGETHER)
def _unpacked(names: bytes) -> dict[str, float]:
    """Who is asked for is mostly asked for with others of that time."""
    return _decode(names)
