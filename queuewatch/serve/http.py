"""The HTTP application: which route is answered by whom, and what it takes to be let in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from queuewatch.customers import Customers
from queuewatch.ports import Clock, Desk
from queuewatch.serve.access import Access, Scope
from queuewatch.serve.answers import Wording
from queuewatch.serve.banner import Banner, open_to
from queuewatch.serve.callbacks import CallbackList
from queuewatch.serve.deliveries import Deliveries
from queuewatch.serve.entitled import Entitled
from queuewatch.serve.forgetting import Forgetting
from queuewatch.serve.history import Days, Histories
from queuewatch.serve.incentives import Audit, Vouchers
from queuewatch.serve.ingest import Ingest, handshake
from queuewatch.serve.metrics import Metrics
from queuewatch.serve.notice import Notices
from queuewatch.serve.openapi import Described
from queuewatch.serve.override import Overrides
from queuewatch.serve.page import Page
from queuewatch.serve.people import People
from queuewatch.serve.plan import PlanImport
from queuewatch.serve.planner import NoPlanning, Planning, Plans
from queuewatch.serve.problems import Handler, as_problems
from queuewatch.serve.promises import Promises
from queuewatch.serve.reads import Checks, Reads
from queuewatch.serve.stream import Stream
from queuewatch.serve.webhooks import Hook, Webhooks
from queuewatch.serve.whatif import WhatIf
from queuewatch.vouchers import Codes

MAX_BODY = 4 * 1024 * 1024
"""Largest body of a request, bytes after decompression: about 12,000 events."""

HEADERS = {
    "Server": "queuewatch",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
"""Go with every answer."""
FOR_PAGES = "Cross-Origin-Resource-Policy"


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


def make_app(
    desk: Desk,
    access: Access,
    *,
    clock: Clock,
    customers: Customers,
    wording: Wording,
    language: str = "en",
    max_body: int = MAX_BODY,
    hooks: Iterable[Hook] = (),
    origins: Iterable[str] = (),
    histories: Histories | None = None,
    codes: Codes | None = None,
    audit: Audit | None = None,
    planning: Planning | None = None,
) -> web.Application:
    """Build the application. Run it without an access log: the query may hold an `access_token`.

    Args:
        desk: Takes events and knows the state.
        access: Who may do what.
        clock: The time.
        customers: Hides whom events are about.
        wording: Puts notices into words, such as `queuewatch.words`.
        language: The language for those who ask for none that there are words in.
        max_body: Largest body of a request, bytes after decompression.
        hooks: The systems that may speak by webhook.
        origins: Of pages that may read notices without a token, such as a help page's.
        histories: Who remembers the day; whoever gives one also has it run.
        codes: Makes the codes of vouchers; by default with the key of customers.
        audit: What was ever decided about money; None: what is remembered will do.
        planning: Who makes plans; None: nobody does.
    """
    app = web.Application(middlewares=[as_problems], client_max_size=max_body)
    ingest = Ingest(desk, access, clock, customers, max_body)
    reads = Reads(desk, wording, language)
    stream = Stream(desk, clock, reads, wording)
    webhooks = Webhooks(desk, clock, hooks, max_body)
    notices = Notices(reads, wording)
    people = People(desk, access, clock)
    overrides = Overrides(people, reads, wording)
    vouchers = Vouchers(desk, people, reads, customers, codes or Codes(customers.key), audit)
    routes = _routes(
        desk,
        access,
        ingest=ingest,
        webhooks=webhooks,
        reads=reads,
        notices=notices,
        overrides=overrides,
        days=Days(histories or Histories(desk, clock), reads),
        stream=stream,
        planning=planning or NoPlanning(),
    )
    told = Promises(desk, clock, reads, wording)
    plans = PlanImport(desk, people, clock, (planning or NoPlanning()).zone_of)
    bring = Route("POST", "/v1/plan", plans.post, "act")
    forget = Route("DELETE", "/v1/customers/{customer}", Forgetting(desk, customers).delete, "act")
    for route in (*routes, *_promised(told), *_owed(vouchers, CallbackList(desk, people)), forget, bring):
        _add(app, access, route, frozenset(origins))
    app.on_response_prepare.append(_harden)
    app.on_shutdown.append(stream.stop)
    return app


def _add(app: web.Application, access: Access, route: Route, origins: frozenset[str]) -> None:
    handler = access.guard(route.scope, route.handler, token_in_query=route.scope == "ingest")
    if route.foreign:
        handler = open_to(origins, route.handler, handler)
    # Without the pattern a name with braces in it would not be found.
    path = route.path.replace("}", ":[^/]+}")
    if route.method == "GET":
        app.router.add_get(path, handler)
    else:
        app.router.add_route(route.method, path, handler)


def _routes(
    desk: Desk,
    access: Access,
    *,
    ingest: Ingest,
    webhooks: Webhooks,
    reads: Reads,
    notices: Notices,
    overrides: Overrides,
    days: Days,
    stream: Stream,
    planning: Planning,
) -> tuple[Route, ...]:
    checks = Checks(desk)
    deliveries = Deliveries(desk, access)
    page = Page(is_open=access.is_open)
    plans = Plans(planning)
    return (
        Route("POST", "/v1/events", ingest.post, "ingest"),
        Route("OPTIONS", "/v1/events", handshake, None),
        Route("POST", "/v1/sources/{name}", webhooks.post, None),
        Route("GET", "/v1/queues", reads.queues, "read"),
        Route("GET", "/v1/queues/{queue}", reads.queue, "read"),
        Route("GET", "/v1/queues/{queue}/contacts", reads.contacts, "read"),
        Route("GET", "/v1/queues/{queue}/contacts/{contact}", reads.contact, "read"),
        Route("GET", "/v1/queues/{queue}/notice", notices.notice, "read", foreign=True),
        Route("POST", "/v1/queues/{queue}/notice/override", overrides.post, "act"),
        Route("GET", "/v1/queues/{queue}/history", days.history, "read"),
        Route("GET", "/v1/queues/{queue}/what-if", WhatIf(desk, reads).what_if, "read"),
        Route("GET", "/v1/access", Entitled(access).answer, "read"),
        Route("GET", "/v1/deliveries", deliveries.listed, "read"),
        Route("POST", "/v1/deliveries/resend", deliveries.resend, "act"),
        Route("POST", "/v1/deliveries/drop", deliveries.drop, "act"),
        Route("GET", "/v1/stream", stream.stream, "read"),
        Route("GET", "/v1/planner", plans.plannable, "read"),
        Route("GET", "/v1/queues/{queue}/forecast", plans.plan, "read"),
        Route("GET", "/v1/queues/{queue}/staffing", plans.plan, "read"),
        Route("GET", "/metrics", Metrics(desk, planning.figures).scrape, "read"),
        Route("GET", "/healthz", checks.alive, None),
        Route("GET", "/readyz", checks.ready, None),
        Route("GET", "/openapi.json", Described().openapi, None),
        Route("GET", "/", page.index, None),
        Route("GET", "/planner", page.planner, None),
        Route("GET", "/static/{file}", page.static, None),
        Route("GET", "/banner.js", Banner(page).script, None),
    )


def _promised(promises: Promises) -> tuple[Route, ...]:
    """What people who wait are told, and what became of it."""
    return (
        Route("POST", "/v1/queues/{queue}/contacts/{contact}/promises", promises.post, "act"),
        Route("GET", "/v1/queues/{queue}/promises", promises.of_queue, "read"),
        Route("GET", "/v1/promises", promises.everywhere, "read"),
    )


def _owed(vouchers: Vouchers, callbacks: CallbackList) -> tuple[Route, ...]:
    """What customers are owed, and what people do about it."""
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
    )


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    own = response.headers.get(FOR_PAGES)
    response.headers.update(HEADERS)
    if own is not None:  # the banner's script is for pages of other origins
        response.headers[FOR_PAGES] = own
