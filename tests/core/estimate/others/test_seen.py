"""What the rules look at: the pool's line and crew, and which moves end a wait or a conversation."""

from __future__ import annotations

from bisect import bisect_left

from queuewatch.core.estimate.others import PRODUCTS, others
from queuewatch.core.estimate.others.seen import Crew, ahead_of, crew
from queuewatch.core.facts.events import AgentChanged
from queuewatch.core.state.site import line_place
from tests.core.estimate.others.room import AFTERNOON, Room, in_order, stay
from tests.core.examples import SUPPORT, event


def test_every_rule_says_whose_it_is() -> None:
    assert {one.name for one in others()} == set(PRODUCTS)


def test_two_sites_never_share_a_memory() -> None:
    first, second = others(), others()
    assert first == second
    assert all(one is not other for one, other in zip(first, second, strict=True))


def test_ahead_of_somebody_are_those_of_all_lines_who_go_first() -> None:
    facts = in_order(
        AFTERNOON,
        stay("s1", 210, queue=SUPPORT, priority=2),
        stay("s2", 259, queue=SUPPORT),
        stay("s3", 261, queue=SUPPORT),
    )
    scene = Room(facts).scene(265)
    eve = scene.site.contacts["eve"].visit("sales", 1)
    own = bisect_left(scene.queue.line, line_place(eve))
    assert own == 2
    assert ahead_of(scene, own, eve) == 4
    assert ahead_of(scene, len(scene.queue.line), None) == 6


def test_the_crew_are_those_on_duty_for_any_queue_of_the_channel() -> None:
    facts = [
        event(0, AgentChanged(state="available", queues=("sales",)), "ann"),
        event(0, AgentChanged(state="not_ready", queues=("sales",)), "bob"),
        event(0, AgentChanged(state="wrap_up", queues=("support",)), "cleo"),
        event(0, AgentChanged(state="available", queues=("chat",), capacity={"chat": 3}), "wim"),
        *stay("c1", 5),
    ]
    assert crew(Room(facts).scene(10)) == Crew(on_duty=2, available=1)


def test_an_agent_nobody_declares_is_gone_half_an_hour_after_the_last_contact() -> None:
    room = Room(stay("c1", 0, 1, "ann", done=10))
    assert crew(room.scene(10 + 1800)) == Crew(1, 1)
    assert crew(room.scene(10 + 1801)) == Crew(0, 0)
