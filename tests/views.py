"""Views made up for tests."""

from __future__ import annotations

from typing import Any

from queuewatch.core.view import (
    BUCKETS_S,
    CountsView,
    EstimateScoreView,
    HistogramView,
    NoticeView,
    PromisesView,
    QueueView,
    RiskView,
    WaitView,
)

EMPTY = HistogramView(counts=(0,) * (len(BUCKETS_S) + 1), sum_s=0.0)
NO_COUNTS = CountsView(
    offered=0,
    answered=0,
    abandoned=0,
    left={},
    transferred={},
    wait=EMPTY,
    handling=EMPTY,
    first_response=EMPTY,
)


def quiet(name: str = "quiet", *, at: float = 0.0, **changes: Any) -> QueueView:
    """A queue in which nobody waits, and of which hardly anything is known; `changes` replace fields."""
    fields: dict[str, Any] = {
        "site": "default",
        "queue": name,
        "channel": "phone",
        "at": at,
        "state": "live",
        "heard_at": at - 2.5,
        "waiting": 0,
        "oldest_wait_s": None,
        "serving": 0,
        "agents": None,
        "agents_inferred": False,
        "occupancy": None,
        "past_threshold": {"60": 0, "180": 0},
        "next": WaitView(place=1, no_estimate="too_few_data"),
        "steady": None,
        "notice": NoticeView(level="normal", since_at=None, reason="calm"),
        "counts": NO_COUNTS,
    }
    return QueueView(**fields | changes)


SCORE = EstimateScoreView(
    estimator="live",
    contacts=120.0,
    answered=90.0,
    bias_s=-3.5,
    mae_s=40.0,
    coverage_80=0.8,
    kept_90=0.91,
    brier={"60": 0.2},
    brier_offered={"60": 0.21},
    enough=True,
)
SUMMARY = PromisesView(
    told=12,
    no_estimate=1,
    outcomes={"kept": 9, "broken": 1},
    open=2,
    told_today=3,
    kept_today=2,
    broken_today=1,
    kept_share_today=2 / 3,
    waits_today=40,
    held_share_today=0.9,
    error=HistogramView(counts=(1,) * (len(BUCKETS_S) + 1), sum_s=300.0),
    estimates=(SCORE,),
)

RISK = RiskView(
    resenting=1.5, resenting_soon=2.5, giving_up=0.5, giving_up_soon=1.25, leaving_soon=1.0, own_share=0.3
)
