"""The whole service as a process of its own, with a config."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from queuewatch.core.facts.events import (
    AgentChanged,
    Answered,
    Completed,
    Data,
    Enqueued,
    Event,
)
from queuewatch.core.facts.wire import to_cloudevent
from tests.real.servers import Server, free_port

PATIENCE_S = 60.0
# Short holds, so that a test sees notices come and go by the rules too.
HOLD_S = 0.3


class House:
    """A config, and `queuewatch serve` with it."""

    def __init__(
        self,
        folder: Path,
        more: str = "",
        *,
        scheme: str = "http",
        token: str = "",
        data: Path | None = None,
    ) -> None:
        self.data = data or folder / "var"
        self.port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.log = folder / "queuewatch.log"
        config = folder / "queuewatch.toml"
        config.write_text(
            f'[service]\ndata_dir = "{self.data}"\nlog_format = "json"\n'
            f"[journal]\nsnapshot_every_events = 400\n"
            f"[notice]\nenter_hold_s = {HOLD_S}\nend_hold_s = {HOLD_S}\n"
            f"[http]\nport = {self.port}\n{more}"
        )
        self._command = [sys.executable, "-m", "queuewatch", "serve", "--config", str(config)]
        self.server = Server(self._command, self.port, self.log)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def start(self) -> None:
        """Returns once it answers."""
        await asyncio.to_thread(self.server.start)

    def kill(self) -> None:
        self.server.kill()

    def second(self) -> subprocess.CompletedProcess[str]:
        """What one says that is started where it cannot run, as beside another; blocks until it has ended."""
        return subprocess.run(self._command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.start()
        try:
            yield
        finally:
            self.server.stop()

    async def get(self, path: str) -> tuple[int, str]:
        connector = aiohttp.TCPConnector(ssl=False)
        async with (
            aiohttp.ClientSession(headers=self.headers, connector=connector) as session,
            session.get(self.url + path) as answer,
        ):
            return answer.status, await answer.text()

    async def post(self, events: Iterable[Event]) -> int:
        body = msgspec.json.encode([to_cloudevent(event) for event in events])
        headers = {**self.headers, "Content-Type": "application/cloudevents-batch+json"}
        connector = aiohttp.TCPConnector(ssl=False)
        async with (
            aiohttp.ClientSession(headers=headers, connector=connector) as session,
            session.post(f"{self.url}/v1/events", data=body) as answer,
        ):
            return answer.status

    async def ready(self) -> None:
        """Returns once every source can be relied on."""
        await self.until(lambda status, _said: status == 200, "/readyz")

    async def until(self, holds: Callable[[int, str], bool], path: str) -> str:
        """Ask until the answer is as wanted; returns it."""
        status, said = 0, ""
        ends_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_at:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                status, said = await self.get(path)
                if holds(status, said):
                    return said
            await asyncio.sleep(0.1)
        pytest.fail(f"{path} is not as wanted after {PATIENCE_S} s: {status} {said[:2000]}")


SALES: dict[str, Any] = {"queue": "sales", "channel": "phone"}
HANDLING_S = 30.0
PRACTISED = 200  # earlier calls, so that how long one takes is no guess
_numbers = count(1)


def fact(data: Data, subject: str, ago_s: float = 0.0) -> Event:
    """Something that happened so many seconds ago."""
    return Event(f"e{next(_numbers)}", "pbx", time.time() - ago_s, data, subject)


def one_agent_busy() -> list[Event]:
    """An agent whose contacts take half a minute, as is known by now, just busy; nobody waits."""
    return [
        fact(AgentChanged(state="available", queues=("sales",)), "ann", 2 * HANDLING_S * PRACTISED + 200),
        *(
            fact(data, f"practised-{number}", 2 * HANDLING_S * number + 200 - since_s)
            for number in range(PRACTISED, 0, -1)
            for since_s, data in (
                (0.0, Enqueued(**SALES)),
                (0.0, Answered(**SALES, agent="ann")),
                (HANDLING_S, Completed(**SALES)),
            )
        ),
        fact(Enqueued(**SALES), "before", 100),
        fact(Answered(**SALES, agent="ann"), "before", 95),
        fact(Completed(**SALES), "before", 95 - HANDLING_S),
        fact(Enqueued(**SALES), "now", 5),
        fact(Answered(**SALES, agent="ann"), "now", 2),
    ]


def joins(*contacts: str) -> list[Event]:
    return [fact(Enqueued(**SALES), contact) for contact in contacts]
