"""What the core remembers of vouchers: who had one, what was spent, what became of each; and for how long.

What caps and budgets need is kept here and no longer than they need it; the whole story is in the audit.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal
from heapq import heappop, heappush
from typing import Literal

from msgspec import Struct, field

from queuewatch.core.decisions import (
    Audited,
    FollowUpDue,
    IncentiveIssued,
    IncentiveMoved,
    IncentiveRefused,
    named,
)
from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.rules import DAY_S, Budget
from queuewatch.core.state.calendar import earliest
from queuewatch.core.state.visit import Visit

# A voucher that is no longer good is still known for a month, to those who ask why it is not taken.
REMEMBERED_S = 30 * DAY_S
# Budgets are counted by day and month.
SPENT_DAYS = 62
MOST_REFUSALS = 1_000
SWEEP_EVERY_S = 3600.0

BY_HAND = "by-hand"
Fate = Literal["open", "redeemed", "expired", "revoked"]
Due = Literal["expiry", "follow_up"]


class Voucher(Struct, kw_only=True):
    """One voucher and what became of it.

    Attributes:
        moved: The decision that ended it: redeemed, expired or revoked; None: it is open.
        act: The event that ended it; empty: none did.
        follow_up_at: When somebody should ask how it went; None: nobody need.
        follow_up: The decision that it is due; None: it is not yet, or need not be.
        asked: The decision that somebody did ask; None: nobody yet.
    """

    issued: IncentiveIssued
    moved: IncentiveMoved | None = None
    act: str = ""
    follow_up_at: float | None = None
    follow_up: FollowUpDue | None = None
    asked: IncentiveMoved | None = None

    @property
    def fate(self) -> Fate:
        """Whether it is still good, and if not, why."""
        return "open" if self.moved is None else self.moved.to  # type: ignore[return-value]  # it ended

    def decided(self) -> Iterator[Audited]:
        """What was decided of it: that it is issued, and what became of it."""
        yield self.issued
        yield from (one for one in (self.moved, self.follow_up, self.asked) if one is not None)


class Purse(Struct):
    """The vouchers of one site.

    Attributes:
        vouchers: By key, in the order they were issued.
        waits: Heap of (when, queue, contact, visit): a wait may then have lasted as long as a rule says.
        dues: Heap of (when, what, voucher).
        promised: By when those in line were told to be answered, by stay; of several promises the first. For
            rules about broken promises; whether they were kept is in `trust/promises.py`.
        judged: The cases that were judged, by contact: each is judged once.
        had: The voucher that each contact had last.
        customers: The vouchers of each customer.
        failures: The contacts of each customer that a rule held for, with when.
        spent: What was given away, by day and queue.
        by_hand: What was granted by hand, by day and holder of a limit.
        refusals: The latest refusals.
        counts: How often each reason was given, by queue, for vouchers issued.
        refused: The same for those that were not, also where nothing was told to anybody.
        value: What was given away, by queue and currency; never goes down.
    """

    vouchers: dict[str, Voucher] = field(default_factory=dict)
    waits: list[tuple[float, str, str, int]] = field(default_factory=list)
    dues: list[tuple[float, Due, str]] = field(default_factory=list)
    promised: dict[str, float] = field(default_factory=dict)
    judged: dict[str, dict[str, float]] = field(default_factory=dict)
    had: dict[str, str] = field(default_factory=dict)
    customers: dict[str, dict[str, None]] = field(default_factory=dict)
    failures: dict[str, dict[str, float]] = field(default_factory=dict)
    spent: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    by_hand: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    refusals: list[IncentiveRefused] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: dict[str, dict[str, int]] = field(default_factory=dict)
    value: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    swept_at: float = float("-inf")

    def put(self, issued: IncentiveIssued, day: str, follow_up_s: float | None) -> None:
        """Remember a voucher that is issued now, on this day of the budget."""
        key = issued.key
        follow_up_at = None if follow_up_s is None else issued.at + follow_up_s
        self.vouchers[key] = Voucher(issued=issued, follow_up_at=follow_up_at)
        self.had[issued.contact] = key
        if issued.customer is not None:
            self.customers.setdefault(issued.customer, {})[key] = None
        heappush(self.dues, (issued.expires_at, "expiry", key))
        if follow_up_at is not None:
            heappush(self.dues, (follow_up_at, "follow_up", key))
        add(self.spent.setdefault(day, {}), issued.queue, issued.value)
        count(self.counts, issued.queue, issued.reason)
        if issued.benefit.amount is not None and issued.benefit.currency is not None:
            add(self.value.setdefault(issued.queue, {}), issued.benefit.currency, issued.benefit.amount)

    def refuse(self, refusal: IncentiveRefused) -> None:
        """Remember a refusal; of very many the latest."""
        self.refusals.append(refusal)
        if len(self.refusals) > MOST_REFUSALS:
            del self.refusals[0]
        count(self.refused, refusal.queue, refusal.reason)

    def spent_on(self, day: str) -> Decimal:
        """What was given away on a day; of all days that begin so, such as "2026-11"."""
        return sum(
            (sum(of.values(), Decimal(0)) for on, of in self.spent.items() if on.startswith(day)), Decimal(0)
        )

    def over(self, budget: Budget, day: str, value: Decimal) -> bool:
        """Whether so much more on this day would be more than the site gives away in the day or month."""
        if budget.day is not None and self.spent_on(day) + value > budget.day:
            return True
        return budget.month is not None and self.spent_on(month_of(day)) + value > budget.month

    def vouchers_of(self, customer: str, since_at: float) -> int:
        """How many vouchers a customer had since then that were not taken back."""
        return sum(
            self.vouchers[key].issued.at > since_at and self.vouchers[key].fate != "revoked"
            for key in self.customers.get(customer, ())
        )

    def remembered(self) -> Iterator[Audited]:
        """What was decided of the vouchers that are still known, and the latest refusals."""
        for voucher in self.vouchers.values():
            yield from voucher.decided()
        yield from self.refusals

    def next_at(self) -> float | None:
        """When something falls due by itself; None: nothing does."""
        return earliest([heap[0][0] if heap else None for heap in (self.waits, self.dues)])

    def sweep(self, now: float, period_s: float, alive: Container[str]) -> None:
        """Forget, now and then, what is past.

        Args:
            now: The present.
            period_s: The longest period of any rule, seconds.
            alive: The contacts that the site remembers.
        """
        if now < self.swept_at + SWEEP_EVERY_S:
            return
        self.swept_at = now
        for contact in [one for one in self.judged if one not in alive]:
            if max(self.judged[contact].values()) <= now - DAY_S:
                del self.judged[contact]
        for customer, failed in list(self.failures.items()):
            self.failures[customer] = {one: at for one, at in failed.items() if at > now - period_s}
            if not self.failures[customer]:
                del self.failures[customer]
        self._forget_vouchers(now, period_s)
        for days in (self.spent, self.by_hand):
            for day in sorted(days)[:-SPENT_DAYS]:
                del days[day]

    def _forget_vouchers(self, now: float, period_s: float) -> None:
        for key, voucher in list(self.vouchers.items()):
            issued = voucher.issued
            asked_at = issued.at if voucher.follow_up_at is None else voucher.follow_up_at
            if now < max(issued.expires_at + REMEMBERED_S, issued.at + period_s, asked_at):
                continue
            del self.vouchers[key]
            if self.had.get(issued.contact) == key:
                del self.had[issued.contact]
            if issued.customer is not None:
                mine = self.customers[issued.customer]
                del mine[key]
                if not mine:
                    del self.customers[issued.customer]


def add(totals: dict[str, Decimal], name: str, amount: Decimal) -> None:
    """Add an amount to what is counted under a name."""
    totals[name] = totals.get(name, Decimal(0)) + amount


def count(counts: dict[str, dict[str, int]], queue: str, reason: str) -> None:
    """Count one for a queue and a reason."""
    own = counts.setdefault(queue, {})
    own[reason] = own.get(reason, 0) + 1


def day_of(at: float, zone: tzinfo) -> str:
    """The day of a moment on a zone's clock, such as "2026-11-21"."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone).date().isoformat()


