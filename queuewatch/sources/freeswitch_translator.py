"""Events of FreeSWITCH's mod_callcenter into ours.

A caller's `member-queue-end` comes after the talk, so it ends the waiting only of who was not answered.
`CC-Member-UUID` names the stay in the queue, `CC-Member-Session-UUID` the call, which is the contact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    Offered,
    OfferFailed,
    QueueSnapshot,
    SourceGap,
    SourceStarted,
    Waiting,
)
from queuewatch.core.facts.terms import LeftReason, OfferFailure
from queuewatch.ports import Refused
from queuewatch.sources.asterisk_pbx import PbxTime
from queuewatch.sources.asterisk_verbs import caller
from queuewatch.sources.freeswitch_agents import Agents
from queuewatch.sources.freeswitch_frames import Fields
from queuewatch.sources.lineup import Joined, in_order
from queuewatch.sources.reading import MAX_NAME, Reading, clip
from queuewatch.sources.teller import Teller

SILENT = frozenset(
    {"members-count", "agent-status-get", "agent-state-get", "agent-contact-change", "queue-del"}
)
"""Actions that tell us nothing new, or are not changes at all."""

_LEFT: Mapping[str, LeftReason] = {
    "TIMEOUT": "timed_out",
    "NO_AGENT_TIMEOUT": "empty",
    "EXIT_WITH_KEY": "key",
}
_HUNG_UP = frozenset({"BREAK_OUT", "NONE", ""})
_FAILURES: Mapping[str, OfferFailure] = {
    "USER_BUSY": "busy",
    "CALL_REJECTED": "refused",
    "ORIGINATOR_CANCEL": "withdrawn",
    "PICKED_OFF": "withdrawn",
    "LOSE_RACE": "withdrawn",
}
_WAITS = frozenset({"Waiting", "Trying"})
_MOST_TALKS = 20_000
_MICROSECONDS = re.compile("[0-9]{1,18}")
_SECONDS = re.compile("[0-9]{1,11}")
_CORE = re.compile("[0-9a-fA-F-]{36}")


class _BadFieldError(ValueError):
    """An event that lacks a field it cannot be understood without."""


class Lists(Struct):
    """What FreeSWITCH answers when it is asked for everything.

    Attributes:
        core: The id of this start of FreeSWITCH; "" where it does not say.
        agents: Rows of `agent list`.
        tiers: Rows of `tier list`: which agent serves which queue.
        members: Rows of `queue list members`, for each queue.
    """

    core: str = ""
    agents: Sequence[Fields] = ()
    tiers: Sequence[Fields] = ()
    members: dict[str, Sequence[Fields]] = {}


class Translator:
    """One FreeSWITCH's events into ours: `feed` it each, `listed` its answers, `due` when time has passed."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._teller = Teller(reading)
        self._agents = Agents()
        self._time = PbxTime()
        self._core = ""
        self._talks: dict[str, None] = {}
        self.wants_lists = False
        self._handlers: dict[str, Callable[[Fields, float], None]] = {
            "member-queue-start": self._join,
            "member-queue-end": self._end,
            "agent-offering": self._offer,
            "bridge-agent-start": self._answer,
            "bridge-agent-fail": self._fail,
            "bridge-agent-end": self._complete,
            "agent-status-change": lambda one, at: self._agents.status(
                _named(one, "cc-agent"), _named(one, "cc-agent-status"), at
            ),
            "agent-state-change": lambda one, at: self._agents.state(
                _named(one, "cc-agent"), _named(one, "cc-agent-state"), at
            ),
            "agent-add": self._administer,
            "agent-del": lambda one, at: self._agents.gone(_named(one, "cc-agent"), at),
            "tier-add": lambda one, at: self._tier(one, at, member=True),
            "tier-del": lambda one, at: self._tier(one, at, member=False),
        }

    def feed(self, fields: Fields, received_at: float) -> Sequence[Event | Refused]:
        """What an event says; one that lacks what it needs, or of a kind nobody knows, is refused.

        Args:
            fields: Its fields, names in small letters.
            received_at: When it came in (our clock).
        """
        at = self._time.at(_stamp(fields.get("event-date-timestamp", "")), received_at)
        self._heed_core(fields.get("core-uuid", ""), at)
        action = fields.get("cc-action")
        handle = None if action is None else self._handlers.get(action)
        if handle is not None:
            try:
                handle(fields, at)
            except _BadFieldError as error:
                return [*self._teller.taken(), Refused("bad_field", str(error))]
        elif action is not None and action not in SILENT:
            return [*self._teller.taken(), Refused("unknown_event", f'"{clip(action)}" means nothing here')]
        return self._teller.taken()

    def due(self, now: float) -> Sequence[Event]:
        """What comes of the stream pausing and of time: which agents changed."""
        for at, agent, changed in self._agents.changes(self._time.theirs(now)):
            self._teller.tell("agent", at, changed, agent, agent)
        return self._teller.taken()

    def next_at(self) -> float | None:
        """When `due` has something to say though nothing came in (our clock)."""
        at = self._agents.next_at()
        return None if at is None else self._time.ours(at)

    def cut(self, now: float, reason: str) -> Sequence[Event]:
        """The connection is lost: what happens from now on is not seen."""
        self._teller.tell("gap", self._time.after_all(now), SourceGap(reason=reason), "", "")
        return self._teller.taken()

    def listed(self, lists: Lists, received_at: float) -> Sequence[Event]:
        """FreeSWITCH's own answer is whole: a snapshot of each queue."""
        at = self._time.theirs(received_at)
        self._heed_core(lists.core.strip(), at)
        self.wants_lists = False
        self._agents.listed(
            (
                (
                    one["name"],
                    one.get("status", ""),
                    one.get("state", ""),
                    _number(one, "wrap_up_time") or 0.0,
                )
                for one in lists.agents
                if 0 < len(one.get("name", "")) <= MAX_NAME
            ),
            (
                (queue, agent)
                for one in lists.tiers
                if 0 < len(queue := one.get("queue", "")) <= MAX_NAME and (agent := one.get("agent", ""))
            ),
            at,
        )
        for queue, members in lists.members.items():
            waiting = [one for one in members if one.get("state") in _WAITS and _contact(one)]
            snapshot = QueueSnapshot(
                queue=queue,
                channel="phone",
                waiting=_in_line(waiting),
                agents=self._agents.seen(queue),
                as_of=at,
            )
            self._teller.tell("snapshot", at, snapshot, "", queue)
        self._agents.told()
        return self._teller.taken()

    def _heed_core(self, core: str, at: float) -> None:
        """Each start of FreeSWITCH has an id of its own, which every event bears."""
        known, self._core = self._core, core if _CORE.fullmatch(core) else self._core
        if known and self._core != known:
            self._agents.clear()
            self._talks.clear()
            self.wants_lists = True
            self._teller.tell("started", at, SourceStarted(), "", "")

    def _join(self, one: Fields, at: float) -> None:
        number = caller(one.get("cc-member-cid-number", ""))
        language = one.get("variable_default_language", "").replace("_", "-")
        enqueued = Enqueued(
            queue=_named(one, "cc-queue"),
            channel="phone",
            customer=None if number is None else self._reading.hash_customer(number),
            language=language[:MAX_NAME] or None,
        )
        self._teller.tell("enqueued", at, enqueued, _call(one), _member(one))

    def _end(self, one: Fields, at: float) -> None:
        queue, call, member = _named(one, "cc-queue"), _call(one), _member(one)
        if one.get("cc-cause") == "Terminated":
            if member in self._talks:
                self._complete(one, at)
            return
        wait_s = _between(one, "cc-member-joined-time", "cc-member-leaving-time")
        reason = one.get("cc-cancel-reason", "")
        if reason in _HUNG_UP:
            self._teller.tell(
                "abandoned", at, Abandoned(queue=queue, channel="phone", wait_s=wait_s), call, member
            )
        else:
            left = Left(queue=queue, channel="phone", reason=_LEFT.get(reason, "unknown"), wait_s=wait_s)
            self._teller.tell("left", at, left, call, member)

    def _offer(self, one: Fields, at: float) -> None:
        agent = _named(one, "cc-agent")
        offered = Offered(queue=_named(one, "cc-queue"), channel="phone", agent=agent)
        self._teller.tell("offered", at, offered, _call(one), f"{_member(one)}/{agent}")

    def _answer(self, one: Fields, at: float) -> None:
        agent, member = _named(one, "cc-agent"), _member(one)
        answered = Answered(
            queue=_named(one, "cc-queue"),
            channel="phone",
            agent=agent,
            wait_s=_between(one, "cc-member-joined-time", "cc-agent-answered-time"),
            ring_s=_between(one, "cc-agent-called-time", "cc-agent-answered-time"),
        )
        self._teller.tell("answered", at, answered, _call(one), member)
        self._talks[member] = None
        if len(self._talks) > _MOST_TALKS:
            del self._talks[next(iter(self._talks))]
        self._agents.state(agent, "In a queue call", at)

    def _fail(self, one: Fields, at: float) -> None:
        agent = _named(one, "cc-agent")
        reason = _FAILURES.get(one.get("cc-hangup-cause", ""), "no_answer")
        failed = OfferFailed(queue=_named(one, "cc-queue"), channel="phone", agent=agent, reason=reason)
        self._teller.tell("offer_failed", at, failed, _call(one), f"{_member(one)}/{agent}")

    def _complete(self, one: Fields, at: float) -> None:
        """A talk is over; where this was missed, the end of the call says so again."""
        queue, call, member = _named(one, "cc-queue"), _call(one), _member(one)
        self._talks.pop(member, None)
        ended = (
            "cc-bridge-terminated-time" if one.get("cc-bridge-terminated-time") else "cc-member-leaving-time"
        )
        talk_s = _between(one, "cc-agent-answered-time", ended)
        self._teller.tell(
            "completed", at, Completed(queue=queue, channel="phone", talk_s=talk_s), call, member
        )
        agent = one.get("cc-agent", "")
        if agent:
            self._agents.finishes(agent, at)

    def _administer(self, _one: Fields, _at: float) -> None:
        """An agent more: what it is, the lists say."""
        self.wants_lists = True

    def _tier(self, one: Fields, at: float, *, member: bool) -> None:
        self._agents.serves(_named(one, "cc-agent"), _named(one, "cc-queue"), at, member=member)


