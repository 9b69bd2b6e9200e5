"""A visit: one stay of a contact in one queue, and the stages it goes through."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from queuewatch.core.events import Channel, LeftReason, Tier, TransferKind

Stage = Literal["waiting", "ringing", "answered", "completed", "abandoned", "leaving", "left", "lost"]

IN_LINE: frozenset[Stage] = frozenset(("waiting", "ringing"))
OPEN: frozenset[Stage] = frozenset(("waiting", "ringing", "answered"))


class Visit(Struct, gc=False):
    """One stay of a contact in one queue.

    Attributes:
        number: Counts the contact's stays in this queue from 1.
        enqueued_at: When it joined; for an implied visit what the answer's `wait_s` says.
        implied: The joining was never told; `wait_known` then says whether its time can be trusted.
        reason: Why it left unanswered; `system` on a conversation cut with its source.
        confirmed_at: Time of the last fact that showed it alive.
        transferred: How it was handed on, if it was.
        callback: We call this contact back: it has the place of its first wait, but nobody holds the line.
        first_response_at: When an agent first wrote (chat, e-mail).
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

    @property
    def wait_s(self) -> float | None:
        """From joining to being answered, seconds; None when not answered or not known."""
        if self.answered_at is None or not self.wait_known:
            return None
        return max(0.0, self.answered_at - self.enqueued_at)

    @property
    def endured_s(self) -> float | None:
        """From joining to whatever ended the waiting, seconds; None while it lasts or if not known."""
        end = self.answered_at if self.answered_at is not None else self.ended_at
        return None if end is None or not self.wait_known else max(0.0, end - self.enqueued_at)

    @property
    def handling_s(self) -> float | None:
        """From the answer to the end, with reported wrap-up, seconds; None if not known.

        A mail that is answered is done with at once: the work was before the answer, and only its source
        could say how long it took.
        """
        if self.answered_at is None or self.ended_at is None or self.reason == "system":
            return None
        talked_s = self.ended_at - self.answered_at
        if talked_s <= 0.0 and self.channel == "email":
            return self.talk_s
        return (talked_s if talked_s > 0.0 else 0.0) + (self.wrap_up_s or 0.0)  # noqa: FURB136
