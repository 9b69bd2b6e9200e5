"""Tests of the connection to a FreeSWITCH made by hand: login, asking again, silence, loss and return."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from queuewatch.config import FreeswitchSource, Secret
from queuewatch.core.facts.events import AgentChanged, Enqueued, QueueSnapshot, SourceGap, SourceStarted
from queuewatch.ports import Source
from queuewatch.sources.context import Context, UnusableError
from queuewatch.sources.freeswitch import Freeswitch, command, make, probe
from queuewatch.sources.stream import Address
from tests.clocks import HandClock, settle
from tests.sources.ami import READING
from tests.sources.farend import FarEnd
from tests.sources.freeswitch import CORE, Wire, answered, fields, framed, listed, member, waits

OWN = FreeswitchSource(kind="freeswitch", host="switch", password=Secret("hush"))
OTHER = "0a1b2c3d-0000-4000-8000-0000000000ff"
DENIED = b"-ERR callcenter_config Command not found!\n"


class Switch(FarEnd):
    """A FreeSWITCH that can be reached, or not, each time anew."""

    def __init__(self, *outcomes: Wire | OSError) -> None:
        super().__init__(*outcomes)
        self.source = Freeswitch(
            "switch",
            Address("switch", 8021),
            "hush",
            READING,
            self.clock,
            resync_s=30.0,
            chance=lambda: 0.0,
            connect=self.connect,
        )


def ready(*members: str) -> Wire:
    wire = Wire()
    wire.lets_in()
    wire.answers(*members)
    return wire


async def test_it_logs_in_asks_for_everything_and_tells_what_it_hears() -> None:
    wire = ready(waits())
    switch = Switch(wire)
    source: Source = switch.source
    assert (source.name, source.trouble) == ("switch", "switch:8021 has not been reached yet")
    async with switch.events() as events:
        first = await switch.next(events)
        (snapshot,) = first.events
        assert isinstance(snapshot.data, QueueSnapshot)
        assert [one.contact for one in snapshot.data.waiting] == ["call-1"]
        assert source.trouble is None
        assert wire.written.decode().split("\n\n")[:-1] == [
            "auth hush",
            "event plain HEARTBEAT CUSTOM callcenter::info",
            "api global_getvar core_uuid",
            "api callcenter_config agent list",
            "api callcenter_config tier list",
            "api callcenter_config queue list",
            "api callcenter_config queue list members support@default",
        ]
        wire.says(framed(fields("member-queue-start", 1001.0, **member("2"))))
        (joined,) = (await switch.next(events)).events
        assert isinstance(joined.data, Enqueued)
    assert wire.closed


async def test_it_asks_again_every_so_often() -> None:
    wire = ready()
    switch = Switch(wire)
    async with switch.events() as events:
        await switch.next(events)
        task = asyncio.ensure_future(anext(events))
        await settle()
        await switch.clock.move_by(30.0)
        await settle()
        wire.answers(waits())
        (snapshot,) = (await asyncio.wait_for(task, 5)).events
        assert isinstance(snapshot.data, QueueSnapshot)
        assert [one.contact for one in snapshot.data.waiting] == ["call-1"]
        assert wire.written.count(b"queue list\n") == 2


async def test_a_new_agent_is_asked_about_at_once() -> None:
    wire = ready()
    switch = Switch(wire)
    async with switch.events() as events:
        await switch.next(events)
        wire.says(framed(fields("agent-add", 1001.0, agent="new@default")))
        task = asyncio.ensure_future(anext(events))
        await settle()
        assert wire.written.count(b"queue list\n") == 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_work_after_a_call_ends_though_nothing_comes_in() -> None:
    wire = ready()
    switch = Switch(wire)
    async with switch.events() as events:
        await switch.next(events)
        wire.says(
            framed(fields("bridge-agent-start", 1001.0, **member(), agent="ada@default")),
            framed(fields("bridge-agent-end", 1002.0, **member(), agent="ada@default")),
            framed(fields("agent-state-change", 1002.1, agent="ada@default", agent_state="Waiting")),
        )
        talked = await switch.next(events)
        assert talked.events[-1].data == AgentChanged(state="wrap_up")
        # The switch's clock went on by 2.1 s while ours stood still.
        over = await switch.next(events, after=10.0)
        assert over.events[-1].data == AgentChanged(state="available")


async def test_a_silent_switch_is_gone_and_a_lost_one_is_told_once_and_comes_back() -> None:
    first, second = ready(), ready(waits())
    refusal = ConnectionRefusedError(111, "Connection refused")
    switch = Switch(first, refusal, refusal, second)
    with capture_logs() as logs:
        await _silent_and_back(switch)
    assert [(one["event"], one["log_level"]) for one in logs] == [
        ("source connected", "info"),
        ("source lost", "warning"),
        ("source lost", "warning"),  # for another reason; the second refusal is no news
        ("source connected", "info"),
    ]


async def _silent_and_back(switch: Switch) -> None:
    async with switch.events() as events:
        await switch.next(events)
        task = asyncio.ensure_future(anext(events))
        await settle()
        await switch.clock.move_by(30.0)
        await settle()
        await switch.clock.move_by(30.0)
        gap = await asyncio.wait_for(task, 5)
        assert [one.data for one in gap.events] == [
            SourceGap(reason="nothing came for 60 s; is FreeSWITCH up?")
        ]
        assert [one.reason for one in gap.refused] == ["no_answer"]
        refused = await switch.next(events, after=1.0)
        assert (refused.events, [one.reason for one in refused.refused]) == ((), ["no_connection"])
        assert "cannot be reached" in str(switch.source.trouble)
        await switch.next(events, after=2.0)
        back = await switch.next(events, after=4.0)
        assert isinstance(back.events[0].data, QueueSnapshot)
        assert switch.source.trouble is None


async def test_one_that_hangs_up_is_lost() -> None:
    wire = ready()
    wire.reader.feed_eof()
    switch = Switch(wire)
    async with switch.events() as events:
        await switch.next(events)
        assert [type(one.data) for one in (await switch.next(events)).events] == [SourceGap]


async def test_after_a_restart_the_callers_of_before_are_lost_and_the_list_is_right() -> None:
    first, second = ready(waits()), Wire()
    first.reader.feed_eof()
    second.lets_in()
    second.answers(waits("9"), core=OTHER)
    switch = Switch(first, second)
    async with switch.events() as events:
        await switch.next(events)
        await switch.next(events)
        told = (await switch.next(events, after=1.0)).events
        assert isinstance(told[0].data, SourceStarted)
        assert isinstance(told[1].data, QueueSnapshot)
        assert [one.contact for one in told[1].data.waiting] == ["call-9"]


@pytest.mark.parametrize("refused", range(3))
async def test_a_list_that_is_refused_is_counted_and_nothing_is_taken_for_empty(refused: int) -> None:
    wire = Wire()
    wire.lets_in()
    answers = [answered("+OK\n"), answered("+OK\n"), answered("name|strategy\nsupport@default|x\n+OK")]
    answers[refused] = f"Content-Type: api/response\nContent-Length: {len(DENIED)}\n\n".encode() + DENIED
    wire.says(answered(CORE), *answers)
    wire.says(answered("+OK\n"))  # an answer that nobody asked for, or that of the members
    switch = Switch(wire)
    async with switch.events() as events:
        incoming = await switch.next(events)
        assert incoming.events == ()
        ((reason, sentence),) = [(one.reason, one.detail) for one in incoming.refused]
        assert reason == "list_refused"
        assert sentence.endswith("(-ERR callcenter_config Command not found!); is mod_callcenter loaded?")


async def test_garbage_is_counted_and_what_follows_is_read() -> None:
    wire = ready()
    switch = Switch(wire)
    async with switch.events() as events:
        await switch.next(events)
        wire.says(b"Content-Length: many\n\n", framed(fields("member-queue-start", 1001.0, **member())))
        incoming = await switch.next(events)
        assert [one.reason for one in incoming.refused] == ["bad_frame"]
        assert [type(one.data) for one in incoming.events] == [Enqueued]


def turns_away(wire: Wire) -> None:
    wire.says(b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n")


def wrong_port(wire: Wire) -> None:
    wire.says(b"HTTP/1.1 400 Bad Request\nContent-Type: text/html\n\n")


def wrong_password(wire: Wire) -> None:
    wire.says(b"Content-Type: auth/request\n\n", b"Content-Type: command/reply\nReply-Text: -ERR invalid\n\n")


def hangs_up(wire: Wire) -> None:
    wire.reader.feed_eof()


REFUSALS = [
    (turns_away, "login_refused", r"^switch:8021 turns our address away; add it to apply-inbound-acl"),
    (wrong_port, "not_freeswitch", r"^switch:8021 does not greet as FreeSWITCH's event socket"),
    (wrong_password, "login_refused", r"^switch:8021 refused us \(-ERR invalid\); check the password"),
    (hangs_up, "connection_lost", r"^switch:8021 hung up at the login"),
]


@pytest.mark.parametrize(("does", "reason", "sentence"), REFUSALS)
async def test_a_login_that_fails_is_one_sentence_without_the_password(
    does: Callable[[Wire], None], reason: str, sentence: str
) -> None:
    wire = Wire()
    does(wire)
    switch = Switch(wire)
    async with switch.events() as events:
        incoming = await switch.next(events)
        assert [one.reason for one in incoming.refused] == [reason]
        with pytest.raises(AssertionError, match=sentence):
            raise AssertionError(switch.source.trouble)
        assert "hush" not in str(switch.source.trouble)


def test_a_line_end_in_a_command_begins_no_other() -> None:
    assert command("auth a\n\napi shutdown\r\n") == b"auth aapi shutdown\n\n"


CONTEXT = Context(name="switch", site="north", clock=HandClock(), hash_customer=str, data_dir=Path())


async def tried(outcome: Wire | OSError) -> str:
    return await probe(OWN, CONTEXT, connect=Switch(outcome).connect)


async def test_a_probe_says_what_works() -> None:
    wire = ready(waits())
    assert await tried(wire) == (
        "FreeSWITCH at switch:8021 lets us in; it has 1 queue: support@default; 1 agents are known to it"
    )
    assert wire.closed


async def test_a_probe_of_one_without_queues_says_so() -> None:
    wire = Wire()
    wire.lets_in()
    wire.says(answered(CORE), *[answered(listed("name"))] * 3)
    assert "it has no queues yet" in await tried(wire)


@pytest.mark.parametrize(("does", "_reason", "sentence"), REFUSALS)
async def test_a_probe_says_what_does_not(does: Callable[[Wire], None], _reason: str, sentence: str) -> None:
    wire = Wire()
    does(wire)
    with pytest.raises(UnusableError, match=sentence):
        await tried(wire)


async def test_a_probe_of_one_that_refuses_its_lists_or_cannot_be_reached_says_so() -> None:
    wire = Wire()
    wire.lets_in()
    wire.says(answered(CORE), answered(DENIED.decode()))
    with pytest.raises(UnusableError, match=r"agent list is refused .*; is mod_callcenter loaded"):
        await tried(wire)
    with pytest.raises(UnusableError, match=r"^switch:8021 cannot be reached .*; is mod_event_socket loaded"):
        await tried(ConnectionRefusedError(111, "Connection refused"))
    silent = ready()
    silent.reader = asyncio.StreamReader()
    silent.lets_in()
    silent.reader.feed_eof()
    with pytest.raises(UnusableError, match="it hung up"):
        await tried(silent)


@pytest.mark.parametrize("tls", [False, True])
def test_a_section_becomes_a_source(*, tls: bool) -> None:
    own = FreeswitchSource(kind="freeswitch", host="switch", password=Secret("hush"), tls=tls)
    source = make(own, CONTEXT)
    assert (source.name, source.trouble) == ("switch", "switch:8021 has not been reached yet")
