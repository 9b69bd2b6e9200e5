"""What a supervisor can ask for: thresholds, notices, incentives, ages; each with the contract's default."""

from __future__ import annotations

from datetime import UTC, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta, Struct

from queuewatch.core.decisions import Benefit
from queuewatch.core.facts.terms import Channel, Tier
from queuewatch.core.hours import Hours
from queuewatch.core.schedule import Planned

Occasion = Literal["waiting", "answered", "abandoned", "promise_broken"]
DAY_S = 86_400.0

Chance = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]


@lru_cache(maxsize=256)
def _in_words(threshold_s: float) -> str:
    """A threshold as a key of chances; every look at a queue asks for two of them, several times."""
    return f"{threshold_s:g}"


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
        return _in_words(self.busy_threshold_s), _in_words(self.very_busy_threshold_s)


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


class Tolerance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long customers put up with waiting, as surveys have it; points (seconds, share), ascending.

    With e-mail a minute counts as an hour.

    Attributes:
        resents: The share of customers who resent a wait of this length (Velaro 2012; docs/waits.md).
        gives_up: The share who have given up by then: half between one and three minutes, 30 % between three
            and five, few stay longer (a survey whose publisher is not known; docs/waits.md).
        survey_counts: `gives_up` counts as so many customers of the queue's own.
    """

    resents: tuple[tuple[float, float], ...] = ((0.0, 0.323), (60.0, 0.599), (300.0, 0.901), (600.0, 0.959))
    gives_up: tuple[tuple[float, float], ...] = (
        (0.0, 0.0),
        (60.0, 0.1),
        (180.0, 0.6),
        (300.0, 0.9),
        (900.0, 1.0),
    )
    survey_counts: NotNegative = 100.0


class QueueRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of one queue.

    Attributes:
        thresholds_s: Tolerance thresholds, seconds, ascending.
        notice: When customers are told that it is busy.
        targets: What staffing aims at.
        hours: When it is open; None: always.
        schedule: Levels told by the calendar; of those that hold at once the first one counts.
    """

    thresholds_s: tuple[Positive, ...] = (60.0, 180.0)
    notice: NoticeRule = NoticeRule()
    targets: Targets = Targets()
    hours: Hours | None = None
    schedule: tuple[Planned, ...] = ()

    @property
    def late_shares(self) -> dict[str, float]:
        """The share of contacts that may pass each threshold (seconds, as text)."""
        shares = (self.targets.past_first, self.targets.past_second)
        return {f"{t:g}": share for t, share in zip(self.thresholds_s, shares, strict=False)}


class IncentiveRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a customer is owed a voucher, and which.

    Attributes:
        when: `waiting`: once the wait has lasted `after_s`; `answered`: when it was answered after that;
            `abandoned`: when it was given up after that; `promise_broken`: when it lasted `after_s` longer
            than was promised.
        after_s: Seconds, counted while the queue is open.
        queues, channels, tiers, languages: For whom; empty: for all. "de" is for "de-AT" too.
        unknown_customers: Also for those whom no source named, for whom no cap per customer can hold.
        benefit: What they are owed.
        value: What it counts as in the budgets, in the budgets' currency.
        per_customer: So many within `period_s`; a failure after that is a case for a person.
        period_s: Seconds.
        valid_s: How long the voucher is good, seconds.
        follow_up_s: After how long somebody should ask how it went, seconds; None: nobody need.
    """

    when: Occasion = "waiting"
    after_s: NotNegative = 180.0
    queues: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    tiers: tuple[Tier, ...] = ()
    languages: tuple[str, ...] = ()
    unknown_customers: bool = False
    benefit: Benefit = Benefit()
    value: Decimal = Decimal(0)
    per_customer: int = 1
    period_s: Positive = 30 * DAY_S
    valid_s: Positive = 90 * DAY_S
    follow_up_s: Positive | None = 3 * DAY_S


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may be given away at a site; None: as much as the rules say.

    Attributes:
        zone: Days and months begin at midnight on its clock.
        currency: Of all amounts (ISO 4217).
        day, month: Overall, by rules and by hand.
        queue_day: Once so much was given in one queue on a day, by rules and by hand, rules give no more;
            `queues_day` where single queues have their own.
        evening_s: When the evening begins, seconds of the day on the zone's clock.
        evening_share: The share of `day` that is kept until then.
        existing_share: The share of `day` that only existing customers are given.
        by_hand_day: What each person may grant by hand a day; 0: nobody may.
        by_hand_valid_s: How long what was granted by hand is good, seconds.
        by_hand_follow_up_s: When somebody should ask how it went, seconds after it; None: nobody need.
        low_share: The share of `day` or `month` spent from which on the budget is low.
    """

    zone: tzinfo = UTC
    currency: str = "EUR"
    day: Decimal | None = None
    month: Decimal | None = None
    queue_day: Decimal | None = None
    queues_day: dict[str, Decimal] = {}
    evening_s: NotNegative = 17 * 3600.0
    evening_share: Chance = 0.0
    existing_share: Chance = 0.0
    by_hand_day: Decimal = Decimal(0)
    by_hand_valid_s: Positive = 90 * DAY_S
    by_hand_follow_up_s: Positive | None = 3 * DAY_S
    low_share: Chance = 0.8


class AlertRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a team is told.

    Attributes:
        level: A queue alarms from this notice level on: 1 busy, 2 very busy.
        each_queue: Each queue has an alert of its own; else the queues of a site, sharing agents, have one.
        hold_s: ... when it has been so for so long, seconds.
        end_hold_s: It is over when it has been gone for so long, seconds.
        reopen_s: What comes back so soon after its end goes on with the old alert, seconds.
        critical_after_s: What lasts so long is critical, seconds; None: it does not become so by lasting.
        past: So many waiting past the last threshold alarm, where the site is not alarmed already ...
        past_hold_s: ... when it has been so for so long, seconds.
        stale_s: A source that has been silent for so long alarms, seconds ...
        stale_critical_s: ... and is critical after so long.
        promises, promises_kept: Of so many last promises this share must have been kept.
        failed_again_s: How long after the last it is told that customers were failed again, seconds.
        quiet: When only what is critical is told; None: never.
    """

    level: Annotated[int, Meta(ge=1, le=2)] = 2
    each_queue: bool = False
    hold_s: NotNegative = 600.0
    end_hold_s: NotNegative = 1800.0
    reopen_s: NotNegative = 3600.0
    critical_after_s: Positive | None = 3600.0
    past: Annotated[int, Meta(ge=1)] = 5
    past_hold_s: NotNegative = 120.0
    stale_s: NotNegative = 120.0
    stale_critical_s: Positive = 900.0
    promises: Annotated[int, Meta(ge=1)] = 50
    promises_kept: Chance = 0.8
    failed_again_s: Positive = 4 * 3600.0
    quiet: Hours | None = None


class CallbackRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is on the call-back list.

    Attributes:
        after_s: Who waited less before giving up is not, seconds.
        keep_s: How long one stays there whom nobody reaches, seconds.
    """

    after_s: NotNegative = 10.0
    keep_s: Positive = 7 * DAY_S


class Ages(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long things are kept in mind, seconds.

    Attributes:
        phone_s, chat_s, email_s: Greatest age of a waiting contact since it was last confirmed; then it is
            `lost`. None: it may wait for ever.
        late_s: How long an ended contact is remembered, so that late facts find it.
        agent_s: How long an agent known only from answering is held to be on duty after the last contact;
            and how long a queue for which an agent answered has a part of that agent's attention.
        repeat_s: How long after a customer's contact ended another counts as a repetition.
        lag_s: A source whose latest fact took longer than this to come in speaks of the past: it is stale.
    """

    phone_s: Positive | None = 7200.0
    chat_s: Positive | None = 86400.0
    email_s: Positive | None = None
    late_s: Positive = 600.0
    agent_s: Positive = 1800.0
    lag_s: Positive = 300.0
    repeat_s: Positive = 86_400.0

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
    tolerance: Tolerance = Tolerance()
    incentives: dict[str, IncentiveRule] = {}
    budget: Budget = Budget()
    callbacks: CallbackRule = CallbackRule()
    alerts: AlertRule = AlertRule()

    def of(self, queue: str) -> QueueRules:
        """The rules of this queue."""
        return self.queues.get(queue, self.every)
