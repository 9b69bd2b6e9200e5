"""Amazon Connect: contact events (EventBridge), agent events and contact records (Kinesis, Firehose, files).

Contact events and contact records tell the same facts under the same ids; a record, and a later version of
it, corrects what was told before. Keys are read in any case: Amazon spells them in several.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    Transferred,
)
from queuewatch.core.facts.terms import AgentState, Channel
from queuewatch.ports import Refused
from queuewatch.sources.reading import MAX_LINE, Lines, Reading
from queuewatch.sources.webhook import Found, Hook, parser, unknown
from queuewatch.sources.webhook_fields import first_time, get, members, need, number, seconds, text, when

_CHANNELS: dict[str, Channel] = {"voice": "phone", "chat": "chat", "email": "email", "task": "email"}
_OUTGOING = frozenset({"OUTBOUND", "EXTERNAL_OUTBOUND", "MONITOR", "AGENT_REPLY"})
_SILENT = frozenset(
    {
        "INITIATED",
        "CONNECTED_TO_SYSTEM",
        "CONTACT_DATA_UPDATED",
        "PAUSED",
        "RESUMED",
        "AMD_DISABLED",
        "WEBRTC_API",
    }
)
_DEEPEST = 12
_TALKING = frozenset({"CONNECTED", "CONNECTED_ONHOLD", "PAUSED"})
_RINGING = frozenset({"INCOMING", "PENDING", "CONNECTING"})
_MISSED = frozenset({"MISSED", "REJECTED", "ERROR"})


@parser
def parse(payload: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """What one contact event, agent event or contact record says."""
    low = _lower(payload)
    kind = text(low, "detail-type")
    if kind is not None and kind.endswith("Contact Event"):
        yield from _contact_event(low, hook)
    elif get(low, "currentagentsnapshot") is not None or text(low, "agentarn") is not None:
        yield from _agent_event(low, hook)
    elif text(low, "contactid") is not None:
        yield from _record(low, hook)
    else:
        yield unknown(kind)


def read(lines: Lines, reading: Reading) -> Iterator[Event | Refused]:
    """The facts of contact records, one a line, with queues under their names."""
    hook = Hook(source=reading.source, hash_customer=reading.hash_customer, site=reading.site)
    for line in lines:
        if len(line) >= MAX_LINE:
            yield lines.refuse("too_long", f"this line is longer than {MAX_LINE} bytes")
        elif line.strip():
            yield from _line(line, lines, hook)


def _line(line: bytes, lines: Lines, hook: Hook) -> Iterator[Event | Refused]:
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        yield lines.refuse("not_json", f"this is not JSON: {error}")
        return
    for found in parse(_named(record), hook):
        yield lines.refuse(found.reason, found.detail) if isinstance(found, Refused) else found


def _named(record: object) -> object:
    """A record whose queue is told by its name rather than its ARN."""
    if not isinstance(record, dict) or not isinstance(record.get("Queue"), dict):
        return record
    queue = record["Queue"]
    return record | {"Queue": queue | {"ARN": queue.get("Name") or queue.get("ARN")}}


def _lower(raw: Any, depth: int = 0) -> Any:
    """The same with all keys in lower case; what lies deeper than any field of ours is left out."""
    if depth > _DEEPEST:
        return None
    if isinstance(raw, dict):
        return {name.lower(): _lower(value, depth + 1) for name, value in raw.items()}
    return [_lower(one, depth + 1) for one in raw] if isinstance(raw, list) else raw


def _tail(arn: str | None) -> str | None:
    """The id at the end of an ARN."""
    return None if arn is None else arn.rpartition("/")[2]


class _Contact(msgspec.Struct, frozen=True):
    """One contact as an event or a record tells of it: with ids that both make alike."""

    raw: dict[str, Any]
    hook: Hook
    queue: str | None
    enqueued_at: float | None
    version_at: float | None = None

    @property
    def ident(self) -> str:
        return need(self.raw, "contactid")

    @property
    def where(self) -> dict[str, Any]:
        channel = text(self.raw, "channel")
        return self.hook.place(self.queue, channel=channel, words=_CHANNELS, usual="phone")

    def fact(self, name: str, at: float, data: ContactData) -> Event:
        subject = text(self.raw, "initialcontactid") or self.ident
        return self.hook.event(f"{self.ident}:{name}", at, data, subject, self.version_at)

    def enqueued(self, at: float) -> Event:
        customer = self.hook.customer(text(self.raw, "customerendpoint", "address"))
        return self.fact(f"enqueued:{math.floor(at)}", at, Enqueued(**self.where, customer=customer))

    def answered(self, at: float, agent: str | None) -> Event:
        wait_s = None if self.enqueued_at is None else max(0.0, at - self.enqueued_at)
        return self.fact("answered", at, Answered(**self.where, agent=agent, wait_s=wait_s))


def _contact_event(event: dict[str, Any], hook: Hook) -> Iterator[Found]:
    detail = get(event, "detail")
    kind = text(detail, "eventtype")
    if kind in _SILENT:
        return
    if kind not in {"QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"}:
        yield unknown(kind)
        return
    queue, told_at = get(detail, "queueinfo"), when(event, "time")
    if not isinstance(detail, dict) or queue is None or text(detail, "initiationmethod") in _OUTGOING:
        return
    entered_at = when(queue, "enqueuetimestamp")
    one = _Contact(detail, hook, _tail(text(queue, "queuearn")), entered_at)
    agent = _tail(text(detail, "agentinfo", "agentarn"))
    ended_at = when(detail, "disconnecttimestamp")
    if kind == "QUEUED":
        yield one.enqueued(first_time(entered_at, told_at))
    elif kind == "CONNECTED_TO_AGENT":
        at = first_time(when(detail, "agentinfo", "connectedtoagenttimestamp"), told_at)
        yield one.answered(at, agent)
    elif kind == "COMPLETED":
        yield from _worked_after(one, first_time(ended_at, told_at))
    elif agent is None:
        yield one.fact("ended", first_time(ended_at, told_at), Abandoned(**one.where))
    else:
        yield one.fact("ended", first_time(ended_at, told_at), Completed(**one.where))


def _worked_after(one: _Contact, at: float) -> Iterator[Event]:
    began_at = when(one.raw, "agentinfo", "aftercontactworkstarttimestamp")
    ended_at = when(one.raw, "agentinfo", "aftercontactworkendtimestamp")
    if began_at is not None and ended_at is not None:
        wrap_up_s = max(0.0, ended_at - began_at)
        yield one.fact("completed", at, Completed(**one.where, wrap_up_s=wrap_up_s))


def _record(record: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """A contact record: final figures, told again whenever one changes."""
    queue = get(record, "queue")
    entered_at = when(queue, "enqueuetimestamp")
    if entered_at is None or text(record, "initiationmethod") in _OUTGOING:
        return
    version_at = when(record, "lastupdatetimestamp")
    one = _Contact(record, hook, _tail(text(queue, "arn")), entered_at, version_at)
    yield one.enqueued(entered_at)
    answered_at = when(record, "agent", "connectedtoagenttimestamp")
    ended_at = first_time(when(record, "disconnecttimestamp"))
    if answered_at is None:
        wait_s = seconds(queue, "duration")
        left_at = when(queue, "dequeuetimestamp") or ended_at
        yield one.fact("ended", left_at, Abandoned(**one.where, wait_s=wait_s))
        return
    yield one.answered(answered_at, _tail(text(record, "agent", "arn")))
    handed_on_at = when(record, "transfercompletedtimestamp")
    if handed_on_at is not None:
        yield one.fact("transferred", handed_on_at, Transferred(**one.where))
    data = Completed(
        **one.where,
        talk_s=seconds(record, "agent", "agentinteractionduration"),
        hold_s=seconds(record, "agent", "customerholdduration"),
        wrap_up_s=seconds(record, "agent", "aftercontactworkduration"),
        ended_by=text(record, "disconnectreason"),
    )
    yield one.fact("ended", ended_at, data)


def _agent_event(event: dict[str, Any], hook: Hook) -> Iterator[Event]:
    """An agent's state, queues and places; heart-beats go on for an hour after a logout, and mean nothing."""
    kind = text(event, "eventtype")
    now = get(event, "currentagentsnapshot")
    name = text(now, "agentstatus", "name") or ""
    state = "offline" if kind == "LOGOUT" else _state(now, name, hook)
    if kind == "HEART_BEAT" and state == "offline":
        return
    profile = get(now, "configuration", "routingprofile")
    data = AgentChanged(
        state=state, reason=name or None, queues=_queues(profile, hook), capacity=_places(profile) or None
    )
    at = first_time(when(event, "eventtimestamp"))
    agent = _tail(need(event, "agentarn"))
    yield hook.event(need(event, "eventid"), at, data, agent or "")


