"""What happened per queue and interval of five minutes: rows that outlive the events they are made of.

`Diary` takes in every change of a visit and, once a minute, who was there. A row is always written whole, so
that writing it again after a crash changes nothing. What a contact did counts in the interval in which it
joined: "of those who came at ten, so many were answered".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct, field

from queuewatch.core.facts.terms import Channel
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import IN_LINE, Visit, set_plainly

BASE_S = 300
"""Length of an interval, seconds; longer ones are made of these."""

REDIAL_S = 1800.0
"""A customer who gave up and comes back within so many seconds tries again: that is no new demand."""

_KEEP_S = 6 * 3600
_SAMPLE_S = 60.0
# What was seen of the agents is held to be true for so long while nothing happens, seconds.
_HELD_S = 3600.0
# An e-mail that was answered a day later was not worked on for a day; its time is not known unless reported.
_LONGEST_EMAIL_S = 4 * 3600.0


@set_plainly
class Row(Struct, array_like=True, gc=False):
    """What happened in one interval of one queue.

    Attributes:
        offered: Contacts that joined.
        repeated: Of these, attempts of customers who had given up shortly before, and calls back.
        answered, abandoned, left: What became of them; the rest waits, or was lost.
        waited_s: Seconds they waited, whatever ended it: with `abandoned` it tells the mean patience.
        handled: Of the answered, those whose handling time is known.
        handling_s: Sum of these handling times, seconds.
        handling_s2: Sum of their squares.
        there_s: Agent seconds on duty.
        busy_s: Of these, not free.
        blind_s: Seconds in which no source could tell what happened; up to the interval's length.
        past: How many waited longer than each threshold (seconds, as text).
    """

    offered: int = 0
    repeated: int = 0
    answered: int = 0
    abandoned: int = 0
    left: int = 0
    waited_s: float = 0.0
    handled: int = 0
    handling_s: float = 0.0
    handling_s2: float = 0.0
    there_s: float = 0.0
    busy_s: float = 0.0
    blind_s: float = 0.0
    past: dict[str, int] = field(default_factory=dict)

    def add(self, other: Row, sign: int = 1) -> None:
        """Add another row, or take it back (`sign` -1)."""
        self.offered += sign * other.offered
        self.answered += sign * other.answered
        self.waited_s += sign * other.waited_s
        if other.repeated or other.abandoned or other.left:  # most rows that are added have none of these
            self.repeated += sign * other.repeated
            self.abandoned += sign * other.abandoned
            self.left += sign * other.left
        if other.handled:
            self.handled += sign * other.handled
            self.handling_s += sign * other.handling_s
            self.handling_s2 += sign * other.handling_s2
        if other.there_s or other.busy_s or other.blind_s:
            self.there_s += sign * other.there_s
            self.busy_s += sign * other.busy_s
            self.blind_s += sign * other.blind_s
        if other.past:
            for threshold, count in other.past.items():
                self.past[threshold] = self.past.get(threshold, 0) + sign * count

    def exchange(self, old: Row, new: Row) -> None:
        """Take back what one visit put in, and add what it puts in now: mostly little of it is another."""
        self.repeated += new.repeated - old.repeated
        self.answered += new.answered - old.answered
        self.abandoned += new.abandoned - old.abandoned
        self.left += new.left - old.left
        if new.waited_s != old.waited_s:
            self.waited_s += new.waited_s - old.waited_s
        if new.handling_s != old.handling_s or new.handled != old.handled:
            self.handled += new.handled - old.handled
            self.handling_s += new.handling_s - old.handling_s
            self.handling_s2 += new.handling_s2 - old.handling_s2
        if new.past is not old.past and new.past != old.past:
            for past, sign in ((old.past, -1), (new.past, 1)):
                for threshold, count in past.items():
                    self.past[threshold] = self.past.get(threshold, 0) + sign * count


Key = tuple[int, int]
"""A row's interval (its beginning, seconds since the epoch) and its part.

