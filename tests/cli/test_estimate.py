"""`queuewatch estimate`, by hand calculation and by what must hold between its numbers."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from queuewatch.__main__ import main
from queuewatch.cli.estimate import estimate

# One server, half busy: Erlang C is M/M/1, where P(wait > t) = rho e^(-(1 - rho) mu t).
ONE_AGENT = ["estimate", "--arrivals-per-hour", "30", "--handling", "60", "--agents", "1"]


def as_json(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_one_agent_is_the_textbooks_single_server(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(ONE_AGENT, capsys)
    assert found["model"] == "erlang_c"
    assert found["offered_load_erlangs"] == pytest.approx(0.5)
    assert found["wait_chance"] == pytest.approx(0.5)
    assert found["mean_wait_s"] == pytest.approx(60.0)
    assert found["wait_exceedance_probability"] == {
        "60": pytest.approx(0.5 * math.exp(-0.5)),
        "180": pytest.approx(0.5 * math.exp(-1.5)),
    }
    assert (found["abandoned_share"], found["patience_s"], found["next"]) == (0.0, None, None)
    assert found["occupancy"] == pytest.approx(0.5)


def test_behind_three_others_the_wait_is_four_services_long(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json([*ONE_AGENT, "--waiting", "3"], capsys)["next"]
    assert found["place"] == 4
    assert found["mean_wait_s"] == pytest.approx(4 * 60.0)
    # Erlang distribution of 4 services: P(V > 60) = e^-1 (1 + 1 + 1/2 + 1/6).
    assert found["wait_exceedance_probability"]["60"] == pytest.approx(math.exp(-1) * (2 + 1 / 2 + 1 / 6))
    assert found["quantiles_s"]["0.5"] < found["mean_wait_s"] < found["quantiles_s"]["0.9"]


def test_with_nobody_waiting_the_next_is_first_in_line(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json([*ONE_AGENT, "--waiting", "0"], capsys)["next"]
    assert found["place"] == 1
    assert found["mean_wait_s"] == pytest.approx(60.0)


def test_customers_who_hang_up_shorten_the_line() -> None:
    patient = estimate(arrivals_per_hour=120, handling_s=240, agents=9, waiting=5)
    hasty = estimate(arrivals_per_hour=120, handling_s=240, agents=9, waiting=5, patience_s=120)
    assert hasty["model"] == "erlang_a"
    assert hasty["mean_wait_s"] < patient["mean_wait_s"]
    assert hasty["next"]["mean_wait_s"] < patient["next"]["mean_wait_s"]
    assert 0 < hasty["abandoned_share"] < 1


def test_thresholds_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json([*ONE_AGENT, "--threshold", "20", "--threshold", "5min", "--waiting", "1"], capsys)
    assert list(found["wait_exceedance_probability"]) == ["20", "300"]
    assert list(found["next"]["wait_exceedance_probability"]) == ["20", "300"]


def test_a_line_that_grows_without_end_is_said_to(capsys: pytest.CaptureFixture[str]) -> None:
    overloaded = ["estimate", "--arrivals-per-hour", "60", "--handling", "60", "--agents", "1"]
    found = as_json(overloaded, capsys)
    assert (found["keeps_up"], found["mean_wait_s"], found["wait_chance"]) == (False, None, 1.0)
    assert main(overloaded) == 0
    shown = capsys.readouterr().out
    assert "without end" in shown
    assert "never keep up" in shown


def test_the_table_says_the_same_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ONE_AGENT, "--waiting", "3"]) == 0
    shown = capsys.readouterr().out
    assert "Erlang C, nobody hangs up" in shown
    assert "chance to wait         50.0 %" in shown
    assert "never keep up" not in shown
    assert "place in line" in shown


def test_with_nobody_at_work_everybody_waits(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json([*ONE_AGENT[:-1], "0", "--waiting", "1"], capsys)
    assert found["wait_chance"] == 1.0
    assert found["next"]["mean_wait_s"] is None


def test_as_much_as_can_be_asked_for_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    most = ["--arrivals-per-hour", "1e9", "--handling", "1000000000", "--agents", "1000000"]
    found = as_json(["estimate", *most, "--patience", "60", "--waiting", "1000000"], capsys)
    assert found["wait_chance"] == pytest.approx(1.0)
    assert found["abandoned_share"] == pytest.approx(1.0)
