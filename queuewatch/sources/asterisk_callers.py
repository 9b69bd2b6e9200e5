"""Callers in the queues of an Asterisk as AMI tells of them: who joins, who leaves, and why.

A *Leave* comes with every end of waiting, and an *Abandon* with time-outs and emptied queues too. So who left
is out of the line as soon as the stream pauses, for a reason not known yet. It is told by the answer, by the
variable QUEUESTATUS, by the caller having hung up before (HangupRequest), or by the lack of these for a time.
A PBX that is stopped hangs up on everybody, and says so of each channel first (SoftHangupRequest).
"""

from __future__ import annotations

from queuewatch.core.facts.events import Abandoned, Enqueued, Left
from queuewatch.core.facts.terms import LeftReason
from queuewatch.sources.asterisk_crew import Crew
from queuewatch.sources.asterisk_pbx import PbxTime
from queuewatch.sources.asterisk_status import Block, duration, named
from queuewatch.sources.asterisk_stays import KEEP_S, Stay, Stays
from queuewatch.sources.asterisk_verbs import caller
from queuewatch.sources.reading import MAX_NAME, Reading
from queuewatch.sources.teller import Teller

_REASONS: dict[str, LeftReason] = {
    "TIMEOUT": "timed_out",
    "FULL": "full",
    "JOINEMPTY": "empty",
    "LEAVEEMPTY": "empty",
    "JOINUNAVAIL": "empty",
    "LEAVEUNAVAIL": "empty",
    "WITHDRAW": "withdrawn",
}
"""What the variable QUEUESTATUS says; CONTINUE follows an answered call and is none of these."""

_MOST_ASKING = 1000
_SHUTDOWN_FLAG = "4"
"""AST_SOFTHANGUP_SHUTDOWN: what a SoftHangupRequest calls its cause is no cause but a flag."""

_SHUTDOWN_S = 3.0  # a recorded one hung up on everybody 1.1 s before it said that it shuts down


