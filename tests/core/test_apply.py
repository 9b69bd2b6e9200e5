from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.events import Event
from queuewatch.core.state import Site
from tests.core.histories import corrected_histories, histories, latest_versions, laws, picture, told

chances = st.integers(0, 2**32).map(Random)


def mixed(events: list[Event], chance: Random) -> list[Event]:
    """In any order, and half of them twice."""
    told_again = [*events, *chance.choices(events, k=len(events) // 2)]
    chance.shuffle(told_again)
    return told_again


def of_contacts(site: Site) -> dict[str, Any]:
    """Without what a version put right leaves behind: an empty queue, and when its source spoke."""
    whole = picture(site)
    del whole["sources"]
    whole["queues"] = {name: queue for name, queue in whole["queues"].items() if queue[3]}
    return whole


@laws
@given(histories(), chances)
def test_any_order_with_any_repetition_gives_the_same_state(events: list[Event], chance: Random) -> None:
    in_time = sorted(events, key=lambda event: event.at)
    assert picture(told(mixed(events, chance))) == picture(told(in_time))


@laws
@given(corrected_histories(), chances)
def test_only_the_latest_version_of_a_fact_counts_in_any_order(events: list[Event], chance: Random) -> None:
    in_time = sorted(latest_versions(events), key=lambda event: event.at)
    assert of_contacts(told(mixed(events, chance))) == of_contacts(told(in_time))