def _state(now: object, name: str, hook: Hook) -> AgentState:
    if name in hook.states:
        return hook.states[name]
    kind = text(now, "agentstatus", "type") or {"Available": "ROUTABLE", "Offline": "OFFLINE"}.get(name)
    if kind == "OFFLINE":
        return "offline"
    if kind != "ROUTABLE":
        return "not_ready"
    contacts = {text(one, "state") for one in members(now, "contacts")}
    if contacts & _MISSED:
        return "not_ready"
    if contacts & _RINGING:
        return "ringing"
    # With places left the agent can be given more; how many follows from capacity and contacts.
    if contacts & _TALKING:
        return "available" if _has_places(now) else "busy"
    return "wrap_up" if "ENDED" in contacts else "available"


def _has_places(now: object) -> bool:
    listed = members(now, "configuration", "routingprofile", "concurrency")
    return any((number(one, "availableslots") or 0.0) > 0 for one in listed)


def _places(profile: object) -> dict[Channel, int]:
    """Contacts at a time, by channel."""
    found: dict[Channel, int] = {}
    for one in members(profile, "concurrency"):
        channel = _CHANNELS.get((text(one, "channel") or "").lower())
        places = number(one, "maximumslots")
        if channel is not None and places is not None:
            found[channel] = max(found.get(channel, 0), int(places))
    return found


def _queues(profile: object, hook: Hook) -> tuple[str, ...] | None:
    """The queues the agent serves, without the agent's own; None where they are not told."""
    if get(profile, "inboundqueues") is None:
        return None
    arns = [text(one, "arn") or "" for one in members(profile, "inboundqueues")]
    tails = [_tail(arn) for arn in arns if arn and "/queue/agent/" not in arn]
    return tuple(dict.fromkeys(hook.place(tail)["queue"] for tail in tails))
