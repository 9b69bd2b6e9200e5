"""Attempts to send: a mistake of ours is a failure like another, and what was sent is not in the log."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from queuewatch.attempts import attempted
from queuewatch.ports import SendFailedError


async def sends(error: Exception | None = None) -> str:
    if error is not None:
        raise error
    return "receipt"


async def test_what_a_sender_brings_is_handed_on() -> None:
    assert await attempted(sends(), "till", "k1") == "receipt"


async def test_what_a_sender_says_of_its_failure_is_handed_on() -> None:
    away = SendFailedError("away", retry_after_s=3.0)
    with pytest.raises(SendFailedError) as raised:
        await attempted(sends(away), "till", "k1")
    assert raised.value is away


@pytest.mark.parametrize("permanent", [False, True])
async def test_a_mistake_is_a_failure_and_the_log_says_where_but_not_what_was_sent(permanent: bool) -> None:
    with capture_logs() as logs, pytest.raises(SendFailedError, match=r"a mistake .*KeyError") as raised:
        await attempted(sends(KeyError("ana@customer.example")), "till", "k1", permanent=permanent)
    assert (raised.value.permanent, raised.value.unsure) == (permanent, True)
    assert [(one["sender"], one["key"], one["why"]) for one in logs] == [("till", "k1", "KeyError")]
    assert logs[0]["places"].startswith("test_attempts.py:")
    assert "ana@" not in f"{logs}{raised.value}"
