"""Any system that sends JSON: rules in the config say which payloads matter, and where our fields stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from queuewatch.core.facts.complaint import complaint
from queuewatch.core.facts.events import AgentChanged, ContactData, ContactFact, Event
from queuewatch.ports import Refused
from queuewatch.sources.webhook import UNKNOWN_EVENT, Found, Hook, Rule, parser
from queuewatch.sources.webhook_fields import UnreadableError, first_time, get, need, text, when

FACTS: dict[str, type[msgspec.Struct]] = {
    str(fact.__struct_config__.tag): fact for fact in (*get_args(ContactData), AgentChanged)
}
"""The kinds of facts that a rule can make."""

ENVELOPE = frozenset({"id", "at", "contact", "agent", "version_at"})
"""What a rule's fields say beside the fact's own."""


@parser
def parse(payload: dict[str, Any], hook: Hook) -> Iterator[Found]:
    """What one payload becomes by the rules; all that fit are applied."""
    fitting = [rule for rule in hook.rules if _fits(rule, payload)]
    for rule in fitting:
        yield _apply(rule, payload, hook)
    if not fitting:
        yield Refused(UNKNOWN_EVENT, f"no rule of [sources.{hook.source}] is for this payload")


def _fits(rule: Rule, payload: dict[str, Any]) -> bool:
    return all((_at(payload, path) or "") in wanted.split("|") for path, wanted in rule.when.items())


def _at(payload: object, path: str) -> str | None:
    """What stands at a dotted path, as text; truth values are `true` and `false`."""
    found = _walk(payload, path)
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float):
        return f"{found:g}"
    return text({"it": found}, "it")


def _walk(payload: object, path: str) -> object:
    """What stands at a dotted path; a number is a place in a list, from 0, or from the end with a minus."""
    for step in path.split("."):
        if isinstance(payload, list):
            try:
                payload = payload[int(step)]
            except (ValueError, IndexError):
                return None
        else:
            payload = get(payload, step)
    return payload


def _apply(rule: Rule, payload: dict[str, Any], hook: Hook) -> Event:
    found: dict[str, Any] = dict(rule.values)
    for name, path in rule.fields.items():
        value = _walk(payload, path)
        words = rule.words.get(name, {})
        if value is not None:
            found[name] = words.get(_at(payload, path) or "", value)
    kind = FACTS[rule.fact]
    at = first_time(when(found, "at"))
    version_at = when(found, "version_at")
    contact = text(found, "contact")
    agent = text(found, "agent")
    subject = agent if kind is AgentChanged else contact
    if subject is None:
        raise UnreadableError("no_subject", f"a rule for {rule.fact} finds no contact or agent")
    # Without an id of its own an event is known by what it says, so that a repetition is one.
    ident = f"{rule.fact}:{text(found, 'id') or f'{subject}:{at:.3f}'}"
    data = _data(kind, found, hook)
    return hook.event(ident, at, data, hook.own(subject), version_at)


def _data(kind: type[msgspec.Struct], found: dict[str, Any], hook: Hook) -> Any:
    """The fact itself; texts that are numbers are taken as such."""
    raw = {name: value for name, value in found.items() if name not in ENVELOPE}
    if issubclass(kind, ContactFact):
        channel = text(found, "channel")
        raw |= hook.place(text(found, "queue"), channel=channel, words={"phone": "phone", "email": "email"})
        if "agent" in found and "agent" in kind.__struct_fields__:
            raw["agent"] = hook.own(need(found, "agent"))
        if raw.get("customer") is not None:
            raw["customer"] = hook.customer(text(found, "customer"))
    elif (state := text(found, "state")) is not None:
        raw["state"] = hook.states.get(state, state)
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as error:
        raise UnreadableError("bad_field", complaint(error, kind)) from None
