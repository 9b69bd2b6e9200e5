"""Calls that ring at agents of an Asterisk, are taken, held, handed on and ended, as AMI tells of them."""

from __future__ import annotations

from queuewatch.core.facts.events import Answered, Completed, Offered, OfferFailed, Transferred
from queuewatch.core.facts.terms import OfferFailure, TransferKind
from queuewatch.sources.asterisk_crew import Crew
from queuewatch.sources.asterisk_status import Block, Listing, duration, named
from queuewatch.sources.asterisk_stays import Stay, Stays
from queuewatch.sources.teller import Teller

_ENDED_BY = {"caller": "customer", "agent": "agent", "transfer": "transfer"}


class Talks:
    """Calls and the agents they ring at or talk to.

    Attributes:
        wants_list: A talk ended that began before we listened: what else did is for the PBX's list to say.
    """

    def __init__(self, teller: Teller, stays: Stays, crew: Crew) -> None:
        """Start with nobody talking.

        Args:
            teller: Takes the events.
            stays: All stays of calls in queues, shared with `asterisk_callers`.
            crew: All agents.
        """
        self._teller = teller
        self._stays = stays
        self._crew = crew
        self._strangers: set[str] = set()
        self.wants_list = False

    def call_agent(self, block: Block, at: float) -> None:
        """A call rings at an agent's."""
        agent = named(block, "membername", "agentname", "interface", "agentcalled")
        call, stay = self._stays.of(block)
        if agent not in stay.offers:
            stay.offers.add(agent)
            self._crew.rings([agent], at, by=1)
        offered = Offered(queue=stay.queue, channel="phone", agent=agent)
        self._teller.tell("offered", at, offered, stay.contact, f"{call}/{agent}")

    def no_answer(self, block: Block, at: float) -> None:
        """The agent did not answer."""
        self._fail(block, at, "no_answer")

    def dump(self, block: Block, at: float) -> None:
        """The agent refused the call."""
        self._fail(block, at, "refused")

    def _fail(self, block: Block, at: float, reason: OfferFailure) -> None:
        agent = named(block, "membername", "interface", "member")
        call, stay = self._stays.of(block)
        if agent in stay.offers:
            stay.offers.remove(agent)
            self._crew.rings([agent], at, by=-1)
        failed = OfferFailed(queue=stay.queue, channel="phone", agent=agent, reason=reason)
        self._teller.tell("offer_failed", at, failed, stay.contact, f"{call}/{agent}")

    def connect(self, block: Block, at: float) -> None:
        """An agent answered a call."""
        agent = named(block, "membername", "interface", "member")
        call, stay = self._stays.of(block)
        self._crew.released(stay, at)
        stay.agent = agent
        stay.answered_at = at
        self._stays.take(call, stay)
        self._crew.takes(agent, stay.queue, at)
        answered = Answered(
            queue=stay.queue,
            channel="phone",
            agent=agent,
            wait_s=duration(block, "holdtime"),
            ring_s=duration(block, "ringtime"),
        )
        self._teller.tell("answered", at, answered, stay.contact, call)

    def complete(self, block: Block, at: float) -> None:
        """A talk is over."""
        queue, agent = named(block, "queue"), named(block, "membername", "interface", "member")
        stay = self._stays.finish(block.get("uniqueid", ""), queue, agent)
        if stay is None:
            self.wants_list |= agent in self._strangers
            self._strangers.discard(agent)
            stay = Stay(named(block, "uniqueid", "channel"), queue)
        call = stay.contact  # the caller's own channel may be gone by now, and its fields with it
        by = _ENDED_BY.get(block.get("reason", ""))
        if by == "transfer" or (by is None and stay.transfer is not None):
            transferred = Transferred(
                queue=queue, channel="phone", kind=stay.transfer or "blind", to_queue=stay.to_queue
            )
            self._teller.tell("transferred", at, transferred, stay.contact, call)
        completed = Completed(
            queue=queue,
            channel="phone",
            talk_s=duration(block, "talktime"),
            hold_s=round(stay.hold_s, 6) or None,
            ended_by=by,
        )
        self._teller.tell("completed", at, completed, stay.contact, call)
        self._crew.finishes(stay.agent or agent, queue, at, took=stay.agent is not None)

    def listed(self, listing: Listing, at: float) -> None:
        """The PBX lists its members: a talk that the line was cut in is over where its agent is in none.

        The list says when each agent's last call ended, to the second.
        """
        for call, stay in self._stays.unsure():
            member = listing.members.get(stay.queue, {}).get(stay.agent or "")
            if member is None:
                continue
            stay.unsure = False
            if member.talks:
                self._crew.goes_on(member.agent)
            else:
                last_at = member.last_call_at
                ended_at = last_at if stay.answered_at <= last_at <= at else at
                self._stays.finish(call, stay.queue, stay.agent)
                completed = Completed(queue=stay.queue, channel="phone")
                self._teller.tell("completed", ended_at, completed, stay.contact, stay.contact)

        ours = self._stays.talking()
        self._strangers = {
            agent
            for members in listing.members.values()
            for agent, member in members.items()
            if member.talks and agent not in ours
        }

    def blind_transfer(self, block: Block, _at: float) -> None:
        """Somebody was sent on without a word."""
        if block.get("result", "Success") == "Success":
            self._transfer(block, "blind", "transfereruniqueid", "transfereeuniqueid")

    def transfer_old(self, block: Block, _at: float) -> None:
        """Somebody was sent on, as versions before 12 tell it."""
        kind: TransferKind = "attended" if block.get("transfertype") == "Attended" else "blind"
        self._transfer(block, kind, "uniqueid", "targetuniqueid")

    def _transfer(self, block: Block, kind: TransferKind, *fields: str) -> None:
        for name in fields:
            for stay in self._stays.talks(block.get(name, "")):
                stay.transfer = kind

    def attended_transfer(self, block: Block, _at: float) -> None:
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

    def hold(self, block: Block, at: float) -> None:
        """A talk is interrupted."""
        for stay in self._stays.talks(block.get("uniqueid", ""), block.get("linkedid", "")):
            stay.hold_since = at

    def unhold(self, block: Block, at: float) -> None:
        """It goes on."""
        for stay in self._stays.talks(block.get("uniqueid", ""), block.get("linkedid", "")):
            if stay.hold_since is not None:
                stay.hold_s += max(0.0, at - stay.hold_since)
                stay.hold_since = None
