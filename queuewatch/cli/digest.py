"""The digest of a week for the running service, made by `queuewatch report` in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from queuewatch.core.facts.wire import rfc3339
from queuewatch.service.weekly import NoDigestError

LIMIT_S = 1800.0
"""Years of events are read in minutes; what takes longer is stuck."""


def composer(
    config: Path | None,
    zone: str,
    *,
    limit_s: float = LIMIT_S,
    program: Sequence[str] = (sys.executable, "-m", "queuewatch"),
) -> Callable[[float], Awaitable[str]]:
    """What makes the digest of the week that ends at a moment, and leaves the service's own process alone.

    Args:
        config: The service's config file.
        zone: On whose clock days and hours are told.
        limit_s: A process that takes longer is ended.
        program: How queuewatch is called.
    """
    told = [] if config is None else ["--config", str(config)]

    async def compose(ends_at: float) -> str:
        arguments = ["report", *told, "--facts", "--digest", "--until", rfc3339(ends_at), "--timezone", zone]
        return await _output([*program, *arguments], limit_s)

    return compose


async def _output(command: Sequence[str], limit_s: float) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise NoDigestError(f"the report could not be started ({error.strerror})") from None
    try:
        async with asyncio.timeout(limit_s):
            said, complaint = await process.communicate()
    except TimeoutError:
        raise NoDigestError(f"the report took longer than {limit_s:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = said.decode(errors="replace").strip()
    if process.returncode or not text:
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise NoDigestError(lines[-1] if lines else f"the report ended with status {process.returncode}")
    return text
