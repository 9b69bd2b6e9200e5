"""Tests of planning queues that share some of their agents: each has its own outlook, all have one plan."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from queuewatch.core.past.gather import together
from queuewatch.core.plan.agents import Needs, Staffed, WhatIf, needs_of, staffed
from queuewatch.core.plan.crews import staffed_by
from queuewatch.core.plan.document import plan
from queuewatch.core.plan.outlook import Outlook, foresee, understand
from queuewatch.core.rules import QueueRules
from queuewatch.queueing.shared import Crew
from tests.core.plan.pasts import CALENDAR, MONDAY, moment, office, past

NOW = moment(MONDAY + timedelta(weeks=2))
NEEDS = needs_of(QueueRules(), "phone")
SALES, SUPPORT = past(2, office), past(2, lambda at: office(at) / 2, seed=2)
KINDS = {
    "sales only": Crew(frozenset({0})),
    "support only": Crew(frozenset({1})),
    "both": Crew(frozenset({0, 1})),
}
NOON = (0, 12)


def outlook(*pasts: int) -> Outlook:
    told = together([(SALES, SUPPORT)[one] for one in pasts])
    return foresee(understand(told, CALENDAR, 3600, NOW, horizon_days=1), told, NOW, horizon_days=1)


@pytest.fixture(scope="module")
def whole() -> Outlook:
    return outlook(0, 1)


@pytest.fixture(scope="module")
def each() -> list[tuple[Outlook, Needs]]:
    return [(outlook(0), NEEDS), (outlook(1), NEEDS)]


@pytest.fixture(scope="module")
def made(whole: Outlook, each: list[tuple[Outlook, Needs]]) -> Staffed:
    return staffed_by(KINDS, whole, each)


def test_it_lies_between_sharing_all_and_sharing_nobody(
    made: Staffed, whole: Outlook, each: list[tuple[Outlook, Needs]]
) -> None:
    apart = sum(int(staffed(*one).agents.sum()) for one in each)
    assert staffed(whole, NEEDS).agents.sum() <= made.agents.sum() < apart
    assert (made.crews.sum(axis=0) == made.agents).all()
    assert made.kinds == tuple(KINDS)


def test_to_be_safe_takes_more_and_not_as_many_as_if_all_were_busy_at_once(
    made: Staffed, each: list[tuple[Outlook, Needs]]
) -> None:
    assert made.agents_safe[NOON] > made.agents[NOON]
    assert made.agents_safe.sum() < sum(int(staffed(*one).agents_safe.sum()) for one in each)


def test_the_plan_tells_the_agents_of_each_kind(made: Staffed) -> None:
    told = plan("default", "office", made, queues=("sales", "support"))
    row = next(row for row in told.rows if row.local.endswith("12:00"))
    assert row.crews == {name: int(made.crews[(place, *NOON)]) for place, name in enumerate(KINDS)}
    assert sum(row.crews.values()) == row.agents
    assert sum(row.crews_safe.values()) == row.agents_safe
    assert max(row.chances.values()) <= 0.2
    assert told.assumptions.short_intervals == 0


def test_contacts_are_those_of_all_together(made: Staffed, whole: Outlook) -> None:
    np.testing.assert_array_equal(made.outlook.mean, whole.mean)


def test_too_few_people_are_told_of_as_such(whole: Outlook, each: list[tuple[Outlook, Needs]]) -> None:
    few = staffed_by(
        {**KINDS, "sales only": Crew(frozenset({0}), 2), "both": Crew(frozenset({0, 1}), 1)}, whole, each
    )
    assert few.crews[0].max() == 2
    assert plan("default", "office", few).assumptions.short_intervals == int(few.short.sum()) > 0


def test_what_if_is_heeded(made: Staffed, whole: Outlook, each: list[tuple[Outlook, Needs]]) -> None:
    more = staffed_by(KINDS, whole, each, WhatIf(volume=1.5, shrinkage=0.2))
    assert more.agents[NOON] > 1.2 * made.agents[NOON]
    assert more.needs.shrinkage == 0.2


def test_chats_at_a_time_are_heeded_also_where_only_one_of_the_queues_has_them(
    made: Staffed, whole: Outlook, each: list[tuple[Outlook, Needs]]
) -> None:
    chat = replace(NEEDS, slots=3)
    mixed = staffed_by(KINDS, whole, [each[0], (each[1][0], chat)])
    both = staffed_by(KINDS, whole, [(outlook, chat) for outlook, _ in each])
    assert both.agents[NOON] < mixed.agents[NOON] < made.agents[NOON]


def test_mail_cannot_be_planned_by_kinds_of_agents(whole: Outlook, each: list[tuple[Outlook, Needs]]) -> None:
    mail = [each[0], (each[1][0], replace(NEEDS, channel="email"))]
    with pytest.raises(ValueError, match="cannot be planned with kinds of agents"):
        staffed_by(KINDS, whole, mail)
