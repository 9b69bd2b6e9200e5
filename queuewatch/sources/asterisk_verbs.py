"""What the verbs of Asterisk's queue_log say about a call, from version 1.4 to 22, XiVO and Wazo included.

Fields are `time|callid|queue|agent|verb|data…`. Old versions leave fields out at the end; what is missing
or is no number is unknown. Durations are whole seconds, but for the milliseconds of RINGNOANSWER and of
RINGCANCELED, which are of no use here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Left,
)
from queuewatch.core.facts.terms import LeftReason, OfferFailure, TransferKind
from queuewatch.sources.asterisk_roster import Roster

Fact = Callable[[str, str], ContactData]
"""What a verb says of a queue, given its data."""

NOBODY = frozenset({"NONE", "REALTIME", "MANAGER", "CLI", ""})
"""What stands in the columns of call and agent where there is none, or who did it from outside."""

_FIRST_OF_NUMBERS, _AFTER_NUMBERS = "+", ":"  # between them: what starts with a plus or a digit
_WITHHELD = frozenset(
    {"", "anonymous", "unknown", "<unknown>", "unavailable", "restricted", "private", "asterisk"}
)


_DIGITS = 9  # ten would be a point in time, or nonsense
_SECONDS: dict[str, float | None] = {str(number): float(number) for number in range(7200)}
_WHOLE: dict[str, int | None] = {str(number): number for number in range(1000)}
"""The usual numbers, for years of history hold many of them.

As many fields as today's versions write, with these numbers in them, are read at a glance; whatever is
otherwise (`_UNUSUAL`) is looked at field by field.
"""
_UNUSUAL = (ValueError, IndexError, KeyError)


def seconds(data: Sequence[str], index: int) -> float | None:
    """The duration at `index` in seconds; None where it is missing or no whole number from 0 up."""
    try:
        written = data[index]
    except IndexError:
        return None
    if written in _SECONDS:
        return _SECONDS[written]
    return float(written) if _is_whole(written) else None


def whole(data: Sequence[str], index: int) -> int | None:
    """The whole number at `index`; None where it is missing or no number from 0 up."""
    try:
        written = data[index]
    except IndexError:
        return None
    if written in _WHOLE:
        return _WHOLE[written]
    return int(written) if _is_whole(written) else None


def _is_whole(written: str) -> bool:
    return written.isdecimal() and written.isascii() and len(written) <= _DIGITS


def caller(number: str) -> str | None:
    """The caller's number, None where it is withheld."""
    number = number.strip()
    if _FIRST_OF_NUMBERS <= number < _AFTER_NUMBERS:
        return number
    return None if number.lower() in _WITHHELD else number


def enqueued(queue: str, data: str, hash_customer: Callable[[str], str]) -> Enqueued:
    """ENTERQUEUE: url | callerid | position | name (22); there was no position in 2010."""
    fields = data.split("|", 3)
    try:
        number, position = fields[1], _WHOLE[fields[2]]
    except _UNUSUAL:
        number, position = "".join(fields[1:2]), whole(fields, 2)
    known = number if _FIRST_OF_NUMBERS <= number < _AFTER_NUMBERS else caller(number)
    customer = None if known is None else hash_customer(known)
    return Enqueued(queue=queue, channel="phone", customer=customer, position=position)


def answered(queue: str, agent: str, data: str) -> Answered:
    """CONNECT: holdtime | bridged channel | ringtime (absent in 1.4 and 1.6), at times more by a vendor."""
    try:
        wait, _, ring = data.split("|")
        wait_s, ring_s = _SECONDS[wait], _SECONDS[ring]
    except _UNUSUAL:
        fields = data.split("|", 3)
        wait_s, ring_s = seconds(fields, 0), seconds(fields, 2)
    return Answered(queue=queue, channel="phone", agent=agent or None, wait_s=wait_s, ring_s=ring_s)


def _completed(by: str) -> Fact:
    """COMPLETEAGENT, COMPLETECALLER: holdtime | calltime | original position."""

    def fact(queue: str, data: str) -> Completed:
        try:
            _, talk, _ = data.split("|")
            talk_s = _SECONDS[talk]
        except _UNUSUAL:
            talk_s = seconds(data.split("|", 2), 1)
        return Completed(queue=queue, channel="phone", talk_s=talk_s, ended_by=by)

    return fact


def _abandoned(queue: str, data: str) -> Abandoned:
    """ABANDON: position | original position | waittime."""
    try:
        position, _, wait = data.split("|")
        return Abandoned(queue=queue, channel="phone", position=_WHOLE[position], wait_s=_SECONDS[wait])
    except _UNUSUAL:
        fields = data.split("|", 3)
        return Abandoned(queue=queue, channel="phone", position=whole(fields, 0), wait_s=seconds(fields, 2))


