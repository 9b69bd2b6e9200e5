"""The other end of a connection: what a source wrote, and what it is to read."""

from __future__ import annotations

import asyncio


class Wire:
    """Stands in for the writer, too; whoever inherits it knows what the other side says."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader()
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True
