"""The call-back list: who gave up or timed out and was not served since, on any channel of the site.

One entry a person: a customer, or a contact whose customer nobody knows. Who is served by any contact is off
the list; what is told late sets it right, so that the list does not depend on the order of the facts. A
call-back keeps its place: it can be put into the line with the time of the first wait, marked as such.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct, field

from queuewatch.core.customers.purse import count
from queuewatch.core.facts.acts import CallbackClaimed, CallbackDone, CallbackFailed, CallbackQueued
from queuewatch.core.facts.events import Answered, Completed, Enqueued, Event, Left
from queuewatch.core.facts.terms import Channel, Tier
from queuewatch.core.rules import DAY_S, CallbackRule, Rules
from queuewatch.core.state.apply import take_callback
from queuewatch.core.state.site import Change, Site
from queuewatch.core.state.visit import IN_LINE, Stage, Visit

PREFIX = "callback:"
# How long it is remembered that somebody was served who is not on the list, in case the loss is told later.
SERVED_S = 3600.0
SWEEP_EVERY_S = 3600.0

_ENDED: frozenset[Stage | None] = frozenset(("abandoned", "left", "leaving", "lost"))
_SERVED: frozenset[Stage | None] = frozenset(("answered", "completed"))

CallbackState = Literal["open", "claimed", "done"]
CallbackAct = CallbackQueued | CallbackClaimed | CallbackDone | CallbackFailed


class Miss(Struct, frozen=True):
    """One wait that came to nothing.

    Attributes:
        why: `abandoned`, `timed_out`, or `callback` when the customer asked to be called back.
    """

    queue: str
    channel: Channel
    contact: str
    enqueued_at: float
    lost_at: float
    why: str

    @property
    def waited_s(self) -> float:
        """How long it lasted, seconds."""
        return max(0.0, self.lost_at - self.enqueued_at)


class Caller(Struct, kw_only=True):
    """Somebody to be called back.

    Attributes:
        misses: Their waits that came to nothing, by queue, contact and visit.
        by: Who claimed it, or did it; None: nobody yet.
        moved_at: When.
        act: The event by which it came to this state.
        failed: How often somebody tried to call back in vain.
        in_line: The contact that stands in a line for it; None: none does.
    """

    customer: str | None
    tier: Tier | None
    language: str | None
    misses: dict[str, Miss] = field(default_factory=dict)
    state: CallbackState = "open"
    by: str | None = None
    note: str = ""
    moved_at: float | None = None
    act: str = ""
    failed: int = 0
    in_line: str | None = None

    @property
    def first(self) -> Miss:
        """The first of the waits: what keeps its place, and what the entry is named after."""
        return min(self.misses.values(), key=lambda one: (one.enqueued_at, one.contact))

    @property
    def last(self) -> Miss:
        """The last of them."""
        return max(self.misses.values(), key=lambda one: (one.lost_at, one.contact))

    @property
    def waited_s(self) -> float:
        """The longest of the waits, seconds."""
        return max(one.waited_s for one in self.misses.values())


class Callbacks(Struct):
    """The list of one site.

    Attributes:
        callers: By person: a customer's keyed hash, or `contact/` and the contact.
        persons: Who a contact is of, for those on the list.
        waiting: Who waits, by visit: nobody calls back who is in a line.
        served: When somebody was last served, for a while.
        counts: How often each thing was done, by queue.
    """

    callers: dict[str, Caller] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    served: dict[str, float] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    swept_at: float = float("-inf")

    def listed(self) -> list[Caller]:
        """Who is on the list and does not wait again."""
        again = set(self.waiting.values())
        return [caller for person, caller in self.callers.items() if person not in again]

    def find(self, contact: str) -> Caller | None:
        """Who is to be called back because of this contact; None: nobody."""
        person = self.persons.get(contact)
        return None if person is None else self.callers.get(person)

    def heed_all(self, changes: Iterable[Change], rule: CallbackRule, now: float) -> None:
        """Take in what moved, in its order: somebody waits, was lost, or served."""
        waiting = self.waiting
        for change in changes:
            visit, was, is_ = change.visit, change.was, change.now
            if visit.callback or (was == "answered" and is_ == "completed" and not change.revised):
                continue  # who was completed was served when they were answered
            key = f"{visit.queue}/{visit.contact}/{visit.number}"
            if change.revised or was in _ENDED:
                self._unmiss(visit.contact, key)
            if is_ in IN_LINE:
                waiting[key] = _person(visit)
            else:
                waiting.pop(key, None)
                if is_ in _SERVED and visit.answered_at is not None:
                    self._serve(visit, visit.answered_at)
                elif is_ is not None and visit.ended_at is not None:
                    self._miss(visit, key, _missed(visit, visit.ended_at, rule))
            if now >= self.swept_at + SWEEP_EVERY_S:
                self._sweep(rule, now)

    def _miss(self, visit: Visit, key: str, missed: Miss | None) -> None:
        """A wait ended unserved; `missed` is None where that is not for the list."""
        if missed is None:
            return
        person = _person(visit)
        anonymous = f"contact/{visit.contact}"
        if max(self.served.get(one, float("-inf")) for one in (person, anonymous)) >= missed.lost_at:
            return
        caller = self.callers.get(person)
        if caller is None or (caller.state == "done" and missed.lost_at > (caller.moved_at or 0.0)):
            caller = self.callers[person] = Caller(
                customer=visit.customer, tier=visit.tier, language=visit.language
            )
        caller.misses[key] = missed
        self.persons[visit.contact] = person

    def _unmiss(self, contact: str, key: str) -> None:
        caller = self.find(contact)
        if caller is not None and caller.misses.pop(key, None) is not None and not caller.misses:
            self._forget(self.persons[contact])

    def _serve(self, visit: Visit, at: float) -> None:
        contact, served = visit.contact, self.served
        anonymous = f"contact/{contact}"
        persons = (visit.customer, anonymous) if visit.customer else (anonymous,)
        if contact in self.persons:
            persons = (*persons, self.persons[contact])
        for person in persons:
            served_at = served.get(person)
            if served_at is None or at > served_at:
                served[person] = at
            if person in self.callers:
                self._called(self.callers[person], person, at)

    def _called(self, caller: Caller, person: str, at: float) -> None:
        """Somebody on the list was served: what was missed until then is over."""
        kept = {key: one for key, one in caller.misses.items() if one.lost_at > at}
        if kept:
            caller.misses = kept
            return
        if caller.state != "done":
            count(self.counts, caller.last.queue, "served")
        self._forget(person)

    def _forget(self, person: str) -> None:
        del self.callers[person]
        self.persons = {contact: one for contact, one in self.persons.items() if one != person}

    def _sweep(self, rule: CallbackRule, now: float) -> None:
        self.swept_at = now
        self.served = {person: at for person, at in self.served.items() if at > now - SERVED_S}
        for person, caller in list(self.callers.items()):
            ended_at = caller.moved_at if caller.state == "done" else None
            if caller.last.lost_at <= now - rule.keep_s or (ended_at is not None and ended_at <= now - DAY_S):
                self._forget(person)


def _person(visit: Visit) -> str:
    return visit.customer or f"contact/{visit.contact}"


def _missed(visit: Visit, ended_at: float, rule: CallbackRule) -> Miss | None:
    """The wait as one that came to nothing; None where it is none, or too short to speak of."""
    if visit.stage == "abandoned":
        why = "abandoned"
    elif visit.stage == "left" and visit.reason in ("timed_out", "callback"):
        why = visit.reason
    else:
        return None
    miss = Miss(visit.queue, visit.channel, visit.contact, visit.enqueued_at, ended_at, why)
    return miss if why == "callback" or miss.waited_s >= rule.after_s else None


# ── what people do ────────────────────────────────────────────────────────────────────────────────────────


class Deed(Struct, frozen=True):
    """Something a person did with the list, where and when."""

    site: Site
    event: Event
    rules: Rules
    now: float


def act(callbacks: Callbacks, data: CallbackAct, deed: Deed) -> None:
    """Take in what a person did with the list; what cannot be is left as it is, and its teller sees that."""
    caller = callbacks.find(data.contact)
    if caller is None or caller.state == "done":
        return
    if isinstance(data, CallbackClaimed):
        if caller.state == "claimed" and caller.by != data.by:
            return
        _move(caller, data, "claimed", deed)
        _answer(caller, deed)
    elif isinstance(data, CallbackDone):
        _move(caller, data, "done", deed)
        _complete(caller, deed, resolved=True)
    elif isinstance(data, CallbackFailed):
        caller.failed += 1
        _move(caller, data, "open", deed)
        _complete(caller, deed, resolved=False)
    elif caller.in_line is None and caller.state == "open":
        _move(caller, data, "open", deed)
        _join(caller, deed)
    else:
        return
    count(callbacks.counts, caller.last.queue, _DONE[type(data)])


_DONE: dict[type[CallbackAct], str] = {
    CallbackQueued: "queued",
    CallbackClaimed: "claimed",
    CallbackDone: "done",
    CallbackFailed: "failed",
}


def _move(caller: Caller, data: CallbackAct, state: CallbackState, deed: Deed) -> None:
    caller.state, caller.by, caller.note = state, data.by, data.note
    caller.moved_at, caller.act = deed.now, deed.event.id


def _join(caller: Caller, deed: Deed) -> None:
    """Put a contact into the line that stands for the call-back, in the place of the first wait."""
    first = caller.first
    name, again = f"{PREFIX}{first.contact}", 1
    while name in deed.site.contacts:
        again += 1
        name = f"{PREFIX}{first.contact}:{again}"
    caller.in_line = name
    joined = Enqueued(
        queue=first.queue,
        channel=first.channel,
        customer=caller.customer,
        tier=caller.tier,
        language=caller.language,
        callback=True,
    )
    _tell(deed, name, joined, first.enqueued_at)


def _answer(caller: Caller, deed: Deed) -> None:
    visit = _standing(caller, deed.site)
    if visit is not None and visit.stage in IN_LINE:
        answered = Answered(queue=visit.queue, channel=visit.channel, agent=caller.by)
        _tell(deed, visit.contact, answered, deed.now)


def _complete(caller: Caller, deed: Deed, *, resolved: bool) -> None:
    """Who was reached and who was not are both out of the line."""
    if resolved:
        _answer(caller, deed)
    visit = _standing(caller, deed.site)
    if visit is not None and visit.stage in IN_LINE:
        _tell(
            deed, visit.contact, Left(queue=visit.queue, channel=visit.channel, reason="withdrawn"), deed.now
        )
    elif visit is not None and visit.stage == "answered":
        ended = Completed(queue=visit.queue, channel=visit.channel, resolved=resolved)
        _tell(deed, visit.contact, ended, deed.now)
    caller.in_line = None


def _standing(caller: Caller, site: Site) -> Visit | None:
    """The visit that stands for the call-back; None: it is in no line, or was lost from it."""
    known = site.contacts.get(caller.in_line or "")
    return known.visits[-1] if known is not None and known.visits else None


def _tell(deed: Deed, contact: str, fact: Enqueued | Answered | Left | Completed, at: float) -> None:
    tag = str(fact.__struct_config__.tag)
    told = Event(f"{deed.event.id}/{tag}", deed.event.source, at, fact, contact, deed.site.name)
    take_callback(deed.site, told, deed.now, deed.rules.ages)
