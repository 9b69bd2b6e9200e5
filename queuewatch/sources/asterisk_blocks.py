"""Blocks of Asterisk's manager interface: cut out of the stream, sifted, and read into fields.

A block is lines of `Key: value` ended by an empty line. Of those a PBX sends, one in seven matters to queues:
the others are dropped by their first line, before anything else is looked at.
"""

from __future__ import annotations

from queuewatch.ports import Refused

MAX_BLOCK = 1 << 20
"""Bytes of the longest block that is waited for."""

_END = b"\r\n\r\n"
_EVENT = b"Event: "
_WANTED = frozenset(
    {
        b"QueueCallerJoin",
        b"QueueCallerLeave",
        b"QueueCallerAbandon",
        b"AgentCalled",
        b"AgentConnect",
        b"AgentComplete",
        b"AgentDump",
        b"AgentRingNoAnswer",
        b"QueueMemberAdded",
        b"QueueMemberRemoved",
        b"QueueMemberPause",
        b"QueueMemberStatus",
        b"QueueParams",
        b"QueueMember",
        b"QueueEntry",
        b"QueueStatusComplete",
        b"BlindTransfer",
        b"AttendedTransfer",
        b"HangupRequest",
        b"Hold",
        b"Unhold",
        b"FullyBooted",
        b"Shutdown",
        b"Reload",
        # before version 12
        b"Join",
        b"Leave",
        b"QueueMemberPaused",
        b"Transfer",
    }
)
_WANTED_WITH = {
    b"VarSet": (b"\r\nVariable: QUEUESTATUS\r\n", b"\r\nVariable: QUEUEPOSITION\r\n"),
    b"Newexten": (b"\r\nApplication: Queue\r\n",),
    b"SoftHangupRequest": (b"\r\nCause: 4",),
}

_NAMES = (
    "Queue(Caller|Member|Params|Entry|StatusC)",
    "Agent",
    "(Blind|Attended)?Transfer",
    "HangupRequest",
    "(Unh|H)old",
    "FullyBooted",
    "Shutdown",
    "Reload",
    "Join",
    "Leave",
)
FILTERS = (
    f"Event: ({'|'.join(_NAMES)})",
    "Variable: QUEUE(STATUS|POSITION)",
    "Application: Queue[[:space:]]",
    "Event: SoftHangupRequest.*Cause: 4",
)
"""The same as extended regular expressions for the manager's own event filter; a little wider."""


class Blocks:
    """Cuts a stream into the blocks that matter."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes | Refused]:
        """The blocks that are whole now, without their end, and a refusal for what never ends."""
        wanted: list[bytes | Refused] = []
        *blocks, self._rest = (self._rest + chunk).split(_END) if self._rest else chunk.split(_END)
        for cut in blocks:
            # some events end with an empty line too many
            block = cut.lstrip(b"\r\n") if cut.startswith(b"\r") else cut
            if block.startswith(_EVENT):
                end = block.find(b"\r\n")
                name = block[7:end] if end > 0 else block[7:]
                if name not in _WANTED:
                    inside = _WANTED_WITH.get(name)
                    if inside is None or not any(map(block.__contains__, inside)):
                        continue
            elif not block:
                continue
            wanted.append(block)
        if len(self._rest) > MAX_BLOCK:
            self._rest = b""
            wanted.append(Refused("too_long", f"a block is longer than {MAX_BLOCK} bytes"))
        return wanted


def parse(block: bytes) -> dict[str, str]:
    """The fields of a block by their names in small letters, as versions write them differently.

    Of a name that comes again the first value counts: channel variables come last and may be called anything.
    Lines without a colon are no fields.
    """
    try:
        written = block.decode()
    except UnicodeDecodeError:
        written = block.decode("latin-1")
    fields: dict[str, str] = {}
    for line in written.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.lower(), value.strip())
    return fields
