"""The kinds of `[sources.NAME]` that we go to and listen at, each with its own settings.

Systems that come to us by webhook share one struct, `sections.WebhookSource`. A new kind here is a struct,
its name in `FollowedSource` and `AnySource`, and a line in `queuewatch.sources.followed.KINDS`. The structs'
tag is of no use but to be told apart by msgspec; in the file it is `kind` that tells them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from queuewatch.config.kinds import Host, Level, Names, Port, Text
from queuewatch.config.secret import Secret
from queuewatch.config.sections import WebhookSource
from queuewatch.core.rules import NotNegative, Positive

Seconds = Annotated[
    dict[str, NotNegative], Meta(description="a table such as { their_queue = 10 }, of seconds from 0")
]


class AsteriskAmiSource(Struct, frozen=True, kw_only=True, tag=True):
    """`[sources.NAME]` with `kind = "asterisk-ami"`: an Asterisk, live, over its manager interface.

    `port` None: 5038, and 5039 with TLS.
    """

    kind: Literal["asterisk-ami"]
    username: Text
    secret: Secret
    host: Host = "127.0.0.1"
    port: Port | None = None
    tls: bool = False
    tls_ca: Path | None = None
    site: Level | None = None
    queues: Names = {}
    resync_s: Positive = 60.0
    ping_s: Positive = 15.0
    grace_s: Positive = 2.0
    wrap_up_s: Seconds = {}


class AsteriskQueueLogSource(Struct, frozen=True, kw_only=True, tag=True):
    """`[sources.NAME]` with `kind = "asterisk-queue-log"`: the file an Asterisk writes, followed."""

    kind: Literal["asterisk-queue-log"]
    path: Path
    site: Level | None = None
    queues: Names = {}
    poll_s: Positive = 0.5
    history_s: NotNegative | Literal["all"] = 86_400.0


class ImapSource(Struct, frozen=True, kw_only=True, tag=True):
    """`[sources.NAME]` with `kind = "imap"`: a mailbox that a team answers together.

    `port` None: 993, and 143 without TLS from the start. `queue` None: named as the source. `sent` None: the
    folders that the server marks as those of sent mail.
    """

    kind: Literal["imap"]
    host: Host
    username: Text
    password: Secret | None = None
    token_file: Path | None = None
    token_command: tuple[Text, ...] = ()
    token_url: Text | None = None
    client_id: Text | None = None
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    scope: Text | None = None
    port: Port | None = None
    tls: Literal["on", "starttls", "off"] = "on"
    tls_ca: Path | None = None
    site: Level | None = None
    queue: Text | None = None
    queues: Names = {}
    by_address: Names = {}
    folder: Text = "INBOX"
    sent: tuple[Text, ...] | None = None
    addresses: tuple[Text, ...] = ()
    lists: tuple[Text, ...] = ()
    assigned: tuple[Text, ...] = ("$Assigned",)
    poll_s: Positive = 60.0
    resync_s: Positive = 600.0
    lookback_days: Positive = 30.0


class FreeswitchSource(Struct, frozen=True, kw_only=True, tag=True):
    """`[sources.NAME]` with `kind = "freeswitch"`: mod_callcenter, live, over the event socket."""

    kind: Literal["freeswitch"]
    password: Secret
    host: Host = "127.0.0.1"
    port: Port = 8021
    tls: bool = False
    tls_ca: Path | None = None
    site: Level | None = None
    queues: Names = {}
    resync_s: Positive = 30.0


FollowedSource = AsteriskAmiSource | AsteriskQueueLogSource | FreeswitchSource | ImapSource
"""The sources that we go to."""

AnySource = WebhookSource | FollowedSource
"""All that `[sources.NAME]` may be."""
