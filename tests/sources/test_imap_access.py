"""Tests of passwords and access tokens: each way to come by one, and what is said when it fails."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from queuewatch.config import ImapSource, Secret
from queuewatch.sources.imap_access import secret_of
from queuewatch.sources.imap_session import LostError


def own(**more: Any) -> ImapSource:
    return ImapSource(kind="imap", host="mail.example", username="support@shop.example", **more)


async def refusal(section: ImapSource) -> str:
    with pytest.raises(LostError) as caught:
        await secret_of(section)()
    assert caught.value.reason == "no_token"
    return str(caught.value)


async def test_a_password_is_itself() -> None:
    assert await secret_of(own(password=Secret("word")))() == "word"


async def test_a_tokens_file_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("first\n")
    secret = secret_of(own(token_file=path))
    assert await secret() == "first"
    path.write_text("second\n")
    assert await secret() == "second"
    path.write_text("\n")
    assert "is empty" in await refusal(own(token_file=path))
    path.unlink()
    assert "cannot be read" in await refusal(own(token_file=path))


async def test_a_command_prints_the_token(tmp_path: Path) -> None:
    assert await secret_of(own(token_command=(sys.executable, "-c", "print('t0ken')")))() == "t0ken"
    failing = own(token_command=(sys.executable, "-c", "print('t0ken'); raise SystemExit(3)"))
    said = await refusal(failing)
    assert "failed with status 3" in said
    assert "t0ken" not in said
    assert "printed no token" in await refusal(own(token_command=(sys.executable, "-c", "")))
    assert "cannot be run" in await refusal(own(token_command=(str(tmp_path / "nothing"),)))


@asynccontextmanager
async def issuer(status: int, body: str) -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    asked: list[dict[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append({name: str(value) for name, value in (await request.post()).items()})
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post("/token", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/token")), asked


def section(url: str) -> ImapSource:
    return own(
        token_url=url,
        client_id="queuewatch",
        client_secret=Secret("cl1ent"),
        refresh_token=Secret("r3fresh"),
        scope="imap",
    )


async def test_a_refresh_token_is_turned_into_an_access_token() -> None:
    async with issuer(200, '{"access_token": "t0ken", "expires_in": 3599}') as (url, asked):
        assert await secret_of(section(url))() == "t0ken"
    assert asked == [
        {
            "grant_type": "refresh_token",
            "client_id": "queuewatch",
            "client_secret": "cl1ent",
            "refresh_token": "r3fresh",
            "scope": "imap",
        }
    ]


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (400, '{"error": "invalid_grant", "error_description": "r3fresh"}', "invalid_grant"),
        (500, "oops", "status 500"),
        (200, "[]", "status 200"),
        (200, "[" * 9_999, "status 200"),
        (200, '{"access_token": ""}', "status 200"),
    ],
)
async def test_who_gives_no_token_is_told_without_the_secrets(status: int, body: str, why: str) -> None:
    async with issuer(status, body) as (url, _):
        said = await refusal(section(url))
    assert why in said
    assert not re.search("r3fresh|cl1ent", said)


async def test_an_issuer_that_is_not_there_is_told() -> None:
    assert "cannot be reached" in await refusal(section("http://127.0.0.1:9/token"))
