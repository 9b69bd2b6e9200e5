"""A contact's stays in queues: which facts move a visit from which stage to which, and what they leave in it.

A contact's visits are the fold of its facts in their own order (`events.order`), never in the order of
arrival: that is what makes the state independent of how facts come in. `MOVES` is the whole life cycle;
a fact that finds no move changes nothing and is counted with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from msgspec import Struct

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    ContactFact,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Offered,
    OfferFailed,
    Sighting,
    Transferred,
)
from queuewatch.core.state.visit import IN_LINE, Stage, Visit

Misfit = Literal["already_waiting", "no_visit", "after_end", "forgotten"]


# An enqueue may bear a time this much later than the answer it belongs to: clocks differ, seconds.
SKEW_S = 5.0

# For each kind of fact: from which stages it moves a visit, and whereto. The order is the order of
# preference when a contact has several visits in the queue (a transfer back overlaps with the first stay).
# `leaving` is an end whose reason is not known yet; ends that sources tell before they know can be corrected.
MOVES: dict[type[Struct], dict[Stage, Stage]] = {
    Offered: {"ringing": "ringing", "waiting": "ringing", "lost": "ringing", "leaving": "ringing"},
    OfferFailed: {"ringing": "waiting", "waiting": "waiting", "lost": "waiting"},
    Answered: {
        "ringing": "answered",
        "waiting": "answered",
        "leaving": "answered",
        "lost": "answered",
        "abandoned": "answered",
        "left": "answered",
    },
    Transferred: {
        "answered": "completed",
        "waiting": "left",
        "ringing": "left",
        "leaving": "left",
        "lost": "left",
    },
    Abandoned: {"ringing": "abandoned", "waiting": "abandoned", "leaving": "abandoned", "lost": "abandoned"},
    Left: {
        "ringing": "left",
        "waiting": "left",
        "leaving": "left",
        "abandoned": "left",
        "lost": "left",
        "left": "left",
    },
    Completed: {
        "answered": "completed",
        "completed": "completed",
        "ringing": "leaving",
        "waiting": "leaving",
        "lost": "leaving",
    },
    MessageReceived: {"waiting": "waiting", "ringing": "ringing", "answered": "answered"},
    MessageSent: {
        "answered": "answered",
        "waiting": "waiting",
        "ringing": "ringing",
        "completed": "completed",
    },
}

_LEFT = MOVES[Left]

# A leaving without a reason tells nothing new of a visit that has ended with one, or was answered.
LEAVING: dict[Stage, Stage] = {
    "ringing": "leaving",
    "waiting": "leaving",
    "leaving": "leaving",
    "lost": "leaving",
    "abandoned": "abandoned",
    "left": "left",
    "answered": "answered",
    "completed": "completed",
}


def moves(data: ContactFact) -> dict[Stage, Stage]:
    """The row of the table that holds for this fact."""
    row = MOVES[type(data)]
    if row is _LEFT and data.reason == "unknown":  # type: ignore[attr-defined]  # only Left has that row
        return LEAVING
    return row


def fold(facts: Iterable[Event]) -> tuple[list[Visit], list[Misfit]]:
    """All visits of a contact from its facts in order, and why some facts did not fit."""
    visits: list[Visit] = []
    misfits: list[Misfit] = []
    for event in facts:
        misfit = step(visits, event)
        if misfit is not None:
            misfits.append(misfit)
    return visits, misfits


def step(visits: list[Visit], event: Event) -> Misfit | None:
    """Let one fact, later than all before it, act on the contact's visits (changed in place).

    Returns:
        Why it did not fit; None: it did, or is about no contact.
    """
    data = event.data
    if isinstance(data, Enqueued):
        return _enqueue(visits, event, data)
    if isinstance(data, Sighting):
        _sight(visits, event, data)
        return None
    if not isinstance(data, ContactFact):
        return None
    visit = _find(visits, data)
    if visit is None:
        return _imply(visits, event)
    visit.stage = moves(data)[visit.stage]
    visit.confirmed_at = event.at
    EFFECTS[type(data)](visit, event.at, data)
    return None


def _find(visits: list[Visit], data: ContactFact) -> Visit | None:
    """The visit this fact can move: by preference of stage, then the latest; None when there is none."""
    queue = data.queue
    number = data.visit
    for stage in moves(data):
        for visit in reversed(visits):
            if visit.stage == stage and visit.queue == queue and number in (0, visit.number):
                return visit
    return None


def _number(visits: list[Visit], queue: str, told: int) -> int:
    return told or 1 + max((visit.number for visit in visits if visit.queue == queue), default=0)


def _enqueue(visits: list[Visit], event: Event, data: Enqueued) -> Misfit | None:
    for visit in reversed(visits):
        if visit.queue != data.queue or data.visit not in (0, visit.number):
            continue
        if visit.implied and (data.visit or event.at <= visit.confirmed_at + SKEW_S):
            _adopt(visit, event, data)
            return None
        if visit.stage in IN_LINE or data.visit:
            return "already_waiting"
    number = data.visit or (_number(visits, data.queue, 0) if visits else 1)
    visits.append(_joined(event, data, number))
    return None


def _joined(event: Event, data: Enqueued, number: int) -> Visit:
    """The visit that begins when a contact joins a queue."""
    return Visit(
        event.subject,
        data.queue,
        number,
        data.channel,
        event.source,
        "waiting",
        event.at,
        event.at,
        data.priority,
        data.customer,
        data.tier,
        data.language,
        callback=data.callback,
    )


def _adopt(visit: Visit, event: Event, data: Enqueued) -> None:
    """A visit known only from its later facts learns how it began."""
    ended = visit.answered_at if visit.answered_at is not None else visit.ended_at
    visit.enqueued_at = event.at if ended is None else min(event.at, ended)
    visit.implied = False
    visit.wait_known = True
    visit.source = event.source
    visit.priority = data.priority
    visit.customer = data.customer
    visit.tier = data.tier
    visit.language = data.language
    visit.callback = data.callback


def _imply(visits: list[Visit], event: Event) -> Misfit | None:
    """A wait that ended without having begun is kept for what it can tell."""
    data = event.data
    if not isinstance(data, Answered | Abandoned | Left):
        known = any(visit.queue == data.queue for visit in visits)  # type: ignore[union-attr]
        return "after_end" if known else "no_visit"
    for visit in visits:
        if visit.queue == data.queue and (visit.number == data.visit or not data.visit):
            return "after_end"
    visit = Visit(
        event.subject,
        data.queue,
        _number(visits, data.queue, data.visit),
        data.channel,
        event.source,
        moves(data)["waiting"],
        event.at - (data.wait_s or 0.0),
        event.at,
        implied=True,
        wait_known=data.wait_s is not None,
    )
    EFFECTS[type(data)](visit, event.at, data)
    visits.append(visit)
    return None


def _sight(visits: list[Visit], event: Event, data: Sighting) -> None:
    """A snapshot lists the contact, or a snapshot or restart no longer knows it."""
    ours = (
        v
        for v in reversed(visits)
        if v.queue == data.queue and v.source == event.source and data.visit in (0, v.number)
    )
    visit = next(ours, None)
    listed = data.listed
    if listed is None:
        if visit is not None:
            _missed(visit, event, data)
        return
    if visit is not None and not _is_new_stay(visit, data):
        _seen(visit, event, data)
        return
    since = listed.enqueued_at
    visit = Visit(
        event.subject,
        data.queue,
        _number(visits, data.queue, 0),
        data.channel,
        event.source,
        "waiting",
        event.at if since is None else min(since, event.at),
        event.at,
        listed.priority,
        implied=True,
        wait_known=since is not None,
    )
    visits.append(visit)


def _is_new_stay(visit: Visit, data: Sighting) -> bool:
    """Whether the snapshot lists a stay that began after this one ended."""
    since = data.listed.enqueued_at if data.listed else None
    end = visit.answered_at if visit.answered_at is not None else visit.ended_at
    return visit.stage not in IN_LINE and since is not None and end is not None and since > end + data.grace_s


def _seen(visit: Visit, event: Event, data: Sighting) -> None:
    """The source still has it waiting, whatever was thought of its end before."""
    ended = visit.stage in ("leaving", "lost", "abandoned", "left")
    if ended and event.at - data.grace_s > (visit.ended_at or 0.0):
        visit.stage = "waiting"
        visit.ended_at = None
        visit.reason = None
        visit.transferred = None
    if visit.stage in IN_LINE:
        visit.confirmed_at = event.at


def _missed(visit: Visit, event: Event, data: Sighting) -> None:
    """The source no longer has it; what it told within the grace time is newer than its list."""
    if visit.confirmed_at + data.grace_s > event.at:
        return
    if visit.stage in IN_LINE:
        visit.stage = "lost"
        visit.ended_at = event.at
    elif visit.stage == "answered" and data.talks_too:
        visit.stage = "completed"
        visit.ended_at = event.at
        visit.reason = "system"


def _offered(visit: Visit, _at: float, data: Offered) -> None:
    visit.agent = data.agent
    visit.ended_at = None
    visit.reason = None


def _offer_failed(visit: Visit, _at: float, _data: OfferFailed) -> None:
    visit.agent = None
    visit.ended_at = None
    visit.reason = None


def _answered(visit: Visit, at: float, data: Answered) -> None:
    visit.answered_at = at
    visit.agent = data.agent
    if visit.ended_at is not None:  # it had been told to have ended; a look is cheaper than three times None
        visit.ended_at = None
        visit.reason = None
        visit.transferred = None


def _transferred(visit: Visit, at: float, data: Transferred) -> None:
    visit.transferred = data.kind
    visit.ended_at = at
    if visit.stage == "left":
        visit.reason = "overflowed"


def _abandoned(visit: Visit, at: float, _data: Abandoned) -> None:
    visit.agent = None
    visit.ended_at = at
    visit.reason = None


def _left(visit: Visit, at: float, data: Left) -> None:
    """The first end that was told is when the waiting ended; a later one may only tell the reason."""
    if visit.stage in ("leaving", "left"):
        visit.ended_at = at if visit.ended_at is None else visit.ended_at
        visit.agent = None
        if data.reason != "unknown" or visit.reason is None:
            visit.reason = data.reason


def _completed(visit: Visit, at: float, data: Completed) -> None:
    """The first end that was told holds, unless it was only thought that the conversation was cut."""
    if visit.ended_at is None or visit.reason == "system":
        visit.ended_at = at
        visit.reason = None
    if visit.stage == "leaving":
        visit.reason = "unknown"
    if data.talk_s is not None:
        visit.talk_s = data.talk_s
    if data.hold_s is not None:
        visit.hold_s = data.hold_s
    if data.wrap_up_s is not None:
        visit.wrap_up_s = data.wrap_up_s
    if data.resolved is not None:
        visit.resolved = data.resolved


def _received(_visit: Visit, _at: float, _data: MessageReceived) -> None:
    """The customer writing shows that the contact is alive, and nothing more."""


def _sent(visit: Visit, at: float, data: MessageSent) -> None:
    if data.by == "agent" and not data.automatic and visit.first_response_at is None:
        visit.first_response_at = at


EFFECTS: dict[type[Struct], Callable[[Visit, float, Any], None]] = {
    Offered: _offered,
    OfferFailed: _offer_failed,
    Answered: _answered,
    Transferred: _transferred,
    Abandoned: _abandoned,
    Left: _left,
    Completed: _completed,
    MessageReceived: _received,
    MessageSent: _sent,
}
