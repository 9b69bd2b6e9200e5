"""Events on the wire (CloudEvents 1.0 in JSON) and in the journal, there and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import repeat
from operator import attrgetter
from sys import intern
from typing import Annotated, Any, Literal, Union, get_args

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import astuple

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.complaint import complaint
from queuewatch.core.facts.events import (
    AgentChanged,
    ContactData,
    ContactFact,
    Data,
    Event,
    QueueSnapshot,
    SourceData,
    Waiting,
)
from queuewatch.core.facts.moments import instants
from queuewatch.core.facts.terms import Name

PREFIX = "queuewatch."
Time = Annotated[datetime, Meta(tz=True)]

TYPES: dict[type[Struct], str] = {fact: f"{PREFIX}{fact.__struct_config__.tag}" for fact in get_args(Data)}
"""The CloudEvents type of each kind of fact."""


class RefusedError(ValueError):
    """An event that cannot be read. `reason` is the metric's label; the text says what is wrong and where."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class _WaitingOnWire(Waiting, frozen=True, kw_only=True, gc=False):
    enqueued_at: Time | None = None  # type: ignore[assignment]  # a float in the core, RFC 3339 outside


class _SnapshotOnWire(
    QueueSnapshot, frozen=True, kw_only=True, gc=False, tag_field="fact", tag="queue.snapshot"
):
    waiting: tuple[_WaitingOnWire, ...] = ()
    as_of: Time | None = None  # type: ignore[assignment]


class _OverriddenOnWire(
    NoticeOverridden, frozen=True, kw_only=True, gc=False, tag_field="fact", tag="notice.overridden"
):
    until_at: Time | None = None  # type: ignore[assignment]


_ON_WIRE: dict[type[Struct], type[Struct]] = {
    QueueSnapshot: _SnapshotOnWire,
    NoticeOverridden: _OverriddenOnWire,
}


def _envelope(fact: type[Struct], moment: object) -> type[Struct]:
    """The CloudEvent that carries this kind of fact: one struct per type, so that one pass decodes both.

    Its `time` is a `moment`.
    """
    data = _ON_WIRE.get(fact, fact)
    needs_data = not issubclass(fact, get_args(SourceData))
    return msgspec.defstruct(
        f"{fact.__name__}Event",
        [
            ("specversion", Literal["1.0"]),
            ("id", Name),
            ("source", Name),
            ("time", moment, None),
            ("data", data) if needs_data else ("data", data, fact()),
            ("subject", str, ""),
            ("site", Name, "default"),
            ("sequence", str, ""),
            ("recordedtime", Time | None, None),
        ],
        tag_field="type",
        tag=TYPES[fact],
        frozen=True,
        gc=False,
        kw_only=True,
    )


# What lies before the epoch, or beyond what a date can be written of, is a mistake of its sender.
YEAR_9999 = 253_370_764_800.0
# Clocks and time zones are off by hours at most, seconds.
AHEAD_S = 86_400.0

CONTACT_FACTS: tuple[type[ContactFact], ...] = get_args(ContactData)
_CONTACT_FACTS = frozenset(CONTACT_FACTS)
_contact_of = attrgetter("contact")
_LONGEST_COMPLAINT = 200
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_ENVELOPES = {name: _envelope(fact, Time | None) for fact, name in TYPES.items()}
_decode_envelope = msgspec.json.Decoder(Union[tuple(_ENVELOPES.values())]).decode  # noqa: UP007
_IN_BATCH = tuple(_envelope(fact, str | None) for fact in TYPES)
_decode_batch = msgspec.json.Decoder(list[Union[_IN_BATCH]]).decode  # type: ignore[valid-type]  # noqa: UP007
# A body shorter than this holds ten events or fewer, which are read as quickly one by one.
_BATCH_BYTES = 2_500


