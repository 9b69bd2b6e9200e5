"""All settings together, and the core's rules made of them."""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from queuewatch.config.care import (
    AlertsSection,
    BudgetSection,
    CallbacksSection,
    IncentiveSection,
)
from queuewatch.config.outgoing import AlternativesSection, Banner, Hook, Issuer, Outgoing, Slack, Teams
from queuewatch.config.schedule import WEEK, ScheduleSection
from queuewatch.config.sections import (
    AgesSection,
    Customers,
    HoursSection,
    Http,
    Journal,
    Mqtt,
    Notice,
    Planner,
    Queue,
    Service,
    Site,
    SmtpSection,
    TargetsSection,
    ThresholdsSection,
)
from queuewatch.config.sources import AnySource
from queuewatch.config.tolerance import ToleranceSection
from queuewatch.core.decisions import Benefit
from queuewatch.core.hours import Hours, Span
from queuewatch.core.rules import (
    DAY_S,
    Ages,
    AlertRule,
    Budget,
    CallbackRule,
    IncentiveRule,
    NoticeRule,
    QueueRules,
    Rules,
    Targets,
    Tolerance,
)
from queuewatch.core.schedule import Planned


class Settings(Struct, frozen=True, kw_only=True):
    """What the administrator decided, section by section."""

    service: Service = Service()
    http: Http = Http()
    mqtt: Mqtt | None = None
    journal: Journal = Journal()
    customers: Customers = Customers()
    site: Site = Site()
    ages: AgesSection = AgesSection()
    thresholds: ThresholdsSection = ThresholdsSection()
    notice: Notice = Notice()
    targets: TargetsSection = TargetsSection()
    hours: HoursSection | None = None
    tolerance: ToleranceSection = ToleranceSection()
    incentives: dict[str, IncentiveSection] = {}
    budget: BudgetSection = BudgetSection()
    callbacks: CallbacksSection = CallbacksSection()
    planner: Planner = Planner()
    alerts: AlertsSection = AlertsSection()
    queues: dict[str, Queue] = {}
    sources: dict[str, AnySource] = {}
    outgoing: Outgoing = Outgoing()
    slack: Slack | None = None
    teams: Teams | None = None
    hooks: dict[str, Hook] = {}
    issuer: Issuer | None = None
    banner: Banner = Banner()
    alternatives: AlternativesSection = AlternativesSection()
    smtp: SmtpSection | None = None

    def rules(self) -> Rules:
        """The rules as the core takes them."""
        ages: dict[str, Any] = {
            name: None if value == "never" else value for name, value in _given(self.ages).items()
        }
        return Rules(
            every=self._rules_of(Queue()),
            queues={name: self._rules_of(queue) for name, queue in self.queues.items()},
            ages=Ages(**ages),
            tolerance=Tolerance(**_given(self.tolerance)),
            incentives={
                name: incentive(rule, self.budget.currency) for name, rule in self.incentives.items()
            },
            budget=_budget(self.budget),
            alerts=_alerts(self.alerts, self.budget.zone),
            callbacks=CallbackRule(after_s=self.callbacks.after_s, keep_s=self.callbacks.keep_days * DAY_S),
        )

    @property
    def zone(self) -> str:
        """The time zone of what is about no single queue: of the common hours, or the budget's."""
        return self.hours.zone if self.hours is not None else self.budget.zone

    def digest_hours(self) -> Hours | None:
        """From the moment of the weekly digest until that day is over; None: there is none."""
        if self.slack is None or self.slack.digest is None:
            return None
        weekday, wall = self.slack.digest.split()
        span = (_seconds(wall), DAY_S)
        return Hours(zone=_zone(self.zone), week=tuple((span,) if day == weekday else () for day in WEEK))

    def language(self, queue: str) -> str:
        """The language in which this queue's customers are told things when nobody asks for another."""
        return self.queues.get(queue, Queue()).language or self.notice.default_language

    def alternatives_of(self, queue: str) -> AlternativesSection:
        """What else the customers of this queue can do."""
        return self.queues.get(queue, Queue()).alternatives or self.alternatives

    def _rules_of(self, queue: Queue) -> QueueRules:
        thresholds_s = queue.thresholds_s or self.thresholds.default_s
        follow = {
            "busy_threshold_s": thresholds_s[0],
            "very_busy_threshold_s": thresholds_s[min(1, len(thresholds_s) - 1)],
        }
        every = {name: value for name, value in _given(self.notice).items() if name in _NOTICE_FIELDS}
        # A queue with thresholds of its own is busy by those, not by a wait that was set for all others.
        notice = {**every, **follow} if queue.thresholds_s else {**follow, **every}
        return QueueRules(
            thresholds_s=thresholds_s,
            notice=structs.replace(NoticeRule(**notice), **_given(queue.notice)),
            targets=structs.replace(Targets(**_given(self.targets)), **_given(queue.targets)),
            hours=_hours(queue.hours or self.hours),
            schedule=self._schedule_of(queue),
        )

    def _schedule_of(self, queue: Queue) -> tuple[Planned, ...]:
        """A queue's own calendar of notices, or that of all; on the clock of its hours, or the budget's."""
        hours = queue.hours or self.hours
        zone = _zone(hours.zone if hours is not None else self.budget.zone)
        own = queue.schedule if queue.schedule is not None else self.notice.schedule
        return tuple(_planned(entry, zone) for entry in own)


