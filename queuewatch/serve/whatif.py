"""`GET /v1/queues/{queue}/what-if?agents=+2`: the board of one queue with other staffing."""

from __future__ import annotations

import re

from aiohttp import web
from msgspec import structs

from queuewatch.core.seen.whatif import Ask
from queuewatch.ports import Desk
from queuewatch.serve import answers
from queuewatch.serve.problems import ProblemError
from queuewatch.serve.reads import Reads, named

MOST_AGENTS = 10_000
MOST_ARRIVALS_PER_HOUR = 1e6
LONGEST_HANDLING_S = 604_800.0

# A plus sign in a query is a space once it is decoded: `?agents=+2` says " 2".
_AGENTS = re.compile(r"(?P<sign>[+ -]?)(?P<number>[0-9]{1,5})")


class WhatIf:
    """Answers what the waits would be with other staffing.

    Args:
        desk: Who knows.
        reads: Finds the queue.
    """

    def __init__(self, desk: Desk, reads: Reads) -> None:
        self._desk = desk
        self._reads = reads

    async def what_if(self, request: web.Request) -> web.Response:
        """The queue with the agents, arrivals and handling time asked for; by itself as it is now."""
        ask = structs.replace(
            _agents(request),
            arrivals_per_hour=_number(request, "arrivals_per_hour", MOST_ARRIVALS_PER_HOUR),
            handling_s=_number(request, "handling_s", LONGEST_HANDLING_S),
        )
        view = self._desk.what_if(*named(request), ask)
        if view is None:
            raise self._reads.unknown(*named(request))
        return answers.as_json(answers.what_if(view))


def _agents(request: web.Request) -> Ask:
    asked = request.query.get("agents")
    if asked is None:
        return Ask()
    match = _AGENTS.fullmatch(asked)
    if match is None or int(match["number"]) > MOST_AGENTS:
        raise ProblemError(
            400,
            f"agents must be so many more (+2), fewer (-1) or altogether (12), whole and at most"
            f" {MOST_AGENTS}, not {asked!r}",
        )
    number = float(match["number"])
    if not match["sign"]:
        return Ask(agents=number)
    return Ask(more=-number if match["sign"] == "-" else number)


def _number(request: web.Request, name: str, most: float) -> float | None:
    asked = request.query.get(name)
    if asked is None:
        return None
    try:
        number = float(asked)
    except ValueError:
        number = 0.0
    if not 0.0 < number <= most:
        raise ProblemError(400, f"{name} must be a number above 0 and at most {most:g}, not {asked!r}")
    return number
