"""Tests of the manager interface's translator: recordings against the PBX's own count, each trap by hand."""

from __future__ import annotations

import gzip
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache

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
    OfferFailed,
    QueueSnapshot,
    SourceGap,
    SourceStarted,
    SourceStopped,
    Transferred,
    Waiting,
)
from queuewatch.core.facts.wire import pack, unpack
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.turn import turn
from queuewatch.ports import Refused
from queuewatch.sources.asterisk_translator import Translator
from tests.core.histories import laws
from tests.sources.ami import DATA, READING, START, Pbx, call, member, recorded

STREAM = gzip.decompress((DATA / "ami-22.10.1.log.gz").read_bytes())
OLD_NAMES = {
    "Join",
    "Leave",
    "QueueMemberPaused",
    "Transfer",
    "AttendedTransfer",
    "AgentDump",
    "Hold",
    "Shutdown",
}
OLD_FIELDS = {"transfereeuniqueid", "secondtransfereruniqueid", "origtransfererlinkedid", "corestartuptime"}


@cache
def replay(name: str, *, pause_every: int = 1) -> tuple[Event, ...]:
    """The events of a recording, read once; the stream pauses after every so many blocks."""
    return tuple(replayed(name, pause_every))


def replayed(name: str, pause_every: int = 1) -> Iterator[Event]:
    """The same, read anew."""
    translator = Translator(READING)
    now = START
    for number, (block, now) in enumerate(recorded(name)):
        for told in translator.feed(block, now):
            assert isinstance(told, Event)
            yield told
        if number % pause_every == 0:
            yield from translator.due(now)
    yield from translator.due(now + 100.0)


def ends(events: Iterable[Event]) -> Counter[str]:
    """How the stays ended, each by the last that was told of it."""
    last: dict[tuple[str, str], str] = {}
    for event in events:
        if isinstance(event.data, Left):
            last[(event.subject, event.data.queue)] = event.data.reason
        elif isinstance(event.data, Abandoned | Answered):
            last[(event.subject, event.data.queue)] = type(event.data).__name__
    return Counter(last.values())


def queue_log_verbs() -> Counter[str]:
    log = gzip.decompress((DATA / "queue_log-22.10.1.gz").read_bytes()).decode()
    return Counter(line.split("|")[4] for line in log.splitlines())


@pytest.mark.parametrize("pause_every", [1, pytest.param(7, marks=pytest.mark.slow), 100_000])
def test_the_recording_ends_as_the_queue_log_of_the_same_time_says(pause_every: int) -> None:
    verbs = queue_log_verbs()
    events = list(replay("ami-22.10.1.log.gz", pause_every=pause_every))
    assert ends(events) == {
        "Answered": verbs["CONNECT"],
        "Abandoned": verbs["ABANDON"],
        "timed_out": verbs["EXITWITHTIMEOUT"],
        "key": verbs["EXITWITHKEY"],
        "empty": verbs["EXITEMPTY"],
        "full": 4,  # refused by the queue, of which the log says nothing
    }
    facts = Counter(type(event.data) for event in events)
    assert facts[Enqueued] == verbs["ENTERQUEUE"] - 1  # one joined before the recording began
    assert facts[Completed] == verbs["COMPLETEAGENT"] + verbs["COMPLETECALLER"] + verbs["BLINDTRANSFER"]
    assert facts[Transferred] == verbs["BLINDTRANSFER"]
    assert facts[OfferFailed] == verbs["RINGNOANSWER"]


def test_a_reason_is_told_only_after_a_pause_of_the_stream_when_it_did_not_come_before() -> None:
    unknown = [
        event
        for event in replay("ami-22.10.1.log.gz", pause_every=100_000)
        if isinstance(event.data, Left) and event.data.reason == "unknown"
    ]
    assert unknown == []


def line(events: Iterable[Event], start: dict[str, list[str]]) -> Callable[[], dict[str, set[str]]]:
    """A small state of its own: who waits where, by joining and leaving alone."""
    waiting = {queue: set(calls) for queue, calls in start.items()}
    stream = iter(events)

    def until() -> dict[str, set[str]]:
        for event in stream:
            data = event.data
            if isinstance(data, QueueSnapshot):
                return waiting
            if isinstance(data, Enqueued):
                waiting.setdefault(data.queue, set()).add(event.subject)
            elif isinstance(data, Left | Abandoned | Answered):
                waiting.setdefault(data.queue, set()).discard(event.subject)
        return waiting

    return until


