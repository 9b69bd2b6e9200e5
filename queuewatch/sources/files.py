"""Files of history: opened whatever their packing and encoding, read in the format that was named."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from msgspec import Struct

from queuewatch.core.facts.events import Event
from queuewatch.ports import Refused
from queuewatch.sources import amazon_connect, asterisk_queue_log, cloudevents_jsonl, contacts_csv
from queuewatch.sources.reading import MAX_LINE, HistoryError, Lines, Reading

STDIN = "-"
_BUFFER = 1 << 18
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Format(Struct, frozen=True):
    """How history may be written down.

    Attributes:
        read: The events of lines, or what is refused of them; raises HistoryError where there is no reading.
        one_log: Several files in a row are one log, rather than each whole in itself.
        about: What it is, for the help.
    """

    read: Callable[[Lines, Reading], Iterator[Event | Refused]]
    one_log: bool
    about: str


FORMATS: dict[str, Format] = {
    "amazon-ctr-jsonl": Format(
        amazon_connect.read, False, "Amazon Connect's contact records in JSON, one a line"
    ),
    "asterisk-queue-log": Format(
        asterisk_queue_log.read,
        True,
        "Asterisk's queue_log, versions 1.4 to 22, or its database table as CSV",
    ),
    "cloudevents-jsonl": Format(cloudevents_jsonl.read, False, "CloudEvents in JSON, one a line"),
    "contacts-csv": Format(
        contacts_csv.read, False, "a table with one row a contact; --columns maps its header"
    ),
}


class _Counted(io.RawIOBase):
    """A file that counts the bytes taken from it."""

    def __init__(self, raw: IO[bytes], count: Callable[[int], None]) -> None:
        self._raw = raw
        self._count = count

    def readable(self) -> bool:
        return True

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._raw.read(len(into))
        into[: len(data)] = data
        self._count(len(data))
        return len(data)


class History:
    """Opened files of history: all of them at once, so that a missing one is known before any is read.

    Attributes:
        consumed: Bytes taken so far, as they are packed.
        total: Bytes there are; None where that is not known.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.consumed = 0
        self.total: int | None = 0
        self._stack = ExitStack()
        self._files: list[tuple[str, io.BufferedReader]] = []
        try:
            for path in paths:
                self._open(path)
        except HistoryError:
            self._stack.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def read(self, format_name: str, reading: Reading) -> Iterator[Event | Refused]:
        """The events of all files in the order given, and what had to be refused.

        Raises:
            HistoryError: There is no such format, or a file breaks off or cannot be read in it.
        """
        how = FORMATS.get(format_name)
        if how is None:
            raise HistoryError(f'--format: there is no "{format_name}"; there are {", ".join(FORMATS)}')
        files = [(name, _lines(name, file)) for name, file in self._files]
        for batch in [files] if how.one_log else [[file] for file in files]:
            yield from how.read(Lines(*batch), reading)

    def lines(self) -> Iterator[Lines]:
        """The lines of each file, for readers of something other than events."""
        for name, file in self._files:
            yield Lines((name, _lines(name, file)))

    def _open(self, path: str) -> None:
        if path == STDIN:
            self.total = None
            self._files.append(("standard input", self._unpacked(sys.stdin.buffer)))
            return
        try:
            raw = self._stack.enter_context(Path(path).open("rb", buffering=0))  # noqa: SIM115 (the stack closes it)
            if self.total is not None:
                self.total += Path(path).stat().st_size
        except OSError as error:
            raise HistoryError(f"{path}: {error.strerror}; name a file that can be read") from None
        self._files.append((path, self._unpacked(raw)))

    def _unpacked(self, raw: IO[bytes]) -> io.BufferedReader:
        file: io.BufferedReader = io.BufferedReader(_Counted(raw, self._consume), _BUFFER)
        if file.peek(2)[:2] == _GZIP:
            return io.BufferedReader(gzip.GzipFile(fileobj=file), _BUFFER)
        return file

    def _consume(self, count: int) -> None:
        self.consumed += count


def open_history(paths: Sequence[str]) -> History:
    """Open files of history, packed by gzip or not; `-` is standard input.

    Raises:
        HistoryError: One cannot be opened.
    """
    return History(paths)


def _lines(name: str, file: io.BufferedReader) -> Iterator[bytes]:
    """The lines of a file with their ends; of one longer than MAX_LINE, that much."""
    number = 0
    try:
        for line in _recoded(file) if file.peek(2)[:2] in _UTF16 else _bytes(file):
            number += 1
            yield line
    except (EOFError, OSError, zlib.error, UnicodeError) as error:
        raise HistoryError(
            f"{name}: cannot be read from line {number + 1} on ({error}); fetch or write it again"
        ) from None


def _bytes(file: io.BufferedReader) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE):
        yield line
        while len(line) == MAX_LINE and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)


def _recoded(file: io.BufferedReader) -> Iterator[bytes]:
    """The lines in UTF-8 of a file in UTF-16, as spreadsheets write it."""
    with io.TextIOWrapper(file, "utf-16", newline="\n") as decoded:
        while line := decoded.readline(MAX_LINE):
            yield line.encode()
