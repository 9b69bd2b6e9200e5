"""Tests of connections that mend themselves: how long they wait, and that what is read waits to be taken.

The whole of it, over a connection made by hand, is tested with the systems that use it.
"""

from __future__ import annotations

import asyncio

from queuewatch.sources.stream import Address, Inbox
from tests.clocks import settle


def test_an_address_is_written_as_people_write_it() -> None:
    assert str(Address("pbx", 5038)) == "pbx:5038"


async def test_the_next_chunk_is_read_only_when_the_one_before_was_taken() -> None:
    reader = asyncio.StreamReader()
    inbox = Inbox(reader)
    pump = asyncio.create_task(inbox.pump())
    reader.feed_data(b"one")
    await settle()
    reader.feed_data(b"two")
    reader.feed_data(b"three")
    await settle()
    assert inbox.wake.is_set()
    assert inbox.take() == b"one"
    assert not inbox.wake.is_set()
    await settle()
    assert inbox.take() == b"twothree"
    assert inbox.take() == b""
    reader.feed_eof()
    await pump
    assert inbox.wake.is_set()
    assert inbox.lost == "the other side closed the connection"


async def test_a_connection_that_breaks_says_why() -> None:
    reader = asyncio.StreamReader()
    inbox = Inbox(reader)
    reader.set_exception(ConnectionResetError("Connection reset by peer"))
    await inbox.pump()
    assert inbox.lost == "the connection broke (Connection reset by peer)"
