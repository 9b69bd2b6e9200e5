"""What happened in one queue, counted from its visits."""

from __future__ import annotations

from queuewatch.core.facts.events import Abandoned, Answered, Completed, Enqueued, Left
from queuewatch.core.trust.counts import QueueCounts, counted
from tests.core.examples import SALES, event, missing, one_visit


def test_each_visit_is_offered_and_counts_by_its_end() -> None:
    joined, answered = event(0, Enqueued(**SALES)), event(5, Answered(**SALES))
    visits = [
        one_visit(joined),
        one_visit(joined, answered),
        one_visit(joined, answered, event(65, Completed(**SALES))),
        one_visit(joined, event(9, Abandoned(**SALES))),
        one_visit(joined, event(9, Left(**SALES, reason="timed_out"))),
        one_visit(joined, event(9, Left(**SALES, reason="unknown"))),
        one_visit(joined, missing(9), missing(19)),
    ]
    assert counted("default", "sales", visits) == QueueCounts(
        site="default",
        queue="sales",
        channel="phone",
        offered=7,
        answered=2,
        abandoned=1,
        left={"timed_out": 1, "unknown": 1, "lost": 1},
    )
