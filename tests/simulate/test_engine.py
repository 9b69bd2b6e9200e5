"""The engine, held against queueing theory."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuewatch.simulate.centre import AgentPlan, Centre, Standing
from queuewatch.simulate.draws import draw
from queuewatch.simulate.engine import HAND_OVER_S, Engine
from queuewatch.simulate.laws import Duration
from queuewatch.simulate.roster import roster
from queuewatch.simulate.run import simulate
from queuewatch.simulate.truth import Outcome, Truth, Visits
from tests.simulate.centres import HOUR_S, a_queue, agents, busy_corner, estimate, exponential, settled


def run(centre: Centre, hours: float = 10, seed: int = 1) -> Truth:
    rng = np.random.default_rng(seed)
    return simulate(centre, 0, hours * HOUR_S, rng, drain_s=2 * HOUR_S, engine="general")


def of_queue(visits: Visits, number: int) -> Any:
    return visits.queue == number


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_offered_wait_is_what_one_waits_who_never_hangs_up(seed: int) -> None:
    centre, until_at = busy_corner(), 6 * HOUR_S
    draws = draw(centre, 0.0, 4 * HOUR_S, np.random.default_rng(seed).spawn(2))
    stints = roster(centre, 0.0, until_at, np.random.default_rng(seed))

    def played(patience_s: Any) -> Visits:
        patient = msgspec.structs.replace(draws, patience_s=patience_s)
        return Engine(centre, patient, stints, until_at, np.random.default_rng(seed)).run()

    visits = played(draws.patience_s)
    gone = np.flatnonzero((visits.outcome == Outcome.ABANDONED) & np.isfinite(visits.offered_wait_s))
    for row in gone[:: max(1, gone.size // 5)].tolist():
        stayed = played(np.where(np.arange(draws.queue.size) == row, math.inf, draws.patience_s))
        assert stayed.wait_s[row] == pytest.approx(visits.offered_wait_s[row])
    assert visits.wait_s[visits.answered] == pytest.approx(visits.offered_wait_s[visits.answered])


@pytest.mark.slow
def test_two_priorities_obey_cobham() -> None:
    # M/M/1, first come first served within a class, nobody is interrupted (Cobham 1954), load 0.3 + 0.4.
    centre = Centre(
        queues=(
            a_queue(
                per_hour=42.0,
                handling=exponential(60.0),
                standings=(Standing(share=3 / 7, priority=1), Standing(share=4 / 7)),
            ),
        ),
        agents=agents(1),
        customers=10_000_000,
    )
    residual_s = 0.7 * 60.0

    def waits(truth: Truth) -> list[float]:
        visits = truth.visits
        return [float(np.mean(visits.wait_s[settled(truth) & (visits.standing == one)])) for one in (0, 1)]

    means, errors = estimate(centre, waits, hours=80)
    assert means[0] == pytest.approx(residual_s / (1 - 0.3), abs=4.5 * errors[0])
    assert means[1] == pytest.approx(residual_s / ((1 - 0.3) * (1 - 0.7)), abs=4.5 * errors[1])
    assert errors[1] < 0.1 * means[1]


@pytest.mark.slow
def test_chat_agents_with_three_hands_are_like_three_agents_with_one() -> None:
    # 2 agents · 3 chats = M/M/6 at 4.5 erlangs.
    centre = Centre(
        queues=(a_queue(per_hour=67.5, channel="chat"),), agents=agents(2, "support", capacity={"chat": 3})
    )
    terms = [4.5**k / math.factorial(k) for k in range(7)]
    waits = terms[6] / (1 - 0.75)
    expected = waits / (waits + sum(terms[:6]))
    (mean,), (error,) = estimate(
        centre, lambda truth: [float(np.mean(truth.visits.wait_s[settled(truth)] > 0))], hours=80
    )
    assert mean == pytest.approx(expected, abs=4.5 * error)
    assert error < 0.1 * mean


def test_put_ahead_by_a_minute_means_served_before_who_came_less_than_a_minute_earlier() -> None:
    standings = (Standing(share=0.5, ahead_s=60.0), Standing(share=0.5))
    centre = Centre(queues=(a_queue(per_hour=80.0, standings=standings),), agents=agents(5))
    visits = run(centre).visits
    queued = visits.answered & (visits.wait_s > 0)
    ahead_s = np.array([60.0, 0.0])[visits.standing]
    order = np.argsort(visits.left_at[queued])
    at_turn = (visits.enqueued_at - ahead_s)[queued][order]
    enqueued, left = visits.enqueued_at[queued][order], visits.left_at[queued][order]
    for earlier in range(at_turn.size - 1):
        # Whoever was already in line when this one was taken, and is taken later, has the later turn.
        later = np.arange(earlier + 1, at_turn.size)
        present = later[enqueued[later] < left[earlier]]
        assert (at_turn[present] > at_turn[earlier]).all()
    assert queued.sum() > 100


def test_a_second_choice_is_only_served_when_nobody_of_the_first_waits() -> None:
    centre = Centre(
        queues=(a_queue("first", 10), a_queue("second", 20)),
        agents=(AgentPlan(name="ada", skills={"first": 1, "second": 2}),),
    )
    visits = run(centre).visits
    first, second = of_queue(visits, 0), of_queue(visits, 1)
    for at in visits.left_at[second & visits.answered & (visits.wait_s > 0)].tolist():
        assert not (first & (visits.enqueued_at < at) & ~(visits.left_at <= at)).any()


def test_a_time_out_ends_the_wait_on_the_second_and_overflow_goes_on_elsewhere() -> None:
    front = a_queue("front", 30, time_out_s=60.0, overflow_to="back", patience=exponential(400.0))
    centre = Centre(
        queues=(front, a_queue("back", 5, time_out_s=120.0)),
        agents=(*agents(1, "front"), *agents(1, "back")),
    )
    visits = run(centre).visits
    overflowed = of_queue(visits, 0) & (visits.outcome == Outcome.OVERFLOWED)
    assert visits.wait_s[overflowed] == pytest.approx(60.0)
    second = {
        (contact, at): patience
        for contact, at, patience in zip(visits.contact, visits.enqueued_at, visits.patience_s, strict=True)
    }
    for row in np.flatnonzero(overflowed).tolist():
        left = second[visits.contact[row], visits.left_at[row] + HAND_OVER_S]
        assert left == pytest.approx(visits.patience_s[row] - 60.0)
    turned_away = visits.outcome == Outcome.TIMED_OUT
    assert turned_away.any()
    assert of_queue(visits, 1)[turned_away].all()
    assert visits.wait_s[turned_away] == pytest.approx(120.0)


def test_transfers_go_where_they_should_as_often_as_they_should() -> None:
    speaks = {"languages": {"en": 0.5, "de": 0.5}}
    to = {"second": 0.2, "first": 0.1}
    centre = Centre(
        queues=(
            a_queue("first", 60, transfers=to, **speaks),
            a_queue("second", 5, languages={"de": 0.9, "en": 0.1}),
        ),
        agents=agents(12, "first", "second"),
    )
    visits = run(centre, hours=60).visits
    first = of_queue(visits, 0) & visits.answered
    n = first.sum()
    for target, share in ((1, 0.2), (0, 0.1), (-1, 0.7)):
        spread = 4.5 * math.sqrt(share * (1 - share) / n)
        assert np.mean(visits.transferred_to[first] == target) == pytest.approx(share, abs=spread)
    back = visits.number == 2
    assert back.any()
    assert (visits.queue[back] == 0).all()
    names = (("en", "de"), ("de", "en"))
    for row in np.flatnonzero(first & (visits.transferred_to == 1)).tolist():
        on = np.flatnonzero((visits.contact == visits.contact[row]) & of_queue(visits, 1))
        assert visits.customer[on[0]] == visits.customer[row]
        assert names[1][visits.language[on[0]]] == names[0][visits.language[row]]
        assert (visits.enqueued_at[on] == visits.completed_at[row] + HAND_OVER_S).any()


def test_who_calls_again_is_the_same_customer() -> None:
    centre = Centre(
        queues=(a_queue(patience=exponential(20.0), repeat_abandoned=1.0, repeat_answered=0.5),),
        agents=agents(3),
        customers=10**9,
    )
    visits = run(centre).visits
    calls = dict(zip(*np.unique(visits.customer, return_counts=True), strict=True))
    gave_up = visits.customer[(visits.outcome == Outcome.ABANDONED) & (visits.left_at < 8 * HOUR_S)]
    # An hour and more is left for who calls again ten minutes later on average: hardly any comes too late.
    assert np.mean([calls[one] > 1 for one in gave_up.tolist()]) > 0.98
    assert visits.contact.size == np.unique(visits.contact).size


def test_ringing_takes_time_and_an_agent_who_lets_it_ring_is_passed_over_for_a_while() -> None:
    ring = Duration(mean_s=5.0, cv=0.0)
    queue = a_queue(per_hour=40, ring=ring, ring_limit_s=15.0, rest_s=90.0)
    truth = run(Centre(queues=(queue,), agents=agents(4, "support", no_answer=0.25)))
    visits = truth.visits
    ends = [one.end for one in truth.offers]
    assert np.mean([one == "no_answer" for one in ends]) == pytest.approx(0.25, abs=0.08)
    by_agent: dict[int, float] = {}
    for one in truth.offers:
        assert one.at >= by_agent.get(one.agent, 0.0)
        if one.end == "answered":
            assert one.ended_at == pytest.approx(one.at + 5.0)
            assert visits.left_at[one.visit] == one.ended_at
        elif one.end == "no_answer":
            assert one.ended_at == pytest.approx(one.at + 15.0)
            by_agent[one.agent] = one.ended_at + 90.0
    assert visits.wait_s[visits.answered].min() == pytest.approx(5.0)


def test_who_hangs_up_while_it_rings_has_the_wait_of_the_answer_that_would_have_come() -> None:
    queue = a_queue(per_hour=60, ring=Duration(mean_s=8.0, cv=0.0), patience=exponential(20.0))
    truth = run(Centre(queues=(queue,), agents=agents(3, "support", no_answer=0.1)))
    withdrawn = [one for one in truth.offers if one.end == "withdrawn"]
    assert len(withdrawn) > 20
    for one in withdrawn:
        assert truth.visits.outcome[one.visit] == Outcome.ABANDONED
        assert truth.visits.left_at[one.visit] == one.ended_at
        if one.due_at < math.inf:
            due_s = one.due_at - truth.visits.enqueued_at[one.visit]
            assert truth.visits.offered_wait_s[one.visit] == pytest.approx(due_s)


def test_a_time_out_does_not_interrupt_ringing_but_strikes_when_it_comes_to_nothing() -> None:
    queue = a_queue(per_hour=80, ring=Duration(mean_s=8.0, cv=0.0), ring_limit_s=15.0, time_out_s=20.0)
    truth = run(Centre(queues=(queue,), agents=agents(4, "support", no_answer=0.3)))
    visits = truth.visits
    late = visits.outcome == Outcome.TIMED_OUT
    struck_late = late & (visits.wait_s > 20.001)
    ignored = {(one.visit, one.ended_at) for one in truth.offers if one.end == "no_answer"}
    assert struck_late.any()
    assert visits.wait_s[late].min() == pytest.approx(20.0)
    for row in np.flatnonzero(struck_late).tolist():
        assert (row, visits.left_at[row]) in ignored
    assert visits.wait_s[visits.answered].max() == pytest.approx(28.0, abs=0.5)
