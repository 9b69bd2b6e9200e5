"""Tests of the views of queues, contacts and sources: what is known, what is not, and at which moment."""

from __future__ import annotations

import pytest

from queuewatch.core.estimate.learned import FREE_BELIEVED_S
from queuewatch.core.facts.events import (
    AgentChanged,
    AgentSeen,
    Answered,
    Completed,
    Enqueued,
    QueueSnapshot,
    SourceStopped,
)
from queuewatch.core.rules import QueueRules, Rules
from queuewatch.core.views import source_views
from tests.core.examples import CHAT, SALES, at, event
from tests.stories.timeline import Timeline


def test_a_queue_shows_who_waits_how_long_and_past_which_thresholds() -> None:
    place = Timeline()
    place.tell(0, Enqueued(**SALES), "ada")
    place.tell(100, Enqueued(**SALES, priority=1), "bob")
    place.tell(180, Answered(**SALES, agent="x", wait_s=1.0), "cyd")
    view = place.queue()
    assert (view.waiting, view.oldest_wait_s, view.serving, view.state) == (2, 180.0, 1, "live")
    assert view.past_threshold == {"60": 2, "180": 0}
    assert (view.counts.offered, view.counts.answered, view.counts.abandoned) == (3, 1, 0)
    place.until(180.001)
    assert place.queue().past_threshold == {"60": 2, "180": 1}
    assert (place.queue().heard_at, place.queue().at) == (at(180), at(180.001))


def test_an_empty_queue_has_no_oldest_wait() -> None:
    place = Timeline()
    place.tell(0, Answered(**SALES))
    assert (place.queue().waiting, place.queue().oldest_wait_s) == (0, None)


def test_a_contact_of_a_clock_that_is_ahead_has_waited_no_less_than_nothing() -> None:
    place = Timeline()
    place.tell(0, Enqueued(**SALES), "ada")
    place.now_s = -5.0
    assert place.queue().oldest_wait_s == 0.0
    assert place.line()[0].wait.waited_s == 0.0


def test_those_in_line_are_shown_in_their_order_with_their_own_waits() -> None:
    place = Timeline(Rules(queues={"sales": QueueRules(thresholds_s=(30.0,))}))
    place.tell(0, Enqueued(**SALES), "ada")
    place.tell(40, Enqueued(**SALES, priority=5), "bob")
    bob, ada = place.line()
    assert (bob.contact, bob.priority, bob.wait.place, bob.wait.waited_s) == ("bob", 5, 1, 0.0)
    assert (ada.contact, ada.enqueued_at, ada.wait.place, ada.wait.waited_s) == ("ada", at(0), 2, 40.0)
    assert ada.wait.chances == {"30": 1.0}


# ── agents ────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_known_of_any_agent_is_not_nobody_there() -> None:
    place = Timeline()
    place.tell(0, Enqueued(**SALES))
    assert (place.queue().agents, place.queue().agents_inferred, place.queue().occupancy) == (
        None,
        True,
        None,
    )


def test_a_list_of_agents_that_is_empty_says_that_nobody_is_there() -> None:
    place = Timeline()
    place.tell(0, QueueSnapshot(**SALES, agents=()), "")
    assert place.queue().agents == {}
    assert place.queue().next.no_estimate == "no_agents"


def test_agents_who_all_logged_out_of_a_queue_leave_nobody_there() -> None:
    place = Timeline()
    place.tell(0, AgentChanged(state="available", joined=("sales",)), "x")
    assert place.queue().agents == {"available": 1}
    place.tell(10, AgentChanged(left=("sales",)), "x")
    assert place.queue().agents == {}
    assert place.queue().next.no_estimate == "no_agents"


def test_agents_are_counted_by_state_and_occupancy_is_the_share_of_the_busy_among_those_on_duty() -> None:
    place = Timeline()
    for name, state in (("w", "available"), ("x", "wrap_up"), ("y", "not_ready"), ("z", "available")):
        place.tell(0, AgentChanged(state=state, queues=("sales",)), name)  # type: ignore[arg-type]
    place.tell(1, Enqueued(**SALES))
    place.tell(2, Answered(**SALES, agent="z"))
    view = place.queue()
    assert view.agents == {"available": 1, "wrap_up": 1, "not_ready": 1, "busy": 1}
    assert view.occupancy == pytest.approx(1 / 3)
    assert not view.agents_inferred


def test_agents_known_only_from_answering_are_there_until_exactly_a_while_after_their_last_contact() -> None:
    place = Timeline()
    place.tell(0, Answered(**SALES, agent="x"))
    assert place.queue().agents == {"busy": 1}
    place.tell(100, Completed(**SALES))
    place.until(100 + 1800)
    assert (place.queue().agents, place.queue().agents_inferred) == ({"available": 1}, True)
    place.until(100 + 1800.001)
    assert place.queue().agents is None


def test_a_snapshot_tells_of_agents_like_they_do_themselves() -> None:
    place = Timeline()
    seen = (AgentSeen(agent="x", state="available"), AgentSeen(agent="y", state="not_ready"))
    place.tell(0, QueueSnapshot(**SALES, agents=seen), "")
    assert place.queue().agents == {"available": 1, "not_ready": 1}
    place.tell(10, QueueSnapshot(**SALES, agents=seen[:1]), "")
    assert place.queue().agents == {"available": 1}
    place.tell(20, QueueSnapshot(**SALES), "")
    assert place.queue().agents == {"available": 1}


