"""A mail server for the tests, in the test's own event loop: takes mail, or refuses it as it is told."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


class Taker:
    """What the server was told, and what it answers."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.logins: list[tuple[str, str]] = []
        self.to_recipient = "250 OK"
        self.to_data = "250 OK"
        self.port = 0

    async def handle_RCPT(  # noqa: N802  # the server's own name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.to_recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.to_data.startswith("2"):
            self.taken.append(envelope)
        return self.to_data

    def let_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"t0ps3cret", handled=False)


@asynccontextmanager
async def mail_server(
    *, login: bool = False, tls: ssl.SSLContext | None = None, starttls: bool = False
) -> AsyncIterator[Taker]:
    """A mail server on a free loopback port, for as long as the block runs."""
    taker = Taker()
    loop = asyncio.get_running_loop()

    def make() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that a password in the clear is unwise
            return SMTP(
                taker,
                hostname="mail.example",
                loop=loop,
                auth_required=login,
                auth_require_tls=False,
                authenticator=taker.let_in if login else None,
                tls_context=tls if starttls else None,
            )

    server = await loop.create_server(make, "127.0.0.1", 0, ssl=None if starttls else tls)
    taker.port = server.sockets[0].getsockname()[1]
    try:
        yield taker
    finally:
        server.close()
        await server.wait_closed()
