"""What could not be used: counted, kept in words, told in the log now and then, nothing of a customer."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from queuewatch.core.view import RefusedView
from queuewatch.ports import Refused
from queuewatch.service.refusals import EVERY_S, NOT_WRITTEN, Refusals


def test_the_last_of_each_reason_is_kept_the_latest_first() -> None:
    refusals = Refusals()
    refusals.note("pbx", [Refused("bad_field", "first"), Refused("bad_field", "second")], 100.0)
    refusals.note("pbx", [Refused("unknown_event", "third")], 101.0)
    refusals.note("chat", [], 102.0)
    assert refusals.of() == {
        "pbx": (
            RefusedView(reason="unknown_event", count=1, at=101.0, detail="third"),
            RefusedView(reason="bad_field", count=2, at=100.0, detail="second"),
        )
    }


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('"|+49 (30) 081-0111|" is no line', '"|***|" is no line'),
        ("ann.example@mail.example wrote", "*** wrote"),
        (
            "time is 2030-01-01T00:00:00.250000Z, not +4930081-0111",
            "time is 2030-01-01T00:00:00.250000Z, not ***",
        ),
        ("write 2026-11-21 10:00:00 or 2026-11-21T10:00:00Z",) * 2,
        ("line 12345: no queue", "line 12345: no queue"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_nothing_that_looks_like_a_customer_is_kept(said: str, shown: str) -> None:
    refusals = Refusals()
    refusals.note("pbx", [Refused("bad_line", said)], 100.0)
    ((last,),) = refusals.of().values()
    assert last.detail == shown


def test_the_log_hears_of_the_first_and_then_only_now_and_then() -> None:
    refusals = Refusals()
    with capture_logs() as said:
        for number in range(50):
            refusals.note("pbx", [Refused("bad_field", f"the {number}th")], 100.0)
        refusals.note("chat", [Refused("bad_field", "another's")], 100.0)
        refusals.note("pbx", [Refused("bad_field", "a moment before")], 100.0 + EVERY_S - 1.0)
        refusals.note("pbx", [Refused("bad_field", "in time")], 100.0 + EVERY_S)
    assert [(line["detail"], line["count"]) for line in said] == [
        ("the 0th", 1),
        ("another's", 1),
        ("in time", 51),
    ]


def test_what_a_failing_disk_refuses_is_counted_all_at_once_and_the_journal_tells_it() -> None:
    refusals = Refusals()
    with capture_logs() as said:
        refusals.note("http", [Refused(NOT_WRITTEN, "the disk is full")], 100.0, times=20)
        refusals.note("http", [Refused(NOT_WRITTEN, "the disk is full")], 101.0, times=3)
    assert refusals.of() == {
        "http": (RefusedView(reason="not_written", count=23, at=101.0, detail="the disk is full"),)
    }
    assert said == []
