"""Tests of agents interval by interval: against the steady state, against a simulation, and by laws."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuewatch.queueing.carryover import Course, follow, staff
from queuewatch.queueing.passage import Demand
from queuewatch.queueing.steady import steady
from queuewatch.queueing.targets import parse_target
from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan, Shift
from queuewatch.simulate.laws import Duration, Profile
from queuewatch.simulate.run import simulate

THRESHOLDS_S = (60.0, 180.0)
TARGETS = [
    parse_target("P(wait>60)<=0.2"),
    parse_target("P(wait>180)<=0.02"),
    parse_target("occupancy<=0.85"),
]


def demand(*contacts: float, patience_s: float = 180.0, length_s: float = 1800.0, slots: int = 1) -> Demand:
    """One day whose intervals bring so many contacts of five minutes each."""
    arrivals = np.array([contacts]) / length_s
    return Demand(arrivals, np.full(arrivals.shape, 300.0), patience_s, length_s, slots)


@pytest.mark.slow
@pytest.mark.parametrize("patience_s", [180.0, np.inf])
@pytest.mark.parametrize("agents", [10, 12])
def test_a_very_long_interval_is_the_steady_state(patience_s: float, agents: int) -> None:
    long_s = 6 * 86_400.0
    course = follow(
        demand(long_s / 34.0, patience_s=patience_s, length_s=long_s), np.array([[agents]]), THRESHOLDS_S
    )
    theirs = steady(1.0 / 34.0, 300.0, agents, patience_s, thresholds_s=THRESHOLDS_S)
    np.testing.assert_allclose(course.over[:, 0, 0], theirs.over, rtol=1e-2)
    np.testing.assert_allclose(course.late[:, 0, 0], theirs.late, rtol=1e-2)
    assert course.abandon_share[0, 0] == pytest.approx(theirs.abandon_share, rel=1e-2)
    assert course.mean_wait_s[0, 0] == pytest.approx(theirs.mean_wait_s, rel=1e-2)
    assert course.occupancy[0, 0] == pytest.approx(theirs.occupancy, rel=1e-2)


def test_an_overloaded_interval_leaves_its_line_to_the_next() -> None:
    calm = follow(demand(30, 30, 30), np.array([[7, 7, 7]]), THRESHOLDS_S)
    wave = follow(demand(30, 90, 30), np.array([[7, 7, 7]]), THRESHOLDS_S)
    assert wave.left_over[0, 1] > 5 * calm.left_over[0, 1]
    assert wave.over[0, 0, 2] > 1.5 * calm.over[0, 0, 2]
    assert wave.past[-1, 0, 1] > wave.past[-1, 0, 2] > calm.past[-1, 0, 2]


def test_what_is_staffed_keeps_the_targets_and_one_fewer_somewhere_does_not() -> None:
    wanted = demand(0, 20, 60, 110, 90, 40, 15, 0)
    course = staff(wanted, TARGETS, THRESHOLDS_S)
    assert course.agents[0, 0] == course.agents[0, -1] == 0
    here = slice(1, -1)
    assert (course.over[0, 0, here] <= 0.2).all()
    assert (course.over[1, 0, here] <= 0.02).all()
    assert (course.occupancy[0, here] <= 0.85).all()
    # Where agents go home, one fewer might do: that they take contacts along is told, but not counted on.
    for column in range(1, 4):
        fewer = course.agents.copy()
        fewer[0, column] -= 1
        broken = follow(wanted, fewer, THRESHOLDS_S)
        kept = (
            broken.over[0, 0, column] <= 0.2,
            broken.over[1, 0, column] <= 0.02,
            broken.occupancy[0, column] <= 0.85,
        )
        assert not all(kept) or fewer[0, column] == 0


def test_an_agent_more_or_less_is_told_in_customers() -> None:
    wanted = demand(40, 80, 60)
    course = follow(wanted, np.array([[9, 16, 13]]), THRESHOLDS_S)
    fewer = follow(wanted, np.array([[9, 15, 13]]), THRESHOLDS_S)
    more = follow(wanted, np.array([[9, 17, 13]]), THRESHOLDS_S)
    # Whom the line that is left over makes wait in the interval after it counts, too.
    for told, other in ((course.past_fewer, fewer), (course.past_more, more)):
        costs = other.past[-1, 0].sum() - course.past[-1, 0].sum()
        assert told[0, 1] - course.past[-1, 0, 1] == pytest.approx(costs, rel=1e-6)
    assert more.past[-1, 0, 1] < course.past[-1, 0, 1] < fewer.past[-1, 0, 1]


def test_what_an_overloaded_interval_costs_is_felt_until_the_queue_closes_and_not_after() -> None:
    wanted = demand(0, 90, 95, 60, 0, 0, 40, patience_s=np.inf)
    agents = np.array([[0, 15, 16, 16, 0, 0, 8]])
    course = follow(wanted, agents, THRESHOLDS_S)
    for column in (1, 2, 3, 6):
        for told, by in ((course.past_fewer, -1), (course.past_more, 1)):
            other = agents.copy()
            other[0, column] += by
            costs = follow(wanted, other, THRESHOLDS_S).past[-1].sum() - course.past[-1].sum()
            assert told[0, column] - course.past[-1, 0, column] == pytest.approx(costs, rel=1e-6, abs=1e-9)
    own = follow(wanted, agents - np.array([[0, 1, 0, 0, 0, 0, 0]]), THRESHOLDS_S).past[-1, 0, 1]
    assert course.past_fewer[0, 1] > own + 1.0


def test_who_handles_three_chats_at_a_time_is_as_three() -> None:
    alone = staff(demand(60, 60), [parse_target("P(wait>60)<=0.2")], THRESHOLDS_S)
    three = staff(demand(60, 60, slots=3), [parse_target("P(wait>60)<=0.2")], THRESHOLDS_S)
    assert (three.agents == -(-alone.agents // 3)).all()


@pytest.mark.parametrize("target", ["SL(60)>=0.8", "ASA<=20", "abandon<=0.05"])
def test_every_measure_can_be_a_target(target: str) -> None:
    course = staff(demand(50, 70), [parse_target(target)], THRESHOLDS_S)
    values = {
        "SL(60)>=0.8": course.late[0],
        "ASA<=20": course.mean_wait_s,
        "abandon<=0.05": course.abandon_share,
    }
    bounds = {"SL(60)>=0.8": 0.2, "ASA<=20": 20.0, "abandon<=0.05": 0.05}
    assert (values[target] <= bounds[target] * (1 + 1e-6)).all()


def test_a_queue_that_never_closes_begins_the_day_as_full_as_it_ended() -> None:
    course = follow(demand(60, 60), np.array([[12, 12]]), THRESHOLDS_S)
    assert course.occupancy[0, 0] == pytest.approx(course.occupancy[0, 1], rel=0.02)


def test_two_days_side_by_side_are_as_each_alone() -> None:
    one, other = demand(20, 60, 30), demand(50, 10, 5)
    both = Demand(
        np.vstack([one.arrivals_per_s, other.arrivals_per_s]), np.full((2, 3), 300.0), 180.0, 1800.0
    )
    agents = np.array([[5, 10, 7], [9, 5, 3]])
    together = follow(both, agents, THRESHOLDS_S)
    for row, single in enumerate((one, other)):
        alone = follow(single, agents[[row]], THRESHOLDS_S)
        np.testing.assert_allclose(together.over[:, row], alone.over[:, 0], rtol=1e-6, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.0, 80.0), min_size=1, max_size=4),
    st.integers(1, 12),
    st.sampled_from([90.0, 400.0, np.inf]),
)
def test_chances_are_chances_whatever_the_plan(contacts: list[float], agents: int, patience_s: float) -> None:
    course = follow(
        demand(*contacts, patience_s=patience_s), np.full((1, len(contacts)), agents), THRESHOLDS_S
    )
    for value in (course.over, course.late, course.abandon_share, course.occupancy):
        assert (value >= -1e-9).all()
        assert (value <= 1.0 + 1e-9).all()
    assert (course.over[0] >= course.over[1] - 1e-12).all()
    assert (course.left_over >= -1e-9).all()


@pytest.mark.slow
@pytest.mark.parametrize("agents", [[5, 12, 13, 8], [6, 11, 16, 6]])
def test_played_customer_by_customer_it_is_the_same(agents: list[int]) -> None:
    """The waits of arrivals in a simulated centre; agents who go home finish what they are at.

    Tolerance: four standard errors of the played share, and a point. After agents went home at most: the
    formula takes the idle ones to go first, and who goes home in the centre is whoever's shift is over.
    """
    wanted = demand(20, 70, 90, 40)
    profile = tuple(2.0 * count for count in (20, 70, 90, 40)) + (0.0,) * 44
    centre = Centre(
        queues=(
            QueuePlan(
                name="q",
                channel="phone",
                profile=Profile(per_hour=profile),
                handling=Duration(mean_s=300.0, law="exponential"),
                patience=Duration(mean_s=180.0, law="exponential"),
            ),
        ),
        agents=tuple(
            AgentPlan(name=f"a{number}", skills={"q": 1}, shifts=tuple(stretches(agents, number)))
            for number in range(max(agents))
        ),
    )
    visits = simulate(centre, 0.0, 2000 * 86_400.0, np.random.default_rng(7)).visits
    course: Course = follow(wanted, np.array([agents]), THRESHOLDS_S)
    place = (visits.enqueued_at % 86_400.0 // 1800.0).astype(int)
    for column, said in enumerate(course.over[0, 0]):
        waits = visits.offered_wait_s[place == column]
        waits = waits[~np.isnan(waits)]
        played = float(np.mean(waits > 60.0))
        error = 4 * np.sqrt(said * (1 - said) / len(waits) * 8) + 0.01
        assert played <= said + error
        assert played >= said - error or agents[column] < agents[column - 1]


def stretches(agents: list[int], number: int) -> Iterator[Shift]:
    """When an agent of this number works, so that there are as many as told in each half hour."""
    for column, count in enumerate(agents):
        if number < count:
            yield Shift(from_s=1800.0 * column, to_s=1800.0 * (column + 1))


def test_who_goes_home_takes_the_contact_along() -> None:
    """Twenty erlangs, then nothing: the four who stay are not behind with what the others finish."""
    wanted = demand(120, 2, 2)
    course = follow(wanted, np.array([[30, 4, 4]]), THRESHOLDS_S)
    assert course.over[0, 0, 1] < 0.6
    assert course.left_over[0, 1] < 0.1
