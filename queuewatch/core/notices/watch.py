"""Notices: levels that are entered and left with hysteresis, each evaluation with its reason.

A condition (a chance is at or over its border) must hold for a while before a level changes, so that a queue
that flickers tells nobody anything. What a supervisor said by hand goes before the rules until it ends; what
the calendar says goes before the estimates, which are followed all the while.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from queuewatch.core.decisions import named
from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.rules import NoticeRule
from queuewatch.core.schedule import Planned, planned
from queuewatch.core.state.calendar import earliest
from queuewatch.core.view import NoticeLevel, NoticeReason, NoticeView


class Condition(Struct):
    """One condition with its hold times.

    Attributes:
        active: Whether its episode is under way.
        since_at: When the episode began; None while there is none.
        turning_at: Since when the chance has spoken for the other state; None while it does not.
        reason: Why it is as it is.
    """

    active: bool = False
    since_at: float | None = None
    turning_at: float | None = None
    reason: NoticeReason = "below"

    def heed(self, chance: float | None, now: float, rule: NoticeRule) -> None:
        """Take in the chance as it is now; None, unknown, speaks for nothing and changes nothing."""
        if chance is None:
            self.turning_at = None
            self.reason = "no_estimate"
            return
        turns = chance < rule.end_chance if self.active else chance >= rule.enter_chance
        if not turns:
            self.turning_at = None
            self.reason = "above" if self.active else "below"
            return
        if self.turning_at is None:
            self.turning_at = now
        if now < self.turning_at + self._hold_s(rule):
            self.reason = "falling" if self.active else "rising"
            return
        self.active = not self.active
        self.since_at = now if self.active else None
        self.turning_at = None
        self.reason = "above" if self.active else "below"

    def due_at(self, rule: NoticeRule) -> float | None:
        """When it changes if the chance stays on its side; None while nothing is turning."""
        return None if self.turning_at is None else self.turning_at + self._hold_s(rule)

    def _hold_s(self, rule: NoticeRule) -> float:
        return rule.end_hold_s if self.active else rule.enter_hold_s


class Watch(Struct):
    """The notice of one queue.

    Attributes:
        busy, very_busy: What the estimates say.
        level: What is told, since `since_at`.
        override: What a supervisor said; `override_at` tells which of several is the last.
        scheduled: What the calendar says, until `scheduled_due_at` at least; None: nothing.
        wake_at: When it wants to be looked at again.
        looked_at: When it was looked at last.
        calm_until_at: Until when the last look holds, while the site has told `calm_heard` facts and no more;
            see `calm.py`.
        stirred_until_at: Until when it holds, however many.
    """

    busy: Condition = field(default_factory=Condition)
    very_busy: Condition = field(default_factory=Condition)
    level: NoticeLevel = "normal"
    since_at: float | None = None
    override: NoticeOverridden | None = None
    override_at: tuple[float, str, str] = (float("-inf"), "", "")
    scheduled: NoticeLevel | None = None
    scheduled_due_at: float | None = None
    wake_at: float | None = None
    looked_at: float = float("-inf")
    calm_until_at: float = float("-inf")
    calm_heard: int = 0
    stirred_until_at: float = float("-inf")

    def heed(
        self,
        chances: dict[str, float] | None,
        now: float,
        rule: NoticeRule,
        schedule: Sequence[Planned] = (),
    ) -> bool:
        """Take in the next contact's chances as they are now (None: unknown); True when the level changed."""
        busy, very_busy = rule.thresholds
        self.busy.heed(chances[busy] if chances else None, now, rule)
        self.very_busy.heed(chances[very_busy] if chances else None, now, rule)
        self.scheduled, self.scheduled_due_at = planned(schedule, now)
        level = self._level(now)
        if level == self.level:
            return False
        self.level = level
        self.since_at = now
        return True

    def _level(self, now: float) -> NoticeLevel:
        if self.override is not None and _over(self.override, now):
            self.override = None
        if self.override is not None and self.override.level is not None:
            return self.override.level
        if self.scheduled is not None:
            return self.scheduled
        if self.very_busy.active:
            return "very_busy"
        return "busy" if self.busy.active else "normal"

    def obey(self, override: NoticeOverridden, stamp: tuple[float, str, str]) -> None:
        """A supervisor's word; of several the one spoken last holds, whichever came in last."""
        if stamp > self.override_at:
            self.override_at = stamp
            self.override = override if override.level is not None else None

    @property
    def reason(self) -> NoticeReason:
        """Why the level is what it is."""
        if self.override is not None:
            return "override"
        if self.scheduled is not None:
            return "schedule"
        return self.busy.reason if self.level != "very_busy" else self.very_busy.reason

    def due_at(self, rule: NoticeRule) -> float | None:
        """When the level may change with nothing new happening; None: not by itself."""
        until = self.override.until_at if self.override is not None else None
        return earliest((self.busy.due_at(rule), self.very_busy.due_at(rule), until, self.scheduled_due_at))

    def view(self) -> NoticeView:
        """What others see of it."""
        override = self.override
        return NoticeView(
            level=self.level,
            since_at=self.since_at,
            reason=self.reason,
            by=override.by if override else None,
            until_at=override.until_at if override else None,
        )


def _over(override: NoticeOverridden, now: float) -> bool:
    return override.until_at is not None and override.until_at <= now


def notice_key(site: str, queue: str, level: NoticeLevel, since_at: float) -> str:
    """The key of a notice: notice / site / queue / level / begin. The same after a restart."""
    return named("notice", site, queue, level, rfc3339(since_at))
