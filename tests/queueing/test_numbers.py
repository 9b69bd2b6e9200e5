"""Numbers and arrays on their way into a formula."""

import numpy as np
import pytest

from queuewatch.queueing.numbers import checked, checked_agents, checked_shares


def test_numbers_and_arrays_of_any_shape_come_back_as_floats() -> None:
    assert checked("t", 3).dtype == np.float64
    assert checked("t", [[1, 2], [3, 4]]).shape == (2, 2)
    assert checked("t", []).size == 0


def test_zero_is_allowed_unless_more_than_zero_is_needed() -> None:
    assert checked("t", 0.0) == 0.0
    with pytest.raises(ValueError, match=r"^handling_s must be above 0 and finite, got 0$"):
        checked("handling_s", 0.0, above=0.0)


@pytest.mark.parametrize("wrong", [-1e-300, float("nan"), [1.0, float("nan")], float("inf")])
def test_what_is_negative_endless_or_not_a_number_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"^load must be 0 or more and finite, got "):
        checked("load", wrong)  # type: ignore[arg-type]


def test_only_what_may_last_for_ever_may_be_infinite() -> None:
    assert checked("patience_s", np.inf, never=True) == np.inf
    with pytest.raises(ValueError, match=r"^patience_s must be 0 or more, got -1$"):
        checked("patience_s", [-1.0, np.inf], never=True)


def test_agents_are_whole_and_keep_their_kind() -> None:
    assert checked_agents([1, 2]).dtype.kind == "i"
    assert checked_agents(3.0).dtype == np.float64
    assert checked_agents(np.array([], dtype=int)).size == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (2.5, r"^agents must be whole numbers, got 2.5$"),
        ([1, -1], r"^agents must be 0 or more"),
        (float("nan"), r"^agents must be 0"),
    ],
)
def test_agents_that_cannot_be_are_refused(wrong: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        checked_agents(wrong)  # type: ignore[arg-type]


def test_shares_lie_between_zero_and_one_both_included() -> None:
    assert checked_shares("share", [0.0, 1.0]).tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match=r"^share must lie in \[0, 1\], got 1\.5$"):
        checked_shares("share", [0.5, 1.5])
    with pytest.raises(ValueError, match=r"^share must lie in \[0, 1\], got nan$"):
        checked_shares("share", float("nan"))
