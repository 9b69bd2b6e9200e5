"""Tests of what a queue has shown of itself, against calculations by hand and a simulated truth."""

from __future__ import annotations

from math import exp
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.estimate.learned import (
    ARRIVALS_FADE_S,
    FREE_BELIEVED_S,
    HANDLING_KEEP,
    PATIENCE_FADE_S,
    PRIOR_HANG_UPS,
    PRIOR_PATIENCE_S,
    PRIOR_RELEASES,
    RELEASE_FADE_S,
    Faded,
    Learned,
    Mean,
)
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import Stage, Visit
from queuewatch.core.turn import turn, wake_at
from queuewatch.simulate.centre import Centre
from queuewatch.simulate.events import events
from queuewatch.simulate.run import simulate
from tests.core.examples import at
from tests.core.histories import MORNING, laws
from tests.simulate.centres import HOUR_S, a_queue, agents, exponential


def change(
    seconds: float, was: Stage | None, now: Stage | None, *, wait_s: float = 20.0, revised: bool = False
) -> Change:
    visit = Visit("ada", "sales", 1, "phone", "/pbx", now or "waiting", at(seconds - wait_s), at(seconds))
    if now in ("answered", "completed"):
        visit.answered_at = at(seconds) if now == "answered" else at(seconds - 100)
        visit.ended_at = at(seconds) if now == "completed" else None
    return Change(visit, was, now, at(seconds), revised)


def taught(*changes: Change) -> Learned:
    learned = Learned()
    for one in changes:
        learned.learn(one, one.at)
    return learned


def test_a_sum_fades_to_a_share_of_1_over_e_in_its_time() -> None:
    faded = Faded()
    faded.add(2.0, at(0), 100.0)
    assert faded.read(at(100), 100.0) == pytest.approx(2.0 / np.e)
    assert faded.read(at(-5), 100.0) == 2.0
    assert Faded().read(at(0), 100.0) == 0.0


@laws
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 9)), min_size=1, max_size=8), st.integers(0, 99)
)
def test_a_faded_sum_is_the_same_in_whatever_order_it_came(parts: list[tuple[int, int]], seed: int) -> None:
    mixed = list(parts)
    Random(seed).shuffle(mixed)  # noqa: S311  # not a secret
    sums = []
    for told in (parts, mixed):
        faded = Faded()
        for seconds, amount in told:
            faded.add(float(amount), at(seconds), 100.0)
        sums.append(faded.read(at(500), 100.0))
    expected = sum(amount * exp((seconds - 500) / 100.0) for seconds, amount in parts)
    assert sums == pytest.approx([expected, expected])


def test_in_a_mean_each_older_value_counts_a_little_less() -> None:
    mean = Mean()
    assert mean.read() is None
    mean.add(100.0)
    mean.add(200.0)
    assert mean.read() == pytest.approx((100.0 * HANDLING_KEEP + 200.0) / (HANDLING_KEEP + 1.0))


def test_what_is_taken_for_usual_at_first_fades_as_handlings_come() -> None:
    mean = Mean()
    assert mean.read_from(240.0) == 240.0
    for _ in range(400):
        mean.add(20.0)
    assert mean.read_from(240.0) == pytest.approx(20.0, abs=0.01)


def test_the_release_rate_is_releases_over_the_time_under_pressure() -> None:
    """Three waited one after the other, 20, 30 and 40 s, with an idle 100 s after each; of each the first
    15 s may have been picking up.
    """
    learned = Learned()
    now_s = 0.0
    for wait_s in (20.0, 30.0, 40.0):
        for one in (
            change(now_s, None, "waiting"),
            change(now_s + wait_s, "waiting", "answered", wait_s=wait_s),
        ):
            learned.learn(one, one.at)
        now_s += wait_s + 100.0
    ends = ((20.0, 20.0), (150.0, 30.0), (290.0, 40.0))
    released = sum(exp((end - 390.0) / RELEASE_FADE_S) for end, _ in ends)
    pressed = sum((wait_s - 15.0) * exp((end - 390.0) / RELEASE_FADE_S) for end, wait_s in ends)
    assert learned.release_rate(at(390), None) is None  # a little less than three releases, by now
    assert learned.release_rate(at(390), 0.0) is None
    assert learned.release_rate(at(390), 0.02) == pytest.approx(
        (released + PRIOR_RELEASES) / (pressed + PRIOR_RELEASES / 0.02)
    )


