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
    OfferFailed,
    Transferred,
)
from queuewatch.core.facts.terms import LeftReason, OfferFailure, TransferKind
from queuewatch.sources.asterisk_roster import Roster

Data = Sequence[str]
Facts = tuple[ContactData, ...]

NOBODY = frozenset({"NONE", "REALTIME", "MANAGER", "CLI", ""})
"""What stands in the columns of call and agent where there is none, or who did it from outside."""

_FIRST_OF_NUMBER = "+0123456789"
_WITHHELD = frozenset(
    {"", "anonymous", "unknown", "<unknown>", "unavailable", "restricted", "private", "asterisk"}
)


_WHOLE = {str(number): number for number in range(7200)}
_SECONDS = {written: float(number) for written, number in _WHOLE.items()}
_DIGITS = 9  # ten would be a point in time, or nonsense


def seconds(data: Data, index: int) -> float | None:
    """The duration at `index` in seconds; None where it is missing or no number from 0 up."""
    try:
        field = data[index]
    except IndexError:
        return None
    usual = _SECONDS.get(field)
    if usual is not None or not (field.isdecimal() and field.isascii() and len(field) <= _DIGITS):
        return usual
    return float(field)


def whole(data: Data, index: int) -> int | None:
    """The whole number at `index`; None where it is missing or no number from 0 up."""
    try:
        usual = _WHOLE.get(data[index])
    except IndexError:
        return None
    if usual is not None:
        return usual
    number = seconds(data, index)
    return None if number is None else int(number)


def caller(number: str) -> str | None:
    """The caller's number, None where it is withheld."""
    if number[:1] in _FIRST_OF_NUMBER and number[-1:] != " ":
        return number or None
    number = number.strip()
    return None if number.lower() in _WITHHELD else number


def enqueued(queue: str, data: Data, customer: str | None) -> Enqueued:
    """ENTERQUEUE: url | callerid | position | name (22); there was no position in 2010."""
    return Enqueued(queue=queue, channel="phone", customer=customer, position=whole(data, 2))


def connected(queue: str, agent: str | None, data: Data) -> Answered:
    """CONNECT: holdtime | bridged channel | ringtime (absent in 1.4 and 1.6), at times more by a vendor."""
    return Answered(
        queue=queue, channel="phone", agent=agent, wait_s=seconds(data, 0), ring_s=seconds(data, 2)
    )


def _completed(by: str) -> Callable[[str, str | None, Data], Facts]:
    """COMPLETEAGENT, COMPLETECALLER: holdtime | calltime | original position."""

    def facts(queue: str, _agent: str | None, data: Data) -> Facts:
        return (Completed(queue=queue, channel="phone", talk_s=seconds(data, 1), ended_by=by),)

    return facts


def _abandoned(queue: str, agent: str | None, data: Data) -> Facts:
    """ABANDON: position | original position | waittime; an agent stands there who was about to take it."""
    fact = Abandoned(queue=queue, channel="phone", position=whole(data, 0), wait_s=seconds(data, 2))
    if agent is None:
        return (fact,)
    return (OfferFailed(queue=queue, channel="phone", agent=agent, reason="withdrawn"), fact)


def _left(reason: LeftReason, wait: int | None = 2) -> Callable[[str, str | None, Data], Facts]:
    """EXIT…: position | original position | waittime, after a key where there was one."""

    def facts(queue: str, _agent: str | None, data: Data) -> Facts:
        wait_s = None if wait is None else seconds(data, wait)
        return (Left(queue=queue, channel="phone", reason=reason, wait_s=wait_s),)

    return facts


def _refused(reason: LeftReason) -> Callable[[str, str | None, Data], Facts]:
    """FULL, JOINEMPTY, … of XiVO: the call never got in, so it never waited."""

    def facts(queue: str, _agent: str | None, _data: Data) -> Facts:
        return (Left(queue=queue, channel="phone", reason=reason, wait_s=0.0),)

    return facts