def decode(raw: bytes | msgspec.Raw, received_at: float) -> Event:
    """Read one CloudEvent in JSON.

    Args:
        raw: The event in CloudEvents' structured JSON form.
        received_at: When it came in; stands in for a `time` that the event does not carry.

    Raises:
        RefusedError: It is no JSON (`not_json`), of an unknown type (`unknown_type`), lacks or misuses a
            field (`bad_field`), or does not say which contact or agent it is about (`no_subject`).
    """
    try:
        wire: Any = _decode_envelope(raw)
    except msgspec.ValidationError as error:
        raise _refusal(error, raw) from None
    except _BROKEN as error:
        raise _broken(error) from None
    # One call for all fields: there is an envelope per type, and Python is slow on attributes of many types.
    _, ident, source, when, data, told, site, sequence, version = astuple(wire)
    subject = told.removeprefix("contact/")
    if type(data) not in _CONTACT_FACTS or data.contact or not subject or subject == told:
        data, subject = _about(data, told)
    at = received_at if when is None else when.timestamp()
    if at < 0.0 or at >= YEAR_9999:
        raise _no_time(when)
    version_at = None if version is None else _instant(version)
    # There are few sources, and each names itself in all its events: they share one name.
    return Event(ident, intern(source), at, data, subject, site, sequence, version_at)


def decode_batch(body: bytes, latest_at: float = math.inf) -> list[Event] | None:
    """Read a JSON list of CloudEvents at once: what `decode` makes of each of them, for less.

    Args:
        body: The list.
        latest_at: None of them may lie later than this.

    Returns:
        None where the list is short, or where any of it asks for a closer look, if only for a time that is
        missing. Then each event is to be read by `decode`, which tells what is wrong.
    """
    if len(body) < _BATCH_BYTES:
        return None
    try:
        rows = list(map(astuple, _decode_batch(body)))
        if not rows:
            return []
        # Column by column, in calls that go through all events by themselves.
        _, idents, sources, times, datas, told, sites, sequences, changed = zip(*rows, strict=True)
        subjects: Sequence[str] | None = _subjects(datas, told)
        if subjects is None:
            datas, subjects = zip(*map(_about, datas, told), strict=True)
        versions = [None if one is None else _instant(one) for one in changed] if any(changed) else changed
    except (*_BROKEN, RefusedError):
        return None
    ats = instants(times)
    if ats is None or max(ats) > latest_at:
        return None
    shared = intern(sources[0])
    names = repeat(shared) if sources.count(shared) == len(sources) else map(intern, sources)
    return list(map(Event, idents, names, ats, datas, subjects, sites, sequences, versions))


def _subjects(datas: Sequence[Data], told: Sequence[str]) -> list[str] | None:
    """The ids of contacts where all facts are about contacts, and only their subjects name them."""
    try:
        if any(map(_contact_of, datas)):
            return None
    except AttributeError:  # facts about agents, queues and sources name no contact
        return None
    lines = "\n" + "\n".join(told)
    subjects = lines.split("\ncontact/")[1:]
    # Where none has a line feed of its own, there are as many ids as lines only if every line begins so.
    begin_so = lines.count("\n") == len(subjects) == len(told)
    return subjects if begin_so and all(subjects) else None


def decode_live(raw: bytes | msgspec.Raw, received_at: float) -> Event:
    """Read one CloudEvent that is told as it happens: `decode`, and it cannot be of tomorrow.

    A fact from a clock far ahead would be the latest for as long, and its contact would never grow old.

    Raises:
        RefusedError: As `decode`; or it lies more than AHEAD_S ahead (`in_the_future`).
    """
    event = decode(raw, received_at)
    if event.at > received_at + AHEAD_S:
        raise RefusedError("in_the_future", f"time is {rfc3339(event.at)}, here it is {rfc3339(received_at)}")
    return event


def _about(data: Any, told: str) -> tuple[Data, str]:
    """The fact as the core takes it, and the id of the contact or agent it is about, if it is about one."""
    kind = type(data)
    if kind in _CONTACT_FACTS:
        return data, _subject(told, "contact", data.contact)
    if kind is AgentChanged:
        return data, _subject(told, "agent", data.agent)
    return _from_wire(data), ""


def _subject(subject: str, kind: str, named: str) -> str:
    """The id of the contact or agent, from `subject` ("contact/<id>") or from the data, which must agree."""
    if not subject and named:
        return named
    prefix, _, ident = subject.partition("/")
    if prefix != kind or not ident:
        raise RefusedError("no_subject", f'subject must be "{kind}/<id>", it is "{subject}"')
    if named and named != ident:
        raise RefusedError("no_subject", f'subject names {kind} "{ident}", but data.{kind} says "{named}"')
    return ident


class _Typed(Struct, gc=False):
    """What of an event says which fields it has."""

    type: str


