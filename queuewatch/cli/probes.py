"""What `queuewatch check` tries, one probe a thing that the config names; a new one is a line in PROBES."""

from __future__ import annotations

import asyncio
import errno
import importlib
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from queuewatch import words
from queuewatch.clock import SystemClock
from queuewatch.config import JOURNAL_FILE, ConfigError, Settings, WebhookSource, customer_key, voucher_key
from queuewatch.config.certificates import unusable
from queuewatch.config.checks import is_loopback
from queuewatch.config.customers import KEY_IS_GONE, key_is_to_be_made
from queuewatch.config.paths import is_there
from queuewatch.mqtt.broker import BrokerError, broker_of
from queuewatch.ports import SendFailedError
from queuewatch.sources.context import UnusableError
from queuewatch.sources.followed import probes
from queuewatch.store.database import StoreError, holder_of, schema_of

_PATIENCE_S = 5.0


class Finding(Struct, frozen=True):
    """What a probe found, in one sentence.

    Attributes:
        state: `ok`; `note` for what works but should be known; `wrong`.
        what: The section of the config it is about.
        said: What is so, and if it is wrong, the cure.
    """

    state: Literal["ok", "note", "wrong"]
    what: str
    said: str


Probe = Callable[[Settings], Iterator[Finding]]


def data_dir(settings: Settings) -> Iterator[Finding]:
    """Whether the journal can be written where it should."""
    path = settings.service.data_dir
    there = next((one for one in (path, *path.absolute().parents) if is_there(one)), path)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        yield Finding(
            "wrong",
            "service",
            f"data_dir {path} cannot be written ({error.strerror}); "
            "mend its rights, or name another directory",
        )
        return
    made = "can be written" if there == path else "is not there yet and can be made"
    yield Finding("ok", "service", f"data_dir {path} {made}")


def journal(settings: Settings) -> Iterator[Finding]:
    """Whether the journal that is there is of a version that this queuewatch reads, and ours to write."""
    path = settings.service.data_dir / JOURNAL_FILE
    if not is_there(path):
        return
    try:
        version = schema_of(path)
    except StoreError as error:
        yield Finding("wrong", "journal", str(error))
        return
    beside = (path.with_name(path.name + end) for end in ("", ".lock", "-shm", "-wal"))
    foreign = [one for one in beside if is_there(one) and not os.access(one, os.W_OK)]
    if foreign:
        said = f"{foreign[0]} is not this user's to write; let the user who runs the service own it"
        yield Finding("wrong", "journal", said)
    else:
        yield Finding("ok", "journal", f"{path} can be read (schema {version})")


def kept_keys(settings: Settings) -> Iterator[Finding]:
    """Whether the keys in data_dir can be used; makes none. One that is gone makes customers new."""
    folder = settings.service.data_dir
    for file, key in (("customers.key", customer_key), ("vouchers.key", voucher_key)):
        if not is_there(folder / file):
            continue
        try:
            key(settings)
        except ConfigError as error:
            yield Finding("wrong", "service", str(error))
    if key_is_to_be_made(settings) and is_there(folder / JOURNAL_FILE):
        yield Finding("note", "service", KEY_IS_GONE)


def planner(settings: Settings) -> Iterator[Finding]:
    """Whether there are such holidays and special days as plans are to be made with."""
    own = settings.planner
    if own.country is None and own.special_days is None and not own.statsforecast:
        return
    try:
        importlib.import_module("queuewatch.planning.setup").make_setup(settings)  # takes a while to load
    except ConfigError as error:
        yield Finding("wrong", "planner", str(error))
    else:
        named = [str(one) for one in (own.country, own.region, own.special_days) if one is not None]
        yield Finding("ok", "planner", f"plans can be made ({', '.join(named) or 'statsforecast is there'})")


def http_address(settings: Settings) -> Iterator[Finding]:
    """Whether we can listen where we should, and who may come in."""
    host, port = settings.http.host, settings.http.port
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        yield _not_listening(settings, error)
        return
    yield Finding("ok", "http", f"{host} port {port} is free" if port else f"{host} gives any free port")
    if not is_loopback(host) and settings.http.tls_cert is None:
        yield Finding(
            "note",
            "http",
            "tokens cross the network in the clear; set http.tls_cert and http.tls_key, or put a TLS proxy "
            "in front",
        )


def _not_listening(settings: Settings, error: OSError) -> Finding:
    from queuewatch.serve.listen import cure  # noqa: PLC0415  # brings an HTTP server, for what has gone wrong

    where = f"{settings.http.host} port {settings.http.port}"
    holder = holder_of(settings.service.data_dir / JOURNAL_FILE)
    if error.errno == errno.EADDRINUSE and holder is not None:
        said = f"{where} is in use; a queuewatch is running on this data_dir already (process {holder})"
        return Finding("note", "http", said)
    return Finding("wrong", "http", f"{where} cannot be listened on ({error.strerror}); {cure(error)}")


