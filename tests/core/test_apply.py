from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from queuewatch.core.events import Event
from tests.core.histories import histories, picture, told


@settings(max_examples=400, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_any_order_with_any_repetition_gives_the_same_state(events: list[Event], chance: st.Random) -> None:  # type: ignore[name-defined]
    in_time = sorted(events, key=lambda event: event.at)
    mixed = [*events, *chance.choices(events, k=len(events) // 2)]
    chance.shuffle(mixed)
    assert picture(told(mixed)) == picture(told(in_time))
