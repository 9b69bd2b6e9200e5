"""Tests of what a customer who wrote is told at once: a wait that can be kept, an opening, or no time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from queuewatch.core.view import WaitView
from queuewatch.words import acknowledgement, available

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)


def wait(waited_s: float = 0.0) -> WaitView:
    return WaitView(place=3, waited_s=waited_s, quantiles_s={"0.1": 600.0, "0.5": 3000.0, "0.9": 7000.0})


def test_the_wait_that_is_left_is_told_rounded_up() -> None:
    assert "reply within 2 hours." in acknowledgement("en", wait())
    assert "reply within 1 hour and 30 minutes." in acknowledgement("en", wait(waited_s=1700.0))
    assert "höchstens 2 Stunden." in acknowledgement("de", wait())


def test_a_wait_that_should_be_over_is_told_as_the_shortest() -> None:
    assert "within 1 minute." in acknowledgement("en", wait(waited_s=9000.0))


@pytest.mark.parametrize(
    "unknown",
    [None, WaitView(place=1, no_estimate="too_few_data"), WaitView(place=1, quantiles_s={"0.5": 60.0})],
)
def test_without_an_estimate_no_time_is_told(unknown: WaitView | None) -> None:
    told = acknowledgement("en", unknown)
    assert "as soon as one of us is free" in told
    assert not any(letter.isdigit() for letter in told)


def test_while_it_is_closed_the_opening_is_told_and_no_wait() -> None:
    assert "back on Monday, November 23, 2026, 9:00" in acknowledgement("en", wait(), MONDAY).replace(
        "\u202f", " "
    )
    assert "Montag, 23. November 2026, 09:00" in acknowledgement("de", wait(), MONDAY)
    assert "2 hours" not in acknowledgement("en", wait(), MONDAY)


@pytest.mark.parametrize("language", available())
def test_each_language_says_that_nobody_need_answer(language: str) -> None:
    first, footer = acknowledgement(language, None).strip().split("\n\n")
    assert first
    assert footer
