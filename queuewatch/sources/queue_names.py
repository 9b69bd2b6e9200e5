"""A system's names of queues as ours, wherever an event speaks of a queue."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from msgspec.structs import replace

from queuewatch.core.facts.events import Event
from queuewatch.ports import Incoming, Source

_ONE = ("queue", "to_queue")
_SEVERAL = ("queues", "joined", "left")


def rename(event: Event, names: Mapping[str, str]) -> Event:
    """The event with the queues that `names` lists (theirs → ours) under their new names."""
    data: Any = event.data
    new: dict[str, Any] = {}
    for field in data.__struct_fields__:
        value = getattr(data, field)
        if field in _ONE and value in names:
            new[field] = names[value]
        elif field in _SEVERAL and value and not names.keys().isdisjoint(value):
            new[field] = tuple(names.get(one, one) for one in value)
    return replace(event, data=replace(data, **new)) if new else event


class Renamed:
    """A source whose queues go by our names."""

    def __init__(self, source: Source, names: Mapping[str, str]) -> None:
        self._source = source
        self._names = names

    @property
    def name(self) -> str:
        """The source's name in config, metrics and logs."""
        return self._source.name

    @property
    def trouble(self) -> str | None:
        """Why it cannot be relied on right now, in one sentence; None while it can."""
        return self._source.trouble

    async def events(self) -> AsyncGenerator[Incoming, None]:
        """What comes in, under our names."""
        async with aclosing(self._source.events()) as coming:
            async for incoming in coming:
                renamed = tuple(rename(event, self._names) for event in incoming.events)
                yield replace(incoming, events=renamed)
