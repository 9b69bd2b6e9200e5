"""Queues to speak of."""

from __future__ import annotations

from queuewatch.core.facts.terms import Channel
from queuewatch.core.view import NoEstimateReason, NoticeLevel, NoticeView, QueueView, WaitView
from tests.views import quiet


def a_queue(
    *,
    level: NoticeLevel = "busy",
    channel: Channel = "phone",
    wait_s: float | None = 250.0,
    no_estimate: NoEstimateReason | None = None,
) -> QueueView:
    """A queue whose next contact will wait at most `wait_s` nine times in ten."""
    quantiles_s = {} if wait_s is None else {"0.1": wait_s / 9, "0.5": wait_s / 3, "0.9": wait_s}
    return quiet(
        "support",
        channel=channel,
        next=WaitView(place=4, quantiles_s=quantiles_s, no_estimate=no_estimate),
        notice=NoticeView(level=level, since_at=0.0, reason="chance"),
    )
