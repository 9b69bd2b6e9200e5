"""The plan that was brought in: what it says of a moment, what goes before what, when it is too little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.acts import NeedTold, PlannedSpan, PlanTold
from queuewatch.core.teams.scheduled import AHEAD_S, LOOK_EVERY_S, MOST_SPANS, Scheduled, Shortage

Span = tuple[float, float, int]


def told(*spans: Span, queue: str = "sales") -> PlanTold:
    return PlanTold(queue=queue, by="Grace", spans=tuple(PlannedSpan(*one) for one in spans))


def plan(*spans: Span) -> Scheduled:
    scheduled = Scheduled()
    scheduled.tell(told(*spans), 0.0)
    return scheduled


@pytest.mark.parametrize(
    ("at", "agents"), [(99.0, None), (100.0, 5), (199.0, 5), (200.0, 7), (299.9, 7), (300.0, None)]
)
def test_a_span_holds_from_its_beginning_until_just_before_its_end(at: float, agents: int | None) -> None:
    assert plan((200.0, 300.0, 7), (100.0, 200.0, 5)).planned_at("sales", at) == agents


def test_what_nobody_planned_is_unknown() -> None:
    assert Scheduled().planned_at("sales", 0.0) is None
    assert plan((0.0, 10.0, 0)).planned_at("sales", 5.0) == 0


def test_a_later_plan_goes_before_an_earlier_one_only_where_it_speaks() -> None:
    scheduled = plan((0.0, 300.0, 5))
    scheduled.tell(told((100.0, 150.0, 9), (150.0, 200.0, 8)), 0.0)
    assert [scheduled.planned_at("sales", at) for at in (99.0, 100.0, 150.0, 200.0)] == [5, 9, 8, 5]


spans = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 10), st.integers(0, 9)).map(
        lambda one: (float(one[0]), float(one[0] + one[1]), one[2])
    ),
    min_size=1,
    max_size=1,
)


@given(st.lists(spans, max_size=6))
def test_at_every_moment_holds_what_was_told_last_of_it(plans: list[list[Span]]) -> None:
    scheduled = Scheduled()
    for one in plans:
        scheduled.tell(told(*one), 0.0)
        scheduled.tell(told(*one), 0.0)  # once more changes nothing
    for half in range(90):
        at = half / 2.0
        last = [agents for ((begin, end, agents),) in plans if begin <= at < end]
        assert scheduled.planned_at("sales", at) == (last[-1] if last else None)


def test_what_is_over_is_forgotten_and_then_there_is_nothing_to_look_at() -> None:
    scheduled = plan((0.0, 100.0, 5), (100.0, 200.0, 6))
    assert scheduled.due_at == 0.0
    scheduled.looked(100.0)
    assert scheduled.queues["sales"] == [PlannedSpan(100.0, 200.0, 6)]
    assert scheduled.due_at == 100.0 + LOOK_EVERY_S
    scheduled.looked(200.0)
    assert scheduled.queues == {}
    assert scheduled.due_at is None


def test_only_so_many_spans_are_kept_the_earliest() -> None:
    scheduled = plan(*((float(one), float(one + 1), 1) for one in range(MOST_SPANS + 1)))
    assert len(scheduled.queues["sales"]) == MOST_SPANS
    assert scheduled.planned_at("sales", float(MOST_SPANS)) is None


@pytest.mark.parametrize(
    ("begin", "until", "agents"),
    [
        (0.0, 200.0, 4),
        (100.0, 200.0, 4),
        (50.0, 100.0, 6),
        (150.0, 250.0, None),
        (-10.0, 50.0, None),
        (200.0, 300.0, None),
        (300.0, 400.0, 8),
        (400.0, 500.0, None),
    ],
)
def test_an_interval_has_the_fewest_of_its_spans_and_none_where_a_part_is_unknown(
    begin: float, until: float, agents: int | None
) -> None:
    scheduled = plan((0.0, 100.0, 6), (100.0, 200.0, 4), (300.0, 400.0, 8))
    assert scheduled.fewest(["sales"], begin, until) == agents


def test_queues_that_share_agents_have_the_sum_of_their_plans_where_all_are_known() -> None:
    scheduled = plan((0.0, 100.0, 6), (100.0, 200.0, 4))
    scheduled.tell(told((0.0, 100.0, 3), queue="support"), 0.0)
    assert scheduled.fewest(["sales", "support"], 0.0, 100.0) == 9
    assert scheduled.fewest(["sales", "support"], 100.0, 200.0) is None


def test_a_shortage_is_seen_an_hour_ahead_and_not_before() -> None:
    scheduled = plan((0.0, 10_000.0, 5), (10_000.0, 11_000.0, 3), (11_000.0, 12_000.0, 2))
    assert scheduled.shortage("sales", 5, 9_999.0 - AHEAD_S) is None
    assert scheduled.shortage("sales", 5, 10_000.0 - AHEAD_S) == Shortage(10_000.0, 2, 3)
    assert scheduled.shortage("sales", 5, 10_500.0) == Shortage(10_500.0, 3, 2)
    assert scheduled.shortage("sales", 5, 12_000.0) is None


def test_where_nobody_can_say_how_many_are_needed_there_is_no_shortage() -> None:
    assert plan((0.0, 100.0, 0)).shortage("sales", None, 0.0) is None
    assert plan((0.0, 100.0, 3)).shortage("support", 4, 0.0) is None


def test_a_copy_stays_as_it_is() -> None:
    scheduled = plan((0.0, 100.0, 5))
    copy = scheduled.copy()
    scheduled.tell(told((0.0, 100.0, 9)), 0.0)
    assert (copy.planned_at("sales", 0.0), copy.version, scheduled.version) == (5, 1, 2)


def need(*spans: Span, queue: str = "sales", shared_by: tuple[str, ...] = ()) -> NeedTold:
    return NeedTold(queue=queue, spans=tuple(PlannedSpan(*one) for one in spans), shared_by=shared_by)


def test_what_the_forecast_calls_for_later_goes_before_the_load_of_now() -> None:
    scheduled = plan((0.0, 10_000.0, 5))
    scheduled.need(need((0.0, 1000.0, 3), (1000.0, 2000.0, 8), (2000.0, 3000.0, 4)), 0.0)
    assert scheduled.shortage("sales", 3, 0.0) == Shortage(1000.0, 3, 5)
    assert scheduled.shortage("sales", 3, 2000.0) is None
    # A rush of now is expected to be over; only for now the load of now is asked.
    assert scheduled.shortage("sales", 7, 2000.0) == Shortage(2000.0, 2, 5)
    scheduled.need(need((1000.0, 2000.0, 5)), 0.0)
    assert scheduled.shortage("sales", None, 0.0) is None


def test_a_rush_is_foreseen_an_hour_ahead_and_not_before() -> None:
    scheduled = plan((0.0, 20_000.0, 5))
    scheduled.need(need((0.0, 10_000.0, 2), (10_000.0, 11_000.0, 6)), 0.0)
    assert scheduled.shortage("sales", 2, 9_999.0 - AHEAD_S) is None
    assert scheduled.shortage("sales", 2, 10_000.0 - AHEAD_S) == Shortage(10_000.0, 1, 5)


def test_where_no_forecast_was_told_the_load_of_now_speaks_for_later() -> None:
    scheduled = plan((0.0, 1000.0, 5), (1000.0, 4000.0, 2))
    scheduled.need(need((0.0, 1000.0, 3)), 0.0)
    assert scheduled.shortage("sales", 4, 0.0) == Shortage(1000.0, 2, 2)


def test_a_group_is_short_where_the_sum_of_its_plans_is_and_its_queues_are_not_by_themselves() -> None:
    scheduled = plan((0.0, 1000.0, 3))
    scheduled.need(need((0.0, 1000.0, 9), queue="office", shared_by=("sales", "support")), 0.0)
    assert scheduled.names() == ["sales", "office"]
    # Support has no plan yet: nobody can say of the group, so that its queues speak for themselves.
    assert scheduled.shortage("office", None, 0.0) is None
    assert scheduled.shortage("sales", 4, 0.0) == Shortage(0.0, 1, 3)
    scheduled.tell(told((0.0, 1000.0, 4), queue="support"), 0.0)
    assert scheduled.shortage("office", None, 0.0) == Shortage(0.0, 2, 7)
    assert scheduled.shortage("sales", 4, 0.0) is None


def test_a_group_may_have_a_plan_of_its_own() -> None:
    scheduled = Scheduled()
    scheduled.tell(told((0.0, 1000.0, 8), queue="office"), 0.0)
    scheduled.need(need((0.0, 1000.0, 9), queue="office", shared_by=("sales", "support")), 0.0)
    assert scheduled.names() == ["office"]
    assert scheduled.shortage("office", None, 0.0) == Shortage(0.0, 1, 8)


def test_a_need_is_forgotten_once_it_is_over_and_without_a_plan_nothing_is_due() -> None:
    scheduled = Scheduled()
    scheduled.need(need((0.0, 1000.0, 3), (1000.0, 2000.0, 4)), 0.0)
    assert scheduled.due_at is None
    scheduled.looked(1000.0)
    assert [one.agents for one in scheduled.needs["sales"].spans] == [4]
    scheduled.looked(2000.0)
    assert scheduled.needs == {}
