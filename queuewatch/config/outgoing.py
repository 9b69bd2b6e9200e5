"""Sections of the config file about what goes out, and the contradictions that they can have."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from queuewatch.config.kinds import Text
from queuewatch.config.secret import Secret
from queuewatch.core.facts.terms import Channel
from queuewatch.core.rules import Positive

WeekMoment = Annotated[
    str,
    Meta(
        pattern=r"^(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):[0-5]\d$",
        description='a weekday and a time such as "mon 08:00"',
    ),
]
Sends = Literal["notice", "alert", "incentive"]

_NAME = re.compile("[a-z0-9][a-z0-9_-]{0,63}")
_TAKEN = frozenset(("mqtt", "slack", "teams", "issuer"))


class Outgoing(Struct, frozen=True, kw_only=True):
    """`[outgoing]`: what all that goes out over HTTP has in common."""

    board_url: Text | None = None
    proxy: Text | None = None
    timeout_s: Positive = 10.0


class Slack(Struct, frozen=True, kw_only=True):
    """`[slack]`: alerts to Slack, by an incoming webhook or by a bot that can change what it said.

    `digest`: when it gets the digest of the week; None: never.
    """

    webhook_url: Secret | None = None
    token: Secret | None = None
    channel: Text | None = None
    digest: WeekMoment | None = None


class Teams(Struct, frozen=True, kw_only=True):
    """`[teams]`: alerts to Microsoft Teams."""

    url: Secret


class Hook(Struct, frozen=True, kw_only=True):
    """`[hooks.NAME]`: what was decided, as JSON to any address."""

    url: Secret
    secret: Secret | None = None
    sends: Annotated[tuple[Sends, ...], Meta(min_length=1)] = ("alert", "incentive")


class Issuer(Struct, frozen=True, kw_only=True):
    """`[issuer]`: who issues vouchers outside; without it they are our own."""

    url: Secret
    ask_url: Secret
    token: Secret | None = None


class Banner(Struct, frozen=True, kw_only=True):
    """`[banner]`: the pages that may show notices by `/banner.js`."""

    origins: tuple[Text, ...] = ()


class AlternativesSection(Struct, frozen=True, kw_only=True):
    """`[alternatives]` and `[queues."NAME".alternatives]`: what else customers of a busy queue can do."""

    callback: bool = False
    self_service: Text | None = None
    channels: tuple[Channel, ...] = ()


def complaints(
    outgoing: Outgoing,
    slack: Slack | None,
    teams: Teams | None,
    hooks: dict[str, Hook],
    issuer: Issuer | None,
) -> Iterator[str]:
    """What contradicts itself or cannot be used, each in one sentence with its key and the cure."""
    urls: list[tuple[str, str | None]] = [
        ("outgoing.board_url", outgoing.board_url),
        ("outgoing.proxy", outgoing.proxy),
    ]
    if slack is not None:
        yield from _about_slack(slack)
        urls.append(("slack.webhook_url", _shown(slack.webhook_url)))
    if teams is not None:
        urls.append(("teams.url", teams.url.reveal()))
    for name, hook in hooks.items():
        if not _NAME.fullmatch(name) or name in _TAKEN:
            yield (
                f'hooks."{name}" cannot be the name of a sender; use small letters, digits, "-" and "_", '
                f"and none of {', '.join(sorted(_TAKEN))}"
            )
        urls.append((f"hooks.{name}.url", hook.url.reveal()))
        yield from _about_secret(name, hook)
    if issuer is not None:
        urls += [("issuer.url", issuer.url.reveal()), ("issuer.ask_url", issuer.ask_url.reveal())]
        if "{key}" not in issuer.ask_url.reveal():
            yield (
                "issuer.ask_url has no {key} in it, so nobody could ask about one voucher; write it such as "
                '"https://vouchers.example/vouchers/{key}"'
            )
    for key, url in urls:
        if url is not None and not _is_url(url):
            yield f'{key} is no address; write one such as "https://name.example/path"'


def _about_secret(name: str, hook: Hook) -> Iterator[str]:
    secret = _shown(hook.secret) or ""
    if secret.startswith("whsec_"):
        try:
            base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            yield f'hooks.{name}.secret begins with "whsec_", but what follows is no base64; copy it whole'


def about_origins(banner: Banner) -> Iterator[str]:
    """Origins that no browser would send."""
    for origin in banner.origins:
        if not _is_url(origin) or origin.count("/") != 2:  # noqa: PLR2004  # those of the scheme
            yield (
                f'banner.origins has "{origin}", which is no origin; '
                'write one such as "https://help.example", without a path'
            )


def _about_slack(slack: Slack) -> Iterator[str]:
    if (slack.webhook_url is None) == (slack.token is None):
        yield (
            "slack needs either webhook_url, or token and channel; "
            "with a bot's token the message is changed in place"
        )
    if slack.token is not None and slack.channel is None:
        yield 'slack.token is set without slack.channel; name the channel, such as channel = "C0123456789"'
    if slack.webhook_url is not None and slack.channel is not None:
        yield "slack.channel is for a bot's token; an incoming webhook has its own, so remove it"


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def _shown(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()
