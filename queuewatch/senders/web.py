"""What senders that speak HTTP share: one request, what its answer means, and errors that tell no secret."""

from __future__ import annotations

import asyncio
import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from queuewatch.ports import Clock, SendFailedError

_READ = 65_536  # bytes of an answer that are looked at
_LATER = frozenset((408, 425, 429))
_LONGEST_RETRY_S = 3600.0
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Line:
    """How requests go out.

    Attributes:
        timeout_s: How long one may take altogether, seconds.
        proxy: Through which HTTP proxy; None: straight.
    """

    timeout_s: float = 10.0
    proxy: str | None = None


@dataclass(frozen=True)
class Answer:
    """What the other side said."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Posting:
    """A sender that makes a connection for each message, so that none has to be kept."""

    async def run(self) -> None:
        """Nothing has to be kept; ends only when cancelled."""
        await asyncio.Event().wait()


async def ask(
    line: Line,
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request. Redirects are not followed: what is secret in it is for this address alone.

    Raises:
        SendFailedError: No answer came; names the host, never the path, which may be a secret.
    """
    host = host_of(url)
    timeout = aiohttp.ClientTimeout(total=line.timeout_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(
                method, url, data=body, headers=headers, proxy=line.proxy, allow_redirects=False
            ) as response,
        ):
            return Answer(response.status, await response.content.read(_READ), response.headers.copy())
    except TimeoutError:
        raise SendFailedError(f"{host} did not answer within {line.timeout_s:g} s") from None
    except (aiohttp.ClientConnectorError, aiohttp.ClientProxyConnectionError) as error:
        why = error.strerror or type(error.os_error).__name__
        raise SendFailedError(f"{host} cannot be reached ({why})", unsure=False) from None
    except aiohttp.InvalidURL:
        raise SendFailedError("its url is none", permanent=True, unsure=False) from None
    except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
        raise SendFailedError(f"{host} broke off ({type(error).__name__})") from None


def judge(answer: Answer, host: str, clock: Clock) -> None:
    """Whether an answer means that it was taken.

    Any 2xx does. 408, 425, 429 and 5xx may be tried again, not before a `Retry-After`; all else is final.

    Raises:
        SendFailedError: It was not taken.
    """
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004  # success, as HTTP has it
        return
    why = f"{host} answered {status}"
    if is_for_now(status):
        wait_s = retry_after_s(answer.headers.get("Retry-After"), clock.now())
        raise SendFailedError(why, retry_after_s=wait_s, unsure=status not in {425, 429})
    raise SendFailedError(why, permanent=True, unsure=False)


def is_for_now(status: int) -> bool:
    """Whether whoever answers so may answer otherwise later."""
    return status in _LATER or status >= 500  # noqa: PLR2004  # a server's own trouble


def retry_after_s(value: str | None, now: float) -> float | None:
    """What a `Retry-After` header asks for, seconds from now, an hour at most; None: nothing readable."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_RETRY_S)
    try:
        at = email.utils.parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, at - now), _LONGEST_RETRY_S)


def header_text(key: str) -> str:
    """A key as a header may hold it: whatever is not printable ASCII, as names may have it, is escaped."""
    escaped = key.encode("ascii", "backslashreplace").decode()
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", escaped)


def host_of(url: str) -> str:
    """The host of a URL, which may be named in logs; the rest may be a secret."""
    try:
        return urlsplit(url).hostname or "the other side"
    except ValueError:
        return "the other side"
