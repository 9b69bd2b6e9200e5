"""Blocks of Asterisk's manager interface into events: each handed to its own, and the PBX's lists and starts.

Callers are in `asterisk_callers`, their calls with agents in `asterisk_talks`, agents in `asterisk_crew`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from queuewatch.core.facts.events import (
    Event,
    QueueSnapshot,
    SourceGap,
    SourceStarted,
    SourceStopped,
    Waiting,
)
from queuewatch.ports import Refused
from queuewatch.sources.asterisk_callers import Callers
from queuewatch.sources.asterisk_crew import Crew
from queuewatch.sources.asterisk_pbx import Boots, Ears, PbxTime
from queuewatch.sources.asterisk_status import Block, Entry, LackingError, Listing, Member, named
from queuewatch.sources.asterisk_stays import Stays
from queuewatch.sources.asterisk_talks import Talks
from queuewatch.sources.lineup import Joined, in_order
from queuewatch.sources.reading import Reading
from queuewatch.sources.teller import Teller


class Translator:
    """One PBX's blocks into events: `feed` it each, ask `due` when the stream pauses or time has passed."""

    def __init__(
        self, reading: Reading, *, grace_s: float = 2.0, wrap_up_s: Mapping[str, float] | None = None
    ) -> None:
        """Start with nothing known.

        Args:
            reading: Names of source and site, and the customers' hash.
            grace_s: How long after a call left its reason may still be told, seconds.
            wrap_up_s: `wrapuptime` of each queue, which the PBX does not tell, seconds.
        """
        self._teller = Teller(reading)
        self._stays = Stays()
        self._crew = Crew(wrap_up_s or {})
        self._time = PbxTime()
        self._boots = Boots()
        self._ears = Ears()
        self._deaf: Refused | None = None
        self._listing = Listing()
        self._callers = Callers(reading, self._teller, self._stays, self._crew, self._time, grace_s=grace_s)
        self._talks = Talks(self._teller, self._stays, self._crew)
        self.wants_status = False
        self._handlers = self._table()

    def _table(self) -> dict[str, Callable[[Block, float], None]]:
        callers, talks, crew = self._callers, self._talks, self._crew
        return {
            "QueueCallerJoin": self._join,
            "Join": self._join,
            "QueueCallerLeave": callers.leave,
            "Leave": callers.leave,
            "QueueCallerAbandon": callers.abandon,
            "VarSet": callers.variable,
            "Newexten": callers.ask,
            "HangupRequest": callers.hang_up,
            "SoftHangupRequest": callers.soft_hang_up,
            "AgentCalled": talks.call_agent,
            "AgentConnect": talks.connect,
            "AgentComplete": talks.complete,
            "AgentDump": talks.dump,
            "AgentRingNoAnswer": talks.no_answer,
            "BlindTransfer": talks.blind_transfer,
            "AttendedTransfer": talks.attended_transfer,
            "Transfer": talks.transfer_old,
            "Hold": talks.hold,
            "Unhold": talks.unhold,
            "QueueMemberAdded": lambda block, at: crew.member(Member.of(block), at),
            "QueueMemberPause": lambda block, at: crew.member(Member.of(block), at),
            "QueueMemberStatus": lambda block, at: crew.member(Member.of(block), at),
            "QueueMemberPaused": lambda block, at: crew.member(Member.of(block), at, device=False),
            "QueueMemberRemoved": lambda block, at: crew.removed(Member.of(block), at),
            "QueueParams": lambda block, _at: self._listing.queue(named(block, "queue")),
            "QueueMember": lambda block, _at: self._listing.member(Member.of(block)),
            "QueueEntry": lambda block, _at: self._listing.entry(Entry.of(block)),
            "QueueStatusComplete": self._listed,
            "FullyBooted": self._booted,
            "Shutdown": self._shut_down,
            "Reload": self._reload,
        }

    def feed(self, block: Block, received_at: float) -> Sequence[Event | Refused]:
        """The events of a block; one that lacks what it needs is refused.

        Args:
            block: Its fields, names in small letters.
            received_at: When it came in; stands in where the PBX does not write times.
        """
        handle = self._handlers.get(block.get("event", ""))
        if handle is None:
            handle = self._core_status if "corestartuptime" in block else None
        if handle is None:
            return ()
        at = self._time.at(block, received_at)
        self._ears.hear(at)
        try:
            handle(block, at)
        except LackingError as error:
            self._teller.taken()
            return [Refused("bad_field", str(error))]
        if self._talks.wants_list:
            self.wants_status, self._talks.wants_list = True, False
        if self._deaf is not None:
            deaf, self._deaf = self._deaf, None
            return [*self._teller.taken(), deaf]
        return self._teller.taken()

    def due(self, now: float) -> Sequence[Event]:
        """What comes of the stream pausing and of time: who left, why, and which agents changed."""
        self._callers.due(now)
        for at, agent, changed in self._crew.changes(self._time.theirs(now)):
            self._teller.tell("agent", at, changed, agent, agent)
        return self._teller.taken()

    def next_at(self) -> float | None:
        """When `due` has something to say though nothing came in (our clock)."""
        settles_at, wrapped_at = self._callers.next_at(), self._crew.next_at()
        if wrapped_at is None:
            return settles_at
        ours = self._time.ours(wrapped_at)
        return ours if settles_at is None else min(settles_at, ours)

    def cut(self, now: float, reason: str) -> Sequence[Event]:
        """The connection is lost: what happens from now on is not seen, and what was seen may be over."""
        self._stays.cut()
        self._crew.cut()
        self._boots.cut()
        self._ears.cut()
        self._callers.cut()
        self._listing = Listing()
        self._teller.tell("gap", self._time.after_all(now), SourceGap(reason=reason), "", "")
        return self._teller.taken()

    def _join(self, block: Block, at: float) -> None:
        self._ears.joined()
        self._callers.join(block, at)

    def _listed(self, _block: Block, at: float) -> None:
        """The PBX's own answer is whole: a snapshot of each queue."""
        listing, self._listing = self._listing, Listing()
        self._deaf = self._ears.deaf(listing, at)
        self._talks.listed(listing, at)
        serving = self._crew.listed(listing, at)
        for queue, entries in listing.entries.items():
            waiting = self._waiting(entries, at)
            snapshot = QueueSnapshot(
                queue=queue, channel="phone", waiting=waiting, agents=serving[queue], as_of=at
            )
            self._teller.tell("snapshot", at, snapshot, "", queue)
        self._stays.forget_unlisted(listing.entries)

    def _waiting(self, entries: Sequence[Entry], at: float) -> tuple[Waiting, ...]:
        """Those whom the PBX lists in one queue, in line: how long each waits it tells in whole seconds."""
        found = [(entry, self._stays.listed(entry.call, entry.queue)) for entry in entries]
        for priority in {entry.priority for entry in entries}:
            mine = [
                (stay, Joined(stay.joined_at or at - (entry.wait_s or 0.0), stay.joined_at is not None))
                for entry, stay in found
                if entry.priority == priority and (stay.joined_at or entry.wait_s) is not None
            ]
            for (stay, _), joined_at in zip(mine, in_order([one for _, one in mine]), strict=True):
                stay.joined_at = joined_at
        return tuple(
            Waiting(
                contact=stay.contact,
                enqueued_at=stay.joined_at,
                priority=entry.priority,
                position=entry.position,
            )
            for entry, stay in found
        )

    def _booted(self, block: Block, at: float) -> None:
        self._started(self._boots.greeted(block, at))

    def _core_status(self, block: Block, at: float) -> None:
        self._started(self._boots.status(block, at))

    def _started(self, at: float | None) -> None:
        if at is not None:
            self._stays.clear()
            self._crew.clear()
            self.wants_status = True
            self._teller.tell("started", at, SourceStarted(), "", "")

    def _shut_down(self, _block: Block, at: float) -> None:
        self._boots.shut_down()
        self._callers.shut_down(at)
        self._teller.tell("stopped", at, SourceStopped(reason="the PBX shuts down"), "", "")

    def _reload(self, _block: Block, _at: float) -> None:
        self.wants_status = True
