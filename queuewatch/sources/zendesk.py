"""Zendesk: tickets, messaging and agents' availability, told by its event webhooks.

A ticket joins the queue of its group, is offered when it is assigned, answered by the first public comment of
the staff (or message of an agent), and ends when it is solved. One that is still new waits since it was made,
maybe before anybody listened.
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
    Transferred,
)
from queuewatch.core.facts.terms import AgentState, Channel
from queuewatch.ports import Refused
from queuewatch.sources.webhook import Found, Hook, parser, unknown
from queuewatch.sources.webhook_fields import first_time, get, need, number, priority, text, when
from queuewatch.sources.webhook_signatures import Call, bad, based, octets, same, stale

_PREFIX = "zen:event-type:"
_PRIORITIES = {"low": -1, "high": 1, "urgent": 2}
_CHANNELS: dict[str, Channel] = {
    "mail": "email",
    "email": "email",
    "web": "email",
    "web_form": "email",
    "web_service": "email",
    "api": "email",
    "support": "email",
    "native_messaging": "chat",
    "messaging": "chat",
    "chat": "chat",
    "sunshine_conversations_api": "chat",
    "whatsapp": "chat",
    "sms": "chat",
    "voice": "phone",
    "phone": "phone",
    "talk": "phone",
}
_STATES: dict[str, AgentState] = {
    "online": "available",
    "offline": "offline",
    "away": "not_ready",
    "transfers_only": "not_ready",
}
_ENDED = frozenset({"solved", "closed"})
_NEW = "new"
"""The status of a ticket that nobody has taken up yet; it never comes back."""


def verify(call: Call, secret: str) -> Refused | None:
    """`X-Zendesk-Webhook-Signature`: HMAC-SHA256 of timestamp and body, in base64."""
    stamp = call.headers.get("x-zendesk-webhook-signature-timestamp", "")
    shown = call.headers.get("x-zendesk-webhook-signature", "")
    if not same(shown, based(secret, octets(stamp) + call.body, "sha256")):
        return bad("X-Zendesk-Webhook-Signature does not fit the body and the secret")
    return stale(call, stamp)


@parser
def parse(payload: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """What one event says."""
    kind = text(payload, "type")
    name = (kind or "").removeprefix(_PREFIX)
    tell = _TOLD.get(name)
    if tell is not None:
        yield from tell(_Told(payload, hook, name))
    elif name.partition(".")[0] not in {"ticket", "agent", "messaging_ticket"}:
        yield unknown(kind)


class _Told(Struct, frozen=True):
    """One event, with what every one has."""

    payload: dict[str, Any]
    hook: Hook
    name: str

    @property
    def at(self) -> float:
        return first_time(when(self.payload, "time"))

    @property
    def ticket(self) -> str:
        return need(self.payload, "detail", "id")

    @property
    def where(self) -> dict[str, Any]:
        return self.of_group(text(self.payload, "detail", "group_id"))

    def of_group(self, group: str | None) -> dict[str, Any]:
        usual: Channel = "chat" if self.name.startswith("messaging") else "email"
        via = text(self.payload, "detail", "via", "channel")
        return self.hook.place(group, channel=via, words=_CHANNELS, usual=usual)

    def fact(self, data: ContactData, at: float | None = None, part: str = "") -> Event:
        ident = need(self.payload, "id") + part
        return self.hook.event(ident, self.at if at is None else at, data, self.hook.own(self.ticket))

    def enqueued(self, where: dict[str, Any]) -> Enqueued:
        customer = text(self.payload, "detail", "requester_id")
        return Enqueued(
            **where,
            customer=self.hook.customer(customer and self.hook.own(customer)),
            priority=priority(self.payload, "detail", "priority", words=_PRIORITIES),
        )

    def begun(self, *, itself: bool = False) -> Event:
        """The ticket joined its queue when it was made, told by that itself or by what came later."""
        created_at = when(self.payload, "detail", "created_at")
        at = self.at if created_at is None else created_at
        data = self.enqueued(self.where)
        told_at = None if itself else self.at
        return self.hook.begun(f"{self.ticket}:created", at, data, self.hook.own(self.ticket), told_at)


def _word(payload: object, *path: str) -> str:
    return (text(payload, *path) or "").lower()


def _created(told: _Told) -> Iterator[Event]:
    if _word(told.payload, "detail", "status") not in _ENDED:
        yield told.begun(itself=True)


def _status(told: _Told) -> Iterator[Event]:
    became = _word(told.payload, "event", "current")
    was = _word(told.payload, "event", "previous")
    if was == _NEW:
        yield told.begun()
    if became in _ENDED and was not in _ENDED:
        yield told.fact(Completed(**told.where, resolved=True))
    elif was in _ENDED and became not in _ENDED:
        yield told.fact(told.enqueued(told.where))


def _put_away(told: _Told) -> Iterator[Event]:
    """Spam, deleted, or merged into another: nobody waits there any more, and nobody is served."""
    yield told.fact(Left(**told.where, reason="withdrawn"))
    if _word(told.payload, "detail", "status") not in {_NEW, ""}:
        yield told.fact(Completed(**told.where), part=":completed")


def _brought_back(told: _Told) -> Iterator[Event]:
    if _word(told.payload, "detail", "status") not in _ENDED:
        yield told.fact(told.enqueued(told.where))


def _assigned(told: _Told) -> Iterator[Event]:
    agent = text(told.payload, "event", "current")
    if agent is not None:
        yield told.fact(Offered(**told.where, agent=told.hook.own(agent)))


def _regrouped(told: _Told) -> Iterator[Event]:
    """Another group: a new stay, unless it is the first group and nothing was known before."""
    was, became = text(told.payload, "event", "previous"), text(told.payload, "event", "current")
    if became is None:
        return
    after = told.of_group(became)
    if was is None and told.hook.queue is None:
        yield told.fact(told.enqueued(after), when(told.payload, "detail", "created_at"))
        return
    before = told.of_group(was)
    if before["queue"] != after["queue"]:
        yield told.fact(Transferred(**before, kind="queue", to_queue=after["queue"]), part=":transferred")
        yield told.fact(told.enqueued(after), part=":enqueued")


def _commented(told: _Told) -> Iterator[Event]:
    comment = get(told.payload, "event", "comment")
    if get(comment, "is_public") is False:
        return
    if get(comment, "author", "is_staff") is not True:
        if _word(told.payload, "detail", "status") == _NEW:
            yield told.begun()
        yield told.fact(MessageReceived(**told.where))
        return
    yield from _replied(told, text(comment, "author", "id"))


def _messaged(told: _Told) -> Iterator[Event]:
    actor = get(told.payload, "event", "actor")
    kind = _word(actor, "type")
    if kind == "agent":
        yield from _replied(told, text(actor, "id"))
    elif kind in {"system", "bot"}:
        yield told.fact(MessageSent(**told.where, by="bot", automatic=True))
    else:
        yield told.fact(MessageReceived(**told.where))


def _replied(told: _Told, agent: str | None) -> Iterator[Event]:
    """Zendesk does not say which reply is the first; the core takes it, and counts the others as misfits."""
    agent = None if agent is None else told.hook.own(agent)
    yield told.fact(MessageSent(**told.where), part=":sent")
    yield told.fact(Answered(**told.where, agent=agent), part=":answered")


def _agent(told: _Told, data: AgentChanged) -> Event:
    at = when(told.payload, "event", "updated_at") or told.at
    agent = text(told.payload, "detail", "agent_id") or need(told.payload, "detail", "id")
    return told.hook.event(need(told.payload, "id"), at, data, told.hook.own(agent))


def _state(told: _Told) -> Iterator[Event]:
    word = text(told.payload, "event", "new_unified_state") or need(told.payload, "event", "new_state")
    yield _agent(told, AgentChanged(state=told.hook.state(word, _STATES), reason=word))


def _capacity(told: _Told) -> Iterator[Event]:
    names = ("new_max_capacity", "max_capacity", "current")
    found = [one for name in names if (one := number(told.payload, "event", name)) is not None]
    channel = text(told.payload, "event", "channel")
    if found and channel is not None:
        ours = told.hook.place("-", channel=channel, words=_CHANNELS)["channel"]
        yield _agent(told, AgentChanged(capacity={ours: int(found[0])}))


_TOLD: dict[str, Callable[[_Told], Iterator[Event]]] = {
    "ticket.created": _created,
    "ticket.status_changed": _status,
    "ticket.agent_assignment_changed": _assigned,
    "ticket.group_assignment_changed": _regrouped,
    "ticket.comment_added": _commented,
    "ticket.marked_as_spam": _put_away,
    "ticket.merged": _put_away,
    "ticket.soft_deleted": _put_away,
    "ticket.permanently_deleted": _put_away,
    "ticket.undeleted": _brought_back,
    "messaging_ticket.message_added": _messaged,
    "agent.state_changed": _state,
    "agent.unified_state_changed": _state,
    "agent.max_capacity_changed": _capacity,
}
