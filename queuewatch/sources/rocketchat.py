"""Rocket.Chat Omnichannel: rooms, told by its webhooks, which bear neither an id nor a time of their own.

Times are those of the room (created, served, closed) and of its messages; ids are made of room and time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Transferred,
)
from queuewatch.sources.webhook import Found, Hook, parser, unknown
from queuewatch.sources.webhook_fields import first_time, get, members, need, text, when
from queuewatch.sources.webhook_signatures import token

verify = token("X-RocketChat-Livechat-Token")

_HANDED_ON_S = 0.001
"""A forwarded room leaves the one this much before it joins the other: both bear one time."""


@parser
def parse(payload: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """What one webhook says."""
    kind = text(payload, "type")
    tell = _TOLD.get(kind or "")
    if tell is not None:
        yield from tell(_Told(payload, hook, need(payload, "_id")))
    elif kind not in _SILENT:
        yield unknown(kind)


class _Told(Struct, frozen=True):
    """One webhook, with what every one has."""

    room: dict[str, Any]
    hook: Hook
    ident: str

    @property
    def where(self) -> dict[str, Any]:
        return self.hook.place(text(self.room, "departmentId"))

    @property
    def served_at(self) -> float:
        return first_time(when(self.room, "servedBy", "ts"))

    @property
    def agent(self) -> str:
        return self.hook.own(need(self.room, "servedBy", "username"))

    def fact(self, name: str, at: float, data: ContactData, version_at: float | None = None) -> Event:
        return self.hook.event(f"{self.ident}:{name}", at, data, self.ident, version_at)

    def enqueued(self, name: str, at: float, where: dict[str, Any], version_at: float | None = None) -> Event:
        visitor = get(self.room, "visitor")
        mail, phone = members(visitor, "email"), members(visitor, "phone")
        customer = self.hook.customer(
            text(mail[0], "address") if mail else None,
            text(phone[0], "phoneNumber") if phone else None,
            text(visitor, "token"),
        )
        return self.fact(name, at, Enqueued(**where, customer=customer), version_at)


def _started(told: _Told) -> Iterator[Event]:
    """The room may get its department only later: what tells it later corrects this."""
    at = first_time(when(told.room, "createdAt"))
    yield told.enqueued("enqueued", at, told.where, at)


def _queued(told: _Told) -> Iterator[Event]:
    at = first_time(when(told.room, "createdAt"))
    yield told.enqueued("enqueued", at, told.where, at + _HANDED_ON_S)


def _taken(told: _Told) -> Iterator[Event]:
    at = told.served_at
    if get(told.room, "oldServedBy") is None and get(told.room, "oldDepartmentId") is None:
        created_at = first_time(when(told.room, "createdAt"))
        yield told.enqueued("enqueued", created_at, told.where, max(at, created_at + 2 * _HANDED_ON_S))
    yield told.fact(f"answered:{at:.3f}", at, Answered(**told.where, agent=told.agent))


def _forwarded(told: _Told) -> Iterator[Event]:
    """To another agent or department: one stay ends, the next begins."""
    old = text(told.room, "oldDepartmentId")
    after = told.where
    before = after if old is None else told.hook.place(old)
    served = isinstance(get(told.room, "servedBy"), dict)
    at = told.served_at if served else first_time(when(told.room, "lastMessageAt"))
    left_at = at - _HANDED_ON_S
    if before["queue"] == after["queue"]:
        handed = Transferred(**before, kind="blind", to_agent=told.agent if served else None)
    else:
        handed = Transferred(**before, kind="queue", to_queue=after["queue"])
    yield told.fact(f"transferred:{at:.3f}", left_at, handed)
    yield told.enqueued(f"enqueued:{at:.3f}", at, after)
    if served:
        yield told.fact(f"answered:{at:.3f}", at, Answered(**after, agent=told.agent))


def _closed(told: _Told) -> Iterator[Event]:
    """Closed by the visitor before anybody took it: given up."""
    at = first_time(when(told.room, "closedAt"))
    closer = text(told.room, "closer")
    if isinstance(get(told.room, "servedBy"), dict):
        yield told.fact(f"completed:{at:.3f}", at, Completed(**told.where, ended_by=closer))
    elif closer == "visitor":
        yield told.fact(f"abandoned:{at:.3f}", at, Abandoned(**told.where))
    else:
        yield told.fact(f"left:{at:.3f}", at, Left(**told.where, reason="closed"))


def _message(told: _Told) -> Iterator[Event]:
    """Only what this webhook is about; all others repeat every message there was.

    A room that nobody serves waits since it was made: maybe before anybody listened. What says so with its
    department goes before.
    """
    created_at = when(told.room, "createdAt")
    served = isinstance(get(told.room, "agent"), dict) or isinstance(get(told.room, "servedBy"), dict)
    if created_at is not None and not served and not _by_agents(told.room):
        yield told.enqueued("enqueued", created_at, told.where, created_at - _HANDED_ON_S)
    for one in members(told.room, "messages"):
        at = first_time(when(one, "ts"))
        sent = text(one, "agentId") is not None
        data: ContactData = MessageSent(**told.where) if sent else MessageReceived(**told.where)
        yield told.fact(f"message:{need(one, '_id')}", at, data)


def _by_agents(room: dict[str, Any]) -> bool:
    return any(text(one, "agentId") is not None for one in members(room, "messages"))


_TOLD: dict[str, Callable[[_Told], Iterator[Event]]] = {
    "LivechatSessionStart": _started,
    "LivechatSessionQueued": _queued,
    "LivechatSessionTaken": _taken,
    "LivechatSessionForwarded": _forwarded,
    "LivechatSession": _closed,
    "Message": _message,
}
_SILENT = frozenset({"LivechatEdit", "LeadCapture"})
