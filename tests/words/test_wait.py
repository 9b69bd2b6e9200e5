"""A wait as people say it: rounded up, with the right plural."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.words import available, say_wait, spoken_wait


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, 60),
        (1, 60),
        (60, 60),
        (60.5, 120),
        (120, 120),
        (300, 300),
        (301, 600),
        (600, 600),
        (3300.1, 3600),
        (3600, 3600),
        (3601, 5400),
        (5400, 5400),
        (14_400, 14_400),
        (14_401, 18_000),
        (86_400, 86_400),
        (86_401, 172_800),
    ],
)
def test_a_wait_is_rounded_up_to_the_step_in_which_one_speaks_of_it(seconds: float, said: int) -> None:
    assert spoken_wait(seconds) == said


@given(st.floats(min_value=0, max_value=1e7))
def test_what_is_said_is_never_less_than_the_wait_and_stays_when_said_again(seconds: float) -> None:
    said = spoken_wait(seconds)
    assert said >= seconds
    assert spoken_wait(said) == said


@given(st.floats(min_value=0, max_value=1e6), st.floats(min_value=0, max_value=1e6))
def test_a_longer_wait_is_never_said_to_be_shorter(one: float, other: float) -> None:
    assert spoken_wait(min(one, other)) <= spoken_wait(max(one, other))


@pytest.mark.parametrize("seconds", [-1.0, math.inf, math.nan])
def test_what_is_no_wait_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="cannot be said"):
        spoken_wait(seconds)


@pytest.mark.parametrize(
    ("seconds", "language", "said"),
    [
        (60, "en", "1 minute"),
        (61, "en", "2 minutes"),
        (5400, "en", "1 hour and 30 minutes"),
        (7200, "en", "2 hours"),
        (86_401, "en", "2 days"),
        (60, "de", "1 Minute"),
        (300, "de", "5 Minuten"),
        (3600, "de", "1 Stunde"),
        (5400, "de", "1 Stunde und 30 Minuten"),
        (86_400, "de", "1 Tag"),
        (86_401, "de", "2 Tage"),
        (60, "nl", "1 minuut"),
        (300, "nl", "5 minuten"),
        (7200, "nl", "2 uur"),
        (86_401, "nl", "2 dagen"),
    ],
)
def test_singular_and_plural_are_right(seconds: float, language: str, said: str) -> None:
    assert say_wait(seconds, language) == said


@pytest.mark.parametrize("language", available())
def test_every_language_can_say_every_wait(language: str) -> None:
    for seconds in (60, 300, 3600, 5400, 86_400, 864_000):
        words = say_wait(seconds, language)
        assert any(digit.isdigit() for digit in words)
        assert "duration" not in words
