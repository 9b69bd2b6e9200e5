"""Rules that look at the line, by hand: two ahead of Eve, two agents, handling of 100 and then 200 s."""

from __future__ import annotations

from math import exp

import pytest

from queuewatch.core.facts.events import AgentChanged
from tests.core.estimate.others.room import AFTERNOON, Room, in_order, stay
from tests.core.examples import SUPPORT, at, event

ROOM = Room(AFTERNOON)
# Each older one counts 0.98 of the next.
HANDLING_S = (0.98 * 100 + 200) / 1.98


@pytest.mark.parametrize(
    ("rule", "told_s"),
    [
        ("head_of_line", 110.0),  # Cem joined at 150 s
        ("queue_length", 3 * HANDLING_S / 2),
        ("google_ccai", 2 * HANDLING_S / 2 + 10),
        ("rocket_chat", 1.02 * HANDLING_S),
        # Seven arrivals in 260 s are more than two agents can take: held to be 95 % of it.
        ("erlang_c", HANDLING_S / 2 / 0.05),
    ],
)
def test_what_each_rule_tells_eve_as_she_joins(rule: str, told_s: float) -> None:
    assert ROOM.says(rule, 260, "eve") == pytest.approx(told_s)


def test_the_next_one_has_all_who_wait_ahead() -> None:
    assert ROOM.says("queue_length", 260) == pytest.approx(4 * HANDLING_S / 2)
    assert ROOM.says("rocket_chat", 260) == pytest.approx(1.03 * HANDLING_S)


def test_the_head_of_the_line_is_told_nothing_is_left_to_wait() -> None:
    assert ROOM.says("head_of_line", 260, "cem") == 0.0
    assert Room(stay("c1", 0, 10)).says("head_of_line", 20) == 0.0


def test_erlang_c_given_that_one_waits() -> None:
    facts = in_order(
        stay("c1", 0, 20, "ann", done=40), stay("c2", 600, 620, "bob", done=640), stay("c3", 700)
    )
    room = Room(facts)
    faded = sum(exp(-(700 - joined) / 900) for joined in (0, 600, 700))
    arrivals_per_s = faded / (900 * (1 - exp(-700 / 900)))
    answer = room.ask("erlang_c", 700, "c3")
    assert not isinstance(answer, str)
    rate = 2 / 20 - arrivals_per_s
    assert answer.mean_s == pytest.approx(1 / rate)
    assert answer.chance_over(60) == pytest.approx(exp(-60 * rate))
    assert answer.chance_there(60) == pytest.approx(exp(-60 * rate))


def test_queues_of_a_site_share_line_and_agents() -> None:
    """Two wait in sales, one of higher priority and one of lower in support; cleo serves support only."""
    facts = in_order(
        AFTERNOON,
        stay("s1", 200, 210, "cleo", queue=SUPPORT),
        stay("s2", 255, queue=SUPPORT, priority=1),
        stay("s3", 262, queue=SUPPORT),
    )
    room = Room(facts, until_s=262)
    assert room.says("queue_length", 262, "eve") == pytest.approx(4 * HANDLING_S / 3)
    assert room.says("queue_length", 262) == pytest.approx(6 * HANDLING_S / 3)
    # Who goes first has waited 7 s.
    assert room.says("head_of_line", 262) == pytest.approx(7.0)
    assert room.says("head_of_line", 262, "s3", "support") == pytest.approx(7.0)


def test_another_channel_is_another_line() -> None:
    chat = {"queue": "chat", "channel": "chat"}
    room = Room(in_order(AFTERNOON, stay("w1", 1, 2, "wim", queue=chat), stay("w2", 3, queue=chat)))
    assert room.says("queue_length", 260, "eve") == pytest.approx(3 * HANDLING_S / 2)
    assert room.says("head_of_line", 260, "eve") == pytest.approx(110.0)


def test_free_agents_shorten_googles_answer_down_to_nothing() -> None:
    facts = [
        *(
            event(0, AgentChanged(agent=name, state="available", queues=("sales",)), name)
            for name in ("ann", "bob")
        ),
        *stay("c1", 5, 6, "ann", done=26),
    ]
    room = Room(facts)
    # 20 / 2 x (0 - 2) + 10 < 0
    assert room.says("google_ccai", 30) == 0.0
    assert room.says("queue_length", 30) == pytest.approx(10.0)


def test_without_agents_there_is_no_length_to_tell() -> None:
    facts = [*stay("c1", 5, 6, "ann", done=26)]
    room = Room(facts)
    room.take(event(30, AgentChanged(agent="ann", state="offline", queues=("sales",)), "ann"))
    for rule in ("queue_length", "google_ccai", "erlang_c"):
        assert room.ask(rule, 31) == "no_agents"
    assert room.says("rocket_chat", 31) == pytest.approx(20.0)


def test_before_any_conversation_ended_there_is_no_handling_time() -> None:
    room = Room(stay("c1", 5, 6, "ann"))
    for rule in ("queue_length", "google_ccai", "erlang_c", "rocket_chat"):
        assert room.ask(rule, 31) == "too_few_data"
    assert room.scene(31).now == at(31)
