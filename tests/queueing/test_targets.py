"""Targets as planners write them."""

import pytest

from queuewatch.queueing.targets import Measure, Target, parse_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("P(wait>60)<=0.2", Target(Measure.OVER, 0.2, 60.0)),
        (" p( WAIT > 60 s ) <= 20 % ", Target(Measure.OVER, 0.2, 60.0)),
        ("P(wait>0.5)<.25", Target(Measure.OVER, 0.25, 0.5)),
        ("P(wait<=60)>=0.75", Target(Measure.OVER, 0.25, 60.0)),
        ("SL(20)>=75%", Target(Measure.UNANSWERED, 0.25, 20.0)),
        ("ASA<=20", Target(Measure.MEAN_WAIT, 20.0)),
        ("asa <= 1.5s", Target(Measure.MEAN_WAIT, 1.5)),
        ("occupancy<=0.85", Target(Measure.OCCUPANCY, 0.85)),
        ("abandon<=5%", Target(Measure.ABANDON, 0.05)),
        ("abandon<=1.", Target(Measure.ABANDON, 1.0)),
        ("P(wait>0)<=0", Target(Measure.OVER, 0.0, 0.0)),
    ],
)
def test_every_form_is_read(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wait<60",
        "P(wait>60)",
        "P(wait>60)>=0.2",
        "P(wait>-1)<=0.2",
        "ASA>=3",
        "SL(20)<=0.8",
        "ASA<=20%",
        "P(wait>1e3)<=0.2",
    ],
)
def test_anything_else_is_refused_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"^target '.*' is none of P\(wait>S\)<=X, .*; for example P\(wait>60\)<=0\.2$"
    ):
        parse_target(text)


@pytest.mark.parametrize("text", ["P(wait>60)<=1.01", "SL(20)>=80", "occupancy<=101%"])
def test_a_share_above_one_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"^the share in target '.*' must lie between 0 and 1 \(or 0% and 100%\), got "
    ):
        parse_target(text)


def test_a_target_says_what_it_is() -> None:
    assert str(parse_target("P(wait<=60)>=80%")) == "P(wait>60)<=0.2"
    assert str(parse_target("ASA<=20")) == "ASA<=20"
    assert str(parse_target("SL(20)>=0.75")) == "1-SL(20)<=0.25"
