"""Forecasts of past mornings: they know what was before, and no more."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from queuewatch.core.plan.calendar import number
from queuewatch.core.plan.outlook import NoForecastError
from queuewatch.planning.hindsight import foretold
from tests.core.plan.pasts import CALENDAR, MONDAY, moment, office, past

MORNINGS = [MONDAY + timedelta(days=21 + day) for day in range(2)]


def test_each_morning_tells_what_was_known_by_then() -> None:
    whole = past(4, office)
    made = list(foretold(whole, CALENDAR, 3600, MORNINGS))
    assert [one.made_at for one in made] == [moment(one) for one in MORNINGS]
    assert [one.first for one in made] == [number(one) for one in MORNINGS]
    known = [one for one in whole.intervals if one.start < moment(MORNINGS[-1])]
    blind = list(foretold(replace(whole, intervals=known), CALENDAR, 3600, MORNINGS))
    assert blind == made
    assert np.sum(made[0].table(made[0].mean)[0]) == pytest.approx(600, rel=0.1)


def test_before_the_past_begins_nothing_was_told() -> None:
    with pytest.raises(NoForecastError):
        list(foretold(past(1, office), CALENDAR, 3600, [MONDAY]))
