"""What a house gives away stays within its limits, and a case does not depend on the order it is told in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from queuewatch.core.customers.purse import day_of
from queuewatch.core.decisions import IncentiveIssued
from queuewatch.core.facts.events import Abandoned, Answered, Enqueued, Event
from queuewatch.core.rules import Budget, IncentiveRule
from tests.core.examples import at, event
from tests.core.histories import laws
from tests.stories.rules import ADA, BOB, CYD, TEN, of, ruled
from tests.stories.timeline import Timeline

# A story of days takes its time: fewer of them.
few = settings(laws, max_examples=10)

VISITS = st.lists(
    st.tuples(
        st.integers(0, 3 * 86_400),  # joins
        st.integers(1, 600),  # waits
        st.sampled_from([ADA, BOB, CYD, None]),
        st.sampled_from(["existing", "new", None]),
        st.sampled_from(["sales", "support"]),
        st.booleans(),  # answered
    ),
    max_size=8,
)


def lived(
    visits: list[tuple[Any, ...]], budget: Budget, order: Any = None, *, restarts: bool = False
) -> Timeline:
    """Days with these visits; those that happen at one time are recorded together, in any order."""
    loyal = IncentiveRule(tiers=("existing",), benefit=TEN, value=Decimal(7), unknown_customers=True)
    gone = IncentiveRule(when="abandoned", after_s=60.0, benefit=TEN, value=Decimal(3))
    story = Timeline(ruled(budget, more={"loyal": loyal, "gone": gone}), restarts=restarts)
    facts: list[Event] = []
    for number, (begin, wait_s, customer, tier, queue, answered) in enumerate(visits):
        where = {"queue": queue, "channel": "phone"}
        contact = f"c{number}"
        joined = Enqueued(**where, customer=customer, tier=tier)
        ended = Answered(**where, agent="x") if answered else Abandoned(**where)
        facts.append(event(begin, joined, contact, ident=f"{contact}/1"))
        facts.append(event(begin + wait_s, ended, contact, ident=f"{contact}/2"))
    for one in sorted(facts, key=lambda fact: (fact.at, fact.id if order is None else order.random())):
        story.record(one.at - at(0), one)
    story.until(5 * 86_400)
    return story


def caps_hold(story: Timeline, budget: Budget) -> None:
    """Nothing is issued twice, and no more is given away than the house allows, by its own clock."""
    vouchers = of(story, IncentiveIssued)
    assert len({one.key for one in story.decisions}) == len(story.decisions)
    assert len({one.contact for one in vouchers}) == len(vouchers)
    spent: dict[Any, Decimal] = {}
    for one in vouchers:
        day = day_of(one.at, budget.zone)
        for name in (day, day[:7], (day, one.queue)):
            spent[name] = spent.get(name, Decimal(0)) + one.value
    assert all(
        total <= (Decimal(20) if isinstance(name, tuple) else Decimal(25 if len(name) > 7 else 60))
        for name, total in spent.items()
    )
    customers = [one.customer for one in vouchers if one.customer is not None]
    assert len(set(customers)) == len(customers), "one a customer within the period"


LIMITED = Budget(day=Decimal(25), month=Decimal(60), queue_day=Decimal(20), evening_share=0.2)


@few
@given(visits=VISITS)
def test_caps_hold_whatever_happens_and_nothing_is_issued_twice(visits: list[tuple[Any, ...]]) -> None:
    caps_hold(lived(visits, LIMITED), LIMITED)


ZONES = ("Europe/Berlin", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Asia/Kathmandu")
# The story is set on 21 November 2026; so many days from it clocks are set in Berlin (25 October, 29 March)
# and in Havana (1 November: at midnight, which there is twice).
CLOCKS_ARE_SET = (-28, -21, -238, 0)


@pytest.mark.slow
@settings(laws, max_examples=200, derandomize=False)
@given(visits=VISITS, zone=st.sampled_from(ZONES), days=st.sampled_from(CLOCKS_ARE_SET))
def test_caps_hold_by_every_clock_also_when_it_is_set(
    visits: list[tuple[Any, ...]], zone: str, days: int
) -> None:
    budget = replace(LIMITED, zone=ZoneInfo(zone))
    caps_hold(lived([(begin + days * 86_400, *more) for begin, *more in visits], budget), budget)


@few
@given(visits=VISITS, order=st.randoms(use_true_random=False))
def test_what_happens_at_one_time_may_be_told_in_any_order_and_a_restart_does_no_harm(
    visits: list[tuple[Any, ...]], order: Any
) -> None:
    """Without budgets that the first of several takes, a case does not depend on another's order."""
    apart = [(begin, *rest) for begin, rest in {one[0]: one[1:] for one in visits}.items()]
    straight = lived(apart, Budget())
    assert lived(apart, Budget(), restarts=True).decisions == straight.decisions
    keys = {one.key for one in lived(apart, Budget(), order).decisions if isinstance(one, IncentiveIssued)}
    assert keys == {one.key for one in of(straight, IncentiveIssued)}
