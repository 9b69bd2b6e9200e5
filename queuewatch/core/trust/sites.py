"""Which queues share agents, when history is told anew: all of a site, or each queue has its own.

A site is a world of its own (`state/site.py`). Where queues share nothing, each becomes a site, and is told
what concerned them all: what happened to agents and to sources.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from queuewatch.core.facts.events import AgentChanged, Event


class Apart(Struct):
    """Makes every queue a site of its own, named `site/queue`.

    Attributes:
        told: What was told of no queue in particular, by the site it was told of, in order.
        queues: The queues seen so far, by site.
    """

    told: dict[str, list[Event]] = field(default_factory=dict)
    queues: dict[str, dict[str, None]] = field(default_factory=dict)

    def place(self, event: Event) -> Iterator[Event]:
        """The event in its queue's site, or in those of all queues; a queue first heard of catches up."""
        queues = self.queues.setdefault(event.site, {})
        name = getattr(event.data, "queue", None)
        if name is None:
            self.told.setdefault(event.site, []).append(event)
            for queue in queues:
                yield _moved(event, queue)
            return
        if name not in queues:
            queues[name] = None
            for earlier in self.told.get(event.site, ()):
                yield _moved(earlier, name)
        yield _moved(event, name)


def _moved(event: Event, queue: str) -> Event:
    data = event.data
    if isinstance(data, AgentChanged):
        data = replace(
            data,
            queues=None if data.queues is None else _only(data.queues, queue),
            joined=_only(data.joined, queue),
            left=_only(data.left, queue),
        )
    return replace(event, site=f"{event.site}/{queue}", data=data)


def _only(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return (name,) if name in names else ()
