"""The senders over HTTP that the config names, made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol

from queuewatch.config import Settings
from queuewatch.config.outgoing import Slack
from queuewatch.config.secret import Secret
from queuewatch.outgoing import Sender
from queuewatch.ports import Clock
from queuewatch.senders.hook import Hook
from queuewatch.senders.issuer import HttpIssuer
from queuewatch.senders.payload import Wording
from queuewatch.senders.slack import SlackBot, SlackWebhook
from queuewatch.senders.teams import Teams
from queuewatch.senders.web import Line


class Probed(Sender, Protocol):
    """A sender that can be tried without sending anything."""

    async def probe(self) -> str:
        """Try it; says in one sentence what is well. Raises SendFailedError."""
        ...


def senders(settings: Settings, clock: Clock, wording: Wording, languages: Sequence[str]) -> Iterator[Probed]:
    """Each sender that the config names."""
    own = settings.outgoing
    line = Line(timeout_s=own.timeout_s, proxy=own.proxy)
    if settings.slack is not None:
        yield slack(settings.slack, clock, line, own.board_url)
    if settings.teams is not None:
        yield Teams(settings.teams.url.reveal(), clock, line, board_url=own.board_url)
    for name, hook in settings.hooks.items():
        yield Hook(
            name,
            hook.url.reveal(),
            _revealed(hook.secret),
            frozenset(hook.sends),
            clock,
            line=line,
            wording=wording,
            languages=languages,
        )
    if settings.issuer is not None:
        issuer = settings.issuer
        yield HttpIssuer(issuer.url.reveal(), issuer.ask_url.reveal(), _revealed(issuer.token), clock, line)


def slack(section: Slack, clock: Clock, line: Line, board_url: str | None) -> SlackBot | SlackWebhook:
    """Slack by a bot's token, or by an incoming webhook."""
    if section.token is not None:
        return SlackBot(section.token.reveal(), section.channel or "", clock, line, board_url=board_url)
    return SlackWebhook(_revealed(section.webhook_url) or "", clock, line, board_url=board_url)


def poster(section: Slack, settings: Settings, clock: Clock) -> Callable[[str], Awaitable[object]]:
    """What posts a text to Slack; raises SendFailedError."""
    own = settings.outgoing
    to = slack(section, clock, Line(timeout_s=own.timeout_s, proxy=own.proxy), own.board_url)

    async def post(text: str) -> object:
        return await to.post({"text": text})

    return post


def _revealed(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()
