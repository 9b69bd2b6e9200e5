"""What a supervisor can ask for: thresholds, notices, ages; each with the contract's default."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from queuewatch.core.events import Channel
from queuewatch.core.hours import Hours

Chance = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]


class NoticeRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When customers are told that a queue is busy.

    A level is entered when the next contact's chance to pass its threshold has been at least
    `enter_chance` for `enter_hold_s`, and left when that chance has been under `end_chance` for `end_hold_s`.

    Attributes:
        busy_threshold_s: The wait that makes a queue busy, seconds.
        very_busy_threshold_s: The wait that makes it very busy, seconds.
        enter_chance: Share in [0, 1].
        enter_hold_s: Seconds.
        end_chance: Share in [0, 1]; at most `enter_chance`.
        end_hold_s: Seconds.
    """

    busy_threshold_s: Positive = 60.0
    very_busy_threshold_s: Positive = 180.0
    enter_chance: Chance = 0.5
    enter_hold_s: NotNegative = 30.0
    end_chance: Chance = 0.3
    end_hold_s: NotNegative = 120.0

    @property
    def thresholds(self) -> tuple[str, str]:
        """Its two thresholds as keys of chances: seconds, as text."""
        return f"{self.busy_threshold_s:g}", f"{self.very_busy_threshold_s:g}"


class Targets(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What staffing aims at: the share of contacts that may wait past each threshold, and the occupancy cap.

    Attributes:
        past_first: Largest P(wait > first threshold).
        past_second: Largest P(wait > second threshold).
        occupancy: Largest occupancy; over 0.85 for long, people serve badly.
    """

    past_first: Chance = 0.2
    past_second: Chance = 0.02
    occupancy: Chance = 0.85


class QueueRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of one queue.

    Attributes:
        thresholds_s: Tolerance thresholds, seconds, ascending.
        notice: When customers are told that it is busy.
        targets: What staffing aims at.
        hours: When it is open; None: always.
    """

    thresholds_s: tuple[Positive, ...] = (60.0, 180.0)
    notice: NoticeRule = NoticeRule()
    targets: Targets = Targets()
    hours: Hours | None = None

    @property
    def late_shares(self) -> dict[str, float]:
        """The share of contacts that may pass each threshold (seconds, as text)."""
        shares = (self.targets.past_first, self.targets.past_second)
        return {f"{t:g}": share for t, share in zip(self.thresholds_s, shares, strict=False)}


class Ages(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long things are kept in mind, seconds.

    Attributes:
        phone_s, chat_s, email_s: Greatest age of a waiting contact since it was last confirmed; then it is
            `lost`. None: it may wait for ever.
        late_s: How long an ended contact is remembered, so that late facts find it.
        agent_s: How long an agent known only from answering is held to be on duty after the last contact.
        lag_s: A source whose latest fact took longer than this to come in speaks of the past: it is stale.
    """

    phone_s: Positive | None = 7200.0
    chat_s: Positive | None = 86400.0
    email_s: Positive | None = None
    late_s: Positive = 600.0
    agent_s: Positive = 1800.0
    lag_s: Positive = 300.0

    def waiting_s(self, channel: Channel) -> float | None:
        """Greatest age of a waiting contact of this channel, seconds; None: it may wait for ever."""
        if channel == "phone":
            return self.phone_s
        return self.chat_s if channel == "chat" else self.email_s


class Rules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules: what holds for every queue, and what single queues have of their own (by name)."""

    every: QueueRules = QueueRules()
    queues: dict[str, QueueRules] = {}
    ages: Ages = Ages()

    def of(self, queue: str) -> QueueRules:
        """The rules of this queue."""
        return self.queues.get(queue, self.every)
