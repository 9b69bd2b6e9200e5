"""Tests of what is kept of contacts that were forgotten."""

from __future__ import annotations

from queuewatch.core.state.gone import KEPT, PACKED_TOGETHER, Gone


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


def test_who_was_packed_away_is_known_as_before() -> None:
    gone = Gone()
    gone.add({"ada\0\n": 100.0})
    gone.add({f"c{number}": 200.0 for number in range(PACKED_TOGETHER - 1)})
    assert (gone.latest, gone.count) == ({}, PACKED_TOGETHER)
    assert gone.knows("ada\0\n", 100.0)
    assert not gone.knows("ada\0\n", 100.001)
    assert not gone.knows("ada", 100.0)
    assert gone.knows("c7", 200.0)
    gone.add({"c7": 300.0})
    assert gone.knows("c7", 300.0)


def test_the_last_hundred_thousand_are_always_known_and_memory_stays_bounded() -> None:
    gone = Gone()
    step = PACKED_TOGETHER + 1
    for first in range(0, 2 * KEPT, step):
        gone.add({f"c{number}": float(number) for number in range(first, first + step)})
        assert gone.count <= KEPT + step
    last = first + step
    assert all(gone.knows(f"c{number}", 0.0) for number in range(last - KEPT, last, 97))
    assert not gone.knows("c0", 0.0)


def test_a_flood_that_is_forgotten_at_once_is_kept_whole_and_goes_whole() -> None:
    gone = Gone()
    gone.add({f"c{number}": float(number) for number in range(2 * KEPT)})
    assert gone.knows("c0", 0.0)
    gone.add({f"d{number}": float(number) for number in range(KEPT)})
    assert not gone.knows("c0", 0.0)
    assert gone.knows("d0", 0.0)
