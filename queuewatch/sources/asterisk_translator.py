"""Blocks of Asterisk's manager interface into events, with what a block alone does not say.

A *Leave* comes with every end of waiting, and an *Abandon* with time-outs and emptied queues too. So who left
is out of the line as soon as the stream pauses, for a reason not known yet. It is told by the answer, by the
variable QUEUESTATUS, by the caller having hung up before (HangupRequest), or by the lack of these for a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from queuewatch.core.events import (
    Abandoned,
    Answered,
    Completed,
    ContactData,
    Data,
    Enqueued,
    Event,
    Left,
    LeftReason,
    Offered,
    OfferFailed,
    OfferFailure,
    QueueSnapshot,
    SourceGap,
    SourceStarted,
    SourceStopped,
    TransferKind,
    Transferred,
    Waiting,
)
from queuewatch.ports import Refused
from queuewatch.sources.asterisk_crew import Crew
from queuewatch.sources.asterisk_pbx import Boots, PbxTime
from queuewatch.sources.asterisk_status import Block, Entry, LackingError, Listing, Member, duration, named
from queuewatch.sources.asterisk_stays import KEEP_S, Stay, Stays
from queuewatch.sources.asterisk_verbs import caller
from queuewatch.sources.reading import MAX_NAME, Reading, key

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

_ENDED_BY = {"caller": "customer", "agent": "agent", "transfer": "transfer"}
_MOST_ASKING = 1000
_SHUTDOWN_S = 3.0  # a recorded one hung up on everybody 1.1 s before it said that it shuts down


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
        self._reading = reading
        self._grace_s = grace_s
        self._stays = Stays()
        self._crew = Crew(wrap_up_s or {})
        self._time = PbxTime()
        self._boots = Boots()
        self._listing = Listing()
        self._held: list[str] = []
        self._asking: dict[str, str] = {}
        self._sees_variables = False
        self._sees_hangups = False
        self._received_at = 0.0
        self._told: list[Event] = []
        self._sequence = 0
        self.wants_status = False
        self._handlers = self._table()

    def _table(self) -> dict[str, Callable[[Block, float], None]]:
        return {
            "QueueCallerJoin": self._join,
            "Join": self._join,
            "QueueCallerLeave": self._leave,
            "Leave": self._leave,
            "QueueCallerAbandon": self._abandon,
            "AgentCalled": self._call_agent,
            "AgentConnect": self._connect,
            "AgentComplete": self._complete,
            "AgentDump": self._dump,
            "AgentRingNoAnswer": self._no_answer,
            "QueueMemberAdded": lambda block, at: self._crew.member(Member.of(block), at),
            "QueueMemberPause": lambda block, at: self._crew.member(Member.of(block), at),
            "QueueMemberStatus": lambda block, at: self._crew.member(Member.of(block), at),
            "QueueMemberPaused": lambda block, at: self._crew.member(Member.of(block), at, device=False),
            "QueueMemberRemoved": lambda block, at: self._crew.removed(Member.of(block), at),
            "QueueParams": lambda block, _at: self._listing.queue(named(block, "queue")),
            "QueueMember": lambda block, _at: self._listing.member(Member.of(block)),
            "QueueEntry": lambda block, _at: self._listing.entry(Entry.of(block)),
            "QueueStatusComplete": self._listed,
            "VarSet": self._variable,
            "Newexten": self._ask,
            "HangupRequest": self._hang_up,
            "BlindTransfer": self._blind_transfer,
            "AttendedTransfer": self._attended_transfer,
            "Transfer": self._transfer_old,
            "Hold": self._hold,
            "Unhold": self._unhold,
            "FullyBooted": self._booted,
            "Shutdown": self._shut_down,
            "Reload": self._reload,
        }

    # What comes in

    def feed(self, block: Block, received_at: float) -> Sequence[Event | Refused]:
        """The events of a block; one that lacks what it needs is refused.

        Args:
            block: Its fields, names in small letters.
            received_at: When it came in; stands in where the PBX does not write times.
        """
        self._received_at = received_at
        handle = self._handlers.get(block.get("event", ""))
        if handle is None:
            handle = self._core_status if "corestartuptime" in block else None
        if handle is None:
            return ()
        self._told = []
        at = self._time.at(block, received_at)
        try:
            handle(block, at)
        except LackingError as error:
            return [Refused("bad_field", str(error))]
        return self._told

    def due(self, now: float) -> Sequence[Event]:
        """What comes of the stream pausing and of time: who left, why, and which agents changed."""
        self._told = []
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
        for at, agent, changed in self._crew.changes(self._time.theirs(now)):
            self._tell("agent", at, changed, agent, agent)
        return self._told

    def next_at(self) -> float | None:
        """When `due` has something to say though nothing came in (our clock)."""
        dues = [stay.settle_at for stay in self._stays.left.values() if not stay.settled]
        wrapped_at = self._crew.next_at()
        if wrapped_at is not None:
            dues.append(self._time.ours(wrapped_at))
        return min(dues, default=None)

    def cut(self, now: float, reason: str) -> Sequence[Event]:
        """The connection is lost: what happens from now on is not seen, and what was seen may be over."""
        self._told = []
        self._stays.clear()
        self._crew.cut()
        self._boots.cut()
        self._held.clear()
        self._asking.clear()
        self._listing = Listing()
        self._tell("gap", self._time.after_all(now), SourceGap(reason=reason), "", "")
        return self._told

    # Calls

    def _join(self, block: Block, at: float) -> None:
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
        self._tell("enqueued", at, enqueued, call, call)

    def _find(self, block: Block) -> tuple[str, Stay]:
        call = named(block, "uniqueid", "channel")
        return call, self._stays.find(call, named(block, "queue"), block.get("linkedid", ""))

    def _leave(self, block: Block, at: float) -> None:
        call, stay = self._find(block)
        stay.left_at = at
        stay.settle_at = self._received_at + self._grace_s
        self._stays.leave(call, stay)
        if stay.hung_up or stay.reason is not None:
            self._settle(call, stay)
        else:
            self._held.append(call)

    def _abandon(self, block: Block, _at: float) -> None:
        """Says how long, but not why: the caller hung up, or time ran out, or the queue emptied."""
        _, stay = self._find(block)
        stay.gave_up = True
        stay.wait_s = duration(block, "holdtime")

    def _hang_up(self, block: Block, _at: float) -> None:
        self._sees_hangups = True
        stay = self._stays.waiting.get(block.get("uniqueid", ""))
        if stay is not None:
            stay.hung_up = True

    def _variable(self, block: Block, at: float) -> None:
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
            self._tell("refused", at, refused, call, call)
        elif waiting is not None:
            waiting.reason = reason
        elif stay is not None:
            stay.reason = reason
            self._settle(call, stay)

    def _ask(self, block: Block, _at: float) -> None:
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
        self._release(stay, stay.left_at)
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
        self._tell(what, stay.left_at, data, stay.contact, call)

    def _release(self, stay: Stay, at: float) -> None:
        """The agents it rang at are rung at no more."""
        self._crew.rings(stay.offers, at, by=-1)
        stay.offers.clear()

    # Calls and agents

    def _call_agent(self, block: Block, at: float) -> None:
        agent = named(block, "membername", "agentname", "interface", "agentcalled")
        call, stay = self._find(block)
        if agent not in stay.offers:
            stay.offers.add(agent)
            self._crew.rings([agent], at, by=1)
        offered = Offered(queue=stay.queue, channel="phone", agent=agent)
        self._tell("offered", at, offered, stay.contact, f"{call}/{agent}")

    def _no_answer(self, block: Block, at: float) -> None:
        self._fail(block, at, "no_answer")

    def _dump(self, block: Block, at: float) -> None:
        self._fail(block, at, "refused")

    def _fail(self, block: Block, at: float, reason: OfferFailure) -> None:
        agent = named(block, "membername", "interface", "member")
        call, stay = self._find(block)
        if agent in stay.offers:
            stay.offers.remove(agent)
            self._crew.rings([agent], at, by=-1)
        failed = OfferFailed(queue=stay.queue, channel="phone", agent=agent, reason=reason)
        self._tell("offer_failed", at, failed, stay.contact, f"{call}/{agent}")

    def _connect(self, block: Block, at: float) -> None:
        agent = named(block, "membername", "interface", "member")
        call, stay = self._find(block)
        self._release(stay, at)
        stay.agent = agent
        self._stays.take(call, stay)
        self._crew.takes(agent, stay.queue, at)
        answered = Answered(
            queue=stay.queue,
            channel="phone",
            agent=agent,
            wait_s=duration(block, "holdtime"),
            ring_s=duration(block, "ringtime"),
        )
        self._tell("answered", at, answered, stay.contact, call)

    def _complete(self, block: Block, at: float) -> None:
        queue, agent = named(block, "queue"), named(block, "membername", "interface", "member")
        stay = self._stays.finish(block.get("uniqueid", ""), queue, agent)
        if stay is None:
            stay = Stay(named(block, "uniqueid", "channel"), queue)
        call = stay.contact  # the caller's own channel may be gone by now, and its fields with it
        by = _ENDED_BY.get(block.get("reason", ""))
        if by == "transfer" or (by is None and stay.transfer is not None):
            transferred = Transferred(
                queue=queue, channel="phone", kind=stay.transfer or "blind", to_queue=stay.to_queue
            )
            self._tell("transferred", at, transferred, stay.contact, call)
        completed = Completed(
            queue=queue,
            channel="phone",
            talk_s=duration(block, "talktime"),
            hold_s=round(stay.hold_s, 6) or None,
            ended_by=by,
        )
        self._tell("completed", at, completed, stay.contact, call)
        self._crew.finishes(stay.agent or agent, queue, at, took=stay.agent is not None)

    # Transfers and holds

    def _blind_transfer(self, block: Block, _at: float) -> None:
        if block.get("result", "Success") == "Success":
            self._transfer(block, "blind", "transfereruniqueid", "transfereeuniqueid")

    def _transfer_old(self, block: Block, _at: float) -> None:
        kind: TransferKind = "attended" if block.get("transfertype") == "Attended" else "blind"
        self._transfer(block, kind, "uniqueid", "targetuniqueid")

    def _transfer(self, block: Block, kind: TransferKind, *fields: str) -> None:
        for name in fields:
            for stay in self._stays.talks(block.get(name, "")):
                stay.transfer = kind

    def _attended_transfer(self, block: Block, _at: float) -> None:
        """The caller takes the place of the agent's second channel, which may wait in a queue."""
        if block.get("result", "Success") != "Success":
            return
        call = block.get("transfereeuniqueid", "")
        talk = next(self._stays.talks(call, block.get("origtransfererlinkedid", "")), None)
        if talk is None:
            return
        talk.transfer = "attended"
        waits = self._stays.consulted(block.get("secondtransfereruniqueid", ""), call or talk.contact)
        if waits is not None:
            talk.to_queue = waits.queue

    def _hold(self, block: Block, at: float) -> None:
        for stay in self._stays.talks(block.get("uniqueid", ""), block.get("linkedid", "")):
            stay.hold_since = at

    def _unhold(self, block: Block, at: float) -> None:
        for stay in self._stays.talks(block.get("uniqueid", ""), block.get("linkedid", "")):
            if stay.hold_since is not None:
                stay.hold_s += max(0.0, at - stay.hold_since)
                stay.hold_since = None

    # Lists, and the PBX itself

    def _listed(self, _block: Block, at: float) -> None:
        """The PBX's own answer is whole: a snapshot of each queue."""
        listing, self._listing = self._listing, Listing()
        serving = self._crew.listed(listing, at)
        for queue, entries in listing.entries.items():
            waiting = tuple(self._waiting(entry, at) for entry in entries)
            snapshot = QueueSnapshot(
                queue=queue, channel="phone", waiting=waiting, agents=serving[queue], as_of=at
            )
            self._tell("snapshot", at, snapshot, "", queue)
        self._stays.forget_unlisted(listing.entries)

    def _waiting(self, entry: Entry, at: float) -> Waiting:
        stay = self._stays.find(entry.call, entry.queue, "")
        stay.missed = -1
        if stay.joined_at is None and entry.wait_s is not None:
            stay.joined_at = at - entry.wait_s
        return Waiting(
            contact=stay.contact, enqueued_at=stay.joined_at, priority=entry.priority, position=entry.position
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
            self._tell("started", at, SourceStarted(), "", "")

    def _shut_down(self, _block: Block, at: float) -> None:
        """Those whom the PBX hung up on just before it said so did not abandon."""
        self._boots.shut_down()
        for call, stay in self._stays.left.items():
            if stay.gave_up and stay.reason is None and stay.left_at >= at - _SHUTDOWN_S:
                stay.reason = "system"
                self._settle(call, stay)
        self._tell("stopped", at, SourceStopped(reason="the PBX shuts down"), "", "")

    def _reload(self, _block: Block, _at: float) -> None:
        self.wants_status = True

    def _tell(self, what: str, at: float, data: Data, subject: str, who: str) -> None:
        """An event whose id is what happened when to whom: the same when a recording is read again."""
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
