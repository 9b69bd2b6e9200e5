"""How far a mailbox has been read, kept in a file over restarts: numbers and digests, nobody's address."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct, field

from queuewatch.sources.imap_memory import Memory

_SCHEMA = 1
_SAVE_EVERY_S = 30.0


class Place(Struct):
    """Where in the mailbox we are.

    Attributes:
        validity: The folder's UIDVALIDITY; 0 before it was seen.
        modseq: The folder's HIGHESTMODSEQ as last told; 0 where the server has none.
        flags_as_of: Flags are known as of this MODSEQ.
        next: The number that the next mail in the folder gets.
        sent: UIDVALIDITY and next number of each folder of sent mail, as last read.
    """

    validity: int = 0
    modseq: int = 0
    flags_as_of: int = 0
    next: int = 0
    sent: dict[str, tuple[int, int]] = field(default_factory=dict)


class _Kept(Struct):
    schema: int
    folder: str
    place: Place
    memory: Memory


class Bookmark:
    """One source's file; without it the mailbox is read from the beginning, which does no harm.

    Args:
        path: The file; None: nothing is kept.
        folder: Which mailbox it is of; a file of another one is not used.
    """

    def __init__(self, path: Path | None, folder: str) -> None:
        self._path = path
        self._folder = folder
        self._saved_at = float("-inf")

    def load(self) -> tuple[Place, Memory | None]:
        """What was known; the beginning where nothing was, or nothing of use."""
        try:
            kept = None if self._path is None else msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except (OSError, msgspec.MsgspecError, UnicodeError):
            kept = None
        if kept is None or kept.schema != _SCHEMA or kept.folder != self._folder:
            return Place(), None
        return kept.place, kept.memory

    def save(self, place: Place, memory: Memory, now: float | None) -> None:
        """Keep what is known, all of which the journal has; a disk that fails costs only a longer start.

        Args:
            place: Where we are.
            memory: What is known.
            now: The present, so that it is not kept too often; None: in any case.
        """
        if self._path is None or (now is not None and now < self._saved_at + _SAVE_EVERY_S):
            return
        self._saved_at = now if now is not None else self._saved_at
        draft = self._path.with_name(f"{self._path.name}.new")
        kept = msgspec.json.encode(_Kept(_SCHEMA, self._folder, place, memory))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(kept)
            draft.replace(self._path)
        except OSError:
            with suppress(OSError):
                draft.unlink()
