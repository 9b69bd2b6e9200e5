"""The running service as commands speak to it."""

from __future__ import annotations

import argparse
import re
import ssl
from pathlib import Path
from typing import NoReturn

import aiohttp
import pytest
from aiohttp import web
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.test_utils import TestServer

from queuewatch.cli.command import CannotRunError
from queuewatch.cli.running import add_running, own_url, post, token
from queuewatch.config import Http


async def answer(request: web.Request) -> web.Response:
    """Lets in who shows `right`, and takes what is no longer than three bytes."""
    if request.headers.get("Authorization") != "Bearer right":
        return web.json_response({"detail": "this needs a token"}, status=401)
    if len(said := await request.read()) > 3:
        return web.json_response({"detail": "too long"}, status=422)
    return web.json_response({"taken": said.decode(), "by": request.query["by"]})


async def posted(shown: str | None, data: bytes) -> dict[str, str]:
    app = web.Application()
    app.router.add_post("/v1/plan", answer)
    async with TestServer(app) as server:
        return await post(str(server.make_url("/v1/plan")), shown, "a.csv", data=data, params={"by": "Ada"})


async def test_what_is_posted_with_the_right_token_is_answered() -> None:
    assert await posted("right", b"one") == {"taken": "one", "by": "Ada"}


@pytest.mark.parametrize(
    ("shown", "data", "says"),
    [
        (None, b"one", "this needs a token; name a token for acts with --token-file or in QUEUEWATCH_TOKEN"),
        ("wrong", b"one", "this needs a token; name a token"),
        ("right", b"three", "^a.csv: too long$"),
    ],
)
async def test_what_is_refused_is_told_with_its_cure(shown: str | None, data: bytes, says: str) -> None:
    with pytest.raises(CannotRunError, match=says):
        await posted(shown, data)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:1", "Connection refused"),
        ("ftp://127.0.0.1", "this is no address of a service, such as http://127.0.0.1:8080"),
        ("http://", "this is no address of a service, such as http://127.0.0.1:8080"),
    ],
)
async def test_where_nothing_runs_it_is_said(url: str, why: str) -> None:
    said = f"the running service cannot be reached ({why}); name it with --url"
    with pytest.raises(CannotRunError, match=re.escape(said)):
        await post(f"{url}/v1/plan", None, "a.csv")


async def test_a_certificate_that_is_not_trusted_is_told_with_its_cure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = ssl.SSLCertVerificationError(1, "certificate verify failed")
    wrong.verify_message = "self-signed certificate"

    def unbelieved(*_: object, **__: object) -> NoReturn:
        raise aiohttp.ClientConnectorCertificateError(
            ConnectionKey("127.0.0.1", 8080, True, True, None, None, None),  # aiohttp's own order
            wrong,
        )

    monkeypatch.setattr(aiohttp.ClientSession, "post", unbelieved)
    said = "(its certificate is not trusted: self-signed certificate; name who signed it in SSL_CERT_FILE)"
    with pytest.raises(CannotRunError, match=re.escape(said)):
        await post("https://127.0.0.1:8080/v1/plan", None, "a.csv")


@pytest.mark.parametrize("text", ["", "<html>", "[]", "null"])
async def test_something_else_that_answers_is_told(text: str) -> None:
    async def other(_request: web.Request) -> web.Response:
        return web.Response(text=text)

    app = web.Application()
    app.router.add_post("/", other)
    async with TestServer(app) as server:
        with pytest.raises(CannotRunError, match="what answers there is no queuewatch"):
            await post(str(server.make_url("/")), None, "a.csv")


def test_a_token_is_in_a_file_or_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parser = argparse.ArgumentParser()
    add_running(parser)
    file = tmp_path / "act.token"
    file.write_text("qw_one\n")
    assert token(parser.parse_args(["--token-file", str(file)]).token_file) == "qw_one"
    monkeypatch.delenv("QUEUEWATCH_TOKEN", raising=False)
    assert token(parser.parse_args([]).token_file) is None
    monkeypatch.setenv("QUEUEWATCH_TOKEN", "qw_two")
    assert token(None) == "qw_two"
    monkeypatch.setenv("QUEUEWATCH_TOKEN", "qw_two\r\n")
    assert token(None) == "qw_two"
    file.write_bytes(b"\xef\xbb\xbfqw_three\r\n")
    assert token(file) == "qw_three"
    file.write_text("höchst geheim")
    for unreadable in (file, tmp_path):
        with pytest.raises(CannotRunError, match="no token can be read from it"):
            token(unreadable)


def test_the_service_is_where_the_config_has_it() -> None:
    assert own_url(Http(host="127.0.0.1", port=8123)) == "http://127.0.0.1:8123"
    assert own_url(Http(tls_cert=Path("cert.pem"))) == "https://127.0.0.1:8080"
    assert own_url(Http(host="::1")) == "http://[::1]:8080"
