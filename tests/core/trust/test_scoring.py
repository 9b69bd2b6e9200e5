"""A small table, every figure by hand: three contacts, two estimators, thresholds of 60 and 180 s."""

from __future__ import annotations

from math import isnan, sqrt

import pytest

from queuewatch.core.estimate.others import AVERAGE
from queuewatch.core.estimate.place import InLine
from queuewatch.core.state.visit import Visit
from queuewatch.core.trust.scoring import Asked, Hour, Saying, Table, saying
from queuewatch.core.trust.track import Said

THRESHOLDS_S = (60.0, 180.0)
HOUR_S = 3600.0


def visit(contact: str, wait_s: float, *, answered: bool = True, at: float = 0.0) -> Visit:
    ended_at = at + wait_s
    return Visit(
        contact,
        "sales",
        1,
        "phone",
        "/pbx",
        "answered" if answered else "abandoned",
        at,
        ended_at,
        answered_at=ended_at if answered else None,
        ended_at=None if answered else ended_at,
    )


def told(mean_s: float, there: tuple[float, float]) -> Saying:
    return Saying(Said(mean_s, mean_s / 2, mean_s * 2, there, there, ranged=True), mean_s)


def asked(contact: str, ours: Saying | None, average: Saying) -> Asked:
    return Asked(("default", "sales", contact, 1), 0.0, {"ours": ours, AVERAGE: average})


AVERAGELY = told(100.0, (0.5, 0.5))
ENDED = [
    (asked("ada", told(40.0, (0.2, 0.0)), AVERAGELY), visit("ada", 50.0)),
    (asked("bob", told(200.0, (1.0, 0.6)), AVERAGELY), visit("bob", 220.0, at=HOUR_S)),
    (asked("cyd", None, AVERAGELY), visit("cyd", 90.0, answered=False, at=HOUR_S)),
]


def table() -> Table:
    return Table(THRESHOLDS_S, ENDED, lambda at: int(at // HOUR_S), at_arrival=True)


def test_the_best_at_the_first_threshold_comes_first() -> None:
    assert [score.estimator for score in table().scores()] == ["ours", AVERAGE]
    assert table().names == ("ours", AVERAGE)
    assert table().contacts == 3
    assert table().past == {"60": 2, "180": 1}


def test_who_hardly_ever_spoke_comes_last_however_right() -> None:
    silent = [
        (
            asked(f"c{number}", told(40.0, (0.0, 0.0)) if number == 1 else None, AVERAGELY),
            visit(f"c{number}", 50.0),
        )
        for number in range(1, 4)
    ]
    average, rare = Table(THRESHOLDS_S, silent, lambda at: int(at // HOUR_S), at_arrival=True).scores()
    assert (rare.estimator, rare.mostly_silent, average.mostly_silent) == ("ours", True, False)
    assert rare.brier["60"] < average.brier["60"]


def test_errors_are_over_the_answered_of_whom_it_spoke() -> None:
    ours = table().scores()[0]
    assert (ours.contacts, ours.answered, ours.no_estimate) == (2, 2, 1)
    assert ours.bias_s == pytest.approx((-10.0 - 20.0) / 2)
    assert ours.mae_s == pytest.approx(15.0)
    assert ours.rmse_s == pytest.approx(sqrt((100.0 + 400.0) / 2))
    assert (ours.coverage_80, ours.kept_90) == (1.0, 1.0)


def test_chances_are_over_all_of_whom_it_spoke() -> None:
    ours, average = table().scores()
    assert ours.brier == pytest.approx({"60": (0.04 + 0.0) / 2, "180": (0.0 + 0.16) / 2})
    assert average.brier == pytest.approx({"60": 0.25, "180": 0.25})
    assert ours.skill["60"] == pytest.approx(1 - 0.02 / 0.25)


def test_the_error_is_told_by_the_hour_in_which_they_joined() -> None:
    assert table().hours("ours") == [Hour(0, 1, 10.0), Hour(1, 1, 20.0)]


def test_reliability_counts_everybody_of_whom_it_spoke() -> None:
    assert sum(one.contacts for one in table().reliability("ours")["60"]) == 2


def test_while_waiting_nothing_is_weighted_and_a_threshold_that_was_passed_is_no_question() -> None:
    late = Asked(("default", "sales", "bob", 1), 100.0, {AVERAGE: told(150.0, (1.0, 0.5))})
    (score,) = Table(THRESHOLDS_S, [(late, visit("bob", 220.0))], lambda _: 0, at_arrival=False).scores()
    assert isnan(score.brier["60"])
    assert score.brier["180"] == pytest.approx(0.25)
    assert isnan(score.brier_offered["180"])


def test_what_is_still_to_come_is_told_as_a_whole_wait() -> None:
    line = InLine(0.0, 0.01, 0.0)
    told = saying(line, 100.0, THRESHOLDS_S)
    one = told.said
    assert one.mean_s == pytest.approx(200.0)
    assert told.median_s == 100.0 + line.quantile_s(0.5)
    assert one.over[0] == 1.0
    assert 0.0 < one.over[1] < 1.0
    assert one.ranged