def _offer_failed(reason: OfferFailure) -> Callable[[str, str | None, Data], OfferFailed]:
    def fact(queue: str, agent: str | None, _data: Data) -> OfferFailed:
        return OfferFailed(queue=queue, channel="phone", agent=agent, reason=reason)

    return fact


def _transferred(kind: TransferKind, calltime: int) -> Callable[[str, str | None, Data], Facts]:
    """TRANSFER, BLINDTRANSFER: extension | context | holdtime | calltime | original position.

    ATTENDEDTRANSFER: BRIDGE | bridge, APP | application, or LINK | channel | channel, then the same, so
    that the talk is counted from the end.
    """

    def facts(queue: str, _agent: str | None, data: Data) -> Facts:
        return (
            Transferred(queue=queue, channel="phone", kind=kind),
            Completed(queue=queue, channel="phone", talk_s=seconds(data, calltime), ended_by="transfer"),
        )

    return facts


ENDS: dict[str, Callable[[str, str | None, Data], Facts]] = {
    "COMPLETEAGENT": _completed("agent"),
    "COMPLETECALLER": _completed("customer"),
    "ABANDON": _abandoned,
    "EXITWITHTIMEOUT": _left("timed_out"),
    "EXITEMPTY": _left("empty"),
    "EXITWITHKEY": _left("key", 3),
    "WITHDRAW": _left("withdrawn"),
    "SYSCOMPAT": _left("system", None),
    "LEAVEEMPTY": _left("empty"),
    "TRANSFER": _transferred("blind", 3),
    "BLINDTRANSFER": _transferred("blind", 3),
    "ATTENDEDTRANSFER": _transferred("attended", -2),
    "FULL": _refused("full"),
    "JOINEMPTY": _refused("empty"),
    "JOINUNAVAIL": _refused("empty"),
    "CLOSED": _refused("closed"),
    "DIVERT_CA_RATIO": _refused("overflowed"),
    "DIVERT_HOLDTIME": _refused("overflowed"),
}
"""Verbs that end a call's stay in the queue."""

OFFERS: dict[str, Callable[[str, str | None, Data], OfferFailed]] = {
    "RINGNOANSWER": _offer_failed("no_answer"),
    "RINGCANCELED": _offer_failed("withdrawn"),
    "AGENTDUMP": _offer_failed("refused"),
}
"""Verbs of an offer that came to nothing: the call waits on."""

Change = Callable[[Roster, str, str | None, Data, float], None]


def _added(roster: Roster, agent: str, queue: str | None, data: Data, _at: float) -> None:
    """ADDMEMBER: empty, or PAUSED."""
    if queue is not None:
        roster.added(agent, queue, "" if data and data[0] == "PAUSED" else None)


def _removed(roster: Roster, agent: str, queue: str | None, _data: Data, _at: float) -> None:
    if queue is not None:
        roster.removed(agent, queue)


def _paused(roster: Roster, agent: str, queue: str | None, data: Data, _at: float) -> None:
    """PAUSE, PAUSEALL: reason. PAUSEALL names no queue, and one PAUSE a queue follows it."""
    roster.paused(agent, queue, data[0] if data else "")


def _unpaused(roster: Roster, agent: str, queue: str | None, _data: Data, _at: float) -> None:
    roster.unpaused(agent, queue)


def _logged_in(roster: Roster, agent: str, _queue: str | None, _data: Data, _at: float) -> None:
    roster.logged(agent, out=False)


def _logged_off(roster: Roster, agent: str, _queue: str | None, _data: Data, _at: float) -> None:
    roster.logged(agent, out=True)


def _wraps_up(roster: Roster, agent: str, _queue: str | None, data: Data, at: float) -> None:
    """WRAPUPSTART of XiVO: seconds."""
    roster.wrapping_up(agent, at + (seconds(data, 0) or 0.0))


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
