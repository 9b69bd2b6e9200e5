"""The HTTP application: its routes, each with its guard, and the headers of every answer."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from queuewatch.customers import Customers
from queuewatch.ports import Clock, Desk
from queuewatch.serve.access import Access
from queuewatch.serve.answers import Wording
from queuewatch.serve.banner import open_to
from queuewatch.serve.history import Histories
from queuewatch.serve.incentives import Audit
from queuewatch.serve.people import People
from queuewatch.serve.planner import NoPlanning, Planning
from queuewatch.serve.problems import as_problems
from queuewatch.serve.reads import Reads
from queuewatch.serve.routes import Given, Route, routes
from queuewatch.serve.stream import Stream
from queuewatch.serve.webhooks import Hook
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
    outside: bool = False,
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
        max_body: Largest body of a request, bytes, also once it is unpacked.
        hooks: The systems that may speak by webhook.
        origins: Of pages that may read notices without a token, such as a help page's.
        histories: Who remembers the day; whoever gives one also has it run.
        codes: Makes the codes of vouchers; by default with the key of customers.
        audit: What was ever decided about money; None: what is remembered will do.
        outside: Whether an issuer outside issues vouchers.
        planning: Who makes plans; None: nobody does.
    """
    app = web.Application(middlewares=[as_problems], client_max_size=max_body)
    reads = Reads(desk, wording, language)
    stream = Stream(desk, clock, reads, wording)
    given = Given(
        desk=desk,
        access=access,
        clock=clock,
        customers=customers,
        wording=wording,
        hooks=tuple(hooks),
        histories=histories or Histories(desk, clock),
        codes=codes or Codes(customers.key),
        audit=audit,
        outside=outside,
        planning=planning or NoPlanning(),
        reads=reads,
        people=People(desk, access, clock),
        stream=stream,
    )
    for route in routes(given):
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


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    own = response.headers.get(FOR_PAGES)
    response.headers.update(HEADERS)
    if own is not None:  # the banner's script is for pages of other origins
        response.headers[FOR_PAGES] = own