def test_who_waits_is_whom_the_pbx_lists_whenever_it_was_asked() -> None:
    events = list(replay("ami-22.10.1.log.gz"))
    snapshots = [event.data for event in events if isinstance(event.data, QueueSnapshot)]
    listed = [{one.contact for one in snapshot.waiting} for snapshot in snapshots]
    until = line(events, {"support": ["1795289423.0"]})
    off = [
        until().get(snapshot.queue, set()) ^ calls for snapshot, calls in zip(snapshots, listed, strict=True)
    ]
    assert len(snapshots) == 44
    assert sum(map(len, listed)) == 78
    assert [odd for odd in off if odd] in ([], [set(off[-1])])
    assert sum(map(len, off)) <= 1  # a leaving may be on its way while the list is written


def test_the_core_agrees_with_the_pbx_at_each_of_its_answers_without_having_seen_them() -> None:
    core, rules = Core(), Rules()
    off: list[set[str]] = []
    first = True
    for event in replay("ami-22.10.1.log.gz"):
        if isinstance(event.data, QueueSnapshot) and not first:
            queue = core.sites["north"].queues[event.data.queue]
            off.append({name for _, _, name, _ in queue.line} ^ {one.contact for one in event.data.waiting})
        else:
            turn(core, rules, event.at, [event])
        first = first and event.at <= START + 0.1
    assert len(off) == 40
    assert sum(map(len, off)) <= 1


def test_the_core_counts_the_recording_as_the_queue_log_does() -> None:
    verbs = queue_log_verbs()
    core, rules = Core(), Rules()
    for event in replay("ami-22.10.1.log.gz"):
        turn(core, rules, event.at, [event])
    counts: Counter[str] = Counter()
    for queue in core.sites["north"].queues.values():
        counts.update(queue.tally.now)
    assert {key: count for key, count in counts.items() if count} == {
        "offered": verbs["ENTERQUEUE"] + 4,
        "answered": verbs["CONNECT"],
        "abandoned": verbs["ABANDON"],
        "left:timed_out": verbs["EXITWITHTIMEOUT"],
        "left:key": verbs["EXITWITHKEY"],
        "left:empty": verbs["EXITEMPTY"],
        "left:full": 4,
        "transferred:blind": verbs["BLINDTRANSFER"],
    }


def test_agents_are_in_the_state_the_pbx_says_whenever_it_was_asked() -> None:
    told: dict[str, str] = {}
    wrong = []
    for event in replay("ami-22.10.1.log.gz"):
        if isinstance(event.data, AgentChanged) and event.data.state is not None:
            told[event.subject] = event.data.state
        elif isinstance(event.data, QueueSnapshot):
            for one in event.data.agents or ():
                assert one.state is not None
                if told.setdefault(one.agent, one.state) != one.state:
                    wrong.append((event.at, one.agent, told[one.agent], one.state))
    assert len(told) == 7
    assert wrong == []


def test_a_recording_gives_the_same_ids_each_time_and_no_two_alike() -> None:
    ids = [event.id for event in replay("ami-22.10.1.log.gz")]
    assert ids == [event.id for event in replayed("ami-22.10.1.log.gz")]
    assert len(set(ids)) == len(ids)


def test_whom_a_restarting_pbx_hangs_up_on_has_not_abandoned() -> None:
    events = list(replay("ami-restart-22.10.1.log.gz"))
    assert sum(isinstance(event.data, SourceStopped) for event in events) == 1
    assert ends(events) == {"Answered": 8, "Abandoned": 1, "key": 1, "system": 7}


def test_the_queues_wrap_up_time_is_derived() -> None:
    pbx = Pbx(wrap_up_s={"desk": 10.0})
    pbx.says("QueueMemberAdded", 5.0, **member())
    pbx.says("AgentConnect", 15.0, **member(), uniqueid="c1")
    pbx.says("AgentComplete", 60.0, **member(), uniqueid="c1", reason="caller")
    assert pbx.agents()[-1] == (60.0, "Ada", AgentChanged(state="wrap_up"))
    assert pbx.translator.next_at() == 70.0
    pbx.waits(10.0)
    assert pbx.agents()[-1] == (70.0, "Ada", AgentChanged(state="available"))