def _left(reason: LeftReason, wait: int | None = 2) -> Fact:
    """EXIT…: position | original position | waittime, after a key where there was one."""

    def fact(queue: str, data: str) -> Left:
        wait_s = None if wait is None else seconds(data.split("|"), wait)
        return Left(queue=queue, channel="phone", reason=reason, wait_s=wait_s)

    return fact


def _refused(reason: LeftReason) -> Fact:
    """FULL, JOINEMPTY, … of XiVO: the call never got in, so it never waited."""

    def fact(queue: str, _data: str) -> Left:
        return Left(queue=queue, channel="phone", reason=reason, wait_s=0.0)

    return fact


ENDS: dict[str, Fact] = {
    "COMPLETEAGENT": _completed("agent"),
    "COMPLETECALLER": _completed("customer"),
    "ABANDON": _abandoned,
    "EXITWITHTIMEOUT": _left("timed_out"),
    "EXITEMPTY": _left("empty"),
    "EXITWITHKEY": _left("key", 3),
    "WITHDRAW": _left("withdrawn"),
    "SYSCOMPAT": _left("system", None),
    "LEAVEEMPTY": _left("empty"),
    "FULL": _refused("full"),
    "JOINEMPTY": _refused("empty"),
    "JOINUNAVAIL": _refused("empty"),
    "CLOSED": _refused("closed"),
    "DIVERT_CA_RATIO": _refused("overflowed"),
    "DIVERT_HOLDTIME": _refused("overflowed"),
}
"""Verbs that end a call's stay in the queue, each with the fact that its data is."""

TRANSFERS: dict[str, TransferKind] = {
    "TRANSFER": "blind",
    "BLINDTRANSFER": "blind",
    "ATTENDEDTRANSFER": "attended",
}
"""Verbs by which an agent hands a call on, which ends its stay as well."""


def handed_on(queue: str, kind: TransferKind, data: str) -> Completed:
    """TRANSFER, BLINDTRANSFER: extension | context | holdtime | calltime | original position.

    ATTENDEDTRANSFER: BRIDGE | bridge, APP | application, or LINK | channel | channel, then the same, so
    that the talk is counted from the end.
    """
    talk_s = seconds(data.split("|"), -2 if kind == "attended" else 3)
    return Completed(queue=queue, channel="phone", talk_s=talk_s, ended_by="transfer")


OFFERS: dict[str, OfferFailure] = {
    "RINGNOANSWER": "no_answer",
    "RINGCANCELED": "withdrawn",
    "AGENTDUMP": "refused",
}
"""Verbs of an offer that came to nothing: the call waits on."""

Change = Callable[[Roster, str, str | None, str, float], None]


def _added(roster: Roster, agent: str, queue: str | None, data: str, _at: float) -> None:
    """ADDMEMBER: empty, or PAUSED."""
    if queue is not None:
        roster.added(agent, queue, "" if data.partition("|")[0] == "PAUSED" else None)


def _removed(roster: Roster, agent: str, queue: str | None, _data: str, _at: float) -> None:
    if queue is not None:
        roster.removed(agent, queue)


def _paused(roster: Roster, agent: str, queue: str | None, data: str, _at: float) -> None:
    """PAUSE, PAUSEALL: reason. PAUSEALL names no queue, and one PAUSE a queue follows it."""
    roster.paused(agent, queue, data.partition("|")[0])


def _unpaused(roster: Roster, agent: str, queue: str | None, _data: str, _at: float) -> None:
    roster.unpaused(agent, queue)


def _logged_in(roster: Roster, agent: str, _queue: str | None, _data: str, _at: float) -> None:
    roster.logged(agent, out=False)


def _logged_off(roster: Roster, agent: str, _queue: str | None, _data: str, _at: float) -> None:
    roster.logged(agent, out=True)


def _wraps_up(roster: Roster, agent: str, _queue: str | None, data: str, at: float) -> None:
    """WRAPUPSTART of XiVO: seconds."""
    roster.wrapping_up(agent, at + (seconds(data.split("|", 1), 0) or 0.0))


AGENT_VERBS: dict[str, Change] = {
    "ADDMEMBER": _added,
    "REMOVEMEMBER": _removed,
    "PAUSE": _paused,
    "PAUSEALL": _paused,
    "UNPAUSE": _unpaused,
    "UNPAUSEALL": _unpaused,
    "AGENTLOGIN": _logged_in,
    "AGENTCALLBACKLOGIN": _logged_in,
    "AGENTLOGOFF": _logged_off,
    "AGENTCALLBACKLOGOFF": _logged_off,
    "WRAPUPSTART": _wraps_up,
}
"""Verbs about an agent; a queue of None is every queue."""

SILENT = frozenset(
    {
        "CONFIGRELOAD",
        "HEARTBEAT",
        "DID",
        "PENALTY",
        "RINGINUSE",
        "INFO",
        "TRANSFERFAILED",
    }
)
"""Verbs that are known and change nothing here."""
