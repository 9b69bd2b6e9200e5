"""Tests of one connection: logins of each kind, news while waiting, and what a server may do wrong."""

from __future__ import annotations

import asyncio
import base64
import ssl

import pytest

from queuewatch.sources.imap_session import LostError, RefusedByServerError, Session, Where
from tests.clocks import HandClock, settle
from tests.sources.mailbox import TEN, MailServer, Wire, header

USER = "support@shop.example"


def where(**more: object) -> Where:
    return Where(host="mail.example", port=143, username=USER, **more)  # type: ignore[arg-type]


async def opened(server: MailServer, word: str = "word", **more: object) -> Session:
    session = Session(where(**more), HandClock(TEN), server.connect)

    async def fetch() -> str:
        return word

    await session.open(fetch)
    return session


async def test_a_password_is_quoted() -> None:
    server = MailServer()
    session = await opened(server, 'a "b" \\c')
    assert f'LOGIN "{USER}" "a \\"b\\" \\\\c"' in server.asked
    assert "ENABLE QRESYNC" in server.asked
    assert session.qresync
    assert session.condstore
    assert session.idles
    session.close()


async def test_a_password_beyond_ascii_goes_by_sasl() -> None:
    server = MailServer()
    (await opened(server, "grüße")).close()
    proof = base64.b64encode(f"\0{USER}\0grüße".encode()).decode()
    assert f"AUTHENTICATE PLAIN {proof}" in server.asked


async def test_an_access_token_goes_by_xoauth2() -> None:
    server = MailServer()
    (await opened(server, "t0ken", oauth=True)).close()
    proof = base64.b64encode(f"user={USER}\x01auth=Bearer t0ken\x01\x01".encode()).decode()
    assert f"AUTHENTICATE XOAUTH2 {proof}" in server.asked


class Asking(MailServer):
    """A server that asks for the proof by itself, and then tells why it refuses, as Gmail does."""

    def __init__(self, *, refuses: bool) -> None:
        super().__init__("IMAP4rev1")
        self.refuses_proof = refuses
        self.tag = ""

    def answer(self, wire: Wire, tag: str, line: str) -> None:
        if line.startswith("AUTHENTICATE"):
            self.tag = tag
            wire.says("+ ")
            return
        super().answer(wire, tag, line)

    def proof(self, wire: Wire, line: str) -> None:
        if not line:
            wire.says(f"{self.tag} NO invalid credentials")
        elif self.refuses_proof:
            wire.says("+ eyJzdGF0dXMiOiI0MDEifQ==")
        else:
            wire.says(f"{self.tag} OK in")


class AskingWire(Wire):
    def write(self, octets: bytes) -> None:
        line = octets.decode().removesuffix("\r\n")
        if " " in line or line == "DONE":
            super().write(octets)
        elif isinstance(self.server, Asking):
            self.server.proof(self, line)


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_server_may_ask_for_the_proof_first(*, refuses: bool) -> None:
    server = Asking(refuses=refuses)

    async def connect(
        _host: str, _port: int, _tls: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, Wire]:
        wire = AskingWire(server)
        wire.says("* OK ready")
        return wire.reader, wire

    session = Session(where(oauth=True), HandClock(TEN), connect)  # type: ignore[arg-type]

    async def secret() -> str:
        return "t0ken"

    if refuses:
        with pytest.raises(LostError, match="fetch a new access token") as caught:
            await session.open(secret)
        assert "t0ken" not in str(caught.value)
    else:
        await session.open(secret)
    session.close()


async def test_a_secret_with_a_line_end_is_refused_before_it_is_sent() -> None:
    server = MailServer()
    with pytest.raises(LostError, match="line end"):
        await opened(server, "a\r\nq9 LOGOUT")
    assert not [line for line in server.asked if "LOGOUT" in line]


async def test_a_server_that_lets_us_in_by_itself_is_not_given_the_secret() -> None:
    server = MailServer()
    server.greeting = "* PREAUTH [CAPABILITY IMAP4rev1] in"
    (await opened(server)).close()
    assert not [line for line in server.asked if "word" in line]


async def test_without_starttls_nothing_is_told() -> None:
    server = MailServer()
    server.refuses = {"STARTTLS"}
    with pytest.raises(LostError, match="refuses STARTTLS") as caught:
        await opened(server, starttls=True, tls=ssl.create_default_context())
    assert caught.value.reason == "bad_tls"
    assert not [line for line in server.asked if "word" in line]


async def test_news_ends_the_waiting() -> None:
    server = MailServer()
    session = await opened(server)
    await session.command('EXAMINE "INBOX"')
    idle = asyncio.create_task(session.idle(TEN + 60.0))
    await settle()
    assert not idle.done()
    server.arrives(header("<a@x>"), TEN)
    await idle
    assert [(one.kind, one.number) for one in session.news] == [("EXISTS", 1)]
    session.close()


async def test_what_a_command_lets_slip_is_news_too() -> None:
    server = MailServer()
    session = await opened(server)
    server.connections[0].says("* 4 EXISTS")
    await session.command("NOOP")
    assert [one.kind for one in session.news] == ["EXISTS"]
    session.close()


async def test_a_refusal_is_told_apart_from_a_loss() -> None:
    server = MailServer()
    session = await opened(server)
    server.refuses = {"NOOP"}
    with pytest.raises(RefusedByServerError, match="not today"):
        await session.command("NOOP")
    server.hangs_up()
    server.refuses = set()
    server.connections[0].closed = True
    with pytest.raises(LostError):
        await session.command("NOOP")
    session.close()


async def test_what_is_no_imap_ends_the_connection() -> None:
    server = MailServer()
    session = await opened(server)
    server.connections[0].says("* X (((")
    with pytest.raises(LostError) as caught:
        await session.command("NOOP")
    assert caught.value.reason == "not_imap"
    session.close()


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ConnectionRefusedError(111, "Connection refused"), "no_connection"), (ssl.SSLError("bad"), "bad_tls")],
)
async def test_a_server_that_cannot_be_reached_is_told(error: OSError, reason: str) -> None:
    async def connect(
        _host: str, _port: int, _tls: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, Wire]:
        raise error

    session = Session(where(), HandClock(TEN), connect)  # type: ignore[arg-type]

    async def secret() -> str:
        return "word"

    with pytest.raises(LostError) as caught:
        await session.open(secret)
    assert caught.value.reason == reason
    session.close()