def test_a_pbx_of_version_11_is_understood() -> None:
    pbx = Pbx()
    old = {"queue": "desk", "uniqueid": "c1", "channel": "SIP/9-1"}
    pbx.says(
        "QueueMemberAdded", None, queue="desk", location="SIP/11", membername="Ada", status="1", paused="0"
    )
    assert pbx.says("Join", None, callerid="0207", position="2", count="2", **old) == [
        Enqueued(queue="desk", channel="phone", customer="hash of 0207", position=2)
    ]
    pbx.says("AgentCalled", None, agentcalled="SIP/11", agentname="Ada", **old)
    pbx.says(
        "QueueMemberPaused", None, queue="desk", location="SIP/11", membername="Ada", paused="1", reason="Tea"
    )
    pbx.says("Leave", None, count="1", position="2", **old)
    assert pbx.says(
        "AgentConnect", None, member="SIP/11", membername="Ada", holdtime="9", bridgedchannel="x", **old
    ) == [Answered(queue="desk", channel="phone", agent="Ada", wait_s=9)]
    pbx.says("Transfer", None, transfertype="Attended", uniqueid="c1", targetuniqueid="a1")
    assert pbx.says("AgentComplete", None, member="SIP/11", membername="Ada", talktime="3", **old) == [
        Transferred(queue="desk", channel="phone", kind="attended"),
        Completed(queue="desk", channel="phone", talk_s=3),
    ]
    assert [change.state for _, _, change in pbx.agents()] == [
        "available",
        "ringing",
        "not_ready",
        "busy",
        "not_ready",
    ]
    times = [event.at for event in pbx.told]
    assert len({(event.at, event.id) for event in pbx.told}) == len(pbx.told)
    assert all(1000.0 <= at < 1000.01 for at in times)


def listing(pbx: Pbx, *entries: dict[str, str], at: float | None = None) -> list[QueueSnapshot]:
    pbx.says("QueueParams", queue="desk")
    pbx.says("QueueMember", queue="desk", name="Ada", location="PJSIP/1", status="1", paused="0")
    for entry in entries:
        pbx.says("QueueEntry", None, **entry)
    return [one for one in pbx.says("QueueStatusComplete", at) if isinstance(one, QueueSnapshot)]


def test_the_pbxs_list_is_a_snapshot() -> None:
    pbx = Pbx()
    pbx.says("QueueCallerJoin", 990.0, **call())
    (snapshot,) = listing(
        pbx,
        {"queue": "desk", "uniqueid": "c1", "position": "1", "wait": "9", "priority": "2"},
        {"queue": "desk", "uniqueid": "c2", "position": "2", "wait": "7"},
        at=1000.0,
    )
    assert snapshot == QueueSnapshot(
        queue="desk",
        channel="phone",
        waiting=(
            Waiting(contact="c1", enqueued_at=990.0, priority=2, position=1),
            Waiting(contact="c2", enqueued_at=993.0, position=2),
        ),
        agents=(AgentSeen(agent="Ada", state="available"),),
        as_of=1000.0,
    )


def test_a_lost_connection_is_a_gap_and_what_was_known_of_calls_is_known_no_more() -> None:
    pbx = Pbx()
    pbx.says("QueueCallerJoin", 990.0, **call())
    pbx.says("AgentConnect", 995.0, membername="Ada", **call())
    (gap,) = pbx.translator.cut(1000.0, "the cable is out")
    assert gap.data == SourceGap(reason="the cable is out")
    assert gap.at == 1000.0
    assert pbx.waits(500.0) == []
    assert pbx.says("AgentComplete", 1600.0, membername="Ada", **call())[-1] == Completed(
        queue="desk", channel="phone"
    )


def test_a_new_start_is_told_and_the_whole_list_wanted() -> None:
    pbx = Pbx()
    assert pbx.says("FullyBooted", 1000.0, uptime="500") == []
    assert not pbx.translator.wants_status
    assert pbx.says("Shutdown", 1100.0) == [SourceStopped(reason="the PBX shuts down")]
    assert pbx.says("FullyBooted", 1130.0, uptime="2") == [SourceStarted()]
    assert pbx.told[-1].at == 1128.0
    assert pbx.translator.wants_status


