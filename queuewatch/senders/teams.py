"""Alerts to Microsoft Teams: an adaptive card to an incoming webhook or a workflow's address.

What a crash may do here: an alert may rather come twice than never. It is settled after Teams has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from queuewatch.core.decisions import AlertChanged
from queuewatch.outgoing import Bulletin, Delivery, Manner
from queuewatch.ports import Clock, SendFailedError
from queuewatch.senders.links import page_of
from queuewatch.senders.said import Said, Voice, clock_time
from queuewatch.senders.web import Line, Posting, ask, host_of, judge
from queuewatch.words.alerting import Frame

MOST_ALERTS = 20
MOST_TEXT = 2_000
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")


def escape(text: str) -> str:
    """Text within an adaptive card: nothing in it formats, links or mentions anybody."""
    plain = _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
    return plain.replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")[:MOST_TEXT]


def message(bulletin: Bulletin, board_url: str | None, voice: Voice) -> dict[str, Any]:
    """The message with its card."""
    shown = sorted(bulletin.alerts, key=lambda one: (one.phase == "resolved", one.severity != "critical"))
    some = shown[:MOST_ALERTS]
    body = [_block(escape(voice.headline(bulletin)), size="large", weight="bolder")]
    for alert, said in zip(some, voice.say_all(some), strict=True):
        body += _told(alert, said, voice.frame)
    if foot := voice.foot(bulletin, len(some)):
        body.append(_block(escape(foot), isSubtle=True))
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if board_url:
        url = page_of(board_url, bulletin)
        card["actions"] = [{"type": "Action.OpenUrl", "title": voice.frame.board, "url": url}]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _told(alert: AlertChanged, said: Said, frame: Frame) -> Iterator[dict[str, Any]]:
    """One alert: what hurts, since or until when, and what there is to know and to do."""
    when = frame.since.format(time=clock_time(alert.since_at, alert.at))
    if alert.phase == "resolved":
        when += f", {frame.until.format(time=clock_time(alert.at))}"
    yield _block(f"{said.mark} {escape(said.title)}", weight="bolder")
    yield _block(escape(when), isSubtle=True)
    facts = ((frame.now, said.hurts), (frame.helps, said.helps), (frame.why, said.reason))
    if known := [{"title": title, "value": escape(value)} for title, value in facts if value]:
        yield {"type": "FactSet", "facts": known}


def _block(text: str, **style: object) -> dict[str, Any]:
    return {"type": "TextBlock", "wrap": True, "text": text, **style}


class Teams(Posting):
    """Sends to Teams, which cannot change what was posted: small news are left out.

    Args:
        url: Of the incoming webhook or workflow; a secret.
        clock: The time.
        line: How requests go out.
        board_url: Where the board is, for the button.
        language: Of the messages; one that there are words in.
    """

    name = "teams"
    manner = Manner(kinds=frozenset(("alert",)), per_minute=30.0, burst=4, bulletins=True)

    def __init__(
        self, url: str, clock: Clock, line: Line, *, board_url: str | None = None, language: str = "en"
    ) -> None:
        self._url = url
        self._clock = clock
        self._line = line
        self._board_url = board_url
        self._voice = Voice(language)

    async def send(self, delivery: Delivery) -> str | None:
        """Post the message."""
        if delivery.bulletin is None:
            raise SendFailedError("there is no alert to send", permanent=True)
        body = msgspec.json.encode(message(delivery.bulletin, self._board_url, self._voice))
        answer = await ask(
            self._line, "POST", self._url, body=body, headers={"Content-Type": "application/json"}
        )
        judge(answer, host_of(self._url), self._clock)
        if b"HTTP error 429" in answer.body:  # an old connector says 200 and means this
            raise SendFailedError(f"{host_of(self._url)} is given too much", retry_after_s=60.0, unsure=False)
        return None

    async def probe(self) -> str:
        """Whether somebody is there; more cannot be tried without posting."""
        answer = await ask(self._line, "HEAD", self._url)
        return f"{host_of(self._url)} is there (it answered {answer.status}); nothing was posted"
