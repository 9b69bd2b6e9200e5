"""Vouchers: which wait is owed one, who decides, and why there is none where there is none.

A case is one rule and one wait. It is judged once, at the moment the rule speaks of, and the verdict has a
reason of its own. Compensation works once, when the failure is small and unexpected: the second failure of a
customer within the period is a case for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from heapq import heappop, heappush

from msgspec import Struct

from queuewatch.core.customers.purse import (
    Purse,
    count,
    day_of,
    incentive_key,
    pop_due,
    seconds_of_day,
    stay,
)
from queuewatch.core.decisions import (
    Decision,
    FollowUpDue,
    GrantReason,
    IncentiveIssued,
    IncentiveMoved,
    IncentiveRefused,
    RefusalReason,
)
from queuewatch.core.facts.acts import PromiseTold
from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Budget, IncentiveRule, Rules
from queuewatch.core.state.site import Change, Site
from queuewatch.core.state.visit import IN_LINE, Visit

_REASONS: dict[str, GrantReason] = {
    "waiting": "wait_passed",
    "answered": "wait_passed",
    "abandoned": "abandoned",
    "promise_broken": "promise_broken",
}
_ENDS: dict[str, frozenset[str]] = {
    "waiting": frozenset(("answered", "completed", "abandoned", "left", "leaving")),
    "answered": frozenset(("answered", "completed")),
    "abandoned": frozenset(("abandoned",)),
    "promise_broken": frozenset(("answered", "completed", "abandoned", "left", "leaving")),
}
_WHILE_WAITING = frozenset(("waiting", "promise_broken"))


class Case(Struct, frozen=True):
    """A rule that holds for a wait, to be judged.

    Attributes:
        name: Of the rule.
        passed_at: Since when it holds.
        waited_s: How long the contact had waited by then, seconds.
    """

    name: str
    rule: IncentiveRule
    visit: Visit
    passed_at: float
    waited_s: float


class Moment(Struct, frozen=True):
    """When and where cases come up.

    Attributes:
        escalate: Called when a case is one for a person.
    """

    site: Site
    rules: Rules
    now: float
    escalate: Callable[[Case], None]


def in_order(rules: Rules) -> list[tuple[str, IncentiveRule]]:
    """The rules as they are asked: those for single tiers first, then the more generous one, then by name."""
    return sorted(rules.incentives.items(), key=lambda one: (not one[1].tiers, -one[1].value, one[0]))


def _is_for(rule: IncentiveRule, visit: Visit) -> bool:
    """Whether a contact is among those that a rule is for."""
    language = (visit.language or "").lower()
    return (
        visit.queue in (rule.queues or (visit.queue,))
        and visit.channel in (rule.channels or (visit.channel,))
        and visit.tier in (rule.tiers or (visit.tier,))
        and (not rule.languages or any(_covers(one.lower(), language) for one in rule.languages))
    )


def _covers(wanted: str, language: str) -> bool:
    """Whether a language that is wanted is this one, or this is a kind of it."""
    return language == wanted or language.startswith(f"{wanted}-")


def heed(purse: Purse, change: Change, at: Moment) -> Iterator[Decision]:
    """Take in that a visit moved: a wait began that may come to be owed a voucher, or it ended."""
    visit, rules = change.visit, at.rules
    if not rules.incentives or change.now is None or visit.callback:
        return
    if change.now in IN_LINE:
        # What is told late is looked at after all that was recorded with it: the wait may be over already.
        _set_alarm(purse, visit, at, visit.enqueued_at)
        return
    endured_s = visit.endured_s
    if endured_s is None:
        return
    for name, rule in in_order(rules):
        if change.now not in _ENDS[rule.when]:
            continue
        passed_at = _passed_at(purse, rule, visit, rules)
        if passed_at is not None and passed_at <= visit.enqueued_at + endured_s:
            told_at = passed_at if rule.when in _WHILE_WAITING else visit.enqueued_at + endured_s
            waited_s = told_at - visit.enqueued_at
            yield from judge(purse, Case(name, rule, visit, told_at, waited_s), at)


def wake(purse: Purse, at: Moment) -> Iterator[Decision]:
    """See to what falls due by now: waits that have lasted long enough, vouchers that expire, follow-ups."""
    while purse.waits and purse.waits[0][0] <= at.now:
        _, queue, contact, number = heappop(purse.waits)
        known = at.site.contacts.get(contact)
        visits = known.visits if known is not None else []
        for visit in visits:
            if (visit.queue, visit.number) == (queue, number) and visit.stage in IN_LINE:
                for case in _cases(purse, visit, at.rules, at.now):
                    yield from judge(purse, case, at)
                _set_alarm(purse, visit, at, at.now)
    while (due := pop_due(purse.dues, at.now)) is not None:
        yield from _fall_due(purse, at.site.name, due[1], due[2], at.now)
    purse.sweep(at.now, _longest_period_s(at.rules), at.site.contacts)


def judge(purse: Purse, case: Case, at: Moment) -> Iterator[Decision]:
    """The verdict on a case: a voucher, or why there is none; nothing where it was given before."""
    visit, rule, now = case.visit, case.rule, at.now
    site, budget = at.site.name, at.rules.budget
    key = incentive_key(site, case.name, visit.queue, visit.contact, visit.enqueued_at)
    judged = purse.judged.setdefault(visit.contact, {})
    if key in judged or key in purse.vouchers:
        return
    judged[key] = now
    if not _is_for(rule, visit):
        count(purse.refused, visit.queue, "not_for_them")
        return
    if case.passed_at < now - at.rules.ages.late_s:
        count(purse.refused, visit.queue, "told_late")
        return
    failed = _fail(purse, case, now)
    reason = _why_not(purse, case, budget, failed, now)
    if reason is None:
        issued = _voucher(site, key, case, now)
        purse.put(issued, day_of(now, budget.zone), rule.follow_up_s)
        yield issued
        return
    refusal = IncentiveRefused(
        key=f"{key}/refused",
        site=site,
        at=now,
        queue=visit.queue,
        contact=visit.contact,
        customer=visit.customer,
        rule=case.name,
        reason=reason,
    )
    purse.refuse(refusal)
    yield refusal
    if reason == "second_failure":
        at.escalate(case)


def _voucher(site: str, key: str, case: Case, now: float) -> IncentiveIssued:
    visit, rule = case.visit, case.rule
    return IncentiveIssued(
        key=key,
        site=site,
        at=now,
        queue=visit.queue,
        channel=visit.channel,
        contact=visit.contact,
        customer=visit.customer,
        tier=visit.tier,
        language=visit.language,
        rule=case.name,
        reason=_REASONS[rule.when],
        wait_s=case.waited_s,
        benefit=rule.benefit,
        value=rule.value,
        expires_at=now + rule.valid_s,
    )


def _fail(purse: Purse, case: Case, now: float) -> int:
    """Note that this customer was failed; how often within the rule's period, this time included."""
    customer = case.visit.customer
    if customer is None:
        return 1
    failures = purse.failures.setdefault(customer, {})
    failures.setdefault(case.visit.contact, now)
    return sum(at > now - case.rule.period_s for at in failures.values())


