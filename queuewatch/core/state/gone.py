"""Contacts that were forgotten: when each ended, so that what comes much too late is not taken for another.

Whatever a contact needs to be told anew goes when it is forgotten; of its name and its end, the last fifty to
a hundred thousand are kept, which is a day of a large centre.
"""

from __future__ import annotations

from dataclasses import dataclass, field

KEPT = 50_000


@dataclass(slots=True)
class Gone:
    """Contacts that were forgotten, with the time of their last fact: the latest, and those before them.

    Attributes:
        latest, before: The times, by name.
        until_at: The latest time of all: what is later is about nobody who was forgotten.
    """

    latest: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)
    until_at: float = float("-inf")

    def add(self, last_at: dict[str, float]) -> None:
        """Contacts are forgotten, by name the time of the last fact of each."""
        if len(self.latest) >= KEPT:
            self.before, self.latest = self.latest, {}
        self.latest.update(last_at)
        self.until_at = max(self.until_at, max(last_at.values(), default=self.until_at))

    def knows(self, contact: str, at: float) -> bool:
        """Whether a fact of that time is about the stay that was forgotten, not about one since."""
        if at > self.until_at:
            return False
        last_at = self.latest.get(contact)
        if last_at is None:
            last_at = self.before.get(contact)
        return last_at is not None and at <= last_at
