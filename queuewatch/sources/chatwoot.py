"""Chatwoot: conversations and messages, told by its account webhooks.

A conversation joins its queue when it is open (made so, handed over by a bot, or reopened), is answered when
somebody is assigned or first replies, and ends when it is resolved. `waiting_since` tells of one that was
open before anybody listened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Transferred,
)
from queuewatch.core.facts.terms import Channel
from queuewatch.ports import Refused
from queuewatch.sources.webhook import Found, Hook, parser, unknown
from queuewatch.sources.webhook_fields import first_time, get, language, members, need, priority, text, when
from queuewatch.sources.webhook_signatures import Call, bad, hexed, octets, same, stale

_PRIORITIES = {"low": -1, "medium": 1, "high": 2, "urgent": 3}
_CHANNELS: dict[str, Channel] = {"channel::email": "email", "channel::voice": "phone"}
_SILENT = frozenset(
    {
        "message_updated",
        "webwidget_triggered",
        "contact_created",
        "contact_updated",
        "inbox_created",
        "inbox_updated",
        "conversation_typing_on",
        "conversation_typing_off",
    }
)
_CONVERSATION = frozenset({"conversation_created", "conversation_updated", "conversation_status_changed"})
_OUTGOING = (1, "outgoing")
_INCOMING = (0, "incoming")
_TEMPLATE = (3, "template")
_SAME_START_S = 2.0  # `waiting_since` is set while the conversation is made
_SAME_REPLY_S = 1.0  # `first_reply_created_at` and the message's own time differ by less than a second


def verify(call: Call, secret: str) -> Refused | None:
    """`X-Chatwoot-Signature`: HMAC-SHA256 of timestamp, a full stop and the body (from version 4.11 on)."""
    stamp = call.headers.get("x-chatwoot-timestamp", "")
    shown = call.headers.get("x-chatwoot-signature", "")
    signed = octets(stamp) + b"." + call.body
    if not same(shown, f"sha256={hexed(secret, signed, 'sha256')}"):
        return bad("X-Chatwoot-Signature does not fit the body and the secret")
    return stale(call, stamp)


@parser
def parse(payload: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """What one webhook says."""
    kind = text(payload, "event")
    if kind == "message_created":
        yield from _message(payload, hook)
    elif kind in _CONVERSATION:
        yield from _conversation(payload, hook, kind)
    elif kind not in _SILENT:
        yield unknown(kind)


def _where(conversation: object, hook: Hook) -> dict[str, Any]:
    """A listed team is the queue, else the inbox."""
    team = text(conversation, "meta", "team", "id")
    return _queue(conversation, hook, team)


def _queue(conversation: object, hook: Hook, team: str | None) -> dict[str, Any]:
    listed = f"team:{team}" if team and f"team:{team}" in hook.queues else None
    inbox = text(conversation, "inbox_id")
    return hook.place(listed or inbox, channel=text(conversation, "channel"), words=_CHANNELS)


def _changes(payload: object) -> dict[str, dict[str, Any]]:
    """What changed, by attribute; Chatwoot lists one object an attribute."""
    return {
        name: change
        for one in members(payload, "changed_attributes")
        if isinstance(one, dict)
        for name, change in one.items()
        if isinstance(change, dict)
    }


def _conversation(payload: dict[str, Any], hook: Hook, kind: str) -> Iterator[Event]:
    ident = need(payload, "id")
    changes = _changes(payload)
    status = text(payload, "status")
    if kind == "conversation_created":
        at = first_time(when(payload, "created_at"), when(payload, "timestamp"))
        if status == "open":
            yield _enqueued(payload, hook, ident, at, at)
        return
    tells_status = "status" in changes or kind == "conversation_status_changed"
    if not changes and not tells_status:
        return
    at = first_time(when(payload, "updated_at"), when(payload, "timestamp"))
    was = text(changes, "status", "previous_value")
    if tells_status and was != status:
        yield from _moved(payload, hook, ident, at, was)
    if "team_id" in changes and status == "open":
        yield from _handed_on(payload, hook, ident, at, changes["team_id"])
    agent = text(changes, "assignee_id", "current_value")
    if agent is not None:
        if text(changes, "assignee_id", "previous_value") is None:
            yield from _running(payload, hook, ident, at)
        data = Answered(**_where(payload, hook), agent=hook.own(agent))
        yield hook.event(f"{ident}:answered:{agent}:{at:.3f}", at, data, hook.own(ident))


def _running(conversation: object, hook: Hook, ident: str, told_at: float) -> Iterator[Event]:
    """Since when an open conversation waits to which nobody has replied: maybe before anybody listened."""
    since = when(conversation, "waiting_since")
    replied = when(conversation, "first_reply_created_at") is not None
    if since is None or since > told_at or replied or text(conversation, "status") != "open":
        return
    created_at = when(conversation, "created_at")
    if created_at is not None and abs(since - created_at) <= _SAME_START_S:
        since = created_at
    yield _enqueued(conversation, hook, ident, since, told_at)


def _enqueued(payload: object, hook: Hook, ident: str, at: float, told_at: float) -> Event:
    sender = get(payload, "meta", "sender")
    data = Enqueued(
        **_where(payload, hook),
        customer=hook.customer(
            text(sender, "email"),
            text(sender, "phone_number"),
            text(sender, "identifier"),
            text(sender, "id"),
        ),
        language=language(payload, "additional_attributes", "conversation_language")
        or language(payload, "additional_attributes", "browser_language"),
        priority=priority(payload, "priority", words=_PRIORITIES),
    )
    return hook.begun(f"{ident}:enqueued:{at:.3f}", at, data, hook.own(ident), told_at)


def _moved(payload: object, hook: Hook, ident: str, at: float, was: str | None) -> Iterator[Event]:
    """The status changed: opened is waiting again; resolved without any reply is given up."""
    status = text(payload, "status")
    replied = when(payload, "first_reply_created_at") is not None or text(payload, "meta", "assignee", "id")
    where = _where(payload, hook)
    subject = hook.own(ident)
    if status == "open" and was in {"pending", "resolved"}:
        yield _enqueued(payload, hook, ident, at, at)
    elif status == "pending" and was == "open" and not replied:
        yield hook.event(f"{ident}:left:{at:.3f}", at, Left(**where, reason="withdrawn"), subject)
    elif status == "resolved" and (replied or not _says_who(payload)):
        yield hook.event(f"{ident}:completed:{at:.3f}", at, Completed(**where, resolved=True), subject)
    elif status == "resolved":
        yield hook.event(f"{ident}:abandoned:{at:.3f}", at, Abandoned(**where), subject)


def _says_who(payload: object) -> bool:
    """Whether a payload would say so if somebody had replied or was assigned; shorter ones do not."""
    return isinstance(payload, dict) and ("first_reply_created_at" in payload or "meta" in payload)


def _handed_on(payload: object, hook: Hook, ident: str, at: float, change: object) -> Iterator[Event]:
    """Another team; a new stay begins only where the teams are different queues."""
    before = _queue(payload, hook, text(change, "previous_value"))
    after = _queue(payload, hook, text(change, "current_value"))
    if before["queue"] == after["queue"]:
        return
    data = Transferred(**before, kind="queue", to_queue=after["queue"])
    yield hook.event(f"{ident}:transferred:{at:.3f}", at, data, hook.own(ident))
    yield _enqueued(payload, hook, ident, at, at)


def _message(payload: dict[str, Any], hook: Hook) -> Iterator[Event]:
    conversation = get(payload, "conversation")
    ident = text(conversation, "id") or need(payload, "conversation_id")
    message = need(payload, "id")
    if get(payload, "private") is True:
        return
    at = first_time(when(payload, "created_at"))
    subject = hook.own(ident)
    inbox = {"inbox_id": text(payload, "inbox", "id")}
    placed = {**inbox, **conversation} if isinstance(conversation, dict) else inbox
    where = _where(placed, hook)
    kind = get(payload, "message_type")
    author = text(payload, "sender", "type")
    if kind in _INCOMING:
        if text(placed, "meta", "assignee", "id") is None:
            yield from _running(placed, hook, ident, at)
        yield hook.event(f"message:{message}", at, MessageReceived(**where), subject)
    elif kind in _TEMPLATE or (kind in _OUTGOING and author != "user"):
        yield hook.event(f"message:{message}", at, MessageSent(**where, by="bot", automatic=True), subject)
    elif kind in _OUTGOING:
        yield hook.event(f"message:{message}", at, MessageSent(**where), subject)
        first_at = when(conversation, "first_reply_created_at") or at
        if text(placed, "meta", "assignee", "id") is None and abs(at - first_at) <= _SAME_REPLY_S:
            agent = text(payload, "sender", "id")
            data = Answered(**where, agent=None if agent is None else hook.own(agent))
            yield hook.event(f"message:{message}:answered", at, data, subject)
