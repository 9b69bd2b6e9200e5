"""Tests of how long contacts take and customers wait."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from queuewatch.core.plan.series import line
from queuewatch.core.plan.service import service
from queuewatch.core.state.history import Interval, QueueHistory, Row
from tests.core.plan.pasts import CALENDAR, MONDAY, moment, office, past

NOW = moment(MONDAY + timedelta(weeks=4))


def test_the_past_tells_both() -> None:
    """Five minutes each; 54 wait 20 s and 6 a minute for each 6 who give up: 240 s."""
    told = past(4, office)
    found = service(line(told), CALENDAR, 1800, NOW)
    np.testing.assert_allclose(found.handling_s, 300.0)
    assert found.contacts == sum(one.row.handled for one in told.intervals)
    waited = sum(one.row.waited_s for one in told.intervals)
    assert found.patience_s == pytest.approx(waited / sum(one.row.abandoned for one in told.intervals))


def test_an_hour_of_its_own_is_heard_more_the_more_contacts_speak_for_it() -> None:
    told = past(4, office)
    monday = [replace(one, row=_slower(one)) if _monday_at_ten(one) else one for one in told.intervals]
    found = service(line(replace(told, intervals=monday)), CALENDAR, 1800, NOW)
    assert 400.0 < found.handling_s[0, 20] < 600.0
    assert found.handling_s[0, 20] > found.handling_s[1, 20] > found.handling_s[1, 24]


def _monday_at_ten(one: Interval) -> bool:
    return any(
        moment(MONDAY + timedelta(weeks=week), 10) <= one.start < moment(MONDAY + timedelta(weeks=week), 11)
        for week in range(4)
    )


def _slower(one: Interval) -> Row:
    row = Row()
    row.add(one.row)
    row.handling_s *= 2.0
    return row


def test_without_a_past_it_is_five_minutes_and_nobody_hangs_up() -> None:
    none = QueueHistory(channel="phone", intervals=[], since=NOW, until=NOW)
    found = service(line(none), CALENDAR, 3600, NOW)
    assert (found.handling_s == 300.0).all()
    assert found.patience_s == np.inf
    assert found.contacts == 0


def test_who_gave_up_without_a_known_wait_tells_nothing() -> None:
    rows = [Interval(int(moment(MONDAY, 9)), Row(offered=50, abandoned=50))]
    told = QueueHistory(channel="phone", intervals=rows, since=moment(MONDAY), until=moment(MONDAY, 24))
    assert service(line(told), CALENDAR, 3600, moment(MONDAY, 24)).patience_s == np.inf


def test_how_uneven_handling_is_comes_from_the_sum_of_the_squares() -> None:
    """The mean of the squares is twice the square of the mean: exponential."""
    told = past(4, office)
    assert service(line(told), CALENDAR, 1800, NOW).handling_cv2 == pytest.approx(1.0)
    even = [replace(one, row=_with_squares(one, 1.5)) for one in told.intervals]
    assert service(line(replace(told, intervals=even)), CALENDAR, 1800, NOW).handling_cv2 == pytest.approx(
        0.5
    )


@pytest.mark.parametrize(("times", "believed"), [(1.0, 0.25), (50.0, 4.0), (0.0, 1.0)])
def test_what_cannot_be_or_was_not_told_is_not_believed(times: float, believed: float) -> None:
    told = past(4, office)
    odd = [replace(one, row=_with_squares(one, times)) for one in told.intervals]
    assert service(line(replace(told, intervals=odd)), CALENDAR, 1800, NOW).handling_cv2 == believed


def test_few_contacts_do_not_tell_how_uneven_they_are() -> None:
    one = Interval(int(moment(MONDAY, 9)), Row(offered=199, handled=199, handling_s=199.0, handling_s2=398.0))
    told = QueueHistory(channel="phone", intervals=[one], since=moment(MONDAY), until=moment(MONDAY, 24))
    assert service(line(told), CALENDAR, 3600, moment(MONDAY, 24)).handling_cv2 == 1.0


def _with_squares(one: Interval, times: float) -> Row:
    row = Row()
    row.add(one.row)
    row.handling_s2 = times * row.handling_s**2 / row.handled
    return row
