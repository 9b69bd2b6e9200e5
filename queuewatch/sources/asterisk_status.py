"""Members and lists of queues in Asterisk's manager interface: in a block and in a whole answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct, field

from queuewatch.core.facts.terms import AgentState
from queuewatch.sources.asterisk_verbs import seconds
from queuewatch.sources.reading import MAX_NAME

Block = Mapping[str, str]

_DEVICES: dict[str, AgentState] = {
    "2": "busy",
    "3": "busy",
    "4": "offline",
    "5": "offline",
    "6": "ringing",
    "7": "busy",
    "8": "busy",
}
"""States: 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 ringing, 7 ringing and in use, 8 on hold."""


_EPOCH = re.compile("[0-9]{1,11}")
_YES_OR_NO = {"0": False, "1": True}


class LackingError(ValueError):
    """A block without a field that it cannot be understood without."""


def named(block: Block, *fields: str) -> str:
    """The first of these fields that is there; versions name them differently.

    Raises:
        LackingError: None is, or it is longer than a name may be.
    """
    for name in fields:
        value = block.get(name)
        if value:
            if len(value) > MAX_NAME:
                raise LackingError(f"{block.get('event')} has a {name} longer than {MAX_NAME} characters")
            return value
    raise LackingError(f"{block.get('event')} has no {fields[0]}")


def duration(block: Block, name: str) -> float | None:
    """A field in whole seconds; None where it is missing or no number from 0 up."""
    return seconds((block.get(name, ""),), 0)


class Member(Struct, frozen=True):
    """A member of a queue.

    Attributes:
        queue: The queue.
        agent: The member.
        paused: The reason of its pause, "" if none was given, None if not paused.
        device: What its telephone does; None where it does not say.
        wrap_up_s: Its own work after a call, seconds; 0 where it has none.
        in_call: Whether it talks to a caller of a queue; None where the version does not say (before 13).
        last_call_at: When its last call ended, to the second; 0 where it had none.
    """

    queue: str
    agent: str
    paused: str | None
    device: AgentState | None
    wrap_up_s: float
    in_call: bool | None = None
    last_call_at: float = 0.0

    @property
    def talks(self) -> bool:
        """Whether it may be talking to a caller."""
        return self.device == "busy" if self.in_call is None else self.in_call

    @classmethod
    def of(cls, block: Block) -> Member:
        """The member that a QueueMember… block tells of; lists say Name and Location."""
        reason = block.get("pausedreason") or block.get("reason", "")
        return cls(
            named(block, "queue"),
            named(block, "membername", "name", "interface", "location"),
            reason[:MAX_NAME] if block.get("paused") == "1" else None,
            _DEVICES.get(block.get("status", "")),
            duration(block, "wrapuptime") or 0.0,
            _YES_OR_NO.get(block.get("incall", "")),
            float(last_call) if _EPOCH.fullmatch(last_call := block.get("lastcall", "")) else 0.0,
        )


class Entry(Struct, frozen=True):
    """A call that a list says waits: `wait_s` since it joined, None where it does not say."""

    queue: str
    call: str
    position: int | None
    priority: int
    wait_s: float | None

    @classmethod
    def of(cls, block: Block) -> Entry:
        """The call that a QueueEntry block tells of. Before version 1.8 it had only the channel's name."""
        position = duration(block, "position")
        return cls(
            named(block, "queue"),
            named(block, "uniqueid", "channel"),
            None if position is None else int(position),
            int(duration(block, "priority") or 0),
            duration(block, "wait"),
        )


class Listing(Struct):
    """The answer to QueueStatus while it comes in: members and calls of every queue."""

    members: dict[str, dict[str, Member]] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def queue(self, name: str) -> None:
        """There is such a queue."""
        self.members.setdefault(name, {})
        self.entries.setdefault(name, [])

    def member(self, member: Member) -> None:
        """It has such a member."""
        self.queue(member.queue)
        self.members[member.queue][member.agent] = member

    def entry(self, entry: Entry) -> None:
        """Such a call waits there."""
        self.queue(entry.queue)
        self.entries[entry.queue].append(entry)
