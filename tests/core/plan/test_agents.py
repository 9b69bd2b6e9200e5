"""Tests of the agents that an outlook calls for: calls, chats, e-mail, what-if."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from queuewatch.core.plan.agents import Needs, Staffed, WhatIf, followed, needs_of, staffed
from queuewatch.core.plan.outlook import Outlook, foresee, understand
from queuewatch.core.rules import QueueRules
from queuewatch.core.state.history import QueueHistory
from queuewatch.queueing.staffing import fewest_agents
from tests.core.plan.pasts import CALENDAR, MONDAY, moment, office, past

NOW = moment(MONDAY + timedelta(weeks=6))
NEEDS = needs_of(QueueRules(), "phone")


def made(told: QueueHistory, days: int = 2) -> Outlook:
    return foresee(understand(told, CALENDAR, 1800, NOW, horizon_days=days), told, NOW, horizon_days=days)


@pytest.fixture(scope="module")
def calls() -> Outlook:
    return made(past(6, office))


@pytest.fixture(scope="module")
def plan(calls: Outlook) -> Staffed:
    return staffed(calls, NEEDS)


@pytest.fixture(scope="module")
def mails() -> Outlook:
    return made(past(6, lambda _: 12.0, channel="email"), 7)


def test_a_queue_in_the_middle_of_the_day_needs_what_erlang_says(calls: Outlook, plan: Staffed) -> None:
    noon = (0, 25)
    alone = fewest_agents(calls.mean[noon] / 1800.0, 300.0, NEEDS.targets, calls.service.patience_s).agents
    assert plan.agents[noon] == alone
    assert (plan.agents_safe >= plan.agents).all()
    assert (plan.agents[calls.mean == 0.0] == 0).all()
    here = calls.mean > 0.0
    assert (plan.over[0][here] <= 0.2).all()
    assert (plan.occupancy[here] <= 0.85).all()
    assert (plan.past_fewer[here] > plan.past[here]).all()
    assert (plan.past_more[here] < plan.past[here]).all()


def test_what_if_more_came_and_took_longer(calls: Outlook, plan: Staffed) -> None:
    more = staffed(calls, NEEDS, WhatIf(volume=1.5, handling=1.2, shrinkage=0.3))
    noon = (0, 25)
    assert more.agents[noon] >= 1.4 * plan.agents[noon]
    assert more.rostered(more.agents)[noon] == int(np.ceil(more.agents[noon] / 0.7))
    known = replace(NEEDS, handling_s=300.0, patience_s=240.0)
    longer = staffed(calls, known, WhatIf(handling=2.0))
    assert longer.needs.handling_s == pytest.approx(600.0)
    assert longer.agents[noon] > plan.agents[noon]


def test_other_targets_can_be_tried(calls: Outlook, plan: Staffed) -> None:
    strict = staffed(calls, NEEDS, WhatIf(past_first=0.02))
    assert [str(one) for one in strict.needs.targets] == [
        "P(wait>60)<=0.02",
        "P(wait>180)<=0.002",
        "occupancy<=0.85",
    ]
    assert strict.agents.sum() > plan.agents.sum()
    only = replace(NEEDS, targets=NEEDS.targets[-1:])
    assert staffed(calls, only, WhatIf(past_first=0.02)).needs.targets == only.targets


def test_a_plan_of_ones_own_can_be_followed(calls: Outlook, plan: Staffed) -> None:
    course = followed(calls, NEEDS, np.maximum(plan.agents - 2, 0))
    here = calls.mean > 0.0
    assert (course.past[-1][here] > plan.past[here]).all()


def test_who_handles_several_chats_at_a_time_is_needed_less(calls: Outlook) -> None:
    one, three = (staffed(calls, replace(NEEDS, channel="chat", slots=slots)) for slots in (1, 3))
    assert three.agents.sum() < 0.5 * one.agents.sum()


def test_mail_is_done_by_its_deadline_by_people_in_the_office(mails: Outlook) -> None:
    """A day brings 288 mails of five minutes: with 8.5 hours a day all of it is done in seven days' time."""
    needs = replace(needs_of(QueueRules(thresholds_s=(3600.0, 4 * 3600.0)), "email"), handling_s=300.0)
    assert needs.deadline_s == 4 * 3600.0
    plan = staffed(mails, needs, backlog=24.0)
    opened = np.array([CALENDAR.open_cells(mails.day(index), 1800) for index in range(7)])
    assert (plan.agents[~opened] == 0).all()
    # What came by Friday's closing is due by Saturday's: Saturday is open for four hours.
    work_h = (mails.mean[:4].sum() + mails.mean[4, :34].sum() + 24.0) * 300.0 / 3600.0
    time_h = plan.agents[:6].sum() * 0.5 * needs.occupancy
    assert time_h >= 0.98 * work_h
    assert time_h <= 1.25 * work_h
    assert np.isnan(plan.past).all()
    assert (plan.agents_safe >= plan.agents).all()
    assert (plan.left_over >= 0.0).all()
    assert (plan.occupancy <= 1.0).all()


def test_mail_of_an_office_that_never_opens_waits(mails: Outlook) -> None:
    from dataclasses import replace as changed  # noqa: PLC0415

    from queuewatch.core.hours import Hours  # noqa: PLC0415

    never = replace(CALENDAR, hours=Hours(zone=CALENDAR.zone, week=((),) * 7))
    plan = staffed(changed(mails, calendar=never), needs_of(QueueRules(), "email"))
    assert plan.agents.sum() == 0


def test_a_queue_with_one_threshold_has_one_target_for_it() -> None:
    needs: Needs = needs_of(QueueRules(thresholds_s=(30.0,)), "phone")
    assert [str(target) for target in needs.targets] == ["P(wait>30)<=0.2", "occupancy<=0.85"]
