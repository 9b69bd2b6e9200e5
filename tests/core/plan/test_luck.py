"""Tests of what a plan promises of single intervals."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from queuewatch.core.plan.agents import Needs, Staffed, needs_of, staffed
from queuewatch.core.plan.crews import staffed_by
from queuewatch.core.plan.luck import Luck, luck_of
from queuewatch.core.plan.outlook import Outlook, foresee, understand
from queuewatch.core.rules import QueueRules
from queuewatch.queueing.shared import Crew
from tests.core.plan.pasts import CALENDAR, MONDAY, moment, office, past

TODAY = MONDAY + timedelta(weeks=4)
NOW = moment(TODAY)
DAYTIME = slice(20, 32)  # from ten to four
PHONE = needs_of(QueueRules(), "phone")


def outlook(seed: int, *, mail: bool = False, days: int = 1) -> Outlook:
    """A Monday of an office."""
    told = past(4, office, seed=seed, channel="email" if mail else "phone")
    return foresee(understand(told, CALENDAR, 1800, NOW, horizon_days=days), told, NOW, horizon_days=days)


@pytest.fixture(scope="module")
def calls() -> Outlook:
    return outlook(1)


@pytest.fixture(scope="module")
def plan(calls: Outlook) -> Staffed:
    return staffed(calls, PHONE)


@pytest.fixture(scope="module")
def promised(plan: Staffed) -> Luck:
    return luck_of(plan)


def test_more_agents_keep_more_intervals_and_none_is_sure(promised: Luck) -> None:
    held, safe = promised.held[0, 0, DAYTIME], promised.held_safe[0, 0, DAYTIME]
    assert promised.held.shape == (1, 1, 48)
    assert 0.5 < held.mean() < safe.mean() < 1.0
    assert (promised.held[0, 0, :16] == 1.0).all(), "nobody comes before it opens"


def test_where_nobody_may_wait_hardly_any_interval_keeps_it(plan: Staffed, promised: Luck) -> None:
    """With the agents of a lax target, a strict one holds far less often."""
    strict = replace(PHONE, targets=tuple(replace_bound(PHONE)))
    told = luck_of(type(plan)(**{**vars(plan), "needs": strict}))
    assert told.held[0, 0, DAYTIME].mean() < promised.held[0, 0, DAYTIME].mean() - 0.2


def replace_bound(needs: Needs) -> list[object]:
    """The same targets with no contact past them."""
    return [type(one)(one.measure, 0.0, one.threshold_s) for one in needs.targets]


def test_each_queue_has_its_promise_where_agents_are_of_kinds(calls: Outlook) -> None:
    kinds = {"one": Crew(frozenset({0})), "both": Crew(frozenset({0, 1})), "other": Crew(frozenset({1}))}
    whole = outlook(3)
    both = staffed_by(kinds, whole, [(calls, PHONE), (outlook(2), PHONE)])
    told = luck_of(both)
    assert told.held.shape == (2, 1, 48)
    assert (told.held[:, 0, DAYTIME].mean(axis=1) > 0.5).all()


def test_mail_is_done_in_time_and_past_the_horizon_nobody_knows() -> None:
    plan = staffed(outlook(4, mail=True), replace(needs_of(QueueRules(), "email"), deadline_s=2 * 3600.0))
    told = luck_of(plan)
    assert np.isnan(told.held[0, 0, -1]), "what comes in the evening is due tomorrow"
    known = told.held[0, 0, :26]
    assert (known > 0.9).all()
    assert (told.held_safe[0, 0, :26] >= known).all()


def test_a_group_of_which_nothing_is_expected_keeps_everything(calls: Outlook) -> None:
    nothing = type(calls)(**{**vars(calls), "scale": np.zeros(1)})
    kinds = {"both": Crew(frozenset({0, 1}))}
    told = luck_of(staffed_by(kinds, nothing, [(nothing, PHONE), (nothing, PHONE)]))
    assert (told.held == 1.0).all()
