"""Tests of how long a look holds, with chances and times exactly on their borders."""

from __future__ import annotations

from datetime import UTC

import pytest
from msgspec import structs

from queuewatch.core.estimate.learned import FREE_BELIEVED_S
from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import Enqueued
from queuewatch.core.hours import Hours
from queuewatch.core.notices import calm
from queuewatch.core.notices.calm import CALM_S, DRIFT, REFRESH_S, SHOVE
from queuewatch.core.notices.watch import Condition, Watch
from queuewatch.core.rules import NoticeRule, QueueRules
from queuewatch.core.turn import looked_at
from tests.core.estimate.scenes import START_AT, Play
from tests.core.examples import SALES, at
from tests.stories.timeline import Timeline

# Borders that binary fractions meet exactly.
NOTICE = NoticeRule(enter_chance=0.5, end_chance=0.25)
OWN = QueueRules(notice=NOTICE)
HEARD = 7


def held_for(  # what a look may find
    past_60: float = 0.0,
    past_180: float = 0.0,
    *,
    watch: Watch | None = None,
    play: Play | None = None,
    due_at: float | None = None,
    heard_since: int = 0,
    known: bool = True,
) -> float:
    """For how many seconds, to a quarter, a look that is taken now holds; -1: not at all."""
    watch = Watch() if watch is None else watch
    scene = (quiet() if play is None else play).scene("support")
    chances = {"60": past_60, "180": past_180} if known else None
    calm.settle(watch, scene, chances, OWN, due_at, HEARD)
    quarters = range(int(4 * CALM_S) + 5)
    held = [i / 4 for i in quarters if calm.holds(watch, HEARD + heard_since, None, scene.now + i / 4)]
    return max(held, default=-1.0)


def quiet() -> Play:
    """A queue in which one has waited for a minute and more."""
    play = Play()
    play.joins("ada")
    play.now = START_AT + 100.0
    return play


def test_where_all_chances_are_far_from_their_borders_a_look_holds_whatever_the_others_do() -> None:
    assert held_for(0.5 - SHOVE - DRIFT, heard_since=3) == CALM_S
    assert held_for(0.0, 0.5 - SHOVE - DRIFT, heard_since=3) == CALM_S


def test_nearer_to_a_border_it_holds_until_the_site_tells_a_fact() -> None:
    assert held_for(0.25) == CALM_S
    assert held_for(0.25, heard_since=1) == -1.0
    assert held_for(0.0, 0.25, heard_since=1) == -1.0


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_nearer_to_a_border_on_either_side_the_less_long_it_holds(side: float) -> None:
    assert held_for(0.5 + side * DRIFT) == CALM_S
    assert held_for(0.5 + side * DRIFT / 2.0) == CALM_S / 2.0
    assert held_for(0.5 + side * DRIFT / 4.0) == CALM_S / 4.0
    assert held_for(0.0, 0.5 + side * DRIFT / 2.0) == CALM_S / 2.0
    assert held_for(0.5) == 0.0


def test_a_busy_queue_is_as_calm_as_its_chance_is_over_the_border_of_the_end() -> None:
    watch = Watch(busy=Condition(active=True))
    assert held_for(0.75, heard_since=1, watch=watch) == CALM_S
    assert held_for(0.5, heard_since=1, watch=watch) == -1.0
    assert held_for(0.25, watch=watch) == 0.0


def test_while_something_turns_a_look_holds_to_the_moment_before_it_has_turned() -> None:
    turns_at = START_AT + 100.0 + 8.0
    assert held_for(0.875, due_at=turns_at) == 7.75
    assert held_for(0.875, due_at=turns_at + 0.25) == 8.0


def test_where_nobody_can_say_every_look_is_taken_also_after_a_calm_one() -> None:
    watch = Watch()
    assert held_for(watch=watch) == CALM_S
    assert held_for(watch=watch, known=False) == -1.0


def test_where_waits_pass_in_opening_time_alone_every_look_is_taken() -> None:
    watch, scene = Watch(), quiet().scene("support")
    hours = Hours(zone=UTC, week=((),) * 7)
    calm.settle(watch, structs.replace(scene, hours=hours), {"60": 0.0, "180": 0.0}, OWN, None, HEARD)
    assert not calm.holds(watch, HEARD, None, scene.now)


@pytest.mark.parametrize("jumps_s", [FREE_BELIEVED_S, OWN.thresholds_s[-1]])
def test_a_look_holds_up_to_the_second_at_which_somebody_has_waited_so_long(jumps_s: float) -> None:
    play = Play()
    play.joins("ada")
    play.now = START_AT + jumps_s - 8.0
    assert held_for(play=play) == 8.0
    play.now = START_AT + jumps_s
    assert held_for(play=play) == 0.0
    play.now = START_AT + jumps_s + 0.25
    assert held_for(play=play) == CALM_S


def test_a_look_holds_no_longer_than_agents_are_known_to_be_there() -> None:
    play = Play()
    play.waits("ada", 30.0)
    play.now = play.scene("support").queue.duty.until_at - 6.0  # type: ignore[union-attr]
    assert held_for(play=play) == 6.0


def test_what_an_alert_is_going_to_say_is_fresh() -> None:
    watch, scene = Watch(), quiet().scene("support")
    calm.settle(watch, scene, {"60": 0.0, "180": 0.0}, OWN, None, HEARD)
    assert calm.holds(watch, HEARD, scene.now + REFRESH_S + 0.25, scene.now)
    assert not calm.holds(watch, HEARD, scene.now + REFRESH_S, scene.now)


def test_a_notice_is_told_to_the_second_also_where_the_looks_before_hold() -> None:
    place = Timeline()
    place.tell(0, NoticeOverridden(queue="sales", level="busy", by="Grace", until_at=at(12.25)), "")
    place.until(12.0)
    assert place.queue().notice.level == "busy"
    place.until(12.25)
    assert [one.at for one in place.decisions] == [at(0), at(12.25)]


def test_a_calm_queue_is_looked_at_again_when_its_look_is_over_or_a_fact_of_its_own_comes() -> None:
    place = Timeline()
    place.tell(0, NoticeOverridden(queue="sales", level="busy", by="Grace", until_at=None), "")
    watch = place.core.attention["default"].watches["sales"]
    place.until(CALM_S + REFRESH_S - 0.001)
    assert watch.looked_at == at(0)
    place.until(CALM_S + REFRESH_S)
    assert watch.looked_at == at(CALM_S + REFRESH_S)
    place.tell(27, Enqueued(**SALES), "ada")
    assert watch.looked_at == at(27)


def test_what_others_see_of_a_calm_queue_is_still_made_anew_every_five_seconds() -> None:
    place = Timeline()
    place.tell(0, NoticeOverridden(queue="sales", level="busy", by="Grace", until_at=None), "")
    looked_at(place.core)
    place.until(REFRESH_S)
    assert looked_at(place.core) == [("default", "sales")]
