"""`GET …/forecast`, `…/staffing` and what the planner page asks for: plans as JSON, CSV and workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Any, Protocol

import msgspec
from aiohttp import web

from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.agents import WhatIf
from queuewatch.core.plan.document import Plan
from queuewatch.core.plan.outlook import LENGTHS_S, LONGEST_DAYS
from queuewatch.planning.table import as_builtins, as_csv
from queuewatch.serve.negotiate import preferred
from queuewatch.serve.problems import ProblemError

JSON, CSV = "application/json", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHORT = {"json": JSON, "csv": CSV, "xlsx": XLSX}
MINUTES = tuple(length_s // 60 for length_s in LENGTHS_S)
_MOST = 10.0


class Planning(Protocol):
    """Who makes plans."""

    @property
    def defaults(self) -> tuple[int, int]:
        """Length of an interval, seconds, and days ahead."""
        ...

    def plannable(self) -> Sequence[tuple[str, str, Channel | None]]:
        """Site, name and channel of whatever can be planned."""
        ...

    def figures(self) -> Sequence[Any]:
        """What metrics tell, one a queue."""
        ...

    def zone_of(self, queue: str) -> tzinfo:
        """The zone of a queue's clock."""
        ...

    async def make(self, place: tuple[str, str], length_s: int, horizon_days: int, change: WhatIf) -> Plan:
        """Make a plan for a site's queue; raises LookupError or ValueError with a sentence."""
        ...


class NoPlanning:
    """Stands in where nobody makes plans."""

    defaults = (1800, 14)

    def plannable(self) -> Sequence[tuple[str, str, Channel | None]]:
        """Nothing."""
        return ()

    def figures(self) -> Sequence[Any]:
        """Nothing."""
        return ()

    def zone_of(self, _queue: str) -> tzinfo:
        """UTC."""
        return UTC

    async def make(self, place: tuple[str, str], _length_s: int, _horizon_days: int, _change: WhatIf) -> Plan:
        """Make none.

        Raises:
            LookupError: Always.
        """
        raise LookupError(f"nothing is remembered of queue {place[1]!r}")


class Plans:
    """Answers planners.

    Args:
        planning: Who makes plans.
    """

    def __init__(self, planning: Planning) -> None:
        self._planning = planning

    async def plannable(self, _request: web.Request) -> web.Response:
        """What can be planned, and how unless asked otherwise."""
        length_s, days = self._planning.defaults
        found = [
            {"site": site, "queue": queue, "channel": channel or "pool"}
            for site, queue, channel in self._planning.plannable()
        ]
        told = {"queues": found, "interval_min": length_s // 60, "horizon_days": days}
        return web.Response(body=msgspec.json.encode(told), content_type=JSON)

    async def plan(self, request: web.Request) -> web.Response:
        """A plan, as asked for by the query and Accept.

        Raises:
            ProblemError: 400 what was asked for cannot be, 404 there is no such queue, 406, 422 no forecast.
        """
        kind = self._kind(request)
        own_s, own_days = self._planning.defaults
        length_s = 60 * _whole(request, "interval", "min", own_s // 60, MINUTES)
        days = _whole(request, "horizon", "d", own_days, range(1, LONGEST_DAYS + 1))
        shrinkage = _number(request, "shrinkage", None, 0.0, 0.95)
        change = WhatIf(
            volume=_number(request, "volume", 1.0, 0.01, _MOST) or 1.0,
            handling=_number(request, "handling", 1.0, 0.01, _MOST) or 1.0,
            shrinkage=shrinkage,
            past_first=_number(request, "past_first", None, 0.001, 0.9),
        )
        place = (request.query.get("site", "default"), request.match_info["queue"])
        try:
            made = await self._planning.make(place, length_s, days, change)
        except LookupError as error:
            raise ProblemError(404, str(error)) from None
        except ValueError as error:
            raise ProblemError(422, str(error)) from None
        return _answer(made, kind)

    def _kind(self, request: web.Request) -> str:
        asked = request.query.get("format")
        if asked is not None:
            if asked not in SHORT:
                raise ProblemError(400, f"format must be one of {', '.join(SHORT)}, not {asked!r}")
            return SHORT[asked]
        kind = preferred(request.headers.get("Accept", ""), (JSON, CSV, XLSX))
        if kind is None:
            raise ProblemError(406, f"a plan is had as {', '.join(SHORT.values())}")
        return kind


def _answer(made: Plan, kind: str) -> web.Response:
    if kind == JSON:
        return web.Response(body=msgspec.json.encode(as_builtins(made)), content_type=JSON)
    safe = "".join(letter if letter.isalnum() else "-" for letter in made.queue)
    suffix = "csv" if kind == CSV else "xlsx"
    plain = safe.encode("ascii", "ignore").decode()
    headers = {"Content-Disposition": f'attachment; filename="plan-{plain}.{suffix}"'}
    if kind == CSV:
        return web.Response(text=as_csv(made), content_type=CSV, charset="utf-8", headers=headers)
    from queuewatch.planning.xlsx import as_xlsx  # noqa: PLC0415  # workbooks are seldom asked for

    return web.Response(body=as_xlsx(made), content_type=XLSX, headers=headers)


def _whole(request: web.Request, name: str, unit: str, default: int, allowed: Sequence[int]) -> int:
    """A whole number in the query, with its unit as commands write it (`30min`, `14d`) or without."""
    written = request.query.get(name)
    if written is None:
        return default
    number = written.removesuffix(unit)
    if not (number.isascii() and number.isdecimal()) or int(number[:9]) not in allowed:
        listed = f"from {allowed[0]}{unit} to {allowed[-1]}{unit}"
        if not isinstance(allowed, range):
            listed = f"one of {', '.join(f'{one}{unit}' for one in allowed)}"
        raise ProblemError(400, f"{name} must be {listed}, not {written!r}")
    return int(number)


def _number(
    request: web.Request, name: str, default: float | None, least: float, most: float
) -> float | None:
    written = request.query.get(name)
    if written is None:
        return default
    try:
        value = float(written)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise ProblemError(400, f"{name} must be a number from {least:g} to {most:g}, not {written!r}")
    return value
