"""A number without a range, as its caller understands it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.estimate.others.number import Number

times = st.floats(0.0, 1e6)


def test_ninety_seconds_are_more_than_sixty_and_not_more_than_ninety() -> None:
    told = Number(90.0)
    assert told.chance_over(60.0) == told.chance_there(60.0) == 1.0
    assert told.chance_over(90.0) == told.chance_over(180.0) == 0.0
    assert told.chance_over(-1.0) == Number(0.0).chance_over(-1.0) == 1.0
    assert Number(0.0).chance_over(0.0) == 0.0


@given(times, times, st.floats(0.0, 1.0))
def test_every_quantile_is_the_number_and_the_chance_is_sure(told_s: float, t_s: float, share: float) -> None:
    told = Number(told_s)
    assert told.quantile_s(share) == told.mean_s == told_s
    assert told.chance_over(t_s) == float(told_s > t_s)
