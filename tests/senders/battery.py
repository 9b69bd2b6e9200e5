"""What every sender over HTTP is held to: a far side that answers as it is told, and what must come of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from queuewatch.outgoing import Bulletin, Delivery, Sender
from queuewatch.senders.hook import Hook
from queuewatch.senders.issuer import HttpIssuer
from queuewatch.senders.slack import SlackBot, SlackWebhook
from queuewatch.senders.teams import Teams
from queuewatch.senders.web import Line
from tests.clocks import HandClock
from tests.decided import NOON, alert, voucher
from tests.senders.spoken import Words

SECRET = "T0PS3CRET"
Make = Callable[[str, Line], Sender]


@dataclass
class FarSide:
    """Answers with what it was told, and keeps what it was asked."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"ok": true, "channel": "C1", "ts": "17.5", "code": "ABCD"}'
    silent: bool = False
    breaks: bool = False
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_asked(self, count: int) -> None:
        """Returns once it was asked so often."""
        async with asyncio.timeout(30):
            while len(self.asked) < count:
                self.heard.clear()
                await self.heard.wait()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append((request.method, request.path_qs, dict(request.headers), body))
        self.heard.set()
        if self.silent:
            await asyncio.Event().wait()
        if self.breaks and request.transport is not None:
            request.transport.close()
        return web.Response(
            status=self.status, body=self.body, headers=self.headers, content_type="application/json"
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[FarSide]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        server = TestServer(app)
        await server.start_server()
        self.url = str(server.make_url("")).rstrip("/")
        try:
            yield self
        finally:
            await server.close()


def webhook(url: str, line: Line) -> Sender:
    return SlackWebhook(f"{url}/services/{SECRET}", HandClock(), line, board_url="https://board.example")


def bot(url: str, line: Line) -> Sender:
    return SlackBot(f"xoxb-{SECRET}", "C1", HandClock(), line, api=f"{url}/api/")


def teams(url: str, line: Line) -> Sender:
    return Teams(f"{url}/workflows/{SECRET}", HandClock(), line, board_url="https://board.example")


def hook(url: str, line: Line) -> Sender:
    kinds: frozenset[Any] = frozenset(("alert", "incentive", "notice"))
    return Hook(
        "crm", f"{url}/{SECRET}", SECRET, kinds, HandClock(), line=line, wording=Words(), languages=["en"]
    )


def issuer(url: str, line: Line) -> Sender:
    return HttpIssuer(f"{url}/vouchers", f"{url}/vouchers/{{key}}", SECRET, HandClock(), line)


SENDERS: dict[str, Make] = {
    "slack webhook": webhook,
    "slack bot": bot,
    "teams": teams,
    "hook": hook,
    "issuer": issuer,
}


def delivery(sender: Sender, **more: Any) -> Delivery:
    """What this sender is for."""
    if "voucher" in sender.manner.kinds:
        return Delivery(key=voucher().key, kind="voucher", at=NOON, decision=voucher())
    one = alert(**more)
    bulletin = Bulletin(site="default", alerts=(one,), news=(one,)) if sender.manner.bulletins else None
    return Delivery(key=one.key, kind="alert", at=NOON, decision=None if bulletin else one, bulletin=bulletin)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
