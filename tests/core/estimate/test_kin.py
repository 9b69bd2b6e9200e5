"""Which queues share agents."""

from __future__ import annotations

import pytest

from queuewatch.core.estimate.kin import COMPARED, FULL, MOST, PRIOR, Kin


def kin(*queues: str) -> Kin:
    made = Kin()
    for queue in queues:
        made.meet(queue)
    return made


def test_before_anybody_answers_queues_are_half_related() -> None:
    assert kin("a", "b").of("a") == {"a": 1.0, "b": PRIOR}


def test_queues_answered_by_the_same_agents_alike_become_one() -> None:
    related = kin("a", "b")
    for number in range(256):
        related.answered("ab"[number % 2], f"agent{number // 2 % 8}")
    assert related.of("a")["b"] == pytest.approx(1.0, abs=0.01)


def test_queues_that_nobody_answers_both_of_are_strangers() -> None:
    related = kin("a", "b")
    for _ in range(32):
        related.answered("a", "ann")
        related.answered("b", "bob")
    assert related.of("a") == {"a": 1.0}


def test_closeness_is_the_cosine_between_answers_by_agent() -> None:
    related = kin("a", "b")
    for queue, agent, count in (("a", "ann", 40), ("a", "bob", 30), ("b", "ann", 58)):
        for _ in range(count):
            related.answered(queue, agent)
    # (40, 30) and (58, 0): 2320 / (50 * 58) = 0.8; the prior of 16 answers squared moves it a little.
    assert related.of("a")["b"] == pytest.approx((2320 + 8) / (2900 + 16))


def test_only_the_closest_are_heeded() -> None:
    assert len(kin(*(f"q{number}" for number in range(MOST + 4))).of("q0")) == MOST


def test_an_agent_who_changes_teams_takes_the_queues_apart_again() -> None:
    related = kin("a", "b", "c")
    for number in range(200):
        related.answered("ab"[number % 2], "ann")
    close = related.of("a")["b"]
    for _ in range(4 * int(FULL)):
        related.answered("b", "ann")
        related.answered("a", "bob")
    assert related.of("a").get("b", 0.0) < 0.3 < close


def test_a_queue_met_twice_is_met_once() -> None:
    related = kin("a", "b")
    related.meet("a")
    assert list(related.of("b")) == ["b", "a"]


def test_among_very_many_queues_only_those_that_share_agents_are_compared() -> None:
    kin = Kin()
    for number in range(COMPARED + 1):
        kin.meet(f"q{number}")
    kin.answered("q0", "ada")
    kin.answered("q1", "ada")
    assert set(kin.of("q0")) <= {"q0", "q1"}
