"""Tests of what readers of history share: lines, text, times and keys."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.ports import Refused
from queuewatch.sources.reading import MAX_NAME, Lines, clip, key, moment, text

TEN = 1_795_255_200.0  # 2026-11-21T10:00:00Z


def test_a_refusal_names_the_file_and_the_line() -> None:
    lines = Lines(("a.csv", [b"1", b"2"]), ("b.csv", [b"3"]))
    assert [(line, lines.refuse("odd", "so it is")) for line in lines] == [
        (b"1", Refused("odd", "a.csv, line 1: so it is")),
        (b"2", Refused("odd", "a.csv, line 2: so it is")),
        (b"3", Refused("odd", "b.csv, line 1: so it is")),
    ]


def test_lines_without_a_file_are_named_by_their_number() -> None:
    lines = Lines(("", [b"1"]))
    next(iter(lines))
    assert lines.refuse("odd", "so it is").detail == "line 1: so it is"


@pytest.mark.parametrize(
    "written", ["Gus Grün\r\n".encode(), "Gus Grün\n".encode("latin-1"), "Gus Grün".encode()]
)
def test_text_is_utf_8_or_else_latin_1(written: bytes) -> None:
    assert text(written) == "Gus Grün"


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21T11:00:00+01:00",
        "2026-11-21 11:00:00",
        "2026-11-21 11:00:00.000",
        "2026-11-21T11:00:00",
        "1795255200",
        "1795255200.0",
        "21.11.2026 11:00",
        "21.11.2026 11:00:00",
        "21.11.2026T10:00Z",
    ],
)
def test_a_moment_is_read_in_every_way_it_may_be_written(written: str) -> None:
    assert moment(written, ZoneInfo("Europe/Berlin")) == TEN


def test_a_day_with_dots_comes_before_its_month_and_needs_no_noughts() -> None:
    assert moment("1.2.2026", UTC) == moment("2026-02-01", UTC)
    assert moment("1.2.2026 09:30", UTC) == moment("2026-02-01 09:30:00", UTC)


def test_a_fraction_of_a_second_is_kept() -> None:
    assert moment("1795255200.25", UTC) == moment("2026-11-21 10:00:00.25", UTC) == TEN + 0.25


@pytest.mark.parametrize(
    "written",
    [
        "",
        "soon",
        "1795255200123",
        "-5",
        "1e9",
        "nan",
        "21.13.2026 10:00",
        "21.11.26 10:00",
        "11/21/2026 10:00",
        "10:00",
        "2026-13-01 00:00:00",
    ],
)
def test_what_is_no_moment_says_so(written: str) -> None:
    with pytest.raises(ValueError, match="is no time; write 2026"):
        moment(written, UTC)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_a_value_error(written: str) -> None:
    try:
        assert isinstance(moment(written, ZoneInfo("Europe/Berlin")), float)
    except ValueError as error:
        assert "is no time" in str(error)  # noqa: PT017 (any text may also be a time)


def test_foreign_text_is_shown_short_and_on_one_line() -> None:
    assert clip("x" * 100) == "x" * 60 + "…"
    assert clip("a\nb\x00") == "a\\nb\\x00"


def test_a_key_is_never_longer_than_an_id_may_be() -> None:
    assert key("k" * MAX_NAME) == "k" * MAX_NAME
    long = key("k" * (MAX_NAME + 1))
    assert len(long) <= MAX_NAME
    assert long != key("k" * (MAX_NAME + 2))
