"""A site with one rule for vouchers and nothing else, on a hand-moved clock."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from queuewatch.core.customers.granting import VoucherAct, act
from queuewatch.core.customers.incentives import (
    Case,
    Moment,
    heed,
    judge,
    promised,
    wake,
)
from queuewatch.core.customers.purse import Purse
from queuewatch.core.decisions import Decision, IncentiveIssued, IncentiveRefused
from queuewatch.core.facts.acts import (
    PromiseTold,
)
from queuewatch.core.facts.events import Answered, Enqueued, Event
from queuewatch.core.hours import Hours
from queuewatch.core.rules import Budget, IncentiveRule, QueueRules, Rules
from queuewatch.core.state.contact import Contact
from queuewatch.core.state.site import Change, Site
from queuewatch.core.state.visit import Stage, Visit
from tests.core.examples import SALES, at, event, one_visit
from tests.decided import voucher

LONG_WAIT = IncentiveRule(benefit=voucher().benefit, value=Decimal(10))
ADA = "p1:ada"


class Shop:
    """A site that nothing happens in but what a test does, with one rule; and who was told of a case."""

    def __init__(
        self, budget: Budget | None = None, hours: Hours | None = None, **rules: IncentiveRule
    ) -> None:
        self.rules = Rules(
            every=QueueRules(hours=hours), incentives=rules or {"r": LONG_WAIT}, budget=budget or Budget()
        )
        self.site = Site("default")
        self.purse = Purse()
        self.cases: list[str] = []

    def moment(self, seconds: float) -> Moment:
        return Moment(self.site, self.rules, at(seconds), lambda case: self.cases.append(case.visit.contact))

    def knows(self, *visits: Visit) -> None:
        """The site knows these visits of one contact."""
        self.site.contacts[visits[0].contact] = Contact(visits[0].contact, at(0), stays=visits)

    def heeds(self, seconds: float, visit: Visit, now: Stage | None) -> list[Decision]:
        """A visit moved to this stage."""
        return list(heed(self.purse, Change(visit, "waiting", now, at(seconds)), self.moment(seconds)))

    def wakes(self, seconds: float) -> list[Decision]:
        return list(wake(self.purse, self.moment(seconds)))

    def judges(
        self, seconds: float, visit: Visit, passed_s: float = 180.0, name: str = "r"
    ) -> list[Decision]:
        case = Case(name, self.rules.incentives[name], visit, at(passed_s), passed_s)
        return list(judge(self.purse, case, self.moment(seconds)))

    def acts(self, seconds: float, data: VoucherAct, ident: str = "act") -> list[Decision]:
        told = event(seconds, data, "", ident)
        return list(act(self.purse, told, data, self.moment(seconds)))

    def is_promised(self, seconds: float, told_s: float | None, visit: int = 1) -> None:
        data = PromiseTold(
            **SALES, contact="ada", visit=visit, language="en", text="…", waited_s=0.0, told_s=told_s
        )
        promised(self.purse, event(seconds, data, ""), data, self.moment(seconds))


def waits(contact: str = "ada", *more: Event, since_s: float = 0.0, **who: Any) -> Visit:
    """A visit of Ada's to sales, begun with the story."""
    return one_visit(event(since_s, Enqueued(**SALES, **({"customer": ADA} | who)), contact), *more)


def answered(seconds: float, contact: str = "ada", **who: Any) -> Visit:
    return waits(contact, event(seconds, Answered(**SALES, agent="x"), contact), **who)


def why(decisions: list[Decision]) -> list[str]:
    """What was decided: why a voucher was issued, or why none was."""
    return [one.reason for one in decisions if isinstance(one, IncentiveIssued | IncentiveRefused)]


def a_voucher(shop: Shop) -> IncentiveIssued:
    (voucher,) = shop.judges(0, waits(), 0.0)
    assert isinstance(voucher, IncentiveIssued)
    return voucher