def http_certificate(settings: Settings) -> Iterator[Finding]:
    """Whether the certificate and its key belong together."""
    yield from _certificate("http", settings.http.tls_cert, settings.http.tls_key)


def mqtt_certificate(settings: Settings) -> Iterator[Finding]:
    """Whether the certificate we show to the broker and its key belong together."""
    if settings.mqtt is not None:
        yield from _certificate("mqtt", settings.mqtt.tls_cert, settings.mqtt.tls_key)


def _certificate(section: str, cert: Path | None, key: Path | None) -> Iterator[Finding]:
    if cert is None:
        return
    # A config with files that do not fit is not read at all; here they may have changed since.
    if (why := unusable(cert, key)) is not None:
        said = f"tls_cert {cert} and tls_key {key} cannot be used together ({why})"
        yield Finding("wrong", section, f"{said}; give a certificate and its own key in PEM")
        return
    yield Finding("ok", section, f"tls_cert {cert} and its key fit")


def mqtt_broker(settings: Settings) -> Iterator[Finding]:
    """Whether the broker lets us in, read events and publish."""
    own = settings.mqtt
    if own is None:
        return
    try:
        probe = importlib.import_module("queuewatch.mqtt.probe").probe
    except ModuleNotFoundError as error:
        yield Finding("wrong", "mqtt", f"{error.name} is missing: pip install 'queuewatch[mqtt]'")
        return
    try:
        said = asyncio.run(probe(broker_of(own), sites=own.sites, site=settings.site.name))
    except BrokerError as error:
        yield Finding("wrong", "mqtt", str(error))
    else:
        yield Finding("ok", "mqtt", said)


def webhook_sources(settings: Settings) -> Iterator[Finding]:
    """Where each system that speaks by webhook has to send to, and whether it can reach us there."""
    own = settings.http
    reachable = not is_loopback(own.host)
    for name, source in settings.sources.items():
        if not isinstance(source, WebhookSource):
            continue
        path = f"/v1/sources/{name}"
        said = f"{source.kind} is listened to at {source.url or path}"
        if not reachable:
            said += f"; http.host {own.host} is this machine only: put a proxy on it in front"
        yield Finding("ok" if reachable else "note", f"sources.{name}", said)


def followed_sources(settings: Settings) -> Iterator[Finding]:
    """Whether each system that we go to can be listened at."""
    for name, probe in probes(settings, SystemClock(), _nobody):
        try:
            said = asyncio.run(probe)
        except UnusableError as error:
            yield Finding("wrong", f"sources.{name}", str(error))
        else:
            yield Finding("ok", f"sources.{name}", said)


def mail_out(settings: Settings) -> Iterator[Finding]:
    """Whether the server that takes our acknowledgements lets us in."""
    own = settings.smtp
    if own is None:
        return
    try:
        room = importlib.import_module("queuewatch.senders.smtp_make")
        smtp = importlib.import_module("queuewatch.senders.smtp")
        said = asyncio.run(smtp.try_out(room.server_of(own)))
    except ModuleNotFoundError as error:
        yield Finding("wrong", "smtp", f"{error.name} is missing: pip install 'queuewatch[mail]'")
        return
    except SendFailedError as error:
        yield Finding("wrong", "smtp", str(error))
        return
    yield Finding("ok", "smtp", said)
    if not any(queue.acknowledge for queue in settings.queues.values()):
        yield Finding("note", "smtp", "no queue has acknowledge = true, so nobody is written to")


def _nobody(_customer: str) -> str:
    """Stands in for the customers' hash, which would make a key where there is none yet."""
    return "somebody"


def senders(settings: Settings) -> Iterator[Finding]:
    """Whether each address that decisions go to is there and lets us in."""
    if not any((settings.slack, settings.teams, settings.hooks, settings.issuer)):
        return
    from queuewatch.senders import configured  # noqa: PLC0415  # brings an HTTP client, for those who send

    clock = SystemClock()
    for sender in configured.senders(settings, clock, words, settings.notice.languages):
        section = f"hooks.{sender.name}" if sender.name in settings.hooks else sender.name
        try:
            yield Finding("ok", section, asyncio.run(sender.probe()))
        except SendFailedError as error:
            yield Finding("wrong", section, f"{error}; look at its address, its token and the network")


PROBES: tuple[Probe, ...] = (
    data_dir,
    journal,
    kept_keys,
    planner,
    http_address,
    http_certificate,
    mqtt_certificate,
    mqtt_broker,
    webhook_sources,
    followed_sources,
    senders,
    mail_out,
)
