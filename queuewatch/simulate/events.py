"""The truth as the outside hears of it: the facts of the contract, in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from queuewatch.core.facts.events import (
    RANK,
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Offered,
    OfferFailed,
    Transferred,
)
from queuewatch.core.facts.terms import OfferFailure
from queuewatch.simulate.duty import MS, Change, changes
from queuewatch.simulate.laws import Floats
from queuewatch.simulate.truth import NOBODY, Ints, Outcome, Truth

RECEIPT_S = 1.0  # after an e-mail has come, its automatic receipt goes out
_BACK, _SETTLED, _LAST = -2, -1, max(RANK.values()) + 1


class _Fact(Struct, frozen=True):
    """A kind of fact: its word in the ids, when each happens (NaN: never), and how it reads.

    A row is that of a visit, or of an offer where `of_offers`. `since`: when what it ends began.
    """

    word: str
    at: Floats
    write: Callable[[int], ContactData]
    rank: int
    since: Floats | None = None
    of_offers: bool = False

    def ranks(self) -> Ints:
        """Order among the facts of one moment.

        What ends comes first, so that no agent seems to hold two contacts at the moment of change; unless
        it began at that very moment.
        """
        if self.since is None:
            return np.full(self.at.size, self.rank)
        return np.where(np.round(self.at, MS) > np.round(self.since, MS), _SETTLED, self.rank)


def events(truth: Truth) -> Iterator[Event]:
    """All facts of a simulation in the order of time; facts of one moment in the order a stay unfolds.

    Times are in whole milliseconds. Ids depend on the truth alone: telling it again repeats the same events.
    The sorting is done before this returns; each event is made when it is asked for.
    """
    teller = _Teller(truth)
    facts = teller.facts()
    told = list(changes(truth))
    at = np.concatenate([*(np.round(one.at, MS) for one in facts), np.array([one.at for one in told])])
    rank = np.concatenate(
        [*(one.ranks() for one in facts), np.array([_BACK if one.back else _LAST for one in told])]
    )
    kind = np.concatenate([*(np.full(one.at.size, i) for i, one in enumerate(facts)), np.full(len(told), -1)])
    row = np.concatenate([*(np.arange(one.at.size) for one in facts), np.arange(len(told))])
    kept = np.flatnonzero(at < truth.until_at)
    order = kept[np.lexsort((rank[kept], at[kept]))]
    in_order = zip(at[order].tolist(), kind[order].tolist(), row[order].tolist(), strict=True)
    return (
        teller.of_contact(facts[which], i, when) if which >= 0 else teller.of_agent(told[i], i)
        for when, which, i in in_order
    )


class _Teller:
    """Turns rows of the truth into events."""

    def __init__(self, truth: Truth) -> None:
        visits, self._centre, self._offers = truth.visits, truth.centre, truth.offers
        self._truth = truth
        self._run = f"{truth.centre.name}-{int(truth.start_at):x}"
        self._rows = {name: getattr(visits, name).tolist() for name in visits.__struct_fields__}
        self._wait_s = np.round(visits.wait_s, MS).tolist()
        self._ring_s = {one.visit: one.ended_at - one.at for one in truth.offers if one.end == "answered"}
        self._agents = [one.name for one in truth.centre.agents]

    def facts(self) -> list[_Fact]:
        """Every kind of fact, with the times of all its rows."""
        visits, offers = self._truth.visits, self._offers
        channel = np.array([one.channel for one in self._centre.queues])[visits.queue]
        reply_s = np.array([one.first_reply_s for one in self._centre.queues])[visits.queue]
        began, left, done = visits.enqueued_at, visits.left_at, visits.completed_at
        mail, chat = channel == "email", channel == "chat"
        gone = (visits.outcome == Outcome.TIMED_OUT) | (visits.outcome == Outcome.OVERFLOWED)
        moved = visits.transferred_to != NOBODY
        first = visits.number == 1
        offered = np.array([one.at for one in offers])
        failed = np.array([np.nan if one.end in {"", "answered"} else one.ended_at for one in offers])
        return [
            _Fact("enqueued", began, self._enqueued, RANK[Enqueued]),
            _Fact("wrote", _where((mail | chat) & first, began), self._wrote, RANK[MessageReceived]),
            _Fact("receipt", _where(mail & first, began + RECEIPT_S), self._receipt, RANK[MessageSent]),
            _Fact("offered", offered, self._offered, RANK[Offered], of_offers=True),
            _Fact("failed", failed, self._failed, RANK[OfferFailed], offered, of_offers=True),
            _Fact("answered", _where(visits.answered, left), self._answered, RANK[Answered]),
            _Fact(
                "reply", _where(chat, np.minimum(left + reply_s, done)), self._reply, RANK[MessageSent], left
            ),
            _Fact("reply", _where(mail, done), self._reply, RANK[MessageSent], left),
            _Fact("transferred", _where(moved, done), self._transferred, RANK[Transferred], left),
            _Fact(
                "abandoned",
                _where(visits.outcome == Outcome.ABANDONED, left),
                self._abandoned,
                RANK[Abandoned],
            ),
            _Fact("left", _where(gone, left), self._left, RANK[Left]),
            _Fact("completed", _where(~moved, done), self._completed, RANK[Completed], left),
        ]

    def of_contact(self, fact: _Fact, row: int, at: float) -> Event:
        """The event of a fact about a contact."""
        visit = self._offers[row].visit if fact.of_offers else row
        plan = self._centre.queues[self._rows["queue"][visit]]
        return Event(
            f"{self._run}-{fact.word}-{row}",
            self._centre.source(plan.channel),
            at,
            fact.write(row),
            f"{self._run}-{self._rows['contact'][visit]}",
            plan.site,
        )

    def of_agent(self, change: Change, number: int) -> Event:
        """The event of an agent's change; who logs in says what they serve."""
        agent = self._centre.agents[change.agent]
        plans = [one for one in self._centre.queues if one.name in agent.skills]
        data = AgentChanged(state=change.state, reason=change.reason)
        if change.login:
            data = AgentChanged(
                state=change.state,
                reason=change.reason,
                queues=tuple(one.name for one in plans),
                capacity={one.channel: agent.capacity.get(one.channel, 1) for one in plans},
            )
        source = self._centre.source(plans[0].channel)
        return Event(f"{self._run}-agent-{number}", source, change.at, data, agent.name, plans[0].site)

    def _visit(self, row: int) -> dict[str, Any]:
        plan = self._centre.queues[self._rows["queue"][row]]
        return {"queue": plan.name, "channel": plan.channel, "visit": self._rows["number"][row]}

    def _enqueued(self, row: int) -> Enqueued:
        plan = self._centre.queues[self._rows["queue"][row]]
        language, standing = self._rows["language"][row], self._rows["standing"][row]
        return Enqueued(
            **self._visit(row),
            customer=f"customer-{self._rows['customer'][row]}",
            tier=None if standing == NOBODY else plan.standings[standing].tier,
            priority=0 if standing == NOBODY else plan.standings[standing].priority,
            language=None if language == NOBODY else list(plan.languages)[language],
        )

    def _wrote(self, row: int) -> MessageReceived:
        return MessageReceived(**self._visit(row))

    def _receipt(self, row: int) -> MessageSent:
        return MessageSent(**self._visit(row), by="bot", automatic=True)

    def _offered(self, row: int) -> Offered:
        offer = self._offers[row]
        return Offered(**self._visit(offer.visit), agent=self._agents[offer.agent])

    def _failed(self, row: int) -> OfferFailed:
        offer = self._offers[row]
        reason: OfferFailure = "withdrawn" if offer.end == "withdrawn" else "no_answer"
        return OfferFailed(**self._visit(offer.visit), agent=self._agents[offer.agent], reason=reason)

    def _answered(self, row: int) -> Answered:
        ring_s = self._ring_s.get(row)
        return Answered(
            **self._visit(row),
            agent=self._agents[self._rows["agent"][row]],
            wait_s=self._wait_s[row],
            ring_s=None if ring_s is None else round(ring_s, MS),
        )

    def _reply(self, row: int) -> MessageSent:
        return MessageSent(**self._visit(row))

    def _transferred(self, row: int) -> Transferred:
        to_queue = self._centre.queues[self._rows["transferred_to"][row]].name
        return Transferred(**self._visit(row), kind="queue", to_queue=to_queue)

    def _abandoned(self, row: int) -> Abandoned:
        return Abandoned(**self._visit(row), wait_s=self._wait_s[row])

    def _left(self, row: int) -> Left:
        timed_out = self._rows["outcome"][row] == Outcome.TIMED_OUT
        return Left(
            **self._visit(row), reason="timed_out" if timed_out else "overflowed", wait_s=self._wait_s[row]
        )

    def _completed(self, row: int) -> Completed:
        return Completed(**self._visit(row), talk_s=round(self._rows["handling_s"][row], MS))


def _where(happens: NDArray[np.bool_], at: Floats) -> Floats:
    """The times of what happens, NaN for the rest."""
    return np.where(happens, at, np.nan)
