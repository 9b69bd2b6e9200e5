"""One struct per section of the config file, each key with its type, its range and its default."""

from __future__ import annotations

import hashlib
import hmac
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from queuewatch.config.outgoing import AlternativesSection
from queuewatch.config.read import HUSH
from queuewatch.config.secret import Secret
from queuewatch.core.events import AgentState, Channel, Tier
from queuewatch.core.rules import (
    DAY_S,
    Ages,
    AlertRule,
    Budget,
    CallbackRule,
    Chance,
    NoticeRule,
    NotNegative,
    Occasion,
    Positive,
    QueueRules,
    Targets,
)

_RULE = NoticeRule()
_TARGETS = Targets()
_AGES = Ages()
_ALERTS = AlertRule()
_BUDGET = Budget()
_CALLBACKS = CallbackRule()

Text = Annotated[str, Meta(min_length=1, description="text in quotes that is not empty")]
Port = Annotated[int, Meta(ge=1, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(gt=0, le=1)]
Thresholds = Annotated[tuple[Positive, ...], Meta(min_length=1)]
Money = Annotated[Decimal, Meta(description='an amount of money that is not negative, such as 10 or "7.50"')]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description='a currency such as "EUR" (ISO 4217)')]
WallTime = Annotated[str, Meta(pattern=r"^\d\d:\d\d$", description='a time such as "17:00"')]
Language = Annotated[
    str,
    Meta(pattern="^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", description='a language tag such as "en" or "de-AT"'),
]
Level = Annotated[
    str,
    Meta(
        pattern="^[^/+#\x00]+$", description='text in quotes without "/", "+" and "#", as a level of a topic'
    ),
]
OpenTimes = Annotated[
    str,
    Meta(
        pattern=r"^(closed|\d\d:\d\d-\d\d:\d\d(, ?\d\d:\d\d-\d\d:\d\d)*)$",
        description='"closed", or times such as "09:00-17:00" or "08:00-12:00, 13:00-18:00"',
    ),
]
Days = Annotated[
    dict[str, OpenTimes],
    Meta(description='a table such as { "2026-12-24" = "09:00-12:00", "2026-12-25" = "closed" }'),
]
Scope = Literal["ingest", "read", "act"]
Names = Annotated[dict[str, Text], Meta(description='a table such as { their_name = "our_name" }')]
Words = Annotated[
    dict[str, Names], Meta(description='a table such as { our_field = { their_word = "our_word" } }')
]
Channels = Annotated[
    dict[str, Channel],
    Meta(description='a table such as { their_word = "chat" }, of "phone", "chat", "email"'),
]
States = Annotated[
    dict[str, AgentState],
    Meta(
        description='a table such as { Lunch = "not_ready" }, of "offline", "available", "ringing", "busy", '
        '"wrap_up" or "not_ready"'
    ),
]
SourceKind = Literal[
    "amazon-connect",
    "chatwoot",
    "generic-json",
    "genesys-cloud",
    "intercom",
    "rocketchat",
    "twilio",
    "zammad",
    "zendesk",
]
Auth = Literal["token", "hmac-sha256", "hmac-sha1"]
Fact = Literal[
    "contact.enqueued",
    "contact.offered",
    "contact.offer_failed",
    "contact.answered",
    "contact.abandoned",
    "contact.left",
    "contact.transferred",
    "contact.completed",
    "message.received",
    "message.sent",
    "agent.changed",
]


class Service(Struct, frozen=True, kw_only=True):
    """`[service]`: where data lies and how the service speaks of itself."""

    data_dir: Path = Path("var")
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"


def token_hash(token: str) -> str:
    """What is kept of an access token: its SHA-256, 64 hexadecimal digits.

    A plain hash will do, because our tokens are 256 random bits that nobody can guess.
    """
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