def incentive(section: IncentiveSection, currency: str) -> IncentiveRule:
    """The rule that a section asks for; its amount is in the budget's currency."""
    amount = section.amount
    return IncentiveRule(
        when=section.when,
        after_s=section.after_s,
        queues=section.queues,
        channels=section.channels,
        tiers=section.tiers,
        languages=section.languages,
        unknown_customers=section.unknown_customers,
        benefit=Benefit(
            amount=amount,
            currency=None if amount is None else currency,
            percent=section.percent,
            text=section.text,
        ),
        value=section.value if section.value is not None else amount or Decimal(0),
        per_customer=section.per_customer,
        period_s=section.period_days * DAY_S,
        valid_s=section.valid_days * DAY_S,
        follow_up_s=section.follow_up_days * DAY_S or None,
    )


def _alerts(section: AlertsSection, zone: str) -> AlertRule:
    """The rule for alerts; quiet hours are on the budget's clock unless they have their own."""
    given = _given(section)
    for name in ("language", "level", "together", "quiet", "quiet_zone", "critical_after_s"):
        given.pop(name, None)
    quiet = None
    if section.quiet is not None:
        quiet = Hours(zone=_zone(section.quiet_zone or zone), week=(spans(section.quiet),) * 7)
    after_s = section.critical_after_s
    return AlertRule(
        level=1 if section.level == "busy" else 2,
        each_queue=section.together == "queue",
        critical_after_s=None if after_s == "never" else after_s,
        quiet=quiet,
        **given,
    )


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)


def _budget(section: BudgetSection) -> Budget:
    given = _given(section)
    zone, evening_from = given.pop("zone"), given.pop("evening_from")
    given.pop("code_key", None)
    return Budget(
        zone=_zone(zone),
        evening_s=_seconds(evening_from),
        by_hand_valid_s=given.pop("by_hand_valid_days") * DAY_S,
        by_hand_follow_up_s=given.pop("by_hand_follow_up_days") * DAY_S or None,
        **given,
    )


def _planned(section: ScheduleSection, zone: tzinfo) -> Planned:
    times = spans(section.times)
    return Planned(
        level=section.level,
        hours=Hours(zone=zone, week=tuple(times if day in section.days else () for day in WEEK)),
        first=None if section.first is None else date.fromisoformat(section.first),
        last=None if section.last is None else date.fromisoformat(section.last),
    )


_NOTICE_FIELDS = NoticeRule.__struct_fields__


def _given(section: Struct) -> dict[str, Any]:
    """The settings of a section that have a value."""
    return {name: value for name, value in structs.asdict(section).items() if value is not None}


def _hours(section: HoursSection | None) -> Hours | None:
    if section is None:
        return None
    return Hours(
        zone=ZoneInfo(section.zone),
        week=tuple(spans(times) for times in section.week),
        days={date.fromisoformat(day): spans(times) for day, times in section.days.items()},
    )


def spans(times: str) -> tuple[Span, ...]:
    """The spans of a day that the config writes as "08:00-12:00, 13:00-18:00" or "closed"."""
    if times == "closed":
        return ()
    return tuple(_span(*span.strip().split("-")) for span in times.split(","))


def _span(opens: str, closes: str) -> Span:
    return _seconds(opens), _seconds(closes)


def _seconds(wall: str) -> float:
    hours, minutes = wall.split(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0
