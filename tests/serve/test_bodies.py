"""Packed bodies are unpacked, up to what the application takes; what cannot be is a problem in our words."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from queuewatch.serve.bodies import unpacked
from queuewatch.serve.problems import CONTENT_TYPE, as_problems
from tests.serve.conftest import Client

MOST = 1000
FULL = b"7" * MOST


def packed(body: bytes) -> bytes:
    """Packed with gzip, without the time: the same at whatever second it is done."""
    return gzip.compress(body, mtime=0)


def raw_deflated(body: bytes) -> bytes:
    """Deflated without the header that HTTP asks for, as some senders do."""
    pack = zlib.compressobj(wbits=-15)
    return pack.compress(body) + pack.flush()


@pytest.fixture
async def echo() -> AsyncIterator[Client]:
    async def say(request: web.Request) -> web.Response:
        return web.Response(body=await unpacked(request))

    app = web.Application(middlewares=[as_problems], client_max_size=MOST)
    app.router.add_post("/", say)
    server = TestServer(app)
    await server.start_server(auto_decompress=False)
    async with TestClient(server) as client:
        yield client


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", FULL),
        ("identity", FULL),
        ("gzip", packed(FULL)),
        (" GZip ", packed(FULL)),
        ("x-gzip", packed(FULL[:400]) + packed(FULL[400:])),
        ("deflate", zlib.compress(FULL)),
        ("deflate", raw_deflated(FULL)),
    ],
)
async def test_a_body_is_as_it_was_before_it_was_packed(echo: Client, coding: str, body: bytes) -> None:
    response = await echo.post("/", data=body, headers={"Content-Encoding": coding})
    assert (response.status, await response.read()) == (200, FULL)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
async def test_no_body_is_an_empty_one(echo: Client, coding: str) -> None:
    response = await echo.post("/", headers={"Content-Encoding": coding})
    assert (response.status, await response.read()) == (200, b"")


@pytest.mark.parametrize(
    ("coding", "body", "status", "reason", "says"),
    [
        (
            "br",
            b"x",
            415,
            "bad_encoding",
            "bodies encoded as br are not read here; send gzip, deflate or none",
        ),
        ("gzip, br", b"x", 415, "bad_encoding", "bodies encoded as gzip, br are not read here"),
        ("gzip", b"plain", 400, "bad_encoding", "the body is not gzip as it says"),
        ("gzip", packed(FULL)[:-9], 400, "bad_encoding", "the body is not gzip as it says"),
        ("gzip", packed(FULL) + b"more", 400, "bad_encoding", "the body is not gzip as it says"),
        ("deflate", b"7", 400, "bad_encoding", "the body is not deflate as it says"),
        ("gzip", packed(FULL + b"7"), 413, "too_large", "the body is larger than 1000 bytes"),
        ("gzip", packed(b"7" * 900_000), 413, "too_large", "the body is larger than 1000 bytes"),
        ("gzip", packed(FULL) + packed(b"7"), 413, "too_large", "the body is larger than 1000"),
        ("", FULL + b"7", 413, "too_large", "the body is larger than 1000 bytes; send less at once"),
    ],
)
async def test_what_cannot_be_unpacked_is_a_problem_of_one_sentence(  # noqa: PLR0917 (a table)
    echo: Client, coding: str, body: bytes, status: int, reason: str, says: str
) -> None:
    response = await echo.post("/", data=body, headers={"Content-Encoding": coding})
    assert (response.status, response.content_type) == (status, CONTENT_TYPE)
    told = await response.json()
    assert told["reason"] == reason
    assert told["detail"].startswith(says)
    assert response.headers.get("Accept-Encoding") == ("gzip, deflate" if status == 415 else None)
