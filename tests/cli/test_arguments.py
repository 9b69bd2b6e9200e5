"""Kinds of arguments that several commands take."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from queuewatch.cli.arguments import (
    add_config,
    add_demand,
    add_json,
    count,
    duration_s,
    moment,
    rate,
    share_below_one,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("240", 240.0),
        ("240s", 240.0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("4min", 240.0),
        ("4 MIN", 240.0),
        ("1.5h", 5400.0),
        ("14d", 1_209_600.0),
        ("2w", 1_209_600.0),
    ],
)
def test_a_duration_is_seconds_or_has_its_unit(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(("text", "value"), [("120", 120.0), ("7.5", 7.5), ("1e3", 1000.0)])
def test_a_rate_is_a_number_above_nothing(text: str, value: float) -> None:
    assert rate(text) == value


@pytest.mark.parametrize(("text", "share"), [("0", 0.0), ("0.3", 0.3), ("30%", 0.3), ("99.9%", 0.999)])
def test_a_share_is_a_part_of_one_or_per_cent(text: str, share: float) -> None:
    assert share_below_one(text) == pytest.approx(share)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12), ("1000000", 1_000_000)])
def test_a_count_is_a_whole_number(text: str, number: int) -> None:
    assert count(text) == number


@pytest.mark.parametrize(
    ("read", "texts"),
    [
        (
            duration_s,
            [
                "",
                "0",
                "-5",
                "5 parsecs",
                "min",
                "inf",
                "nan",
                "1e9",
                "4m",
                "9" * 400,
                "1000000001",
                "1666667w",
            ],
        ),
        (rate, ["", "0", "-5", "inf", "nan", "many", "1.1e9"]),
        (share_below_one, ["", "1", "100%", "-0.1", "%", "nan", "some"]),
        (count, ["", "-1", "1.0", "²", "٣", "few", "1000001", "9" * 5000]),
    ],
)
def test_what_is_none_is_refused_with_an_example_of_one(
    read: Callable[[str], object], texts: list[str]
) -> None:
    for text in texts:
        with pytest.raises(argparse.ArgumentTypeError, match="write"):
            read(text)


def test_the_common_arguments_have_their_defaults() -> None:
    parser = argparse.ArgumentParser()
    for add in (add_config, add_json, add_demand):
        add(parser)
    given = parser.parse_args(["--arrivals-per-hour", "60", "--handling", "4min", "--config", "a.toml"])
    assert vars(given) == {
        "config": Path("a.toml"),
        "json": False,
        "arrivals_per_hour": 60.0,
        "handling": 240.0,
        "patience": math.inf,
    }


def test_a_moment_names_its_zone() -> None:
    assert moment("1970-01-02T01:00:00+01:00") == 86_400.0
    for wrong in ("1970-01-02T00:00:00", "monday"):
        with pytest.raises(argparse.ArgumentTypeError, match="is no moment"):
            moment(wrong)
