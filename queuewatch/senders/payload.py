"""What programs get as JSON: decisions, notices and states; points in time as RFC 3339."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from queuewatch.core.decisions import Decision
from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.view import QueueView


class Words(Protocol):
    """A notice in words."""

    @property
    def text(self) -> str:
        """What customers may hear."""
        ...


class Wording(Protocol):
    """Says a notice in words; `queuewatch.words` is one."""

    def text(self, view: QueueView, language: str) -> Words:
        """The notice in this language (BCP 47)."""
        ...


def state_message(view: QueueView) -> bytes:
    """The queue as JSON, points in time as RFC 3339."""
    state: dict[str, Any] = msgspec.to_builtins(view)
    for holder, key in (
        (state, "at"),
        (state, "heard_at"),
        (state["notice"], "since_at"),
        (state["notice"], "until_at"),
    ):
        holder[key] = _time(holder[key])
    return msgspec.json.encode(state)


def notice_message(view: QueueView, wording: Wording, languages: Sequence[str]) -> bytes:
    """The notice in force as JSON: level, since when, why, and what to tell customers in each language."""
    return msgspec.json.encode(
        {
            "site": view.site,
            "queue": view.queue,
            "channel": view.channel,
            "level": view.notice.level,
            "since_at": _time(view.notice.since_at),
            "until_at": _time(view.notice.until_at),
            "reason": view.notice.reason,
            "text": {language: wording.text(view, language).text for language in languages},
            "at": _time(view.at),
        }
    )


def _time(at: float | None) -> str | None:
    return None if at is None else rfc3339(at)


def told(decision: Decision) -> dict[str, Any]:
    """The decision's fields; what ends in `_at`, and `at`, is a point in time."""
    fields: dict[str, Any] = msgspec.to_builtins(decision)
    return {
        name: rfc3339(value) if isinstance(value, float) and (name == "at" or name.endswith("_at")) else value
        for name, value in fields.items()
    }


def encoded(decision: Decision) -> bytes:
    """The decision as JSON."""
    return msgspec.json.encode(told(decision))
