"""What really happened in a simulated centre, known to the last customer who hung up."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from queuewatch.simulate.centre import Centre
from queuewatch.simulate.laws import Floats
from queuewatch.simulate.roster import Roster

Ints = NDArray[np.int64]
NOBODY = -1


class Outcome(IntEnum):
    """How the wait of a visit ended."""

    WAITING = 0
    ANSWERED = 1
    ABANDONED = 2
    TIMED_OUT = 3
    OVERFLOWED = 4


class Visits(Struct, frozen=True, kw_only=True, eq=False):
    """One row a visit, in the order of enqueueing; arrays of shape (visits,).

    Attributes:
        contact: Number of the contact; a contact that is transferred or overflows has several visits.
        number: Which stay of the contact in this queue, from 1.
        queue: Index into `centre.queues`.
        customer: Number of the customer; who calls again is the same customer.
        standing: Index into the queue's `standings`; -1 where it has none.
        language: Index into the queue's `languages`; -1 where it has none.
        enqueued_at: Point in time.
        patience_s: How long the customer would wait; infinite for who never gives up.
        handling_s, wrap_up_s: Work of the visit, the agent's pace included once one has answered.
        agent: Index into `centre.agents` of who answered; -1: nobody.
        outcome: An `Outcome`.
        left_at: When it left the line; NaN while it waits.
        offered_wait_s: What it would have waited had it never left; NaN where the simulation ended before.
            Offers that would have come to nothing are not in it for those who left.
        transferred_to: Index of the queue it went on to after the conversation; -1: none.
    """

    contact: Ints
    number: Ints
    queue: Ints
    customer: Ints
    standing: Ints
    language: Ints
    enqueued_at: Floats
    patience_s: Floats
    handling_s: Floats
    wrap_up_s: Floats
    agent: Ints
    outcome: Ints
    left_at: Floats
    offered_wait_s: Floats
    transferred_to: Ints

    def __len__(self) -> int:
        return self.contact.size

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Which visits were answered."""
        return np.equal(self.outcome, Outcome.ANSWERED)

    @property
    def wait_s(self) -> Floats:
        """The wait as it was experienced, seconds; NaN while it lasts."""
        return self.left_at - self.enqueued_at

    @property
    def completed_at(self) -> Floats:
        """When the conversation ended; NaN where there was none."""
        return np.where(self.answered, self.left_at + self.handling_s, np.nan)

    @property
    def freed_at(self) -> Floats:
        """When the agent was free again, wrap-up included; NaN where nobody answered."""
        return self.completed_at + np.where(self.answered, self.wrap_up_s, 0.0)


class Offer(Struct, gc=False):
    """A visit rang at an agent's. `due_at`: when the agent would answer; infinite: they would not."""

    visit: int
    agent: int
    at: float
    due_at: float
    ended_at: float = np.nan
    end: Literal["", "answered", "no_answer", "withdrawn"] = ""


class Truth(Struct, frozen=True, kw_only=True, eq=False):
    """A finished simulation: no wait that ended at or after `until_at` is known to have ended.

    Conversations may last beyond it: their end was settled when they began.

    Attributes:
        offers: Only of queues where it rings, in the order of ringing.
        roster: The stints of each agent of `centre.agents`.
    """

    centre: Centre
    start_at: float
    until_at: float
    visits: Visits
    offers: tuple[Offer, ...]
    roster: Roster
