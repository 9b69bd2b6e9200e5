"""A visit: one stay of a contact in one queue, and the stages it goes through."""

from __future__ import annotations

from typing import Literal, TypeVar

from msgspec import Struct

from queuewatch.core.facts.terms import Channel, LeftReason, Tier, TransferKind

Stage = Literal["waiting", "ringing", "answered", "completed", "abandoned", "leaving", "left", "lost"]

IN_LINE: frozenset[Stage] = frozenset(("waiting", "ringing"))
OPEN: frozenset[Stage] = frozenset(("waiting", "ringing", "answered"))


S = TypeVar("S", bound=Struct)


def set_plainly(struct: type[S]) -> type[S]:
    """Have a Struct's attributes set like those of any object: the interpreter does that five times as fast.

    Only for `gc=False`: msgspec's own way sees to what the garbage collector, or a frozen struct, wants.
    """
    struct.__setattr__ = object.__setattr__  # type: ignore[method-assign]
    struct.__delattr__ = object.__delattr__  # type: ignore[method-assign]
    return struct


@set_plainly
class Visit(Struct, gc=False):
    """One stay of a contact in one queue.

    Attributes:
        number: Counts the contact's stays in this queue from 1.
        enqueued_at: When it joined; for an implied visit what the answer's `wait_s` says.
        implied: The joining was never told; `wait_known` then says whether its time can be trusted.
        ended_at: When it left the queue, or its conversation ended; None while it is in one of OPEN.
        reason: Why it left unanswered; `system` on a conversation cut with its source.
        confirmed_at: Time of the last fact that showed it alive.
        transferred: How it was handed on, if it was.
        callback: We call this contact back: it has the place of its first wait, but nobody holds the line.
        first_response_at: When an agent first wrote (chat, e-mail).
        talk_s, hold_s, wrap_up_s: As the source reported them, seconds.
        resolved: Whether the matter was settled, where somebody said so.
    """

    contact: str
    queue: str
    number: int
    channel: Channel
    source: str
    stage: Stage
    enqueued_at: float
    confirmed_at: float
    priority: int = 0
    customer: str | None = None
    tier: Tier | None = None
    language: str | None = None
    implied: bool = False
    wait_known: bool = True
    agent: str | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    reason: LeftReason | None = None
    transferred: TransferKind | None = None
    first_response_at: float | None = None
    talk_s: float | None = None
    wrap_up_s: float | None = None
    callback: bool = False
    hold_s: float | None = None
    resolved: bool | None = None

    @property
    def wait_s(self) -> float | None:
        """From joining to being answered, seconds; None when not answered or not known."""
        if self.answered_at is None or not self.wait_known:
            return None
        wait_s = self.answered_at - self.enqueued_at
        return wait_s if wait_s > 0.0 else 0.0  # noqa: FURB136  # a call to max() costs ten times as much

    @property
    def endured_s(self) -> float | None:
        """From joining to whatever ended the waiting, seconds; None while it lasts or if not known."""
        end = self.answered_at if self.answered_at is not None else self.ended_at
        if end is None or not self.wait_known:
            return None
        endured_s = end - self.enqueued_at
        return endured_s if endured_s > 0.0 else 0.0  # noqa: FURB136  # likewise

    @property
    def handling_s(self) -> float | None:
        """From the answer to the end, with reported wrap-up, seconds; None if not known.

        A source that reports how long was talked and held may tell of the end late: then its report holds. A
        mail that is answered is done with at once: only its source could say how long the work before took.
        """
        began_at, ended_at = self.answered_at, self.ended_at
        if began_at is None or ended_at is None or self.reason == "system":
            return None
        if ended_at <= began_at and self.channel == "email":
            return self.talk_s
        talked_s = ended_at - began_at if ended_at > began_at else 0.0
        if self.talk_s is not None:
            reported_s = self.talk_s if self.hold_s is None else self.talk_s + self.hold_s
            talked_s = reported_s if reported_s < talked_s else talked_s  # noqa: FURB136
        return talked_s if self.wrap_up_s is None else talked_s + self.wrap_up_s
