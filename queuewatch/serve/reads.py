"""`GET /v1/queues…` and the health checks: what is, as JSON."""

from __future__ import annotations

from aiohttp import web

from queuewatch.core.view import QueueView
from queuewatch.ports import Desk
from queuewatch.serve import answers
from queuewatch.serve.access import Access
from queuewatch.serve.problems import ProblemError, problem

MOST_NAMES = 100
"""So many queues are named to somebody who asked for one that does not exist."""


class Reads:
    """Answers questions about queues and contacts.

    Args:
        desk: Who knows.
        wording: Puts notices into words.
        default: The language for those who ask for none that we speak.
    """

    def __init__(self, desk: Desk, wording: answers.Wording, default: str) -> None:
        self._default = default
        self._desk = desk
        self._wording = wording

    def language(self, request: web.Request) -> str:
        """The language for this request: `?lang=` before Accept-Language."""
        asked = request.query.get("lang") or request.headers.get("Accept-Language")
        return self._wording.negotiate(asked, self._wording.available(), self._default)

    def find(self, request: web.Request) -> QueueView:
        """The queue that the path and `?site=` name.

        Raises:
            ProblemError: 404, naming the queues that there are.
        """
        queue, site = named(request)
        view = self._desk.queue(queue, site)
        if view is None:
            raise self.unknown(queue, site)
        return view

    async def queues(self, request: web.Request) -> web.Response:
        """The whole board."""
        site = request.query.get("site")
        return answers.as_json(answers.board(self._desk.board(), self._wording, self.language(request), site))

    async def queue(self, request: web.Request) -> web.Response:
        """One queue."""
        return answers.as_json(answers.queue(self.find(request), self._wording, self.language(request)))

    async def contacts(self, request: web.Request) -> web.Response:
        """Those who wait in it."""
        queue, site = named(request)
        waiting = self._desk.contacts(queue, site)
        if waiting is None:
            raise self.unknown(queue, site)
        line = tuple(answers.contact(one) for one in waiting)
        return answers.as_json(answers.Contacts(site=site, queue=queue, contacts=line))

    async def contact(self, request: web.Request) -> web.Response:
        """One of them."""
        queue, site = named(request)
        name = request.match_info["contact"]
        view = self._desk.contact(queue, name, site)
        if view is None:
            self.find(request)
            raise ProblemError(404, f"contact {name!r} does not wait in queue {queue!r}")
        return answers.as_json(answers.contact(view))

    def unknown(self, queue: str, site: str) -> ProblemError:
        """404 in words, naming the queues that there are."""
        everywhere = self._desk.board().queues
        elsewhere = sorted({one.site for one in everywhere if one.queue == queue})
        here = sorted(one.queue for one in everywhere if one.site == site)
        known = ", ".join(here[:MOST_NAMES]) + (" and more" if len(here) > MOST_NAMES else "")
        detail = f"there is no queue {queue!r} at site {site!r}"
        if elsewhere:
            detail += f"; it is at {', '.join(elsewhere)}: add ?site="
        else:
            detail += f"; there are {known}" if here else "; nobody has spoken of any queue there yet"
        return ProblemError(404, detail, queues=here[:MOST_NAMES])


class Checks:
    """`/healthz` and `/readyz`, for whoever starts, stops and watches the process.

    Args:
        desk: Who knows.
        access: Who may know more than that.
    """

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access

    async def alive(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return answers.as_json(answers.Health(status="ok"))

    async def ready(self, request: web.Request) -> web.Response:
        """The service can be relied on; why not, with paths and hosts, only those are told who may read."""
        health = self._desk.health()
        if health.ready:
            return answers.as_json(answers.Health(status="ready"))
        if self._access.may("read", request):
            reasons = [f"{what}: {why}" for what, why in health.troubles.items()]
            return problem(503, "; ".join(reasons), reasons=reasons)
        detail = f"not ready: {', '.join(health.troubles)}; a token with the scope 'read' is told why"
        return problem(503, detail, reasons=list(health.troubles))


def named(request: web.Request) -> tuple[str, str]:
    """The queue and the site that a path names."""
    return request.match_info["queue"], request.query.get("site", "default")
