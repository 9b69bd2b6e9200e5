"""Tests of the rows of five minutes: what counts where, corrections, redials, agents, writing them down."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    SourceStopped,
)
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.state.history import BASE_S, REDIAL_S, Diary, Present, Row, summed
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import Visit
from queuewatch.core.turn import turn, wake_at
from tests.core.examples import MAIL, SALES, at, event
from tests.core.histories import histories, laws

DAY_S = 86_400.0


def lived(*facts: Event, until: float | None = None) -> Diary:
    """The diary after these facts, each recorded when it happened, and some time more."""
    core, rules = Core(), Rules()
    for fact in facts:
        live_until(core, rules, fact.at)
        turn(core, rules, fact.at, [fact])
    if until is not None:
        live_until(core, rules, at(until))
        turn(core, rules, at(until))
    return core.attention["default"].diary


def live_until(core: Core, rules: Rules, now: float) -> None:
    while (due_at := wake_at(core)) is not None and due_at <= now:
        turn(core, rules, due_at)


def total(diary: Diary, queue: str = "sales") -> Row:
    whole = Row()
    for row in diary.rows[queue].values():
        whole.add(row)
    return whole


def joins(
    seconds: float, who: str = "ada", ident: str | None = None, version_at: float | None = None, **more: Any
) -> Event:
    return event(seconds, Enqueued(**SALES, **more), who, ident, version_at=version_at)


def answers(seconds: float, who: str = "ada") -> Event:
    return event(seconds, Answered(**SALES, agent="zoe"), who)


def ends(seconds: float, who: str = "ada", **more: Any) -> Event:
    return event(seconds, Completed(**SALES, **more), who)


def gives_up(seconds: float, who: str = "ada") -> Event:
    return event(seconds, Abandoned(**SALES), who)


def test_an_answered_contact_counts_where_it_joined() -> None:
    diary = lived(joins(10.0), answers(400.0), ends(640.0, wrap_up_s=20.0))
    row = diary.rows["sales"][int(at(0.0)), 0]
    assert (row.offered, row.answered, row.abandoned, row.left) == (1, 1, 0, 0)
    assert row.waited_s == pytest.approx(390.0)
    assert row.past == {"60": 1, "180": 1}
    assert row.handled == 1
    assert row.handling_s == pytest.approx(260.0)
    assert row.handling_s2 == pytest.approx(260.0**2)


def test_a_wait_on_the_threshold_is_not_past_it() -> None:
    assert total(lived(joins(0.0), answers(60.0))).past == {}


def test_who_gave_up_and_who_left_are_told_apart() -> None:
    diary = lived(
        joins(0.0), gives_up(30.0), joins(40.0, "bob"), event(50.0, Left(**SALES, reason="key"), "bob")
    )
    row = total(diary)
    assert (row.offered, row.abandoned, row.left, row.answered) == (2, 1, 1, 0)
    assert row.waited_s == pytest.approx(40.0)


def test_a_customer_who_gave_up_and_dials_again_is_no_new_demand() -> None:
    again = lived(
        joins(0.0, customer="x"),
        gives_up(30.0),
        joins(30.0 + REDIAL_S, "bob", customer="x"),
        answers(1900.0, "bob"),
    )
    assert total(again).repeated == 1
    later = lived(joins(0.0, customer="x"), gives_up(30.0), joins(31.0 + REDIAL_S, "bob", customer="x"))
    assert total(later).repeated == 0
    other = lived(joins(0.0, customer="x"), gives_up(30.0), joins(60.0, "bob", customer="y"))
    assert total(other).repeated == 0


def test_an_end_told_late_is_set_right() -> None:
    late = event(20.0, Left(**SALES, reason="timed_out"), ident="late")
    diary = lived(joins(0.0), gives_up(30.0))
    core, rules = Core(), Rules()
    for fact in (joins(0.0), gives_up(30.0)):
        turn(core, rules, fact.at, [fact])
    turn(core, rules, at(31.0), [late])
    row = total(core.attention["default"].diary)
    assert total(diary).abandoned == 1
    assert (row.offered, row.abandoned, row.left) == (1, 0, 1)


def test_a_joining_that_turns_out_to_have_been_earlier_moves_to_its_interval() -> None:
    diary = lived(joins(310.0, ident="j"), answers(400.0), joins(290.0, ident="j", version_at=at(500.0)))
    rows = diary.rows["sales"]
    before, after = rows[int(at(0.0)), 0], rows[int(at(300.0)), 0]
    assert (before.offered, before.answered, before.waited_s) == (1, 1, 110.0)
    assert (after.offered, after.answered, after.waited_s) == (0, 0, 0.0)


def test_a_visit_that_nobody_counted_and_that_never_was_changes_nothing() -> None:
    diary, visit = Diary(), Visit("ada", "sales", 1, "phone", "/pbx", "waiting", at(0.0), at(0.0))
    diary.note(Change(visit, "waiting", None, at(1.0), revised=True), at(1.0), (60.0,))
    assert diary.rows == {}


def test_an_email_is_not_worked_on_from_its_answer_to_its_end() -> None:
    def mailed(end_s: float, **more: Any) -> Row:
        return total(
            lived(
                event(0.0, Enqueued(**MAIL)),
                event(60.0, Answered(**MAIL, agent="zoe")),
                event(end_s, Completed(**MAIL, **more)),
            ),
            "mail",
        )

    assert mailed(60.0 + DAY_S).handled == 0
    assert mailed(60.0 + DAY_S, talk_s=200.0, wrap_up_s=5.0).handling_s == pytest.approx(205.0)
    assert mailed(360.0).handling_s == pytest.approx(300.0)


def test_agents_are_looked_at_once_a_minute() -> None:
    available = AgentChanged(state="available", queues=("sales",))
    diary = lived(
        event(0.0, available, "zoe"),
        joins(60.0),
        answers(61.0),
        ends(300.0),
        joins(600.0, "bob"),
        until=900.0,
    )
    row = total(diary)
    assert row.there_s == pytest.approx(900.0)
    assert row.busy_s == pytest.approx(300.0 - 61.0)


def test_what_a_silent_source_could_not_tell_is_marked() -> None:
    diary = lived(joins(0.0), gives_up(10.0), event(60.0, SourceStopped(), ""), until=660.0)
    blind = {key[0] - int(at(0.0)): row.blind_s for key, row in diary.rows["sales"].items()}
    assert sum(blind.values()) == pytest.approx(600.0, abs=60.0)
    assert blind[BASE_S] == pytest.approx(BASE_S)


def test_what_comes_in_hours_late_is_a_part_of_its_own() -> None:
    diary = lived(joins(0.0), gives_up(10.0))
    core = Core()
    core.site("default")[1].diary = diary
    turn(core, Rules(), at(DAY_S), [joins(20.0, "late")])
    keys = sorted(core.attention["default"].diary.rows["sales"])
    assert [key[0] for key in keys] == [int(at(0.0))] * 2
    assert [one.row.offered for one in summed(diary.rows["sales"])] == [2]


def test_a_contact_that_was_forgotten_and_comes_again_counts_twice() -> None:
    first = [joins(0.0), gives_up(10.0)]
    again = joins(5000.0)
    diary = lived(*first, event(4000.0, Enqueued(**SALES), "other"), again)
    assert total(diary).offered == 3


def test_a_visit_told_as_new_leaves_what_was_counted_of_its_namesake() -> None:
    core = Core()
    turn(core, Rules(), at(0.0), [joins(0.0)])
    visit = core.sites["default"].contacts["ada"].visits[0]
    diary = core.attention["default"].diary
    diary.note(Change(visit, None, "waiting", at(1.0)), at(1.0), (60.0,))
    assert total(diary).offered == 2


def test_rows_that_were_taken_are_let_go_of_and_those_that_were_not_stay() -> None:
    facts = (joins(0.0), gives_up(10.0))
    core, rules = Core(), Rules()
    for fact in facts:
        turn(core, rules, fact.at, [fact])
    diary = core.attention["default"].diary
    taken = diary.take()
    assert [(one.queue, one.row.offered) for one in taken] == [("sales", 1)]
    assert diary.take() == []
    diary.put_back(taken)
    assert diary.take() == taken
    diary.sample(at(DAY_S), {}, lambda _: False)
    assert diary.rows["sales"] == {}
    diary.put_back(taken)
    assert diary.take() == []


def test_rows_are_held_while_a_contact_of_theirs_is_remembered() -> None:
    core = Core()
    turn(core, Rules(), at(0.0), [joins(0.0)])
    diary = core.attention["default"].diary
    diary.take()
    diary.sample(at(DAY_S), {}, lambda _: True)
    assert len(diary.rows["sales"]) == 1


def test_nobody_knows_for_ever_who_was_there() -> None:
    diary = Diary()
    diary.sample(at(0.0), {"sales": Present(at(0.0), 2.0, 1.0, blind=False)}, lambda _: True)
    diary.see("sales", Present(at(2 * 3600.0), None, 0.0, blind=False))
    row = total(diary)
    assert row.there_s == pytest.approx(2 * 3600.0)
    assert row.busy_s == pytest.approx(3600.0)
    diary.see("sales", Present(at(3 * 3600.0), None, 0.0, blind=False))
    assert total(diary).there_s == row.there_s


@laws
@given(st.lists(histories(3), max_size=4))
def test_however_it_was_told_the_diary_are_those_of_the_visits(told: list[list[Event]]) -> None:
    core, rules = Core(), Rules()
    now = at(0.0)
    for group in told:
        now += 25.0
        live_until(core, rules, now)
        turn(core, rules, now, group)
    for name, site in core.sites.items():
        visits = [visit for contact in site.contacts.values() for visit in contact.visits]
        rows = [row for parts in core.attention[name].diary.rows.values() for row in parts.values()]
        assert sum(row.offered for row in rows) == len(visits)
        assert sum(row.answered for row in rows) == sum(visit.answered_at is not None for visit in visits)
        assert sum(row.abandoned for row in rows) == sum(
            visit.stage == "abandoned" and visit.answered_at is None for visit in visits
        )


def test_a_call_back_is_work_but_no_new_demand() -> None:
    diary = lived(joins(0.0, callback=True), answers(4000.0), ends(4200.0))
    row = total(diary)
    assert (row.offered, row.repeated, row.answered, row.handled) == (1, 1, 1, 1)
    assert (row.waited_s, row.past) == (0.0, {})
