"""Tests of a past as a table of intervals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from queuewatch.core.state.history import QueueHistory
from queuewatch.ports import Refused
from queuewatch.sources.intervals_csv import IntervalRow, histories, read
from queuewatch.sources.reading import HistoryError, Lines, Reading

HEADER = "start,queue,offered,answered,abandoned,handling_s"
NINE = 1_780_304_400  # 2026-06-01T09:00:00Z


def rows(*lines: str, **how: object) -> list[IntervalRow | Refused]:
    reading = Reading(hash_customer=str, zone=UTC, **how)  # type: ignore[arg-type]
    return list(read(Lines(("calls.csv", [line.encode() for line in lines])), reading))


def past(*lines: str, queue: str = "sales") -> QueueHistory:
    return histories([one for one in rows(HEADER, *lines) if isinstance(one, IntervalRow)])[queue]


def starts(found: Iterable[tuple[float, float]]) -> list[int]:
    return [int(begin) - NINE for begin, _ in found]


def test_a_row_is_an_interval() -> None:
    told = past("2026-06-01T09:00:00Z,sales,12,10,2,240", "2026-06-01T09:30:00Z,sales,8,8,0,")
    first, second = told.intervals
    assert (first.start, first.row.offered, first.row.answered, first.row.abandoned) == (NINE, 12, 10, 2)
    assert (first.row.handled, first.row.handling_s) == (10, 2400.0)
    assert (second.row.handled, second.row.handling_s) == (0, 0.0)
    assert told.base_s == 1800
    assert (told.since, told.until) == (NINE, NINE + 3600)


def test_without_zeros_a_missing_row_is_an_empty_interval_and_a_missing_day_unknown() -> None:
    told = past("2026-06-01 09:00,sales,12,,,", "2026-06-01 10:00,sales,8,,,", "2026-06-03 09:00,sales,8,,,")
    assert told.base_s == 3600
    assert len(told.outages) == 24
    assert starts(told.outages)[0] == 15 * 3600


def test_with_zeros_a_missing_row_is_unknown() -> None:
    told = past("2026-06-01 09:00,sales,12,,,", "2026-06-01 09:30,sales,0,,,", "2026-06-01 10:30,sales,8,,,")
    assert starts(told.outages) == [3600]


def test_an_empty_number_is_unknown() -> None:
    told = past("2026-06-01 09:00,sales,12,,,", "2026-06-01 09:30,sales,,,,", "2026-06-01 10:00,sales,8,,,")
    assert starts(told.outages) == [1800]


def test_foreign_headers_are_mapped_and_zones_heeded() -> None:
    found = rows(
        "Beginn;Anrufe",
        "2026-06-01 11:00;5",
        "",
        columns={"start": "Beginn", "offered": "Anrufe", "queue": "=hotline", "channel": "=chat"},
    )
    (one,) = found
    assert isinstance(one, IntervalRow)
    assert (one.queue, one.channel, one.offered) == ("hotline", "chat", 5)
    reading = Reading(hash_customer=str, zone=ZoneInfo("Europe/Berlin"))
    (local,) = read(Lines(("", [b"start,offered", b"2026-06-01 11:00,5"])), reading)
    assert isinstance(local, IntervalRow)
    assert (local.start, local.queue) == (NINE, "all")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nine,sales,1,,,", '"nine" is no time'),
        ("2026-06-01 09:00,sales,many,,,", 'offered "many" is no number'),
        ("2026-06-01 09:00,sales,-1,,,", 'offered "-1" is no number'),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(line: str, sentence: str) -> None:
    (one,) = rows(HEADER, line)
    assert isinstance(one, Refused)
    assert one.detail.startswith("calls.csv, line 2: ")
    assert sentence in one.detail


def test_a_channel_that_is_none_is_refused() -> None:
    (one,) = rows("start,offered,channel", "2026-06-01 09:00,1,fax")
    assert isinstance(one, Refused)
    assert 'channel "fax" is none of' in one.detail


def test_a_header_without_what_is_needed_is_said() -> None:
    with pytest.raises(HistoryError, match="column offered is missing"):
        rows("start,calls", "2026-06-01 09:00,1")


def test_rows_at_odd_times_are_said() -> None:
    with pytest.raises(HistoryError, match="regular intervals"):
        past("2026-06-01 09:00,sales,1,,,", "2026-06-01 09:07,sales,1,,,")
    with pytest.raises(HistoryError, match="no row has a number offered"):
        past("2026-06-01 09:00,sales,,,,")
