"""Tests of what is remembered of a mailbox: it can be written down and read back."""

from __future__ import annotations

import msgspec

from queuewatch.sources.imap_memory import Letter, Memory, Stay


def test_it_can_be_written_down_and_read_back() -> None:
    memory = Memory(
        letters={"a": Letter("a", 10.0, "mail", {1}, "<a@x>")},
        passed={2},
        threads={"b": "a"},
        stays={"a": Stay("a", 10.0, "mail", ended_at=20.0, exact=True, answered=True)},
        answers={"a": 20.0},
    )
    assert msgspec.json.decode(msgspec.json.encode(memory), type=Memory) == memory
