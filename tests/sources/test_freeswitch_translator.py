"""Tests of mod_callcenter's events into ours, after the published order of real calls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    AgentSeen,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    Offered,
    OfferFailed,
    QueueSnapshot,
    SourceGap,
    SourceStarted,
    Waiting,
)
from queuewatch.core.facts.wire import pack, unpack
from queuewatch.ports import Refused
from queuewatch.sources.freeswitch_frames import Fields, rows
from queuewatch.sources.freeswitch_translator import Lists, Translator
from tests.sources.ami import READING
from tests.sources.freeswitch import (
    AGENTS,
    CORE,
    MEMBERS,
    TIERS,
    Switch,
    a_morning,
    agent,
    fields,
    framed,
    listed,
    member,
    read,
    serves,
    waits,
)

DESK = {"queue": "support@default", "channel": "phone"}
OTHER = "0a1b2c3d-0000-4000-8000-0000000000ff"


def lists(*members: str, agents: tuple[str, ...] = (agent(),), core: str = CORE) -> Lists:
    return Lists(
        core=core,
        agents=rows(listed(AGENTS, *agents).encode()),
        tiers=rows(listed(TIERS, serves()).encode()),
        members={"support@default": rows(listed(MEMBERS, *members).encode())},
    )


def test_a_morning_becomes_what_happened() -> None:
    told = read(b"".join(map(framed, a_morning())))
    facts = [
        (one.at, one.subject, one.data)
        for one in told
        if isinstance(one, Event) and not isinstance(one.data, AgentChanged)
    ]
    assert facts == [
        (1000.0, "call-1", Enqueued(**DESK, customer="hash of +493001")),  # type: ignore[arg-type]
        (1001.0, "call-1", Offered(**DESK, agent="bea@default")),  # type: ignore[arg-type]
        (1011.0, "call-1", OfferFailed(**DESK, agent="bea@default", reason="no_answer")),  # type: ignore[arg-type]
        (1012.1, "call-1", Offered(**DESK, agent="ada@default")),  # type: ignore[arg-type]
        (1015.0, "call-1", Answered(**DESK, agent="ada@default", wait_s=15.0, ring_s=3.0)),  # type: ignore[arg-type]
        (1020.0, "call-2", Enqueued(**DESK, customer="hash of +493002")),  # type: ignore[arg-type]
        (1021.0, "call-3", Enqueued(**DESK, customer="hash of +493003")),  # type: ignore[arg-type]
        (1022.0, "call-4", Enqueued(**DESK, customer="hash of +493004")),  # type: ignore[arg-type]
        (1050.0, "call-2", Abandoned(**DESK, wait_s=30.0)),  # type: ignore[arg-type]
        (1081.0, "call-3", Left(**DESK, reason="timed_out", wait_s=60.0)),  # type: ignore[arg-type]
        (1082.0, "call-4", Left(**DESK, reason="empty")),  # type: ignore[arg-type]
        (1105.0, "call-1", Completed(**DESK, talk_s=90.0)),  # type: ignore[arg-type]
    ]
    assert not [one for one in told if isinstance(one, Refused)]


def test_the_same_twice_has_the_same_ids_and_no_two_alike() -> None:
    stream = b"".join(map(framed, a_morning()))
    ids = [one.id for one in read(stream) if isinstance(one, Event)]
    assert ids == [one.id for one in read(stream) if isinstance(one, Event)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("NO_ANSWER", "no_answer"),
        ("ALLOTTED_TIMEOUT", "no_answer"),
        ("", "no_answer"),
        ("USER_BUSY", "busy"),
        ("CALL_REJECTED", "refused"),
        ("ORIGINATOR_CANCEL", "withdrawn"),
    ],
)
def test_why_an_offer_failed(cause: str, reason: str) -> None:
    (event,) = Switch().says("bridge-agent-fail", **member(), agent="ada", hangup_cause=cause)
    assert event.data == OfferFailed(**DESK, agent="ada", reason=reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "data"),
    [
        ("BREAK_OUT", Abandoned(queue="support@default", channel="phone")),
        ("NONE", Abandoned(queue="support@default", channel="phone")),
        ("EXIT_WITH_KEY", Left(queue="support@default", channel="phone", reason="key")),
        ("SOMETHING_NEW", Left(queue="support@default", channel="phone", reason="unknown")),
    ],
)
def test_why_a_caller_left(reason: str, data: object) -> None:
    (event,) = Switch().says("member-queue-end", **member(), cause="Cancel", cancel_reason=reason)
    assert event.data == data


def test_the_end_of_a_call_ends_a_talk_whose_end_was_missed_and_no_other() -> None:
    switch = Switch()
    switch.says("bridge-agent-start", **member(), agent="ada")
    end = {"cause": "Terminated", "agent_answered_time": "1000", "member_leaving_time": "1040"}
    assert [one.data for one in switch.says("member-queue-end", 1040.0, **member(), **end)] == [
        Completed(**DESK, talk_s=40.0)  # type: ignore[arg-type]
    ]
    assert switch.says("member-queue-end", 1041.0, **member(), **end) == []


def test_work_after_a_call_is_as_long_as_the_list_says() -> None:
    switch = Switch()
    switch.lists(lists())
    switch.says("bridge-agent-start", 1001.0, **member(), agent="ada@default")
    switch.says("bridge-agent-end", 1020.0, **member(), agent="ada@default")
    (changed,) = switch.says("agent-state-change", 1020.1, agent="ada@default", agent_state="Waiting")
    assert changed.data == AgentChanged(state="wrap_up")
    assert switch.translator.next_at() == 1030.0
    (over,) = switch.translator.due(1030.0)
    assert (over.at, over.data) == (1030.0, AgentChanged(state="available"))


def test_the_lists_are_a_snapshot_and_who_is_not_waiting_is_not_in_it() -> None:
    switch = Switch()
    (snapshot,) = switch.lists(
        lists(waits("1"), waits("2", "Trying", 995), waits("3", "Answered"), waits("4", "Abandoned"))
    )
    assert snapshot.data == QueueSnapshot(
        queue="support@default",
        channel="phone",
        waiting=(
            Waiting(contact="call-1", enqueued_at=990.0, position=1),
            Waiting(contact="call-2", enqueued_at=995.0, position=2),
        ),
        agents=(AgentSeen(agent="ada@default", state="available"),),
        as_of=1000.0,
    )


def test_who_is_not_listed_any_more_is_offline_and_serves_nobody() -> None:
    switch = Switch()
    switch.lists(lists())
    told = switch.lists(lists(agents=()), 1030.0)
    changes = [(one.subject, one.data) for one in told if isinstance(one.data, AgentChanged)]
    assert changes == [("ada@default", AgentChanged(state="offline", left=("support@default",)))]


def test_serving_a_queue_more_or_less_is_told() -> None:
    switch = Switch()
    switch.lists(lists())
    (joined,) = switch.says("tier-add", 1001.0, agent="ada@default", queue="sales@default")
    assert joined.data == AgentChanged(state="available", joined=("sales@default",))
    (left,) = switch.says("tier-del", 1002.0, agent="ada@default", queue="sales@default")
    assert left.data == AgentChanged(state="available", left=("sales@default",))
    (gone,) = switch.says("agent-del", 1003.0, agent="ada@default")
    assert gone.data == AgentChanged(state="offline", left=("support@default",))
    assert switch.says("agent-add", 1004.0, agent="new@default") == []
    assert switch.translator.wants_lists


@pytest.mark.parametrize("by", ["an event", "the list"])
def test_another_core_is_a_new_start_told_once_and_before_all_else(by: str) -> None:
    switch = Switch()
    switch.says("member-queue-start", 1000.0, **member("1"))
    if by == "an event":
        told = switch.takes(
            {**fields("member-queue-start", 1100.0, **member("2")), "core-uuid": OTHER}, 1100.0
        )
        assert switch.translator.wants_lists
    else:
        told = switch.lists(lists(core=OTHER), 1100.0)
    assert told[0].data == SourceStarted()
    assert len(told) == 2
    assert not any(
        isinstance(one.data, SourceStarted)
        for one in switch.takes({**fields("members-count", 1101.0), "core-uuid": OTHER}, 1101.0)
    )


def test_an_event_that_does_not_say_when_is_of_when_it_came() -> None:
    event = fields("member-queue-start", **member())
    for written in ("", "soon", "9" * 40, "-5"):
        (told,) = Switch().takes({**event, "event-date-timestamp": written}, 77.0)
        assert told.at == 77.0


def test_a_heartbeat_says_nothing_and_what_nobody_knows_is_refused() -> None:
    switch = Switch()
    assert switch.takes({"event-name": "HEARTBEAT", "core-uuid": CORE}, 1.0) == []
    for action in ("members-count", "agent-status-get", "agent-contact-change"):
        assert switch.says(action) == []
    assert switch.refused == []
    switch.says("dance")
    switch.says("member-queue-start", queue="support@default")
    switch.says("member-queue-start", **member(queue="q" * 300))
    assert switch.refused == [
        Refused("unknown_event", '"dance" means nothing here'),
        Refused("bad_field", "member-queue-start has no cc-member-uuid"),
        Refused("bad_field", "member-queue-start has, in more than 256 characters, a cc-queue"),
    ]


def test_a_lost_connection_is_a_gap() -> None:
    switch = Switch()
    (gap,) = switch.translator.cut(1000.0, "the cable is out")
    assert (gap.at, gap.data) == (1000.0, SourceGap(reason="the cable is out"))


ACTIONS = st.sampled_from(
    [*{one["cc-action"] for one in a_morning()}, "agent-add", "agent-del", "tier-add", "x"]
)
NAMES = sorted({name for one in a_morning() for name in one})
EVENTS = st.builds(
    lambda action, some, usual: {"cc-action": action, **usual, **some},
    ACTIONS,
    st.dictionaries(
        st.sampled_from(NAMES), st.text(max_size=5) | st.sampled_from(["1", "x" * 300]), max_size=3
    ),
    st.sampled_from([{}, *a_morning()]),
)
ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(
            ["name", "queue", "agent", "state", "status", "session_uuid", "joined_epoch", "wrap_up_time"]
        ),
        st.text(max_size=4) | st.sampled_from(["Waiting", "7", "x" * 300]),
    ),
    max_size=3,
)  # fmt: skip


LISTS = st.builds(
    Lists,
    core=st.text(max_size=3),
    agents=ROWS,
    tiers=ROWS,
    members=st.dictionaries(st.sampled_from(["q", "r"]), ROWS, max_size=2),
)


@given(st.lists(EVENTS | LISTS, max_size=12))
def test_any_events_are_understood_or_refused_and_what_is_told_can_be_kept(
    said: list[Fields | Lists],
) -> None:
    translator = Translator(READING)
    for now, one in enumerate(said, 1000):
        told = translator.listed(one, now) if isinstance(one, Lists) else translator.feed(one, now)
        for event in [*told, *translator.due(now)]:
            assert isinstance(event, Refused) or unpack(pack(event)) == event
