"""Our estimator, from the first contact on."""

from __future__ import annotations

from math import exp
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

from queuewatch.core.estimate.live import ENOUGH, Live
from queuewatch.core.estimate.place import InLine
from queuewatch.core.estimate.wait import Remaining, wait_view
from queuewatch.core.facts.events import Answered, Completed, Enqueued
from queuewatch.core.hours import Hours
from queuewatch.core.rules import QueueRules, Rules
from tests.core.estimate.scenes import Play


def said(live: Live, play: Play, contact: str | None = None, ahead: int = 0) -> Remaining:
    remaining = live.remaining(play.scene(), ahead, None if contact is None else play.visit(contact))
    assert not isinstance(remaining, str)
    return remaining


def lived(play: Play, waits: int, wait_s: float = 40.0) -> None:
    for number in range(waits):
        play.waits(f"c{number}", wait_s)


def test_a_silent_source_and_an_empty_floor_are_no_basis_for_an_estimate() -> None:
    live = Live()
    play = Play(live)
    play.agent("ann", state="offline")
    assert live.remaining(play.scene(), 0, None) == "no_agents"
    play.joins("x")
    play.now += 1.0
    play.falls_silent()
    assert live.remaining(play.scene(), 0, None) == "source_stale"


def test_before_anything_has_been_seen_there_are_too_few_data() -> None:
    live = Live()
    play = Play(live)
    play.joins("x")
    assert live.remaining(play.scene(), 0, play.visit("x")) == "too_few_data"


def test_a_cold_start_is_the_closed_form() -> None:
    live = Live()
    play = Play(live)
    lived(play, ENOUGH - 1)
    assert isinstance(said(live, play), InLine)
    play.waits("last", 40.0)
    assert not isinstance(said(live, play), InLine)


def test_a_queue_nobody_joined_yet_is_left_to_the_closed_form() -> None:
    live = Live()
    play = Play(live)
    lived(play, ENOUGH)
    play.queue = "new"
    play.agent("ann", state="available", queues=("new",))
    assert isinstance(said(live, play), InLine)


def test_it_learns_how_long_waits_are() -> None:
    rng = np.random.default_rng(4)
    live = Live()
    play = Play(live)
    waits_s = rng.gamma(4.0, 20.0, 400)
    for number, wait_s in enumerate(waits_s.tolist()):
        play.waits(f"c{number}", wait_s)
    play.joins("x")
    remaining = said(live, play, "x")
    assert remaining.mean_s == pytest.approx(80.0, rel=0.15)
    assert remaining.quantile_s(0.9) == pytest.approx(float(np.quantile(waits_s, 0.9)), rel=0.2)
    assert remaining.chance_over(60.0) == pytest.approx(float((waits_s > 60.0).mean()), abs=0.1)


def history(play: Play, calls: int, late_s: float) -> None:
    """Calls that wait 40 to 80 s each, told so much later than they happened."""
    first_at, play.now = play.now, play.now + late_s
    phone: dict[str, Any] = {"queue": play.queue, "channel": play.channel}
    for number in range(calls):
        joined_at = first_at + 300.0 * number
        answered_at = joined_at + 40.0 + 20.0 * (number % 3)
        for data, at in (
            (Enqueued(**phone), joined_at),
            (Answered(**phone, agent="ann"), answered_at),
            (Completed(**phone), answered_at + 100.0),
        ):
            play.now = max(at, play.now)
            play.tell(data, f"c{number}", at)


def test_a_history_that_is_read_in_late_teaches_what_it_would_have_taught_in_time() -> None:
    taught = []
    for late_s in (0.0, 86_400.0):
        live = Live()
        history(Play(live), 60, late_s)
        taught.append(live)
    assert taught[0] == taught[1]


def test_one_who_waits_already_was_not_answered_at_once_the_next_one_may_be() -> None:
    live = Live()
    play = Play(live)
    for number in range(200):
        play.waits(f"c{number}", 0.0 if number % 2 else 30.0)
    play.joins("x")
    there = said(live, play, "x").chance_over(5.0)
    play.gives_up("x")
    assert said(live, play).chance_over(5.0) < 0.7 * there


def test_those_who_give_up_are_still_there_less_often_and_make_nobodys_wait_shorter() -> None:
    live = Live()
    play = Play(live)
    for number in range(300):
        if number % 2:
            play.joins(f"g{number}")
            play.now += 30.0
            play.gives_up(f"g{number}")
        play.waits(f"c{number}", 60.0)
    play.joins("x")
    remaining = said(live, play, "x")
    assert remaining.chance_over(45.0) > 0.8
    assert remaining.chance_there(45.0) < 0.8 * remaining.chance_over(45.0)


def test_who_leaves_for_another_reason_has_not_given_up() -> None:
    live = Live()
    play = Play(live)
    for number in range(100):
        play.joins(f"t{number}")
        play.now += 30.0
        play.leaves(f"t{number}")
        play.waits(f"c{number}", 60.0)
    play.joins("x")
    remaining = said(live, play, "x")
    assert remaining.chance_there(45.0) > 0.9 * remaining.chance_over(45.0)


def test_a_visit_told_late_and_retold_leaves_no_trace_behind() -> None:
    live = Live()
    play = Play(live)
    play.joins("x")
    play.now += 50.0
    play.answers("x")
    play.tell(play.site.contacts["x"].told("default")[0].data, "y", at=play.now - 40.0)
    play.answers("y")
    assert live.lanes["phone"].began == {}


def test_who_joined_before_it_listened_teaches_nothing() -> None:
    live = Live()
    play = Play()
    play.joins("x")
    play.estimators = (live,)
    play.now += 30.0
    play.answers("x")
    assert live.lanes["phone"].answering.ended == 0


