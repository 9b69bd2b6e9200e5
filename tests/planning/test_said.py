"""A plan's targets in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from queuewatch.planning.said import is_quiet, target, threshold
from tests.planning.plans import made


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(45.0, "45 s"), (60.0, "1 min"), (90.0, "90 s"), (180.0, "3 min"), (3600.0, "1 h"), (5400.0, "90 min")],
)
def test_a_threshold_is_told_in_its_largest_whole_unit(seconds: float, words: str) -> None:
    assert threshold(seconds) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P(wait>60)<=0.2", "at most 20 % wait over 1 min"),
        ("P(wait>180)<=0.025", "at most 2.5 % wait over 3 min"),
        ("SL(20)>=0.8", "at most 20 % not answered within 20 s"),
        ("ASA<=30", "a mean wait of at most 30 s"),
        ("abandon<=3%", "at most 3 % hang up"),
        ("occupancy<=0.85", "agents busy for at most 85 % of their time"),
    ],
)
def test_every_form_of_target_has_its_words(text: str, words: str) -> None:
    assert target(text) == words


@pytest.mark.parametrize(
    ("agents", "contacts", "quiet"), [(0, 0.0, True), (0, 0.05, False), (1, 0.0, False), (0, 3.0, False)]
)
def test_an_interval_is_quiet_where_nobody_is_expected_and_nobody_needed(
    agents: int, contacts: float, quiet: bool
) -> None:
    assert is_quiet(replace(made().rows[0], agents=agents, contacts=contacts)) is quiet
