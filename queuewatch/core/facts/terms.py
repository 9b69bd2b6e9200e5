"""The words that facts and decisions are told in: channels, tiers, reasons, and what may stand for a name."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta

Channel = Literal["phone", "chat", "email"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
Tier = Literal["existing", "new"]
OfferFailure = Literal["no_answer", "refused", "busy", "withdrawn"]
LeftReason = Literal[
    "timed_out", "overflowed", "key", "empty", "full", "closed", "withdrawn", "callback", "system", "unknown"
]
TransferKind = Literal["blind", "attended", "queue"]
Author = Literal["customer", "agent", "bot"]
AgentState = Literal["offline", "available", "ringing", "busy", "wrap_up", "not_ready"]

LONGEST_NAME = 256
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]  # thirty years: more is a mistake, and sums must stay finite
Whole = Annotated[int, Meta(ge=-(2**31), lt=2**31)]  # beyond that it is no priority, place or count