def test_who_leaves_at_once_proves_nobody_right_or_wrong() -> None:
    live = Live()
    play = Play(live)
    play.joins("x")
    play.leaves("x")
    assert live.lanes["phone"].trust["support"].scores == [0.0, 0.0, 0.0]


def test_a_visit_that_turns_out_never_to_have_been_teaches_nothing() -> None:
    live = Live()
    play = Play(live)
    play.tell(Enqueued(queue="support", channel="phone"), "x", ident="same")
    play.now += 30.0
    play.tell(Enqueued(queue="sales", channel="phone"), "x", at=play.now - 30.0, ident="same")
    assert play.site.queues["support"].line == []
    lane = live.lanes["phone"]
    assert (list(lane.began), lane.answering.ended) == (["sales/1/x"], 0)


def test_channels_learn_apart_and_mail_in_minutes() -> None:
    live = Live()
    calls, mail = Play(live), Play(live, queue="mail", channel="email")
    lived(calls, 50)
    for number in range(200):
        mail.waits(f"m{number}", 3 * 3600.0, handling_s=300.0)
    mail.joins("x")
    assert said(live, mail, "x").mean_s == pytest.approx(3 * 3600.0, rel=0.3)
    calls.joins("x")
    assert said(live, calls, "x").mean_s == pytest.approx(40.0, rel=0.3)


def test_its_memory_is_frozen_with_the_core_and_thawed_as_it_was() -> None:
    live = Live()
    play = Play(live)
    lived(play, 30)
    play.joins("x")
    thawed = msgspec.msgpack.decode(msgspec.msgpack.encode(live), type=Live)
    assert thawed == live
    assert said(thawed, play, "x").mean_s == said(live, play, "x").mean_s
    play.estimators = (thawed,)
    play.now += 20.0
    play.answers("x")
    assert thawed.lanes["phone"].answering.ended == live.lanes["phone"].answering.ended + 1


def test_more_before_one_is_a_longer_wait() -> None:
    rng = np.random.default_rng(5)
    live = Live()
    play = Play(live)
    serial = 0
    for _ in range(150):
        line = [f"c{serial + number}" for number in range(int(rng.integers(1, 6)))]
        serial += len(line)
        for contact in line:
            play.joins(contact)
        for contact in line:
            play.now += float(rng.exponential(60.0))
            play.answers(contact)
            play.ends(contact)
    for contact in ("x", "y", "z"):
        play.joins(contact)
    means = [said(live, play, contact, ahead).mean_s for ahead, contact in enumerate("xyz")]
    assert means == sorted(means)
    assert means[0] == pytest.approx(60.0, rel=0.4)
    assert said(live, play, "x").chance_over(60.0) == pytest.approx(exp(-1.0), abs=0.15)


def test_mail_of_a_queue_with_a_calendar_is_measured_in_opening_time() -> None:
    # Open every day from 9 to 17 o'clock: what takes two open hours takes the night as well late in the day.
    hours = Hours(zone=ZoneInfo("UTC"), week=(((32_400.0, 61_200.0),),) * 7)
    live = Live()
    play = Play(live, queue="mail", channel="email", rules=Rules(queues={"mail": QueueRules(hours=hours)}))
    for number in range(40):
        opens_at = hours.opens_at(play.now)
        assert opens_at is not None
        play.now = opens_at
        play.waits(f"m{number}", 7200.0, handling_s=600.0)
    opens_at = hours.opens_at(play.now + 12 * 3600.0)
    assert opens_at is not None
    play.now = opens_at + 7.5 * 3600.0
    play.joins("x")
    told = said(live, play, "x")
    # Half an hour is left today; the rest of the two hours comes after 16 hours of night.
    assert told.quantile_s(0.5) == pytest.approx(18 * 3600.0, rel=0.1)
    assert told.chance_over(8 * 3600.0) == told.chance_over(16 * 3600.0) > 0.7


def test_the_next_one_stands_behind_whoever_joined_in_this_very_moment() -> None:
    live = Live()
    play = Play(live)
    lived(play, 2 * ENOUGH)
    alone = said(live, play).chance_over(60.0)
    play.joins("x")
    at_once = said(live, play, ahead=1).chance_over(60.0)
    play.now += 0.001
    assert at_once == pytest.approx(said(live, play, ahead=1).chance_over(60.0), abs=0.001)
    assert at_once > alone


@pytest.mark.parametrize(("priority", "chance"), [(0, 0.8), (1, 0.0)])
def test_where_others_pass_the_line_the_next_may_too_unless_only_the_urgent_do(
    priority: int, chance: float
) -> None:
    live = Live()
    play = Play(live)
    lived(play, 40)
    play.joins("stays", priority)
    for number in range(120):
        play.joins(f"p{number}", priority)
        play.answers(f"p{number}")
        play.now += 20.0
        play.ends(f"p{number}")
    assert 1.0 - said(live, play, ahead=1).chance_over(0.0) == pytest.approx(chance, abs=0.1)


def test_what_the_next_is_told_holds_where_waits_are_none_or_long() -> None:
    rng = np.random.default_rng(8)
    live = Live()
    play = Play(live)
    inside: list[bool] = []
    for number, wait_s in enumerate((rng.gamma(2.0, 30.0, 500) * (rng.random(500) < 0.5)).tolist()):
        if number > 120:
            view = wait_view(live, play.scene(), 0, None, ())
            assert view.range_s is not None
            low_s, high_s = view.range_s
            inside.append(low_s <= wait_s <= high_s)
        play.waits(f"c{number}", wait_s)
    assert np.mean(inside) == pytest.approx(0.8, abs=0.04)
