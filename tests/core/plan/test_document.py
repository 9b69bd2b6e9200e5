"""Tests of a plan written down."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from queuewatch.core.plan.agents import needs_of, staffed
from queuewatch.core.plan.calendar import Calendar, SpecialDay
from queuewatch.core.plan.document import Plan, plan
from queuewatch.core.plan.outlook import foresee, understand
from queuewatch.core.rules import QueueRules
from tests.core.plan.pasts import BERLIN, CALENDAR, MONDAY, moment, office, past

TODAY = MONDAY + timedelta(weeks=5)
NOW = moment(TODAY)


@pytest.fixture(scope="module")
def written() -> Plan:
    told = past(5, office)
    special = {
        TODAY: SpecialDay(label="sale", factor=1.5),
        TODAY + timedelta(days=1): SpecialDay(label="fair", like=date(2026, 6, 9)),
        TODAY + timedelta(days=2): SpecialDay(label="mailing"),
    }
    holidays = {TODAY + timedelta(days=3): "Corpus Christi"}
    calendar = replace(CALENDAR, special=special, holidays=holidays)
    outlook = foresee(understand(told, calendar, 1800, NOW, horizon_days=7), told, NOW, horizon_days=7)
    made = staffed(outlook, replace(needs_of(QueueRules(), "phone"), shrinkage=0.25))
    return plan("default", "sales", made, scheduled={int(moment(TODAY, 9)): 7})


def test_rows_are_the_open_intervals_on_the_planners_clock(written: Plan) -> None:
    first = written.rows[0]
    assert first.local == f"{TODAY} 09:00"
    assert first.at == moment(TODAY, 9)
    assert first.planned == 7
    assert written.rows[1].planned is None
    assert sum(row.local.startswith(str(TODAY)) for row in written.rows) == 16
    assert first.rostered == -(-first.agents * 4 // 3)
    assert set(first.chances) == {"60", "180"}
    assert first.low_95 <= first.low_80 <= first.contacts <= first.high_80 <= first.high_95
    assert written.zone == "Europe/Berlin"


def test_days_say_why_they_are_special(written: Plan) -> None:
    notes = [day.note for day in written.days]
    assert notes == [
        "sale, x 1.5",
        "fair, like 2026-06-09",
        "mailing",
        "closed: Corpus Christi",
        "",
        "",
        "closed",
    ]
    assert written.days[0].contacts == pytest.approx(900, rel=0.06)
    agents = [row.agents for row in written.rows if row.local.startswith(str(TODAY))]
    assert written.days[0].agent_hours == pytest.approx(sum(agents) / 2)


def test_what_it_rests_on_is_said(written: Plan) -> None:
    told = written.assumptions
    assert told.known_days == 30
    assert told.shrinkage == 0.25
    assert told.targets == ("P(wait>60)<=0.2", "P(wait>180)<=0.02", "occupancy<=0.85")
    assert told.patience_s is not None


def test_mail_has_a_deadline_and_no_chances() -> None:
    told = past(5, office, channel="email")
    outlook = foresee(understand(told, CALENDAR, 3600, NOW, horizon_days=1), told, NOW, horizon_days=1)
    written = plan("default", "mail", staffed(outlook, needs_of(QueueRules(), "email")))
    assert written.assumptions.targets[0] == "done within 0.05 open hours"
    assert written.assumptions.patience_s is None
    assert all(row.past is None and not row.chances for row in written.rows)
    assert written.promise.text.startswith("All e-mails of a single hour")


def test_what_is_promised_is_said_of_each_interval_and_of_all(written: Plan) -> None:
    told = written.promise
    held = [row.holds for row in written.rows if row.holds is not None]
    assert told.holds == pytest.approx(sum(held) / len(written.rows), abs=1e-3)
    assert told.holds is not None
    assert told.holds_safe is not None
    assert 0.5 < told.holds <= told.holds_safe <= 1.0
    assert f"in a single half hour with about {told.contacts:.3g} expected" in told.text.lower()
    assert f"in {100 * told.holds:.0f} % of cases" in told.text
    assert f"with the agents to be safe in {100 * told.holds_safe:.0f} %" in told.text


def test_nothing_is_promised_where_nobody_is_expected() -> None:
    told = past(5, office)
    sunday = TODAY - timedelta(days=1)
    known = replace(told, until=moment(sunday))
    outlook = foresee(
        understand(known, CALENDAR, 1800, moment(sunday), horizon_days=1),
        known,
        moment(sunday),
        horizon_days=1,
    )
    written = plan("default", "sales", staffed(outlook, needs_of(QueueRules(), "phone")))
    assert not written.rows
    assert (written.promise.text, written.promise.holds, written.promise.holds_safe) == ("", None, None)


@pytest.fixture(scope="module")
def young() -> Plan:
    """After one Monday, without configured hours."""
    today = MONDAY + timedelta(days=1)
    whole = past(1, office)
    told = replace(
        whole, until=moment(today), intervals=[one for one in whole.intervals if one.start < moment(today)]
    )
    model = understand(told, Calendar(zone=BERLIN), 3600, moment(today), horizon_days=7)
    outlook = foresee(model, told, moment(today), horizon_days=7)
    return plan("default", "sales", staffed(outlook, needs_of(QueueRules(), "phone")))


def test_what_was_never_seen_is_unknown_and_neither_closed_nor_zero(young: Plan) -> None:
    tuesday, monday = young.days[0], young.days[6]
    assert tuesday.note == "no history of Tuesdays yet"
    assert tuesday.contacts is tuesday.low_80 is tuesday.agent_hours is tuesday.agent_hours_safe is None
    assert monday.note == "too little history of Mondays at some times"
    assert monday.contacts == pytest.approx(600, rel=0.1)
    assert {row.why for row in young.unknown if row.local.startswith(monday.day)} == {
        "too little history of Mondays at this time"
    }
    assert len(young.unknown) == 6 * 24 + 16
    assert [row.local[11:] for row in young.rows] == [f"{hour:02}:00" for hour in range(9, 17)]
    assert [one.at for one in young.lines] == sorted(one.at for one in young.lines)
