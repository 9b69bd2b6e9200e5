"""Tests of opening files of history: packing, encodings, several files, progress, and what goes wrong."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest

from queuewatch.core.facts.events import Event
from queuewatch.ports import Refused
from queuewatch.sources.files import FORMATS, open_history
from queuewatch.sources.reading import MAX_LINE, HistoryError, Reading

READING = Reading(hash_customer=lambda raw: f"hash of {raw}")
DATA = Path(__file__).parents[1] / "data"
MONDAY = DATA / "contacts_csv" / "monday.csv"
LOG = (
    b"1700000000|1700000000.1|desk|NONE|ENTERQUEUE||0207|1\n1700000009|1700000000.1|desk|Ada|CONNECT|9|x|3\n"
)


def read(name: str, *paths: Path | str) -> list[Event | Refused]:
    with open_history([str(path) for path in paths]) as history:
        return list(history.read(name, READING))


def test_the_formats_of_the_contract_are_there() -> None:
    assert set(FORMATS) > {"asterisk-queue-log", "cloudevents-jsonl", "contacts-csv"}
    assert all(how.about for how in FORMATS.values())


def test_a_packed_file_reads_as_it_is_whatever_its_name(tmp_path: Path) -> None:
    packed = tmp_path / "monday"
    packed.write_bytes(gzip.compress(MONDAY.read_bytes()))
    assert read("contacts-csv", packed) == read("contacts-csv", MONDAY)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_table_as_spreadsheets_write_it_reads_as_it_is(tmp_path: Path, encoding: str) -> None:
    table = tmp_path / "monday.txt"
    table.write_text(MONDAY.read_text(), encoding)
    assert read("contacts-csv", table) == read("contacts-csv", MONDAY)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, pack: type[bytes]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pack(MONDAY.read_bytes()))))
    with open_history(["-"]) as history:
        assert history.total is None
        assert list(history.read("contacts-csv", READING)) == read("contacts-csv", MONDAY)


def test_progress_is_counted_in_the_bytes_of_the_files(tmp_path: Path) -> None:
    packed = tmp_path / "monday.csv.gz"
    packed.write_bytes(gzip.compress(MONDAY.read_bytes()))
    with open_history([str(packed), str(MONDAY)]) as history:
        assert history.total == packed.stat().st_size + MONDAY.stat().st_size
        list(history.read("contacts-csv", READING))
        assert history.consumed == history.total


def test_the_files_of_one_log_are_read_as_one(tmp_path: Path) -> None:
    older, newer = tmp_path / "queue_log.1", tmp_path / "queue_log"
    first, second, *_ = LOG.splitlines(keepends=True)
    older.write_bytes(first)
    newer.write_bytes(second + b"rubbish\n")
    told = read("asterisk-queue-log", older, newer)
    assert [one.subject for one in told if isinstance(one, Event)] == ["1700000000.1", "1700000000.1"]
    assert [one.detail for one in told if isinstance(one, Refused)] == [
        f'{newer}, line 2: "rubbish" is not time|callid|queue|agent|verb'
    ]


def test_each_table_has_its_own_header(tmp_path: Path) -> None:
    other = tmp_path / "tuesday.csv"
    other.write_text("queue;contact;channel;enqueued_at\nsales;c9;phone;1795300000\n")
    assert len(read("contacts-csv", MONDAY, other)) == len(read("contacts-csv", MONDAY)) + 1


def test_a_line_that_does_not_end_is_passed_over(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_bytes(b"x" * (3 * MAX_LINE + 5) + b"\n" + LOG)
    told = read("asterisk-queue-log", log)
    assert [type(one) for one in told] == [Refused, Event, Event]
    assert told[0] == Refused("too_long", f"{log}, line 1: this line is longer than {MAX_LINE} bytes")


def failure(name: str, *paths: Path | str) -> str:
    with pytest.raises(HistoryError) as caught:
        read(name, *paths)
    return str(caught.value)


def test_a_file_that_is_not_there_is_told_before_any_is_read(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.csv"
    assert failure("contacts-csv", MONDAY, nowhere) == (
        f"{nowhere}: No such file or directory; name a file that can be read"
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert failure("contacts-csv", tmp_path).startswith(f"{tmp_path}: Is a directory")


def test_an_unknown_format_is_told_beside_the_known_ones() -> None:
    assert failure("csv", MONDAY) == (
        '--format: there is no "csv"; there are amazon-ctr-jsonl, asterisk-queue-log, cloudevents-jsonl,'
        " contacts-csv"
    )


def test_a_packed_file_that_breaks_off_is_told_with_the_line(tmp_path: Path) -> None:
    packed = tmp_path / "queue_log.gz"
    packed.write_bytes(gzip.compress(LOG * 50_000)[:-100])
    assert "cannot be read from line" in failure("asterisk-queue-log", packed)
    packed.write_bytes(gzip.compress(LOG)[:8] + b"rubbish")
    assert f"{packed}: cannot be read from line 1 on" in failure("asterisk-queue-log", packed)
