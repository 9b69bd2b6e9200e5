"""Tests of a system's names of queues as ours."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from queuewatch.core.facts.events import (
    AgentChanged,
    Data,
    Enqueued,
    Event,
    QueueSnapshot,
    SourceGap,
    Transferred,
)
from queuewatch.ports import Incoming, Refused
from queuewatch.sources.queue_names import Renamed, rename

NAMES = {"600": "support", "601": "sales"}


def renamed(data: Data) -> object:
    return rename(Event("e", "pbx", 1.0, data), NAMES).data


def test_a_queue_goes_by_our_name() -> None:
    fact = Enqueued(queue="600", channel="phone")
    assert renamed(fact) == Enqueued(queue="support", channel="phone")


def test_a_queue_that_is_not_listed_keeps_its_name() -> None:
    event = Event("e", "pbx", 1.0, Enqueued(queue="602", channel="phone"))
    assert rename(event, NAMES) is event


def test_a_transfers_target_goes_by_our_name_too() -> None:
    fact = Transferred(queue="602", channel="phone", kind="blind", to_queue="601")
    assert renamed(fact) == Transferred(queue="602", channel="phone", kind="blind", to_queue="sales")


def test_an_agents_queues_go_by_our_names() -> None:
    changed = AgentChanged(state="available", queues=("600", "602"), joined=("601",), left=("600",))
    assert renamed(changed) == AgentChanged(
        state="available", queues=("support", "602"), joined=("sales",), left=("support",)
    )


def test_a_snapshot_is_of_our_queue() -> None:
    listed = QueueSnapshot(queue="601", channel="phone", as_of=1.0, waiting=())
    assert renamed(listed) == QueueSnapshot(queue="sales", channel="phone", as_of=1.0, waiting=())


def test_what_is_about_no_queue_stays_as_it_is() -> None:
    event = Event("e", "pbx", 1.0, SourceGap(reason="600"))
    assert rename(event, NAMES) is event


class Talker:
    """A source that says one thing."""

    name = "pbx"
    trouble = "it is only a test"

    async def events(self) -> AsyncGenerator[Incoming, None]:
        """One join."""
        fact = Enqueued(queue="600", channel="phone")
        yield Incoming((Event("e", "pbx", 1.0, fact),), lambda: None, (Refused("bad_field"),))


async def test_a_renamed_source_is_otherwise_the_same() -> None:
    source = Renamed(Talker(), NAMES)
    [incoming] = [one async for one in source.events()]
    assert [event.data for event in incoming.events] == [Enqueued(queue="support", channel="phone")]
    assert incoming.done is not None
    assert incoming.refused == (Refused("bad_field"),)
    assert (source.name, source.trouble) == ("pbx", "it is only a test")
