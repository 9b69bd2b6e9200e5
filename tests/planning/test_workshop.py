"""Tests of making plans: queues, pools, borrowed profiles, and looking back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from queuewatch.config.sections import HoursSection, Queue
from queuewatch.core.plan.agents import WhatIf
from queuewatch.planning.hindsight import foretold
from queuewatch.planning.setup import make_setup
from queuewatch.planning.workshop import UnknownQueueError, Workshop
from tests.core.plan.pasts import MONDAY, moment, office, past
from tests.planning.pasts import NOW, PASTS, SETTINGS


@pytest.fixture(scope="module")
def shop() -> Workshop:
    return Workshop(make_setup(SETTINGS), PASTS.get)


def test_a_queue_is_planned(shop: Workshop) -> None:
    outlook = shop.outlook("sales", 1800, 2, NOW)
    plan = shop.plan("sales", outlook)
    assert plan.needs.shrinkage == 0.2
    assert outlook.mean.sum(axis=1) == pytest.approx([600, 480], rel=0.06)
    more = shop.plan("sales", outlook, WhatIf(volume=2.0))
    assert more.agents.sum() > 1.5 * plan.agents.sum()


def test_queues_that_share_agents_need_fewer_than_each_alone(shop: Workshop) -> None:
    both = shop.plan("all", shop.outlook("all", 1800, 2, NOW))
    alone = [shop.plan(name, shop.outlook(name, 1800, 2, NOW)) for name in ("sales", "support")]
    assert shop.members("all") == ("sales", "support")
    assert both.agents.sum() < sum(one.agents.sum() for one in alone)


def test_a_new_queue_borrows(shop: Workshop) -> None:
    outlook = shop.outlook("new", 1800, 2, NOW)
    assert outlook.borrowed == "sales"
    assert outlook.mean.sum(axis=1) == pytest.approx([300, 240], rel=0.15)


def test_a_queue_nobody_remembers_is_said(shop: Workshop) -> None:
    with pytest.raises(UnknownQueueError, match="nothing is remembered of queue 'none'"):
        shop.outlook("none", 1800, 2, NOW)


def test_last_week_is_scored_by_what_would_have_been_told(shop: Workshop) -> None:
    (week,) = shop.look_back("sales", 1800, NOW)
    assert week.lead_days == 7
    assert len(week.days) == 7
    assert week.wape == pytest.approx(0.15, abs=0.05)


def test_what_was_told_goes_before_what_would_have_been(shop: Workshop) -> None:
    calendar = shop.calendar("sales", NOW)
    today = calendar.day_of(NOW)
    mornings = [today - timedelta(days=back) for back in (15, 8, 7, 6, 5, 4, 3, 2, 1)]
    told = list(foretold(PASTS["sales"], calendar, 3600, mornings))
    found = shop.look_back("sales", 3600, NOW, told)
    assert [one.lead_days for one in found] == [1, 7]


def test_agents_who_serve_only_some_of_the_queues_are_planned_by_kind(shop: Workshop) -> None:
    kinds = shop.kinds("some")
    assert [sorted(one.serves) for one in kinds.values()] == [[0], [0, 1]]
    assert kinds["both"].most == 9
    plan = shop.plan("some", shop.outlook("some", 3600, 1, NOW), WhatIf(volume=1.1))
    assert plan.kinds == ("first", "both")
    # Support is served by none but them.
    assert (plan.crews[1][plan.outlook.said.days.open] > 0).all()
    assert shop.kinds("all") == shop.kinds("sales") == {}


def test_several_queues_are_open_while_one_of_them_is() -> None:
    late = Queue(hours=HoursSection(zone="Europe/Berlin", mon="12:00-20:00"))
    settings = replace(SETTINGS, queues={"support": late})
    hours = Workshop(make_setup(settings), PASTS.get).calendar("all", NOW).hours
    assert hours is not None
    assert hours.week[0] == ((9 * 3600.0, 20 * 3600.0),)
    assert hours.week[1] == ((9 * 3600.0, 17 * 3600.0),)


def test_a_queue_of_this_week_has_nothing_to_look_back_at() -> None:
    young = past(1, office, first=MONDAY + timedelta(weeks=6))
    shop = Workshop(make_setup(SETTINGS), {"sales": young}.get)
    assert shop.look_back("sales", 1800, moment(MONDAY + timedelta(weeks=6, days=3))) == ()


def test_a_queue_of_which_nothing_was_heard_for_months_has_nothing_to_look_back_at(shop: Workshop) -> None:
    assert shop.look_back("sales", 1800, NOW + 200 * 86_400.0) == ()


def test_an_older_past_that_is_brought_in_teaches_anew() -> None:
    whole = PASTS["sales"]
    since = whole.since + 14 * 86_400.0
    few = replace(whole, since=since, intervals=[one for one in whole.intervals if one.start >= since])
    shop = Workshop(make_setup(SETTINGS), {"sales": few}.get)
    before = shop.outlook("sales", 1800, 7, NOW)
    after = shop.renewed({"sales": whole}.get).outlook("sales", 1800, 7, NOW)
    assert after.known_days > before.known_days