class Token(Struct, frozen=True, kw_only=True):
    """`[[http.tokens]]`: who may come in, by the hash of the token they show, and what for."""

    name: Text
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1)]
    sha256: Annotated[
        str,
        Meta(
            pattern="^[0-9a-f]{64}$",
            description="the token's hash, 64 hexadecimal digits as `queuewatch token` prints them, "
            "never the token itself",
            extra=HUSH,
        ),
    ]

    def matches(self, shown: str) -> bool:
        """Whether this is the token that somebody shows; takes the same time for a near miss."""
        return hmac.compare_digest(token_hash(shown), self.sha256)


class Http(Struct, frozen=True, kw_only=True):
    """`[http]`: the address we listen on, TLS, and access tokens."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    max_body_bytes: Count = 8 * 1024 * 1024
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tokens: tuple[Token, ...] = ()


class Mqtt(Struct, frozen=True, kw_only=True):
    """`[mqtt]`: the broker we read events from and publish to; without this section there is none."""

    host: Text = "127.0.0.1"
    port: Port | None = None
    username: Text | None = None
    password: Secret | None = None
    tls: bool = False
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_id: Text = "queuewatch"
    sites: Annotated[tuple[Level, ...], Meta(min_length=1)] = ("default",)
    keepalive_s: Annotated[int, Meta(ge=1, le=65535)] = 60
    max_inflight: Annotated[int, Meta(ge=1, le=65535)] = 1000

    @property
    def broker_port(self) -> int:
        """The port to connect to: as configured, else MQTT's own, 8883 with TLS and 1883 without."""
        return self.port or (8883 if self.tls else 1883)


class Journal(Struct, frozen=True, kw_only=True):
    """`[journal]`: how long events are kept, how often the state is saved, how many may await writing."""

    retention_days: Positive = 400.0
    retention_mb: Positive = 10_000.0
    snapshot_every_events: Count = 100_000
    snapshot_every_s: Positive = 300.0
    max_pending_events: Count = 50_000


class Customers(Struct, frozen=True, kw_only=True):
    """`[customers]`: the key that turns a customer's identifier into one nobody can turn back."""

    key: Secret | None = None
    key_version: Count = 1


class AgesSection(Struct, frozen=True, kw_only=True):
    """`[ages]`: how long things are kept in mind; TOML has no "nothing", so `"never"` stands for it."""

    phone_s: Positive | Literal["never"] = _AGES.phone_s or "never"
    chat_s: Positive | Literal["never"] = _AGES.chat_s or "never"
    email_s: Positive | Literal["never"] = _AGES.email_s or "never"
    late_s: Positive = _AGES.late_s
    agent_s: Positive = _AGES.agent_s
    lag_s: Positive = _AGES.lag_s
    repeat_s: Positive = _AGES.repeat_s


class ThresholdsSection(Struct, frozen=True, kw_only=True):
    """`[thresholds]`: the waits that matter, for queues that have none of their own."""

    default_s: Thresholds = QueueRules().thresholds_s


class Notice(Struct, frozen=True, kw_only=True):
    """`[notice]`: when customers are told that it is busy, and in which languages.

    `busy_threshold_s` and `very_busy_threshold_s` None: the first and the second threshold.
    """

    busy_threshold_s: Positive | None = None
    very_busy_threshold_s: Positive | None = None
    enter_chance: Chance = _RULE.enter_chance
    enter_hold_s: NotNegative = _RULE.enter_hold_s
    end_chance: Chance = _RULE.end_chance
    end_hold_s: NotNegative = _RULE.end_hold_s
    languages: Annotated[tuple[Language, ...], Meta(min_length=1)] = ("en", "de", "nl")
    default_language: Language = "en"


class TargetsSection(Struct, frozen=True, kw_only=True):
    """`[targets]`: what staffing aims at, for queues that have no targets of their own."""

    past_first: Share = _TARGETS.past_first
    past_second: Share = _TARGETS.past_second
    occupancy: Share = _TARGETS.occupancy


