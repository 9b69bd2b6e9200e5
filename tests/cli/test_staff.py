"""`queuewatch staff`: enough, and not one more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from queuewatch.__main__ import main
from queuewatch.cli.estimate import estimate

DEMAND = ["staff", "--arrivals-per-hour", "120", "--handling", "240"]


def as_json(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    assert main([*DEMAND, *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_as_many_keep_every_target_and_one_fewer_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(["--target", "P(wait>60)<=0.2", "--target", "P(wait>180)<=0.02"], capsys)
    agents = found["agents_required"]
    enough, few = (
        estimate(arrivals_per_hour=120, handling_s=240, agents=count)["wait_exceedance_probability"]
        for count in (agents, agents - 1)
    )
    assert enough["60"] <= 0.2
    assert enough["180"] <= 0.02
    assert few["60"] > 0.2 or few["180"] > 0.02
    assert [target["reached"] for target in found["targets"]] == [
        pytest.approx(enough["60"]),
        pytest.approx(enough["180"]),
    ]


def test_shrinkage_asks_for_as_many_more_on_the_roster(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(["--target", "P(wait>60)<=0.2", "--shrinkage", "50%"], capsys)
    assert found["agents_rostered"] == 2 * found["agents_required"]


def test_each_kind_of_target_says_what_is_reached(capsys: pytest.CaptureFixture[str]) -> None:
    targets = ["P(wait>60)<=0.2", "SL(20)>=80%", "ASA<=20", "abandon<=3%", "occupancy<=0.85"]
    arguments = ["--patience", "3min", *(part for target in targets for part in ("--target", target))]
    found = as_json(arguments, capsys)
    over, within, mean_s, abandoned, occupancy = (target["reached"] for target in found["targets"])
    assert [target["target"] for target in found["targets"]] == targets
    assert over <= 0.2
    assert within >= 0.8
    assert mean_s == found["mean_wait_s"] <= 20
    assert abandoned == found["abandoned_share"] <= 0.03
    assert occupancy == found["occupancy"] <= 0.85


def test_the_table_shows_the_roster_where_there_is_shrinkage(capsys: pytest.CaptureFixture[str]) -> None:
    for shrinkage, shown in (("0", False), ("0.3", True)):
        assert main([*DEMAND, "--target", "ASA<=20", "--shrinkage", shrinkage]) == 0
        said = capsys.readouterr().out
        assert "agents at work" in said
        assert "ASA<=20" in said
        assert ("agents to roster" in said) is shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: --target"),
        (["--target", "fast"], "argument --target: target 'fast' is none of P(wait>S)<=X"),
        (["--target", "P(wait>60)<=0"], "no number of agents keeps P(wait>60)<=0"),
        (["--target", "ASA<=20", "--shrinkage", "1"], "argument --shrinkage: '1' is no share"),
    ],
)
def test_what_cannot_be_staffed_is_said_in_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*DEMAND, *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"queuewatch: {sentence}")
    assert said.count("\n") == 1
