"""Tests of the connection to a PBX made by hand: login, asking again, silence, loss and return."""

from __future__ import annotations

import asyncio
from hashlib import md5

import pytest

from queuewatch.core.facts.events import Enqueued, QueueSnapshot, SourceGap
from queuewatch.ports import Source
from queuewatch.sources.asterisk_ami import AsteriskAmi
from queuewatch.sources.asterisk_blocks import FILTERS, MAX_BLOCK
from queuewatch.sources.asterisk_login import AmiSettings, action
from tests.clocks import settle
from tests.sources.ami import READING, Wire
from tests.sources.farend import FarEnd, cancel

SETTINGS = AmiSettings(host="pbx", username="queuewatch", secret="s3cret")
JOIN = ("Event: QueueCallerJoin", "Queue: desk", "Uniqueid: c1", "Position: 1")


class Pbx(FarEnd):
    """A PBX that can be reached, or not, each time anew."""

    def __init__(self, *outcomes: Wire | OSError) -> None:
        super().__init__(*outcomes)
        self.source = AsteriskAmi(
            "hotline", SETTINGS, READING, self.clock, chance=lambda: 0.0, connect=self.connect
        )


def up() -> Wire:
    wire = Wire()
    wire.lets_in()
    return wire


async def test_it_is_a_source_in_trouble_until_it_is_let_in() -> None:
    wire = up()
    wire.says(*JOIN)
    pbx = Pbx(OSError("no route"), wire)
    source: Source = pbx.source
    assert source.name == "hotline"
    assert source.trouble == "pbx:5038 has not been reached yet"
    async with pbx.events() as events:
        await pbx.next(events)
        assert source.trouble == "pbx:5038 cannot be reached (no route); is it up?"
        await pbx.next(events, after=1.0)
        assert source.trouble is None


async def test_the_secret_is_proved_and_never_sent() -> None:
    wire = up()
    wire.says(*JOIN)
    pbx = Pbx(wire)
    async with pbx.events() as events:
        incoming = await pbx.next(events)
    assert [type(event.data) for event in incoming.events] == [Enqueued]
    proof = md5(b"840415273s3cret", usedforsecurity=False).hexdigest()
    assert wire.actions("Challenge") == ["Action: Challenge\r\nAuthType: MD5"]
    assert wire.actions("Login") == [
        f"Action: Login\r\nAuthType: MD5\r\nUsername: queuewatch\r\nKey: {proof}\r\nEvents: on"
    ]
    assert b"s3cret" not in wire.written
    assert pbx.asked == [("pbx", 5038, None)]
    assert wire.closed


async def test_after_the_login_the_stream_is_filtered_and_the_list_asked_for() -> None:
    wire = up()
    wire.says(*JOIN)
    pbx = Pbx(wire)
    async with pbx.events() as events:
        await pbx.next(events)
    assert len(wire.actions("Filter")) == len(FILTERS)
    assert len(wire.actions("CoreStatus")) == 1
    assert wire.actions("QueueStatus") == ["Action: QueueStatus\r\nActionID: queuewatch-status"]


async def test_the_answer_to_the_list_is_a_snapshot() -> None:
    wire = up()
    wire.says("Event: QueueParams", "Queue: desk")
    wire.says("Event: QueueEntry", "Queue: desk", "Uniqueid: c1", "Position: 1", "Wait: 7")
    wire.says("Event: QueueStatusComplete")
    pbx = Pbx(wire)
    async with pbx.events() as events:
        incoming = await pbx.next(events)
    (event,) = incoming.events
    assert isinstance(event.data, QueueSnapshot)
    assert [one.contact for one in event.data.waiting] == ["c1"]
    assert (event.source, event.site) == ("pbx", "north")


async def test_the_list_is_asked_for_again_when_its_time_has_come_and_after_a_reload() -> None:
    wire = up()
    pbx = Pbx(wire)
    async with pbx.events() as events:
        task = await pbx.pass_time(events)
        for seconds in range(0, 60, 10):
            assert len(wire.actions("QueueStatus")) == 1, seconds
            wire.says("Response: Success", "Ping: Pong")
            await settle()
            await pbx.clock.move_by(10.0)
            await settle()
        assert len(wire.actions("QueueStatus")) == 2
        wire.says("Event: Reload", "Module: app_queue.so")
        await settle()
        assert len(wire.actions("QueueStatus")) == 3
        await cancel(task)


