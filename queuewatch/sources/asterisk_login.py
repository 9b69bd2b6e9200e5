"""Asterisk's manager interface: the way in, and actions as they go over the wire."""

from __future__ import annotations

import asyncio
import ssl
from hashlib import md5

from msgspec import Struct, field

from queuewatch.config import AsteriskAmiSource
from queuewatch.sources.asterisk_blocks import parse
from queuewatch.sources.context import tls_context
from queuewatch.sources.reading import clip
from queuewatch.sources.stream import LostError

_GREETING = b"Asterisk Call Manager"
_PORT, _TLS_PORT = 5038, 5039


class AmiSettings(Struct, frozen=True, kw_only=True):
    """How to reach a PBX.

    Attributes:
        host: Where it is.
        port: 5038, or 5039 for TLS, unless it was changed.
        username: A section of its `manager.conf` with `read = agent,call,dialplan,system` and `write = agent`
            (or `reporting`; with `system` the stream is filtered at its source).
        secret: That section's secret; it is never sent, only an answer to the PBX's challenge.
        tls: With what to trust the PBX; None speaks in the clear.
        resync_s: How often to ask who waits, seconds.
        ping_s: After how long a silence to ask whether the PBX is there; after twice that it is not.
        grace_s: How long after a call left its reason may still be told, seconds.
        wrap_up_s: `wrapuptime` of each queue in its `queues.conf`, seconds.
    """

    host: str
    username: str
    secret: str
    port: int = 5038
    tls: ssl.SSLContext | None = None
    resync_s: float = 60.0
    ping_s: float = 15.0
    grace_s: float = 2.0
    wrap_up_s: dict[str, float] = field(default_factory=dict)


def settings_of(own: AsteriskAmiSource) -> AmiSettings:
    """How to reach the PBX of a section; raises UnusableError."""
    return AmiSettings(
        host=own.host,
        username=own.username,
        secret=own.secret.reveal(),
        port=own.port or (_TLS_PORT if own.tls else _PORT),
        tls=tls_context(own.tls_ca) if own.tls else None,
        resync_s=own.resync_s,
        ping_s=own.ping_s,
        grace_s=own.grace_s,
        wrap_up_s=own.wrap_up_s,
    )


def action(name: str, **fields: str) -> bytes:
    """An action as it goes over the wire; line ends in values, which would begin another, are dropped."""
    lines = [f"Action: {name}", *(f"{key}: {value}" for key, value in fields.items())]
    return "".join(f"{line.translate(_NO_LINE_ENDS)}\r\n" for line in lines).encode() + b"\r\n"


_NO_LINE_ENDS = {ord("\r"): None, ord("\n"): None}


async def login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, settings: AmiSettings) -> None:
    """Say who we are, and ask for events; raises LostError."""
    where = f"{settings.host}:{settings.port}"
    try:
        greeting = await reader.readline()
        if not greeting.startswith(_GREETING):
            raise LostError(
                "not_asterisk", f"{where} does not greet as Asterisk's manager interface; is it the port?"
            )
        writer.write(action("Challenge", AuthType="MD5"))
        challenge = await answer(reader)
        proof = f"{challenge.get('challenge', '')}{settings.secret}".encode()
        writer.write(
            action(
                "Login",
                AuthType="MD5",
                Username=settings.username,
                Key=md5(proof, usedforsecurity=False).hexdigest(),
                Events="on",
            )
        )
        login = await answer(reader)
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
        raise LostError("connection_lost", f"{where} hung up at the login ({error})") from None
    if login.get("response") != "Success":
        raise LostError(
            "login_refused",
            f'{where} refused user "{settings.username}" ({clip(login.get("message", ""))}); '
            "check the secret and permit= of its section in manager.conf",
        )


async def answer(reader: asyncio.StreamReader) -> dict[str, str]:
    """The next response; events before it are passed over."""
    while True:
        fields = parse((await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n"))
        if "response" in fields:
            return fields
