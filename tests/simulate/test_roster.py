"""Rosters."""

from __future__ import annotations

import numpy as np

from queuewatch.simulate.centre import AgentPlan, Away, Centre, Shift
from queuewatch.simulate.laws import DAY_S
from queuewatch.simulate.roster import Roster, Stint, roster
from tests.simulate.centres import a_queue

H = 3600.0
MONDAY_AT = 4 * DAY_S


def stints(
    days: float = 1.0, aways: tuple[Away, ...] = (), utc_offset_s: float = 0.0, **agent: object
) -> Roster:
    plan = AgentPlan(name="ada", skills={"support": 1}, **agent)  # type: ignore[arg-type]
    centre = Centre(queues=(a_queue(),), agents=(plan,), aways=aways, utc_offset_s=utc_offset_s)
    return roster(centre, MONDAY_AT, MONDAY_AT + days * DAY_S, np.random.default_rng(1))


def hours(roster: Roster) -> list[tuple[float, float, str]]:
    return [((one.from_at - MONDAY_AT) / H, (one.to_at - MONDAY_AT) / H, one.then) for one in roster[0]]


NINE_TO_FIVE = (Shift(from_s=9 * H, to_s=17 * H, breaks=((12 * H, 13 * H),)),)


def test_a_shift_is_cut_by_its_breaks() -> None:
    assert hours(stints(shifts=NINE_TO_FIVE)) == [(9, 12, "break"), (13, 17, "")]


def test_shifts_are_local_time() -> None:
    assert hours(stints(shifts=NINE_TO_FIVE, utc_offset_s=2 * H)) == [(7, 10, "break"), (11, 15, "")]


def test_a_shift_on_some_weekdays_reaches_over_midnight_and_is_cut_at_the_ends() -> None:
    night = (Shift(from_s=20 * H, to_s=30 * H, days=(6, 0)),)
    assert hours(stints(days=2, shifts=night)) == [(0, 6, ""), (20, 30, "")]


def test_shifts_that_touch_are_one_stint() -> None:
    assert stints(days=3, shifts=(Shift(),)) == ((Stint(MONDAY_AT, MONDAY_AT + 3 * DAY_S),),)


def test_duty_inside_a_shift_adds_nothing_and_beside_it_adds_its_own() -> None:
    shift = (Shift(from_s=9 * H, to_s=17 * H),)
    duty = ((MONDAY_AT + 10 * H, MONDAY_AT + 11 * H), (MONDAY_AT + 20 * H, MONDAY_AT + 21 * H))
    assert hours(stints(shifts=shift, duty=duty)) == [(9, 17, ""), (20, 21, "")]


def test_who_is_away_comes_back_unless_the_shift_is_over() -> None:
    def away(from_h: float, to_h: float) -> tuple[Away, ...]:
        return (
            Away(agents=("ada",), from_at=MONDAY_AT + from_h * H, to_at=MONDAY_AT + to_h * H, reason="drill"),
        )

    shift = (Shift(from_s=9 * H, to_s=17 * H),)
    assert hours(stints(shifts=shift, aways=away(10, 11))) == [(9, 10, "drill"), (11, 17, "")]
    assert hours(stints(shifts=shift, aways=away(16, 18))) == [(9, 16, "")]
    assert hours(stints(shifts=shift, aways=away(8, 10))) == [(10, 17, "")]
    assert hours(stints(shifts=shift, aways=away(8, 18))) == []
    assert hours(stints(shifts=shift, aways=away(17, 18))) == [(9, 17, "")]


def test_others_outages_do_not_matter() -> None:
    away = Away(agents=("bob",), from_at=MONDAY_AT, to_at=MONDAY_AT + DAY_S)
    assert hours(stints(shifts=NINE_TO_FIVE, aways=(away,))) == hours(stints(shifts=NINE_TO_FIVE))


def test_an_ill_agent_stays_at_home() -> None:
    assert hours(stints(days=7, shifts=NINE_TO_FIVE, absence=1.0)) == []
