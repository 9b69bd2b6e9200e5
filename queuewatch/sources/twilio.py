"""Twilio TaskRouter: tasks, reservations and workers, by event callback (a form) or Event Streams.

Event Streams are CloudEvents. Both tell the same event under the same id (`EV…`), so both may be connected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import msgspec

from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    Left,
    Offered,
    OfferFailed,
    Transferred,
)
from queuewatch.core.facts.terms import AgentState, Channel, LeftReason, OfferFailure, TransferKind
from queuewatch.ports import Refused
from queuewatch.sources.webhook import Found, Hook, parser, unknown
from queuewatch.sources.webhook_fields import (
    UnreadableError,
    first_time,
    get,
    language,
    need,
    number,
    text,
    when,
)
from queuewatch.sources.webhook_signatures import Call, Digest, bad, based, octets, query, same

_PREFIX = "com.twilio.taskrouter."
_CHANNELS: dict[str, Channel] = {
    "voice": "phone",
    "default": "phone",
    "callback": "phone",
    "voicemail": "phone",
    "chat": "chat",
    "sms": "chat",
    "web": "chat",
    "whatsapp": "chat",
    "video": "chat",
    "email": "email",
}
_STATES: dict[str, AgentState] = {
    "available": "available",
    "idle": "available",
    "offline": "offline",
    "busy": "busy",
    "reserved": "ringing",
    "wrapup": "wrap_up",
    "wrap up": "wrap_up",
}
_FAILURES: dict[str, OfferFailure] = {
    "reservation.rejected": "refused",
    "reservation.timeout": "no_answer",
    "reservation.failed": "busy",
    "reservation.canceled": "withdrawn",
    "reservation.rescinded": "withdrawn",
}
_PORTS = {"http": 80, "https": 443}
_MOST_FIELDS = 1000


def verify(call: Call, secret: str) -> Refused | None:
    """`X-Twilio-Signature`: HMAC of URL and form fields, or of a URL that holds the body's hash."""
    shown = call.headers.get("x-twilio-signature", "")
    settings = call.headers.get("x-twilio-webhooks-signature-settings", "")
    digest: Digest = "sha256" if "algorithm=hmac_sha256" in settings.lower().replace(" ", "") else "sha1"
    fields = ""
    hashed = query(call.url).get("bodySHA256")
    if hashed:
        if not same(hashed[0].lower(), sha256(call.body).hexdigest()):
            return bad("bodySHA256 in the URL does not fit the body")
    else:
        fields = _signed_fields(call.body)
    fits = [same(shown, based(secret, octets(url + fields), digest)) for url in _spellings(call.url)]
    if any(fits):
        return None
    return bad("X-Twilio-Signature does not fit; url must be as Twilio calls it, and secret its auth token")


def _signed_fields(body: bytes) -> str:
    """The form's fields in the order of their names, without anything between them."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return ""
    return "".join(f"{name}{value}" for name, value in sorted(set(pairs)))


def _spellings(url: str) -> list[str]:
    """The URL with and without its port: which of them Twilio signs depends on the scheme."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or _PORTS.get(parts.scheme, 443)
    except ValueError:
        return [url]
    return [url, urlunsplit(parts._replace(netloc=host)), urlunsplit(parts._replace(netloc=f"{host}:{port}"))]