What comes in too late for the first part of an interval, which is no longer at hand, is a part of its own. An
interval is the sum of its parts.
"""


@set_plainly
class Counted(Struct, gc=False):
    """What one visit put into which row."""

    queue: str
    number: int
    key: Key
    put: Row


class Written(Struct, frozen=True):
    """A row as it is now, to be written down."""

    queue: str
    key: Key
    row: Row


class Present(Struct, frozen=True):
    """Who serves a queue from a moment on: agents on duty, and those not free; None where nobody knows."""

    at: float
    there: float | None
    busy: float
    blind: bool


class Diary(Struct):
    """The rows of one site that may still change.

    Attributes:
        rows: By queue and key.
        counted: What the visits that the site remembers have put into them, by contact.
        dirty: Rows that changed since they were last taken to be written.
        gave_up: When customers (keyed hashes) last gave up, by queue.
        present: Who was there when last looked, by queue.
        sampled_at: When all queues were looked at.
    """

    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)
    counted: dict[str, list[Counted]] = field(default_factory=dict)
    dirty: dict[str, dict[Key, None]] = field(default_factory=dict)
    gave_up: dict[str, dict[str, float]] = field(default_factory=dict)
    present: dict[str, Present] = field(default_factory=dict)
    sampled_at: float = float("-inf")
    swept_at: float = float("-inf")

    # ── contacts ──────────────────────────────────────────────────────────────────────────────────────

    def note(self, change: Change, now: float, thresholds_s: tuple[float, ...]) -> None:
        """Take in that a visit moved.

        Args:
            change: What moved.
            now: When it was recorded (our clock).
            thresholds_s: The queue's thresholds.
        """
        visit = change.visit
        if change.was in IN_LINE and change.now in IN_LINE and not change.revised:
            return
        old = None
        for one in self.counted.get(visit.contact, ()):
            if one.number == visit.number and one.queue == visit.queue:
                old = one
                break
        if old is not None and (change.now is None or (change.was is None and not change.revised)):
            self.counted[visit.contact].remove(old)
            if change.now is None:
                self._book(old.queue, old.key, old.put, -1)
            old = None  # else the site forgot that visit, and the contact came again: what was counted stays
        if change.now is None:
            return
        put = _contribution(visit, thresholds_s)
        if old is None:
            self._count(visit, put, now)
        else:
            put.repeated = 1 if visit.callback else old.put.repeated
            self._count_anew(old, put, _moved(old.key, visit.enqueued_at, now))
        if visit.stage == "abandoned" and visit.customer and visit.ended_at is not None:
            self.gave_up.setdefault(visit.queue, {})[visit.customer] = visit.ended_at

    def _count(self, visit: Visit, put: Row, now: float) -> None:
        """A visit that was not counted is."""
        gave_up = self.gave_up.get(visit.queue)
        put.repeated = 1 if visit.callback or (gave_up and _again(visit, gave_up)) else 0
        key = _key(visit.enqueued_at, now)
        self._book(visit.queue, key, put, 1)
        counted = Counted(visit.queue, visit.number, key, put)
        known = self.counted.get(visit.contact)
        if known is None:
            self.counted[visit.contact] = [counted]
        else:
            known.append(counted)

    def _count_anew(self, old: Counted, put: Row, key: Key) -> None:
        """A visit puts something else into its row, or into another one."""
        if old.key == key:
            self.rows[old.queue][key].exchange(old.put, put)
            self.dirty.setdefault(old.queue, {})[key] = None
        else:
            self._book(old.queue, old.key, old.put, -1)
            self._book(old.queue, key, put, 1)
        old.key, old.put = key, put

    def _book(self, queue: str, key: Key, put: Row, sign: int) -> None:
        rows = self.rows.get(queue)
        if rows is None:
            rows = self.rows[queue] = {}
        row = rows.get(key)
        if row is None:
            row = rows[key] = Row()
        row.add(put, sign)
        dirty = self.dirty.get(queue)
        if dirty is None:
            dirty = self.dirty[queue] = {}
        dirty[key] = None

    # ── agents and outages ────────────────────────────────────────────────────────────────────────────

    def due(self, now: float) -> bool:
        """Whether it is time to look who is there."""
        return now >= self.sampled_at + _SAMPLE_S

    def see(self, queue: str, present: Present) -> None:
        """Take in who serves a queue from now on, and count who did until now."""
        was = self.present.get(queue)
        self.present[queue] = present
        if was is None or (was.there is None and not was.blind):
            return
        now = present.at
        for start, length in _pieces(max(was.at, now - _HELD_S), now):
            there, busy = (was.there or 0.0) * length, was.busy * length
            blind = length if was.blind else 0.0
            self._book(queue, _key(start, now), Row(there_s=there, busy_s=busy, blind_s=blind), 1)

    def sample(self, now: float, present: dict[str, Present], remembered: Callable[[str], bool]) -> None:
        """Take in who is there in all queues, and let go of what is over.

        Args:
            now: The present.
            present: Every queue of the site.
            remembered: Whether the site still remembers a contact.
        """
        for queue, one in present.items():
            self.see(queue, one)
        self.sampled_at = now
        if now >= self.swept_at + BASE_S:
            self._sweep(now, remembered)

    def _sweep(self, now: float, remembered: Callable[[str], bool]) -> None:
        """Let go of what can no longer change; all of it is on disk, or still to be written."""
        self.swept_at = now
        self.counted = {name: puts for name, puts in self.counted.items() if remembered(name)}
        held = {(one.queue, one.key) for puts in self.counted.values() for one in puts}
        for queue, rows in self.rows.items():
            dirty = self.dirty.get(queue, {})
            for key in [one for one in rows if _over(one, now) and one not in dirty]:
                if (queue, key) not in held:
                    del rows[key]
        for queue, customers in self.gave_up.items():
            self.gave_up[queue] = {who: at for who, at in customers.items() if at > now - REDIAL_S}

    # ── to disk ───────────────────────────────────────────────────────────────────────────────────────

    def take(self) -> list[Written]:
        """The rows that changed since this was asked last, as copies."""
        taken = [
            Written(queue, key, _copy(self.rows[queue][key]))
            for queue, keys in self.dirty.items()
            for key in keys
        ]
        self.dirty = {}
        return taken

    def put_back(self, taken: list[Written]) -> None:
        """Those rows were not written after all."""
        for one in taken:
            if one.key in self.rows.get(one.queue, {}):
                self.dirty.setdefault(one.queue, {})[one.key] = None


def _copy(row: Row) -> Row:
    whole = Row()
    whole.add(row)
    return whole


def _again(visit: Visit, gave_up: dict[str, float]) -> bool:
    """Whether this customer gave up here shortly before; `gave_up` tells when customers did."""
    gave_up_at = None if visit.customer is None else gave_up.get(visit.customer)
    return gave_up_at is not None and 0.0 <= visit.enqueued_at - gave_up_at <= REDIAL_S


def _key(at: float, now: float) -> Key:
    """The row for something that happened at `at` and is told `now`."""
    start = int(at // BASE_S) * BASE_S
    fresh = now < start + _KEEP_S
    return (start, 0 if fresh else int(now // _KEEP_S))


def _moved(key: Key, at: float, now: float) -> Key:
    """The row for a visit that is counted in one already; another one if it joined in another interval."""
    return key if key[0] == int(at // BASE_S) * BASE_S else _key(at, now)


def _over(key: Key, now: float) -> bool:
    """Whether nothing new can come into this part."""
    start, part = key
    return now >= (start if part == 0 else part * _KEEP_S) + _KEEP_S


def _pieces(since: float, until: float) -> Iterator[tuple[float, float]]:
    """The intervals between two moments: a moment in each, and how much of it lies between, seconds."""
    at = since
    while at < until:
        end = min(until, (at // BASE_S + 1) * BASE_S)
        yield at, end - at
        at = end


_NONE_PASSED: dict[str, int] = {}


def _contribution(visit: Visit, thresholds_s: tuple[float, ...]) -> Row:
    """What one visit adds to its interval; such a row is never added to."""
    row = Row(offered=1, past=_NONE_PASSED)  # one dict for all: there may be 100,000 who wait
    if visit.answered_at is not None:
        row.answered = 1
    elif visit.stage == "abandoned":
        row.abandoned = 1
    elif visit.stage in ("left", "leaving"):
        row.left = 1
    endured_s = visit.endured_s
    if endured_s is not None and not visit.callback:
        row.waited_s = endured_s
        if endured_s > thresholds_s[0]:
            row.past = {f"{t:g}": 1 for t in thresholds_s if endured_s > t}
    handling_s = _mailed_s(visit) if visit.channel == "email" else visit.handling_s
    if handling_s is not None:
        row.handled, row.handling_s, row.handling_s2 = 1, handling_s, handling_s * handling_s
    return row


def _mailed_s(visit: Visit) -> float | None:
    """How long a mail kept an agent, seconds: as reported, for its own course does not tell."""
    if visit.talk_s is not None:
        return visit.talk_s + (visit.wrap_up_s or 0.0)
    handling_s = visit.handling_s
    return handling_s if handling_s is not None and handling_s <= _LONGEST_EMAIL_S else None


class Interval(Struct, frozen=True, gc=False):
    """One interval of one queue, all its parts together. `start` is seconds since the epoch."""

    start: int
    row: Row


def summed(parts: dict[Key, Row]) -> list[Interval]:
    """The intervals of a queue, ascending, each the sum of its parts."""
    whole: dict[int, Row] = {}
    for (start, _), row in parts.items():
        whole.setdefault(start, Row()).add(row)
    return [Interval(start, whole[start]) for start in sorted(whole)]


class QueueHistory(Struct, kw_only=True):
    """All that is remembered of a queue's past.

    Attributes:
        base_s: Length of the intervals, seconds; a divisor of an hour.
        intervals: Ascending; what is not among them, though inside `since` and `until`, had no contact.
        since: When the counting began, seconds since the epoch.
        until: Up to when is known what happened.
        outages: (from, until) in which nobody counted, beside the `blind_s` of the intervals.
    """

    channel: Channel
    intervals: list[Interval]
    since: float
    until: float
    base_s: int = BASE_S
    outages: list[tuple[float, float]] = field(default_factory=list)