class HoursSection(Struct, frozen=True, kw_only=True):
    """`[hours]` and `[queues."NAME".hours]`: when a queue is open, on the clock of `zone`."""

    zone: Text = "UTC"
    mon: OpenTimes = "closed"
    tue: OpenTimes = "closed"
    wed: OpenTimes = "closed"
    thu: OpenTimes = "closed"
    fri: OpenTimes = "closed"
    sat: OpenTimes = "closed"
    sun: OpenTimes = "closed"
    days: Days = {}

    @property
    def week(self) -> tuple[OpenTimes, ...]:
        """The times of each weekday, from Monday."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


class QueueNotice(Struct, frozen=True, kw_only=True):
    """`[queues."NAME".notice]`: what differs from `[notice]` in this queue."""

    busy_threshold_s: Positive | None = None
    very_busy_threshold_s: Positive | None = None
    enter_chance: Chance | None = None
    enter_hold_s: NotNegative | None = None
    end_chance: Chance | None = None
    end_hold_s: NotNegative | None = None


class QueueTargets(Struct, frozen=True, kw_only=True):
    """`[queues."NAME".targets]`: what differs from `[targets]` in this queue."""

    past_first: Share | None = None
    past_second: Share | None = None
    occupancy: Share | None = None


class IncentiveSection(Struct, frozen=True, kw_only=True):
    """`[incentives."NAME"]`: one rule by which customers are owed vouchers.

    `value` None: what `amount` says. `follow_up_days` 0: nobody need ask.
    """

    when: Occasion = "waiting"
    after_s: NotNegative = 180.0
    queues: tuple[Text, ...] = ()
    channels: tuple[Channel, ...] = ()
    tiers: tuple[Tier, ...] = ()
    languages: tuple[Language, ...] = ()
    unknown_customers: bool = False
    amount: Money | None = None
    percent: Money | None = None
    text: Names = {}
    value: Money | None = None
    per_customer: Count = 1
    period_days: Positive = 30.0
    valid_days: Positive = 90.0
    follow_up_days: NotNegative = 3.0


class BudgetSection(Struct, frozen=True, kw_only=True):
    """`[budget]`: how much may be given away; without a limit, as much as the rules say."""

    zone: Text = "UTC"
    currency: Currency = _BUDGET.currency
    day: Money | None = None
    month: Money | None = None
    queue_day: Money | None = None
    queues_day: Annotated[
        dict[str, Money], Meta(description='a table such as { "sales" = 50, "support" = "20.00" }')
    ] = {}
    evening_from: WallTime = "17:00"
    evening_share: Chance = _BUDGET.evening_share
    existing_share: Chance = _BUDGET.existing_share
    by_hand_day: Money = _BUDGET.by_hand_day
    low_share: Chance = _BUDGET.low_share
    code_key: Secret | None = None


class AlertsSection(Struct, frozen=True, kw_only=True):
    """`[alerts]`: when a team is told."""

    level: Literal["busy", "very_busy"] = "very_busy"
    together: Literal["site", "queue"] = "site"
    hold_s: NotNegative = _ALERTS.hold_s
    end_hold_s: NotNegative = _ALERTS.end_hold_s
    reopen_s: NotNegative = _ALERTS.reopen_s
    critical_after_s: Positive | Literal["never"] = _ALERTS.critical_after_s or "never"
    past: Count = _ALERTS.past
    past_hold_s: NotNegative = _ALERTS.past_hold_s
    stale_s: NotNegative = _ALERTS.stale_s
    stale_critical_s: Positive = _ALERTS.stale_critical_s
    promises: Count = _ALERTS.promises
    promises_kept: Chance = _ALERTS.promises_kept
    failed_again_s: Positive = _ALERTS.failed_again_s
    quiet: OpenTimes | None = None
    quiet_zone: Text | None = None


class CallbacksSection(Struct, frozen=True, kw_only=True):
    """`[callbacks]`: who is on the call-back list."""

    after_s: NotNegative = _CALLBACKS.after_s
    keep_days: Positive = _CALLBACKS.keep_s / DAY_S


class Pool(Struct, frozen=True, kw_only=True):
    """`[planner.pools."NAME"]`: queues that share agents, and what kinds of agents there are.

    `skills` lists for each kind of agent the queues it serves; without it every agent serves all of them.
    """

    queues: Annotated[tuple[Text, ...], Meta(min_length=1)]
    skills: tuple[tuple[Text, ...], ...] = ()


class Planner(Struct, frozen=True, kw_only=True):
    """`[planner]`: what plans are made of, unless a queue says otherwise."""

    interval_min: Literal[5, 15, 30, 60] = 30
    horizon_days: Annotated[int, Meta(ge=1, le=56)] = 14
    country: Text | None = None
    region: Text | None = None
    open_on_holidays: bool = False
    special_days: Path | None = None
    shrinkage: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    pools: dict[str, Pool] = {}


class QueuePlanner(Struct, frozen=True, kw_only=True):
    """`[queues."NAME".planner]`: what the planner knows of this queue.

    `like` and `scale`: the queue whose profile it borrows while it has little past, and contacts for each of
    that one's. `slots`: contacts that an agent handles at a time. `deadline_s`: open time within which an
    e-mail must be done. `handling_s` and `patience_s`: where the planner knows better than the past.
    """

    like: Text | None = None
    scale: Positive | None = None
    slots: Count = 1
    deadline_s: Positive | None = None
    handling_s: Positive | None = None
    patience_s: Positive | None = None
    shrinkage: Annotated[float, Meta(ge=0, lt=1)] | None = None
    open_on_holidays: bool | None = None


class Queue(Struct, frozen=True, kw_only=True):
    """`[queues."NAME"]`: what one queue has of its own; the rest is as for every queue."""

    thresholds_s: Thresholds | None = None
    language: Language | None = None
    notice: QueueNotice = QueueNotice()
    targets: QueueTargets = QueueTargets()
    hours: HoursSection | None = None
    alternatives: AlternativesSection | None = None
    planner: QueuePlanner = QueuePlanner()
    acknowledge: bool = False


class SmtpSection(Struct, frozen=True, kw_only=True):
    """`[smtp]`: the server that takes our acknowledgements, and how often customers get one.

    `port` None: 587 with STARTTLS, 465 with TLS from the start, 25 without. `name` None: the address alone.
    """

    host: Text
    sender: Annotated[
        str, Meta(pattern="^[!-?A-~]+@[!-?A-~]+$", description='an address such as "support@shop.example"')
    ]
    name: Text | None = None
    port: Port | None = None
    tls: Literal["on", "starttls", "off"] = "starttls"
    tls_ca: Path | None = None
    username: Text | None = None
    password: Secret | None = None
    every_s: Positive = 86_400.0
    per_writer: Count = 3
    per_hour: Count = 300
    within_s: Positive = 3600.0


class Site(Struct, frozen=True, kw_only=True):
    """`[site]`: the routing domain of events that name none."""

    name: Level = "default"


class SourceRule(Struct, frozen=True, kw_only=True):
    """`[[sources.NAME.rules]]`: which payloads of a generic source become which fact, and how."""

    fact: Fact
    when: Names = {}
    fields: Names = {}
    values: Names = {}
    words: Words = {}


class WebhookSource(Struct, frozen=True, kw_only=True, tag=True):
    """`[sources.NAME]`: a system that tells us by webhook at `/v1/sources/NAME`.

    `site` None: the one of `[site]`. `auth` and `auth_header` None: as the system does by itself.
    """

    kind: SourceKind
    secret: Secret
    site: Level | None = None
    queue: Text | None = None
    channel: Channel | None = None
    auth: Auth | None = None
    auth_header: Text | None = None
    url: Text | None = None
    max_age_s: Positive = 300.0
    queues: Names = {}
    channels: Channels = {}
    states: States = {}
    rules: tuple[SourceRule, ...] = ()
