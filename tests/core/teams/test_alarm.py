"""One alarm with its hold times: raised, critical, over, and back again."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from queuewatch.core.teams.alarm import CRITICAL, Alarm, Facts, Manner, Want
from tests.core.examples import at

MANNER = Manner(hold_s=60.0, end_hold_s=30.0, critical_after_s=300.0, reopen_s=100.0)
FACTS = Facts(subject="sales", reason="very_busy")


def alarm(manner: Manner = MANNER) -> Alarm:
    return Alarm(kind="queue_busy", manner=manner, facts=FACTS)


def asks(one: Alarm, seconds: float, want: Want, facts: Facts = FACTS) -> None:
    one.ask(want, facts, one.manner, at(seconds))


def steps(one: Alarm, seconds: float) -> tuple[str, str] | None:
    return one.step("default", at(seconds))


def test_an_alarm_that_nobody_asks_for_is_never_due() -> None:
    one = alarm()
    assert (one.due_at(), steps(one, 1e6)) == (None, None)


def test_an_alarm_is_raised_after_its_hold_time_and_critical_and_over_after_theirs() -> None:
    one = alarm()
    asks(one, 0, 1)
    assert (one.due_at(), steps(one, 59.999)) == (at(60), None)
    assert steps(one, 60) == ("raised", "very_busy")
    assert (one.began_at, one.severity, one.due_at()) == (at(0), "warning", at(300))
    assert steps(one, 299.999) is None
    assert steps(one, 300) == ("escalated", "lasts")
    assert one.due_at() is None
    asks(one, 400, 0)
    asks(one, 410, 0)
    assert (one.due_at(), steps(one, 429.999)) == (at(430), None)
    assert steps(one, 430) == ("resolved", "over")
    assert (one.active, one.over_at, one.due_at()) == (False, at(430), None)


def test_what_is_gone_before_its_hold_time_begins_anew() -> None:
    one = alarm()
    asks(one, 0, 1)
    asks(one, 30, 0)
    assert one.due_at() is None
    asks(one, 40, 1)
    assert one.due_at() == at(100)


def test_what_is_back_before_it_is_over_goes_on_and_an_end_does_not_change_what_was_said() -> None:
    one = alarm()
    asks(one, 0, 1)
    steps(one, 60)
    asks(one, 70, 0, Facts(subject="support", reason="busy"))
    assert one.facts == FACTS
    asks(one, 80, 1)
    assert one.gone_at is None
    assert steps(one, 110) is None


@pytest.mark.parametrize(
    ("back_s", "phase", "began_s"),
    [(189.999, ("updated", "again"), 0), (190.0, ("raised", "very_busy"), 190)],
)
def test_what_comes_back_within_100_s_of_its_end_goes_on_with_the_old_alert(
    back_s: float, phase: tuple[str, str], began_s: float
) -> None:
    one = alarm(replace(MANNER, end_hold_s=0.0))
    asks(one, 0, 1)
    steps(one, 60)
    asks(one, 90, 0)
    steps(one, 90)
    asks(one, back_s, 1)
    assert steps(one, back_s + 60) == phase
    assert one.began_at == at(began_s)


def test_what_is_critical_at_once_is_so_from_the_begin_or_as_soon_as_it_is() -> None:
    first, then = alarm(Manner()), alarm(Manner())
    asks(first, 0, CRITICAL)
    assert (steps(first, 0), first.severity) == (("raised", "very_busy"), "critical")
    asks(then, 0, 1)
    steps(then, 0)
    assert then.due_at() is None
    asks(then, 10, CRITICAL)
    assert then.due_at() == at(0)
    assert steps(then, 10) == ("escalated", "very_busy")


def test_what_only_happens_is_over_by_itself_and_happening_again_is_news() -> None:
    one = alarm(Manner(end_hold_s=30.0, once=True))
    asks(one, 0, 1)
    assert steps(one, 0) == ("raised", "very_busy")
    assert one.due_at() == at(30)
    asks(one, 20, 1)
    assert one.due_at() == at(0)
    assert steps(one, 20) == ("updated", "again")
    assert (one.due_at(), steps(one, 49.999)) == (at(50), None)
    assert steps(one, 50) == ("resolved", "over")
