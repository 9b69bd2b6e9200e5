"""CloudEvents 1.0 over HTTP: from headers and body to events in JSON, in each of the three content modes."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import msgspec

from queuewatch.core.facts.events import Event

AtOnce = Callable[[bytes], list[Event] | None]
"""Reads a list of events in one go; None where it must be cut up, because it is broken or asks for care."""
Json = bytes | msgspec.Raw
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_check = msgspec.json.Decoder(msgspec.Raw).decode
_JSON = re.compile(r"application/(?:[^;]+\+)?json|text/json")
_ESCAPED = re.compile(r"\\(.)")
_PLAIN_CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})

TAKEN = (
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/json",
    "any type with ce-* headers",
)


class UnsupportedError(ValueError):
    """The body is of a type we do not read."""


class UnreadableError(ValueError):
    """The body is not what its type says."""


@dataclass(frozen=True)
class Message:
    """What one request carried.

    Attributes:
        events: Each event in structured JSON; none where all were read at once.
        is_batch: Whether the sender sent a list, so that answers name an index.
        known: All events of the list, where they could be read at once.
    """

    events: Sequence[Json]
    is_batch: bool
    known: Sequence[Event] | None = None

    @property
    def count(self) -> int:
        """How many events there are, read or not."""
        return len(self.events if self.known is None else self.known)


def read(
    content_type: str, headers: Mapping[str, str], body: bytes, at_once: AtOnce | None = None
) -> Message:
    """Find the events in a request.

    Args:
        content_type: The Content-Type header, with its parameters; empty where there is none.
        headers: The request's headers, names in any case that the mapping finds as `ce-…` in lower case.
        body: The body, decompressed.
        at_once: Tried on a list before it is cut into its events.

    Raises:
        UnsupportedError: No type of ours.
        UnreadableError: Broken JSON, text or header.
    """
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind.startswith("application/cloudevents"):
        if kind == "application/cloudevents-batch+json":
            return _batch(_utf8(body, parameters), at_once)
        if kind == "application/cloudevents+json":
            return Message((_utf8(body, parameters),), is_batch=False)
        raise UnsupportedError(f"events as {kind} are not read here; send {TAKEN[0]} or {TAKEN[1]}")
    if "ce-specversion" in headers or "ce-type" in headers or "ce-id" in headers:
        return Message((_binary(content_type, headers, body),), is_batch=False)
    if kind == "application/json":
        text = _utf8(body, parameters)
        return _batch(text, at_once) if text.lstrip()[:1] == b"[" else Message((text,), is_batch=False)
    what = f"a body of type {kind}" if kind else "a body without Content-Type"
    raise UnsupportedError(f"{what} is not read here; send one of: {', '.join(TAKEN)}")


def _batch(text: bytes, at_once: AtOnce | None) -> Message:
    known = at_once(text) if at_once else None
    if known is not None:
        return Message((), is_batch=True, known=known)
    try:
        return Message(_decode_list(text), is_batch=True)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableError(f"the body is not a JSON list of events: {error}") from None


def _utf8(body: bytes, parameters: str) -> bytes:
    """The text as UTF-8 without a byte order mark, whatever charset the parameters name."""
    charset = _charset(parameters)
    if charset not in _PLAIN_CHARSETS:
        try:
            body = body.decode(charset).encode()
        except LookupError:
            raise UnsupportedError(f"the charset {charset!r} is not known here; send UTF-8") from None
        except ValueError:
            raise UnreadableError(f"the body is not {charset} as its Content-Type says") from None
    return body.removeprefix(codecs.BOM_UTF8)


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


def _binary(content_type: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Binary mode: attributes from the headers, data from the body, put together as structured JSON."""
    envelope: dict[str, Any] = {}
    for name, value in headers.items():
        lowered = name.lower()
        if lowered.startswith("ce-"):
            envelope.setdefault(lowered[3:], _attribute(lowered, value))
    if content_type:
        envelope["datacontenttype"] = content_type
    if body:
        envelope["data"] = _data(content_type, body)
    return msgspec.json.encode(envelope)


def _attribute(name: str, value: str) -> str:
    """Percent-decoded; older senders quote the value as well, with a backslash before quotes."""
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    if quoted:
        value = _ESCAPED.sub(r"\1", value[1:-1])
    try:
        value = unquote(value, errors="strict")
        value.encode()
    except UnicodeError:
        raise UnreadableError(f"the header {name} is not percent-encoded UTF-8") from None
    return value


def _data(content_type: str, body: bytes) -> Any:
    """JSON goes in as it is, anything else as a string."""
    kind, _, parameters = content_type.partition(";")
    text = _utf8(body, parameters)
    if not kind or _JSON.fullmatch(kind.strip().lower()):
        try:
            return _check(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise UnreadableError(f"the body is not JSON: {error}") from None
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise UnreadableError("the body is neither JSON nor text") from None


def unpacked(event: Json) -> bytes | None:
    """The event with its `data_base64` as plain `data`; None where it carries none that holds JSON."""
    try:
        envelope = msgspec.json.decode(event, type=dict[str, msgspec.Raw])
        packed = msgspec.json.decode(envelope.pop("data_base64"), type=str)
        envelope["data"] = msgspec.Raw(_check(base64.b64decode(packed, validate=True)))
    except (KeyError, msgspec.MsgspecError, UnicodeError, binascii.Error, RecursionError):
        return None
    return msgspec.json.encode(envelope)
