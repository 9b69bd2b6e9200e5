"""Tests of how often a single interval keeps its targets: cases in which counting is enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from queuewatch.queueing.luck import Played, kept_share
from queuewatch.queueing.targets import Measure, Target
from tests.queueing.poisson import chance, chance_of_at_most

NOBODY_WAITS = Target(Measure.OVER, 0.0, 0.0)
LENGTH_S = 1800.0
FOR_EVER_S = 1e7
NEAR = 0.1  # four standard errors of a share from 400 plays


def played(came: list[float], there: list[int], **changes: Any) -> Played:
    """One queue on one day, always as busy."""
    wanted: dict[str, Any] = {
        "contacts": np.array(came, dtype=np.float64)[None, None, None],
        "handling_s": np.full((1, 1, len(came)), 300.0),
        "agents": np.array(there)[None, None],
        "serves": np.ones((1, 1), dtype=bool),
        "length_s": LENGTH_S,
    }
    return Played(**(wanted | changes))


def nobody_waits(mean: float, servers: int) -> float:
    """Chance that nobody waits in an interval after one alike, where whoever came first never leaves."""
    some = np.arange(1, servers + 1)
    fits = float(np.sum(chance(some, mean) * chance_of_at_most(servers - some, mean)))
    return float(chance(0, mean)) + fits


def test_targets_always_hold_where_there_is_somebody_for_everybody() -> None:
    kept = kept_share(played([5.0, 0.0, 9.0], [60, 60, 60]), [[NOBODY_WAITS]])
    np.testing.assert_array_equal(kept, np.ones((1, 1, 3)))


@pytest.mark.parametrize(
    ("target", "patience_s"),
    [
        (NOBODY_WAITS, np.inf),
        (Target(Measure.UNANSWERED, 0.0, 0.0), np.inf),
        (Target(Measure.UNANSWERED, 0.0, 1e9), 60.0),
        (Target(Measure.ABANDON, 0.0), 60.0),
        (Target(Measure.MEAN_WAIT, 0.0), 60.0),
    ],
)
def test_who_finds_all_agents_taken_for_ever_breaks_each_target(target: Target, patience_s: float) -> None:
    never = np.full((1, 1, 1), FOR_EVER_S)
    kept = kept_share(played([2.0], [4], handling_s=never, patience_s=patience_s), [[target]])
    assert kept[0, 0, 0] == pytest.approx(nobody_waits(2.0, 4), abs=NEAR)


def test_how_busy_agents_are_is_no_matter_of_the_contacts() -> None:
    assert kept_share(played([50.0], [1]), [[Target(Measure.OCCUPANCY, 0.0)]])[0, 0, 0] == 1.0


def test_who_may_have_three_at_a_time_is_as_three() -> None:
    never = np.full((1, 1, 1), FOR_EVER_S)
    kept = kept_share(played([2.0], [2], handling_s=never, slots=3), [[NOBODY_WAITS]])
    assert kept[0, 0, 0] == pytest.approx(nobody_waits(2.0, 6), abs=NEAR)


def test_whoever_comes_before_the_agents_waits_for_them() -> None:
    what = played([1.0, 0.0], [0, 40])
    at_once, before = (
        kept_share(what, [[NOBODY_WAITS]]),
        kept_share(what, [[Target(Measure.OVER, 0.0, 2 * LENGTH_S)]]),
    )
    assert at_once[0, 0, 0] == pytest.approx(chance(0, 1.0), abs=NEAR)
    assert (before == 1.0).all()


def test_whoever_has_gone_home_takes_nobody() -> None:
    kept = kept_share(played([0.0, 1.0], [40, 0]), [[Target(Measure.OVER, 0.0, 1e9)]])
    assert kept[0, 0, 1] == pytest.approx(chance(0, 1.0), abs=NEAR)


def test_days_are_more_or_less_busy() -> None:
    quiet_or_not = np.array([0.0, 500.0]).reshape(2, 1, 1, 1)
    kept = kept_share(played([0.0], [1], contacts=quiet_or_not), [[NOBODY_WAITS]])
    assert kept[0, 0, 0] == 0.5


def test_a_share_of_the_interval_may_wait() -> None:
    """Of those who come while the one agent is taken for ever half may wait: one of two, never of one."""
    never = np.full((1, 1, 1), FOR_EVER_S)
    kept = kept_share(played([0.5], [1], handling_s=never), [[Target(Measure.OVER, 0.5, 0.0)]])
    none_before = chance(0, 0.5) * chance_of_at_most(2, 0.5)
    some_before = (1.0 - chance(0, 0.5)) * chance(0, 0.5)
    assert kept[0, 0, 0] == pytest.approx(none_before + some_before, abs=NEAR)


@pytest.mark.parametrize("alike", [0.0, 1.0])
def test_queues_with_agents_of_their_own_do_not_feel_each_other(alike: float) -> None:
    what = played(
        [0.0],
        [0],
        contacts=np.array([2.0, 3.0]).reshape(1, 2, 1, 1),
        handling_s=np.full((2, 1, 1), FOR_EVER_S),
        agents=np.array([4, 5]).reshape(2, 1, 1),
        serves=np.eye(2, dtype=bool),
        alike=alike,
    )
    kept = kept_share(what, [[NOBODY_WAITS], [NOBODY_WAITS]])
    assert kept[0, 0, 0] == pytest.approx(nobody_waits(2.0, 4), abs=NEAR)
    assert kept[1, 0, 0] == pytest.approx(nobody_waits(3.0, 5), abs=NEAR)


def test_contacts_go_to_those_first_who_can_do_the_least_else() -> None:
    """The wide ones are kept for the queue that nobody else serves."""
    what = played(
        [0.0],
        [0],
        contacts=np.array([2.0, 2.0]).reshape(1, 2, 1, 1),
        handling_s=np.full((2, 1, 1), FOR_EVER_S),
        agents=np.array([4, 40]).reshape(2, 1, 1),
        serves=np.array([[True, True], [True, False]]),
    )
    kept = kept_share(what, [[NOBODY_WAITS], [NOBODY_WAITS]])
    assert kept[0, 0, 0] == 1.0
    assert kept[1, 0, 0] == pytest.approx(nobody_waits(2.0, 4), abs=NEAR)


def test_the_same_plan_has_the_same_answer() -> None:
    what = played([40.0, 50.0], [8, 9], patience_s=300.0)
    targets = [[Target(Measure.OVER, 0.2, 60.0)]]
    np.testing.assert_array_equal(kept_share(what, targets), kept_share(what, targets))
