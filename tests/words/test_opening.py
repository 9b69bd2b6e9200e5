"""Tests of when a queue opens again, in words: today, within the week, or on a date."""

from __future__ import annotations

from datetime import datetime

import pytest

from queuewatch.words import available
from queuewatch.words.opening import say_opening

NARROW = chr(0x202F)  # the blank that CLDR puts before AM
SATURDAY = datetime(2026, 11, 21, 7, 0)  # noqa: DTZ001  # a clock on the wall


@pytest.mark.parametrize(
    ("opens", "said"),
    [
        (datetime(2026, 11, 21, 9, 0), "today at 9:00 AM"),  # noqa: DTZ001
        (datetime(2026, 11, 23, 9, 0), "on Monday at 9:00 AM"),  # noqa: DTZ001
        (datetime(2026, 11, 28, 9, 0), "on Saturday, November 28 at 9:00 AM"),  # noqa: DTZ001
    ],
)
def test_it_is_said_as_people_say_it(opens: datetime, said: str) -> None:
    assert say_opening(SATURDAY, opens, "en").replace(NARROW, " ") == said


@pytest.mark.parametrize("language", available())
def test_every_language_says_it(language: str) -> None:
    assert "{" not in say_opening(SATURDAY, datetime(2026, 11, 23, 9, 0), language)  # noqa: DTZ001
