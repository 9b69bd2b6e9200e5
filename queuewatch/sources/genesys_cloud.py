"""Genesys Cloud: conversations in queues (ACD) and agents, told through Amazon EventBridge.

`acd.start` is the joining of a queue, `acd.end` the end of the waiting, `user.*` the agent's leg.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

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
from queuewatch.core.facts.terms import AgentState, Channel
from queuewatch.sources.webhook import Found, Hook, parser, unknown
from queuewatch.sources.webhook_fields import first_time, get, members, need, number, seconds, text, when

_CONVERSATION = "v2.detail.events.conversation."
_CHANNELS: dict[str, Channel] = {
    "voice": "phone",
    "callback": "phone",
    "email": "email",
    "chat": "chat",
    "message": "chat",
}
_STATES: dict[str, AgentState] = {
    "off_queue": "not_ready",
    "idle": "available",
    "interacting": "busy",
    "communicating": "busy",
    "not_responding": "not_ready",
}
_MS = 0.001


@parser
def parse(payload: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """What one event says."""
    topic = text(payload, "detail-type") or text(payload, "detail", "topicName")
    kind = _kind(topic or "")
    tell = _TOLD.get(kind)
    body = get(payload, "detail", "eventBody")
    if tell is None:
        if not kind.startswith(_SILENT):
            yield unknown(topic)
    else:
        yield from tell(_Told(body, hook, text(payload, "id"), kind))


def _kind(topic: str) -> str:
    """`acd.start` of `v2.detail.events.conversation.{id}.acd.start`; of users, `users.routingStatus`."""
    if topic.startswith(_CONVERSATION):
        return topic.removeprefix(_CONVERSATION).partition(".")[2]
    family, _, rest = topic.removeprefix("v2.").partition(".")
    return f"{family}.{rest.partition('.')[2]}"


class _Told(Struct, frozen=True):
    """One event, with what every one has."""

    body: object
    hook: Hook
    delivery: str | None
    kind: str

    @property
    def at(self) -> float:
        return first_time(when(self.body, "eventTime"))

    @property
    def where(self) -> dict[str, Any]:
        media = text(self.body, "mediaType")
        return self.hook.place(text(self.body, "queueId"), channel=media, words=_CHANNELS)

    @property
    def is_queued(self) -> bool:
        return text(self.body, "queueId") is not None

    def fact(self, data: ContactData) -> Event:
        conversation = need(self.body, "conversationId")
        leg = text(self.body, "participantId") or ""
        ident = self.delivery or f"{conversation}:{leg}:{self.kind}:{self.at:.3f}"
        return self.hook.event(ident, self.at, data, conversation)


def _enqueued(told: _Told) -> Iterator[Event]:
    body = told.body
    known = next(iter(members(body, "conversationExternalContactIds")), None)
    customer = told.hook.customer(
        text({"it": known}, "it"),
        text(body, "ani"),
        text(body, "addressFrom"),
        text(body, "callbackUserName"),
    )
    skills = [one for one in members(body, "requestedRoutingSkillIds") if isinstance(one, str)]
    data = Enqueued(
        **told.where,
        customer=customer,
        language=told.hook.languages.get(text(body, "requestedLanguageId") or ""),
        priority=int(number(body, "routingPriority") or 0),
        skills=tuple(skills),
    )
    yield told.fact(data)


def _waited(told: _Told) -> Iterator[Event]:
    """The wait is over; its outcome says how."""
    outcome = text(told.body, "acdOutcome")
    wait_s = seconds(told.body, "connectedDurationMs", scale=_MS)
    where = told.where
    if outcome == "ANSWERED":
        yield told.fact(Answered(**where, agent=text(told.body, "answeredUserId"), wait_s=wait_s))
    elif outcome == "ABANDON":
        yield told.fact(Abandoned(**where, wait_s=wait_s))
    elif outcome == "FLOW_OUT":
        yield told.fact(Left(**where, reason="overflowed", wait_s=wait_s))
    else:
        yield told.fact(Left(**where, wait_s=wait_s))


def _ringing(told: _Told) -> Iterator[Event]:
    if told.is_queued:
        yield told.fact(Offered(**told.where, agent=text(told.body, "userId")))


def _agent_left(told: _Told) -> Iterator[Event]:
    """The agent's leg ended: it was never answered, or handed on, or the conversation is over."""
    if not told.is_queued:
        return
    where = told.where
    talk_s = seconds(told.body, "interactingDurationMs", scale=_MS)
    if not talk_s:
        yield told.fact(OfferFailed(**where, agent=text(told.body, "userId")))
    elif "TRANSFER" in (text(told.body, "disconnectType") or ""):
        yield told.fact(Transferred(**where, kind="blind"))
    else:
        hold_s = seconds(told.body, "heldDurationMs", scale=_MS)
        yield told.fact(Completed(**where, talk_s=talk_s, hold_s=hold_s))


def _worked_after(told: _Told) -> Iterator[Event]:
    if told.is_queued:
        yield told.fact(Completed(**told.where, wrap_up_s=seconds(told.body, "wrapupDurationMs", scale=_MS)))


def _user(told: _Told) -> Iterator[Event]:
    status = need(told.body, "routingStatus", "status")
    at = first_time(when(told.body, "routingStatus", "startTime"))
    agent = need(told.body, "id")
    data = AgentChanged(state=told.hook.state(status, _STATES), reason=status)
    yield told.hook.event(told.delivery or f"{agent}:{status}:{at:.3f}", at, data, agent)


_TOLD: dict[str, Callable[[_Told], Iterator[Event]]] = {
    "acd.start": _enqueued,
    "acd.end": _waited,
    "user.start": _ringing,
    "user.end": _agent_left,
    "acw": _worked_after,
    "users.routingStatus": _user,
    "users.activity": _user,
}
_SILENT = ("customer.", "flow.", "wrapup", "outbound", "voicemail.", "users.", "routing.", "analytics.")
