"""What went wrong, when and where, against the time before: counted from what a history holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from msgspec import Struct

from queuewatch.core.decisions import AlertChanged, IncentiveIssued, IncentiveRefused, NoticeChanged
from queuewatch.core.facts.events import Event
from queuewatch.core.facts.terms import Channel
from queuewatch.core.past.patterns import Hour, Turn, turning_day, worst_hours
from queuewatch.core.past.reach import WEEK_S, Reach, earlier, reach
from queuewatch.core.past.replay import Replay
from queuewatch.core.past.tiring import Served, Tired, tired
from queuewatch.core.state import aging
from queuewatch.core.state.apply import apply
from queuewatch.core.state.visit import Stage, Visit
from queuewatch.core.views import promise_views

HOUR_S = 3600.0
_MOST_QUEUES_TO_SPLIT = 200
_LIKE_THE_BUSIEST = 0.7
_FEW_A_DAY = 10
_LEFT: frozenset[Stage] = frozenset(("leaving", "left"))


class Figures(Struct, frozen=True, kw_only=True):
    """What happened to some contacts in one stretch of time.

    Attributes:
        offered: How many joined.
        answered: How many of them an agent took.
        abandoned: How many gave up.
        left: How many left unanswered in other ways, by reason; `lost` of whom no end was told.
        past: How many waited past each threshold of their queue, the first and the second.
        known: Of how many it is known how long they waited.
        mean_wait_s: Of the answered, seconds; None when none was.
        longest_wait_s: Of all, seconds; None when none is known.
        transferred: How many were handed on.
        repeated: How many came from a customer who had contacted within 7 days before.
        customers_known: Of how many the customer is known.
    """

    offered: int
    answered: int
    abandoned: int
    left: dict[str, int]
    past: tuple[int, int]
    known: int
    mean_wait_s: float | None
    longest_wait_s: float | None
    transferred: int
    repeated: int
    customers_known: int

    @property
    def unanswered(self) -> int:
        """How many gave up or left without an answer."""
        return self.abandoned + sum(self.left.values())

    def share_past(self, which: int = 0) -> float | None:
        """Share that waited past the first (0) or second (1) threshold; None when nothing is known."""
        return self.past[which] / self.known if self.known else None


class Row(Struct, frozen=True, kw_only=True):
    """A queue or a channel, now and before."""

    name: str
    site: str
    channel: Channel
    now: Figures
    before: Figures


class Since(Struct, frozen=True, kw_only=True):
    """A day since when a queue gets more or fewer contacts."""

    queue: str
    day: date
    before: float
    since: float


class Decided(Struct, frozen=True, kw_only=True):
    """What was decided in one stretch of time.

    Attributes:
        notices: How often each level was entered.
        alerts: How many were raised, by kind.
        issued: Vouchers, by reason.
        refused: Vouchers that were not issued, by reason.
        value: Of the vouchers, by currency.
        promises: What became of promises told, by outcome.
    """

    notices: dict[str, int]
    alerts: dict[str, int]
    issued: dict[str, int]
    refused: dict[str, int]
    value: dict[str, Decimal]
    promises: dict[str, int]


class Report(Struct, frozen=True, kw_only=True):
    """The whole.

    Attributes:
        begins_at, ends_at: The stretch of time, seconds since 1970 UTC.
        thresholds_s: The first and the second threshold of all queues that have none of their own.
        queues: By how many waited too long, the worst first.
        channels: Likewise.
        hours: By weekday (0 is Monday) and hour: contacts, and how many waited past the first threshold.
        worst: Hours of the week that are worse than the others.
        turns: Days since when a queue gets more or fewer contacts.
        tired: Sites whose people were busy for too long.
        now, before: What was decided.
        reach: How far back the history goes.
        decided: Whether anything was decided at all; else it is unknown what would have been.
    """

    begins_at: float
    ends_at: float
    thresholds_s: tuple[float, float]
    queues: tuple[Row, ...]
    channels: tuple[Row, ...]
    hours: dict[tuple[int, int], tuple[int, int]]
    worst: tuple[Hour, ...]
    turns: tuple[Since, ...]
    tired: tuple[Tired, ...]
    now: Decided
    before: Decided
    reach: Reach
    decided: bool = True

    @property
    def all_now(self) -> tuple[int, int, int]:
        """Contacts, and how many of them waited past the first and the second threshold."""
        return _sum(row.now for row in self.queues)

    @property
    def all_before(self) -> tuple[int, int, int]:
        """The same of the time before."""
        return _sum(row.before for row in self.queues)


class Facts(Replay):
    """A history of which only what happened is taken in: nothing is decided, which is most of the work."""

    def take(self, event: Event) -> None:
        """Let an event happen, and before it whoever waited for too long be lost."""
        if self.begins_at is None:
            self.begins_at = event.at
        self.now = max(self.now, event.at)
        site, _ = self.core.site(event.site)
        due_at = aging.next_at(site)
        if due_at is not None and due_at <= self.now:
            aging.expire(site, self.now, self.rules.ages)
        apply(site, event, self.now, self.rules.ages)
        for change in site.changes:
            self._observe(site.name, change)
        site.changes.clear()
        self.events += 1


def report(replay: Replay, begins_at: float, ends_at: float, zone: tzinfo) -> Report:
    """Count what a history holds of [begins_at, ends_at), against the same time before by the wall's clock.

    Args:
        replay: The history, taken in; better from a week before the time before, for repeats and changes.
        begins_at: Seconds since 1970 UTC.
        ends_at: Likewise; not included.
        zone: On whose clock hours and days are.
    """
    served: list[Served] = [*replay.settled, *((key[0], visit) for key, visit in replay.visits.items())]
    served = [one for one in served if one[1].enqueued_at < ends_at]
    before_at = earlier(begins_at, ends_at, zone)
    now = [one for one in served if one[1].enqueued_at >= begins_at]
    before = [one for one in served if before_at <= one[1].enqueued_at < begins_at]
    count = _Counting(replay, _repeats(served))
    thresholds = replay.rules.every.thresholds_s
    hours = count.hours(now, zone)
    return Report(
        begins_at=begins_at,
        ends_at=ends_at,
        thresholds_s=(thresholds[0], thresholds[min(1, len(thresholds) - 1)]),
        queues=count.rows(now, before, by_queue=True),
        channels=count.rows(now, before, by_queue=False),
        hours=hours,
        # Of a few days each hour of the week came at most once: that is no pattern.
        worst=worst_hours(count.hours([*before, *now], zone))
        if ends_at - begins_at >= WEEK_S - HOUR_S
        else (),
        turns=_turns(served, ends_at, zone),
        tired=tired(now, replay.rules.ages.agent_s),
        now=_decided(replay, begins_at, ends_at),
        before=_decided(replay, before_at, begins_at),
        reach=reach(
            [visit.enqueued_at for _, visit in served],
            replay.begins_at,
            (before_at, begins_at, ends_at),
            zone,
        ),
        decided=not isinstance(replay, Facts),
    )


class _Counting:
    """Counts visits by the thresholds of their queues."""

    def __init__(self, replay: Replay, repeats: frozenset[int]) -> None:
        self._rules = replay.rules
        self._repeats = repeats

    def _past(self, visit: Visit, which: int) -> bool:
        thresholds = self._rules.of(visit.queue).thresholds_s
        endured_s = visit.endured_s
        return endured_s is not None and endured_s > thresholds[min(which, len(thresholds) - 1)]

    def rows(self, now: Sequence[Served], before: Sequence[Served], *, by_queue: bool) -> tuple[Row, ...]:
        """One row a queue, or a channel; by how many waited too long, then by how many nobody answered."""
        groups: dict[tuple[str, str, Channel], tuple[list[Visit], list[Visit]]] = {}
        for place, part in enumerate((now, before)):
            for site, visit in part:
                key = (site, visit.queue if by_queue else visit.channel, visit.channel)
                groups.setdefault(key, ([], []))[place].append(visit)
        rows = [
            Row(name=name, site=site, channel=channel, now=self._figures(these), before=self._figures(those))
            for (site, name, channel), (these, those) in groups.items()
        ]
        return tuple(
            sorted(rows, key=lambda row: (-row.now.past[0], -row.now.unanswered, row.site, row.name))
        )

    def _figures(self, visits: Sequence[Visit]) -> Figures:
        waits = [visit.wait_s for visit in visits if visit.wait_s is not None]
        endured = [visit.endured_s for visit in visits if visit.endured_s is not None]
        return Figures(
            offered=len(visits),
            answered=sum(visit.answered_at is not None for visit in visits),
            abandoned=sum(visit.stage == "abandoned" for visit in visits),
            left=dict(_left(visits)),
            past=(
                sum(self._past(visit, 0) for visit in visits),
                sum(self._past(visit, 1) for visit in visits),
            ),
            known=len(endured),
            mean_wait_s=sum(waits) / len(waits) if waits else None,
            longest_wait_s=max(endured, default=None),
            transferred=sum(visit.transferred is not None for visit in visits),
            repeated=sum(id(visit) in self._repeats for visit in visits),
            customers_known=sum(visit.customer is not None for visit in visits),
        )

    def hours(self, served: Iterable[Served], zone: tzinfo) -> dict[tuple[int, int], tuple[int, int]]:
        """By weekday and hour: contacts whose wait is known, and how many waited past the first threshold."""
        joined: Counter[tuple[int, int]] = Counter()
        past: Counter[tuple[int, int]] = Counter()
        for _, visit in served:
            if visit.endured_s is None:
                continue
            local = datetime.fromtimestamp(visit.enqueued_at, UTC).astimezone(zone)
            place = (local.weekday(), local.hour)
            joined[place] += 1
            past[place] += self._past(visit, 0)
        return {place: (joined[place], past[place]) for place in sorted(joined)}


def _left(visits: Iterable[Visit]) -> Counter[str]:
    """How many left unanswered without giving up, by reason."""
    left: Counter[str] = Counter(visit.reason or "unknown" for visit in visits if visit.stage in _LEFT)
    left["lost"] += sum(visit.stage == "lost" for visit in visits)
    return +left


def _repeats(served: Iterable[Served]) -> frozenset[int]:
    """Visits (by id) of customers who had contacted within 7 days before; a transfer is no new contact."""
    found: set[int] = set()
    last: dict[tuple[str, str], Visit] = {}
    for site, visit in sorted(served, key=lambda one: one[1].enqueued_at):
        if visit.customer is None:
            continue
        earlier = last.get((site, visit.customer))
        other = earlier is not None and earlier.contact != visit.contact
        if earlier is not None and other and visit.enqueued_at - earlier.enqueued_at <= WEEK_S:
            found.add(id(visit))
        last[site, visit.customer] = visit
    return frozenset(found)


def _turns(served: Sequence[Served], ends_at: float, zone: tzinfo) -> tuple[Since, ...]:
    """Days since when a queue gets more or fewer contacts, by the weekdays that are alike."""
    by_queue: dict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for site, visit in served:
        by_queue[site, visit.queue][_day(visit.enqueued_at, zone)] += 1
    last = _day(ends_at, zone)
    found: list[Since] = []
    for (_, queue), counts in sorted(by_queue.items())[:_MOST_QUEUES_TO_SPLIT]:
        first = min(counts)
        days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal())]
        workdays = _workdays(days, counts)
        turn: Turn | None = turning_day([counts[day] for day in workdays])
        if turn is not None and max(turn.before, turn.since) >= _FEW_A_DAY:
            found.append(Since(queue=queue, day=workdays[turn.day], before=turn.before, since=turn.since))
    return tuple(found)


def _workdays(days: Sequence[date], counts: Counter[date]) -> list[date]:
    """The days of those weekdays that are alike: which ones are quieter is not the same in every country."""
    totals: Counter[int] = Counter()
    for day in days:
        totals[day.weekday()] += counts[day]
    often = Counter(day.weekday() for day in days)
    means = {weekday: totals[weekday] / often[weekday] for weekday in often}
    busiest = max(means.values(), default=0.0)
    return [day for day in days if means[day.weekday()] >= _LIKE_THE_BUSIEST * busiest]


def _day(at: float, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).date()


def _decided(replay: Replay, begins_at: float, ends_at: float) -> Decided:
    made = [one for one in replay.decisions if begins_at <= one.at < ends_at]
    issued = [one for one in made if isinstance(one, IncentiveIssued)]
    value: dict[str, Decimal] = {}
    for one in issued:
        if one.benefit.amount is not None and one.benefit.currency is not None:
            value[one.benefit.currency] = value.get(one.benefit.currency, Decimal(0)) + one.benefit.amount
    told = [one for site in replay.core.sites for one in promise_views(replay.core, site)]
    return Decided(
        notices=dict(Counter(one.level for one in made if isinstance(one, NoticeChanged))),
        alerts=dict(
            Counter(one.kind for one in made if isinstance(one, AlertChanged) and one.phase == "raised")
        ),
        issued=dict(Counter(one.reason for one in issued)),
        refused=dict(Counter(one.reason for one in made if isinstance(one, IncentiveRefused))),
        value=value,
        promises=dict(Counter(one.outcome for one in told if begins_at <= one.at < ends_at)),
    )


def _sum(figures: Iterable[Figures]) -> tuple[int, int, int]:
    all_of = list(figures)
    return (
        sum(one.offered for one in all_of),
        sum(one.past[0] for one in all_of),
        sum(one.past[1] for one in all_of),
    )
