"""Tests of facts into the state: the same whatever the order, the delay, the repetition, the versions."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import (
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Event,
    Offered,
)
from queuewatch.core.freeze import freeze, thaw
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.state.site import Site
from queuewatch.core.turn import turn
from tests.core.examples import SALES, at, event
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


@laws
@given(histories(), chances)
def test_snapshots_and_restarts_of_the_service_in_between_change_nothing(
    events: list[Event], chance: Random
) -> None:
    in_time, restarted = Core(), Core()
    rules = Rules()
    shuffled = list(events)
    chance.shuffle(shuffled)
    for number, (one, other) in enumerate(zip(sorted(events, key=lambda e: e.at), shuffled, strict=True)):
        turn(in_time, rules, at(100 + number), [one])
        turn(restarted, rules, at(100 + number), [other])
        restarted = thaw(freeze(restarted))
    assert picture(restarted.sites["default"]) == picture(in_time.sites["default"])


def test_an_answer_is_counted_alike_in_order_and_late() -> None:
    stay = [
        event(0, Enqueued(**SALES)),
        event(20, Offered(**SALES, agent="x")),
        event(25, Answered(**SALES, agent="x")),
        event(125, Completed(**SALES)),
    ]
    assert picture(told(stay)) == picture(told(stay[::-1]))
    assert told(stay).changes[-1].revised is False


def test_a_supervisors_word_changes_nothing_about_contacts_and_supervisors_are_no_source() -> None:
    word = NoticeOverridden(queue="sales", level="busy", by="Grace")
    site = told([event(0, Enqueued(**SALES)), event(5, word, "", source="/supervisors")])
    assert picture(site) == picture(told([event(0, Enqueued(**SALES))]))
    assert set(site.sources) == {"/pbx"}


def test_an_agent_with_places_for_chats_speaks_of_a_chat_queue() -> None:
    fact = AgentChanged(state="available", joined=("talk",), capacity={"chat": 3})
    assert told([event(0, fact, "x")]).queues["talk"].channel == "chat"
