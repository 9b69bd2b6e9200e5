"""What is seen when somebody joins a line."""

from __future__ import annotations

import numpy as np
import pytest

from queuewatch.core.estimate.pool import Pool, Press, Recent
from queuewatch.core.estimate.traits import BASE, BASE_CENTRE, BENDING, COUNT, Ahead, Seen, look_ahead, traits
from queuewatch.core.state.site import LinePlace, Site

NOW = 1000.0


def since_s(at: float) -> float:
    """How long something has lasted."""
    return NOW - at


def a_site(**lines: list[LinePlace]) -> Site:
    site = Site("default")
    for name, line in lines.items():
        queue = site.queue(name, "phone", 0.0)
        queue.line = sorted(line)
        queue.serving = 3
    return site


def test_of_equals_those_who_came_earlier_are_before_one() -> None:
    site = a_site(a=[(0, 900.0, "x", 1), (0, 950.0, "me", 1), (0, 960.0, "y", 1)])
    seen = look_ahead(site, {"a": 1.0}, (0, 950.0, "me", 1), 0.0, since_s)
    assert seen == Ahead(
        all=1, before=1, own=1, oldest_s=100.0, oldest_equal_s=100.0, oldest_before_s=100.0, serving=3
    )


def test_from_the_head_of_the_line_one_sees_nobody_who_came_later() -> None:
    site = a_site(a=[(0, 900.0, "me", 1), (0, 960.0, "y", 1)])
    seen = look_ahead(site, {"a": 1.0}, (0, 900.0, "me", 1), 0.0, since_s)
    assert seen == Ahead(serving=3)


def test_alone_in_line_one_sees_nobody() -> None:
    site = a_site(a=[(0, 900.0, "me", 1)])
    assert look_ahead(site, {"a": 1.0}, (0, 900.0, "me", 1), 0.0, since_s) == Ahead(serving=3)


@pytest.mark.parametrize(("head_start_s", "before"), [(0.0, 2), (59.0, 2), (60.0, 1), (89.0, 1), (90.0, 0)])
def test_a_priority_is_worth_its_head_start_over_those_who_came_earlier(
    head_start_s: float, before: int
) -> None:
    site = a_site(a=[(0, 900.0, "x", 1), (0, 930.0, "y", 1)])
    seen = look_ahead(site, {"a": 1.0}, (-1, 990.0, "me", 1), head_start_s, since_s)
    # Who came 60 s (90 s) earlier than one is served earlier while a priority is worth less than that.
    assert (seen.before, seen.lower, seen.higher, seen.oldest_equal_s) == (before, 2, 0, 0.0)


def test_who_came_later_and_is_to_be_served_later_is_not_seen() -> None:
    site = a_site(a=[(-1, 990.0, "x", 1), (0, 800.0, "y", 1), (0, 995.0, "z", 1)])
    assert look_ahead(site, {"a": 1.0}, (-1, 990.0, "x", 1), 60.0, since_s).lower == 1
    assert look_ahead(site, {"a": 1.0}, (0, 800.0, "y", 1), 60.0, since_s) == Ahead(serving=3)


def test_those_of_higher_priority_go_first() -> None:
    site = a_site(a=[(-1, 995.0, "x", 1), (0, 990.0, "me", 1)])
    seen = look_ahead(site, {"a": 1.0}, (0, 990.0, "me", 1), 90.0, since_s)
    assert (seen.before, seen.higher, seen.lower) == (1, 1, 0)


def test_lines_of_kin_count_by_their_closeness_and_agents_too() -> None:
    site = a_site(a=[(0, 900.0, "x", 1)], b=[(0, 800.0, "y", 1), (0, 999.0, "z", 1)])
    seen = look_ahead(site, {"a": 1.0, "b": 0.5}, (0, 990.0, "", 0), 0.0, since_s)
    assert (seen.all, seen.before, seen.own, seen.serving) == (1.5, 1.5, 1.0, 4.5)


def some(**more: object) -> Seen:
    fields: dict[str, object] = {
        "now": NOW,
        "unit_s": 1.0,
        "priority": 0,
        "slot": 0,
        "line": Ahead(before=4.0, all=4.0, serving=5.0),
        "pool": Pool(),
        "own": Recent(),
        "idle": [0.0, 1.0, 2.0],
        "serving_here": 2,
        "handling_s": 200.0,
        "abandon_rate": 1 / 600.0,
        "share": None,
        "free": 0,
    }
    return Seen(**(fields | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("more", [{}, {"priority": 2, "share": 4.0, "free": 1}, {"slot": 99, "share": 0.0}])
def test_every_scene_has_the_same_number_of_finite_traits(more: dict[str, object]) -> None:
    found = traits(some(**more))
    assert found.shape == (COUNT,)
    assert np.isfinite(found).all()
    assert max(BENDING) < COUNT


def test_the_second_trait_is_the_closed_forms_wait() -> None:
    # Four before one and oneself, 200 s each, five agents: 200 s.
    assert traits(some())[BASE] == pytest.approx(np.log(200.0) - BASE_CENTRE)


def test_hours_of_mail_look_as_minutes_of_calls() -> None:
    calls = traits(some(handling_s=200.0, abandon_rate=1e-3))
    mail = traits(
        some(
            unit_s=60.0,
            handling_s=12000.0,
            abandon_rate=1e-3 / 60,
            own=Recent(1800.0, 1800.0, 1800.0),
            pool=Pool(
                Press(
                    waits=Recent(1800.0, 1800.0, 1800.0),
                    waits_by={False: Recent(1800.0, 1800.0, 1800.0), True: Recent()},
                )
            ),
        )
    )
    assert mail.tolist() == pytest.approx(calls.tolist())
