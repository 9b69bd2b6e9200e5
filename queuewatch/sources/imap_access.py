"""What a mailbox is opened with: a password, or an access token that is fetched anew for each connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from queuewatch.config import ImapSource
from queuewatch.sources.imap_session import LostError
from queuewatch.sources.reading import clip

_PATIENCE_S = 30.0
_LONGEST = 1 << 16

Secret = Callable[[], Coroutine[Any, Any, str]]


def secret_of(own: ImapSource) -> Secret:
    """How the section's password or token is come by; what is fetched is never shown."""
    if own.token_file is not None:
        return lambda path=own.token_file: _from_file(path)  # type: ignore[misc]  # bound now, not later
    if own.token_command:
        return lambda: _from_command(own.token_command)
    if own.token_url is not None:
        return lambda: _from_url(own)
    return lambda: _given(own)


async def _given(own: ImapSource) -> str:
    return own.password.reveal() if own.password is not None else ""


async def _from_file(path: Path) -> str:
    try:
        token = path.read_text(encoding="ascii").strip()  # noqa: ASYNC240  # a few octets, once a connection
    except (OSError, UnicodeError):
        raise LostError(
            "no_token", f"token_file {path} cannot be read; mend the path or its rights"
        ) from None
    return _some(token, f"token_file {path} is empty; whatever fetches the token must write it there")


async def _from_command(command: Sequence[str]) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        raise LostError(
            "no_token",
            f"token_command {command[0]} cannot be run ({error.strerror}); mend its path or rights",
        ) from None
    try:
        async with asyncio.timeout(_PATIENCE_S):
            told, _ = await process.communicate()
    except TimeoutError:
        raise LostError(
            "no_token", f"token_command {command[0]} takes longer than {_PATIENCE_S:g} s"
        ) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise LostError(
            "no_token", f"token_command {command[0]} failed with status {process.returncode}; try it by hand"
        )
    token = told[:_LONGEST].decode("ascii", "replace").strip()
    return _some(token, f"token_command {command[0]} printed no token; try it by hand")


async def _from_url(own: ImapSource) -> str:
    """Turn the refresh token into an access token (RFC 6749, section 6)."""
    import aiohttp  # noqa: PLC0415  # not every mailbox wants tokens of somebody else

    where = clip(own.token_url or "")
    form = {"grant_type": "refresh_token", "client_id": own.client_id or "", "scope": own.scope or ""}
    for name, secret in (("client_secret", own.client_secret), ("refresh_token", own.refresh_token)):
        form[name] = secret.reveal() if secret is not None else ""
    try:
        timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.post(where, data={name: value for name, value in form.items() if value}) as answer,
        ):
            body = await answer.content.read(_LONGEST)
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        why = type(error).__name__  # its text may hold what was sent
        raise LostError("no_token", f"token_url {where} cannot be reached ({why}); is it right?") from None
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    token = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(token, str) or not token:
        said = told.get("error") if isinstance(told, dict) else None
        why = clip(said) if isinstance(said, str) else f"status {status}"
        raise LostError(
            "no_token", f"token_url {where} gives no token ({why}); check client_id and refresh_token"
        )
    return token


def _some(token: str, otherwise: str) -> str:
    if not token:
        raise LostError("no_token", otherwise)
    return token
