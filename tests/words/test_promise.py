"""A promise in words."""

from __future__ import annotations

import math
from typing import get_args

import pytest

from queuewatch.core.facts.terms import Channel
from queuewatch.core.view import NoEstimateReason, WaitView
from queuewatch.words import Promised, available, promise


def waiting(left_s: float, waited_s: float = 40.0) -> WaitView:
    """One who has waited so long, and in nine cases of ten will be answered within so many seconds."""
    return WaitView(place=2, waited_s=waited_s, quantiles_s={"0.9": waited_s + left_s})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Thank you for waiting. We expect to answer you within 5 minutes."),
        (
            "de",
            "Danke, dass Sie warten. Ihre Wartezeit beträgt ab jetzt voraussichtlich höchstens 5 Minuten.",
        ),
        ("nl", "Fijn dat u wacht. We verwachten u binnen 5 minuten te helpen."),
    ],
)
def test_it_tells_the_time_still_to_come_rounded_up(language: str, text: str) -> None:
    assert promise(waiting(250.0), "phone", language) == Promised(language=language, text=text, told_s=300.0)


def test_on_the_border_nothing_is_added() -> None:
    assert promise(waiting(240.0), "phone", "en").told_s == 240.0
    assert promise(waiting(240.5), "phone", "en").told_s == 300.0


def test_nobody_is_told_that_it_takes_no_time() -> None:
    assert promise(waiting(0.0), "chat", "en").told_s == 60.0
    assert promise(waiting(-5.0), "chat", "en").told_s == 60.0


@pytest.mark.parametrize("channel", get_args(Channel))
@pytest.mark.parametrize("language", available())
@pytest.mark.parametrize("why", get_args(NoEstimateReason))
def test_where_there_is_no_estimate_no_number_is_told(
    channel: Channel, language: str, why: NoEstimateReason
) -> None:
    said = promise(WaitView(place=1, no_estimate=why), channel, language)
    assert said.told_s is None
    assert said.text
    assert not any(letter.isdigit() for letter in said.text)


def test_a_wait_without_an_end_is_not_told() -> None:
    assert promise(waiting(math.inf), "phone", "en").told_s is None


def test_a_language_without_words_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        promise(waiting(60.0), "phone", "xx")
