"""What the core tells of itself to who looks."""

from __future__ import annotations

from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from queuewatch.core.facts.events import Enqueued, Event, SourceStopped
from queuewatch.core.freeze import freeze
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.turn import looked_at, turn
from queuewatch.core.view import QueueView
from queuewatch.core.views import (
    IDLE_KEPT_S,
    KEPT_S,
    Drawn,
    cares,
    contact_views,
    misfits,
    notices_in_force,
    promise,
    promise_views,
    queue_view,
    source_views,
)
from tests.core.examples import SALES, SUPPORT, at
from tests.core.histories import histories
from tests.stories.timeline import Timeline

RULES = Rules()


def two_queues() -> Timeline:
    play = Timeline()
    play.tell(0, Enqueued(**SALES), "ada")
    play.tell(1, Enqueued(**SUPPORT), "bob")
    return play


def test_every_queue_is_told_as_it_is_told_alone() -> None:
    play = two_queues()
    views = {view.queue: view for view in Drawn().queues(play.core, RULES, at(2))}
    assert set(views) == {"sales", "support"}
    assert views["sales"] == queue_view(play.core, RULES, "default", "sales", at(2))
    assert [one.contact for one in contact_views(play.core, RULES, "default", "support", at(2))] == ["bob"]


def test_looking_changes_nothing() -> None:
    play = two_queues()
    Drawn().queues(play.core, RULES, at(2))
    looked_before = freeze(play.core)
    Drawn().queues(play.core, RULES, at(2))
    assert freeze(play.core) == looked_before
    assert play.core.attention["default"].books.queues.keys() == {"sales", "support"}  # from who joined there


@settings(max_examples=10)
@given(histories(), st.lists(st.sampled_from((0.1, 0.3, 1.9, 4.0, 30.0)), min_size=1, max_size=12))
def test_a_kept_view_is_as_it_was_drawn_and_what_there_is_news_of_is_drawn_anew(
    history: list[Event], pauses: list[float]
) -> None:
    core, drawn = Core(), Drawn()
    now = max((one.at for one in history), default=at(0))
    alone: dict[tuple[str, float], QueueView] = {}
    for one, pause_s in zip(history, cycle(pauses), strict=False):
        before_at, now = now, now + pause_s
        turn(core, RULES, now, [one])
        news = looked_at(core)
        drawn.touch(news)
        alone |= {(view.queue, now): view for view in Drawn().queues(core, RULES, now)}
        for view in drawn.queues(core, RULES, now):
            assert structs.replace(view, oldest_wait_s=None) == structs.replace(
                alone[view.queue, view.at], oldest_wait_s=None
            )
            assert view.oldest_wait_s == pytest.approx(alone[view.queue, now].oldest_wait_s)
            assert view.at == now or (view.site, view.queue) not in news
            assert view.state == alone[view.queue, now].state
            assert now - view.at < (KEPT_S if view.waiting else IDLE_KEPT_S) + KEPT_S
            assert view.at == now or not view.waiting or now - before_at < KEPT_S


def test_what_is_due_is_drawn_anew_a_share_at_a_time_the_oldest_first() -> None:
    play = Timeline()
    for number in range(8):
        play.tell(0, Enqueued(queue=f"q{number}", channel="phone"), f"c{number}")
    drawn, begun = Drawn(), at(1)
    drawn.queues(play.core, RULES, begun)
    anew = []
    for quarter in range(1, 13):
        now = begun + KEPT_S * quarter / 4
        anew.append(sum(view.at == now for view in drawn.queues(play.core, RULES, now)))
    assert anew == [0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2]  # a quarter of all for a quarter of the time


def test_a_clock_that_is_set_back_has_all_drawn_anew() -> None:
    play = two_queues()
    drawn = Drawn()
    drawn.queues(play.core, RULES, at(5))
    assert {view.at for view in drawn.queues(play.core, RULES, at(4))} == {at(4)}


def test_of_what_nobody_spoke_nothing_is_told() -> None:
    play = two_queues()
    with pytest.raises(KeyError):
        queue_view(play.core, RULES, "default", "returns", at(2))
    with pytest.raises(KeyError):
        promise_views(play.core, "north")
    assert promise(play.core, "north", "sales", "p1") is None
    assert promise(play.core, "default", "returns", "p1") is None


def test_a_source_that_tells_of_several_sites_is_one_and_all_it_told_counts() -> None:
    core = Core()
    for number, site in enumerate(("default", "north", "default")):
        joined = Event(str(number), "/pbx", at(number), Enqueued(**SALES), f"c{number}", site=site)
        turn(core, RULES, at(number), [joined])
    (view,) = source_views(core, RULES).values()
    assert view.events == {"queuewatch.contact.enqueued": 3}
    assert (view.up, view.heard_at) == (True, at(2))
    gone = Event("gone", "/pbx", at(3), SourceStopped(), site="north")
    turn(core, RULES, at(3), [gone])
    (view,) = source_views(core, RULES).values()
    assert (view.up, view.heard_at) == (False, at(3))
    on = Event("on", "/pbx", at(4), Enqueued(**SALES), "c9")
    turn(core, RULES, at(4), [on])
    (view,) = source_views(core, RULES).values()
    assert (view.up, view.heard_at) == (False, at(4))
    assert view.trouble is not None


def test_before_anything_was_told_there_are_no_promises_no_notices_and_no_misfits() -> None:
    play = two_queues()
    assert promise_views(play.core, "default") == []
    assert notices_in_force(play.core) == []
    assert misfits(play.core) == {"default": {}}
    assert set(cares(play.core)) == {"default"}
    assert set(source_views(play.core, RULES)) == {"/pbx"}
