"""Tests of the bookkeeping: the line in its order, and counts that say exactly what the visits say."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    MessageSent,
    Offered,
    SourceGap,
    SourceStopped,
    Transferred,
)
from queuewatch.core.rules import Ages
from queuewatch.core.state.site import Queue, Site, Source
from queuewatch.core.state.tally import Histogram
from queuewatch.core.state.visit import IN_LINE, OPEN, Visit
from tests.core.examples import CHAT, MAIL, SALES, at, event
from tests.core.histories import histories, laws, told


def line(site: Site) -> list[str]:
    return [name for _, _, name, _ in site.queues["sales"].line]


def test_higher_priority_goes_first_and_then_who_came_first() -> None:
    site = told(
        [
            event(0, Enqueued(**SALES), "ada"),
            event(1, Enqueued(**SALES, priority=2), "bob"),
            event(2, Enqueued(**SALES, priority=2), "cyd"),
            event(3, Enqueued(**SALES, priority=-1), "dan"),
            event(-5, Enqueued(**SALES), "eve"),
        ]
    )
    assert line(site) == ["bob", "cyd", "eve", "ada", "dan"]


def test_who_leaves_from_the_middle_leaves_the_others_in_their_order() -> None:
    joined = [event(n, Enqueued(**SALES), name) for n, name in enumerate(("ada", "bob", "cyd"))]
    assert line(told([*joined, event(9, Left(**SALES, reason="key"), "bob")])) == ["ada", "cyd"]


def test_ringing_is_still_waiting() -> None:
    site = told([event(0, Enqueued(**SALES)), event(5, Offered(**SALES, agent="x"))])
    assert line(site) == ["ada"]
    assert site.queues["sales"].tally.published() == {"offered": 1}


def test_a_transfer_is_counted_by_its_kind_once_however_it_is_told() -> None:
    stay = [
        event(0, Enqueued(**SALES)),
        event(5, Answered(**SALES, agent="x")),
        event(65, Transferred(**SALES, kind="attended")),
        event(66, Completed(**SALES)),
    ]
    for events in (stay, stay[::-1]):
        queue = told(events).queues["sales"]
        assert queue.tally.of("transferred:attended") == 1
        assert (queue.tally.of("answered"), queue.serving) == (1, 0)


def test_a_first_response_counts_from_the_joining_and_automatic_messages_do_not() -> None:
    site = told(
        [
            event(0, Enqueued(**MAIL)),
            event(1, MessageSent(**MAIL, automatic=True)),
            event(250, MessageSent(**MAIL)),
        ]
    )
    view = site.queues["mail"].first_response.view()
    assert (sum(view.counts), view.sum_s) == (1, 250.0)


def test_how_long_somebody_waited_before_giving_up_is_kept_and_taken_back_with_it() -> None:
    joined, gone = event(0, Enqueued(**SALES)), event(60, Abandoned(**SALES))
    queue = told([joined, gone]).queues["sales"]
    assert (sum(queue.gave_up.now), queue.gave_up.sum_s) == (1, 60.0)
    # It was the queue's time-out after all, as is told late: nobody gave up.
    queue = told([joined, gone, event(60, Left(**SALES, reason="timed_out"))]).queues["sales"]
    assert (sum(queue.gave_up.now), queue.gave_up.sum_s) == (0, 0.0)


def test_an_agent_has_several_chats_at_a_time() -> None:
    site = told(
        [
            *(event(n, Enqueued(**CHAT), f"c{n}") for n in range(3)),
            *(event(10 + n, Answered(**CHAT, agent="x"), f"c{n}") for n in range(3)),
            event(60, Completed(**CHAT), "c1"),
        ]
    )
    assert site.queues["chat"].serving == 2
    assert sorted(site.agents["x"].handling) == ["c0", "c2"]


def test_an_agent_shared_between_queues_is_one_agent() -> None:
    site = told(
        [
            event(0, Answered(queue="sales", channel="phone", agent="x"), "ada"),
            event(50, Completed(queue="sales", channel="phone"), "ada"),
            event(60, Answered(queue="support", channel="phone", agent="x"), "bob"),
        ]
    )
    assert list(site.agents["x"].served) == ["sales", "support"]
    assert [list(site.queues[name].agents) for name in ("sales", "support")] == [["x"], ["x"]]
    assert site.agents["x"].free("phone") == 0


def test_a_channel_told_goes_before_one_guessed_and_stays() -> None:
    site = Site("default")
    site.queue("chat", "phone", at(0), guessed=True)
    assert site.queue("chat", "email", at(0), guessed=True).channel == "phone"
    assert site.queue("chat", "chat", at(1)).channel == "chat"
    assert site.queue("chat", "phone", at(2)).channel == "chat"
    assert site.queue("chat", "phone", at(2), guessed=True).channel == "chat"


def test_who_is_spoken_of_again_is_the_same_one() -> None:
    site = Site("default")
    assert site.source("/pbx") is site.source("/pbx")
    assert site.agent("x") is site.agent("x")
    assert site.queue("sales", "phone", at(0)) is site.queue("sales", "phone", at(9))


def test_a_source_is_stale_from_its_silence_to_its_next_word_or_when_it_lags() -> None:
    ages = Ages()
    source = Source("/pbx", spoke_at=at(0))
    assert not source.stale(ages)
    source.silent_at = at(1)
    assert source.stale(ages)
    source.spoke_at = at(2)
    assert not source.stale(ages)
    source.told_at = at(2) + ages.lag_s
    assert not source.stale(ages)
    source.told_at = at(2) + ages.lag_s + 0.001
    assert source.stale(ages)


def test_a_source_that_said_it_is_silent_is_so_whatever_came_in_late() -> None:
    for silence in (SourceStopped(), SourceGap()):
        site = told([event(10, silence, ""), event(5, Enqueued(**SALES))])
        assert site.sources["/pbx"].stale(Ages(lag_s=9999.0))


@laws
@given(histories(), st.integers(0, 2**32).map(Random))
def test_line_and_counts_say_what_the_visits_say(events: list[Event], chance: Random) -> None:
    chance.shuffle(events)
    site = told(events)
    visits = [visit for contact in site.contacts.values() for visit in contact.visits]
    for name, queue in site.queues.items():
        own = [visit for visit in visits if visit.queue == name]
        assert [(one[2], one[3]) for one in queue.line] == _line(own)
        assert {key: count for key, count in queue.tally.now.items() if count} == _counted(own)
        assert queue.serving == sum(visit.stage == "answered" for visit in own)
        _holds(queue.wait, [v.wait_s for v in own if v.stage in ("answered", "completed")])
        _holds(queue.handling, [v.handling_s for v in own if v.stage == "completed"])
        _holds(queue.gave_up, [v.endured_s for v in own if v.stage == "abandoned"])


@laws
@given(histories(), st.integers(0, 2**32).map(Random))
def test_a_visit_is_over_exactly_when_it_has_an_end(events: list[Event], chance: Random) -> None:
    chance.shuffle(events)
    for contact in told(events).contacts.values():
        assert all((visit.ended_at is None) == (visit.stage in OPEN) for visit in contact.visits)


def _line(visits: list[Visit]) -> list[tuple[str, int]]:
    waiting = [visit for visit in visits if visit.stage in IN_LINE]
    ordered = sorted(waiting, key=lambda v: (-v.priority, v.enqueued_at, v.contact, v.number))
    return [(visit.contact, visit.number) for visit in ordered]


def _counted(visits: list[Visit]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for visit in visits:
        counts["offered"] += 1
        counts["answered"] += visit.answered_at is not None
        counts["abandoned"] += visit.stage == "abandoned"
        if visit.stage in ("left", "leaving", "lost"):
            counts[f"left:{visit.reason or 'lost'}"] += 1
        if visit.transferred:
            counts[f"transferred:{visit.transferred}"] += 1
    return +counts


def _holds(histogram: Histogram, durations: list[float | None]) -> None:
    known = [one for one in durations if one is not None]
    assert sum(histogram.now) == len(known)
    assert abs(histogram.sum_s - sum(known)) < 1e-6


@laws
@given(histories(), st.integers(0, 2**32).map(Random))
def test_what_a_queue_publishes_never_goes_down(events: list[Event], chance: Random) -> None:
    chance.shuffle(events)
    before: dict[str, dict[str, float]] = {}
    for number in range(1, len(events) + 1):
        site = told(events[:number])
        published = {name: _published(queue) for name, queue in site.queues.items()}
        for name, figures in before.items():
            for key, figure in figures.items():
                assert published[name][key] >= figure - 1e-6
        before = published


def _published(queue: Queue) -> dict[str, float]:
    figures: dict[str, float] = dict(queue.tally.published())
    for name in ("wait", "gave_up", "handling", "first_response"):
        view = getattr(queue, name).view()
        figures |= {f"{name}/{bucket}": count for bucket, count in enumerate(view.counts)}
        figures[f"{name}/sum"] = view.sum_s
    return figures


@pytest.mark.parametrize("late", [False, True])
def test_completed_contacts_are_counted_by_whether_the_matter_was_settled(late: bool) -> None:
    joined = event(0, Enqueued(**SALES))
    answered = event(10, Answered(**SALES, agent="x"))
    completed = event(60, Completed(**SALES, hold_s=5.0, resolved=True))
    site = told([completed, joined, answered] if late else [joined, answered, completed])
    assert site.queues["sales"].tally.published("resolved:") == {"yes": 1}
    again = told([joined, answered, completed, replace(completed, data=Completed(**SALES, resolved=False))])
    assert again.queues["sales"].tally.of("resolved:yes") == 0
    assert again.queues["sales"].tally.of("resolved:no") == 1


@pytest.mark.parametrize(("talk_s", "handled"), [(None, 0), (300.0, 1)])
def test_a_mail_that_is_answered_and_done_in_one_moment_was_handled_for_as_long_as_its_source_says(
    talk_s: float | None, handled: int
) -> None:
    site = told(
        [
            event(0, Enqueued(**MAIL), "ada"),
            event(60, Answered(**MAIL, agent="xena"), "ada"),
            event(60, Completed(**MAIL, talk_s=talk_s), "ada"),
        ]
    )
    view = site.queues["mail"].handling.view()
    assert sum(view.counts) == handled
    assert view.sum_s == (talk_s or 0.0)
