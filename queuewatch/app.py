"""The one place that builds the rooms and joins them: which sources, which senders, and who runs what."""

from __future__ import annotations

import asyncio
import gc
import importlib
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import tzinfo
from types import ModuleType
from typing import NamedTuple

from aiohttp import web

from queuewatch.clock import SystemClock
from queuewatch.config import JOURNAL_FILE, ConfigError, Settings, customer_key, voucher_key
from queuewatch.config.customers import KEY_IS_GONE, key_is_to_be_made
from queuewatch.config.paths import is_there
from queuewatch.customers import Customers
from queuewatch.logs import logger
from queuewatch.mqtt.broker import broker_of
from queuewatch.outgoing import Sender
from queuewatch.planning.setup import Setup, make_setup
from queuewatch.ports import Clock, Group, Letter, SendFailedError, Source
from queuewatch.senders import configured
from queuewatch.senders.smtp_acknowledge import Acknowledger
from queuewatch.serve.access import Access, Token
from queuewatch.serve.history import Histories
from queuewatch.serve.http import make_app
from queuewatch.serve.listen import CannotListenError, listen
from queuewatch.service.dispatch import Dispatch
from queuewatch.service.guard import Guard
from queuewatch.service.loop import Service, SnapshotEvery
from queuewatch.service.loud import Loud
from queuewatch.service.needs import NeedTeller
from queuewatch.service.planner import Planner
from queuewatch.service.timekeeping import Timekeeper
from queuewatch.service.weekly import Weekly
from queuewatch.sources.context import UnusableError
from queuewatch.sources.followed import followed
from queuewatch.sources.webhooks import webhooks
from queuewatch.store.audit import Audit
from queuewatch.store.database import StoreError
from queuewatch.store.intervals import IntervalStore
from queuewatch.store.journal import Journal, Limits
from queuewatch.store.ledger import Ledger
from queuewatch.store.outbox import Outbox
from queuewatch.store.retention import Retention
from queuewatch.vouchers import Codes
from queuewatch.words.speaker import Alternatives, Speaker

_log = logger("app")

Compose = Callable[[float], Awaitable[str]]
"""Makes the text of the digest of the week that ends at a moment."""

Arrived = Callable[[Letter], None]
"""Who is told of customers that wrote and may be written to."""

DAY_S = 86_400.0


class CannotStartError(Exception):
    """The service cannot start; the text is one sentence that says what to mend."""


def _mqtt_sources(settings: Settings, clock: Clock) -> list[Source]:
    own = settings.mqtt
    if own is None:
        return []
    room = _mqtt_room("queuewatch.sources.mqtt")
    source: Source = room.MqttSource(broker_of(own), clock, _customers(settings), sites=own.sites)
    return [source]


def _sources(settings: Settings, clock: Clock, arrived: Arrived | None) -> list[Source]:
    """What facts come in from beside HTTP."""
    return [*_mqtt_sources(settings, clock), *_followed_sources(settings, clock, arrived)]


def _followed_sources(settings: Settings, clock: Clock, arrived: Arrived | None) -> list[Source]:
    try:
        return followed(settings, clock, _customers(settings).pseudonym, arrived)
    except (ConfigError, UnusableError) as error:
        raise CannotStartError(str(error)) from None


def _acknowledger(
    settings: Settings, clock: Clock, outcomes: Counter[tuple[str, str]]
) -> Acknowledger | None:
    """What acknowledges customers' mails, which only those install who want that; None where nobody does."""
    if settings.smtp is None:
        return None
    try:
        room = importlib.import_module("queuewatch.senders.smtp_make")
        made: Acknowledger | None = room.acknowledger(settings, clock, outcomes)
    except ModuleNotFoundError as error:
        raise CannotStartError(
            f"[smtp] needs the package {error.name}; install it with: pip install 'queuewatch[mail]'"
        ) from None
    except SendFailedError as error:
        raise CannotStartError(f"smtp: {error}") from None
    return made


def _mqtt_senders(settings: Settings, clock: Clock, reached: Callable[[str], None]) -> list[Sender]:
    own = settings.mqtt
    if own is None:
        return []
    room = _mqtt_room("queuewatch.senders.mqtt")
    sender: Sender = room.MqttSender(
        broker_of(own),
        clock,
        _speaker(settings),
        languages=settings.notice.languages,
        site=settings.site.name,
        on_connected=lambda: reached("mqtt"),
    )
    return [sender]


