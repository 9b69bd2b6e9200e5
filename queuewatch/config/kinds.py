"""What single settings may be: text, ports, money, times, languages, words of closed lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from queuewatch.core.facts.terms import AgentState, Channel
from queuewatch.core.rules import (
    Positive,
)

Text = Annotated[str, Meta(min_length=1, description="text in quotes that is not empty")]
Line = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]+\Z", description="one line of text in quotes")]
_ATOMS = r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
MailAddress = Annotated[
    str,
    Meta(
        pattern=rf"(?a)^{_ATOMS}@({_ATOMS}|\[[!-Z^-~]+\])\Z",
        description='an address such as "support@shop.example"',
    ),
]
Host = Annotated[
    str,
    Meta(
        pattern=r"^([^\s/:@*\[\]\x00]+|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%\w+)?)$",
        description='a name or an address such as "broker.example.org" or "127.0.0.1", '
        "without scheme and port",
    ),
]
Port = Annotated[int, Meta(ge=1, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(gt=0, le=1)]
Thresholds = Annotated[tuple[Positive, ...], Meta(min_length=1)]
Money = Annotated[Decimal, Meta(description='an amount of money that is not negative, such as 10 or "7.50"')]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description='a currency such as "EUR" (ISO 4217)')]
WallTime = Annotated[str, Meta(pattern=r"^\d\d:\d\d$", description='a time such as "17:00"')]
Language = Annotated[
    str,
    Meta(pattern="^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", description='a language tag such as "en" or "de-AT"'),
]
Level = Annotated[
    str,
    Meta(
        pattern="^[^/+#\x00]+$", description='text in quotes without "/", "+" and "#", as a level of a topic'
    ),
]
OpenTimes = Annotated[
    str,
    Meta(
        pattern=r"^(closed|\d\d:\d\d-\d\d:\d\d(, ?\d\d:\d\d-\d\d:\d\d)*)$",
        description='"closed", or times such as "09:00-17:00" or "08:00-12:00, 13:00-18:00"',
    ),
]
Days = Annotated[
    dict[str, OpenTimes],
    Meta(description='a table such as { "2026-12-24" = "09:00-12:00", "2026-12-25" = "closed" }'),
]
Scope = Literal["ingest", "read", "promise", "act"]
Names = Annotated[dict[str, Text], Meta(description='a table such as { their_name = "our_name" }')]
Words = Annotated[
    dict[str, Names], Meta(description='a table such as { our_field = { their_word = "our_word" } }')
]
Channels = Annotated[
    dict[str, Channel],
    Meta(description='a table such as { their_word = "chat" }, of "phone", "chat", "email"'),
]
States = Annotated[
    dict[str, AgentState],
    Meta(
        description='a table such as { Lunch = "not_ready" }, of "offline", "available", "ringing", "busy", '
        '"wrap_up" or "not_ready"'
    ),
]
Languages = Annotated[
    dict[str, Annotated[str, Meta(pattern="^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$")]],
    Meta(description='a table such as { their_id = "de" }, of languages as BCP 47 writes them'),
]
SourceKind = Literal[
    "amazon-connect",
    "chatwoot",
    "generic-json",
    "genesys-cloud",
    "intercom",
    "rocketchat",
    "twilio",
    "zammad",
    "zendesk",
]
Auth = Literal["token", "hmac-sha256", "hmac-sha1"]
Fact = Literal[
    "contact.enqueued",
    "contact.offered",
    "contact.offer_failed",
    "contact.answered",
    "contact.abandoned",
    "contact.left",
    "contact.transferred",
    "contact.completed",
    "message.received",
    "message.sent",
    "agent.changed",
]
