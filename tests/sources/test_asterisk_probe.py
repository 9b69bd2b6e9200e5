"""Tests of trying a PBX out, made by hand."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from queuewatch.config import AsteriskAmiSource, Secret
from queuewatch.sources.asterisk_probe import probe
from queuewatch.sources.context import Context, UnusableError
from queuewatch.sources.stream import Streams
from tests.clocks import HandClock
from tests.sources.ami import Wire

OWN = AsteriskAmiSource(kind="asterisk-ami", host="pbx", username="queuewatch", secret=Secret("hush"))
CONTEXT = Context(name="pbx", site="north", clock=HandClock(), hash_customer=str, data_dir=Path())


def wire(*queues: str, filters: str = "Success", version: str = "22.10.1") -> Wire:
    """A PBX that lets us in and lists these queues."""
    one = Wire()
    one.lets_in()
    one.says(f"Response: {filters}", "ActionID: filter")
    one.says("Response: Success", "ActionID: version", f"AsteriskVersion: {version}")
    one.says("Response: Success", "ActionID: queues", "EventList: start")
    for queue in queues:
        one.says("Event: QueueParams", f"Queue: {queue}", "ActionID: queues")
    one.says("Event: QueueStatusComplete", "ActionID: queues")
    return one


async def tried(one: Wire, own: AsteriskAmiSource = OWN) -> str:
    async def connect(_host: str, _port: int, _tls: ssl.SSLContext | None) -> Streams:
        return one.reader, cast("asyncio.StreamWriter", one)

    return await probe(own, CONTEXT, connect=connect)


async def test_a_pbx_that_does_all_is_told_of_in_one_sentence() -> None:
    pbx = wire("desk", "sales")
    assert await tried(pbx) == (
        'Asterisk 22.10.1 at pbx:5038 lets in "queuewatch" in the clear; it has 2 queues: desk, sales; '
        "it sifts its events at their source"
    )
    assert pbx.closed


async def test_of_many_queues_some_are_named() -> None:
    names = [f"q{n}" for n in range(10)]
    assert "it has 10 queues: q0, q1, q2, q3, q4, q5, q6, q7 and 2 more;" in await tried(wire(*names))


async def test_a_pbx_without_queues_says_so() -> None:
    assert "; it has no queues yet;" in await tried(wire())


async def test_a_pbx_that_does_not_sift_or_tell_its_version_is_still_of_use() -> None:
    said = await tried(wire("desk", filters="Error", version=""))
    assert said.startswith("Asterisk at pbx:5038")
    assert "it has 1 queue: desk; it sends all its events, as queuewatch lacks write = system" in said
    assert said.endswith("; queuewatch lacks write = reporting, so a quick restart may not be noticed")


async def test_over_tls_it_is_said(tmp_path: Path) -> None:
    del tmp_path
    own = AsteriskAmiSource(kind="asterisk-ami", username="q", secret=Secret("s"), tls=True)
    assert "127.0.0.1:5039" in await tried(wire(), own)


def refused(one: Wire) -> None:
    one.greets()
    one.says("Response: Success", "Challenge: 840415273")
    one.says("Response: Error", "Message: Authentication failed")


def may_not_list(one: Wire) -> None:
    one.lets_in()
    one.says("Response: Error", "ActionID: queues", "Message: Permission denied")


def may_not_hear(one: Wire) -> None:
    one.greets()
    one.says("Response: Success", "Challenge: 840415273")
    one.says("Response: Success", "Message: Authentication accepted")
    one.says("Response: Success", "ActionID: queues", "EventList: start")
    one.says("Event: QueueStatusComplete", "ActionID: queues")


def hangs_up(one: Wire) -> None:
    one.lets_in()
    one.reader.feed_eof()


@pytest.mark.parametrize(
    ("does", "sentence"),
    [
        (refused, r'^pbx:5038 refused user "queuewatch" \(Authentication failed\); check the secret'),
        (may_not_list, r'^user "queuewatch" is let in but may not list the queues \(Permission denied\)'),
        (hangs_up, r"^pbx:5038 broke off \(.*\); is it Asterisk's manager interface\?$"),
        (
            may_not_hear,
            r'^user "queuewatch" is let in but hears nothing, .*; give it read = agent,call,dialplan,system',
        ),
    ],
)
async def test_what_does_not_work_is_one_sentence(does: Callable[[Wire], None], sentence: str) -> None:
    one = Wire()
    does(one)
    with pytest.raises(UnusableError, match=sentence) as error:
        await tried(one)
    assert "hush" not in str(error.value)


async def test_a_pbx_that_cannot_be_reached_is_named() -> None:
    async def connect(_host: str, _port: int, _tls: ssl.SSLContext | None) -> Streams:
        raise ConnectionRefusedError(111, "Connection refused")

    with pytest.raises(UnusableError, match=r"^pbx:5038 cannot be reached"):
        await probe(OWN, CONTEXT, connect=connect)