def _stamp(microseconds: str) -> Fields:
    """When an event happened, as `PbxTime` reads it; nothing where it does not say."""
    if not _MICROSECONDS.fullmatch(microseconds):
        return {}
    return {"timestamp": f"{int(microseconds) / 1e6:.6f}"}


def _named(one: Fields, name: str) -> str:
    value = one.get(name, "")
    if not value or len(value) > MAX_NAME:
        what = "has no" if not value else f"has, in more than {MAX_NAME} characters, a"
        raise _BadFieldError(f"{clip(one.get('cc-action', ''))} {what} {name}")
    return value


def _member(one: Fields) -> str:
    return _named(one, "cc-member-uuid")


def _call(one: Fields) -> str:
    """The contact: the call, or the stay where the call is not named."""
    return one["cc-member-session-uuid"][:MAX_NAME] if one.get("cc-member-session-uuid") else _member(one)


def _contact(row: Fields) -> str:
    """The same of a row in a list; "" where its call is gone."""
    return row.get("session_uuid", "")[:MAX_NAME]


def _in_line(rows: Sequence[Fields]) -> tuple[Waiting, ...]:
    """Those who wait, as the list has them; when they joined it tells in whole seconds.

    A caller whose base score puts it ahead joined later than those behind it, and keeps its time.
    """
    usual = [one for one in rows if one.get("base_score", "0") == "0" and _number(one, "joined_epoch")]
    times = in_order([Joined(_number(one, "joined_epoch") or 0.0, exact=False) for one in usual])
    joined = {one["session_uuid"]: at for one, at in zip(usual, times, strict=True)}
    return tuple(
        Waiting(
            contact=_contact(one),
            enqueued_at=joined.get(one["session_uuid"], _number(one, "joined_epoch")),
            position=place,
        )
        for place, one in enumerate(rows, 1)
    )


def _number(one: Fields, name: str) -> float | None:
    written = one.get(name, "")
    return float(written) if _SECONDS.fullmatch(written) else None


def _between(one: Fields, start: str, end: str) -> float | None:
    """From one time to another, seconds; None where either is missing or they are the wrong way round."""
    began, ended = _number(one, start), _number(one, end)
    return ended - began if began and ended and ended >= began else None
