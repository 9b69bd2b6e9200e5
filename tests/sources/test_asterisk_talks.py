"""Tests of calls and agents, made by hand: offers, transfers, holds, and talks cut off from us."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.events import (
    AgentChanged,
    AgentSeen,
    Answered,
    Completed,
    Enqueued,
    OfferFailed,
    QueueSnapshot,
    Transferred,
)
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.turn import turn
from tests.sources.ami import Pbx, call, member


def test_a_blind_transfer_back_races_with_the_end_of_the_first_stay() -> None:
    pbx = Pbx()
    pbx.says("QueueCallerJoin", 10.0, **call())
    pbx.says("AgentConnect", 15.0, membername="Ada", **call())
    pbx.says("BlindTransfer", 60.0, result="Success", transfereruniqueid="a1", transfereeuniqueid="c1")
    assert [type(data) for data in pbx.says("QueueCallerJoin", 60.1, **call())] == [Enqueued]
    assert pbx.says("AgentComplete", 60.2, membername="Ada", reason="transfer", **call()) == [
        Transferred(queue="desk", channel="phone", kind="blind", to_queue="desk"),
        Completed(queue="desk", channel="phone", ended_by="transfer"),
    ]
    assert [type(data) for data in pbx.says("AgentConnect", 70.0, membername="Bob", **call())] == [Answered]
    core = Core()
    turn(core, Rules(), 70.0, pbx.told)
    assert [(visit.stage, visit.agent) for visit in core.sites["north"].contacts["c1"].visits] == [
        ("completed", "Ada"),
        ("answered", "Bob"),
    ]


def test_a_transfer_that_failed_is_none() -> None:
    pbx = Pbx()
    pbx.says("AgentConnect", 15.0, membername="Ada", **call())
    pbx.says("BlindTransfer", 60.0, result="Fail", transfereeuniqueid="c1")
    assert [type(data) for data in pbx.says("AgentComplete", 60.2, membername="Ada", **call())] == [Completed]


@pytest.mark.parametrize("told_by", ["event", "link alone"])
def test_an_attended_transfer_leaves_no_ghost(told_by: str) -> None:
    pbx = Pbx()
    pbx.says("QueueCallerJoin", 10.0, **call())
    pbx.says("AgentConnect", 15.0, membername="Ada", **call())
    pbx.says("QueueCallerJoin", 50.0, **call("k1", "repair", "k1" if told_by == "event" else "c1"))
    if told_by == "event":
        pbx.says(
            "AttendedTransfer",
            60.0,
            result="Success",
            desttype="App",
            destapp="Queue",
            origtransfererlinkedid="c1",
            secondtransfereruniqueid="k1",
            transfereeuniqueid="c1",
        )
        assert pbx.says("AgentComplete", 60.1, membername="Ada", reason="transfer", **call())[
            0
        ] == Transferred(queue="desk", channel="phone", kind="attended", to_queue="repair")
    pbx.says("QueueCallerLeave", 70.0, **call("c1", "repair"))
    pbx.says("AgentConnect", 70.0, membername="Bob", holdtime="20", **call("c1", "repair"))
    pbx.says("AgentComplete", 99.0, membername="Bob", reason="caller", **call("c1", "repair"))
    core = Core()
    turn(core, Rules(), 99.0, pbx.told)
    assert core.sites["north"].queues["repair"].line == []
    assert [(v.stage, v.agent, v.wait_s) for v in core.sites["north"].contacts["k1"].visits] == [
        ("completed", "Bob", 20.0)
    ]


def test_an_attended_transfer_that_failed_or_that_nobody_knows_says_nothing() -> None:
    pbx = Pbx()
    assert pbx.says("AttendedTransfer", 60.0, result="Fail", transfereeuniqueid="c1") == []
    assert pbx.says("AttendedTransfer", 60.0, result="Success", transfereeuniqueid="c1") == []
    pbx.says("AgentConnect", 61.0, membername="Ada", **call())
    assert pbx.says("AttendedTransfer", 62.0, result="Success", transfereeuniqueid="c1") == []


def test_holds_add_up() -> None:
    pbx = Pbx()
    pbx.says("AgentConnect", 15.0, membername="Ada", **call())
    for start, end in ((20.0, 25.0), (30.0, 31.5)):
        pbx.says("Hold", start, uniqueid="a1", linkedid="c1")
        pbx.says("Unhold", end, uniqueid="a1", linkedid="c1")
    pbx.says("Unhold", 40.0, uniqueid="a1", linkedid="c1")
    (completed,) = pbx.says("AgentComplete", 60.0, membername="Ada", talktime="45", **call())
    assert isinstance(completed, Completed)
    assert completed.hold_s == 6.5


def test_offers_come_to_nothing() -> None:
    pbx = Pbx()
    pbx.says("QueueCallerJoin", 10.0, **call())
    for event, reason in (("AgentRingNoAnswer", "no_answer"), ("AgentDump", "refused")):
        pbx.says("AgentCalled", 11.0, membername="Ada", **call())
        assert pbx.says(event, 20.0, membername="Ada", ringtime="9000", **call()) == [
            OfferFailed(queue="desk", channel="phone", agent="Ada", reason=reason)  # type: ignore[arg-type]
        ]
        assert pbx.agents()[-1][2].state == "available"


def test_everybody_a_call_rang_at_is_free_when_it_is_gone() -> None:
    pbx = Pbx()
    pbx.says("QueueCallerJoin", 10.0, **call())
    for agent in ("Ada", "Bob"):
        pbx.says("AgentCalled", 11.0, membername=agent, **call())
    pbx.says("HangupRequest", 15.0, uniqueid="c1")
    pbx.says("QueueCallerAbandon", 15.0, **call())
    pbx.says("QueueCallerLeave", 15.0, **call())
    assert [(agent, change.state) for _, agent, change in pbx.agents()] == [
        ("Ada", "ringing"),
        ("Bob", "ringing"),
        ("Ada", "available"),
        ("Bob", "available"),
    ]


def test_what_began_before_the_connection_is_told_by_its_end() -> None:
    pbx = Pbx()
    assert pbx.says("AgentConnect", 15.0, membername="Ada", holdtime="7", **call()) == [
        Answered(queue="desk", channel="phone", agent="Ada", wait_s=7)
    ]
    assert pbx.says("AgentComplete", 60.0, membername="Bob", reason="agent", **call("c2")) == [
        Completed(queue="desk", channel="phone", ended_by="agent")
    ]


def test_an_end_without_its_call_is_found_by_its_agent() -> None:
    pbx = Pbx()
    pbx.says("AgentConnect", 15.0, membername="Ada", **call())
    pbx.says("AgentComplete", 60.0, queue="desk", membername="Ada", talktime="45")
    assert pbx.told[-1].subject in {"c1", "Ada"}
    assert [event.subject for event in pbx.told if isinstance(event.data, Completed)] == ["c1"]
    assert pbx.says("AgentComplete", 60.0, queue="desk", membername="Ada") == []
    assert [one.detail for one in pbx.refused] == ["AgentComplete has no uniqueid"]


def after_a_cut(talks: str, last_call: str = "0") -> Pbx:
    """Ada took a call, the line was cut at 30 s, and at 100 s the PBX lists her."""
    pbx = Pbx()
    pbx.says("QueueCallerJoin", 10.0, **call())
    pbx.says("AgentConnect", 20.0, **call(), membername="Ada")
    pbx.told += pbx.translator.cut(30.0, "the cable is out")
    pbx.says("QueueParams", 100.0, queue="desk")
    pbx.says("QueueMember", 100.0, **member(), incall=talks, lastcall=last_call)
    pbx.told.clear()
    pbx.says("QueueStatusComplete", 100.0)
    return pbx


def test_a_talk_that_ended_while_nobody_listened_is_over_when_the_pbx_lists_its_agent_free() -> None:
    pbx = after_a_cut("0", last_call="70")
    completed, snapshot = pbx.told
    assert completed.data == Completed(queue="desk", channel="phone")
    assert (completed.at, completed.subject) == (70.0, "c1")
    assert isinstance(snapshot.data, QueueSnapshot)
    assert snapshot.data.agents == (AgentSeen(agent="Ada", state="available"),)


@pytest.mark.parametrize("last_call", ["0", "19", "101"])
def test_where_the_pbx_does_not_say_when_it_is_over_by_then(last_call: str) -> None:
    assert after_a_cut("0", last_call).told[0].at == 100.0


def test_a_talk_that_goes_on_over_a_cut_line_is_not_over_and_its_end_is_heard() -> None:
    pbx = after_a_cut("1")
    (snapshot,) = pbx.told
    assert isinstance(snapshot.data, QueueSnapshot)
    assert snapshot.data.agents == (AgentSeen(agent="Ada", state="busy"),)
    assert pbx.says("AgentComplete", 120.0, **call(), membername="Ada", talktime="100") == [
        Completed(queue="desk", channel="phone", talk_s=100)
    ]
    assert pbx.agents() == [(120.0, "Ada", AgentChanged(state="available"))]


def test_a_version_that_does_not_say_who_talks_says_whose_telephone_is_in_use() -> None:
    assert len(after_a_cut("").told) == 2


def test_who_is_not_in_the_list_may_talk_on() -> None:
    pbx = Pbx()
    pbx.says("AgentConnect", 20.0, **call(), membername="Ada")
    pbx.translator.cut(30.0, "the cable is out")
    pbx.says("QueueParams", 100.0, queue="desk")
    (snapshot,) = pbx.says("QueueStatusComplete", 100.0)
    assert isinstance(snapshot, QueueSnapshot)


def test_the_end_of_a_talk_that_only_the_list_told_of_frees_its_agent_and_asks_for_the_list_once() -> None:
    pbx = Pbx()
    pbx.says("QueueParams", 100.0, queue="desk")
    pbx.says("QueueMember", 100.0, **member(), incall="1")
    (snapshot,) = pbx.says("QueueStatusComplete", 100.0)
    assert isinstance(snapshot, QueueSnapshot)
    assert snapshot.agents == (AgentSeen(agent="Ada", state="busy"),)
    pbx.says("AgentComplete", 120.0, **call(), membername="Ada")
    assert pbx.agents() == [(120.0, "Ada", AgentChanged(state="available"))]
    assert pbx.translator.wants_status
    pbx.translator.wants_status = False
    pbx.says("AgentComplete", 130.0, **call("c2"), membername="Ada")
    assert not pbx.translator.wants_status
