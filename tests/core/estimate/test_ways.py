"""Three ways to tell a wait, and what is made of what lies beyond everything seen."""

from __future__ import annotations

from math import exp, factorial

import numpy as np
import pytest

from queuewatch.core.estimate.hazard import EDGES
from queuewatch.core.estimate.lane import Lane
from queuewatch.core.estimate.pool import Pool, Recent
from queuewatch.core.estimate.traits import Ahead, Seen, traits
from queuewatch.core.estimate.ways import WAYS, by_place, in_line, rings, ways

NOW = 1_700_000_000.0
HANDLING_S = 200.0


def seen(before: float, serving: float = 4.0, share: float | None = None, free: int = 0) -> Seen:
    return Seen(
        now=NOW,
        unit_s=1.0,
        priority=0,
        slot=0,
        line=Ahead(all=before, before=before, own=before, serving=serving),
        pool=Pool(),
        own=Recent(),
        idle=[0.0, 0.0, 0.0],
        serving_here=4,
        handling_s=HANDLING_S,
        abandon_rate=1e-9,
        share=share,
        free=free,
    )


def after(waits: int, before: float = 0.0, wait_s: float = 10.0) -> Lane:
    """A lane that has learned from so many waits behind so few."""
    lane = Lane()
    lane.meet("sales")
    rng = np.random.default_rng(1)
    for _ in range(waits):
        lane.answering.learn(traits(seen(before)), float(rng.exponential(wait_s)), ended=True)
    lane.recents["sales"] = Recent(10.0, 10.0, 10.0)
    return lane


def said(lane: Lane, before: float) -> dict[str, list[float]]:
    one = seen(before)
    told = ways(lane, "sales", one, HANDLING_S, traits(one))
    return dict(zip(WAYS, told.tolist(), strict=True))


@pytest.mark.parametrize("before", [0, 3, 13])
def test_the_closed_form_is_the_sum_of_as_many_releases_as_stand_before_and_ones_own(before: int) -> None:
    # Four agents at 200 s each let one go every 50 s: Erlang with before + 1 phases (customers stay).
    expected = [
        exp(-t / 50.0) * sum((t / 50.0) ** k / factorial(k) for k in range(before + 1)) for t in EDGES
    ]
    assert by_place(seen(before), HANDLING_S).tolist() == pytest.approx(expected, abs=1e-5)


def test_agents_who_are_known_but_do_not_talk_just_now_count_in_the_closed_form() -> None:
    assert by_place(seen(3.0, serving=2.0, share=4.0), HANDLING_S) == pytest.approx(
        by_place(seen(3.0), HANDLING_S)
    )


def test_nobody_at_work_is_taken_for_one() -> None:
    assert by_place(seen(0.0, serving=0.0), HANDLING_S)[EDGES.index(180.0)] == pytest.approx(
        exp(-0.9), abs=1e-6
    )


def test_where_agents_are_free_for_all_of_them_it_mostly_rings() -> None:
    line, rung = by_place(seen(1.0), HANDLING_S), by_place(seen(1.0, free=2), HANDLING_S)
    at = EDGES.index(20.0)
    assert rung[at] == pytest.approx(0.8 * exp(-2.0) + 0.2 * line[at])
    assert by_place(seen(1.0, free=1), HANDLING_S).tolist() == line.tolist()
    assert rings(seen(1.0, free=2))
    assert not rings(seen(1.0, free=1))


def test_in_line_one_waits_for_as_many_releases_as_stand_before_and_ones_own() -> None:
    assert in_line(seen(3.0), HANDLING_S) == pytest.approx(4 * 50.0)


def test_before_anything_was_learned_all_ways_say_about_what_the_closed_form_says() -> None:
    told = said(Lane(slots={"sales": 0}, recents={"sales": Recent()}), 5.0)
    at = EDGES.index(180.0)
    assert told["learned"][at] == pytest.approx(told["place"][at], abs=0.1)
    assert told["last_waits"][at] == pytest.approx(told["place"][at], abs=0.2)


def test_of_what_was_often_seen_it_says_what_was_learned() -> None:
    told = said(after(600), 0.0)
    at = EDGES.index(10.0)
    assert told["learned"][at] == pytest.approx(exp(-1.0), abs=0.08)
    assert told["place"][at] == pytest.approx(exp(-0.2), abs=1e-6)
    assert told["last_waits"][at] == pytest.approx(0.5, abs=0.1)


def test_a_line_longer_than_any_before_is_left_to_the_closed_form() -> None:
    lane, at = after(100), EDGES.index(60.0)
    told = said(lane, 13.0)
    # Drawn on from what was learned alone, the chance would be far from what fourteen releases can do.
    assert lane.answering.lasting(traits(seen(13.0)))[at] < 0.75
    assert min(told["learned"][at], told["last_waits"][at]) > 0.9


def test_chances_fall_with_time_whatever_was_learned() -> None:
    for before in (0.0, 2.0, 50.0):
        for told in said(after(30, before=2.0, wait_s=500.0), before).values():
            assert told[0] == pytest.approx(1.0)
            assert (np.diff(told) <= 1e-12).all()
