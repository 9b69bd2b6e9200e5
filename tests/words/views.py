"""Queues to speak of."""

from __future__ import annotations

from queuewatch.core.facts.terms import Channel
from queuewatch.core.view import (
    BUCKETS_S,
    CountsView,
    HistogramView,
    NoEstimateReason,
    NoticeLevel,
    NoticeView,
    QueueView,
    WaitView,
)

_NOTHING = HistogramView(counts=(0,) * (len(BUCKETS_S) + 1), sum_s=0.0)


def a_queue(
    *,
    level: NoticeLevel = "busy",
    channel: Channel = "phone",
    wait_s: float | None = 250.0,
    no_estimate: NoEstimateReason | None = None,
) -> QueueView:
    """A queue whose next contact will wait at most `wait_s` nine times in ten."""
    quantiles_s = {} if wait_s is None else {"0.1": wait_s / 9, "0.5": wait_s / 3, "0.9": wait_s}
    return QueueView(
        site="default",
        queue="support",
        channel=channel,
        at=0.0,
        state="live",
        heard_at=0.0,
        waiting=3,
        oldest_wait_s=20.0,
        serving=2,
        agents={"busy": 2},
        agents_inferred=False,
        occupancy=1.0,
        past_threshold={"60": 0, "180": 0},
        next=WaitView(place=4, quantiles_s=quantiles_s, no_estimate=no_estimate),
        steady=None,
        notice=NoticeView(level=level, since_at=0.0, reason="chance"),
        counts=CountsView(
            offered=0,
            answered=0,
            abandoned=0,
            left={},
            transferred={},
            wait=_NOTHING,
            handling=_NOTHING,
            first_response=_NOTHING,
        ),
    )
