"""Every route of the HTTP application: who answers it, and what it takes to be let in."""

from __future__ import annotations

from dataclasses import dataclass

from queuewatch.customers import Customers
from queuewatch.ports import Clock, Desk
from queuewatch.serve.access import Access, Scope
from queuewatch.serve.answers import Wording
from queuewatch.serve.banner import Banner
from queuewatch.serve.callbacks import CallbackList
from queuewatch.serve.deliveries import Deliveries
from queuewatch.serve.entitled import Entitled
from queuewatch.serve.forgetting import Forgetting
from queuewatch.serve.history import Days, Histories
from queuewatch.serve.incentives import Audit, Vouchers
from queuewatch.serve.ingest import Ingest, handshake
from queuewatch.serve.metrics import Metrics
from queuewatch.serve.notice import Notices
from queuewatch.serve.openapi import described
from queuewatch.serve.override import Overrides
from queuewatch.serve.page import Page
from queuewatch.serve.people import People
from queuewatch.serve.plan import PlanImport
from queuewatch.serve.planner import Planning, Plans
from queuewatch.serve.problems import Handler
from queuewatch.serve.promises import Promises
from queuewatch.serve.reads import Checks, Reads
from queuewatch.serve.sources import Sources
from queuewatch.serve.stream import Stream
from queuewatch.serve.webhooks import Hook, Webhooks
from queuewatch.serve.whatif import WhatIf
from queuewatch.vouchers import Codes


