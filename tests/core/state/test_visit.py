"""A visit's durations, on the border and where something is not known."""

from __future__ import annotations

from typing import Any

import pytest

from queuewatch.core.state.visit import IN_LINE, OPEN, Visit


def visit(**told: Any) -> Visit:
    channel = told.pop("channel", "phone")
    return Visit("ada", "sales", 1, channel, "pbx", told.pop("stage", "waiting"), 100.0, 100.0, **told)


def test_who_waits_in_line_is_still_here() -> None:
    assert IN_LINE < OPEN


def test_the_wait_runs_from_joining_to_the_answer() -> None:
    assert visit(stage="answered", answered_at=142.0).wait_s == 42.0


@pytest.mark.parametrize("told", [{}, {"answered_at": 142.0, "wait_known": False}])
def test_a_wait_that_nobody_knows_is_none(told: dict[str, Any]) -> None:
    assert visit(**told).wait_s is None
    assert visit(**told).endured_s is None


def test_who_gives_up_has_endured_a_wait_and_has_none() -> None:
    gone = visit(stage="abandoned", ended_at=130.0)
    assert (gone.wait_s, gone.endured_s) == (None, 30.0)


def test_clocks_that_disagree_make_no_negative_wait() -> None:
    assert visit(stage="answered", answered_at=99.0).wait_s == 0.0
    assert visit(stage="completed", answered_at=120.0, ended_at=119.0).handling_s == 0.0


def test_handling_runs_from_the_answer_to_the_end_with_the_wrap_up_that_was_told() -> None:
    assert visit(stage="completed", answered_at=120.0, ended_at=180.0, wrap_up_s=15.0).handling_s == 75.0


def test_handling_of_a_mail_that_is_answered_and_done_with_at_once_is_what_its_source_says() -> None:
    done = {"stage": "completed", "channel": "email", "answered_at": 120.0, "ended_at": 120.0}
    assert visit(**done).handling_s is None
    assert visit(**done, talk_s=300.0).handling_s == 300.0
    assert visit(**done | {"ended_at": 180.0}).handling_s == 60.0
    assert visit(**done | {"channel": "chat"}).handling_s == 0.0


@pytest.mark.parametrize(
    "told", [{}, {"answered_at": 120.0}, {"answered_at": 120.0, "ended_at": 180.0, "reason": "system"}]
)
def test_handling_is_unknown_of_a_conversation_that_goes_on_or_was_cut(told: dict[str, Any]) -> None:
    assert visit(**told).handling_s is None


@pytest.mark.parametrize(
    ("told", "handling_s"),
    [
        ({"talk_s": 40.0}, 40.0),
        ({"talk_s": 40.0, "hold_s": 15.0}, 55.0),
        ({"talk_s": 40.0, "hold_s": 15.0, "wrap_up_s": 10.0}, 65.0),
        ({"talk_s": 60.0, "hold_s": 15.0}, 60.0),
    ],
)
def test_an_end_told_late_does_not_make_the_handling_longer_than_what_was_reported(
    told: dict[str, Any], handling_s: float
) -> None:
    assert visit(stage="completed", answered_at=120.0, ended_at=180.0, **told).handling_s == handling_s
