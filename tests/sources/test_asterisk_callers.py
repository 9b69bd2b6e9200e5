"""Tests of callers in the queues, made by hand: each trap of who left and why."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.events import Abandoned, Answered, Completed, Enqueued, Event, Left, Offered
from tests.sources.ami import Pbx, call


def test_an_answer_settles_who_left() -> None:
    pbx = Pbx()
    assert pbx.says(
        "QueueCallerJoin", 10.0, calleridnum="0207", position="1", language="en_GB", **call()
    ) == [Enqueued(queue="desk", channel="phone", customer="hash of 0207", position=1, language="en-GB")]
    assert pbx.says("AgentCalled", 11.0, membername="Ada", **call()) == [
        Offered(queue="desk", channel="phone", agent="Ada")
    ]
    assert pbx.says("QueueCallerLeave", 15.0, **call()) == [Left(queue="desk", channel="phone")]
    assert pbx.says("AgentConnect", 15.1, membername="Ada", holdtime="5", ringtime="4", **call()) == [
        Answered(queue="desk", channel="phone", agent="Ada", wait_s=5, ring_s=4)
    ]
    assert pbx.waits(100.0) == []
    assert pbx.says("AgentComplete", 60.0, membername="Ada", talktime="45", reason="caller", **call()) == [
        Completed(queue="desk", channel="phone", talk_s=45, ended_by="customer")
    ]
    assert [(at, change.state) for at, _, change in pbx.agents()] == [
        (11.0, "ringing"),
        (15.1, "busy"),
        (60.0, "available"),
    ]


def leaving(pbx: Pbx, *, gave_up: bool, hung_up: bool = False) -> None:
    pbx.says("QueueCallerJoin", 10.0, **call())
    if hung_up:
        pbx.says("HangupRequest", 15.0, uniqueid="c1")
    if gave_up:
        pbx.says("QueueCallerAbandon", 15.0, holdtime="5", **call())
    pbx.says("QueueCallerLeave", 15.0, **call())


def last_end(pbx: Pbx) -> Event:
    return [event for event in pbx.told if isinstance(event.data, Left | Abandoned)][-1]


def test_who_hung_up_before_abandoned_at_once() -> None:
    pbx = Pbx()
    leaving(pbx, gave_up=True, hung_up=True)
    assert [type(event.data) for event in pbx.told] == [Enqueued, Abandoned]
    assert last_end(pbx).data == Abandoned(queue="desk", channel="phone", wait_s=5)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("TIMEOUT", "timed_out"),
        ("LEAVEEMPTY", "empty"),
        ("LEAVEUNAVAIL", "empty"),
        ("WITHDRAW", "withdrawn"),
    ],
)
@pytest.mark.parametrize("gave_up", [True, False])
def test_the_variable_says_why_a_call_left(value: str, reason: str, gave_up: bool) -> None:
    pbx = Pbx()
    leaving(pbx, gave_up=gave_up)
    pbx.says("VarSet", 15.1, variable="QUEUESTATUS", value=value, uniqueid="c1")
    assert last_end(pbx).at == 15.0
    assert last_end(pbx).data == Left(
        queue="desk",
        channel="phone",
        reason=reason,  # type: ignore[arg-type]
        wait_s=5.0 if gave_up else None,
    )


def test_the_variable_may_come_before_the_leaving_and_long_after() -> None:
    early, late = Pbx(), Pbx()
    early.says("QueueCallerJoin", 10.0, **call())
    early.says("VarSet", 15.0, variable="QUEUESTATUS", value="TIMEOUT", uniqueid="c1")
    early.says("QueueCallerLeave", 15.0, **call())
    leaving(late, gave_up=True, hung_up=True)
    late.waits(30.0)
    late.says("VarSet", 45.0, variable="QUEUESTATUS", value="TIMEOUT", uniqueid="c1")
    for pbx in (early, late):
        assert isinstance(last_end(pbx).data, Left)
        assert last_end(pbx).at == 15.0
    late.waits(100.0)
    assert late.says("VarSet", 150.0, variable="QUEUESTATUS", value="TIMEOUT", uniqueid="c1") == []


def stopping(pbx: Pbx, *, sees_hangups: bool = True) -> None:
    """The PBX is stopped while c1 waits, as a real one says it."""
    pbx.says("QueueCallerJoin", 10.0, **call())
    if sees_hangups:
        pbx.says("SoftHangupRequest", 15.0, uniqueid="c0", cause="4")
        pbx.says("SoftHangupRequest", 15.0, uniqueid="c1", cause="4")
        pbx.says("HangupRequest", 15.0, uniqueid="c1", cause="0")
    pbx.says("QueueCallerAbandon", 15.0, holdtime="5", **call())
    pbx.says("QueueCallerLeave", 15.0, **call())


def test_whom_a_pbx_that_is_stopped_hangs_up_on_was_sent_away_at_once() -> None:
    pbx = Pbx()
    stopping(pbx)
    assert pbx.told[-1].data == Left(queue="desk", channel="phone", reason="system", wait_s=5.0)


def test_who_hung_up_before_the_pbx_was_stopped_has_abandoned() -> None:
    pbx = Pbx()
    pbx.says("QueueCallerJoin", 10.0, **call())
    pbx.says("HangupRequest", 14.9, uniqueid="c1")
    pbx.says("SoftHangupRequest", 15.0, uniqueid="c0", cause="4")
    pbx.says("QueueCallerLeave", 15.0, **call())
    assert pbx.told[-1].data == Abandoned(queue="desk", channel="phone")


def test_a_hangup_that_the_pbx_asks_for_otherwise_says_nothing_of_those_who_wait() -> None:
    pbx = Pbx()
    pbx.says("SoftHangupRequest", 9.0, uniqueid="c0", cause="16")
    leaving(pbx, gave_up=True, hung_up=True)
    assert isinstance(last_end(pbx).data, Abandoned)


def test_once_the_connection_is_cut_the_pbx_is_being_stopped_no_more() -> None:
    pbx = Pbx()
    pbx.says("SoftHangupRequest", 9.0, uniqueid="c0", cause="4")
    pbx.translator.cut(9.5, "gone")
    leaving(pbx, gave_up=True, hung_up=True)
    assert isinstance(last_end(pbx).data, Abandoned)


def test_without_the_right_to_see_hangups_who_left_just_before_a_shutdown_was_sent_away() -> None:
    pbx = Pbx()
    stopping(pbx, sees_hangups=False)
    pbx.says("Shutdown", 16.1)
    end = last_end(pbx)
    assert (end.at, end.data) == (15.0, Left(queue="desk", channel="phone", reason="system", wait_s=5.0))


def test_the_last_caller_who_gives_up_before_a_graceful_stop_has_abandoned() -> None:
    pbx = Pbx()
    leaving(pbx, gave_up=True, hung_up=True)
    pbx.says("Shutdown", 15.5)
    assert isinstance(last_end(pbx).data, Abandoned)


@pytest.mark.parametrize(
    ("gave_up", "variables", "hangups", "says"),
    [
        (True, True, True, Abandoned),  # the variable would have been set
        (True, True, False, Abandoned),
        (True, False, False, Abandoned),  # nothing else can be known
        (True, False, True, "unknown"),  # the caller did not hang up
        (False, True, True, "key"),  # and not for any reason that sets the variable
        (False, False, True, "unknown"),
    ],
)
def test_after_a_grace_time_what_did_not_come_tells_why(
    gave_up: bool, variables: bool, hangups: bool, says: object
) -> None:
    pbx = Pbx(grace_s=2.0)
    if variables:
        pbx.says("VarSet", 5.0, variable="QUEUEPOSITION", value="1", uniqueid="c0")
    if hangups:
        pbx.says("HangupRequest", 5.0, uniqueid="c0")
    leaving(pbx, gave_up=gave_up)
    assert last_end(pbx).data == Left(queue="desk", channel="phone", wait_s=5.0 if gave_up else None)
    assert pbx.translator.next_at() == 17.0
    pbx.waits(1.999)
    assert isinstance(last_end(pbx).data, Left)
    pbx.waits(0.001)
    end = last_end(pbx).data
    assert (end.reason if isinstance(end, Left) else type(end)) == says
    assert pbx.translator.next_at() is None


def test_who_joins_another_queue_did_not_hang_up() -> None:
    pbx = Pbx()
    pbx.says("VarSet", 5.0, variable="QUEUEPOSITION", value="1", uniqueid="c0")
    leaving(pbx, gave_up=False)
    pbx.says("QueueCallerJoin", 15.2, **call(queue="repair"))
    assert [type(event.data) for event in pbx.told][-2:] == [Left, Enqueued]
    assert last_end(pbx).data == Left(queue="desk", channel="phone", reason="key")


def test_a_call_the_queue_refuses_is_told_with_the_queue_it_asked_for() -> None:
    pbx = Pbx()
    pbx.says("Newexten", 10.0, application="Queue", appdata="desk,tT,,,40", uniqueid="c1")
    assert pbx.says("VarSet", 10.1, variable="QUEUESTATUS", value="FULL", uniqueid="c1") == [
        Left(queue="desk", channel="phone", reason="full", wait_s=0.0)
    ]
    assert pbx.says("VarSet", 10.2, variable="QUEUESTATUS", value="FULL", uniqueid="c1") == []


def test_a_call_that_overflows_into_a_queue_which_refuses_it_keeps_the_reason_of_the_first() -> None:
    pbx = Pbx()
    leaving(pbx, gave_up=True)
    pbx.says("VarSet", 15.1, variable="QUEUESTATUS", value="TIMEOUT", uniqueid="c1")
    pbx.says("Newexten", 15.2, application="Queue", appdata="repair,t", uniqueid="c1")
    assert pbx.says("VarSet", 15.3, variable="QUEUESTATUS", value="FULL", uniqueid="c1") == [
        Left(queue="repair", channel="phone", reason="full", wait_s=0.0)
    ]
    assert [(e.data.queue, e.data.reason) for e in pbx.told if isinstance(e.data, Left)][-2:] == [
        ("desk", "timed_out"),
        ("repair", "full"),
    ]


def test_calls_that_ask_and_are_never_heard_of_again_are_not_kept_for_ever() -> None:
    pbx = Pbx()
    for number in range(2000):
        pbx.says("Newexten", 10.0, application="Queue", appdata="desk", uniqueid=f"c{number}")
    assert pbx.says("VarSet", 11.0, variable="QUEUESTATUS", value="FULL", uniqueid="c0") == []
    assert pbx.says("VarSet", 11.0, variable="QUEUESTATUS", value="FULL", uniqueid="c1999") != []


def test_going_on_after_the_call_is_no_leaving() -> None:
    pbx = Pbx()
    leaving(pbx, gave_up=False)
    pbx.says("AgentConnect", 15.1, membername="Ada", **call())
    assert pbx.says("VarSet", 60.0, variable="QUEUESTATUS", value="CONTINUE", uniqueid="c1") == []
