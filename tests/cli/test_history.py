"""What commands that read history share."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from queuewatch.cli.command import CannotRunError
from queuewatch.cli.history import add_history, nothing, reading, tell, zone
from queuewatch.core.facts.events import Event
from queuewatch.sources.files import open_history

MONDAY = Path(__file__).parents[1] / "data" / "contacts_csv" / "monday.csv"


def given(*arguments: str, of: str = "contacts-csv") -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_history(parser)
    return parser.parse_args([str(MONDAY), "--format", of, *arguments])


def test_every_event_is_handed_over_and_what_cannot_be_read_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(
        MONDAY.read_text(encoding="utf-8") + "c9,sales,phone,,,never,,,,,,\n" * 5, encoding="utf-8"
    )
    taken: list[Event] = []
    with open_history([str(path)]) as history:
        refused, examples = tell(history, "contacts-csv", reading(given()), "reading", taken.append)
    assert {one.subject for one in taken} == {"c1", "c2", "c3", "c4"}
    assert sum(refused.values()) == 5
    assert len(examples) == 3


def test_columns_are_mapped_and_the_zone_is_found() -> None:
    how = reading(given("--columns", "contact=CallID, queue=Group", "--timezone", "Europe/Berlin"))
    assert how.columns == {"contact": "CallID", "queue": "Group"}
    assert str(how.zone) == "Europe/Berlin"


def test_where_there_are_no_columns_none_can_be_mapped() -> None:
    assert reading(given(of="asterisk-queue-log")).columns == {}
    with pytest.raises(CannotRunError, match="asterisk-queue-log has no columns to map; leave it out"):
        reading(given("--columns", "queue=Group", of="asterisk-queue-log"))


@pytest.mark.parametrize("name", ["Mars/Base", "../etc"])
def test_a_zone_there_is_not_is_named(name: str) -> None:
    with pytest.raises(CannotRunError, match=f'there is no zone "{name}"'):
        zone(name)


def test_a_file_with_nothing_in_it_and_one_of_another_format_are_told_apart() -> None:
    assert nothing(["a.csv", "b.csv"], "contacts-csv", []).startswith("a.csv, b.csv: there is no event")
    assert nothing(["a.csv"], "contacts-csv", ["a.csv: line 1: what"]).startswith(
        "a.csv: line 1: what; nothing"
    )
