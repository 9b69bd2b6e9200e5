"""Zammad: tickets, told whole by the webhooks of its triggers.

No webhook says what happened; each holds the ticket as it is. So each tells all that the ticket knows of
itself, under the same ids, and a later one corrects an earlier one: a ticket is one stay, in its last group.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from queuewatch.core.facts.events import (
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    MessageReceived,
    MessageSent,
)
from queuewatch.core.facts.terms import Channel
from queuewatch.ports import Refused
from queuewatch.sources.webhook import Found, Hook, parser
from queuewatch.sources.webhook_fields import first_time, get, need, text, when

_CHANNELS: dict[str, Channel] = {
    "phone": "phone",
    "email": "email",
    "web": "email",
    "note": "email",
    "chat": "chat",
    "sms": "chat",
    "telegram personal-message": "chat",
    "whatsapp message": "chat",
    "facebook feed post": "chat",
    "twitter direct-message": "chat",
}
_ENDED = frozenset({"closed", "merged", "removed"})
_NOBODY = "1"


@parser
def parse(payload: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """What one webhook says."""
    ticket = get(payload, "ticket")
    if not isinstance(ticket, dict):
        yield Refused("bad_payload", 'the payload holds no "ticket"; keep the trigger\'s own payload')
        return
    yield from _ticket(ticket, hook)
    article = get(payload, "article")
    if isinstance(article, dict) and article:
        yield from _article(ticket, article, hook)


def _where(ticket: object, hook: Hook) -> dict[str, Any]:
    group = get(ticket, "group")
    name = text(group, "name") or text(ticket, "group")
    kind = text(ticket, "create_article_type")
    return hook.place(name, text(ticket, "group_id"), channel=kind, words=_CHANNELS, usual="email")


def _ticket(ticket: dict[str, Any], hook: Hook) -> Iterator[Event]:
    ident = need(ticket, "id")
    where = _where(ticket, hook)
    version_at = when(ticket, "updated_at")

    def fact(name: str, at: float, data: ContactData) -> Event:
        return hook.event(f"{ident}:{name}", at, data, hook.own(ident), version_at)

    if text(ticket, "create_article_sender") == "Agent":
        return
    customer = get(ticket, "customer")
    identifiers = (text(customer, name) for name in ("email", "phone", "mobile", "login"))
    number = text(ticket, "customer_id")
    data = Enqueued(
        **where,
        customer=hook.customer(*identifiers, number and hook.own(number)),
        priority=_priority(ticket),
    )
    yield fact("enqueued", first_time(when(ticket, "created_at")), data)
    owner = text(ticket, "owner_id")
    responded_at = when(ticket, "first_response_at")
    if responded_at is not None:
        agent = None if owner in {None, _NOBODY} else hook.own(str(owner))
        yield fact("answered", responded_at, Answered(**where, agent=agent))
    closed_at = when(ticket, "close_at")
    if closed_at is not None and _state(ticket) in _ENDED:
        yield fact("completed", closed_at, Completed(**where, resolved=True))


def _state(ticket: object) -> str:
    return (text(ticket, "state", "name") or text(ticket, "state") or "").lower()


def _priority(ticket: object) -> int:
    """`1 low`, `2 normal`, `3 high`, also where they were renamed; by number."""
    name = text(ticket, "priority", "name") or text(ticket, "priority") or ""
    first = name[:1]
    return int(first) - 2 if first in {"1", "2", "3"} else 0


def _article(ticket: object, article: dict[str, Any], hook: Hook) -> Iterator[Event]:
    if get(article, "internal") is True or text(ticket, "create_article_sender") == "Agent":
        return
    sender = text(article, "sender")
    where = _where(ticket, hook)
    data: ContactData = MessageReceived(**where)
    if sender == "Agent":
        data = MessageSent(**where)
    elif sender != "Customer":
        data = MessageSent(**where, by="bot", automatic=True)
    at = first_time(when(article, "created_at"))
    ident = f"article:{need(article, 'id')}"
    version_at = when(ticket, "updated_at")
    yield hook.event(ident, at, data, hook.own(need(ticket, "id")), version_at)