def month_of(day: str) -> str:
    """The month of a day, such as "2026-11"."""
    return day[: len("2026-11")]


def next_day_at(at: float, zone: tzinfo) -> float:
    """When the next day begins on a zone's clock."""
    day = datetime.fromtimestamp(at, UTC).astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), tzinfo=zone).timestamp()


def seconds_of_day(at: float, zone: tzinfo) -> float:
    """How late it is on a zone's clock, seconds of the day as the clock on the wall shows it."""
    wall = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return wall.hour * 3600.0 + wall.minute * 60.0 + wall.second + wall.microsecond / 1e6


def incentive_key(site: str, rule: str, queue: str, contact: str, begins_at: float) -> str:
    """A voucher's key: incentive / site / rule / queue / contact / begin of the wait, or of the grant."""
    return named("incentive", site, rule, queue, contact, rfc3339(begins_at))


def stay(visit: Visit) -> str:
    """Names one stay of a contact in one queue."""
    return named(visit.queue, visit.contact, str(visit.number))


def grant_key(site: str, queue: str, contact: str, event: str) -> str:
    """The key of a voucher by hand: incentive / site / by-hand / queue / contact / id of the act."""
    return named("incentive", site, BY_HAND, queue, contact, event)


def pop_due(heap: list[tuple[float, Due, str]], now: float) -> tuple[float, Due, str] | None:
    """The next that is due by now; None: nothing is."""
    return heappop(heap) if heap and heap[0][0] <= now else None
