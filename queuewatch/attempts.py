"""A mistake of ours while something is sent fails that alone; the service goes on and sends all else."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from queuewatch.logs import logger
from queuewatch.ports import SendFailedError

_FRAMES = 4
"""So many places of the code are named, the last one first."""
_T = TypeVar("_T")
_log = logger("attempts")


async def attempted(attempt: Awaitable[_T], sender: str, key: str, *, permanent: bool = False) -> _T:
    """What an attempt to send comes to.

    Args:
        attempt: What sends, or asks whether it was.
        sender: Whose, as the log has it.
        key: What is sent, as the log has it.
        permanent: Whether a mistake of ours is not worth trying again.

    Raises:
        SendFailedError: It was not sent, or it is not known; also after a mistake of ours.
    """
    try:
        return await attempt
    except SendFailedError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, all else that waits must get out
        kind = type(error).__name__
        # Without the error's own words: they may hold an address that is secret, or a customer's.
        _log.error(
            "a mistake of queuewatch's",
            sender=sender,
            key=key,
            why=kind,
            places=_places(error),
            cure="report it with this line; only this failed, all else is sent",
        )
        why = f"queuewatch made a mistake sending this ({kind}); its log says where"
        raise SendFailedError(why, permanent=permanent) from None


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
