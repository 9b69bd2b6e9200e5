"""One struct per section of the config file, each key with its type, its range and its default."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from queuewatch.config.kinds import (
    Auth,
    Channels,
    Count,
    Days,
    Fact,
    Host,
    Language,
    Languages,
    Level,
    Line,
    MailAddress,
    Names,
    OpenTimes,
    Port,
    Scope,
    Share,
    SourceKind,
    States,
    Text,
    Thresholds,
    Words,
)
from queuewatch.config.outgoing import AlternativesSection
from queuewatch.config.read import HUSH
from queuewatch.config.schedule import ScheduleSection
from queuewatch.config.secret import Secret
from queuewatch.core.facts.terms import Channel
from queuewatch.core.rules import (
    Ages,
    Chance,
    NoticeRule,
    NotNegative,
    Positive,
    QueueRules,
    Targets,
)

_RULE = NoticeRule()
_TARGETS = Targets()
_AGES = Ages()


JOURNAL_FILE = "queuewatch.db"
"""What the journal is called, in `service.data_dir`."""


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


class Http(Struct, frozen=True, kw_only=True):
    """`[http]`: the address we listen on, TLS, and access tokens."""

    host: Host = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    max_body_bytes: Count = 8 * 1024 * 1024
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tokens: tuple[Token, ...] = ()


class Mqtt(Struct, frozen=True, kw_only=True):
    """`[mqtt]`: the broker we read events from and publish to; without this section there is none."""

    host: Host = "127.0.0.1"
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
    """`[journal]`: how long events are kept, how often the state is saved, how many may await writing.

    `low_disk_mb`: with less room on its disk the team is told.
    """

    retention_days: Positive = 400.0
    retention_mb: Positive = 10_000.0
    snapshot_every_events: Count = 100_000
    snapshot_every_s: Positive = 300.0
    max_pending_events: Count = 50_000
    low_disk_mb: NotNegative = 500.0


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
    schedule: tuple[ScheduleSection, ...] = ()


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


class Crew(Struct, frozen=True, kw_only=True):
    """`[planner.pools."NAME".crews."KIND"]`: agents who serve the same queues of the pool.

    `most`: how many of them there are; without it, as many as it takes.
    """

    queues: Annotated[tuple[Text, ...], Meta(min_length=1)]
    most: Annotated[int, Meta(ge=0)] | None = None


class Pool(Struct, frozen=True, kw_only=True):
    """`[planner.pools."NAME"]`: queues that share agents, planned together.

    Without crews each agent serves all of them.
    """

    queues: Annotated[tuple[Text, ...], Meta(min_length=1)]
    crews: dict[str, Crew] = {}


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
    statsforecast: bool = False


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
    schedule: tuple[ScheduleSection, ...] | None = None
    targets: QueueTargets = QueueTargets()
    hours: HoursSection | None = None
    alternatives: AlternativesSection | None = None
    planner: QueuePlanner = QueuePlanner()
    acknowledge: bool = False


class SmtpSection(Struct, frozen=True, kw_only=True):
    """`[smtp]`: the server that takes our acknowledgements, and how often customers get one.

    `port` None: 587 with STARTTLS, 465 with TLS from the start, 25 without. `name` None: the address alone.
    """

    host: Host
    sender: MailAddress
    name: Line | None = None
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
    languages: Languages = {}
    rules: tuple[SourceRule, ...] = ()