@parser
def parse(payload: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """What one event says."""
    fields = _flat(payload)
    kind = text(fields, "eventtype")
    tell = _TOLD.get(kind or "")
    if tell is None:
        if not _is_silent(kind):
            yield unknown(kind or text(payload, "type"))
        return
    ident = need(fields, "sid")
    at = first_time(when(fields, "timestampms"), when(fields, "timestamp"), when(payload, "time"))
    yield from tell(_Told(fields, hook, kind or "", ident, at))


def _flat(payload: dict[str, Any]) -> dict[str, Any]:
    """The event's fields under one spelling: `TaskSid` and `task_sid` are `tasksid`."""
    inner = get(payload, "data", "payload")
    source = inner if isinstance(inner, dict) else payload
    fields = {name.lower().replace("_", ""): value for name, value in source.items()}
    kind = text(payload, "type") or ""
    if kind.startswith(_PREFIX):
        fields.setdefault("eventtype", kind.removeprefix(_PREFIX))
        fields.setdefault("sid", text(payload, "id"))
    return fields


def _is_silent(kind: str | None) -> bool:
    """Whether an event is known, and tells nothing of its own."""
    family = (kind or "").partition(".")[0]
    return family in {"task", "workflow", "activity", "workspace", "worker", "task-queue", "task-channel"}


class _Told(msgspec.Struct, frozen=True):
    """An event's fields with what every one has."""

    fields: dict[str, Any]
    hook: Hook
    kind: str
    ident: str
    at: float

    @property
    def where(self) -> dict[str, Any]:
        fields = self.fields
        return self.hook.place(
            text(fields, "taskqueuename"),
            text(fields, "taskqueuesid"),
            channel=text(fields, "taskchanneluniquename"),
            words=_CHANNELS,
            usual="phone",
        )

    @property
    def agent(self) -> str | None:
        return text(self.fields, "workername") or text(self.fields, "workersid")

    def fact(self, data: ContactData) -> Event:
        return self.hook.event(self.ident, self.at, data, need(self.fields, "tasksid"))


def _enqueued(told: _Told) -> Iterator[Event]:
    attributes = _attributes(told.fields)
    customer = told.hook.customer(
        text(attributes, "customerAddress"),
        text(attributes, "from"),
        text(attributes, "caller"),
        text(attributes, "customers", "external_id"),
    )
    yield told.fact(
        Enqueued(
            **told.where,
            customer=customer,
            language=language(attributes, "selected_language") or language(attributes, "language"),
            priority=int(number(told.fields, "taskpriority") or 0),
        )
    )


def _attributes(fields: dict[str, Any]) -> object:
    """The task's attributes, which are JSON within a text."""
    written = fields.get("taskattributes")
    if not isinstance(written, str):
        return written
    try:
        return msgspec.json.decode(written)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _offered(told: _Told) -> Iterator[Event]:
    yield told.fact(Offered(**told.where, agent=told.agent))


def _not_taken(told: _Told) -> Iterator[Event]:
    yield told.fact(OfferFailed(**told.where, agent=told.agent, reason=_FAILURES[told.kind]))


def _answered(told: _Told) -> Iterator[Event]:
    entered_at = when(told.fields, "taskqueueentereddate")
    wait_s = None if entered_at is None else max(0.0, told.at - entered_at)
    yield told.fact(Answered(**told.where, agent=told.agent, wait_s=wait_s))


def _ended(told: _Told) -> Iterator[Event]:
    yield told.fact(Completed(**told.where))


def _canceled(told: _Told) -> Iterator[Event]:
    """Canceled before it was accepted: the customer hung up, unless the task had lived for too long."""
    reason = (text(told.fields, "taskcanceledreason") or text(told.fields, "reason") or "").lower()
    if "ttl" in reason:
        yield told.fact(Left(**told.where, reason="timed_out"))
    else:
        yield told.fact(Abandoned(**told.where))


def _overflowed(told: _Told) -> Iterator[Event]:
    """The task leaves the queue that is named; where it goes, `task-queue.entered` says."""
    reason: LeftReason = "timed_out" if told.kind == "workflow.timeout" else "overflowed"
    yield told.fact(Left(**told.where, reason=reason))


def _transferred(told: _Told) -> Iterator[Event]:
    mode = (text(told.fields, "tasktransfermode") or text(told.fields, "transfermode") or "").lower()
    to = text(told.fields, "tasktransferto") or text(told.fields, "transferto")
    to_worker = (to or "").startswith("WK")
    kind: TransferKind = "attended" if mode == "warm" else "blind" if to_worker else "queue"
    yield told.fact(
        Transferred(
            **told.where, kind=kind, to_agent=to if to_worker else None, to_queue=None if to_worker else to
        )
    )


def _worker(told: _Told) -> Iterator[Event]:
    agent = told.agent
    if agent is None:
        raise UnreadableError("bad_field", "WorkerSid is missing")
    activity = need(told.fields, "workeractivityname")
    data = AgentChanged(state=told.hook.state(activity, _STATES), reason=activity)
    yield told.hook.event(told.ident, told.at, data, agent)


def _capacity(told: _Told) -> Iterator[Event]:
    """How many tasks of a channel the worker takes at a time; none while the channel is not available."""
    agent = told.agent
    if agent is None:
        raise UnreadableError("bad_field", "WorkerSid is missing")
    fields = told.fields
    found = number(fields, "workerchannelcapacity")
    places = number(fields, "configuredcapacity") if found is None else found
    available = str(get(fields, "workerchannelavailable")).lower()
    if available == "false":
        places = 0.0
    if places is None:
        return
    channel = told.hook.place(
        "-", channel=text(fields, "taskchanneluniquename"), words=_CHANNELS, usual="phone"
    )["channel"]
    yield told.hook.event(told.ident, told.at, AgentChanged(capacity={channel: int(places)}), agent)


_TOLD: dict[str, Callable[[_Told], Iterator[Event]]] = {
    "task-queue.entered": _enqueued,
    "task-queue.moved": _overflowed,
    "task-queue.timeout": _overflowed,
    "workflow.timeout": _overflowed,
    "reservation.created": _offered,
    "reservation.accepted": _answered,
    **dict.fromkeys(_FAILURES, _not_taken),
    "reservation.wrapup": _ended,
    "reservation.completed": _ended,
    "task.wrapup": _ended,
    "task.completed": _ended,
    "task.canceled": _canceled,
    "task.transfer-completed": _transferred,
    "worker.activity.update": _worker,
    "worker.capacity.update": _capacity,
    "worker.channel.availability.update": _capacity,
}
