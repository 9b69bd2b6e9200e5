"""Tests of facts into the state: the same whatever the order, the delay, the repetition, the versions."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    MessageSent,
    Offered,
    QueueSnapshot,
    SourceStarted,
    Waiting,
)
from queuewatch.core.freeze import freeze, thaw
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.state.site import Site
from queuewatch.core.turn import turn
from tests.core.examples import SALES, SUPPORT, at, event
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


def stages(*events: Event) -> list[str]:
    return [visit.stage for visit in told(events).contacts["ada"].visits]


def test_a_correction_may_say_that_it_was_something_else_that_happened() -> None:
    joined = event(0, Enqueued(**SALES))
    gave_up = event(60, Abandoned(**SALES), ident="end")
    timed_out = event(60, Left(**SALES, reason="timed_out"), ident="end")
    site = told([joined, gave_up, timed_out])
    assert [visit.stage for visit in site.contacts["ada"].visits] == ["left"]
    assert site.queues["sales"].tally.published() == {"offered": 1, "abandoned": 1, "left:timed_out": 1}
    assert site.queues["sales"].tally.of("abandoned") == 0
    assert len(site.contacts["ada"].facts) == 2


def test_an_older_version_that_comes_in_late_changes_nothing() -> None:
    first = event(60, Abandoned(**SALES), ident="end", version_at=at(61))
    second = event(60, Left(**SALES, reason="key"), ident="end", version_at=at(62))
    joined = event(0, Enqueued(**SALES))
    assert stages(joined, second, first) == stages(joined, first, second) == ["left"]


def test_an_id_that_looks_like_one_of_ours_corrects_nothing_of_ours() -> None:
    snapshot = event(30, QueueSnapshot(**SALES), "", ident="s1")
    assert stages(
        event(0, Enqueued(**SALES)), snapshot, event(31, MessageSent(**SALES), ident="s1@sales")
    ) == ["lost"]


def test_an_answer_is_counted_alike_in_order_and_late() -> None:
    stay = [
        event(0, Enqueued(**SALES)),
        event(20, Offered(**SALES, agent="x")),
        event(25, Answered(**SALES, agent="x")),
        event(125, Completed(**SALES)),
    ]
    assert picture(told(stay)) == picture(told(stay[::-1]))
    assert told(stay).changes[-1].revised is False


def waiting(*names: str) -> tuple[Waiting, ...]:
    return tuple(Waiting(contact=name, enqueued_at=at(0)) for name in names)


def test_a_snapshot_is_the_authority_on_who_waits() -> None:
    joined = [event(0, Enqueued(**SALES), name) for name in ("ada", "bob")]
    site = told([*joined, event(30, QueueSnapshot(**SALES, waiting=waiting("bob", "cyd")), "")])
    assert [name for _, _, name, _ in site.queues["sales"].line] == ["bob", "cyd"]
    assert site.contacts["ada"].visits[0].stage == "lost"


def test_a_snapshot_of_one_queue_says_nothing_of_another_and_a_source_nothing_of_anothers() -> None:
    site = told(
        [
            event(0, Enqueued(**SALES), "ada"),
            event(0, Enqueued(**SUPPORT), "bob"),
            event(0, Enqueued(**SALES), "cyd", source="/other"),
            event(30, QueueSnapshot(**SUPPORT), ""),
            event(40, SourceStarted(), "", source="/other"),
        ]
    )
    assert {name: contact.visits[0].stage for name, contact in site.contacts.items()} == {
        "ada": "waiting",
        "bob": "lost",
        "cyd": "lost",
    }


def test_a_snapshot_holds_for_when_it_was_taken_and_not_for_when_it_was_sent() -> None:
    snapshot = event(60, QueueSnapshot(**SALES, as_of=at(10)), "")
    assert stages(event(0, Enqueued(**SALES)), snapshot) == ["lost"]
    assert stages(event(9.5, Enqueued(**SALES)), snapshot) == ["waiting"]
    assert stages(snapshot, event(20, Enqueued(**SALES))) == ["waiting"]


def test_a_fact_that_comes_in_after_a_list_it_is_older_than_is_held_against_it() -> None:
    snapshot = event(60, QueueSnapshot(**SALES), "")
    assert stages(event(59.5, MessageSent(**SALES)), snapshot, event(0, Enqueued(**SALES))) == ["waiting"]
    assert stages(snapshot, event(0, Enqueued(**SALES))) == ["lost"]


def test_a_list_that_comes_in_after_a_later_one_still_says_when_somebody_was_lost() -> None:
    joined = event(0, Enqueued(**SALES))
    early = event(12, QueueSnapshot(**SALES, waiting=()), subject="")
    late = event(22, QueueSnapshot(**SALES, waiting=()), subject="")
    (visit,) = told([joined, late, early]).contacts["ada"].visits
    assert (visit.stage, visit.ended_at) == ("lost", at(12))


def test_a_corrected_list_takes_back_what_the_first_one_said() -> None:
    joined = [event(0, Enqueued(**SALES), name) for name in ("ada", "bob")]
    first = event(30, QueueSnapshot(**SALES, waiting=waiting("cyd")), "", ident="s1")
    second = event(30, QueueSnapshot(**SALES, waiting=waiting("ada")), "", ident="s1", version_at=at(31))
    for order in ([first, second], [second, first, second], [second, first]):
        site = told([*joined, *order])
        assert [name for _, _, name, _ in site.queues["sales"].line] == ["ada"]
        assert not site.contacts.get("cyd") or not site.contacts["cyd"].visits


def test_lists_that_only_confirm_leave_no_trail() -> None:
    lists = [event(10 * n, QueueSnapshot(**SALES, waiting=waiting("ada")), "") for n in range(1, 50)]
    site = told([event(0, Enqueued(**SALES)), *lists])
    assert len(site.contacts["ada"].facts) == 3
    assert site.contacts["ada"].visits[0].confirmed_at == at(490)


def test_lists_of_a_queue_leave_no_trail_in_conversations() -> None:
    """Snapshots are often as of a moment before the latest fact."""
    talking = [event(0, Enqueued(**SALES)), event(5, Answered(**SALES, agent="x"))]
    told_meanwhile = [
        one
        for n in range(1, 30)
        for one in (
            event(10 * n, Enqueued(**SUPPORT), f"c{n}"),
            event(10 * n + 1, QueueSnapshot(**SALES, as_of=at(10 * n - 1)), ""),
        )
    ]
    assert len(told([*talking, *told_meanwhile]).contacts["ada"].facts) == 2


def test_a_restart_loses_the_waiting_and_cuts_the_talks_of_that_source() -> None:
    site = told(
        [
            event(0, Enqueued(**SALES), "ada"),
            event(0, Enqueued(**SALES), "bob"),
            event(5, Answered(**SALES, agent="x"), "bob"),
            event(60, SourceStarted(), ""),
            event(61, Enqueued(**SALES), "cyd"),
        ]
    )
    queue = site.queues["sales"]
    assert {name: contact.visits[0].stage for name, contact in site.contacts.items()} == {
        "ada": "lost",
        "bob": "completed",
        "cyd": "waiting",
    }
    assert (queue.serving, site.agents["x"].handling) == (0, {})
    assert queue.tally.published("left:") == {"lost": 1}
    assert sum(queue.handling.now) == 0


def test_a_supervisors_word_changes_nothing_about_contacts_and_supervisors_are_no_source() -> None:
    word = NoticeOverridden(queue="sales", level="busy", by="Grace")
    site = told([event(0, Enqueued(**SALES)), event(5, word, "", source="/supervisors")])
    assert picture(site) == picture(told([event(0, Enqueued(**SALES))]))
    assert set(site.sources) == {"/pbx"}


def test_an_agent_with_places_for_chats_speaks_of_a_chat_queue() -> None:
    fact = AgentChanged(state="available", joined=("talk",), capacity={"chat": 3})
    assert told([event(0, fact, "x")]).queues["talk"].channel == "chat"