async def test_a_refused_list_is_told_with_its_cure() -> None:
    wire = up()
    wire.says("Response: Error", "ActionID: queuewatch-status", "Message: Permission denied")
    pbx = Pbx(wire)
    async with pbx.events() as events:
        incoming = await pbx.next(events)
    assert [(one.reason, one.detail) for one in incoming.refused] == [
        (
            "status_refused",
            "QueueStatus is refused (Permission denied); give queuewatch write = reporting (or agent)",
        )
    ]


async def test_a_pbx_that_is_still_starting_is_asked_again_once_it_is_up() -> None:
    wire = Wire()
    wire.lets_in(booted=False)
    wire.says("Response: Error", "ActionID: queuewatch-status", "Message: Invalid/unknown command")
    pbx = Pbx(wire)
    async with pbx.events() as events:
        incoming = await pbx.next(events)
        assert [one.detail for one in incoming.refused] == [
            "QueueStatus is refused (Invalid/unknown command); is app_queue loaded, or still to be?"
        ]
        task = await pbx.pass_time(events)
        assert len(wire.actions("QueueStatus")) == 1
        for asked in (2, 2):
            wire.says("Event: FullyBooted", "Uptime: 3")
            await settle()
            assert len(wire.actions("QueueStatus")) == asked
        await cancel(task)


async def test_a_pbx_that_lists_callers_and_tells_of_none_is_trouble_until_it_is_reached_anew() -> None:
    wire = up()
    pbx = Pbx(wire)
    async with pbx.events() as events:
        task = await pbx.pass_time(events, 14.0)
        assert pbx.source.trouble is None
        wire.says("Event: QueueParams", "Queue: desk")
        wire.says("Event: QueueEntry", "Queue: desk", "Uniqueid: c1", "Position: 1", "Wait: 8")
        wire.says("Event: QueueStatusComplete")
        incoming = await asyncio.wait_for(task, 5)
    assert [one.reason for one in incoming.refused] == ["not_heard"]
    assert "read = agent,call,dialplan,system" in str(pbx.source.trouble)
    assert [type(one.data) for one in incoming.events] == [QueueSnapshot]


async def test_what_cannot_be_read_is_counted() -> None:
    wire = up()
    wire.says("Event: QueueCallerJoin", "Queue: desk")
    pbx = Pbx(wire)
    async with pbx.events() as events:
        lacking = await pbx.next(events)
        wire.reader.feed_data(b"x" * (MAX_BLOCK + 1))
        endless = await pbx.next(events)
    assert [one.reason for one in (*lacking.refused, *endless.refused)] == ["bad_field", "too_long"]


async def test_a_refused_login_is_told_with_its_cure() -> None:
    wire = Wire()
    wire.greets()
    wire.says("Response: Success", "Challenge: 1")
    wire.says("Response: Error", "Message: Authentication failed")
    pbx = Pbx(wire)
    async with pbx.events() as events:
        incoming = await pbx.next(events)
    sentence = (
        'pbx:5038 refused user "queuewatch" (Authentication failed); '
        "check the secret and permit= of its section in manager.conf"
    )
    assert [event.data for event in incoming.events] == [SourceGap(reason=sentence)]
    assert [(one.reason, one.detail) for one in incoming.refused] == [("login_refused", sentence)]
    assert wire.closed


async def test_what_does_not_greet_as_asterisk_is_none() -> None:
    wire = Wire()
    wire.reader.feed_data(b"SSH-2.0-OpenSSH_9.2\r\n")
    pbx = Pbx(wire)
    async with pbx.events() as events:
        incoming = await pbx.next(events)
    assert [one.reason for one in incoming.refused] == ["not_asterisk"]


@pytest.mark.parametrize("said", [b"", b"Asterisk Call Manager/11.0.0\r\nRespo", b"x" * 200_000])
async def test_a_pbx_that_hangs_up_at_the_login_is_lost(said: bytes) -> None:
    wire = Wire()
    wire.reader.feed_data(said)
    wire.reader.feed_eof()
    pbx = Pbx(wire)
    async with pbx.events() as events:
        incoming = await pbx.next(events)
    assert [one.reason for one in incoming.refused] in (["connection_lost"], ["not_asterisk"])


