"""What goes out: a decision on its way, those who send it, and the outbox that keeps it until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from queuewatch.core.decisions import AlertChanged, Decision
from queuewatch.core.view import QueueView

DeliveryKind = Literal["notice", "queue_state", "alert", "incentive", "voucher"]


class Bulletin(Struct, frozen=True, kw_only=True):
    """What a sender keeps saying of a site's alerts, in one message.

    Attributes:
        site: Of which site.
        alerts: Each alert since the site was last quiet, as it stands now, in the order of their begin.
        news: What changed since the message was last sent, in the order it was decided.
        receipt: What sending it returned the last time; empty: it was not sent yet.
    """

    site: str
    alerts: tuple[AlertChanged, ...]
    news: tuple[AlertChanged, ...]
    receipt: str = ""

    @property
    def open(self) -> tuple[AlertChanged, ...]:
        """The alerts that are not over."""
        return tuple(one for one in self.alerts if one.phase != "resolved")


class Delivery(Struct, frozen=True, kw_only=True):
    """Something decided that must go out.

    Attributes:
        key: rule / site / queue / … / start of the episode: the same after a restart or a reordered config.
        kind: What it is.
        at: When it was decided.
        view: The queue as it is when it is sent: of a notice, or a state.
        decision: What was decided: of an alert, or an incentive.
        bulletin: All that is to be said of the site's alerts, for a sender that keeps one message of them.
    """

    key: str
    kind: DeliveryKind
    at: float
    view: QueueView | None = None
    decision: Decision | None = None
    bulletin: Bulletin | None = None


class Manner(Struct, frozen=True, kw_only=True):
    """What a sender is for, and how it wants to be treated.

    Attributes:
        kinds: What it sends.
        per_minute: It is not asked to send more often in the long run ...
        burst: ... but so many at once.
        give_up_s: What it could not send for so long is given up: a dead letter.
        bulletins: It keeps one message of a site's alerts instead of one an alert.
        edits: It can change that message; one that cannot is only given news that matter.
    """

    kinds: frozenset[DeliveryKind] = frozenset(("notice", "queue_state"))
    per_minute: float = 600.0
    burst: int = 20
    give_up_s: float = 3600.0
    bulletins: bool = False
    edits: bool = False


class Sender(Protocol):
    """From decisions to outside. Raises `ports.SendFailedError` and nothing else.

    What it is given may rather come twice than never, unless it is an Issuer.
    """

    @property
    def name(self) -> str:
        """The sender's name in the ledger, metrics and logs."""
        ...

    @property
    def manner(self) -> Manner:
        """What it is for, and how it wants to be treated."""
        ...

    async def run(self) -> None:
        """Keep what sending needs, such as a connection; ends only when cancelled."""
        ...

    async def send(self, delivery: Delivery) -> str | None:
        """Deliver; returns once the other side has it, with what it calls it there if that is of use."""
        ...


@runtime_checkable
class Issuer(Protocol):
    """A sender of what must never go out twice: nothing that may have been sent is sent before it asked."""

    async def ask(self, delivery: Delivery) -> str | None:
        """Whether the other side has it: what it calls it there; None when it never got it."""
        ...


OutboxState = Literal["pending", "claimed", "sent", "merged", "dead", "dropped"]


class Posted(Struct, frozen=True, kw_only=True):
    """One decision on its way through one sender.

    Attributes:
        number: Its place in the outbox.
        thread: What the rows about one alert, or one voucher, have in common.
        state: `claimed` while it is being sent, or since a crash; `merged`: others said it with theirs, or it
            was over before it could be said; `dead`: given up; `dropped`: by hand.
        decided_at: When it was decided.
        queued_at: When the time to give up counts from.
        due_at: Not before.
        unsure: Nobody knows whether the other side took the last attempt.
        why: Why the last attempt failed.
        receipt: What the other side calls it.
    """

    number: int
    key: str
    sender: str
    kind: DeliveryKind
    thread: str
    site: str
    state: OutboxState
    decided_at: float
    queued_at: float
    due_at: float
    claimed_at: float | None
    settled_at: float | None
    attempts: int
    unsure: bool
    why: str
    receipt: str
    decision: Decision


class Issuing(Struct, frozen=True, kw_only=True):
    """How far an issuer outside is with a voucher.

    Attributes:
        state: As in Posted; None: no issuer was asked, the voucher is our own.
        code: What the issuer calls it; empty until it has issued it.
        why: Why the last attempt failed.
    """

    state: OutboxState | None = None
    code: str = ""
    why: str = ""


class OutboxView(Struct, frozen=True, kw_only=True):
    """How one sender's outbox stands.

    Attributes:
        pending: How many wait to be sent.
        dead: How many were given up and not seen to since.
        oldest_at: Since when the oldest of those that wait does; None: none waits.
        up: Whether it is being sent at all; False while the sender failed too often in a row.
    """

    pending: int = 0
    dead: int = 0
    oldest_at: float | None = None
    up: bool = True


class Outbox(Protocol):
    """What was decided and has to go out, beside the journal. Every method raises JournalFailedError."""

    async def write(
        self, decisions: Sequence[Decision], wanted: Mapping[str, frozenset[DeliveryKind]]
    ) -> None:
        """Write decisions down, once per sender that wants them, and those about money into the audit.

        Those from before the last that were written are not written again.
        """
        ...

    async def waiting(self, sender: str) -> tuple[Posted, ...]:
        """What this sender has still to send, in order."""
        ...

    async def bulletin(self, sender: str, site: str) -> tuple[str, tuple[Posted, ...]]:
        """The receipt of the sender's message about this site's alerts, and the alerts it speaks of."""
        ...

    async def claim(self, numbers: Sequence[int], at: float) -> None:
        """These are being sent from now on."""
        ...

    async def settle(
        self, numbers: Sequence[int], at: float, state: OutboxState, *, why: str = "", receipt: str = ""
    ) -> None:
        """This became of them."""
        ...

    async def postpone(self, numbers: Sequence[int], due_at: float, why: str, *, unsure: bool) -> None:
        """These have to be sent again."""
        ...

    async def keep_bulletin(self, sender: str, site: str, receipt: str, after: int | None) -> None:
        """Keep a message's receipt; `after` the row of this number the next message begins."""
        ...

    async def view(self, sender: str) -> OutboxView:
        """How it stands."""
        ...

    async def listed(self, states: Sequence[OutboxState] = (), most: int = 100) -> tuple[Posted, ...]:
        """The newest rows, newest first; of these states only, where any are named."""
        ...

    async def resend(self, numbers: Sequence[int], at: float) -> int:
        """Have these sent once more, such as dead letters; returns how many."""
        ...

    async def drop(self, numbers: Sequence[int], at: float, why: str) -> int:
        """Send these no more; returns how many."""
        ...

    async def prune(self, settled_before: float) -> int:
        """Delete what was settled before, but nothing about money; returns how many."""
        ...
