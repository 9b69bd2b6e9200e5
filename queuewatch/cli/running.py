"""The running service as commands speak to it: where it is, the token it asks for, and what it answers."""

from __future__ import annotations

import argparse
import codecs
import os
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from queuewatch.cli.command import CannotRunError
from queuewatch.config import Http

_PATIENCE_S = 30.0
_TOKEN = "QUEUEWATCH_TOKEN"  # noqa: S105  # where the token is, not one


def add_running(parser: argparse.ArgumentParser) -> None:
    """`--url` and `--token-file`."""
    parser.add_argument(
        "--url", metavar="URL", help="the running service; by default where the config has it"
    )
    parser.add_argument(
        "--token-file",
        metavar="F",
        type=Path,
        help=f"holds a token with the scope act; else it is in {_TOKEN}",
    )


def own_url(http: Http) -> str:
    """Where the config has the service."""
    host = f"[{http.host}]" if ":" in http.host else http.host
    return f"{'https' if http.tls_cert else 'http'}://{host}:{http.port}"


def token(file: Path | None) -> str | None:
    """The token in this file, or in the environment; None where there is none.

    Raises:
        CannotRunError: The file cannot be read, or holds none.
    """
    if file is None:
        return os.environ.get(_TOKEN, "").strip() or None
    try:
        shown = file.read_bytes().removeprefix(codecs.BOM_UTF8).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        shown = ""
    if not shown:
        raise CannotRunError(f"{file}: no token can be read from it; name the file that holds it")
    return shown


async def post(url: str, shown: str | None, what: str, **content: Any) -> dict[str, Any]:
    """Post something to the service, and return its answer.

    Args:
        url: The service's, with the route.
        shown: The token, if there is one.
        what: What is posted, for the sentence where the service refuses it.
        content: As aiohttp's `request` takes it: `json`, or `data` with `params` and `headers`.

    Raises:
        CannotRunError: The service cannot be reached, does not let us in, or refuses what is posted.
    """
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_PATIENCE_S),
                headers={"Authorization": f"Bearer {shown}"} if shown else None,
            ) as session,
            session.post(url, **content) as response,
        ):
            answer = msgspec.json.decode(await response.read(), type=dict[str, Any])
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise CannotRunError(
            f"{url}: the running service cannot be reached ({_why(error)}); name it with --url"
        ) from None
    if response.ok:
        return answer
    why = answer.get("detail", response.reason)
    if response.status in {401, 403}:
        raise CannotRunError(f"{url}: {why}; name a token for acts with --token-file or in {_TOKEN}")
    raise CannotRunError(f"{what}: {why}")


def _why(error: Exception) -> str:
    """Why nothing came back, in the system's words: aiohttp and asyncio put their own around them."""
    match error:
        case aiohttp.ClientConnectorCertificateError(certificate_error=told):
            why = getattr(told, "verify_message", None) or told
            return f"its certificate is not trusted: {why}; name who signed it in SSL_CERT_FILE"
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int(number))) if number > 0:
            return os.strerror(number)
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return "this is no address of a service, such as http://127.0.0.1:8080"
        case msgspec.DecodeError():
            return "what answers there is no queuewatch"
        case TimeoutError():
            return "timed out"
        case _:
            return str(error)
