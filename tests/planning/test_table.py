"""Tests of a plan as CSV and JSON."""

from __future__ import annotations

import csv
import io
from datetime import UTC

import msgspec
import pytest
from msgspec.structs import replace

from queuewatch.planning.imported import read_csv
from queuewatch.planning.table import as_builtins, as_csv
from tests.planning.plans import by_kind, made, young


def test_csv_has_a_row_an_interval() -> None:
    plan = made()
    rows = list(csv.DictReader(io.StringIO(as_csv(plan))))
    assert len(rows) == len(plan.rows)
    assert rows[0]["at"] == "2026-07-13T07:00:00.000000Z"
    assert rows[0]["local"] == "2026-07-13 09:00"
    assert rows[0]["queue"] == "sales"
    assert int(rows[0]["agents"]) == plan.rows[0].agents
    assert float(rows[0]["chance_past_60"]) == plan.rows[0].chances["60"]
    assert (rows[0]["planned"], rows[5]["planned"]) == ("3", "")
    assert (rows[0]["from"], rows[0]["until"]) == ("2026-07-13T09:00:00+02:00", "2026-07-13T09:30:00+02:00")
    assert float(rows[0]["holds"]) == plan.rows[0].holds


@pytest.mark.parametrize("name", ["sales", "=1+1", "'quoted"])
def test_what_was_written_can_be_brought_back_as_it_is(name: str) -> None:
    plan = replace(young(), queue=name)
    read = read_csv(as_csv(plan), lambda _queue: UTC)
    assert not read.bad
    (place,) = read.spans
    assert place == ("default", name)
    told = [(one.begins_at, one.until_at, one.agents) for one in read.spans[place]]
    assert told == [(row.at, row.at + 1800.0, row.agents) for row in plan.rows]


def test_kinds_of_agents_have_a_column_each_before_the_last() -> None:
    lines = list(csv.reader(io.StringIO(as_csv(by_kind()))))
    assert lines[0][-5:] == ["agents_one", "agents_both", "agents_safe_one", "agents_safe_both", "unknown"]
    agents = str(made().rows[0].agents)
    assert lines[1][-5:] == [agents, "0", agents, "1", ""]


def test_a_queue_that_looks_like_a_formula_is_none() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(replace(made(), queue="=1+1")))))
    assert rows[0]["queue"] == "'=1+1"


def test_a_plan_without_intervals_is_a_header() -> None:
    assert len(as_csv(replace(made(), rows=())).splitlines()) == 1


def test_what_is_unknown_is_a_question_mark_with_its_reason() -> None:
    plan = young()
    rows = list(csv.DictReader(io.StringIO(as_csv(plan))))
    assert len(rows) == len(plan.rows) + 1
    assert (rows[0]["unknown"], rows[-1]["unknown"]) == ("", "no history of Mondays yet")
    assert {rows[-1][name] for name in ("contacts", "agents", "rostered_safe", "chance_past_60")} == {"?"}
    assert rows[-1]["planned"] == ""
    assert as_builtins(plan)["unknown"][0]["at"].endswith("Z")


def test_json_has_times_as_everywhere() -> None:
    told = as_builtins(made())
    assert told["rows"][0]["at"] == "2026-07-13T07:00:00.000000Z"
    assert told["made_at"].endswith("Z")
    assert told["accuracy"][0]["lead_days"] == 7
    assert msgspec.json.decode(msgspec.json.encode(told))["queue"] == "sales"