def test_a_reload_is_no_new_start_but_queues_may_have_changed() -> None:
    pbx = Pbx()
    assert pbx.says("Reload", 1000.0) == []
    assert pbx.translator.wants_status


def test_a_new_birthday_is_a_new_start() -> None:
    pbx = Pbx()
    birthday = {"response": "Success", "corestartupdate": "2026-11-21", "corestartuptime": "19:29:35"}
    assert pbx.block(birthday) == []
    assert pbx.block({**birthday, "corestartuptime": "20:00:00"}) == [SourceStarted()]


def test_what_lacks_a_field_is_refused_and_what_is_of_no_interest_says_nothing() -> None:
    pbx = Pbx()
    assert pbx.says("QueueCallerJoin", 10.0, queue="desk") == []
    assert pbx.says("AgentConnect", 10.0, uniqueid="c1", membername="Ada") == []
    assert pbx.says("Newchannel", 10.0) == []
    assert pbx.block({}) == []
    assert pbx.refused == [
        Refused("bad_field", "QueueCallerJoin has no uniqueid"),
        Refused("bad_field", "AgentConnect has no queue"),
    ]


NAMES = sorted({name.decode() for name in re.findall(rb"Event: (\w+)", STREAM)} | OLD_NAMES)
VALUES = st.sampled_from(["", "c1", "c2", "desk", "Ada", "1", "0", "-1", "TIMEOUT", "transfer", "x" * 300])
FIELDS = sorted({name.decode().lower() for name in re.findall(rb"\r\n(\w+): ", STREAM)} | OLD_FIELDS)
BLOCKS = st.builds(
    lambda name, fields, usual: {"event": name, **(usual or {}), **fields},
    st.sampled_from(NAMES),
    st.dictionaries(st.sampled_from(FIELDS), VALUES | st.text(max_size=5), max_size=4),
    st.none()
    | st.builds(dict, queue=st.sampled_from(["desk", "repair"]), uniqueid=VALUES, membername=VALUES),
)


@laws
@given(st.lists(BLOCKS, max_size=25), st.randoms(use_true_random=False))
def test_any_blocks_are_understood_or_refused_and_what_is_told_can_be_kept(
    blocks: list[dict[str, str]], chance: random.Random
) -> None:
    translator = Translator(READING, wrap_up_s={"desk": 3.0})
    now = 1000.0
    for block in blocks:
        now += chance.choice([0.0, 0.1, 3.0])
        told = [*translator.feed(block, now), *(translator.due(now) if chance.random() < 0.5 else ())]
        for one in told:
            assert isinstance(one, Refused) or unpack(pack(one)) == one
        due = translator.next_at()
        assert due is None or due == due  # noqa: PLR0124 (not a number is none)


def test_those_who_joined_in_the_same_second_unseen_stand_as_the_pbx_lists_them() -> None:
    """The PBX tells whole seconds of waiting; who joined when is known of those seen before the cut."""
    pbx = Pbx()
    pbx.says("QueueCallerJoin", 990.4, **call("c9"))
    pbx.translator.cut(991.0, "the cable is out")
    (snapshot,) = listing(
        pbx,
        {"queue": "desk", "uniqueid": "c9", "position": "1", "wait": "9"},
        {"queue": "desk", "uniqueid": "c8", "position": "2", "wait": "9"},
        {"queue": "desk", "uniqueid": "c7", "position": "3", "wait": "9"},
        at=999.5,
    )
    first, second, third = (one.enqueued_at for one in snapshot.waiting)
    assert first == 990.4
    assert second is not None
    assert third == 990.5
    assert 990.4999 < second < third


def test_who_goes_first_by_priority_may_have_joined_last() -> None:
    (snapshot,) = listing(
        Pbx(),
        {"queue": "desk", "uniqueid": "c2", "position": "1", "wait": "3", "priority": "5"},
        {"queue": "desk", "uniqueid": "c1", "position": "2", "wait": "9"},
        at=1000.0,
    )
    assert [one.enqueued_at for one in snapshot.waiting] == [997.0, 991.0]
