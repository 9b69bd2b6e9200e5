"""The senders over HTTP that the config names, made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from queuewatch.config import Settings
from queuewatch.config.outgoing import Slack
from queuewatch.config.secret import Secret
from queuewatch.outgoing import Sender
from queuewatch.ports import Clock
from queuewatch.senders.hook import Hook
from queuewatch.senders.issuer import HttpIssuer
from queuewatch.senders.payload import Wording
from queuewatch.senders.teams import Teams
from queuewatch.senders.web import Line
from queuewatch.words import available, negotiate

if TYPE_CHECKING:
    from queuewatch.senders.slack import SlackBot, SlackWebhook


class Probed(Sender, Protocol):
    """A sender that can be tried without sending anything."""

    async def probe(self) -> str:
        """Try it; says in one sentence what is well. Raises SendFailedError."""
        ...


def senders(settings: Settings, clock: Clock, wording: Wording, languages: Sequence[str]) -> Iterator[Probed]:
    """Each sender that the config names."""
    own = settings.outgoing
    line = Line(timeout_s=own.timeout_s, proxy=own.proxy)
    language = _alert_language(settings)
    if settings.slack is not None:
        yield slack(settings.slack, clock, line, own.board_url, language)
    if settings.teams is not None:
        url = settings.teams.url.reveal()
        yield Teams(url, clock, line, board_url=own.board_url, language=language)
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


def slack(
    section: Slack, clock: Clock, line: Line, board_url: str | None, language: str
) -> SlackBot | SlackWebhook:
    """Slack by a bot's token, or by an incoming webhook."""
    from queuewatch.senders.slack import SlackBot, SlackWebhook  # noqa: PLC0415  # Slack's SDK is slow to load

    if section.token is not None:
        token, channel = section.token.reveal(), section.channel or ""
        return SlackBot(token, channel, clock, line, board_url=board_url, language=language)
    url = _revealed(section.webhook_url) or ""
    return SlackWebhook(url, clock, line, board_url=board_url, language=language)


def _alert_language(settings: Settings) -> str:
    """The language a team is spoken to in: its own, or the house's; one that there are words in."""
    wanted = settings.alerts.language or settings.notice.default_language
    return negotiate(wanted, available(), "en")


def poster(section: Slack, settings: Settings, clock: Clock) -> Callable[[str], Awaitable[object]]:
    """What posts a text to Slack; raises SendFailedError."""
    own = settings.outgoing
    line = Line(timeout_s=own.timeout_s, proxy=own.proxy)
    to = slack(section, clock, line, own.board_url, _alert_language(settings))

    async def post(text: str) -> object:
        return await to.post({"text": text})

    return post


def _revealed(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()