def test_from_three_releases_on_a_rate_is_believed_without_knowing_any_agent() -> None:
    learned = taught(
        *(change(0, None, "waiting") for _ in range(3)),
        *(change(60, "waiting", "answered") for _ in range(3)),
    )
    assert learned.release_rate(at(60), None) == pytest.approx(3 / (60 - FREE_BELIEVED_S))
    assert learned.release_rate(at(60.001), None) is None


def test_releases_in_no_time_at_all_are_no_rate() -> None:
    learned = taught(
        *(change(0, None, "waiting") for _ in range(3)),
        *(change(0, "waiting", "answered") for _ in range(3)),
    )
    assert learned.release_rate(at(0), None) is None


def test_while_somebody_waits_the_passing_of_time_is_news() -> None:
    learned = taught(change(0, None, "waiting"))
    rates = [learned.release_rate(at(t), 0.05) for t in (0, 60, 600)]
    assert rates == pytest.approx([PRIOR_RELEASES / (PRIOR_RELEASES / 0.05 + t) for t in (0, 45, 585)])


@pytest.mark.parametrize("was", ["waiting", "ringing", "leaving"])
def test_an_answer_is_a_release_from_line_also_where_the_leaving_is_told_first(was: Stage) -> None:
    told = [change(0, None, "waiting")]
    if was != "waiting":
        told.append(change(59, "waiting", was))
    learned = taught(*told, change(60, was, "answered"))
    assert (learned.released.sum, learned.waiting) == (1.0, 0)


def test_patience_counts_every_second_waited_also_of_those_who_were_answered() -> None:
    """Censored observations: one hang-up in 90 + 40 seconds of waiting."""
    learned = taught(
        change(0, None, "waiting"),
        change(0, None, "waiting"),
        change(40, "waiting", "answered"),
        change(90, "waiting", "abandoned"),
    )
    faded = exp(-50 / PATIENCE_FADE_S)
    waited_s = 80.0 * faded + 50.0
    assert learned.abandon_rate(at(90)) == pytest.approx(
        (1.0 + PRIOR_HANG_UPS) / (waited_s + PRIOR_HANG_UPS * PRIOR_PATIENCE_S)
    )


def test_before_anybody_waited_patience_is_the_usual_one() -> None:
    assert Learned().abandon_rate(at(0)) == pytest.approx(1 / PRIOR_PATIENCE_S)


def test_those_who_wait_now_count_up_to_now() -> None:
    learned = taught(change(0, None, "waiting"), change(0, None, "waiting"))
    assert learned.abandon_rate(at(100)) == pytest.approx(1.0 / (600.0 + 200.0))


@pytest.mark.parametrize("then", ["left", "answered", "waiting", None])
def test_a_hang_up_that_was_none_after_all_is_taken_back(then: Stage | None) -> None:
    learned = taught(
        change(0, None, "waiting"), change(60, "waiting", "abandoned"), change(61, "abandoned", then)
    )
    assert learned.hang_ups.read(at(61), PATIENCE_FADE_S) == pytest.approx(0.0, abs=1e-4)
    assert learned.abandon_rate(at(61)) > 0.0


def test_taking_back_many_hang_ups_never_makes_patience_endless() -> None:
    learned = Learned()
    for number in range(300):
        begin = number * 700.0
        for one in (
            change(begin, None, "waiting"),
            change(begin, "waiting", "abandoned"),
            change(begin + 600, "abandoned", "left"),
        ):
            learned.learn(one, one.at)
    assert learned.abandon_rate(at(300 * 700)) > 0.0


def test_who_was_thought_abandoned_after_a_leaving_hung_up() -> None:
    learned = taught(
        change(0, None, "waiting"), change(60, "waiting", "leaving"), change(61, "leaving", "abandoned")
    )
    assert learned.hang_ups.sum == 1.0


def test_picking_up_is_learned_only_from_waits_with_an_agent_free_all_along() -> None:
    learned = taught(
        change(0, None, "waiting"),
        change(FREE_BELIEVED_S, "waiting", "answered", wait_s=FREE_BELIEVED_S),
        change(100, None, "waiting"),
        change(300, "waiting", "answered", wait_s=200.0),
    )
    assert learned.pick_up.read() == FREE_BELIEVED_S
    assert learned.released.sum == 1.0


def test_who_is_answered_soon_while_others_have_waited_long_is_a_release() -> None:
    learned = taught(
        change(0, None, "waiting"),
        change(99, None, "waiting"),
        change(100, "waiting", "answered", wait_s=1.0),
    )
    assert (learned.released.sum, learned.pick_up.read()) == (1.0, None)


