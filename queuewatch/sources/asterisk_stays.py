"""Calls in the queues as the manager interface tells of them: who waits, has just left, or talks."""

from __future__ import annotations

from collections.abc import Container, Iterator

from msgspec import Struct, field

from queuewatch.core.facts.terms import LeftReason, TransferKind
from queuewatch.sources.asterisk_status import Block, named

KEEP_S = 60.0
"""How long a stay that ended is remembered, because its reason may still be told."""


class Stay(Struct):
    """One stay of a call in a queue.

    Attributes:
        contact: The id it is told under: that of the call which joined.
        linked: The PBX's own word for what belongs together.
        joined_at: When it joined; None when that was not seen.
        position: Its last known place in line.
        offers: Agents it rings at.
        gave_up: The PBX called it abandoned, which it also says of time-outs and of empty queues.
        hung_up: The caller hung up while waiting.
        reason: Why it left, once the PBX has said.
        left_at: When it left.
        settle_at: When the reason must do that is most likely (our clock).
        settled: Its end has been told for good.
        missed: Times in a row that the PBX did not list it.
        answered_at: When an agent took it.
        unsure: The line to the PBX was cut during the talk, so that it may be over.
    """

    contact: str
    queue: str
    linked: str = ""
    joined_at: float | None = None
    offers: set[str] = field(default_factory=set)
    gave_up: bool = False
    hung_up: bool = False
    wait_s: float | None = None
    reason: LeftReason | None = None
    left_at: float = 0.0
    settle_at: float = 0.0
    settled: bool = False
    agent: str | None = None
    hold_s: float = 0.0
    hold_since: float | None = None
    transfer: TransferKind | None = None
    to_queue: str | None = None
    missed: int = 0
    answered_at: float = 0.0
    unsure: bool = False


class Stays:
    """All stays, by the id of the call; a call waits in one queue at a time and may still talk in another."""

    def __init__(self) -> None:
        self.waiting: dict[str, Stay] = {}
        self.left: dict[str, Stay] = {}
        self._talking: dict[str, list[Stay]] = {}
        self._before: dict[tuple[str, str], float] = {}

    def clear(self) -> None:
        """Nothing is known any more."""
        self.waiting.clear()
        self.left.clear()
        self._talking.clear()
        self._before.clear()

    def cut(self) -> None:
        """The line to the PBX is cut: who waits is not known any more, and talks may end unseen."""
        self._before = {
            (call, stay.queue): stay.joined_at
            for call, stay in self.waiting.items()
            if stay.joined_at is not None
        }
        self.waiting.clear()
        self.left.clear()
        for stays in self._talking.values():
            for stay in stays:
                stay.unsure = True

    def listed(self, call: str, queue: str) -> Stay:
        """The stay of a call that the PBX lists as waiting; it joined when it did before the line was cut."""
        stay = self.find(call, queue, "")
        stay.missed = -1
        if stay.joined_at is None:
            stay.joined_at = self._before.pop((call, queue), None)
        return stay

    def of(self, block: Block) -> tuple[str, Stay]:
        """The call that a block is about, and its stay in the queue that the block names.

        Raises:
            LackingError: The block names no call or no queue.
        """
        call = named(block, "uniqueid", "channel")
        return call, self.find(call, named(block, "queue"), block.get("linkedid", ""))

    def find(self, call: str, queue: str, linked: str) -> Stay:
        """The stay a fact is about: that of the call, or the one that an attended transfer put it in.

        One that nobody told of is made: its beginning was before the connection's.
        """
        stay = self.waiting.get(call)
        if stay is not None and stay.queue == queue:
            return stay
        stay = self.left.get(call)
        if stay is not None and stay.queue == queue and not stay.settled:
            return stay
        for other, stay in self.waiting.items():
            if linked and stay.linked == linked and stay.queue == queue:
                self.waiting[call] = self.waiting.pop(other)
                return stay
        self.waiting[call] = stay = Stay(call, queue, linked)
        return stay

    def leave(self, call: str, stay: Stay) -> None:
        """The stay waits no longer."""
        self.waiting.pop(call, None)
        self.left[call] = stay

    def take(self, call: str, stay: Stay) -> None:
        """The stay's waiting is over: the call talks."""
        self.waiting.pop(call, None)
        self.left.pop(call, None)
        self._talking.setdefault(call, []).append(stay)

    def finish(self, call: str, queue: str, agent: str | None) -> Stay | None:
        """The conversation that is over: the call's in this queue, or else the agent's in it."""
        mine = ((call, stay) for stay in self._talking.get(call, ()) if stay.queue == queue)
        theirs = (
            (other, stay)
            for other, stays in self._talking.items()
            for stay in stays
            if stay.queue == queue and stay.agent == agent
        )
        found = next(mine, None) or next(theirs, None)
        if found is None:
            return None
        other, stay = found
        self._talking[other].remove(stay)
        if not self._talking[other]:
            del self._talking[other]
        return stay

    def talks(self, call: str, linked: str = "") -> Iterator[Stay]:
        """The conversations of a call, or of what is linked with it."""
        for other, stays in self._talking.items():
            for stay in stays:
                if other == call or (linked and stay.linked == linked):
                    yield stay

    def talking(self) -> set[str]:
        """The agents who are known to talk."""
        return {stay.agent for stays in self._talking.values() for stay in stays if stay.agent is not None}

    def unsure(self) -> list[tuple[str, Stay]]:
        """The calls whose talks may be over, with their stays."""
        return [(call, stay) for call, stays in self._talking.items() for stay in stays if stay.unsure]

    def consulted(self, consultation: str, call: str) -> Stay | None:
        """A call was put in the place of the consultation that waits for it.

        Returns:
            The stay, which keeps the consultation's id.
        """
        stay = self.waiting.pop(consultation, None)
        if stay is not None:
            self.waiting[call] = stay
        return stay

    def forget_unlisted(self, queues: Container[str]) -> None:
        """The PBX listed who waits in these queues; those it did list have `missed` set below 0.

        One missing from a list may have left with its block still on its way; one missing from two is gone.
        """
        for call, stay in list(self.waiting.items()):
            stay.missed += stay.queue in queues
            if stay.missed > 1:
                del self.waiting[call]

    def forget(self, before: float) -> None:
        """Drop settled stays that left before then (our clock)."""
        for call in [call for call, stay in self.left.items() if stay.settled and stay.settle_at < before]:
            del self.left[call]