def _why_not(purse: Purse, case: Case, budget: Budget, failed: int, now: float) -> RefusalReason | None:
    """Why this case is given no voucher; None where it is."""
    visit, rule = case.visit, case.rule
    if visit.customer is None and not rule.unknown_customers:
        return "customer_unknown"
    if visit.contact in purse.had:
        return "contact_had_one"
    if failed > rule.per_customer:
        return "second_failure"
    if visit.customer is not None:
        had = purse.vouchers_of(visit.customer, now - rule.period_s)
        if had >= rule.per_customer:
            return "customer_had_enough"
    return _over_budget(purse, case, budget, now)


def _over_budget(purse: Purse, case: Case, budget: Budget, now: float) -> RefusalReason | None:
    queue, value = case.visit.queue, case.rule.value
    day = day_of(now, budget.zone)
    of_queue = budget.queues_day.get(queue, budget.queue_day)
    if of_queue is not None and purse.spent.get(day, {}).get(queue, Decimal(0)) + value > of_queue:
        return "queue_budget_spent"
    if purse.over(budget, day, value):
        return "overall_budget_spent"
    if budget.day is None:
        return None
    after = purse.spent_on(day) + value
    if seconds_of_day(now, budget.zone) < budget.evening_s and after > _left(
        budget.day, budget.evening_share
    ):
        return "kept_for_the_evening"
    if case.visit.tier != "existing" and after > _left(budget.day, budget.existing_share):
        return "kept_for_existing"
    return None


