"""Which language to speak."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.words import negotiate

THERE_ARE = ("de", "en", "nl", "pt-BR")


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de-AT", "de"),
        ("de_AT", "de"),
        ("de-Latn-AT-1996", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr, nl;q=0.3, de;q=0.8", "de"),
        ("fr-CH, fr;q=0.9, nl;q=0.1", "nl"),
        ("nl;q=0.8, de;q=0.8", "nl"),
        ("pt", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("d", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("fr, *;q=0.5", "en"),
        ("de;q=0, nl;q=0.1", "nl"),
        ("de-AT, de;q=0, nl;q=0.1", "nl"),
        ("de;q=high, nl;q=0.1", "nl"),
        ("de;q=2, nl;q=0.1", "nl"),
        (";;;,,q=1", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_wish_is_met_as_closely_as_the_words_allow(wanted: str | None, spoken: str) -> None:
    assert negotiate(wanted, THERE_ARE, "en") == spoken


@given(st.text())
def test_whatever_is_asked_for_something_that_exists_is_spoken(wanted: str) -> None:
    assert negotiate(wanted, THERE_ARE, "en") in THERE_ARE
