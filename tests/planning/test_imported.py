"""A plan of agents as a table: what is read, and which cure each bad row is told."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from queuewatch.core.facts.acts import PlannedSpan
from queuewatch.planning.imported import BadRow, PlanFileError, read_csv

BERLIN = ZoneInfo("Europe/Berlin")
HEADER = "from,until,queue,agents\n"
# 2026-11-23 08:00:00 UTC by the calendar: 20,780 days of 86,400 s, and eight hours.
EIGHT = 20_780 * 86_400.0 + 8 * 3600.0


def berlin(_queue: str) -> ZoneInfo:
    return BERLIN


@pytest.mark.parametrize(
    "written",
    [
        "from,until,queue,agents\n2026-11-23T08:00:00Z,2026-11-23T08:30:00Z,sales,14\n",
        "from,until,queue,agents\n2026-11-23 09:00,2026-11-23 09:30,sales,14\n",
        "\ufeffAgents;Queue;Until;From;Site\n14; sales;2026-11-23T09:30+01:00;2026-11-23 09:00;\n;;;;\r\n",
        "from\tuntil\tqueue\tagents\n2026-11-23 09:00\t2026-11-23 09:30\tsales\t14",
    ],
)
def test_times_are_with_their_offset_or_on_the_queues_clock_whatever_the_delimiter(written: str) -> None:
    read = read_csv(written, berlin)
    assert read.bad == []
    assert read.spans == {("default", "sales"): [PlannedSpan(EIGHT, EIGHT + 1800.0, 14)]}


def test_rows_of_several_queues_and_sites_are_put_in_order() -> None:
    read = read_csv(
        "from,until,queue,agents,site\n"
        "2026-11-23T08:30Z,2026-11-23T09:00Z,sales,5,\n"
        "2026-11-23T08:00Z,2026-11-23T08:30Z,sales,4,\n"
        "2026-11-23T08:00Z,2026-11-23T08:30Z,sales,3,berlin\n",
        berlin,
    )
    assert [one.agents for one in read.spans["default", "sales"]] == [4, 5]
    assert [one.agents for one in read.spans["berlin", "sales"]] == [3]


@pytest.mark.parametrize(
    ("row", "cure"),
    [
        (",2026-11-23 09:30,sales,14", "from is empty"),
        ("2026-11-23 09:00,2026-11-23 09:30,sales", "agents is empty"),
        ("9 o'clock,2026-11-23 09:30,sales,14", 'from "9 o\'clock" is no time; write 2026-11-23T09:00'),
        ("2026-11-23 09:00,2026-11-23 09:00,sales,14", "is not after from"),
        ("2026-11-23 09:00,2026-12-31 09:00,sales,14", "more than 31 days"),
        ("0001-01-01,2026-12-31 09:00,sales,14", "outside the years"),
        ("2026-10-25 02:30,2026-10-25 03:30,sales,14", "is when the clocks change in Europe/Berlin"),
        ("2026-11-23 09:00,2026-11-23 09:30,sales,7.5", 'agents "7.5" is no whole number from 0 to 100000'),
        ("2026-11-23 09:00,2026-11-23 09:30,sales,-1", 'agents "-1" is no whole number'),
        ("2026-11-23 09:00,2026-11-23 09:30,sales,100001", "is no whole number from 0 to 100000"),
        (f"2026-11-23 09:00,2026-11-23 09:30,{'s' * 257},1", "has more than 256 characters"),
        ("2026-11-23 09:00,2026-11-23 09:30,sales,7,5", "this row has 5 fields, the header 4"),
        (f'2026-11-23 09:00,2026-11-23 09:30,"{"s" * 200_000}",1', "this is no row of a table: field larger"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_the_cure(row: str, cure: str) -> None:
    read = read_csv(f"{HEADER}{row}\n2026-11-24 09:00,2026-11-24 09:30,sales,1\n", berlin)
    (bad,) = read.bad
    assert bad.where == "line 2"
    assert cure in bad.why


def test_two_rows_that_speak_of_the_same_time_are_told_of() -> None:
    read = read_csv(
        f"{HEADER}2026-11-23 09:00,2026-11-23 10:00,sales,1\n2026-11-23 09:30,2026-11-23 10:30,sales,2\n",
        berlin,
    )
    assert read.bad == [
        BadRow("line 3", 'it and line 2 speak of the same time of queue "sales"; keep one of them')
    ]


@pytest.mark.parametrize("written", ["", "from,until,agents\n", "when;who\n"])
def test_a_table_without_the_columns_is_no_plan(written: str) -> None:
    with pytest.raises(PlanFileError, match=r"line 1: the header has no column .*queue"):
        read_csv(written, berlin)