def _left(budget: Decimal, kept: float) -> Decimal:
    """What is left of a budget when a share of it is kept."""
    return budget * (1 - Decimal(str(kept)))


def promised(purse: Purse, event: Event, data: PromiseTold, at: Moment) -> None:
    """Take in that somebody who waits was told by when they will be answered."""
    known = at.site.contacts.get(data.contact)
    for visit in known.visits if known is not None else ():
        there = (visit.queue, visit.number) == (data.queue, data.visit) and visit.stage in IN_LINE
        if there and data.told_s is not None:
            until_at = event.at + data.told_s
            purse.promised[stay(visit)] = min(until_at, purse.promised.get(stay(visit), until_at))
            for rule in at.rules.incentives.values():
                if rule.when == "promise_broken":
                    due_at = max(at.now, until_at + rule.after_s)
                    heappush(purse.waits, (due_at, visit.queue, visit.contact, visit.number))


def _passed_at(purse: Purse, rule: IncentiveRule, visit: Visit, rules: Rules) -> float | None:
    """When the rule will hold for the wait if it lasts; None: never."""
    if rule.when == "promise_broken":
        until_at = purse.promised.get(stay(visit))
        return None if until_at is None else until_at + rule.after_s
    hours = rules.of(visit.queue).hours
    if hours is None:
        return visit.enqueued_at + rule.after_s
    return hours.after_open_s(visit.enqueued_at, rule.after_s)


def _cases(purse: Purse, visit: Visit, rules: Rules, now: float) -> Iterator[Case]:
    for name, rule in in_order(rules):
        if rule.when in _WHILE_WAITING:
            passed_at = _passed_at(purse, rule, visit, rules)
            if passed_at is not None and passed_at <= now:
                yield Case(name, rule, visit, passed_at, passed_at - visit.enqueued_at)


def _set_alarm(purse: Purse, visit: Visit, at: Moment, after_at: float) -> None:
    """Have a wait looked at when the first rule holds for it after `after_at`; at once when that is past."""
    rules = at.rules.incentives.values()
    dues = [_passed_at(purse, rule, visit, at.rules) for rule in rules if rule.when in _WHILE_WAITING]
    due_at = min((due for due in dues if due is not None and due > after_at), default=None)
    if due_at is not None:
        heappush(purse.waits, (max(at.now, due_at), visit.queue, visit.contact, visit.number))


def _longest_period_s(rules: Rules) -> float:
    return max((rule.period_s for rule in rules.incentives.values()), default=0.0)


def _fall_due(purse: Purse, site: str, what: str, key: str, now: float) -> Iterator[Decision]:
    voucher = purse.vouchers[key]
    if what == "expiry":
        if voucher.fate == "open":
            voucher.moved = IncentiveMoved(
                key=f"{key}/expired", site=site, at=now, incentive=key, to="expired"
            )
            yield voucher.moved
        return
    if voucher.asked is None and voucher.fate != "revoked":
        issued = voucher.issued
        voucher.follow_up = FollowUpDue(
            key=f"{key}/follow-up",
            site=site,
            at=now,
            incentive=key,
            queue=issued.queue,
            contact=issued.contact,
            customer=issued.customer,
        )
        yield voucher.follow_up
