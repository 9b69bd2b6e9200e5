"""What the administrator decides: TOML read strictly into typed settings."""

from queuewatch.config.customers import customer_key, voucher_key
from queuewatch.config.file import load
from queuewatch.config.kinds import Scope
from queuewatch.config.read import ConfigError
from queuewatch.config.secret import Secret
from queuewatch.config.sections import (
    JOURNAL_FILE,
    Http,
    Journal,
    Mqtt,
    Notice,
    Queue,
    Service,
    SourceRule,
    Token,
    WebhookSource,
    token_hash,
)
from queuewatch.config.settings import Settings
from queuewatch.config.sources import (
    AnySource,
    AsteriskAmiSource,
    AsteriskQueueLogSource,
    FollowedSource,
    FreeswitchSource,
    ImapSource,
)

__all__ = [
    "JOURNAL_FILE",
    "AnySource",
    "AsteriskAmiSource",
    "AsteriskQueueLogSource",
    "ConfigError",
    "FollowedSource",
    "FreeswitchSource",
    "Http",
    "ImapSource",
    "Journal",
    "Mqtt",
    "Notice",
    "Queue",
    "Scope",
    "Secret",
    "Service",
    "Settings",
    "SourceRule",
    "Token",
    "WebhookSource",
    "customer_key",
    "load",
    "token_hash",
    "voucher_key",
]
