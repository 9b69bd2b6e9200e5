"""Tests of what a customer who wrote is told at once: a wait that can be kept, an opening, or no time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from queuewatch.core.view import WaitView
from queuewatch.words import acknowledgement, available

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = (datetime(2026, 11, 21, 12, 0, tzinfo=BERLIN), datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN))


def wait(waited_s: float = 0.0) -> WaitView:
    return WaitView(place=3, waited_s=waited_s, quantiles_s={"0.1": 600.0, "0.5": 3000.0, "0.9": 7000.0})


def test_the_wait_that_is_left_is_told_rounded_up() -> None:
    assert "reply within 2 hours." in said("en", wait())
    assert "reply within 1 hour and 30 minutes." in said("en", wait(waited_s=1700.0))
    assert "höchstens 2 Stunden." in said("de", wait())


def test_a_wait_that_should_be_over_is_told_as_the_shortest() -> None:
    assert "within 1 minute." in said("en", wait(waited_s=9000.0))


UNKNOWN = WaitView(place=1, no_estimate="too_few_data")


def said(language: str, own: WaitView, closed: tuple[datetime, datetime] | None = None) -> str:
    return acknowledgement(language, own, closed).text


def test_what_is_told_is_what_is_promised() -> None:
    assert acknowledgement("en", wait()).told_s == 7200.0
    assert acknowledgement("en", wait(), MONDAY).told_s is None
    assert acknowledgement("en", UNKNOWN).told_s is None


@pytest.mark.parametrize(
    "unknown",
    [UNKNOWN, WaitView(place=1, quantiles_s={"0.5": 60.0})],
)
def test_without_an_estimate_no_time_is_told(unknown: WaitView) -> None:
    told = said("en", unknown)
    assert "as soon as one of us is free" in told
    assert not any(letter.isdigit() for letter in told)


def test_while_it_is_closed_the_opening_is_told_and_no_wait() -> None:
    assert "back on Monday at 9:00" in said("en", wait(), MONDAY).replace("\u202f", " ")
    assert "sind am Montag um 09:00 Uhr wieder" in said("de", wait(), MONDAY)
    assert "2 hours" not in said("en", wait(), MONDAY)


@pytest.mark.parametrize("language", available())
def test_each_language_says_that_nobody_need_answer(language: str) -> None:
    first, footer = said(language, UNKNOWN).strip().split("\n\n")
    assert first
    assert footer
