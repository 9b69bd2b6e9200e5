"""Puts the boards' queries to a real Prometheus, as Grafana does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import ClientError, ClientSession

from tests.dashboards.boards import Asked

PATIENCE_S = 120.0
STEP_S = 2

Answer = list[dict[str, Any]]


async def put(session: ClientSession, address: str, one: Asked) -> Answer:
    """The answer to a query as Grafana asks it: for now, or over the last minute. Numbers only."""
    now = time.time()
    if one.instant:
        url, params = "query", {"query": one.expr, "time": f"{now}"}
    else:
        url = "query_range"
        params = {"query": one.expr, "start": f"{now - 60}", "end": f"{now}", "step": f"{STEP_S}"}
    async with session.get(f"{address}/api/v1/{url}", params=params) as response:
        told = await response.json()
    assert told["status"] == "success", (one, told)
    return [series for series in told["data"]["result"] if any(value != "NaN" for value in values(series))]


def values(series: dict[str, Any]) -> Iterable[str]:
    """The values of a series, as Prometheus writes them."""
    points = series.get("values") or [series["value"]]
    return [value for _, value in points]


async def unanswered(
    address: str, asked: list[Asked], enough: Callable[[list[Asked]], bool] = lambda left: not left
) -> list[Asked]:
    """Those without an answer, once there are none or patience is at its end."""
    until = time.monotonic() + PATIENCE_S
    left = asked
    async with ClientSession() as session:
        while time.monotonic() < until:
            with contextlib.suppress(ClientError):
                left = [one for one in left if not await put(session, address, one)]
                if enough(left):
                    break
            await asyncio.sleep(1)
    return left


async def silent(address: str, one: Asked) -> bool:
    """Whether a query has no answer now, or soon: on a busy machine a scrape may once be late."""
    until = time.monotonic() + PATIENCE_S
    async with ClientSession() as session:
        while await put(session, address, one._replace(instant=True)):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(1)
    return True
