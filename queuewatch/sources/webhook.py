"""What webhook sources share: how they are told where things belong, and a parse that cannot fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct, field

from queuewatch.core.facts.events import Data, Event
from queuewatch.core.facts.terms import AgentState, Channel
from queuewatch.core.facts.wire import pack, unpack
from queuewatch.ports import Refused
from queuewatch.sources.reading import clip, key
from queuewatch.sources.webhook_fields import UnreadableError

Found = Event | Refused
_MOST_FIELDS = 1000
_MOST_MEMBERS = 10_000

UNKNOWN_EVENT = "unknown_event"
"""The reason under which kinds of events are counted that mean nothing to us."""


class Rule(Struct, frozen=True, kw_only=True):
    """One rule of a generic source: which payloads it is for, and what they become.

    Attributes:
        fact: The kind of fact, such as `contact.enqueued`.
        when: Path → the value it must have; several values are separated by `|`.
        fields: Our field → the path of its value.
        values: Our field → a fixed value.
        words: Our field → their word → ours.
    """

    fact: str
    when: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Hook(Struct, frozen=True, kw_only=True):
    """What a source's parse is told besides the payload.

    Attributes:
        source: The source's name; with the events' ids it makes the idempotency key.
        hash_customer: Turns a customer's identifier into its keyed hash; the identifier itself is dropped.
        site: The routing domain of the events.
        queue: The queue of all that `queues` does not list; None: under the name the system gives it.
        channel: The channel of all that neither `channels` lists nor the system tells.
        queues: The system's name or id of a queue → ours.
        channels: The system's word for a channel → ours.
        states: The system's word for an agent's state → ours.
        languages: The system's id of a language → BCP 47.
        rules: For generic sources.
    """

    source: str
    hash_customer: Callable[[str], str]
    site: str = "default"
    queue: str | None = None
    channel: Channel | None = None
    queues: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    states: Mapping[str, AgentState] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    def event(
        self, ident: str, at: float, data: Data, subject: str = "", version_at: float | None = None
    ) -> Event:
        """A fact in its envelope."""
        return Event(key(ident), self.source, at, data, subject, self.site, "", version_at)

    def begun(self, ident: str, at: float, data: Data, subject: str, told_at: float | None = None) -> Event:
        """How a conversation began: by its own beginning, or by what came `told_at`, later.

        Who starts to listen while it runs learns of its beginning so. Whatever tells it, it is one fact: what
        its own beginning says goes before, and of the rest what was told first.
        """
        later_s = 0.0 if told_at is None else max(told_at - at, 0.001)
        return self.event(ident, at, data, subject, at - later_s)

    def own(self, ident: str) -> str:
        """A contact's or agent's id that is unique only within its system, made unique within the site."""
        return f"{self.source}:{ident}"

    def place(
        self,
        *queues: str | None,
        channel: str | None = None,
        words: Mapping[str, Channel] | None = None,
        usual: Channel = "chat",
    ) -> dict[str, Any]:
        """The `queue` and `channel` of a fact.

        Args:
            queues: What the system calls the queue; its first name is ours unless the config says otherwise.
            channel: What the system calls the channel.
            words: The system's own words for channels, in lower case.
            usual: The channel where nobody says.

        Raises:
            UnreadableError: Neither payload nor config names a queue (`no_queue`).
        """
        named = [name for name in queues if name]
        listed = (self.queues[name] for name in named if name in self.queues)
        queue = next(listed, None) or self.queue or next(iter(named), None)
        if queue is None:
            raise UnreadableError(
                "no_queue", f"the payload names no queue; set queue in [sources.{self.source}]"
            )
        word = channel or ""
        ours = self.channels.get(word) or (words or {}).get(word.lower()) or self.channel or usual
        return {"queue": queue, "channel": ours}

    def state(self, word: str, words: Mapping[str, AgentState]) -> AgentState:
        """An agent's state by the config, else by the system's own words (lower case), else `not_ready`."""
        return self.states.get(word) or words.get(word.lower(), "not_ready")

    def customer(self, *identifiers: str | None) -> str | None:
        """The keyed hash of the first identifier there is."""
        given = next((one for one in identifiers if one), None)
        return None if given is None else self.hash_customer(given)


Read = Callable[[dict[str, Any], Hook], Iterator[Found]]
Parse = Callable[[object, Hook], list[Found]]


def parser(read: Read) -> Parse:
    """A parse that gives events or refusals, whatever the payload; of a list, each member by itself."""

    @wraps(read)
    def parse(payload: object, hook: Hook) -> list[Found]:
        if isinstance(payload, list):
            if len(payload) > _MOST_MEMBERS:
                return [
                    Refused("bad_payload", f"{len(payload)} payloads at once; send at most {_MOST_MEMBERS}")
                ]
            return [found for one in payload for found in _parse_one(read, one, hook)]
        return _parse_one(read, payload, hook)

    return parse


def _parse_one(read: Read, payload: object, hook: Hook) -> list[Found]:
    if not isinstance(payload, dict):
        return [Refused("bad_payload", f"the payload must be an object, not {type(payload).__name__}")]
    found: list[Found] = []
    try:
        found.extend(_sound(one) for one in read(payload, hook))
    except UnreadableError as error:
        found.append(Refused(error.reason, str(error)))
    return found


def _sound(found: Found) -> Found:
    """What is found, unless the journal could not give it back (a name too long, a negative wait)."""
    if isinstance(found, Refused):
        return found
    try:
        unpack(pack(found))
    except (msgspec.MsgspecError, UnicodeError, OverflowError) as error:
        return Refused("bad_field", f"{type(found.data).__name__}: {clip(str(error), 120)}")
    return found


def unknown(kind: str | None) -> Refused:
    """Of this kind we know nothing: counted, and no error."""
    if kind is None:
        return Refused("bad_payload", "the payload does not say what kind of event it is")
    return Refused(UNKNOWN_EVENT, f'events of the kind "{clip(kind)}" tell nothing about queues')


def decode(body: bytes, content_type: str) -> object:
    """The body of a request as JSON's own types; a form becomes an object of texts.

    Raises:
        UnreadableError: It is neither (`not_json`).
    """
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError as error:
            raise UnreadableError("not_json", f"this is no form: {clip(str(error))}") from None
        return dict(pairs)
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise UnreadableError("not_json", f"this is not JSON: {clip(str(error))}") from None
    except RecursionError:
        raise UnreadableError("not_json", "this JSON is nested too deeply") from None
