"""Rules for vouchers, customers who may get some, and what was decided of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from queuewatch.core.decisions import (
    Benefit,
    Decision,
)
from queuewatch.core.rules import Budget, IncentiveRule, Rules
from tests.stories.timeline import Timeline

TEN = Benefit(amount=Decimal(10), currency="EUR")
ADA, BOB, CYD = "p1:ada", "p1:bob", "p1:cyd"
LONG_WAIT = IncentiveRule(benefit=TEN, value=Decimal(10))


def ruled(
    budget: Budget | None = None, *, more: dict[str, IncentiveRule] | None = None, **changes: Any
) -> Rules:
    """The rules with one for long waits, changed so, and perhaps further ones."""
    rule = {name: getattr(LONG_WAIT, name) for name in LONG_WAIT.__struct_fields__} | changes
    return Rules(incentives={"long-wait": IncentiveRule(**rule), **(more or {})}, budget=budget or Budget())


def of(story: Timeline, kind: type[Decision]) -> list[Any]:
    return [one for one in story.decisions if isinstance(one, kind)]
