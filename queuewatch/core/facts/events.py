"""What happened: the facts queuewatch is told, each with its time, its source and its key.

A point in time is a float in the core: seconds since 1970-01-01T00:00:00Z. Durations end in `_s`.
How facts look on the wire (CloudEvents 1.0) is in `wire.py`; what they do to a contact in `journey.py`.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from queuewatch.core.facts.acts import Act, NoticeOverridden, PromiseTold
from queuewatch.core.facts.terms import (
    AgentState,
    Author,
    Channel,
    LeftReason,
    Name,
    OfferFailure,
    Seconds,
    Tier,
    TransferKind,
    Whole,
)


class ContactFact(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact"):
    """What every fact about a contact says: which queue, and over which channel.

    `visit` numbers the contact's stays in this queue from 1, for sources that count them; 0 leaves it to
    the journey. `contact` may repeat the id that the event's subject carries.
    """

    queue: Name
    channel: Channel
    contact: str = ""
    visit: Annotated[int, Meta(ge=0, lt=2**31)] = 0


class Enqueued(ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="contact.enqueued"):
    """A contact joined a queue. `customer` is a keyed hash by now; higher `priority` goes first.

    `callback` marks one whom we call back: with the place of their first wait, but nobody holds the line.
    """

    customer: str | None = None
    tier: Tier | None = None
    language: str | None = None
    priority: Whole = 0
    skills: tuple[str, ...] = ()
    position: Whole | None = None
    callback: bool = False


class Offered(ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="contact.offered"):
    """A contact rings at an agent's."""

    agent: str | None = None


class OfferFailed(
    ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="contact.offer_failed"
):
    """An offer came to nothing; the contact waits on."""

    agent: str | None = None
    reason: OfferFailure = "no_answer"


class Answered(ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="contact.answered"):
    """An agent took the contact: the wait ends. `wait_s`, `ring_s` as the source reports them.

    `wait_s` tells how long somebody waited whose joining was never told. `ring_s` is kept as it was told, for
    those who read the journal: how long it rang does not change how long the customer waited.
    """

    agent: str | None = None
    wait_s: Seconds | None = None
    ring_s: Seconds | None = None


class Abandoned(
    ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="contact.abandoned"
):
    """The customer gave up waiting."""

    wait_s: Seconds | None = None
    position: Whole | None = None


class Left(ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="contact.left"):
    """The contact left the queue unanswered for another reason; `unknown` until what follows tells."""

    reason: LeftReason = "unknown"
    wait_s: Seconds | None = None


class Transferred(
    ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="contact.transferred"
):
    """The contact was handed on, to another queue or to a named agent."""

    kind: TransferKind = "blind"
    to_queue: str | None = None
    to_agent: str | None = None


class Completed(
    ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="contact.completed"
):
    """The conversation ended. Durations as the source reports them; `talk_s` is without `hold_s`.

    `ended_by` is kept as it was told, for those who read the journal.
    """

    talk_s: Seconds | None = None
    hold_s: Seconds | None = None
    wrap_up_s: Seconds | None = None
    ended_by: str | None = None
    resolved: bool | None = None


class MessageReceived(
    ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="message.received"
):
    """The customer wrote (chat, e-mail)."""

    by: Author = "customer"
    automatic: bool = False


class MessageSent(ContactFact, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="message.sent"):
    """Somebody of ours wrote (chat, e-mail)."""

    by: Author = "agent"
    automatic: bool = False


class AgentChanged(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="agent.changed"
):
    """An agent's state, queues or capacity (contacts at a time per channel) changed; absent means unchanged.

    `queues` is the whole set the agent serves from now on. `joined` and `left` change single memberships,
    for sources that tell one queue at a time.
    """

    agent: str = ""
    state: AgentState | None = None
    reason: str | None = None
    queues: tuple[Name, ...] | None = None
    joined: tuple[Name, ...] = ()
    left: tuple[Name, ...] = ()
    capacity: dict[Channel, Whole] | None = None


