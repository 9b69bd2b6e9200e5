"""Hours without rest are counted from what agents were seen to do."""

from __future__ import annotations

from itertools import count

from queuewatch.core.past.tiring import Served, tired
from queuewatch.core.state.visit import Visit

TEN = 1_794_182_400.0 + 10 * 3600.0
PAUSE_S = 1800.0
_numbers = count()


def served(answered_at: float, for_s: float, agent: str = "ann") -> Served:
    visit = Visit(
        contact=f"c{next(_numbers)}",
        queue="sales",
        number=1,
        channel="phone",
        source="pbx",
        stage="completed",
        enqueued_at=answered_at,
        confirmed_at=answered_at,
        agent=agent,
        answered_at=answered_at,
        ended_at=answered_at + for_s,
    )
    return "default", visit


def test_hours_in_which_people_had_no_rest_are_counted_from_half_an_hour_of_presence_on() -> None:
    (found,) = tired(
        [
            *(served(TEN + number * 600, 600.0) for number in range(6)),  # an hour without a pause
            served(TEN + 7200, 60.0),  # after a pause longer than duty
            served(TEN + 7300, 10.0, "bob"),
            served(TEN + 7250, 1000.0, "bob"),
        ],
        PAUSE_S,
    )
    assert (found.site, found.hours, found.worst_at, found.worst) == ("default", 1, TEN, 1.0)


def test_a_pause_within_duty_counts_as_presence() -> None:
    assert tired([served(TEN + number * 600, 300.0) for number in range(6)], PAUSE_S) == ()


def test_who_was_never_answered_tires_nobody() -> None:
    site, visit = served(TEN, 7200.0)
    visit.agent = None
    assert tired([(site, visit)], PAUSE_S) == ()
