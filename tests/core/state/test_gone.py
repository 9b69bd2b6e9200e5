"""Tests of what is kept of contacts that were forgotten."""

from __future__ import annotations

from queuewatch.core.state.gone import KEPT, Gone


def test_a_fact_of_the_stay_that_was_forgotten_is_known_and_a_later_one_is_of_another() -> None:
    gone = Gone()
    gone.add({"ada": 100.0})
    assert gone.knows("ada", 99.0)
    assert gone.knows("ada", 100.0)
    assert not gone.knows("ada", 100.001)
    assert not gone.knows("bob", 99.0)
    gone.add({"bob": 50.0})
    assert gone.knows("ada", 100.0)
    assert not gone.knows("bob", 60.0)


def test_the_last_fifty_thousand_are_always_known_and_memory_stays_bounded() -> None:
    gone = Gone()
    for number in range(3 * KEPT):
        gone.add({f"c{number}": float(number)})
        assert len(gone.latest) + len(gone.before) <= 2 * KEPT
    assert all(gone.knows(f"c{number}", 0.0) for number in range(2 * KEPT, 3 * KEPT))
    assert not gone.knows("c0", 0.0)
