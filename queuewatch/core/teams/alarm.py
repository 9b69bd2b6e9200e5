"""One alarm: a condition and the alert it raises, with the times it must hold, be gone, and may come back.

A condition raises its alert when it has held for a while, and resolves it when it has been gone for a while.
One that comes back soon goes on with the old alert. What lasts becomes critical, once.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from queuewatch.core.decisions import AlertChanged, AlertKind, AlertPhase, Severity, named
from queuewatch.core.facts.wire import rfc3339

Want = Literal[0, 1, 2]
"""What a condition asks for at this moment: nothing, a warning, or that it is critical at once."""


CRITICAL: Want = 2


class Manner(Struct, frozen=True):
    """How a condition becomes an alert; all in seconds.

    Attributes:
        hold_s: It must have held for so long.
        end_hold_s: It is over when it has been gone for so long.
        critical_after_s: It is critical when it has held for so long; None: it does not become so by lasting.
        reopen_s: When it comes back so soon after its end, the old alert goes on.
        once: It does not last but happened: it is over after `end_hold_s`, and happening again is news.
    """

    hold_s: float = 0.0
    end_hold_s: float = 0.0
    critical_after_s: float | None = None
    reopen_s: float = 0.0
    once: bool = False


class Facts(Struct, frozen=True, kw_only=True):
    """What an alert says beside that it is one; as in AlertChanged."""

    subject: str
    reason: str
    waiting: int | None = None
    oldest_wait_s: float | None = None
    chances: dict[str, float] = {}
    agents: int | None = None
    count: int | None = None
    share: float | None = None
    begins_at: float | None = None
    detail: str = ""


class Alarm(Struct, kw_only=True):
    """One condition and the alert it raised.

    Attributes:
        want: What the condition asks for now.
        facts: What it says now.
        since_at: Since when it asks for something; None while it does not.
        gone_at: Since when an alert that is under way is not asked for any more; None while it is.
        active: Whether an alert is under way.
        alert: The name of the alert under way, or of the last.
        began_at: When its condition began to hold.
        over_at: When the last one was over.
        severity: How much it hurts.
        news: It happened again while its alert is under way.
        hushed: It is under way, but nobody was told: these are quiet hours.
    """

    kind: AlertKind
    manner: Manner
    facts: Facts
    want: Want = 0
    since_at: float | None = None
    gone_at: float | None = None
    active: bool = False
    alert: str = ""
    began_at: float = 0.0
    over_at: float = float("-inf")
    severity: Severity = "warning"
    news: bool = False
    hushed: bool = False

    def ask(self, want: Want, facts: Facts, manner: Manner, now: float) -> None:
        """Take in the condition as it is now."""
        self.want, self.manner = want, manner
        if manner.once and self.active:
            self.facts, self.gone_at, self.news = facts, now, True
            return
        if want or not self.active:
            self.facts = facts
        if want and self.since_at is None:
            self.since_at = now
        if not want and not self.active:
            self.since_at = None
        if not self.active or want:
            self.gone_at = None
        elif self.gone_at is None:
            self.gone_at = now

    def step(self, site: str, now: float) -> tuple[AlertPhase, str] | None:
        """What happens to the alert at this moment, and why; None: nothing."""
        manner = self.manner
        if not self.active:
            if self.since_at is None or now < self.since_at + manner.hold_s:
                return None
            return self._begin(site, now)
        if self.news:
            self.news = False
            return "updated", "again"
        if self.gone_at is not None:
            if now < self.gone_at + manner.end_hold_s:
                return None
            self.active, self.since_at, self.gone_at, self.over_at = False, None, None, now
            return "resolved", "over"
        if self.severity == "warning" and self._critical(now):
            self.severity = "critical"
            return "escalated", "lasts" if self.want == 1 else self.facts.reason
        return None

    def told(self, site: str, phase: AlertPhase, reason: str, now: float) -> AlertChanged:
        """What is told of it in this phase."""
        facts = self.facts
        return AlertChanged(
            key=f"{self.alert}/{phase}/{rfc3339(now)}",
            site=site,
            at=now,
            alert=self.alert,
            kind=self.kind,
            phase=phase,
            severity=self.severity,
            subject=facts.subject,
            since_at=self.began_at,
            reason=reason,
            waiting=facts.waiting,
            oldest_wait_s=facts.oldest_wait_s,
            chances=facts.chances,
            agents=facts.agents,
            count=facts.count,
            share=facts.share,
            begins_at=facts.begins_at,
            detail=facts.detail,
        )

    def _begin(self, site: str, now: float) -> tuple[AlertPhase, str]:
        assert self.since_at is not None  # noqa: S101  # it asks for something
        self.active = True
        again = bool(self.alert) and self.since_at < self.over_at + self.manner.reopen_s
        if not again:
            self.began_at = self.since_at
            subject = "*" if self.kind == "queue_busy" else self.facts.subject
            self.alert = named("alert", self.kind, site, subject, rfc3339(self.began_at))
        self.severity = "critical" if self._critical(now) else "warning"
        self.gone_at = now if self.manner.once else None
        return ("updated", "again") if again else ("raised", self.facts.reason)

    def _critical(self, now: float) -> bool:
        after_s = self.manner.critical_after_s
        lasts = after_s is not None and self.since_at is not None and now >= self.since_at + after_s
        return self.want == CRITICAL or lasts

    def due_at(self) -> float | None:
        """When it changes if the condition stays as it is; None: not by itself."""
        manner = self.manner
        if not self.active:
            return None if self.since_at is None else self.since_at + manner.hold_s
        if self.news or (self.want == CRITICAL and self.severity == "warning"):
            return self.since_at
        if self.gone_at is not None:
            return self.gone_at + manner.end_hold_s
        if self.severity == "critical" or manner.critical_after_s is None or self.since_at is None:
            return None
        return self.since_at + manner.critical_after_s
