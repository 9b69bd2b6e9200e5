"""The whole core as bytes and back, so that a restart need not repeat every turn."""

from __future__ import annotations

import msgspec

from queuewatch.core.mind import Core

# Raised whenever what is frozen changes its shape: an older snapshot is then passed over, and the journal
# is read from further back instead.
SCHEMA = 8

_decoder = msgspec.msgpack.Decoder(Core)


def freeze(core: Core) -> bytes:
    """All that the core knows, in MessagePack."""
    return msgspec.msgpack.encode(core)


def thaw(frozen: bytes) -> Core:
    """What `freeze` made, alive again. Raises msgspec.DecodeError where it is not of this schema."""
    return _decoder.decode(frozen)
