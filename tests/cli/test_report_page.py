"""The page of the report: a map of the week that says nothing of hours with too few contacts."""

from __future__ import annotations

from datetime import UTC

from msgspec import structs

from queuewatch.cli.report_page import page
from tests.cli.reports import FAR_BACK, NOTHING, made


def test_a_week_without_contacts_says_so() -> None:
    text = page(made({}), UTC)
    assert text.count("Nobody contacted us in this time.") == 2
    assert "There is none." in text


def test_what_was_not_decided_is_not_told_as_none() -> None:
    assert "vouchers" in page(made({}), UTC)
    assert "vouchers" not in page(structs.replace(made({}), decided=False), UTC)


def test_each_hour_has_its_share_and_those_with_few_contacts_have_none() -> None:
    text = page(made({(0, 9): (10, 4), (2, 11): (4, 4)}), UTC)
    assert "<title>Monday 9 to 10: 40 % of 10 contacts</title>" in text
    assert "Wednesday 11" not in text
    assert text.count("<rect") == 3 * 7


def test_of_promises_there_is_only_something_to_be_seen_where_some_were_told() -> None:
    report = made({})
    assert "promises kept" not in page(report, UTC)
    told = structs.replace(report, before=structs.replace(NOTHING, promises={"kept": 3, "broken": 1}))
    assert "before: 75 %" in page(told, UTC)


def test_no_line_ends_between_a_number_and_its_unit() -> None:
    now = structs.replace(NOTHING, promises={"kept": 9, "broken": 1})
    assert "Of 10 promised waits 90&nbsp;% were kept." in page(structs.replace(made({}), now=now), UTC)


def test_of_a_time_before_that_is_not_known_no_tile_says_anything() -> None:
    assert "before: 0" in page(made({}), UTC)
    short = structs.replace(FAR_BACK, before=False)
    assert "before: " not in page(structs.replace(made({}), reach=short), UTC)
