"""The bake-off on one afternoon told by hand, and by the laws between it and a replay."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from queuewatch.core.estimate.others import AVERAGE, PRODUCTS
from queuewatch.core.facts.events import Enqueued, Event, Left, Offered
from queuewatch.core.past.replay import Replay
from queuewatch.core.rules import Rules
from queuewatch.core.trust.bakeoff import Bakeoff, Result
from queuewatch.core.trust.scores import Bin
from queuewatch.core.trust.scoring import Hour, Score
from tests.core.estimate.others.room import in_order, stay
from tests.core.examples import SALES, SUPPORT, at, event

# Before 1000 s waits of 10 and 50 s are learned from; then three wait: 20 s, 100 s, and 70 s in vain.
HISTORY = in_order(
    stay("c1", 0, 10, "ann", done=110),
    stay("c2", 100, 150, "ann", done=250),
    stay("c3", 1000, 1020, "ann", done=1100),
    stay("c4", 1030, 1130, "ann", done=1200),
    stay("c5", 1210, gave_up=1280),
    stay("c6", 2000, 2001, "ann", done=2030),
    stay("c7", 2100),
)


def bake(facts: list[Event], **given: Any) -> Result:
    bakeoff = Bakeoff(Rules(), **given)
    for fact in facts:
        bakeoff.take(fact)
    return bakeoff.result(lambda moment: int((moment - at(0)) // 1000))


def score(result: Result, name: str) -> Score:
    return next(one for one in result.scores if one.estimator == name)


def test_the_scores_of_the_last_wait_by_hand() -> None:
    """LES said 50, then 20, then 100; what was: 20, 100, and 70 for one who gave up."""
    result = bake(HISTORY, score_from=at(1000))
    assert result.waited == 3
    assert result.past == {"60": 2, "180": 0}
    found = score(result, "last_to_enter_service")
    assert (found.contacts, found.answered, found.no_estimate) == (3, 2, 0)
    assert found.bias_s == pytest.approx((30 - 80) / 2)
    assert found.mae_s == pytest.approx((30 + 80) / 2)
    assert found.rmse_s == pytest.approx(((900 + 6400) / 2) ** 0.5)
    # Past 60 s? It said no, no, yes; it was no, yes, yes. Past 180 s nobody, as it said.
    assert found.brier == {"60": pytest.approx(1 / 3), "180": 0.0}
    assert found.kept_90 == pytest.approx(1 / 2)
    assert isnan(found.coverage_80)
    assert found.pinball_50 == pytest.approx((15 + 40) / 2)
    assert found.pinball_90 == pytest.approx((3 + 72) / 2)
    # She gave up after 70 s: past 60 s all is known; of 180 s her weight is 0, and nobody went past.
    assert found.brier_offered == {"60": pytest.approx(1 / 3), "180": 0.0}


def test_the_scores_of_the_average_by_hand() -> None:
    """It knew waits of 10 and 50 s; then 20; then 100 too: shares past 60 s of 0, 0 and a quarter."""
    result = bake(HISTORY, score_from=at(1000))
    found = score(result, AVERAGE)
    assert found.brier["60"] == pytest.approx((0 + 1 + (3 / 4) ** 2) / 3)
    assert found.skill["60"] == 0.0
    assert isnan(found.skill["180"])  # nobody went past it, and it said so: nothing can be saved
    assert found.bias_s == pytest.approx(((30 - 20) + (80 / 3 - 100)) / 2)
    # Ranges of 10 to 50 s: one held.
    assert found.coverage_80 == pytest.approx(1 / 2)
    les = score(result, "last_to_enter_service")
    assert les.skill["60"] == pytest.approx(1 - (1 / 3) / found.brier["60"])


def test_reliability_and_hours_by_hand() -> None:
    result = bake(HISTORY, score_from=at(1000))
    assert result.reliability[AVERAGE]["60"] == [
        Bin(2, 0.0, 0.5),
        Bin(1, 0.25, 1.0),
    ]
    assert result.hours["last_to_enter_service"] == [Hour(1, 2, 55.0)]


def test_the_best_at_the_first_threshold_stands_first_and_who_said_little_last() -> None:
    result = bake(HISTORY)
    ranks = [
        (one.mostly_silent, one.brier["60"], one.brier["180"], one.mae_s)
        for one in result.scores
        if one.contacts
    ]
    assert ranks == sorted(ranks)
    assert {one.estimator for one in result.scores} == {*PRODUCTS, result.ours}
    only = bake(stay("c1", 0, 30, "ann"))
    assert [one.estimator for one in only.scores if one.contacts] == ["head_of_line"]
    assert only.scores[0].estimator == "head_of_line"
    assert only.scores[-1].no_estimate == 1
    assert isnan(only.scores[-1].brier["60"])


def test_who_was_answered_within_a_second_did_not_have_to_wait() -> None:
    assert bake(stay("c1", 0, 1, "ann")).waited == 0
    assert bake(stay("c1", 0, 1.5, "ann")).waited == 1
    assert bake(stay("c1", 0, gave_up=0.5)).waited == 1


def test_contacts_from_the_very_moment_on_are_scored() -> None:
    assert bake(HISTORY, score_from=at(1030)).waited == 2
    assert bake(HISTORY, score_from=at(1030.5)).waited == 1


def test_who_waits_still_or_was_lost_or_never_was_is_not_scored() -> None:
    assert bake(stay("c1", 0)).waited == 0
    lost = [*stay("c1", 0), *stay("c2", 8000, 8030, "ann")]  # more than two hours later: the first is lost
    assert bake(lost).waited == 1
    left = [*stay("c1", 0), event(40, Left(**SALES, reason="key"), "c1")]
    assert bake(left).waited == 1


def test_who_is_back_in_line_is_held_to_what_was_said_first() -> None:
    back = [
        *stay("c1", 0, 10, "ann"),
        *stay("c2", 20),
        event(30, Left(**SALES, reason="unknown"), "c2"),
        *stay("c3", 30, 60, "bob"),
        event(70, Offered(**SALES, agent="ann"), "c2"),
        *stay("c2", 20, 80, "ann")[1:],
    ]
    # 10 s were said to c2, who waited 60 s, and to c3, who waited 30 s.
    found = score(bake(back), "last_to_enter_service")
    assert found.contacts == 2
    assert found.mae_s == pytest.approx((50 + 20) / 2)


def test_a_stay_that_turns_out_never_to_have_been_is_not_scored() -> None:
    """The queue was told wrong: the correction bears the same key."""
    wrong = event(0, Enqueued(**SALES), "c1", "first")
    right = event(0, Enqueued(**SUPPORT), "c1", "first")
    answered = stay("c1", 0, 40, "ann", queue=SUPPORT)[1:]
    result = bake([wrong, right, *answered], pooled=True)
    assert [(one.queue, one.offered) for one in result.queues] == [("support", 1)]
    assert result.waited == 1


def test_asked_again_while_waiting_each_time_on_the_second() -> None:
    result = bake(HISTORY, score_from=at(1000), every_s=30.0)
    again = {one.estimator: one for one in result.while_waiting}
    # c4 after 30, 60 and 90 s; c5 after 30 and 60 s. LES says 20 to the one, 100 to the other: at least what
    # has been waited.
    les = again["last_to_enter_service"]
    assert (les.contacts, les.answered) == (5, 3)
    assert les.bias_s == pytest.approx((30 - 100 + 60 - 100 + 90 - 100) / 3)
    # Past 60 s, asked up to then: it said no, no (60 is not more than 60), yes, yes; it was so four times.
    assert les.brier["60"] == pytest.approx(2 / 4)
    assert isnan(les.brier_offered["60"])
    assert bake(HISTORY, score_from=at(1000)).while_waiting == ()


def test_a_site_of_its_own_sees_no_other_queue_and_a_pool_sees_them_all() -> None:
    facts = in_order(
        stay("s1", 0, 40, "ann", done=45, queue=SUPPORT),
        stay("c1", 50, 60, "ann", done=65),
        stay("s2", 70, 110, "ann", done=120, queue=SUPPORT),
    )
    pooled, apart = bake(facts, pooled=True), bake(facts)
    # Pooled, the last answered before s2 is c1 (10 s); apart it is s1 (40 s), and c1 is the first in sales.
    assert score(pooled, "last_to_enter_service").mae_s == pytest.approx((30 + 30) / 2)
    assert score(apart, "last_to_enter_service").mae_s == pytest.approx(0.0)
    assert score(apart, "last_to_enter_service").no_estimate == 2
    assert score(pooled, "last_to_enter_service").no_estimate == 1


@pytest.mark.parametrize("pooled", [True, False])
def test_what_happened_is_what_a_replay_says_happened(pooled: bool) -> None:  # a table
    support = in_order(stay("s1", 5, 40, "bob", done=45, queue=SUPPORT), stay("s2", 7, queue=SUPPORT))
    facts = in_order(HISTORY, support)
    replay = Replay(Rules())
    for fact in facts:
        replay.take(fact)
    counts = [
        (one.queue, one.channel, one.offered, one.answered, one.abandoned, one.left)
        for one in replay.summary().queues
    ]
    told = bake(facts, pooled=pooled)
    assert [
        (one.queue, one.channel, one.offered, one.answered, one.abandoned, one.left) for one in told.queues
    ] == counts
    assert (told.begins_at, told.ends_at) == (facts[0].at, facts[-1].at)
    assert told.events == len(facts)


def test_where_nothing_happened_nothing_is_scored() -> None:
    result = bake([])
    assert (result.waited, result.scores, result.while_waiting, result.queues) == (0, (), (), ())
    assert (result.events, result.begins_at, result.ends_at) == (0, None, None)
