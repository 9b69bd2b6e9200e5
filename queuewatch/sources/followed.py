"""The systems that we go to and listen at: which kinds there are, and those that are configured."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from msgspec import Struct

from queuewatch.config import (
    AsteriskAmiSource,
    AsteriskQueueLogSource,
    FollowedSource,
    FreeswitchSource,
    ImapSource,
    Settings,
    WebhookSource,
)
from queuewatch.ports import Clock, Letter, Source
from queuewatch.sources import asterisk_ami, asterisk_probe, asterisk_queue_log_tail, freeswitch, imap_make
from queuewatch.sources.context import Context, UnusableError
from queuewatch.sources.queue_names import Renamed


class Kind(Struct, frozen=True):
    """One system.

    Attributes:
        make: The source of a section; raises UnusableError.
        probe: Tries what the section names and says in one sentence what works; raises UnusableError.
    """

    make: Callable[[Any, Context], Source]
    probe: Callable[[Any, Context], Coroutine[Any, Any, str]]


KINDS: dict[type[Struct], Kind] = {
    AsteriskAmiSource: Kind(asterisk_ami.make, asterisk_probe.probe),
    AsteriskQueueLogSource: Kind(asterisk_queue_log_tail.make, asterisk_queue_log_tail.probe),
    ImapSource: Kind(imap_make.make, imap_make.probe),
    FreeswitchSource: Kind(freeswitch.make, freeswitch.probe),
}


def followed(
    settings: Settings,
    clock: Clock,
    hash_customer: Callable[[str], str],
    arrived: Callable[[Letter], None] | None = None,
) -> list[Source]:
    """The configured sources that we go to.

    Args:
        settings: What the administrator decided.
        clock: The time.
        hash_customer: Turns a customer's identifier into its keyed hash.
        arrived: Is told of customers who wrote and may be written to, for as long as they wait.

    Raises:
        UnusableError: What one of them names cannot be used; the sentence begins with its section.
    """
    sources = []
    for context, own in _sections(settings, clock, hash_customer, arrived):
        try:
            source = KINDS[type(own)].make(own, context)
        except UnusableError as error:
            raise UnusableError(f"sources.{context.name}: {error}") from None
        sources.append(Renamed(source, own.queues) if own.queues else source)
    return sources


def probes(
    settings: Settings, clock: Clock, hash_customer: Callable[[str], str]
) -> Iterator[tuple[str, Coroutine[Any, Any, str]]]:
    """For each configured source that we go to its name, and what tries it out (see `Kind.probe`)."""
    for context, own in _sections(settings, clock, hash_customer):
        yield context.name, KINDS[type(own)].probe(own, context)


def _sections(
    settings: Settings,
    clock: Clock,
    hash_customer: Callable[[str], str],
    arrived: Callable[[Letter], None] | None = None,
) -> Iterator[tuple[Context, FollowedSource]]:
    for name, own in settings.sources.items():
        if not isinstance(own, WebhookSource):
            context = Context(
                name=name,
                site=own.site or settings.site.name,
                clock=clock,
                hash_customer=hash_customer,
                data_dir=settings.service.data_dir,
                arrived=arrived,
            )
            yield context, own