def test_free_agents_are_believed_until_the_head_of_the_line_has_stood_for_exactly_a_while() -> None:
    place = Timeline()
    place.tell(0, AgentChanged(state="available", queues=("sales",)), "x")
    place.tell(0, Enqueued(**SALES))
    place.until(FREE_BELIEVED_S)
    assert place.line()[0].wait.no_estimate is None
    place.until(FREE_BELIEVED_S + 0.001)
    assert place.line()[0].wait.no_estimate == "too_few_data"


def test_a_chat_agent_with_room_is_free_for_the_next() -> None:
    place = Timeline()
    place.tell(0, AgentChanged(state="available", queues=("chat",), capacity={"chat": 3}), "x")
    for number in range(3):
        assert place.queue("chat").next.mean_s is not None
        place.tell(10 * number + 1, Enqueued(**CHAT), f"c{number}")
        place.tell(10 * number + 2, Answered(**CHAT, agent="x"), f"c{number}")
    assert place.queue("chat").agents == {"busy": 1}
    assert place.queue("chat").next.no_estimate == "too_few_data"


def test_a_queue_first_spoken_of_by_an_agent_has_the_channel_its_contacts_tell() -> None:
    place = Timeline()
    place.tell(0, AgentChanged(state="available", queues=("chat",)), "x")
    assert place.queue("chat").channel == "phone"
    place.tell(1, Enqueued(**CHAT))
    assert place.queue("chat").channel == "chat"


# ── the steady picture and the sources ────────────────────────────────────────────────────────────────────


def handled(place: Timeline, queue: str, number: int, agent: str = "x") -> None:
    where = {"queue": queue, "channel": "phone"}
    for n in range(number):
        begin = 200.0 * n
        place.tell(begin, Enqueued(**where), f"{queue}{n}")  # type: ignore[arg-type]
        place.tell(begin + 10, Answered(**where, agent=agent), f"{queue}{n}")  # type: ignore[arg-type]
        place.tell(begin + 110, Completed(**where), f"{queue}{n}")  # type: ignore[arg-type]


def test_there_is_no_steady_picture_before_something_came_and_was_handled() -> None:
    place = Timeline()
    place.tell(0, Enqueued(**SALES))
    assert place.queue().steady is None
    place.tell(10, Answered(**SALES, agent="x"))
    assert place.queue().steady is None
    place.tell(110, Completed(**SALES))
    place.until(121)
    assert place.queue().steady is not None


def test_the_steady_picture_is_drawn_anew_every_ten_seconds() -> None:
    place = Timeline()
    handled(place, "sales", 2)
    place.until(400)
    first = place.queue().steady
    place.until(409.999)
    assert place.queue().steady is first
    place.until(410)
    assert place.queue().steady is not first


def test_agents_shared_between_queues_count_for_each_by_their_share() -> None:
    place = Timeline()
    place.practised("x", handling_s=100.0)
    place.tell(-1, AgentChanged(state="available", queues=("sales",)), "x")
    alone = place.queue().next.mean_s
    place.tell(601, AgentChanged(queues=("sales", "support")), "x")
    place.tell(602, Enqueued(queue="support", channel="phone"), "sue")
    place.tell(603, Answered(queue="support", channel="phone", agent="x"), "sue")
    shared = place.queue().next.mean_s
    assert alone is not None
    assert shared is not None
    assert place.queue().agents == {"busy": 1}
    # A talk each 200 s, of half an agent; those who lose patience, after 600 s on average, are not answered.
    assert shared == pytest.approx(1.0 / (1.0 / 200.0 + 1.0 / 600.0), rel=0.05)


def test_sources_show_what_they_told_and_whether_they_speak() -> None:
    place = Timeline()
    place.tell(0, Enqueued(**SALES))
    place.tell(5, Enqueued(**SALES), "bob", source="/other")
    place.tell(9, SourceStopped(), "", source="/other")
    views = source_views(place.core, place.rules)
    assert [(view.up, view.heard_at, view.lag_s) for view in views.values()] == [
        (True, at(0), 0.0),
        (False, at(9), 0.0),
    ]
    assert views["/other"].events == {"queuewatch.contact.enqueued": 1, "queuewatch.source.stopped": 1}
    assert views["/pbx"].trouble is None
    assert (
        views["/other"].trouble
        == "it said that it may have missed something, or stops, and has told nothing since"
    )
    assert place.queue().state == "stale"


def test_a_source_that_tells_of_long_ago_says_how_long_and_what_is_allowed() -> None:
    place = Timeline()
    limit_s = place.rules.ages.lag_s
    place.record(limit_s, event(0, Enqueued(**SALES)))
    assert source_views(place.core, place.rules)["/pbx"].trouble is None
    place.record(limit_s + 61.0, event(1, Enqueued(**SALES), "bob"))
    assert source_views(place.core, place.rules)["/pbx"].trouble == (
        "its latest fact came in 360 s after it happened, which is more than ages.lag_s (300 s) allows"
    )
