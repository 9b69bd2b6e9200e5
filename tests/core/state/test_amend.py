"""Tests of what is not in order: corrections, lists of who waits, and what comes in late."""

from __future__ import annotations

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Enqueued,
    Event,
    Left,
    MessageSent,
    QueueSnapshot,
    SourceStarted,
    Waiting,
)
from tests.core.examples import SALES, SUPPORT, at, event
from tests.core.histories import told


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
    assert len(site.contacts["ada"].told("default")) == 2


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
    assert len(site.contacts["ada"].told("default")) == 3
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
    assert len(told([*talking, *told_meanwhile]).contacts["ada"].told("default")) == 2


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
