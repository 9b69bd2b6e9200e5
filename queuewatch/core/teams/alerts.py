"""Alerts: what a team is told of, once, in time, with the reason; and that it is over.

A condition (a queue is very busy, a source is silent) is an alarm (`alarm.py`): what flaps is one alert and
not ten. In quiet hours only what is critical is told; the rest is told after them: what still holds as an
alert, what came and went as one summary.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from queuewatch.core.decisions import AlertChanged, AlertKind, AlertPhase, named
from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.rules import AlertRule
from queuewatch.core.teams.alarm import CRITICAL, Alarm, Facts, Manner, Want
from queuewatch.core.teams.scheduled import Shortage

VERY_BUSY = 2


class Signal(Struct, frozen=True):
    """A queue as it was last looked at, as far as it may alarm somebody.

    Attributes:
        level: 0 normal, 1 busy, 2 very busy, by the rules alone: what a person says does not calm a team.
        past: How many wait longer than the last threshold.
    """

    level: int
    past: int
    waiting: int
    oldest_wait_s: float | None
    chances: dict[str, float]
    agents: int | None


class Missed(Struct):
    """What came and went in quiet hours: how often, and since when."""

    count: int
    since_at: float
    subject: str


class Alerts(Struct):
    """The alerts of one site.

    Attributes:
        alarms: By kind and subject.
        signals: The queues that hurt, as last looked at.
        promises: Whether the latest promises were kept, oldest first.
        failed: The customers of whom it is told that they were failed again; their names stay here.
        missed: What came and went in quiet hours, by kind.
        counts: How often each kind was raised.
        due_at: When something falls due by itself; None: nothing does.
    """

    alarms: dict[str, Alarm] = field(default_factory=dict)
    signals: dict[str, Signal] = field(default_factory=dict)
    promises: list[bool] = field(default_factory=list)
    failed: dict[str, None] = field(default_factory=dict)
    missed: dict[AlertKind, Missed] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    due_at: float | None = None

    # ── what conditions say ───────────────────────────────────────────────────────────────────────────

    def look(self, queue: str, signal: Signal, rule: AlertRule, now: float) -> None:
        """Take in how a queue is: the site's queues share agents, and are busy together."""
        busy = f"queue_busy/{queue if rule.each_queue else ''}"
        before = len(self.signals)
        self.signals.pop(queue, None)
        if signal.level >= rule.level:
            self.signals[queue] = signal
        hurt = int(queue in self.signals) if rule.each_queue else len(self.signals)
        worst = queue if rule.each_queue else self._worst(queue, self.alarms.get(busy), before)
        of = self.signals.get(worst, signal)
        facts = _of_queue(worst, of, "very_busy" if rule.level == VERY_BUSY else "busy", hurt)
        manner = Manner(rule.hold_s, rule.end_hold_s, rule.critical_after_s, rule.reopen_s)
        self._ask(busy, "queue_busy", 1 if hurt else 0, facts, manner, now)
        known = self.alarms.get(busy)
        covered = known is not None and known.active
        past: Want = 1 if signal.past >= rule.past and not covered else 0
        manner = Manner(rule.past_hold_s, rule.end_hold_s, rule.critical_after_s, rule.reopen_s)
        facts = _of_queue(queue, signal, "past_threshold", signal.past)
        self._ask(f"threshold_passed/{queue}", "threshold_passed", past, facts, manner, now)

    def _worst(self, queue: str, known: Alarm | None, before: int) -> str:
        """Where somebody waits longest of all queues that hurt; the queue itself where none does.

        Who was it stands in the alarm, and is held against this queue alone: with a look at all of them
        for each of a thousand queues the service did nothing else.

        Args:
            queue: The one just looked at.
            known: What was asked for when a queue was last looked at.
            before: How many hurt then.
        """
        if known is not None and known.facts.count == before and known.facts.subject != queue:
            standing = self.signals.get(known.facts.subject)
            if standing is not None:
                some = [one for one in (known.facts.subject, queue) if one in self.signals]
                return max(some, key=self._weight)
        return max(self.signals, key=self._weight, default=queue)

    def _weight(self, queue: str) -> tuple[float, str]:
        return (self.signals[queue].oldest_wait_s or 0.0, queue)

    def source(self, name: str, *, stale: bool, rule: AlertRule, now: float) -> None:
        """Take in whether a source can be relied on."""
        key = f"source_stale/{name}"
        if stale or key in self.alarms:
            manner = Manner(rule.stale_s, 0.0, rule.stale_critical_s, rule.reopen_s)
            facts = Facts(subject=name, reason="stale")
            self._ask(key, "source_stale", 1 if stale else 0, facts, manner, now)

    def budget(self, share: float, rule: AlertRule, low_share: float, now: float) -> None:
        """Take in which share of the day's or month's budget is spent, whichever is more."""
        want: Want = CRITICAL if share >= 1.0 else 1 if share >= low_share else 0
        facts = Facts(subject="budget", reason="spent" if want == CRITICAL else "nearly_spent", share=share)
        self._ask("budget_low/budget", "budget_low", want, facts, Manner(reopen_s=rule.reopen_s), now)

    def promise(self, rule: AlertRule, now: float, *, kept: bool) -> None:
        """Take in that a promise was kept or broken."""
        self.promises.append(kept)
        del self.promises[: -rule.promises]
        share = sum(self.promises) / len(self.promises)
        full = len(self.promises) >= rule.promises
        want: Want = 1 if full and share < rule.promises_kept else 0
        facts = Facts(subject="promises", reason="kept_too_few", count=len(self.promises), share=share)
        manner = Manner(0.0, rule.end_hold_s, None, rule.reopen_s)
        self._ask("promises_broken/promises", "promises_broken", want, facts, manner, now)

    def failed_again(self, customer: str, rule: AlertRule, now: float) -> None:
        """A customer was failed again: somebody should call. One alert for all of them, without any name.

        It has news when there are five of them, ten, twenty, and so on.
        """
        key = "customer_failed_again/customers"
        known = self.alarms.get(key)
        if known is None or not known.active:
            self.failed = {}
        before = len(self.failed)
        self.failed[customer] = None
        count = len(self.failed)
        facts = Facts(subject="customers", reason="second_failure", count=count)
        manner = Manner(end_hold_s=rule.failed_again_s, once=True)
        if known is None or not known.active or (count > before and _worth_telling(count)):
            self._ask(key, "customer_failed_again", 1, facts, manner, now)
            return
        known.facts, known.gone_at = facts, now
        self._due()

    def shortage(self, queue: str, short: Shortage | None, rule: AlertRule, now: float) -> None:
        """Take in that a queue will have too few agents; None: it will not."""
        facts = Facts(subject=queue, reason="too_few_planned", count=0)
        if short is not None:
            facts = replace(facts, count=short.missing, agents=short.planned, begins_at=short.begins_at)
        want: Want = 0 if short is None else 1
        manner = Manner(rule.hold_s, rule.end_hold_s, None, rule.reopen_s)
        self._ask(f"shortage_ahead/{queue}", "shortage_ahead", want, facts, manner, now)

    def _ask(self, key: str, kind: AlertKind, want: Want, facts: Facts, manner: Manner, now: float) -> None:  # noqa: PLR0917
        alarm = self.alarms.get(key)
        if alarm is None:
            if not want:
                return
            alarm = self.alarms[key] = Alarm(kind=kind, manner=manner, facts=facts)
        alarm.ask(want, facts, manner, now)
        self._due()

    def _due(self) -> None:
        dues = [due for one in self.alarms.values() if (due := one.due_at()) is not None]
        self.due_at = min(dues, default=None)

    # ── what is told ──────────────────────────────────────────────────────────────────────────────────

    def wake(self, site: str, rule: AlertRule, now: float) -> Iterator[AlertChanged]:
        """What is to be told by now."""
        quiet_until = _quiet_until(rule, now)
        if quiet_until is None:
            yield from self._speak_up(site, now)
        for key, alarm in list(self.alarms.items()):
            yield from self._step(site, key, alarm, now, hush=quiet_until is not None)
        self._due()
        if quiet_until is not None and (self.missed or any(one.hushed for one in self.alarms.values())):
            self.due_at = quiet_until if self.due_at is None else min(self.due_at, quiet_until)

    def _step(self, site: str, key: str, alarm: Alarm, now: float, *, hush: bool) -> Iterator[AlertChanged]:
        while (happened := alarm.step(site, now)) is not None:
            phase, reason = happened
            if phase == "raised":
                self.counts[alarm.kind] = self.counts.get(alarm.kind, 0) + 1
            told = self._hushed(alarm, phase, reason, hush=hush)
            if told is not None:
                yield alarm.told(site, *told, now)
        if not alarm.active and alarm.since_at is None and now >= alarm.over_at + alarm.manner.reopen_s:
            del self.alarms[key]

    def _hushed(
        self, alarm: Alarm, phase: AlertPhase, reason: str, *, hush: bool
    ) -> tuple[AlertPhase, str] | None:
        """What is told of it, where these are quiet hours or it began in them; None: nothing, for now."""
        if phase == "resolved" and alarm.hushed:
            alarm.hushed = False
            known = self.missed.setdefault(alarm.kind, Missed(0, alarm.began_at, alarm.facts.subject))
            known.count += 1
            return None
        if alarm.hushed and alarm.severity == "critical":
            alarm.hushed = False
            return "raised", reason
        if hush and phase in {"raised", "updated"} and alarm.severity == "warning":
            alarm.hushed = True
        return None if alarm.hushed else (phase, reason)

    def _speak_up(self, site: str, now: float) -> Iterator[AlertChanged]:
        """Quiet hours are over: what still holds is told, and what came and went is summed up."""
        for alarm in self.alarms.values():
            if alarm.hushed:
                alarm.hushed = False
                yield alarm.told(site, "raised", "after_quiet_hours", now)
        for kind, missed in self.missed.items():
            name = named("alert", kind, site, "quiet", rfc3339(missed.since_at))
            yield AlertChanged(
                key=f"{name}/resolved",
                site=site,
                at=now,
                alert=name,
                kind=kind,
                phase="resolved",
                severity="warning",
                subject=missed.subject,
                since_at=missed.since_at,
                reason="in_quiet_hours",
                count=missed.count,
            )
        self.missed = {}


def _worth_telling(count: int) -> bool:
    """Whether so many are news: five, and each time they have doubled."""
    fives, rest = divmod(count, 5)
    return rest == 0 and fives > 0 and fives & (fives - 1) == 0


def _of_queue(name: str, signal: Signal, reason: str, count: int) -> Facts:
    return Facts(
        subject=name,
        reason=reason,
        waiting=signal.waiting,
        oldest_wait_s=signal.oldest_wait_s,
        chances=signal.chances,
        agents=signal.agents,
        count=count,
    )


def _quiet_until(rule: AlertRule, now: float) -> float | None:
    """When the quiet hours end that it is now; None: it is none."""
    if rule.quiet is None:
        return None
    span = next(rule.quiet.spans(now), None)
    return span[1] if span is not None and span[0] <= now else None


def with_help(one: AlertChanged, missing: int | None, chance_then: float | None) -> AlertChanged:
    """The same alert, saying what would help."""
    return replace(one, agents_missing=missing, chance_then=chance_then)
