"""Following a log file through rotation, truncation and half-written lines; when to look is not decided here.

A log may be renamed while it is written (rotation), emptied in place (copytruncate), or have a line half
written. So it is followed by its inode, and known again by its first bytes where it was emptied and grew, or
in the copy that was made before.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from queuewatch.sources.reading import MAX_LINE

_HEAD = 64
_SURE = 16  # bytes of a beginning that no other log shares: the first line's time and call
_CHUNK = 1 << 18
_LOOKS = 2
"""Looks at a replaced file that bring nothing before it is left: its writer may take a while to reopen it."""


class Position(Struct, frozen=True):
    """A place in a log to go on from.

    Attributes:
        inode: The file's.
        offset: Bytes of it that are done with.
        head: Its first bytes, in hexadecimal, to know it again.
    """

    inode: int
    offset: int
    head: str = ""


def load(path: Path) -> Position | None:
    """The position that `save` kept; None where there is none, or it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Position)
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return None


def save(path: Path, position: Position) -> None:
    """Keep a position, whole or not at all. Raises OSError."""
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(msgspec.json.encode(position))
    draft.replace(path)


class Read(Struct, frozen=True):
    """What one look at the log brought.

    Attributes:
        lines: New lines, whole, with their ends.
        position: Where these lines end.
        more: Whether to look again at once.
        lost: Why lines may be missing, in one sentence; None where none is.
    """

    lines: list[bytes]
    position: Position
    more: bool = False
    lost: str | None = None


class Tail:
    """Follows one log from a position, or from its beginning."""

    def __init__(self, path: Path, position: Position | None = None) -> None:
        self._path = path
        self._resume = position
        self._file: BinaryIO | None = None
        self._inode = 0
        self._offset = 0
        self._head = b""
        self._rest = b""
        self._idle = 0

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._rest = b""
        self._idle = 0

    def look(self) -> Read:
        """What is new since the last look. Raises OSError where the log cannot be read."""
        file, lost = self._file, None
        if file is not None and self._emptied(file):
            file, lost = self._begin_anew(file)
        if file is None:
            file, lost = self._open()
        chunk = file.read(_CHUNK)
        self._offset += len(chunk)
        if len(self._head) < _HEAD:
            self._head = os.pread(file.fileno(), min(_HEAD, self._offset), 0)
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_LINE:
            self._rest, lost = b"", f"{self._path}: a line is longer than {MAX_LINE} bytes"
        position = Position(self._inode, self._offset - len(self._rest), self._head.hex())
        if chunk:
            self._idle = 0
            return Read([line + b"\n" for line in whole], position, more=True, lost=lost)
        if self._replaced():
            if self._rest:
                lost = f"{self._path}: the last line before the rotation is half written"
            self.close()
            return Read([], position, more=True, lost=lost)
        return Read([], position, lost=lost)

    def _open(self) -> tuple[BinaryIO, str | None]:
        """Open the log where it is to be read on, which may be in a file that was renamed since."""
        resume, self._resume = self._resume, None
        self._offset, self._head, lost = 0, b"", None
        path = self._path
        if resume is not None:
            found = self._find(resume)
            if found is None:
                lost = f"{path}: the file read before is gone or was emptied; lines between may be missing"
            else:
                path, self._offset, self._head = found, resume.offset, bytes.fromhex(resume.head)
        self._file = file = path.open("rb", buffering=0)
        self._inode = os.fstat(file.fileno()).st_ino
        file.seek(self._offset)
        return file, lost

    def _find(self, known: Position) -> Path | None:
        """The file of a position, or else its copy, by whatever name beside the log; None without either."""
        copy = None
        for path in (self._path, *sorted(self._path.parent.glob(f"{self._path.name}*"))):
            try:
                status = path.stat()
                if status.st_size < known.offset:
                    continue
                with path.open("rb") as file:
                    if file.read(len(known.head) // 2).hex() != known.head:
                        continue
            except OSError:
                continue
            if status.st_ino == known.inode:
                return path
            if copy is None and len(known.head) >= 2 * _SURE:
                copy = path
        return copy

    def _emptied(self, file: BinaryIO) -> bool:
        """Whether the file was emptied in place."""
        size = os.fstat(file.fileno()).st_size
        return size < self._offset or os.pread(file.fileno(), len(self._head), 0) != self._head

    def _begin_anew(self, file: BinaryIO) -> tuple[BinaryIO | None, str | None]:
        """Go on in the copy that was made of a file before it was emptied, or else at its beginning."""
        known = Position(0, self._offset - len(self._rest), self._head.hex())
        if self._find(known) is not None:
            self.close()
            self._resume = known
            return None, None
        file.seek(0)
        self._offset, self._head, self._rest = 0, b"", b""
        return file, f"{self._path}: was emptied; lines written just before may be missing"

    def _replaced(self) -> bool:
        """Whether another file has the name by now, and this one has been silent for long enough."""
        try:
            if self._path.stat().st_ino == self._inode:
                self._idle = 0
                return False
        except FileNotFoundError:
            return False
        self._idle += 1
        return self._idle >= _LOOKS