async def test_a_gap_is_told_once_an_outage_and_each_failed_try_is_counted() -> None:
    wire = up()
    wire.says(*JOIN)
    pbx = Pbx(OSError("no route"), OSError("no route"), wire, OSError("no route"))
    async with pbx.events() as events:
        first = await pbx.next(events)
        second = await pbx.next(events, after=1.0)
        back = await pbx.next(events, after=2.0)
        wire.reader.feed_eof()
        lost = await pbx.next(events)
        again = await pbx.next(events, after=1.0)
    gaps = [[event.data for event in one.events] for one in (first, second, lost, again)]
    assert gaps == [
        [SourceGap(reason="pbx:5038 cannot be reached (no route); is it up?")],
        [],
        [SourceGap(reason="the other side closed the connection")],
        [],
    ]
    assert [type(event.data) for event in back.events] == [Enqueued]
    assert [one.refused[0].reason for one in (first, second, lost, again)] == [
        "no_connection",
        "no_connection",
        "connection_lost",
        "no_connection",
    ]


async def test_a_connection_that_breaks_is_lost() -> None:
    wire = up()
    pbx = Pbx(wire)
    async with pbx.events() as events:
        task = await pbx.pass_time(events)
        wire.reader.set_exception(ConnectionResetError("reset by peer"))
        incoming = await task
    assert [one.detail for one in incoming.refused] == ["the connection broke (reset by peer)"]


async def test_a_pbx_that_does_not_answer_in_time_is_given_up() -> None:
    pbx = Pbx()
    async with pbx.events() as events:
        incoming = await pbx.next(events, after=10.0)
    assert [one.detail for one in incoming.refused] == ["pbx:5038 does not answer"]


async def test_a_login_that_is_not_answered_in_time_is_given_up() -> None:
    pbx = Pbx(Wire())
    async with pbx.events() as events:
        incoming = await pbx.next(events, after=10.0)
    assert [one.detail for one in incoming.refused] == ["pbx:5038 does not answer the login"]


async def test_silence_is_asked_about_and_then_is_a_loss() -> None:
    wire = up()
    pbx = Pbx(wire)
    async with pbx.events() as events:
        task = await pbx.pass_time(events, 14.999)
        assert wire.actions("Ping") == []
        await pbx.clock.move_by(0.001)
        await settle()
        assert len(wire.actions("Ping")) == 1
        await pbx.clock.move_by(14.999)
        await settle()
        assert not task.done()
        await pbx.clock.move_by(0.001)
        incoming = await task
    assert [one.reason for one in incoming.refused] == ["no_answer"]


async def test_an_answer_to_the_question_is_no_silence() -> None:
    wire = up()
    pbx = Pbx(wire)
    async with pbx.events() as events:
        task = await pbx.pass_time(events, 15.0)
        wire.says("Response: Success", "Ping: Pong")
        await settle()
        await pbx.clock.move_by(14.999)
        await settle()
        assert not task.done()
        assert len(wire.actions("Ping")) == 1
        await cancel(task)


async def test_a_reason_that_does_not_come_is_told_when_its_time_has_come() -> None:
    wire = up()
    wire.says(*JOIN)
    wire.says("Event: QueueCallerAbandon", "Queue: desk", "Uniqueid: c1")
    wire.says("Event: QueueCallerLeave", "Queue: desk", "Uniqueid: c1")
    pbx = Pbx(wire)
    async with pbx.events() as events:
        at_once = await pbx.next(events)
        settled = await pbx.next(events, after=2.0)
    assert [event.data.__class__.__name__ for event in at_once.events] == ["Enqueued", "Left"]
    assert [event.data.__class__.__name__ for event in settled.events] == ["Abandoned"]


async def test_the_next_of_the_stream_is_read_when_the_last_is_taken() -> None:
    wire = up()
    wire.says(*JOIN)
    pbx = Pbx(wire)
    async with pbx.events() as events:
        await pbx.next(events)
        for _ in range(3):
            wire.reader.feed_data(b"Event: Newchannel\r\n\r\n" * 3000)
            await settle()
        wire.says("Event: QueueCallerJoin", "Queue: desk", "Uniqueid: c9")
        incoming = await pbx.next(events)
    assert [event.subject for event in incoming.events] == ["c9"]


def test_a_value_cannot_smuggle_in_another_action() -> None:
    assert (
        action("Login", Username="a\r\nAction: Command")
        == b"Action: Login\r\nUsername: aAction: Command\r\n\r\n"
    )