def _mqtt_room(name: str) -> ModuleType:
    """A module that needs the `mqtt` extra, which only those with a broker install."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise CannotStartError(
            f"[mqtt] needs the package {error.name}; install it with: pip install 'queuewatch[mqtt]'"
        ) from None


class Past(NamedTuple):
    """Weeks that were before the service: the planner's zone, and what writes them down."""

    zone: tzinfo
    tell: Callable[[IntervalStore], Coroutine[None, None, None]]


async def serve(
    settings: Settings,
    *,
    clock: Clock | None = None,
    on_ready: Callable[[str], Coroutine[None, None, None]] | None = None,
    past: Past | None = None,
    digest: Compose | None = None,
) -> None:
    """Run the service until it is told to stop (SIGINT, SIGTERM) or cancelled.

    Args:
        settings: What the administrator decided.
        clock: The time; the machine's by default.
        on_ready: Called with the service's URL once it can be used; runs beside it.
        past: What was before, for the planner; told beside the service.
        digest: Makes the digest of the week that ends at a moment; without it none is posted.

    Raises:
        CannotStartError: The journal or the address cannot be used.
    """
    clock = clock or SystemClock()
    async with running(settings, clock, past=past, digest=digest) as url, asyncio.TaskGroup() as group:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        beside = group.create_task(on_ready(url), name="on-ready") if on_ready else None
        await stopped.wait()
        _log.info("stopping")
        if beside is not None:
            beside.cancel()


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock, *, past: Past | None = None, digest: Compose | None = None
) -> AsyncIterator[str]:
    """The service, running while the context lasts; yields its URL.

    What escapes from one of its tasks is a bug, and cancels whoever is within the context.

    Raises:
        CannotStartError: The journal or the address cannot be used.
    """
    house = _house(settings, clock, past)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(house.journal.close)
        try:
            await house.service.start(house.journal, house.ledger, Outbox(house.journal))
        except StoreError as error:  # damage that shows only as it is read
            raise CannotStartError(str(error)) from None
        stack.push_async_callback(house.service.stop)
        stack.push_async_callback(house.planner.flush)
        # Before the group: what keeps it from listening is told as it is, not as a group of exceptions.
        try:
            url = await listen(stack, _application(house), settings.http)
        except CannotListenError as error:
            raise CannotStartError(str(error)) from None
        _settle_garbage()
        group = await stack.enter_async_context(asyncio.TaskGroup())
        work = _work(house, past, digest)
        tasks = [group.create_task(one, name=name) for name, one in work.items()]
        try:
            yield url
        finally:
            for task in tasks:
                task.cancel()


class _House(NamedTuple):
    """Whatever runs, built and joined, before any of it runs; the journal is open and must be closed."""

    settings: Settings
    clock: Clock
    senders: list[Sender]
    dispatch: Dispatch
    sources: list[Source]
    acknowledger: Acknowledger | None
    service: Service
    loud: Loud
    journal: Journal
    ledger: Ledger
    histories: Histories
    rows: IntervalStore
    planner: Planner


def _house(settings: Settings, clock: Clock, past: Past | None) -> _House:
    senders = _senders(settings, clock, lambda sender: service.reached(sender))  # noqa: PLW0108  # made below
    dispatch = Dispatch(clock, senders)
    acknowledger = _acknowledger(settings, clock, dispatch.outcomes)
    arrived = None if acknowledger is None else acknowledger.arrived
    sources = _sources(settings, clock, arrived)
    every = SnapshotEvery(settings.journal.snapshot_every_events, settings.journal.snapshot_every_s)
    service = Service(clock, settings.rules(), dispatch, sources, every)
    planning = _planning(settings, past)
    loud = Loud(service.heed)
    journal = _journal(settings, clock, loud.heed)
    rows = IntervalStore(journal, settings.service.data_dir / JOURNAL_FILE)
    return _House(
        settings=settings,
        clock=clock,
        senders=senders,
        dispatch=dispatch,
        sources=sources,
        acknowledger=acknowledger,
        service=service,
        loud=loud,
        journal=journal,
        ledger=Ledger(journal),
        histories=Histories(service, clock),
        rows=rows,
        planner=Planner(clock, planning, rows, service.known),
    )


