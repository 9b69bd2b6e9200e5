"""Views made up for tests."""

from __future__ import annotations

from typing import Any

from queuewatch.core.view import BUCKETS_S, CountsView, HistogramView, NoticeView, QueueView, WaitView

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
