"""What was said against what happened."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from queuewatch.core.facts.acts import PromiseTold
from queuewatch.core.facts.events import Abandoned, Answered, Completed, Enqueued, Left, SourceStarted
from queuewatch.core.facts.wire import pack, unpack
from queuewatch.core.hours import Hours
from queuewatch.core.rules import QueueRules, Rules
from queuewatch.core.trust.promises import FEWEST, REMEMBERED, Book, Books, day_of, zone
from queuewatch.core.view import PromisesView, PromiseView
from queuewatch.core.views import promise, promise_views
from tests.core.examples import SALES, at, event
from tests.stories.timeline import Timeline


def served(play: Timeline, waits: int = 12, wait_s: float = 30.0, since_s: float = 0.0) -> float:
    """So many contacts, one after the other, each waiting and then served for a minute; until when."""
    now_s = since_s
    for number in range(waits):
        name = f"{since_s:g}-{number}"
        play.tell(now_s, Enqueued(**SALES), name)
        play.tell(now_s + wait_s, Answered(**SALES, agent="ann"), name)
        play.tell(now_s + wait_s + 60.0, Completed(**SALES), name)
        now_s += wait_s + 61.0
    return now_s


def tell(play: Timeline, now_s: float, told_s: float | None, contact: str = "ada", **more: Any) -> None:
    """Somebody is told how long it will be."""
    data = PromiseTold(
        **SALES,
        contact=contact,
        visit=more.pop("visit", 1),
        language="en",
        text="…",
        waited_s=0.0,
        told_s=told_s,
        estimator="live",
    )
    play.tell(now_s, data, "", source="/promises", ident=more.pop("ident", f"p{now_s:g}-{contact}"))


def view(play: Timeline) -> PromisesView:
    found = play.queue().promises
    assert found is not None
    return found


def told(play: Timeline) -> list[PromiseView]:
    return promise_views(play.core, "default", "sales")


def counted(play: Timeline) -> list[bool]:
    """Whether promises were kept, as what alerts the team has it."""
    return play.core.attention["default"].care.alerts.promises


@pytest.mark.parametrize(
    ("took_s", "outcome"), [(60.0, "kept"), (60.1, "broken")], ids=["on the second", "a little later"]
)
def test_a_promise_is_kept_by_an_answer_in_time(took_s: float, outcome: str) -> None:
    play = Timeline()
    play.tell(0.0, Enqueued(**SALES))
    tell(play, 10.0, 60.0)
    assert [one.outcome for one in told(play)] == ["open"]
    play.tell(10.0 + took_s, Answered(**SALES, agent="ann"))
    (one,) = told(play)
    assert one.outcome == outcome
    assert one.took_s == pytest.approx(took_s)
    assert one.error_s == pytest.approx(60.0 - took_s)
    assert view(play).outcomes[outcome] == 1
    assert counted(play) == [outcome == "kept"]
    assert view(play).error.sum_s == pytest.approx(abs(60.0 - took_s))


@pytest.mark.parametrize(("stayed_s", "outcome"), [(60.0, "gave_up"), (61.0, "broken")])
def test_who_gives_up_in_time_leaves_it_open_and_who_gives_up_later_was_promised_too_little(
    stayed_s: float, outcome: str
) -> None:
    play = Timeline()
    play.tell(0.0, Enqueued(**SALES))
    tell(play, 0.5, 60.0)
    play.tell(0.5 + stayed_s, Abandoned(**SALES))
    assert told(play)[0].outcome == outcome
    assert view(play).kept_share_today == (None if outcome == "gave_up" else 0.0)
    assert counted(play) == ([] if outcome == "gave_up" else [False])
    assert sum(view(play).error.counts) == 0


def test_other_ends_decide_nothing() -> None:
    play = Timeline()
    for name, end in (("ada", Left(**SALES, reason="timed_out")), ("bob", Answered(**SALES, agent="ann"))):
        play.tell(0.0, Enqueued(**SALES), name)
        tell(play, 1.0, 60.0 if name == "ada" else None, name)
        play.tell(20.0, end, name)
    assert {one.contact: one.outcome for one in told(play)} == {"ada": "left", "bob": "answered"}
    assert (view(play).told, view(play).no_estimate, view(play).kept_share_today) == (1, 1, None)
    assert counted(play) == []


def test_whom_the_source_has_lost_was_kept_neither_promise_nor_not() -> None:
    play = Timeline()
    play.tell(0.0, Enqueued(**SALES))
    tell(play, 1.0, 60.0)
    play.tell(30.0, SourceStarted(), "")
    assert told(play)[0].outcome == "lost"


def test_a_wait_that_turns_out_never_to_have_been_settles_its_promise_as_lost() -> None:
    play = Timeline()
    play.tell(0.0, Enqueued(**SALES), ident="same")
    tell(play, 1.0, 60.0)
    play.tell(0.0, Enqueued(queue="support", channel="phone"), ident="same")
    assert told(play)[0].outcome == "lost"


def test_a_promise_told_while_the_answer_came_meets_it_at_once() -> None:
    play = Timeline()
    play.tell(0.0, Enqueued(**SALES))
    play.tell(20.0, Answered(**SALES, agent="ann"))
    tell(play, 20.0, 60.0)
    tell(play, 20.0, 60.0, "nobody")
    tell(play, 20.0, 60.0, visit=2, ident="other visit")
    assert sorted((one.contact, one.outcome) for one in told(play)) == [
        ("ada", "kept"),
        ("ada", "lost"),
        ("nobody", "lost"),
    ]
    assert counted(play) == [True]


def test_of_today_those_count_that_were_decided_and_those_that_are_overdue() -> None:
    play = Timeline()
    for name in ("ada", "bob", "cyd"):
        play.tell(0.0, Enqueued(**SALES), name)
        tell(play, 1.0, 60.0, name)
    play.tell(30.0, Answered(**SALES, agent="ann"), "ada")
    play.until(61.0)
    assert (view(play).kept_share_today, view(play).broken_today, view(play).open) == (1.0, 0, 2)
    play.until(62.0)
    assert (view(play).kept_today, view(play).broken_today) == (1, 2)
    assert view(play).kept_share_today == pytest.approx(1.0 / 3.0)


def test_a_new_day_begins_anew_and_what_was_ever_told_stays() -> None:
    play = Timeline()
    play.tell(0.0, Enqueued(**SALES))
    tell(play, 1.0, 60.0)
    play.tell(30.0, Answered(**SALES, agent="ann"))
    play.until(86_400.0)
    assert (view(play).told_today, view(play).kept_share_today) == (0, None)
    assert (view(play).told, view(play).outcomes["kept"]) == (1, 1)


def test_a_day_begins_at_midnight_where_the_queue_is() -> None:
    hours = Hours(zone=ZoneInfo("Asia/Tokyo"), week=((),) * 7)
    assert zone(QueueRules(hours=hours), Rules()) == ZoneInfo("Asia/Tokyo")
    assert zone(QueueRules(), Rules()) == UTC
    # 2026-11-21T15:00:00Z is midnight in Tokyo.
    midnight = 1_795_273_200.0
    tokyo = ZoneInfo("Asia/Tokyo")
    assert day_of(midnight, tokyo) == day_of(midnight - 1.0, tokyo) + 1
    assert day_of(midnight, UTC) == day_of(midnight - 1.0, UTC)


def test_every_wait_is_estimated_as_it_begins_and_scored_when_it_ends_told_or_not() -> None:
    play = Timeline()
    served(play, 40)
    scores = {one.estimator: one for one in view(play).estimates}
    assert set(scores) == {"live", "place", "asterisk", "mean_of_last_10"}
    assert scores["live"].enough
    assert (scores["live"].mae_s or 0.0) < 15.0
    # After forty waits of just 30 s Asterisk's average is 30 s: it errs only at first.
    assert scores["asterisk"].coverage_80 is None
    assert scores["asterisk"].brier == {"60": 0.0, "180": 0.0}
    assert view(play).waits_today == 40 - 1  # of the first nobody could say anything
    assert view(play).told == 0


def test_of_those_who_gave_up_what_was_said_is_scored_but_nobody_knows_whether_it_held() -> None:
    play = Timeline()
    until_s = served(play, 15)
    before = view(play)
    play.tell(until_s, Enqueued(**SALES), "ada")
    play.tell(until_s + 40.0, Abandoned(**SALES), "ada")
    after = view(play)
    assert after.waits_today == before.waits_today
    assert [one.contacts for one in after.estimates] > [one.contacts for one in before.estimates]


@pytest.mark.parametrize(("late_s", "scored"), [(30.0, 1), (30.1, 0)])
def test_of_whom_we_hear_late_nothing_is_scored(late_s: float, scored: int) -> None:
    """A history that is read in tells how long people waited, not how well it would have been foretold."""
    play = Timeline()
    until_s = served(play, 40)
    before = view(play).waits_today
    play.record(until_s + late_s, event(until_s, Enqueued(**SALES), "ada"))
    play.tell(until_s + 60.0, Answered(**SALES, agent="ann"), "ada")
    assert view(play).waits_today == before + scored


@pytest.mark.parametrize(("wait_s", "scored"), [(4.9, 0), (5.0, 0), (5.1, 1)])
def test_whose_wait_was_over_before_we_heard_of_it_is_not_scored(wait_s: float, scored: int) -> None:
    play = Timeline()
    until_s = served(play, 40)
    before = view(play).waits_today
    play.record(until_s + 5.0, event(until_s, Enqueued(**SALES), "ada"))
    answer = event(until_s + wait_s, Answered(**SALES, agent="ann"), "ada", ident="answer")
    play.record(until_s + 6.0, answer)
    assert view(play).waits_today == before + scored


def test_few_waits_are_not_enough_to_speak_of() -> None:
    play = Timeline()
    served(play, FEWEST)
    assert not any(one.enough for one in view(play).estimates)


def test_those_answered_at_once_had_no_wait_to_be_scored() -> None:
    play = Timeline()
    served(play, 20, wait_s=1.0)
    assert view(play).estimates == ()


def test_what_was_said_of_other_thresholds_is_not_scored_by_the_new_ones() -> None:
    play = Timeline()
    until_s = served(play, 12)
    before = {one.estimator: one.contacts for one in view(play).estimates}
    play.tell(until_s, Enqueued(**SALES))
    play.rules = Rules(every=QueueRules(thresholds_s=(30.0, 60.0, 90.0)))
    play.tell(until_s + 20.0, Answered(**SALES, agent="ann"))
    assert {one.estimator: one.contacts for one in view(play).estimates} == before


def test_a_line_that_grows_shows_customers_losing_patience() -> None:
    play = Timeline()
    assert play.core.sites == {}
    until_s = served(play)
    assert play.queue().at_risk is None
    for number in range(8):
        play.tell(until_s + number, Enqueued(**SALES), f"w{number}")
    play.until(until_s + 120.0)
    risk = play.queue().at_risk
    assert risk is not None
    assert 8 * 0.599 < risk.resenting < risk.resenting_soon < 8.0
    assert 0.0 < risk.giving_up < risk.giving_up_soon < 8.0


def test_whom_we_call_back_holds_no_line_and_loses_no_patience() -> None:
    play = Timeline()
    until_s = served(play)
    play.tell(until_s, Enqueued(**SALES, callback=True), "cyd")
    assert [one.contact for one in play.line()] == ["cyd"]
    assert play.queue().at_risk is None


def test_where_nobody_can_say_how_long_it_takes_nobody_is_taken_to_be_answered_soon() -> None:
    play = Timeline()
    play.tell(0.0, Enqueued(**SALES))
    play.until(60.0)
    risk = play.queue().at_risk
    assert risk is not None
    assert (risk.resenting, risk.resenting_soon) == pytest.approx((0.599, 0.901 + 0.058 / 5))


def test_all_of_it_outlives_a_restart() -> None:
    plain, restarted = Timeline(), Timeline(restarts=True)
    for play in (plain, restarted):
        until_s = served(play, 15)
        play.tell(until_s, Enqueued(**SALES))
        tell(play, until_s + 1.0, 60.0)
        tell(play, until_s + 2.0, 60.0)
        play.tell(until_s + 30.0, Answered(**SALES, agent="ann"))
        play.tell(until_s + 40.0, Enqueued(**SALES), "bob")
        tell(play, until_s + 41.0, None, "bob")
    assert view(restarted) == view(plain)
    assert told(restarted) == told(plain)
    assert len(told(plain)) == 3


def test_a_promise_is_found_by_its_key_wherever_it_stands() -> None:
    play = Timeline()
    play.tell(0.0, Enqueued(**SALES))
    tell(play, 1.0, 60.0, ident="key")
    for _ in range(2):
        found = promise(play.core, "default", "sales", "key")
        assert found is not None
        assert (found.contact, found.at) == ("ada", at(1.0))
        play.tell(30.0, Answered(**SALES, agent="ann"))
    assert promise(play.core, "default", "sales", "other") is None
    assert promise(play.core, "default", "support", "key") is None
    assert promise(play.core, "berlin", "sales", "key") is None


def test_of_those_that_ended_the_latest_are_remembered() -> None:
    book = Book()
    play = Timeline()
    play.tell(0.0, Enqueued(**SALES))
    for number in range(REMEMBERED + 5):
        tell(play, 1.0 + number / 1000.0, 60.0, ident=f"p{number}")
    play.tell(30.0, Answered(**SALES, agent="ann"))
    assert len(told(play)) == REMEMBERED
    assert promise(play.core, "default", "sales", "p0") is None
    assert view(play).outcomes["kept"] == REMEMBERED + 5
    assert list(book.promises()) == []


def test_books_are_frozen_as_they_are() -> None:
    play = Timeline()
    served(play, 12)
    books = play.core.attention["default"].books
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(books), type=Books) == books


def test_a_promise_told_is_stored_and_read_back_as_it_was() -> None:
    told = PromiseTold(
        **SALES,
        contact="ada",
        visit=1,
        language="de",
        text="Danke.",
        waited_s=12.5,
        told_s=120.0,
        quantiles_s={"0.9": 110.0},
    )
    promise = event(20.0, told, "", source="/promises")
    assert unpack(pack(promise)) == promise
