"""Who is on duty when."""

from __future__ import annotations

from typing import Any

import numpy as np

from queuewatch.core.facts.terms import Channel
from queuewatch.simulate.centre import AgentPlan, Centre
from queuewatch.simulate.duty import Change, changes
from queuewatch.simulate.roster import Stint
from queuewatch.simulate.truth import NOBODY, Offer, Outcome, Truth, Visits
from tests.simulate.centres import a_queue

UNTIL_AT = 1000.0


def told(
    answered: list[tuple[float, float, float]],
    stints: tuple[Stint, ...] = (Stint(0.0, UNTIL_AT),),
    offers: tuple[Offer, ...] = (),
    channel: Channel = "phone",
    capacity: int = 1,
) -> list[tuple[float, str, str | None]]:
    """What is heard of one agent who answered (at, talk, wrap-up)."""
    n = len(answered)
    at, talk, wrap_up = (np.array(column, dtype=float) for column in zip(*answered, strict=True))
    zeros, nobody = np.zeros(n, dtype=np.int64), np.full(n, NOBODY)
    visits = Visits(
        contact=np.arange(n),
        number=zeros + 1,
        queue=zeros,
        customer=zeros,
        standing=nobody,
        language=nobody,
        enqueued_at=at - 1,
        patience_s=np.full(n, np.inf),
        handling_s=talk,
        wrap_up_s=wrap_up,
        agent=zeros,
        outcome=zeros + Outcome.ANSWERED,
        left_at=at,
        offered_wait_s=np.ones(n),
        transferred_to=nobody,
    )
    queue = a_queue("q", channel=channel, rest_s=30.0)
    agent = AgentPlan(name="ada", skills={"q": 1}, capacity={channel: capacity})
    centre = Centre(queues=(queue,), agents=(agent,))
    truth = Truth(
        centre=centre, start_at=0.0, until_at=UNTIL_AT, visits=visits, offers=offers, roster=(stints,)
    )
    found = list(changes(truth))
    assert all(one.agent == 0 for one in found)
    return [(one.at, one.state, one.reason) for one in found]


def test_an_agent_talks_wraps_up_and_is_available_again() -> None:
    assert told([(100.0, 50.0, 20.0), (300.0, 10.0, 0.0)]) == [
        (0.0, "available", None),
        (100.0, "busy", None),
        (150.0, "wrap_up", None),
        (170.0, "available", None),
        (300.0, "busy", None),
        (310.0, "available", None),
    ]


def test_the_next_contact_at_the_same_moment_leaves_no_gap() -> None:
    assert told([(100.0, 50.0, 0.0), (150.0, 10.0, 0.0)]) == [
        (0.0, "available", None),
        (100.0, "busy", None),
        (160.0, "available", None),
    ]


def test_a_break_is_not_ready_and_the_end_of_the_shift_is_offline_both_after_the_contact() -> None:
    stints = (Stint(10.0, 100.0, "break"), Stint(200.0, 300.0))
    assert told([(90.0, 20.0, 5.0), (290.0, 20.0, 0.0)], stints) == [
        (10.0, "available", None),
        (90.0, "busy", None),
        (110.0, "wrap_up", None),
        (115.0, "not_ready", "break"),
        (200.0, "available", None),
        (290.0, "busy", None),
        (310.0, "offline", None),
    ]


def test_a_chat_agent_is_available_until_all_hands_are_full() -> None:
    chats = [(100.0, 100.0, 0.0), (120.0, 10.0, 5.0)]
    assert told(chats, channel="chat", capacity=2) == [
        (0.0, "available", None),
        (120.0, "busy", None),
        (135.0, "available", None),
    ]


def test_a_chat_agent_who_may_take_no_more_is_busy_to_the_last_chat() -> None:
    assert told([(40.0, 30.0, 0.0)], (Stint(0.0, 50.0),), channel="chat", capacity=3) == [
        (0.0, "available", None),
        (50.0, "busy", None),
        (70.0, "offline", None),
    ]


def test_ringing_is_heard_and_who_does_not_answer_is_not_ready_for_a_while() -> None:
    offers = (Offer(0, 0, 80.0, np.inf, 95.0, "no_answer"), Offer(0, 0, 125.0, 130.0, 130.0, "answered"))
    assert told([(130.0, 20.0, 0.0)], offers=offers) == [
        (0.0, "available", None),
        (80.0, "ringing", None),
        (95.0, "not_ready", "no_answer"),
        (125.0, "ringing", None),
        (130.0, "busy", None),
        (150.0, "available", None),
    ]


def test_what_rings_at_the_end_of_the_simulation_goes_on_ringing() -> None:
    assert told([(100.0, 10.0, 0.0)], offers=(Offer(0, 0, 995.0, 1005.0),))[-1] == (995.0, "ringing", None)


def test_nothing_is_heard_from_the_end_on() -> None:
    assert told([(995.0, 20.0, 0.0)])[-1] == (995.0, "busy", None)


def test_who_comes_back_on_duty_logs_in_again() -> None:
    centre = Centre(queues=(a_queue(),), agents=(AgentPlan(name="ada", skills={"support": 1}),))
    nothing: dict[str, Any] = {name: np.empty(0, dtype=np.int64) for name in Visits.__struct_fields__}
    stints = (Stint(10.0, 100.0, "break"), Stint(110.0, 120.0), Stint(200.0, 300.0))
    truth = Truth(
        centre=centre, start_at=0, until_at=1000, visits=Visits(**nothing), offers=(), roster=(stints,)
    )
    assert list(changes(truth)) == [
        Change(10.0, 0, "available", None, login=True, back=True),
        Change(100.0, 0, "not_ready", "break", login=False, back=False),
        Change(110.0, 0, "available", None, login=False, back=True),
        Change(120.0, 0, "offline", None, login=False, back=False),
        Change(200.0, 0, "available", None, login=True, back=True),
        Change(300.0, 0, "offline", None, login=False, back=False),
    ]
