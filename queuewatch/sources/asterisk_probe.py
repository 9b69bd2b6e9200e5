"""Tries an Asterisk's manager interface out: who is there, what may we hear, which queues has it?"""

from __future__ import annotations

import asyncio

from queuewatch.config import AsteriskAmiSource
from queuewatch.sources.asterisk_blocks import FILTERS, parse
from queuewatch.sources.asterisk_login import (
    AmiSettings,
    action,
    login,
    settings_of,
)
from queuewatch.sources.context import Context, UnusableError
from queuewatch.sources.reach import unreachable
from queuewatch.sources.reading import clip
from queuewatch.sources.stream import Connect, LostError, open_stream

_PATIENCE_S = 10.0
_MOST_NAMED = 8
_READ = "read = agent,call,dialplan,system"


class _Answers:
    """What the PBX says to our actions, each under its own id."""

    def __init__(self) -> None:
        self.responses: dict[str, dict[str, str]] = {}
        self.queues: list[str] = []
        self.hears = False

    def take(self, block: dict[str, str]) -> bool:
        """Heed one block; whether it was the last of them."""
        if "response" in block:
            self.responses[block.get("actionid", "")] = block
        elif block.get("event") == "QueueParams":
            self.queues.append(block.get("queue", ""))
        elif block.get("event") == "FullyBooted":  # follows each login of those who may read of the system
            self.hears = True
        listed = self.responses.get("queues")
        refused = listed is not None and listed["response"] != "Success"
        return refused or block.get("event") == "QueueStatusComplete"


async def probe(own: AsteriskAmiSource, _context: Context, *, connect: Connect = open_stream) -> str:
    """Log in, try our event filter and list the queues.

    Returns:
        One sentence that says what works.

    Raises:
        UnusableError: What does not, with the cure.
    """
    settings = settings_of(own)
    where = f"{settings.host}:{settings.port}"
    try:
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await connect(settings.host, settings.port, settings.tls)
            try:
                await login(reader, writer, settings)
                answers = await _ask(reader, writer)
            finally:
                writer.close()
    except LostError as error:
        raise UnusableError(str(error)) from None
    except TimeoutError:
        tls = "" if settings.tls else ", and without TLS"
        raise UnusableError(f"{where} does not answer; is it Asterisk's manager interface{tls}?") from None
    except (EOFError, asyncio.LimitOverrunError) as error:
        raise UnusableError(f"{where} broke off ({error}); is it Asterisk's manager interface?") from None
    except OSError as error:
        raise UnusableError(unreachable(where, error, "is it up, and enabled in manager.conf?")) from None
    return _sentence(settings, answers)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> _Answers:
    for sieve in FILTERS:
        writer.write(action("Filter", ActionID="filter", Operation="Add", Filter=sieve))
    writer.write(action("CoreSettings", ActionID="version"))
    writer.write(action("QueueStatus", ActionID="queues"))
    answers = _Answers()
    while not answers.take(parse((await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n"))):
        pass
    return answers


def _sentence(settings: AmiSettings, answers: _Answers) -> str:
    listed = answers.responses["queues"]
    user = settings.username
    if listed["response"] != "Success":
        raise UnusableError(
            f'user "{user}" is let in but may not list the queues ({clip(listed.get("message", ""))}); '
            "give it write = reporting (or agent) in manager.conf, and see that app_queue is loaded"
        )
    if not answers.hears:
        raise UnusableError(
            f'user "{user}" is let in but hears nothing, at least not of the PBX itself; '
            f"give it {_READ} in manager.conf"
        )
    version = clip(answers.responses.get("version", {}).get("asteriskversion", ""))
    named = ", ".join(clip(queue) for queue in answers.queues[:_MOST_NAMED])
    more = len(answers.queues) - _MOST_NAMED
    rest = f" and {more} more" if more > 0 else ""
    several = "s" if len(answers.queues) > 1 else ""
    queues = (
        f"it has {len(answers.queues)} queue{several}: {named}{rest}" if named else "it has no queues yet"
    )
    restarts = "" if version else f"; {user} lacks write = reporting, so a quick restart may not be noticed"
    how = "in the clear" if settings.tls is None else "over TLS"
    if answers.responses.get("filter", {}).get("response") == "Success":
        sifts = "it sifts its events at their source"
    else:
        sifts = f"it sends all its events, as {user} lacks write = system; we sift them here"
    what = f"Asterisk {version}" if version else "Asterisk"
    return f'{what} at {settings.host}:{settings.port} lets in "{user}" {how}; {queues}; {sifts}{restarts}'
