"""What all readers of history share: what they are told, their lines, text, times, keys and errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from itertools import islice

from msgspec import Struct, field

from queuewatch.ports import Refused

MAX_LINE = 1 << 20
"""Bytes of the longest line that is read; what is longer is no record of ours."""

TOO_LONG = "\0too long"
"""What stands for a line of MAX_LINE bytes or more where lines are turned into text."""

MAX_NAME = 256
"""Characters of the longest id or name, as in `core.facts.terms.Name`."""

_BATCH = 128  # lines that are turned into text at once; each may be a mebibyte

_EPOCH = re.compile(r"\d{1,11}(\.\d+)?")
# With dots and the year last the day comes first wherever one writes so; with strokes nobody can tell.
_DOTTED = re.compile(r"([0-3]?[0-9])\.([01]?[0-9])\.([0-9]{4})((?:[ T].*)?)")


class HistoryError(Exception):
    """History that cannot be read at all: one sentence that names the file and the cure."""


class Reading(Struct, frozen=True, kw_only=True):
    """What a reader is told besides the lines.

    Attributes:
        hash_customer: Turns a customer's identifier into its keyed hash; the identifier itself is dropped.
        source: Who tells the events; with their ids it makes the idempotency key.
        site: The routing domain of the events.
        zone: The zone of times that name none.
        columns: Our column → the file's, for files with foreign headers.
    """

    hash_customer: Callable[[str], str]
    source: str = "history"
    site: str = "default"
    zone: tzinfo = UTC
    columns: Mapping[str, str] = field(default_factory=dict)


class Lines:
    """Lines of one file or of several in a row, and where in them the reader stands."""

    def __init__(self, *files: tuple[str, Iterable[bytes]]) -> None:
        """Take the lines of `files`, each with its name ("" where it has none)."""
        self._files = files
        self.name = files[0][0] if files else ""
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        for name, lines in self._files:
            self.name, self.number = name, 0
            for line in lines:
                self.number += 1
                yield line

    def batches(self) -> Iterator[list[bytes]]:
        """The lines, many at a time, each list of one file; `number` is then that of the line before them."""
        for name, lines in self._files:
            self.name, self.number = name, 0
            rest = iter(lines)
            while batch := list(islice(rest, _BATCH)):
                yield batch
                self.number += len(batch)

    def refuse(self, reason: str, sentence: str, further: int = 0) -> Refused:
        """A refusal that says where: `calls.csv, line 7: …`; so many lines further on than `number`."""
        number = self.number + further
        where = f"{self.name}, line {number}" if self.name else f"line {number}"
        return Refused(reason, f"{where}: {sentence}")


def text(line: bytes) -> str:
    """The line as text: UTF-8, or Latin-1 where it is not; without its line end."""
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return line.decode("latin-1").rstrip("\r\n")


def texts(lines: Sequence[bytes]) -> list[str]:
    """Lines as text, each as by `text`, at once where all of them are UTF-8; TOO_LONG for those that are."""
    octets = b"".join(lines)
    try:
        whole = octets.decode()
    except UnicodeDecodeError:
        whole = ""
    read = whole.removesuffix("\n").split("\n")
    if len(read) != len(lines) or "\r" in whole:
        read = [text(line) for line in lines]
    if len(octets) >= MAX_LINE:
        read = [one if len(line) < MAX_LINE else TOO_LONG for one, line in zip(read, lines, strict=True)]
    return read


def _read(written: str) -> datetime:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        if (dotted := _DOTTED.fullmatch(written)) is None:
            raise
    day, month, year, rest = dotted.groups()
    return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}{rest}")


def moment(written: str, zone: tzinfo) -> float:
    """A point in time, seconds since the epoch, from RFC 3339, `YYYY-MM-DD HH:MM:SS` in `zone`, or seconds.

    `DD.MM.YYYY HH:MM`, as a spreadsheet writes it in much of Europe, is read as well.

    Raises:
        ValueError: It is none of these; the text says so.
    """
    if _EPOCH.fullmatch(written):
        return float(written)
    try:
        when = _read(written)
        return (when if when.tzinfo else when.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(
            f'"{clip(written)}" is no time; write 2026-11-21T10:00:00Z, 2026-11-21 10:00:00 or epoch seconds'
        ) from None


def clip(foreign: str, longest: int = 60) -> str:
    """Foreign text as it may stand in a sentence: not too long, on one line."""
    shown = foreign if len(foreign) <= longest else foreign[:longest] + "…"
    return shown if shown.isprintable() else ascii(shown)[1:-1]


def key(written: str) -> str:
    """An event's id: as it is, or its digest where it is longer than an id may be."""
    return written if len(written) <= MAX_NAME else blake2b(written.encode(), digest_size=20).hexdigest()


def spoken(seconds: float) -> str:
    """A length of time, seconds, in the largest unit that suits it: `40 s`, `12 min`, `3 h`, `5 days`."""
    for unit, length_s in ((" days", 86_400.0), (" h", 3600.0), (" min", 60.0)):
        if seconds >= 2 * length_s:
            return f"{seconds // length_s:.0f}{unit}"
    return f"{seconds:.0f} s"