@dataclass(frozen=True)
class Route:
    """One route: a queue's or contact's name may hold any character, URL-encoded.

    Attributes:
        method: HTTP method; GET answers HEAD too.
        path: The path, with `{names}`.
        handler: Who answers.
        scope: What it takes; None is open to all.
        foreign: Pages of the origins that the config names may read it without.
    """

    method: str
    path: str
    handler: Handler
    scope: Scope | None
    foreign: bool = False


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the answers are made from: as `make_app` was given it, and what several routes share."""

    desk: Desk
    access: Access
    clock: Clock
    customers: Customers
    wording: Wording
    hooks: tuple[Hook, ...]
    histories: Histories
    codes: Codes
    audit: Audit | None
    outside: bool
    planning: Planning
    reads: Reads
    people: People
    stream: Stream


def routes(given: Given) -> tuple[Route, ...]:
    """All of them; `/openapi.json` describes the same ones."""
    groups = (_intake, _queues, _promises, _owed, _planning, _service, _pages)
    return tuple(route for group in groups for route in group(given))


def _intake(given: Given) -> tuple[Route, ...]:
    """Where facts come in."""
    ingest = Ingest(given.desk, given.access, given.clock, given.customers)
    webhooks = Webhooks(given.desk, given.clock, given.hooks)
    return (
        Route("POST", "/v1/events", ingest.post, "ingest"),
        Route("OPTIONS", "/v1/events", handshake, None),
        Route("POST", "/v1/sources/{name}", webhooks.post, None),
    )


def _queues(given: Given) -> tuple[Route, ...]:
    """What is so in the queues, and what a supervisor says to it."""
    reads = given.reads
    notices = Notices(reads, given.wording)
    overrides = Overrides(given.people, reads, given.wording)
    days = Days(given.histories, reads)
    return (
        Route("GET", "/v1/queues", reads.queues, "read"),
        Route("GET", "/v1/queues/{queue}", reads.queue, "read"),
        Route("GET", "/v1/queues/{queue}/contacts", reads.contacts, "read"),
        Route("GET", "/v1/queues/{queue}/contacts/{contact}", reads.contact, "read"),
        Route("GET", "/v1/queues/{queue}/notice", notices.notice, "read", foreign=True),
        Route("POST", "/v1/queues/{queue}/notice/override", overrides.post, "act"),
        Route("GET", "/v1/queues/{queue}/history", days.history, "read"),
        Route("GET", "/v1/queues/{queue}/what-if", WhatIf(given.desk, reads).what_if, "read"),
        Route("GET", "/v1/stream", given.stream.stream, "read"),
    )


def _promises(given: Given) -> tuple[Route, ...]:
    """What people who wait are told, and what became of it."""
    promises = Promises(given.desk, given.clock, given.reads, given.wording)
    return (
        Route("POST", "/v1/queues/{queue}/contacts/{contact}/promises", promises.post, "promise"),
        Route("GET", "/v1/queues/{queue}/promises", promises.of_queue, "read"),
        Route("GET", "/v1/promises", promises.everywhere, "read"),
    )


def _owed(given: Given) -> tuple[Route, ...]:
    """What customers are owed, and what people do about it; and how one is forgotten."""
    desk, people, customers = given.desk, given.people, given.customers
    audit, outside = given.audit, given.outside
    vouchers = Vouchers(desk, people, given.reads, customers, given.codes, audit, outside=outside)
    callbacks = CallbackList(desk, people)
    return (
        Route("GET", "/v1/incentives", vouchers.get, "read"),
        Route("POST", "/v1/incentives", vouchers.grant, "act"),
        Route("POST", "/v1/incentives/{code}/redeem", vouchers.redeem, "act"),
        Route("POST", "/v1/incentives/{code}/revoke", vouchers.revoke, "act"),
        Route("POST", "/v1/incentives/{code}/follow-up", vouchers.follow_up, "act"),
        Route("GET", "/v1/abandoned", callbacks.get, "read"),
        Route("POST", "/v1/callbacks/{callback}/queue", callbacks.queue, "act"),
        Route("POST", "/v1/callbacks/{callback}/claim", callbacks.claim, "act"),
        Route("POST", "/v1/callbacks/{callback}/done", callbacks.done, "act"),
        Route("POST", "/v1/callbacks/{callback}/failed", callbacks.failed, "act"),
        Route("DELETE", "/v1/customers/{customer}", Forgetting(desk, customers).delete, "act"),
    )


def _planning(given: Given) -> tuple[Route, ...]:
    """What planners ask, and the plan they bring in."""
    plans = Plans(given.planning)
    bring = PlanImport(given.desk, given.people, given.clock, given.planning.zone_of)
    return (
        Route("GET", "/v1/planner", plans.plannable, "read"),
        Route("GET", "/v1/queues/{queue}/forecast", plans.plan, "read"),
        Route("GET", "/v1/queues/{queue}/staffing", plans.plan, "read"),
        Route("POST", "/v1/plan", bring.post, "act"),
    )


def _service(given: Given) -> tuple[Route, ...]:
    """How the service itself is doing, and what waits to go out."""
    checks = Checks(given.desk, given.access)
    deliveries = Deliveries(given.desk, given.access)
    sources = Sources(given.desk)
    return (
        Route("GET", "/v1/sources", sources.listed, "read"),
        Route("GET", "/v1/sources/{name}", sources.one, "read"),
        Route("GET", "/v1/access", Entitled(given.access).answer, "read"),
        Route("GET", "/v1/deliveries", deliveries.listed, "read"),
        Route("POST", "/v1/deliveries/resend", deliveries.resend, "act"),
        Route("POST", "/v1/deliveries/drop", deliveries.drop, "act"),
        Route("GET", "/metrics", Metrics(given.desk, given.planning.figures).scrape, "read"),
        Route("GET", "/healthz", checks.alive, None),
        Route("GET", "/readyz", checks.ready, None),
        Route("GET", "/openapi.json", described, None),
    )


def _pages(given: Given) -> tuple[Route, ...]:
    """What browsers load."""
    page = Page(is_open=given.access.is_open)
    return (
        Route("GET", "/", page.index, None),
        Route("GET", "/planner", page.planner, None),
        Route("GET", "/static/{file}", page.static, None),
        Route("GET", "/banner.js", Banner(page).script, None),
    )