class Callers:
    """Those who wait and those who have just left."""

    def __init__(
        self, reading: Reading, teller: Teller, stays: Stays, crew: Crew, time: PbxTime, *, grace_s: float
    ) -> None:
        """Start with nobody.

        Args:
            reading: The customers' hash.
            teller: Takes the events.
            stays: All stays of calls in queues, shared with `asterisk_talks`.
            crew: All agents.
            time: The PBX's time.
            grace_s: How long after a call left its reason may still be told, seconds.
        """
        self._reading = reading
        self._teller = teller
        self._stays = stays
        self._crew = crew
        self._time = time
        self._grace_s = grace_s
        self._held: list[str] = []
        self._asking: dict[str, str] = {}
        self._sees_variables = False
        self._sees_hangups = False
        self._stopping = False

    def cut(self) -> None:
        """The line to the PBX is cut: who just left is not heard of any more."""
        self._held.clear()
        self._asking.clear()
        self._stopping = False

    def due(self, now: float) -> None:
        """Tell what comes of the stream pausing and of time: who left, and why."""
        for call, stay in list(self._stays.left.items()):
            if not stay.settled and stay.settle_at <= now:
                self._settle(call, stay)
        for call in self._held:
            held = self._stays.left.get(call)
            if held is not None and not held.settled:
                left = Left(queue=held.queue, channel="phone", wait_s=held.wait_s)
                self._tell_end(call, held, left, "left")
        self._held.clear()
        self._stays.forget(now - KEEP_S)

    def next_at(self) -> float | None:
        """When `due` has something to say though nothing came in (our clock)."""
        return min((stay.settle_at for stay in self._stays.left.values() if not stay.settled), default=None)

    def soft_hang_up(self, block: Block, _at: float) -> None:
        """The PBX hangs up on a channel, maybe as it is stopped: who leaves from then on was sent away."""
        if block.get("cause") == _SHUTDOWN_FLAG:
            self._sees_hangups = self._stopping = True

    def shut_down(self, at: float) -> None:
        """The PBX goes down: where we may not see who hung up, those who left just before did not abandon."""
        if self._sees_hangups:
            return
        for call, stay in self._stays.left.items():
            if stay.gave_up and stay.reason is None and stay.left_at >= at - _SHUTDOWN_S:
                stay.reason = "system"
                self._settle(call, stay)

    def join(self, block: Block, at: float) -> None:
        """A call joined a queue; where it was before, it is no more."""
        queue, call = named(block, "queue"), named(block, "uniqueid", "channel")
        before = self._stays.left.get(call)
        if before is not None and not before.settled:
            self._settle(call, before)
        for talk in self._stays.talks(call):
            talk.to_queue = queue
        self._asking.pop(call, None)
        self._stays.waiting[call] = Stay(call, queue, block.get("linkedid", ""), at)
        number = caller(block.get("calleridnum", block.get("callerid", "")))
        position = duration(block, "position")
        language = block.get("language", "").replace("_", "-")
        enqueued = Enqueued(
            queue=queue,
            channel="phone",
            customer=None if number is None else self._reading.hash_customer(number),
            language=language or None,
            position=None if position is None else int(position),
        )
        self._teller.tell("enqueued", at, enqueued, call, call)

    def leave(self, block: Block, at: float) -> None:
        """A call waits no longer, which says nothing of why."""
        call, stay = self._stays.of(block)
        stay.left_at = at
        stay.settle_at = self._time.received_at + self._grace_s
        self._stays.leave(call, stay)
        if self._stopping and stay.reason is None and not stay.hung_up:
            stay.reason = "system"
        if stay.hung_up or stay.reason is not None:
            self._settle(call, stay)
        else:
            self._held.append(call)

    def abandon(self, block: Block, _at: float) -> None:
        """Says how long, but not why: the caller hung up, or time ran out, or the queue emptied."""
        _, stay = self._stays.of(block)
        stay.gave_up = True
        stay.wait_s = duration(block, "holdtime")

    def hang_up(self, block: Block, _at: float) -> None:
        """Somebody hung up; a caller who waits has abandoned, that is certain then."""
        self._sees_hangups = True
        stay = self._stays.waiting.get(block.get("uniqueid", ""))
        if stay is not None and not self._stopping:
            stay.hung_up = True

    def variable(self, block: Block, at: float) -> None:
        """The dialplan was told why a call left a queue, or was not let in."""
        self._sees_variables = True
        reason = _REASONS.get(block.get("value", ""))
        call = block.get("uniqueid", "")
        if block.get("variable") != "QUEUESTATUS" or reason is None or not call:
            return
        stay = self._stays.left.get(call)
        waiting = self._stays.waiting.get(call)
        if call in self._asking:
            queue = self._asking.pop(call)
            refused = Left(queue=queue, channel="phone", reason=reason, wait_s=0.0)
            self._teller.tell("refused", at, refused, call, call)
        elif waiting is not None:
            waiting.reason = reason
        elif stay is not None:
            stay.reason = reason
            self._settle(call, stay)

    def ask(self, block: Block, _at: float) -> None:
        """The dialplan sends a call into a queue; where that refuses it, nothing else says which it was."""
        queue = block.get("appdata", "").partition(",")[0]
        call = block.get("uniqueid", "")
        if queue and call and max(len(queue), len(call)) <= MAX_NAME and call not in self._stays.waiting:
            self._asking[call] = queue
            if len(self._asking) > _MOST_ASKING:
                del self._asking[next(iter(self._asking))]

    def _settle(self, call: str, stay: Stay) -> None:
        """Tell for good why a stay ended, as far as that can be known."""
        stay.settled = True
        self._crew.released(stay, stay.left_at)
        queue = stay.queue
        if stay.reason is not None:
            left = Left(queue=queue, channel="phone", reason=stay.reason, wait_s=stay.wait_s)
            self._tell_end(call, stay, left, stay.reason)
        elif stay.hung_up or (stay.gave_up and (self._sees_variables or not self._sees_hangups)):
            abandoned = Abandoned(queue=queue, channel="phone", wait_s=stay.wait_s)
            self._tell_end(call, stay, abandoned, "abandoned")
        elif not stay.gave_up and self._sees_variables:
            self._tell_end(call, stay, Left(queue=queue, channel="phone", reason="key"), "key")

    def _tell_end(self, call: str, stay: Stay, data: Left | Abandoned, what: str) -> None:
        self._teller.tell(what, stay.left_at, data, stay.contact, call)
