"""What a translator tells: events whose ids are made of what happened when to whom."""

from __future__ import annotations

from queuewatch.core.facts.events import ContactData, Data, Event, QueueSnapshot
from queuewatch.sources.reading import Reading, key


class Teller:
    """Gathers the events of one block, or of a pause in the stream."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._sequence = 0
        self._told: list[Event] = []

    def taken(self) -> list[Event]:
        """What was told since this was asked last."""
        told, self._told = self._told, []
        return told

    def tell(self, what: str, at: float, data: Data, subject: str, who: str) -> None:
        """An event whose id is the same when a recording is read again.

        Args:
            what: The kind of fact, for the id.
            at: When it happened, by the system's clock.
            data: The fact.
            subject: The contact or agent it is about.
            who: The call or agent as the system names it, for the id.
        """
        self._sequence += 1
        queue = data.queue if isinstance(data, ContactData | QueueSnapshot) else ""
        ident = key(f"{at:.6f}/{what}/{queue}/{who}")
        self._told.append(
            Event(
                ident,
                self._reading.source,
                at,
                data,
                subject,
                self._reading.site,
                f"{self._sequence:012}",
            )
        )
