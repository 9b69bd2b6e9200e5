"""Intercom: conversations and admins, told by its webhooks.

A conversation joins the queue of its team, is offered when it is assigned to a person, answered by the first
reply, and ends when it is closed. The statistics of one that was never replied to nor closed tell that it
waits since it was made, maybe before anybody listened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from queuewatch.core.facts.events import (
    AgentChanged,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Offered,
)
from queuewatch.core.facts.terms import AgentState
from queuewatch.sources.webhook import Found, Hook, parser, unknown
from queuewatch.sources.webhook_fields import first_time, get, language, members, need, text, when

_SAME_REPLY_S = 2.0  # `first_admin_reply_at` and the notification are stamped one after the other
_STATES: dict[str, AgentState] = {
    "admin.logged_in": "available",
    "admin.logged_out": "offline",
}


@parser
def parse(payload: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """What one notification says."""
    topic = text(payload, "topic")
    tell = _TOLD.get(topic or "")
    if tell is not None:
        yield from tell(_Told(payload, hook, topic or ""))
    elif topic not in _SILENT:
        yield unknown(topic)


class _Told(Struct, frozen=True):
    """One notification, with what every one has."""

    payload: dict[str, Any]
    hook: Hook
    topic: str

    @property
    def item(self) -> object:
        return get(self.payload, "data", "item")

    @property
    def at(self) -> float:
        return first_time(when(self.payload, "created_at"), when(self.payload, "first_sent_at"))

    @property
    def where(self) -> dict[str, Any]:
        assignee = get(self.item, "assignee")
        team = text(assignee, "id") if get(assignee, "type") == "team" else None
        return self.hook.place(text(self.item, "team_assignee_id") or team)

    @property
    def admin(self) -> str | None:
        """The person it is assigned to."""
        assignee = get(self.item, "assignee")
        named = text(assignee, "id") if get(assignee, "type") == "admin" else None
        agent = text(self.item, "admin_assignee_id") or named
        return None if agent in {None, "0"} else self.hook.own(str(agent))

    def fact(self, data: ContactData, at: float | None = None, part: str = "") -> Event:
        contact = self.hook.own(need(self.item, "id"))
        ident = need(self.payload, "id") + part
        return self.hook.event(ident, self.at if at is None else at, data, contact)

    def enqueued(self) -> Enqueued:
        item = self.item
        first = next(iter(members(item, "contacts", "contacts")), None)
        customer = self.hook.customer(
            text(item, "user", "email"),
            text(item, "source", "author", "email"),
            text(first, "id"),
            text(item, "user", "id"),
        )
        spoken = language(item, "user", "locale") or language(item, "custom_attributes", "Language")
        return Enqueued(**self.where, customer=customer, language=spoken)

    def begun(self, at: float, told_at: float | None = None) -> Event:
        """The conversation joined its queue when it was made, told by that itself or by what came later."""
        ident = need(self.item, "id")
        return self.hook.begun(f"{ident}:created", at, self.enqueued(), self.hook.own(ident), told_at)


def _created(told: _Told) -> Iterator[Event]:
    created_at = when(told.item, "created_at")
    yield told.begun(told.at if created_at is None else created_at)


def _running(told: _Told) -> Iterator[Event]:
    """The beginning of a conversation that has waited without a reply ever since."""
    statistics, created_at = get(told.item, "statistics"), when(told.item, "created_at")
    replied_at = when(statistics, "first_admin_reply_at")
    first = replied_at is None or abs(told.at - replied_at) <= _SAME_REPLY_S
    closed = when(statistics, "last_close_at") is not None
    if isinstance(statistics, dict) and created_at is not None and first and not closed:
        yield told.begun(created_at, told.at)


def _opened(told: _Told) -> Iterator[Event]:
    yield told.fact(told.enqueued())


def _received(told: _Told) -> Iterator[Event]:
    yield from _running(told)
    yield told.fact(MessageReceived(**told.where))


def _assigned(told: _Told) -> Iterator[Event]:
    yield from _running(told)
    if told.admin is not None:
        yield told.fact(Offered(**told.where, agent=told.admin))


def _replied(told: _Told) -> Iterator[Event]:
    yield from _running(told)
    yield told.fact(MessageSent(**told.where), part=":sent")
    first_at = when(told.item, "statistics", "first_admin_reply_at")
    if first_at is None or abs(told.at - first_at) <= _SAME_REPLY_S:
        parts = members(told.item, "conversation_parts", "conversation_parts")
        author = get(parts[-1], "author") if parts else None
        wrote = text(author, "id") if get(author, "type") == "admin" else None
        agent = told.admin if wrote is None else told.hook.own(wrote)
        yield told.fact(Answered(**told.where, agent=agent), part=":answered")


def _closed(told: _Told) -> Iterator[Event]:
    yield told.fact(Completed(**told.where))


def _deleted(told: _Told) -> Iterator[Event]:
    yield told.fact(Left(**told.where, reason="withdrawn"))


def _admin(told: _Told) -> Iterator[Event]:
    agent = text(told.item, "admin", "id") or need(told.item, "id")
    state = _STATES.get(told.topic)
    if state is None:
        state = "not_ready" if get(told.item, "away_mode_enabled") is True else "available"
    yield told.hook.event(need(told.payload, "id"), told.at, AgentChanged(state=state), told.hook.own(agent))


_TOLD: dict[str, Callable[[_Told], Iterator[Event]]] = {
    "conversation.user.created": _created,
    "conversation.user.replied": _received,
    "conversation.admin.assigned": _assigned,
    "conversation.admin.replied": _replied,
    "conversation.admin.closed": _closed,
    "conversation.admin.opened": _opened,
    "conversation.deleted": _deleted,
    "admin.away_mode_updated": _admin,
    "admin.logged_in": _admin,
    "admin.logged_out": _admin,
}
_SILENT = frozenset(
    {
        "ping",
        "conversation.admin.snoozed",
        "conversation.admin.unsnoozed",
        "conversation.admin.noted",
        "conversation.read",
        "conversation_part.tag.created",
    }
)
