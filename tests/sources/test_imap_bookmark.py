"""Tests of how far a mailbox was read, kept over restarts: whole or not at all, and for it alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from queuewatch.sources.imap_bookmark import Bookmark, Place
from queuewatch.sources.imap_memory import Letter, Memory

PLACE = Place(validity=7, modseq=9, flags_as_of=8, next=3, sent={'"Sent"': (7, 2)})
MEMORY = Memory(letters={"a": Letter("a", 10.0, "mail", {1, 2})}, passed={3}, threads={"b": "a"})


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "made" / "mark"
    Bookmark(path, "INBOX").save(PLACE, MEMORY, 100.0)
    assert Bookmark(path, "INBOX").load() == (PLACE, MEMORY)
    assert path.stat().st_mode & 0o077 == 0


def test_another_mailboxs_is_not_used(tmp_path: Path) -> None:
    Bookmark(tmp_path / "mark", "INBOX").save(PLACE, MEMORY, 100.0)
    assert Bookmark(tmp_path / "mark", "Other").load() == (Place(), None)


def test_without_a_file_nothing_is_kept() -> None:
    mark = Bookmark(None, "INBOX")
    mark.save(PLACE, MEMORY, None)
    assert mark.load() == (Place(), None)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"schema": 0, "folder": "INBOX"}', b"[]"])
def test_a_damaged_file_is_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mark").write_bytes(content)
    assert Bookmark(tmp_path / "mark", "INBOX").load() == (Place(), None)


def test_it_is_written_every_half_minute_and_at_the_end(tmp_path: Path) -> None:
    mark = Bookmark(tmp_path / "mark", "INBOX")
    mark.save(Place(next=1), MEMORY, 100.0)
    mark.save(Place(next=2), MEMORY, 129.9)
    assert mark.load()[0].next == 1
    mark.save(Place(next=3), MEMORY, 130.0)
    assert mark.load()[0].next == 3
    mark.save(Place(next=4), MEMORY, None)
    assert mark.load()[0].next == 4


def test_a_disk_that_fails_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mark = Bookmark(tmp_path / "file" / "mark", "INBOX")
    mark.save(PLACE, MEMORY, 100.0)
    assert mark.load() == (Place(), None)