def _refusal(error: msgspec.ValidationError, raw: bytes | msgspec.Raw) -> RefusedError:
    """The decoder's complaint in our words; it names the path of the field (`data.queue`)."""
    try:
        told = msgspec.json.decode(raw, type=_Typed).type
    except msgspec.ValidationError as untyped:
        return RefusedError("bad_field", complaint(untyped, _Typed, "an event"))
    except _BROKEN as broken:
        return _broken(broken)
    kind = _ENVELOPES.get(told)
    if kind is None:
        known = ", ".join(sorted(TYPES.values()))
        return RefusedError("unknown_type", f"type cannot be '{_clipped(told)}'; known are {known}")
    return RefusedError("bad_field", _clipped(complaint(error, kind, "an event")))


def _broken(error: Exception) -> RefusedError:
    """It cannot be read as JSON, whatever its fields."""
    if isinstance(error, UnicodeDecodeError):
        return RefusedError("not_json", "this is not JSON: it holds bytes that are not UTF-8")
    if isinstance(error, RecursionError):
        return RefusedError("not_json", "this JSON is nested too deeply to be an event")
    return RefusedError("not_json", f"this is not JSON: {error}")


def _clipped(text: str) -> str:
    """Foreign words in a complaint, not too many of them."""
    return text if len(text) <= _LONGEST_COMPLAINT else f"{text[:_LONGEST_COMPLAINT]}…"


def _from_wire(data: Data) -> Data:
    """Facts about queues and sources bear further points in time, which are floats in the core."""
    if isinstance(data, _SnapshotOnWire):
        listed = tuple(
            Waiting(
                contact=one.contact,
                enqueued_at=_at(one.enqueued_at),
                priority=one.priority,
                position=one.position,
            )
            for one in data.waiting
        )
        return QueueSnapshot(
            queue=data.queue, channel=data.channel, waiting=listed, agents=data.agents, as_of=_at(data.as_of)
        )
    if isinstance(data, _OverriddenOnWire):
        return NoticeOverridden(queue=data.queue, level=data.level, by=data.by, until_at=_at(data.until_at))
    return data


def _at(when: object) -> float | None:
    return _instant(when) if isinstance(when, datetime) else None


def _instant(when: datetime) -> float:
    at = when.timestamp()
    if not 0.0 <= at < YEAR_9999:
        raise _no_time(when)
    return at


def _no_time(when: datetime | None) -> RefusedError:
    return RefusedError("bad_field", f"times must lie in the years 1970 to 9998, one is {when}")


def rfc3339(at: float) -> str:
    """A point in time as it is written outside: `2026-11-21T10:00:00.250000Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def to_cloudevent(event: Event) -> dict[str, Any]:
    """The event as a CloudEvent in JSON's own types; `decode` reads it back to an equal event."""
    data: dict[str, Any] = msgspec.to_builtins(event.data)
    del data["fact"]
    for holder in (data, *data.get("waiting", ())):
        for key in ("as_of", "until_at", "enqueued_at"):
            if holder.get(key) is not None:
                holder[key] = rfc3339(holder[key])
    wire: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": TYPES[type(event.data)],
        "time": rfc3339(event.at),
        "datacontenttype": "application/json",
        "data": data,
    }
    if event.subject:
        kind = "agent" if isinstance(event.data, AgentChanged) else "contact"
        wire["subject"] = f"{kind}/{event.subject}"
    if event.site != "default":
        wire["site"] = event.site
    if event.sequence:
        wire["sequence"] = event.sequence
    if event.version_at is not None:
        wire["recordedtime"] = rfc3339(event.version_at)
    return wire


class Read(tuple[Event, ...]):
    """Events as `decode` and `decode_batch` made them: they come back from the journal as they are.

    What somebody else puts together need not: a struct takes any value that Python gives it, the decoder only
    those of the field's type and range.
    """

    __slots__ = ()


_encoder = msgspec.json.Encoder()
_stored_decoder = msgspec.json.Decoder(Event)
_stored_list_decoder = msgspec.json.Decoder(list[Event])


def pack(event: Event) -> bytes:
    """The event as the journal stores it: JSON, points in time as floats."""
    return _encoder.encode(event)


def pack_all(events: Iterable[Event]) -> list[bytes]:
    """`pack` of each, in less time."""
    return list(map(_encoder.encode, events))


def unpack(stored: bytes) -> Event:
    """What `pack` made, read back."""
    return _stored_decoder.decode(stored)


def unpack_all(stored: Iterable[bytes]) -> list[Event]:
    """`unpack` of each, in less time."""
    return _stored_list_decoder.decode(b"[%b]" % b",".join(stored))