def test_pressure_begins_anew_when_the_line_was_empty() -> None:
    learned = taught(
        change(0, None, "waiting"),
        change(100, "waiting", "left"),
        change(200, None, "waiting"),
        change(205, None, "waiting"),
        change(210, "waiting", "answered", wait_s=10.0),
    )
    assert learned.released.sum == 0.0
    assert learned.pressed_s.read(at(210), RELEASE_FADE_S) == pytest.approx(85.0 * exp(-110 / RELEASE_FADE_S))


def test_arrivals_are_counted_over_the_time_that_was_seen_and_fade() -> None:
    learned = taught(*(change(60 * n, None, "waiting") for n in range(11)))
    counted = sum(exp(-60 * n / ARRIVALS_FADE_S) for n in range(11))
    seen_s = ARRIVALS_FADE_S * (1 - exp(-600 / ARRIVALS_FADE_S))
    assert learned.arrival_rate(at(600)) == pytest.approx(counted / seen_s)
    assert Learned().arrival_rate(at(600)) == 0.0


def test_rewritten_history_is_no_arrival() -> None:
    learned = taught(change(0, None, "waiting", revised=True))
    assert (learned.arrival_rate(at(60)), learned.waiting) == (0.0, 1)


def test_handling_counts_once_and_only_where_it_is_known() -> None:
    cut = change(300, "answered", "completed")
    cut.visit.reason = "system"
    learned = taught(change(200, "answered", "completed"), change(210, "completed", "completed"), cut)
    assert (learned.handling.read(), learned.handling.weight) == (100.0, 1.0)


def test_a_wait_that_is_not_known_teaches_no_picking_up() -> None:
    answer = change(5, "waiting", "answered", wait_s=5.0)
    answer.visit.wait_known = False
    assert taught(change(0, None, "waiting"), answer).pick_up.read() is None


def test_a_clock_that_is_ahead_makes_no_time_pass() -> None:
    learned = Learned()
    learned.learn(change(1e9, None, "waiting"), at(0))
    learned.learn(change(1e9 + 60, "waiting", "answered", wait_s=60.0), at(60))
    assert learned.looked_at == at(60)
    assert learned.pressed_s.read(at(60), RELEASE_FADE_S) == 45.0


def test_a_move_told_late_does_not_turn_time_back() -> None:
    learned = taught(change(100, None, "waiting"), change(40, None, "waiting"))
    assert (learned.looked_at, learned.waiting) == (at(100), 2)


def test_more_ends_than_beginnings_leave_nobody_waiting() -> None:
    assert taught(change(0, "waiting", "answered")).waiting == 0


def _shown(seed: np.random.SeedSequence) -> tuple[float, float, float]:
    """Release, abandonment and arrival rates as learned from two hours of a busy queue of four agents."""
    centre = Centre(
        queues=(a_queue("sales", 96.0, handling=exponential(180.0), patience=exponential(240.0)),),
        agents=agents(4, "sales"),
    )
    truth = simulate(centre, MORNING, MORNING + 2 * HOUR_S, np.random.default_rng(seed))
    core, rules = Core(), Rules()
    for one in events(truth):
        while (due_at := wake_at(core)) is not None and due_at <= one.at:
            turn(core, rules, due_at)
        turn(core, rules, one.at, (one,))
    learned = core.attention["default"].learned["sales"]
    now = MORNING + 2 * HOUR_S
    return learned.release_rate(now, 4 / 180.0) or 0.0, learned.abandon_rate(now), learned.arrival_rate(now)


@pytest.mark.slow
def test_what_a_simulated_queue_shows_is_the_truth_within_its_own_spread() -> None:
    """Four agents of 180 s let 4/180 a second go; patience is 240 s; 96 come in an hour.

    A rate is learned from few events, and its prior pulls at it: the mean over 30 runs must be within three
    of its own standard errors, and a tenth for the prior.
    """
    shown = np.array([_shown(seed) for seed in np.random.SeedSequence(20261121).spawn(30)])
    truth = np.array([4 / 180.0, 1 / 240.0, 96 / 3600.0])
    errors = shown.std(axis=0, ddof=1) / np.sqrt(len(shown))
    assert np.all(np.abs(shown.mean(axis=0) - truth) <= 3 * errors + 0.1 * truth)
