"""Tests of reading fields out of other people's JSON."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.sources.webhook_fields import (
    UnreadableError,
    first_time,
    get,
    language,
    members,
    need,
    number,
    priority,
    seconds,
    text,
    when,
)
from tests.core.histories import MORNING, laws
from tests.sources.conformance import anything


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("a", "a"),
        (" a ", "a"),
        ("", None),
        (7, "7"),
        (2**60 + 1, str(2**60 + 1)),
        (True, None),
        (1.5, None),
        ([], None),
    ],
)
def test_a_text_or_whole_number_is_a_text(raw: Any, read: str | None) -> None:
    assert text({"x": raw}, "x") == read


def test_a_text_of_256_characters_is_the_longest() -> None:
    assert text({"x": "a" * 256}, "x") == "a" * 256
    with pytest.raises(UnreadableError, match=r"^x is longer than 256 characters$"):
        text({"x": "a" * 257}, "x")


def test_what_is_needed_and_missing_is_named_by_its_path() -> None:
    with pytest.raises(UnreadableError, match=r"^a\.b is missing$"):
        need({"a": {"c": 1}}, "a", "b")


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("2026-11-21T10:00:00Z", MORNING),
        ("2026-11-21T11:00:00.5+01:00", MORNING + 0.5),
        ("2026-11-21T10:00:00.642630335Z", MORNING + 0.64263),
        ("2026-11-21 10:00:00", MORNING),
        (1_795_255_200, MORNING),
        ("1795255200", MORNING),
        (1_795_255_200_250, MORNING + 0.25),
        ("1795255200250", MORNING + 0.25),
        (1_795_255_200.25, MORNING + 0.25),
    ],
)
def test_a_time_is_read_however_it_is_written(raw: Any, at: float) -> None:
    read = when({"x": raw}, "x")
    assert read == pytest.approx(at, abs=1e-6)


@pytest.mark.parametrize("raw", [None, "", 0])
def test_no_time_is_none(raw: Any) -> None:
    assert when({"x": raw}, "x") is None


@pytest.mark.parametrize(
    "raw", ["soon", -5, "2101-01-01T00:00:00Z", "0001-01-01T00:00:00Z", [1], {"at": 1}, True]
)
def test_what_is_no_time_is_told(raw: Any) -> None:
    with pytest.raises(UnreadableError) as error:
        when({"x": raw}, "x")
    assert error.value.reason == "bad_field"


def test_the_first_time_there_is_holds() -> None:
    assert first_time(None, 5.0, 6.0) == 5.0
    with pytest.raises(UnreadableError) as error:
        first_time(None, None)
    assert error.value.reason == "no_time"


@pytest.mark.parametrize(
    ("raw", "read"),
    [(5, 5.0), ("5", 5.0), ("5.5", 5.5), ("٣", None), ("1e3", None), (True, None), (None, None)],
)
def test_a_number_may_be_a_text(raw: Any, read: float | None) -> None:
    assert number({"x": raw}, "x") == read


@pytest.mark.parametrize(("raw", "read"), [(0, 0.0), (1500, 1.5), (-1, None), (10**13, None), ("x", None)])
def test_a_duration_that_cannot_be_is_none(raw: Any, read: float | None) -> None:
    assert seconds({"x": raw}, "x", scale=0.001) == read


@pytest.mark.parametrize(
    ("raw", "tag"), [("en_GB", "en-GB"), ("de", "de"), ("zh-Hant-TW", "zh-Hant-TW"), ("?", None), (5, None)]
)
def test_a_language_is_written_as_bcp_47_does(raw: Any, tag: str | None) -> None:
    assert language({"x": raw}, "x") == tag


def test_a_priority_nobody_knows_is_none() -> None:
    assert [priority({"x": raw}, "x", words={"high": 1}) for raw in ("HIGH", "odd", 3)] == [1, 0, 0]


@laws
@given(anything, st.lists(st.text(max_size=3), max_size=3))
def test_reading_raises_nothing_else(raw: object, path: list[str]) -> None:
    get(raw, *path)
    assert isinstance(members(raw, *path), list)
    for read in (text, need, when, number, seconds, language):
        with suppress(UnreadableError):
            read(raw, *path)
