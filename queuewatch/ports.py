"""What the rooms ask of each other: the Protocols that the shells implement and the service is built on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from msgspec import Struct

from queuewatch.core.care import Care
from queuewatch.core.facts.events import Event
from queuewatch.core.view import BoardView, ContactView, NoticeLevel, PromiseView, QueueView, WhatIfView
from queuewatch.outgoing import OutboxState, OutboxView, Posted

if TYPE_CHECKING:  # it brings scipy, which takes longer to load than most commands take to answer
    from queuewatch.core.seen.whatif import Ask


class Clock(Protocol):
    """The time. Points in time are seconds since 1970-01-01T00:00:00Z."""

    def now(self) -> float:
        """The present."""
        ...

    async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
        """Wait until `at` or until `wake` is set; True when woken."""
        ...


class OverloadedError(Exception):
    """The journal cannot take more right now; come again after `retry_after_s` seconds."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"too many events are waiting to be written; try again in {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class JournalFailedError(Exception):
    """The journal could not write; nothing of what was handed in is acknowledged. The text says why."""


class FaultError(JournalFailedError):
    """A mistake of ours kept this from being written; the disk is well, and trying again is of no use."""


class SendFailedError(Exception):
    """A sender could not deliver.

    Attributes:
        permanent: Trying again is of no use.
        retry_after_s: Not before so many seconds; None leaves it to the back-off.
        unsure: The other side may have taken it all the same, as after a time-out.
    """

    def __init__(
        self, why: str, *, permanent: bool = False, retry_after_s: float | None = None, unsure: bool = True
    ) -> None:
        super().__init__(why)
        self.permanent = permanent
        self.retry_after_s = retry_after_s
        self.unsure = unsure


class Refused(Struct, frozen=True):
    """Something that could not be read or did not fit: counted by reason, told in one sentence."""

    reason: str
    detail: str = ""


class Incoming(Struct, frozen=True):
    """What a source hands over: events, what it had to refuse, and whom to tell once they are durable.

    `done` is called in the event loop after the journal holds the events (and only then): that is the moment
    to acknowledge to the outside.
    """

    events: tuple[Event, ...]
    done: Callable[[], None] | None = None
    refused: tuple[Refused, ...] = ()


class Letter(Struct, frozen=True, kw_only=True):
    """A customer who wrote and waits, as one who would write back must know it; never stored, never shown.

    Attributes:
        contact: As in the events.
        at: When the mail came in.
        writer: The customer's keyed hash.
        address: Where an answer goes, as it is.
        hush: Why no automatic answer may go there, in a word; None where one may.
        language: BCP 47; None where the mail does not say.
        subject: On one line.
        message_id, references: Of the mail, to answer within its thread; "" and () where there are none.
    """

    site: str
    queue: str
    contact: str
    at: float
    writer: str
    address: str
    hush: str | None = None
    language: str | None = None
    subject: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Letter({self.contact!r})"


class Source(Protocol):
    """From outside to events. Reconnects by itself; ends only when cancelled."""

    @property
    def name(self) -> str:
        """The source's name in config, metrics and logs."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why it cannot be relied on right now, in one sentence; None while it can."""
        ...

    def events(self) -> AsyncGenerator[Incoming]:
        """What comes in. The next one is asked for only when it can be taken: that is the back-pressure."""
        ...


class Recorded(Struct, frozen=True, gc=False):
    """An event as the journal holds it.

    Attributes:
        position: Its place in the journal, from 1, ascending.
        recorded_at: When it was written. All events of one commit share it; later commits have later ones.
        event: The event.
    """

    position: int
    recorded_at: float
    event: Event


class Group(Struct, frozen=True, gc=False):
    """One commit of the journal: what is new in it (repetitions are left out, corrections are in)."""

    recorded_at: float
    recorded: tuple[Recorded, ...]
    repeated: int


class Receipt(Struct, frozen=True, gc=False):
    """What became of events that were handed in: all are durable; so many new, so many known already."""

    new: int
    repeated: int


class Snapshot(Struct, frozen=True, gc=False):
    """The state after the events up to and including `position`, as bytes of schema `schema`."""

    position: int
    taken_at: float
    schema: int
    state: bytes


SNAPSHOTS_KEPT = 2
"""The journal keeps so many, the latest: after as many new ones no older is left."""


class Journal(Protocol):
    """The events, written down before anything acknowledges them. One writer thread, group commit."""

    @property
    def pending(self) -> int:
        """How many events have been handed in and are not yet told of as durable."""
        ...

    @property
    def failure(self) -> str | None:
        """Why the last transaction could not be written, in one sentence; None when it could."""
        ...

    def append(self, events: Sequence[Event], *, held: bool = False) -> asyncio.Future[Receipt]:
        """Have events written. Must be called in the event loop; raises OverloadedError when full.

        The future resolves after the commit, once whoever heeds the journal was told of it in the loop.
        `held`: who hands them in keeps them until they are written, so that nobody is refused meanwhile.
        """
        ...

    def read(self, after: int = 0) -> Iterator[Group]:
        """The events after position `after`, in the groups they were written in."""
        ...

    def latest_snapshot(self, schema: int) -> Snapshot | None:
        """The last undamaged snapshot whose state is of this schema."""
        ...

    def save_snapshot(self, snapshot: Snapshot) -> asyncio.Future[None]:
        """Keep a snapshot; resolves when it is on disk."""
        ...

    def anonymise(self, customer: str, stand_in: str, upto: int) -> asyncio.Future[None]:
        """Put a stand-in where a customer's keyed hash stands, up to a position; resolves when on disk."""
        ...

    def commits(self) -> CommitsView:
        """How long the commits took, and how many events there are."""
        ...

    async def probe(self) -> str | None:
        """Write something, to see whether the disk takes it; returns `failure`."""
        ...


class Ledger(Protocol):
    """What was decided to be sent, and what became of it; keyed, so that nothing is sent twice."""

    async def claim(self, key: str, sender: str, at: float) -> bool:
        """Claim the sending of `key` by `sender`; False when it is settled or claimed already."""
        ...

    async def settle(self, key: str, sender: str, at: float, outcome: Literal["sent", "failed"]) -> None:
        """Write down what became of it."""
        ...

    async def forget_refused(self) -> int:
        """Forget what was refused for good, so that it is claimed again; returns how many."""
        ...

    async def is_settled(self, key: str, sender: str) -> bool:
        """Whether the sending of `key` by `sender` is settled: sent, or refused for good."""
        ...


class Health(Struct, frozen=True):
    """Whether the service can be relied on.

    `troubles`: of what is not well (the journal, the clock, a source) why not; that may name paths and hosts.
    """

    troubles: dict[str, str] = {}

    @property
    def ready(self) -> bool:
        """All is well."""
        return not self.troubles


class CommitsView(Struct, frozen=True):
    """How long commits took: counts per bucket of COMMIT_BUCKETS_S, one more above; and the sum, seconds.

    `failing`: the last one did not come about, as on a full disk. `events`: how many the journal holds.
    """

    counts: tuple[int, ...]
    sum_s: float
    failing: bool = False
    events: int = 0


COMMIT_BUCKETS_S: tuple[float, ...] = (
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
)


@runtime_checkable
class Desk(Protocol):
    """What the service offers to those who bring facts and those who look."""

    async def take(self, source: str, events: Sequence[Event], refused: Sequence[Refused] = ()) -> Receipt:
        """Journal and apply; returns once durable and visible. Raises OverloadedError."""
        ...

    async def forget_customer(self, customer: str, stand_in: str) -> None:
        """Put a stand-in where a customer's keyed hash stands, in the state and on disk; returns then."""
        ...

    def board(self) -> BoardView:
        """Everything, as of now."""
        ...

    def queue(self, queue: str, site: str = "default") -> QueueView | None:
        """One queue; None when nobody has ever spoken of it."""
        ...

    def contacts(self, queue: str, site: str = "default") -> tuple[ContactView, ...] | None:
        """Those who wait, in line; None when the queue is unknown."""
        ...

    def contact(self, queue: str, contact: str, site: str = "default") -> ContactView | None:
        """One waiting contact; None when it does not wait there."""
        ...

    def what_if(self, queue: str, site: str, ask: Ask) -> WhatIfView | None:
        """One queue with other staffing; None when the queue is unknown."""
        ...

    def promise(self, ident: str, queue: str, site: str = "default") -> PromiseView | None:
        """The promise of this key; None where nobody told it, or it is no longer remembered."""
        ...

    def promises(self, site: str = "default", queue: str | None = None) -> tuple[PromiseView, ...] | None:
        """The promises remembered, the latest first; None when the site is unknown."""
        ...

    async def changed(self, version: int) -> int:
        """Wait until the board's version is past `version`; returns the new one."""
        ...

    def health(self) -> Health:
        """Whether the journal can be written, the clock is right, and the sources speak."""
        ...

    def commits(self) -> CommitsView:
        """How long the journal's commits took."""
        ...

    def cares(self) -> dict[str, Care]:
        """What the customers of each site are owed, and who is to be told; to be read only."""
        ...

    def notices(self) -> dict[tuple[str, str, NoticeLevel], int]:
        """How often each level was entered, by site, queue and level."""
        ...

    def deliveries(self) -> dict[tuple[str, str], int]:
        """How many deliveries, by sender and outcome."""
        ...

    def outboxes(self) -> dict[str, OutboxView]:
        """How each sender's outbox stands."""
        ...

    async def posted(self, states: Sequence[OutboxState] = (), most: int = 100) -> tuple[Posted, ...]:
        """What goes, went, or did not get out, newest first; of these states only, where any are named."""
        ...

    async def resend(self, numbers: Sequence[int]) -> int:
        """Have these sent once more, such as dead letters; returns how many."""
        ...

    async def resend_notices(self) -> int:
        """Have notices that were refused for good sent once more; returns how many there were."""
        ...

    async def drop(self, numbers: Sequence[int], by: str) -> int:
        """Send these no more; returns how many."""
        ...
