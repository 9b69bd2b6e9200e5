"""The application answers on its address, or says in a sentence why it cannot."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, web

from queuewatch.config import Http
from queuewatch.serve.listen import CannotListenError, cure, listen

HELD = Path(__file__).parents[1] / "data" / "certificates"


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


def application() -> web.Application:
    app = web.Application()
    app.router.add_get("/", hello)
    return app


async def test_it_answers_until_the_stack_is_left() -> None:
    async with ClientSession() as session:
        async with AsyncExitStack() as stack:
            url = await listen(stack, application(), Http(port=0))
            async with session.get(url) as answer:
                assert await answer.text() == "hello"
        host, _, port = url.removeprefix("http://").partition(":")
        with pytest.raises(OSError, match="refused"), socket.create_connection((host, int(port)), 1):
            pass


def taker() -> web.Application:
    """Answers with what it was sent, or 400 where that breaks the rules."""

    async def read(request: web.Request) -> web.Response:
        try:
            return web.Response(body=await request.read())
        except web.RequestPayloadError:
            return web.Response(status=400)

    app = web.Application()
    app.router.add_post("/", read)
    return app


@pytest.mark.parametrize("packing", ["gzip", "br", "of our own"])
async def test_a_body_is_handed_on_as_it_came_however_it_says_it_is_packed(packing: str) -> None:
    async with ClientSession() as session, AsyncExitStack() as stack:
        url = await listen(stack, taker(), Http(port=0))
        async with session.post(url, data=b"not packed", headers={"Content-Encoding": packing}) as answer:
            assert (answer.status, await answer.read()) == (200, b"not packed")


async def test_a_body_that_breaks_the_rules_is_answered_and_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with AsyncExitStack() as stack:
        url = urlsplit(await listen(stack, taker(), Http(port=0)))
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n")
        assert b" 400 " in await reader.readline()
        await reader.read()
        writer.close()
        await writer.wait_closed()
    assert [one for one in caplog.records if one.name == "aiohttp.server"] == []


async def test_with_a_certificate_it_speaks_tls() -> None:
    own = Http(port=0, tls_cert=HELD / "own.crt", tls_key=HELD / "own.key")
    trusting = ssl.create_default_context(cafile=str(HELD / "own.crt"))
    trusting.check_hostname = False
    async with ClientSession() as session, AsyncExitStack() as stack:
        url = await listen(stack, application(), own)
        assert url.startswith("https://127.0.0.1:")
        async with session.get(url, ssl=trusting) as answer:
            assert await answer.text() == "hello"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "set http.host to a name"),
        (OSError(errno.EADDRNOTAVAIL, ""), "set http.host to a name"),
        (OSError(errno.EACCES, ""), "set http.port to 1024 or more"),
        (OSError(errno.EADDRINUSE, ""), "stop what uses the port"),
    ],
)
def test_each_trouble_has_its_own_cure(error: OSError, says: str) -> None:
    assert cure(error).startswith(says)


async def test_an_address_that_is_not_ours_is_told_with_the_cure() -> None:
    async with AsyncExitStack() as stack:
        with pytest.raises(CannotListenError, match=r"http\.host 192\.0\.2\.1, http\.port 1: cannot listen"):
            await listen(stack, application(), Http(host="192.0.2.1", port=1))