def _work(house: _House, past: Past | None, digest: Compose | None) -> dict[str, Coroutine[None, None, None]]:
    """What runs while the service does, each by its name."""
    settings, clock, service = house.settings, house.clock, house.service
    needs = NeedTeller(clock, house.planner, service.known, service.take)
    outcomes, name, low_mb = house.dispatch.outcomes, settings.site.name, settings.journal.low_disk_mb
    guard = Guard(clock, house.journal, house.senders, outcomes, site=name, low_mb=low_mb)
    work = {
        "wakes": service.run(),
        "mend": service.mend(),
        "guard": guard.run(),
        "history": house.histories.run(),
        "planner": house.planner.run(needs.tell),
        "bugs": house.loud.run(),
        **_carrying(house.dispatch, house.senders),
        **_weekly(settings, clock, house.ledger, house.dispatch, digest),
        **{f"source-{one.name}": service.run_source(one) for one in house.sources},
    }
    if house.acknowledger is not None:
        work["acknowledgements"] = house.acknowledger.run(house.ledger, service.contact, service.take)
    if past is None:  # a demo's clock goes at a pace of its own
        work["clock"] = Timekeeper(clock, service.clock_trouble).run()
    else:
        work["past"] = past.tell(house.rows)
    return work


def _senders(settings: Settings, clock: Clock, reached: Callable[[str], None]) -> list[Sender]:
    """Where decisions go out to; `reached` is told which sender has reached the other side, perhaps again."""
    mqtt = _mqtt_senders(settings, clock, reached)
    return [*mqtt, *configured.senders(settings, clock, _speaker(settings), settings.notice.languages)]


def _carrying(dispatch: Dispatch, senders: list[Sender]) -> dict[str, Coroutine[None, None, None]]:
    """What has to run so that decisions get out, by name."""
    return {
        **{f"post-{one.sender.name}": dispatch.run(one) for one in dispatch.posts},
        "outbox": dispatch.room.run(),
        **{f"courier-{one.name}": dispatch.room.carry(one) for one in dispatch.room.couriers},
        **{f"sender-{to.name}": to.run() for to in senders},
    }


def _weekly(
    settings: Settings,
    clock: Clock,
    ledger: Ledger,
    dispatch: Dispatch,
    compose: Compose | None,
) -> dict[str, Coroutine[None, None, None]]:
    """What posts the digest of the week, where Slack is to have one."""
    when = settings.digest_hours()
    if settings.slack is None or when is None or compose is None:
        return {}
    post = configured.poster(settings.slack, settings, clock)
    weekly = Weekly(clock, ledger, when, compose, post, sender="slack", outcomes=dispatch.outcomes)
    return {"digest": weekly.run()}


def _planning(settings: Settings, past: Past | None) -> Setup:
    try:
        return make_setup(settings, None if past is None else past.zone)
    except ConfigError as error:
        raise CannotStartError(str(error)) from None


def _journal(settings: Settings, clock: Clock, heed: Callable[[Group], None]) -> Journal:
    own = settings.journal
    try:
        return Journal(
            settings.service.data_dir / JOURNAL_FILE,
            clock,
            heed,
            limits=Limits(events=own.max_pending_events),
            retention=Retention(
                age_s=own.retention_days * DAY_S, size_bytes=int(own.retention_mb * 1_000_000)
            ),
        )
    except StoreError as error:
        raise CannotStartError(str(error)) from None


def _customers(settings: Settings) -> Customers:
    if key_is_to_be_made(settings) and is_there(settings.service.data_dir / JOURNAL_FILE):
        _log.warning(KEY_IS_GONE)
    return Customers(customer_key(settings).reveal().encode(), settings.customers.key_version)


def _speaker(settings: Settings) -> Speaker:
    rules = settings.rules()

    def alternatives(queue: str) -> Alternatives:
        own = settings.alternatives_of(queue)
        return Alternatives(callback=own.callback, self_service=own.self_service, channels=own.channels)

    return Speaker(alternatives, lambda queue: rules.of(queue).hours)


def _application(house: _House) -> web.Application:
    settings = house.settings
    customers = _customers(settings)
    tokens = [Token(one.name, one.sha256, frozenset(one.scopes)) for one in settings.http.tokens]
    return make_app(
        house.service,
        Access(tokens),
        clock=house.clock,
        customers=customers,
        wording=_speaker(settings),
        origins=settings.banner.origins,
        language=settings.notice.default_language,
        max_body=settings.http.max_body_bytes,
        hooks=webhooks(settings, customers.pseudonym),
        histories=house.histories,
        audit=Audit(house.journal),
        planning=house.planner,
        codes=Codes(voucher_key(settings).reveal().encode()),
        outside=settings.issuer is not None,
    )


def _settle_garbage() -> None:
    """What was recovered stays: the collector need not look at it again and again, nor run that often.

    A service with 100,000 contacts spends a tenth of its time in the collector otherwise; cycles are rare.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def run(main: Coroutine[None, None, None]) -> None:
    """Run a coroutine on the fastest event loop there is (uvloop, where the extra is installed)."""
    factory = None
    with suppress(ImportError):
        import uvloop  # noqa: PLC0415  # an extra

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)
