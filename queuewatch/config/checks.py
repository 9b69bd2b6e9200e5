"""What no single key can show: settings that contradict each other, and files that are not there."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from zoneinfo import available_timezones

from msgspec import Struct

from queuewatch.config import outgoing
from queuewatch.config.care import AlertsSection, BudgetSection, IncentiveSection
from queuewatch.config.certificates import about_certificates
from queuewatch.config.customers import KEY_LENGTH
from queuewatch.config.paths import is_there
from queuewatch.config.pools import about_pools
from queuewatch.config.read import ConfigError, dotted
from queuewatch.config.schedule import ScheduleSection, about_schedule, is_day
from queuewatch.config.sections import Customers, HoursSection, Http, Mqtt, Queue, WebhookSource
from queuewatch.config.settings import Settings, spans
from queuewatch.config.sources import (
    AnySource,
    AsteriskAmiSource,
    AsteriskQueueLogSource,
    FreeswitchSource,
    ImapSource,
)
from queuewatch.config.tolerance import about_tolerance
from queuewatch.core.customers.purse import BY_HAND
from queuewatch.core.rules import QueueRules

_DAY_S = 86_400.0
_ALL = Decimal(100)
_LAST_MINUTE_S = 59 * 60.0
_MQTT_TEXT = 60_000  # bytes; MQTT takes 65,535, and `check` adds to the client_id
_SOURCE_NAME = re.compile("[a-z0-9][a-z0-9_-]{0,63}")
_PLACES: dict[type[Struct], tuple[str, ...]] = {
    AsteriskAmiSource: ("host", "port"),
    AsteriskQueueLogSource: ("path",),
    FreeswitchSource: ("host", "port"),
    ImapSource: ("host", "username", "folder"),
}
"""What says where a source listens."""
_TAKEN_NAMES = frozenset({"http", "mqtt"})
_TOKEN_KINDS = frozenset({"generic-json", "rocketchat", "amazon-connect", "genesys-cloud"})
"""Kinds that show their secret as it is, unless `auth` says otherwise."""


def check(settings: Settings) -> None:
    """Look for contradictions.

    Raises:
        ConfigError: The first one found, with its key and the cure.
    """
    for complaint in _complaints(settings):
        raise ConfigError(complaint)


def _complaints(settings: Settings) -> Iterator[str]:
    folder = settings.service.data_dir
    if is_there(folder) and not folder.is_dir():
        yield f"service.data_dir is {folder}, which is no folder; name one, or take the file away"
    yield from _about_http(settings.http)
    if settings.mqtt is not None:
        yield from _about_mqtt(settings.mqtt)
    yield from _about_customers(settings.customers)
    yield from _about_acknowledgements(settings)
    yield from _about_languages(settings)
    for name, source in settings.sources.items():
        yield from _about_source(dotted("sources", name), name, source)
    yield from _about_twins(settings.sources)
    yield from _about_hours(settings.hours, "hours")
    for name, queue in settings.queues.items():
        yield from _about_hours(queue.hours, f"{dotted('queues', name)}.hours")
    yield from _about_schedule(settings.notice.schedule, "notice.schedule")
    for name, queue in settings.queues.items():
        yield from _about_schedule(queue.schedule or (), f"{dotted('queues', name)}.schedule")
    yield from about_tolerance(settings.tolerance)
    yield from _about_alerts(settings.alerts)
    yield from about_pools(settings.planner)
    yield from _about_budget(settings.budget)
    for name, rule in settings.incentives.items():
        yield from _about_incentive(dotted("incentives", name), name, rule, settings)
    yield from outgoing.about_origins(settings.banner)
    yield from outgoing.complaints(
        settings.outgoing, settings.slack, settings.teams, settings.hooks, settings.issuer
    )
    rules = settings.rules()
    yield from _about_rules(rules.every, "thresholds.default_s", "notice")
    for name, queue in settings.queues.items():
        table = dotted("queues", name)
        yield from _about_rules(rules.of(name), f"{table}.thresholds_s", f"{table}.notice", queue)


def _about_http(http: Http) -> Iterator[str]:
    yield from about_certificates(http, "http")
    names = [token.name for token in http.tokens]
    hashes = [token.sha256 for token in http.tokens]
    for place, token in enumerate(http.tokens):
        if token.name in names[:place]:
            yield f'http.tokens[{place}].name is "{token.name}" a second time; give each token its own name'
        if token.sha256 in hashes[:place]:
            yield f"http.tokens[{place}].sha256 is listed a second time; make another with `queuewatch token`"
    if not http.tokens and not is_loopback(http.host):
        yield (
            f'http.host is "{http.host}", which others can reach, but there is no access token; '
            "make one with `queuewatch token`, or listen on 127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address; a name other than localhost may lead anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _about_hours(hours: HoursSection | None, table: str) -> Iterator[str]:
    if hours is None:
        return
    if hours.zone not in available_timezones():
        yield f'{table}.zone is "{hours.zone}", which is no time zone; write one such as "Europe/Berlin"'
    for day in hours.days:
        if not is_day(day):
            yield f'{table}.days has "{day}", which is no day; write it as "2026-12-24"'
    times = dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), hours.week, strict=True))
    for day, text in (times | {f'days."{day}"': text for day, text in hours.days.items()}).items():
        if not _ascend(text):
            yield (
                f'{table}.{day} is "{text}"; times go from 00:00 to 24:00 and ascend '
                '(a night is two spans: "00:00-06:00, 22:00-24:00")'
            )
    if not any(spans(text) for text in hours.week) and not hours.days:
        yield f'{table} is never open; give at least one weekday its times, such as mon = "09:00-17:00"'


def _about_schedule(schedule: Sequence[ScheduleSection], table: str) -> Iterator[str]:
    yield from about_schedule(schedule, table)
    for place, entry in enumerate(schedule):
        if not _ascend(entry.times):
            yield (
                f'{table}[{place}].times is "{entry.times}"; times go from 00:00 to 24:00 and ascend '
                '(a night is two spans: "00:00-06:00, 22:00-24:00")'
            )


def _about_alerts(alerts: AlertsSection) -> Iterator[str]:
    zone = alerts.quiet_zone
    if zone is not None and zone not in available_timezones():
        yield f'alerts.quiet_zone is "{zone}", which is no time zone; write one such as "Europe/Berlin"'
    if zone is not None and alerts.quiet is None:
        yield "alerts.quiet_zone is set without alerts.quiet; set the hours too, or remove it"
    if alerts.quiet is not None and not _ascend(alerts.quiet):
        yield (
            f'alerts.quiet is "{alerts.quiet}"; times go from 00:00 to 24:00 and ascend '
            '(a night is two spans: "00:00-06:00, 22:00-24:00")'
        )
    if alerts.stale_critical_s < alerts.stale_s:
        yield (
            f"alerts.stale_critical_s is {alerts.stale_critical_s:g}, below the {alerts.stale_s:g} s of "
            "alerts.stale_s; keep it at least as long"
        )


def _about_budget(budget: BudgetSection) -> Iterator[str]:
    if budget.zone not in available_timezones():
        yield f'budget.zone is "{budget.zone}", which is no time zone; write one such as "Europe/Berlin"'
    for name in ("day", "month", "queue_day", "by_hand_day"):
        yield from _about_money(f"budget.{name}", getattr(budget, name))
    for queue, amount in budget.queues_day.items():
        yield from _about_money(dotted("budget.queues_day", queue), amount)
    if budget.code_key is not None and len(budget.code_key.reveal()) < KEY_LENGTH:
        yield (
            f"budget.code_key has fewer than {KEY_LENGTH} characters, so that codes could be guessed; "
            "give it 64 random ones, or remove it to have one made"
        )
    if budget.evening_from >= "24:00" or budget.evening_from[3:] > "59":
        yield f'budget.evening_from is "{budget.evening_from}"; times go from 00:00 to 23:59'
    if budget.day is None and (budget.evening_share or budget.existing_share):
        key = "evening_share" if budget.evening_share else "existing_share"
        yield f"budget.{key} keeps a share of budget.day, which is not set; set budget.day, or remove {key}"


def _about_incentive(table: str, name: str, rule: IncentiveSection, settings: Settings) -> Iterator[str]:
    if name == BY_HAND:
        yield f'{table}: "{BY_HAND}" is the name of what people grant; give the rule another name'
    for key in ("amount", "percent", "value"):
        yield from _about_money(f"{table}.{key}", getattr(rule, key))
    if rule.percent is not None and rule.percent > _ALL:
        yield f"{table}.percent is {rule.percent}; a percentage is at most 100"
    if rule.amount is None and rule.percent is None and not rule.text:
        yield f"{table} gives nothing; set amount, percent or text"
    limited = settings.budget.day or settings.budget.month or settings.budget.queue_day
    if rule.amount is None and rule.value is None and limited:
        yield f"{table}.value is missing: without an amount, say what the voucher counts as in the budget"


def _about_money(key: str, amount: Decimal | None) -> Iterator[str]:
    if amount is not None and not (amount.is_finite() and amount >= 0):
        yield f"{key} is {amount}; it must be an amount of money that is not negative, such as 10"


def _ascend(times: str) -> bool:
    """Whether times are of one day, and each is after the one before."""
    borders = [border for span in spans(times) for border in span]
    return all(earlier < later for earlier, later in pairwise(borders)) and all(
        border <= _DAY_S and border % 3600 <= _LAST_MINUTE_S for border in borders
    )


def _about_mqtt(mqtt: Mqtt) -> Iterator[str]:
    if mqtt.password is not None and mqtt.username is None:
        yield "mqtt.password is set without mqtt.username; set both or neither"
    told = {"client_id": mqtt.client_id, "username": mqtt.username or ""}
    told["password"] = "" if mqtt.password is None else mqtt.password.reveal()
    for name, text in told.items():
        if len(text.encode(errors="surrogatepass")) > _MQTT_TEXT or (name != "password" and "\0" in text):
            yield f"mqtt.{name} is longer than MQTT takes, or has a zero byte in it; look where it comes from"
    yield from _about_authority(mqtt, "mqtt")


def _about_authority(section: Mqtt | AsteriskAmiSource | FreeswitchSource, table: str) -> Iterator[str]:
    """What proves who the other side is, and who we are to it, is of use with TLS only."""
    for name in ("tls_ca", "tls_cert"):
        if getattr(section, name, None) is not None and not section.tls:
            yield (
                f"{table}.{name} is set, but {table}.tls is false; "
                f"set {table}.tls = true, or remove {table}.{name}"
            )
    yield from about_certificates(section, table)


def _about_acknowledgements(settings: Settings) -> Iterator[str]:
    smtp = settings.smtp
    for name, queue in settings.queues.items():
        if queue.acknowledge and smtp is None:
            table = dotted("queues", name)
            yield f"{table}.acknowledge is true, but nothing says how mail is sent; add [smtp], or remove it"
    if smtp is None:
        return
    if (smtp.username is None) != (smtp.password is None):
        yield "smtp.username and smtp.password belong together; set both or neither"
    if smtp.tls_ca is not None and smtp.tls == "off":
        yield 'smtp.tls_ca is set, but smtp.tls is "off"; set tls = "on" or "starttls", or remove tls_ca'
    yield from about_certificates(smtp, "smtp")


def _about_customers(customers: Customers) -> Iterator[str]:
    if customers.key is not None and len(customers.key.reveal()) < KEY_LENGTH:
        yield (
            f"customers.key has fewer than {KEY_LENGTH} characters, so that it could be guessed; "
            "give it 64 random ones, or remove it to have one made"
        )


def _about_languages(settings: Settings) -> Iterator[str]:
    spoken = settings.notice.languages
    chosen = [("notice.default_language", settings.notice.default_language)]
    chosen += [
        (f"{dotted('queues', name)}.language", queue.language)
        for name, queue in settings.queues.items()
        if queue.language is not None
    ]
    for key, language in chosen:
        if language not in spoken:
            yield (
                f'{key} is "{language}", which is not among notice.languages ({", ".join(spoken)}); '
                "add it there, or choose one of them"
            )


def _about_source(table: str, name: str, source: AnySource) -> Iterator[str]:
    if not _SOURCE_NAME.fullmatch(name) or name in _TAKEN_NAMES:
        yield (
            f'{table}: "{name}" cannot be the name of a source; use small letters, digits, "-" and "_", '
            f"and neither of {', '.join(sorted(_TAKEN_NAMES))}"
        )
    if isinstance(source, WebhookSource):
        yield from _about_webhook(table, source)
        return
    ours = list(source.queues.values())
    for place, queue in enumerate(ours):
        if queue in ours[:place]:
            yield (
                f'{table}.queues calls two queues "{queue}", though their lines are apart; '
                "give each its own name"
            )
    if isinstance(source, AsteriskAmiSource | FreeswitchSource):
        yield from _about_authority(source, table)
    if isinstance(source, ImapSource):
        yield from _about_mailbox(table, source)


def _about_twins(sources: Mapping[str, AnySource]) -> Iterator[str]:
    """Two sources that listen at one place: each contact would be counted twice."""
    known: dict[tuple[object, ...], str] = {}
    for name, source in sources.items():
        keys = _PLACES.get(type(source), ())
        place = (type(source), *(getattr(source, key) for key in keys))
        first = known.setdefault(place, name)
        if keys and first != name:
            yield (
                f"{dotted('sources', name)} has the {' and '.join(keys)} of {dotted('sources', first)}, "
                "so that each contact would count twice; keep one of them"
            )


def _about_mailbox(table: str, source: ImapSource) -> Iterator[str]:
    ways = ("password", "token_file", "token_command", "token_url")
    given = [name for name in ways if getattr(source, name)]
    if len(given) != 1:
        what = "neither" if not given else " and ".join(given)
        yield (
            f"{table} must have one of {', '.join(ways)}, it has {what}; "
            "give the password, or say where the access token comes from"
        )
    if source.token_url is not None and (source.client_id is None or source.refresh_token is None):
        yield f"{table}.token_url needs {table}.client_id and {table}.refresh_token; set them"
    if source.tls_ca is not None and source.tls == "off":
        yield f'{table}.tls_ca is set, but {table}.tls is "off"; set tls = "on", or remove tls_ca'
    yield from about_certificates(source, table)


def _about_webhook(table: str, source: WebhookSource) -> Iterator[str]:
    if source.kind == "generic-json" and not source.rules:
        yield f"{table} has no rules, so nothing it is sent means anything; add [[{table}.rules]]"
    if source.kind != "generic-json" and source.rules:
        yield f'{table}.rules are for kind = "generic-json"; remove them, or change the kind'
    if source.auth_header is not None and source.auth is None and source.kind not in _TOKEN_KINDS:
        yield f"{table}.auth_header is set without {table}.auth; say how the header proves who sends"


def _about_rules(
    rules: QueueRules, thresholds_key: str, notice_key: str, own: Queue | None = None
) -> Iterator[str]:
    """Complaints about the rules of one queue, or of every queue; `own` is what the queue itself sets."""
    if any(one >= after for one, after in pairwise(rules.thresholds_s)):
        listed = ", ".join(f"{one:g}" for one in rules.thresholds_s)
        yield f"{thresholds_key} must ascend, each threshold above the one before, not [{listed}]"
    notice = rules.notice
    if notice.end_chance > notice.enter_chance:
        key = _named(notice_key, own, "end_chance", "enter_chance")
        yield (
            f"{key} makes a level end at a chance of {notice.end_chance:g}, above "
            f"the {notice.enter_chance:g} at which it begins; keep end_chance at most enter_chance"
        )
    if notice.busy_threshold_s > notice.very_busy_threshold_s:
        key = _named(notice_key, own, "busy_threshold_s", "very_busy_threshold_s")
        yield (
            f"{key} makes a queue busy by a wait of {notice.busy_threshold_s:g} s, above the "
            f"{notice.very_busy_threshold_s:g} s that make it very busy; "
            "keep busy_threshold_s at most very_busy_threshold_s"
        )


def _named(table: str, own: Queue | None, first: str, second: str) -> str:
    """The key to name: in a queue the one that it sets itself, else the first."""
    given: Struct | None = own.notice if own is not None else None
    name = second if given is not None and getattr(given, first) is None else first
    return f"{table}.{name}"
