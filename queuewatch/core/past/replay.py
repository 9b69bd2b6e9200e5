"""History through the same core on a hand-moved clock: what happened, what would have been decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from msgspec import Struct, field
from msgspec.structs import asdict

from queuewatch.core.decisions import Decision, NoticeChanged, notices_among
from queuewatch.core.estimate.wait import Estimator, Joined
from queuewatch.core.facts.events import Event
from queuewatch.core.mind import Core
from queuewatch.core.past.dryrun import Day, RuleCost, costs, days
from queuewatch.core.rules import QueueRules, Rules
from queuewatch.core.state.history import Diary, Present
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import IN_LINE, Visit
from queuewatch.core.trust.counts import QueueCounts, counted
from queuewatch.core.trust.promises import Books
from queuewatch.core.turn import turn, wake_at
from queuewatch.core.view import NoticeLevel


class QueueSummary(QueueCounts, frozen=True, kw_only=True):
    """What happened in one queue, and what would have been told.

    Attributes:
        unfinished: Visits still open when the history ended.
        mean_wait_s: Mean wait of the answered, seconds; None when none was.
        p90_wait_s: The wait that nine in ten of the answered did not exceed, seconds.
        longest_wait_s: Longest time anybody waited, answered or not, seconds.
        service_level: Share of the offered that was answered within each threshold (seconds, as text).
        occupancy: Share of their time on duty for which its agents were busy, with any queue. An agent is on
            duty from the first contact to the last, and off when nothing came for `ages.agent_s`.
        notices: How often each notice level would have been entered.
        busy_s: Seconds during which customers would have been told that it is busy, or very busy.
    """

    unfinished: int
    mean_wait_s: float | None
    p90_wait_s: float | None
    longest_wait_s: float | None
    service_level: dict[str, float]
    occupancy: float | None
    notices: dict[NoticeLevel, int]
    busy_s: float


class Summary(Struct, frozen=True, kw_only=True):
    """What happened in a history.

    Attributes:
        events: How many events.
        begins_at: Time of the first; None when there was none.
        ends_at: Time of the last.
        misfits: Facts that did not fit any visit, by reason.
        incentives: What each rule for vouchers would have cost, and whom it would have reached.
        days: What each day was like.
        decisions: What would have been decided, in order.
    """

    queues: tuple[QueueSummary, ...]
    events: int
    begins_at: float | None
    ends_at: float | None
    misfits: dict[str, int]
    incentives: tuple[RuleCost, ...] = ()
    days: tuple[Day, ...] = ()
    decisions: tuple[Decision, ...]


class Unread(Diary):
    """The diary of a replay, of which nobody will ever read a row: so none is written."""

    def note(self, change: Change, now: float, thresholds_s: tuple[float, ...]) -> None:
        """A visit moved."""

    def see(self, queue: str, present: Present) -> None:
        """Somebody serves a queue."""

    def due(self, now: float) -> bool:  # noqa: ARG002  # whenever it is
        """It is never time to look who is there."""
        return False


class Unscored(Books):
    """The books of a replay: promises are kept or broken, but nobody will ask how right estimators were."""

    def heed(self, ours: str, change: Change, rules: Rules) -> list[bool]:
        """A visit moved, which may decide what was promised in its queue."""
        return super().heed(ours, change, rules) if self.of(change.visit.queue).open else []

    def joined(self, ours: Estimator, joined: Joined, who: Visit, rules: QueueRules) -> None:
        """What is said of a wait as it begins is not held against how it ends."""


class Replay(Struct):
    """A history on its way through the core.

    Attributes:
        visits: The visits that may still change, by site, queue, contact and number.
        settled: Visits, with their site, of contacts that the core has forgotten and that came again since.
    """

    rules: Rules
    core: Core = field(default_factory=Core)
    visits: dict[tuple[str, str, str, int], Visit] = field(default_factory=dict)
    settled: list[tuple[str, Visit]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    events: int = 0
    begins_at: float | None = None
    now: float = float("-inf")

    def take(self, event: Event) -> None:
        """Let an event happen, and before it whatever the core wanted to be woken for.

        An event earlier than the one before it is taken in late, as a live service would.
        """
        if self.begins_at is None:
            self.begins_at = event.at
        self.now = max(self.now, event.at)
        while (due_at := wake_at(self.core)) is not None and due_at <= self.now:
            self.decisions += turn(self.core, self.rules, due_at, observe=self._observe)
        _, attention = self.core.site(event.site)
        if type(attention.diary) is not Unread:  # the site is new, or forgot a customer
            attention.diary, attention.books = Unread(), Unscored(attention.books.queues)
        self.decisions += turn(self.core, self.rules, self.now, (event,), self._observe)
        self.events += 1

    def _observe(self, site: str, change: Change) -> None:
        visit = change.visit
        key = (site, visit.queue, visit.contact, visit.number)
        before = self.visits.pop(key, None)
        if change.was is None and before is not None:
            self.settled.append((site, before))
        if change.now is not None:
            self.visits[key] = visit

    def summary(self) -> Summary:
        """What happened up to now."""
        by_place: dict[tuple[str, str], list[Visit]] = {}
        visits = [*self.settled, *((key[0], visit) for key, visit in self.visits.items())]
        for site, visit in visits:
            by_place.setdefault((site, visit.queue), []).append(visit)
        duty = {
            site: _on_duty([visit for where, visit in visits if where == site], self.rules.ages.agent_s)
            for site in self.core.sites
        }
        return Summary(
            queues=tuple(self._queue(place, by_place[place], duty[place[0]]) for place in sorted(by_place)),
            events=self.events,
            begins_at=self.begins_at,
            ends_at=None if self.begins_at is None else self.now,
            misfits=dict(sum((Counter(site.misfits.now) for site in self.core.sites.values()), Counter())),
            incentives=costs(self.decisions),
            days=self._days(),
            decisions=tuple(self.decisions),
        )

    def _days(self) -> tuple[Day, ...]:
        if self.begins_at is None:
            return ()
        return days(self.decisions, self.begins_at, self.now, self.rules.budget.zone)

    def _queue(
        self, place: tuple[str, str], visits: list[Visit], duty: dict[str, tuple[float, float]]
    ) -> QueueSummary:
        site, queue = place
        decisions = [one for one in notices_among(self.decisions) if (one.site, one.queue) == place]
        waits = np.array([v.wait_s for v in visits if v.wait_s is not None])
        endured = [v.endured_s for v in visits if v.endured_s is not None]
        agents = [duty[v.agent] for v in {v.agent: v for v in visits}.values() if v.agent in duty]
        there_s = sum(there for _, there in agents)
        return QueueSummary(
            **asdict(counted(site, queue, visits)),
            unfinished=sum(1 for v in visits if v.stage in IN_LINE or v.stage == "answered"),
            mean_wait_s=float(waits.mean()) if len(waits) else None,
            p90_wait_s=float(np.quantile(waits, 0.9)) if len(waits) else None,
            longest_wait_s=max(endured, default=None),
            service_level={
                f"{t:g}": float((waits <= t).sum()) / len(visits) for t in self.rules.of(queue).thresholds_s
            },
            occupancy=sum(busy for busy, _ in agents) / there_s if there_s else None,
            notices=dict(Counter(one.level for one in decisions)),
            busy_s=_told_s(decisions, self.now),
        )


def _on_duty(visits: Iterable[Visit], pause_s: float) -> dict[str, tuple[float, float]]:
    """For each agent the seconds busy, and the seconds on duty, both counting overlapping contacts once."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for visit in visits:
        if visit.agent is not None and visit.answered_at is not None and visit.ended_at is not None:
            spans.setdefault(visit.agent, []).append((visit.answered_at, visit.ended_at))
    return {agent: _lengths(sorted(worked), pause_s) for agent, worked in spans.items()}


def _lengths(spans: list[tuple[float, float]], pause_s: float) -> tuple[float, float]:
    busy_s = there_s = 0.0
    last_at = spans[0][0]
    for start, end in spans:
        gap_s = start - last_at
        if 0 < gap_s <= pause_s:
            there_s += gap_s
        if end > last_at:
            worked_s = end - max(start, last_at)
            busy_s += worked_s
            there_s += worked_s
            last_at = end
    return busy_s, there_s


def _told_s(decisions: list[NoticeChanged], ends_at: float) -> float:
    """How long a level other than normal held, seconds."""
    told_s = 0.0
    since_at: float | None = None
    for one in decisions:
        if one.level == "normal":
            told_s += one.at - since_at if since_at is not None else 0.0
            since_at = None
        elif since_at is None:
            since_at = one.at
    return told_s + (max(0.0, ends_at - since_at) if since_at is not None else 0.0)
