"""Tests of following a log through everything that happens to logs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.sources.reading import MAX_LINE
from queuewatch.sources.tail import Position, Tail, load, save

OPENED: list[Tail] = []


class Log:
    """A log and what was read of it."""

    def __init__(self, folder: Path, position: Position | None = None) -> None:
        self.path = folder / "queue_log"
        self.tail = Tail(self.path, position)
        self.position: Position | None = None
        self.lost: list[str] = []
        OPENED.append(self.tail)

    def write(self, text: str, path: Path | None = None) -> None:
        with (path or self.path).open("a") as file:
            file.write(text)

    def read(self, looks: int = 1) -> list[str]:
        """All that is new, at so many looks some time apart."""
        lines = []
        for _ in range(looks):
            more = True
            while more:
                read = self.tail.look()
                lines += [line.decode() for line in read.lines]
                self.position, more = read.position, read.more
                self.lost += [read.lost] if read.lost else []
        return lines


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def test_lines_are_read_as_they_are_written(log: Log) -> None:
    log.write("a\n")
    assert log.read() == ["a\n"]
    assert log.read() == []
    log.write("b\nc\n")
    assert log.read() == ["b\n", "c\n"]


def test_a_half_written_line_waits_for_its_other_half(log: Log) -> None:
    log.write("a\nhal")
    assert log.read() == ["a\n"]
    log.write("f\n")
    assert log.read() == ["half\n"]


def test_a_renamed_log_is_read_to_its_end_before_the_new_one(log: Log, tmp_path: Path) -> None:
    log.write("a\n")
    log.read()
    older = tmp_path / "queue_log.1"
    log.path.rename(older)
    assert log.read() == []
    log.write("b\n", older)
    log.write("c\n")
    assert log.read(3) == ["b\n", "c\n"]
    log.write("d\n")
    assert log.read() == ["d\n"]
    assert log.lost == []


def test_a_writer_that_is_slow_to_reopen_loses_nothing(log: Log, tmp_path: Path) -> None:
    log.write("a\n")
    log.read()
    older = tmp_path / "queue_log.1"
    log.path.rename(older)
    log.write("")
    assert log.read() == []
    log.write("b\n", older)
    assert log.read(2) == ["b\n"]
    log.write("c\n")
    assert log.read(2) == ["c\n"]


def test_a_line_cut_by_the_rotation_is_told(log: Log, tmp_path: Path) -> None:
    log.write("a\nhal")
    log.read()
    log.path.rename(tmp_path / "queue_log.1")
    log.write("b\n")
    assert log.read(3) == ["b\n"]
    assert log.lost == [f"{log.path}: the last line before the rotation is half written"]


def test_an_emptied_log_is_read_from_its_beginning(log: Log) -> None:
    log.write("aaaa\nbbbb\n")
    log.read()
    os.truncate(log.path, 0)
    log.write("c\n")
    assert log.read() == ["c\n"]
    assert log.lost == [f"{log.path}: was emptied; lines written just before may be missing"]


def test_an_emptied_log_that_has_grown_longer_since_is_noticed_too(log: Log) -> None:
    log.write("aaaa\n")
    log.read()
    os.truncate(log.path, 0)
    log.write("bbbb\ncccc\n")
    assert log.read() == ["bbbb\n", "cccc\n"]
    assert len(log.lost) == 1


FIRST = "1700000000|c1|desk|NONE|ENTERQUEUE||0207|1\n"


def copied_and_emptied(log: Log) -> None:
    log.path.with_name("queue_log.1").write_bytes(log.path.read_bytes())
    os.truncate(log.path, 0)


def test_what_was_not_read_yet_when_the_log_was_emptied_is_read_from_its_copy(log: Log) -> None:
    log.write(FIRST + "hal")
    assert log.read() == [FIRST]
    log.write("f\nlate\n")
    copied_and_emptied(log)
    log.write("new\n")
    assert log.read(3) == ["half\n", "late\n", "new\n"]
    assert log.lost == []


def test_a_log_that_was_copied_and_emptied_while_nobody_read_it_is_read_on_in_its_copy(
    log: Log, tmp_path: Path
) -> None:
    log.write(FIRST)
    log.read()
    log.write("late\n")
    copied_and_emptied(log)
    log.write("new\n")
    again = Log(tmp_path, log.position)
    assert again.read(3) == ["late\n", "new\n"]
    assert again.lost == []


def test_a_beginning_too_short_to_be_sure_of_is_not_looked_for_in_other_files(log: Log) -> None:
    log.write("a\nb\n")
    log.read()
    copied_and_emptied(log)
    log.write("c\n")
    assert log.read(3) == ["c\n"]
    assert len(log.lost) == 1


def test_reading_goes_on_where_it_was_left(log: Log, tmp_path: Path) -> None:
    log.write("a\nb\nhal")
    log.read()
    log.write("f\nc\n")
    again = Log(tmp_path, log.position)
    assert again.read() == ["half\n", "c\n"]
    assert again.lost == []


def test_reading_goes_on_in_a_log_that_was_renamed_meanwhile(log: Log, tmp_path: Path) -> None:
    log.write("a\n")
    log.read()
    log.write("b\n")
    log.path.rename(tmp_path / "queue_log.1")
    log.write("c\n")
    again = Log(tmp_path, log.position)
    assert again.read(3) == ["b\n", "c\n"]
    assert again.lost == []


@pytest.mark.parametrize("changed", ["gone", "emptied", "rewritten"])
def test_a_log_that_is_no_longer_the_same_is_read_from_its_beginning(
    log: Log, tmp_path: Path, changed: str
) -> None:
    log.write("a\nb\n")
    log.read()
    if changed == "gone":
        log.path.unlink()
    else:
        os.truncate(log.path, 0)
    log.write("c\n" if changed == "emptied" else "c\nd\ne\n")
    again = Log(tmp_path, log.position)
    assert again.read()[0] == "c\n"
    assert again.lost == [
        f"{log.path}: the file read before is gone or was emptied; lines between may be missing"
    ]


def test_a_log_that_is_not_there_yet_is_an_os_error_and_read_once_it_is(log: Log) -> None:
    with pytest.raises(FileNotFoundError):
        log.tail.look()
    log.write("a\n")
    assert log.read() == ["a\n"]


def test_a_line_that_never_ends_is_dropped(log: Log) -> None:
    log.write("x" * (MAX_LINE + 5))
    assert log.read() == []
    log.write("\na\n")
    assert log.read()[-1] == "a\n"
    assert log.lost == [f"{log.path}: a line is longer than {MAX_LINE} bytes"]


def test_a_position_is_kept_whole(tmp_path: Path) -> None:
    path = tmp_path / "position"
    position = Position(17, 4711, "6162")
    save(path, position)
    assert load(path) == position
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kept", [None, b"", b"{", b'{"inode": "x"}', b'{"head": "\xff"}'])
def test_a_position_that_cannot_be_read_is_none(tmp_path: Path, kept: bytes | None) -> None:
    path = tmp_path / "position"
    if kept is not None:
        path.write_bytes(kept)
    assert load(path) is None


@given(
    st.lists(st.text(alphabet="ab\n", max_size=6), max_size=12), st.sets(st.integers(0, 11)), st.booleans()
)
def test_however_it_is_written_and_rotated_every_line_is_read_once(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], rotations: set[int], by_copy: bool
) -> None:
    log = Log(tmp_path_factory.mktemp("log"))
    log.write(beginning := f"{0:016}\n")
    assert log.read() == [beginning]
    read: list[str] = []
    ends_line = True
    for number, piece in enumerate(pieces):
        if number in rotations and ends_line:
            begun = f"{number + 1:016}\n"
            if by_copy:
                log.path.with_name(f"queue_log.{number}").write_bytes(log.path.read_bytes())
                os.truncate(log.path, 0)
            else:
                log.path.rename(log.path.with_name(f"queue_log.{number}"))
            log.write(begun)
            told = log.read(3)
            assert told[-1] == begun
            read += told[:-1]
        log.write(piece)
        ends_line = ends_line if not piece else piece.endswith("\n")
        read += log.read()
    text = "".join(pieces)
    assert "".join(read) == text[: text.rfind("\n") + 1]
    assert log.lost == []
    OPENED.pop().close()
