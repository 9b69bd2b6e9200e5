"""The general simulation: skills, priorities, chat, ringing, time-outs, transfers, who calls again.

Events of the simulation lie in one heap. Who gives up or is moved on stays in line as a ghost until its turn
would have come: at that moment its offered wait is known, and the agent turns to the next. Up to then the
world is the same as if it had stayed, so that wait is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import numpy as np
from msgspec import Struct

from queuewatch.simulate.centre import Centre, QueuePlan
from queuewatch.simulate.draws import Draws, language_of, standing_of
from queuewatch.simulate.roster import Roster
from queuewatch.simulate.seats import Idle, Seat, lines_of, seats_of
from queuewatch.simulate.truth import NOBODY, Offer, Outcome, Visits

HAND_OVER_S = 0.5  # switching takes a moment, so that one stay has ended when the next begins


class Visit(Struct, gc=False):
    """A row of `Visits` while it is written."""

    contact: int
    number: int
    queue: int
    customer: int
    standing: int
    language: int
    enqueued_at: float
    patience_s: float
    handling_s: float
    wrap_up_s: float
    agent: int = NOBODY
    outcome: int = Outcome.WAITING
    left_at: float = math.nan
    offered_wait_s: float = math.nan
    transferred_to: int = NOBODY


_InLine = tuple[float, float, int]  # minus priority; enqueued less what it is put ahead; the visit
_Action = Callable[..., None]


class Engine:
    """One simulation of a centre; `run` it once."""

    def __init__(
        self, centre: Centre, draws: Draws, roster: Roster, until_at: float, rng: np.random.Generator
    ) -> None:
        self._plans = centre.queues
        self._numbers = {plan.name: number for number, plan in enumerate(centre.queues)}
        self._draws = draws
        self._until_at = until_at
        self._rng = rng
        self._lines = lines_of(centre)
        self._in_line: list[list[_InLine]] = [[] for _ in self._lines]
        self._seats = seats_of(centre, self._lines)
        self._idle = {plan.site: Idle() for plan in centre.queues}
        self._agenda: list[tuple[float, int, _Action, tuple[object, ...]]] = []
        self._scheduled = 0
        self._contacts = 0
        self._stays: dict[tuple[int, int], int] = {}
        self._ringing: dict[int, Offer] = {}
        self.visits: list[Visit] = []
        self.offers: list[Offer] = []
        for seat, stints in zip(self._seats, roster, strict=True):
            for stint in stints:
                self._schedule(stint.from_at, self._come, seat)
                self._schedule(stint.to_at, self._go, seat)

    def run(self) -> Visits:
        """Let everything happen that happens before `until_at`."""
        rows = [getattr(self._draws, name).tolist() for name in Draws.__struct_fields__]
        for queue, customer, standing, language, at, patience, handling, wrap_up in zip(*rows, strict=True):
            self._advance(at)
            visit = Visit(
                self._contacts, 0, queue, customer, standing, language, at, patience, handling, wrap_up
            )
            self._contacts += 1
            self._join(at, visit)
        self._advance(self._until_at)
        return Visits(**{name: self._column(name, kind) for name, kind in Visit.__annotations__.items()})

    def _column(self, name: str, kind: str) -> Any:
        return np.array(
            [getattr(one, name) for one in self.visits], np.int64 if kind == "int" else np.float64
        )

    def _schedule(self, at: float, action: _Action, *what: object) -> None:
        self._scheduled += 1
        heappush(self._agenda, (at, self._scheduled, action, what))

    def _advance(self, to: float) -> None:
        agenda = self._agenda
        while agenda and agenda[0][0] < to:
            at, _, action, what = heappop(agenda)
            action(at, *what)

    # Customers

    def _join(self, at: float, visit: Visit) -> None:
        key = (visit.contact, visit.queue)
        visit.number = self._stays[key] = self._stays.get(key, 0) + 1
        index = len(self.visits)
        self.visits.append(visit)
        self._line_up(at, index)
        if visit.outcome == Outcome.WAITING:
            time_out_s = self._plans[visit.queue].time_out_s
            if visit.patience_s < math.inf:
                self._schedule(at + visit.patience_s, self._abandon, index)
            if time_out_s < math.inf:
                self._schedule(at + time_out_s, self._time_out, index)

    def _line_up(self, at: float, index: int) -> None:
        """To the agent who should have it, or in line, at the place that is its own."""
        visit = self.visits[index]
        line = self._lines[visit.queue, visit.language]
        plan = self._plans[visit.queue]
        seat = self._idle[plan.site].best(line)
        if seat is not None and visit.outcome == Outcome.WAITING:
            self._offer(at, index, seat)
            return
        priority, ahead_s = 0, plan.ahead_s
        if plan.standings:
            priority = plan.standings[visit.standing].priority
            ahead_s += plan.standings[visit.standing].ahead_s
        heappush(self._in_line[line.number], (-priority, visit.enqueued_at - ahead_s, index))

    def _abandon(self, at: float, index: int) -> None:
        visit = self.visits[index]
        if visit.outcome != Outcome.WAITING:
            return
        visit.outcome = Outcome.ABANDONED
        visit.left_at = at
        offer = self._ringing.pop(index, None)
        if offer is not None:
            offer.end, offer.ended_at = "withdrawn", at
            if offer.due_at < math.inf:
                visit.offered_wait_s = offer.due_at - visit.enqueued_at
            else:
                self._line_up(at, index)
            self._free(at, self._seats[offer.agent])
        if self._rng.random() < self._plans[visit.queue].repeat_abandoned:
            self._call_again(at, visit)

    def _time_out(self, at: float, index: int) -> None:
        visit = self.visits[index]
        if visit.outcome != Outcome.WAITING or index in self._ringing:
            return
        target = self._plans[visit.queue].overflow_to
        visit.outcome = Outcome.TIMED_OUT if target is None else Outcome.OVERFLOWED
        visit.left_at = at
        if target is not None:
            self._move(at, visit, self._numbers[target], visit.patience_s - (at - visit.enqueued_at))

    def _move(self, at: float, visit: Visit, target: int, patience_s: float | None = None) -> None:
        """On to another queue; with the patience that is left, or with new patience."""
        moved = self._drawn(visit.contact, visit.customer, target, at + HAND_OVER_S)
        spoken = self._plans[target].languages
        if visit.language != NOBODY:
            language = list(self._plans[visit.queue].languages)[visit.language]
            if language in spoken:
                moved.language = list(spoken).index(language)
        if patience_s is not None:
            moved.patience_s = patience_s
        self._schedule(moved.enqueued_at, self._join, moved)

    def _call_again(self, at: float, visit: Visit) -> None:
        after_s = self._rng.exponential(self._plans[visit.queue].repeat_after_s)
        again = self._drawn(self._contacts, visit.customer, visit.queue, at + after_s)
        self._contacts += 1
        self._schedule(again.enqueued_at, self._join, again)

    def _drawn(self, contact: int, customer: int, queue: int, at: float) -> Visit:
        """A visit that nobody could foresee, with patience and work of its queue."""
        plan = self._plans[queue]
        who = np.array([customer])
        return Visit(
            contact=contact,
            number=0,
            queue=queue,
            customer=customer,
            standing=int(standing_of(plan, who)[0]),
            language=int(language_of(plan, who)[0]),
            enqueued_at=at,
            patience_s=plan.patience.draw_one(self._rng) if plan.patience else math.inf,
            handling_s=plan.handling.draw_one(self._rng),
            wrap_up_s=plan.wrap_up.draw_one(self._rng) if plan.wrap_up else 0.0,
        )

    # Agents

    def _come(self, at: float, seat: Seat) -> None:
        seat.present = True
        self._seek(at, seat)

    def _go(self, _at: float, seat: Seat) -> None:
        seat.present = False
        self._idle_of(seat).remove(seat)

    def _rested(self, at: float, seat: Seat) -> None:
        seat.resting -= 1
        self._seek(at, seat)

    def _free(self, at: float, seat: Seat) -> None:
        seat.load -= 1
        self._seek(at, seat)

    def _idle_of(self, seat: Seat) -> Idle:
        return self._idle[seat.site]

    def _seek(self, at: float, seat: Seat) -> None:
        """Take on whoever is next, as long as there is room."""
        while seat.has_room:
            index = self._next(at, seat)
            if index is None:
                self._idle_of(seat).put(seat)
                return
            self._offer(at, index, seat)

    def _next(self, at: float, seat: Seat) -> int | None:
        """Whose turn it is at this agent's: best rank, then priority, then who came first."""
        while True:
            best: list[_InLine] | None = None
            best_rank = 0
            for rank, line in seat.lines:
                heap = self._in_line[line.number]
                if best and rank > best_rank:
                    break
                if heap and seat.can_take(line.channel) and (not best or heap[0] < best[0]):
                    best, best_rank = heap, rank
            if not best:
                return None
            index = heappop(best)[2]
            visit = self.visits[index]
            if visit.outcome == Outcome.WAITING:
                return index
            ring = self._plans[visit.queue].ring
            visit.offered_wait_s = at - visit.enqueued_at + (ring.draw_one(self._rng) if ring else 0.0)

    def _offer(self, at: float, index: int, seat: Seat) -> None:
        plan = self._plans[self.visits[index].queue]
        seat.load += 1
        seat.channel = plan.channel
        if seat.has_room:
            self._idle_of(seat).put(seat)
        else:
            self._idle_of(seat).remove(seat)
        if plan.ring is None:
            self._answer(at, index, seat)
            return
        ignored = self._rng.random() < seat.plan.no_answer
        ring_s = math.inf if ignored else plan.ring.draw_one(self._rng)
        offer = Offer(index, seat.number, at, at + ring_s if ring_s < plan.ring_limit_s else math.inf)
        self.offers.append(offer)
        self._ringing[index] = offer
        self._schedule(min(offer.due_at, at + plan.ring_limit_s), self._rung, offer)

    def _rung(self, at: float, offer: Offer) -> None:
        """It has rung long enough: the agent answers, or never will."""
        if offer.end:
            return
        del self._ringing[offer.visit]
        seat = self._seats[offer.agent]
        offer.ended_at = at
        if offer.due_at < math.inf:
            offer.end = "answered"
            self._answer(at, offer.visit, seat)
            return
        offer.end = "no_answer"
        plan = self._plans[self.visits[offer.visit].queue]
        seat.resting += 1
        self._idle_of(seat).remove(seat)
        self._schedule(at + plan.rest_s, self._rested, seat)
        self._free(at, seat)
        if at - self.visits[offer.visit].enqueued_at >= plan.time_out_s:
            self._time_out(at, offer.visit)
        self._line_up(at, offer.visit)

    def _answer(self, at: float, index: int, seat: Seat) -> None:
        visit = self.visits[index]
        plan = self._plans[visit.queue]
        visit.outcome = Outcome.ANSWERED
        visit.agent = seat.number
        visit.left_at = at
        visit.offered_wait_s = at - visit.enqueued_at
        visit.handling_s *= seat.plan.pace
        visit.wrap_up_s *= seat.plan.pace
        completed_at = at + visit.handling_s
        self._schedule(completed_at + visit.wrap_up_s, self._free, seat)
        target = self._transfer(plan)
        if target is not None:
            visit.transferred_to = target
            self._move(completed_at, visit, target)
        elif self._rng.random() < plan.repeat_answered:
            self._call_again(completed_at, visit)

    def _transfer(self, plan: QueuePlan) -> int | None:
        """Where a conversation of this queue is transferred to, if it is."""
        if plan.transfers:
            chance = self._rng.random()
            for name, share in plan.transfers.items():
                if chance < share:
                    return self._numbers[name]
                chance -= share
        return None