class Waiting(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A contact that a snapshot lists as waiting. `enqueued_at` is a point in time (float in the core)."""

    contact: Name
    enqueued_at: float | None = None
    priority: Whole = 0
    position: Whole | None = None


class AgentSeen(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An agent that a snapshot lists as serving the queue."""

    agent: Name
    state: AgentState | None = None
    reason: str | None = None
    capacity: dict[Channel, Whole] | None = None


class QueueSnapshot(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="queue.snapshot"
):
    """The source's own list of who waits and who serves. What it does not list is gone.

    `agents` is None where the source does not say; an empty list says that nobody is there.
    """

    queue: Name
    channel: Channel
    waiting: tuple[Waiting, ...] = ()
    agents: tuple[AgentSeen, ...] | None = None
    as_of: float | None = None


class SourceStarted(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="source.started"
):
    """The source's system started anew: contacts it does not tell of again are lost, not abandoned."""


class SourceStopped(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="source.stopped"
):
    """The source tells nothing from now on: what we know of it goes stale."""

    reason: str | None = None


class SourceGap(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="source.gap"
):
    """Facts of this source may be missing up to here; stale until a snapshot or news sets it right."""

    reason: str | None = None


ContactData = (
    Enqueued
    | Offered
    | OfferFailed
    | Answered
    | Abandoned
    | Left
    | Transferred
    | Completed
    | MessageReceived
    | MessageSent
)
SourceData = SourceStarted | SourceStopped | SourceGap
Data = ContactData | AgentChanged | QueueSnapshot | SourceData | NoticeOverridden


class Sighting(
    Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="fact", tag="sighting"
):
    """What a snapshot, a restart or great age says of one contact; made inside, never told from outside.

    Attributes:
        queue: The queue it speaks of.
        channel: The queue's channel.
        listed: The contact as the snapshot lists it; None when it is not listed.
        visit: Number of the visit it speaks of; 0: the contact's latest there.
        grace_s: Facts younger than this are trusted over what it says, seconds.
        talks_too: Conversations are gone as well, not only those who wait (a restart, great age).
    """

    queue: str
    channel: Channel
    listed: Waiting | None = None
    visit: int = 0
    grace_s: float = 0.0
    talks_too: bool = False


class Event(Struct, frozen=True, gc=False, omit_defaults=True):
    """One fact with its envelope.

    Attributes:
        id: Unique within `source`; (`source`, `id`) is the idempotency key.
        source: Who tells it.
        at: When it happened, by the source's clock.
        data: What happened.
        subject: Id of the contact or agent it is about; empty for facts about a queue or a source.
        site: The routing domain: queues that share agents.
        sequence: The source's own order among equal times, compared as text.
        version_at: When the source last changed this event (CloudEvents `recordedtime`); orders corrections.
    """

    id: str
    source: str
    at: float
    data: Data | Act | PromiseTold | Sighting
    subject: str = ""
    site: str = "default"
    sequence: str = ""
    version_at: float | None = None


# Facts that bear the same time are taken in the order in which a stay unfolds.
# What a source no longer lists comes first: what it says at the same time is newer.
RANK: dict[type[Struct], int] = {
    Sighting: 0,
    Enqueued: 1,
    MessageReceived: 2,
    Offered: 3,
    OfferFailed: 4,
    Answered: 5,
    MessageSent: 6,
    Transferred: 7,
    Abandoned: 8,
    Left: 9,
    Completed: 10,
}

OrderKey = tuple[float, int, str, str, str]


def order(event: Event) -> OrderKey:
    """The place of a contact's fact among its facts: time, rank, the source's sequence, then the key."""
    return (event.at, RANK[type(event.data)], event.sequence, event.source, event.id)


def supersedes(new: Event, old: Event) -> bool:
    """Whether `new`, bearing the key of `old`, corrects it, rather than repeats it or is an older version.

    The later `version_at` wins; where neither has one, the one that came later wins.
    """
    return new != old and is_later_version(new.version_at, old.version_at)


def is_later_version(new_at: float | None, old_at: float | None) -> bool:
    """Whether a version from `new_at` goes before another from `old_at`, which came in earlier."""
    if old_at is None or new_at is None:
        return old_at is None
    return new_at > old_at
