"""Averages of waits, by hand: waits of 10, 20, 30 and 100 s, answered in this order."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.events import Enqueued, Left, Offered, OfferFailed
from tests.core.estimate.others.room import AFTERNOON, Room, in_order, stay
from tests.core.examples import SALES, event

ROOM = Room(AFTERNOON)


@pytest.mark.parametrize(
    ("rule", "told_s"),
    [
        # 0 -> 2.5 -> 6.875 -> 12.65625 -> 34.4921875
        ("asterisk", 34.4921875),
        ("mean_of_last_10", 40.0),
        # (10 x 100 + 9 x 30 + 8 x 20 + 7 x 10) / 34
        ("salesforce_omni", 1500 / 34),
        # 10 -> 11 -> 12.9 -> 21.61
        ("salesforce_chat", 21.61),
        # 10 -> 15 -> 22.5 -> 61.25
        ("puzzel", 61.25),
        ("trailing_5_min", 40.0),
        ("trailing_15_min", 40.0),
        ("last_to_enter_service", 100.0),
        ("always_the_average", 40.0),
    ],
)
def test_what_each_average_tells_eve_as_she_joins(rule: str, told_s: float) -> None:
    assert ROOM.says(rule, 260, "eve") == pytest.approx(told_s)


@pytest.mark.parametrize(
    "rule",
    [
        *("mean_of_last_10", "salesforce_omni", "salesforce_chat", "puzzel", "trailing_5_min"),
        *("trailing_15_min", "last_to_enter_service", "always_the_average"),
    ],
)
def test_what_eve_has_waited_is_taken_off_and_never_more_than_there_is(rule: str) -> None:
    assert ROOM.says(rule, 270, "eve") == pytest.approx(ROOM.says(rule, 260, "eve") - 10)
    assert ROOM.says(rule, 440, "eve") == 0.0


def test_asterisk_tells_more_and_more_once_its_average_has_passed() -> None:
    assert ROOM.says("asterisk", 300, "eve") == pytest.approx(34.4921875 + 30 - 40)
    assert ROOM.says("asterisk", 330, "eve") == pytest.approx(70 - 30 - 34.4921875)
    assert ROOM.says("asterisk", 390, "eve") == pytest.approx(130 - 30 - 34.4921875)


def test_a_window_holds_what_ended_in_it_its_edge_included() -> None:
    # Answers at 10, 25, 130 and 240 s.
    assert ROOM.says("trailing_5_min", 310) == pytest.approx(40.0)
    assert ROOM.says("trailing_5_min", 311) == pytest.approx(50.0)
    assert ROOM.ask("trailing_5_min", 541) == "too_few_data"
    assert ROOM.says("trailing_15_min", 541) == pytest.approx(40.0)
    assert ROOM.says("salesforce_omni", 840) == pytest.approx(100.0)
    assert ROOM.ask("salesforce_omni", 841) == "too_few_data"


def test_what_is_older_than_the_window_is_forgotten_for_good() -> None:
    room = Room(in_order(stay("c1", 0, 10), stay("c2", 400, 420), stay("c3", 700, 730)))
    assert room.says("trailing_5_min", 730) == pytest.approx(30.0)
    assert room.says("trailing_15_min", 730) == pytest.approx(20.0)


def test_only_the_last_ten_count() -> None:
    room = Room(in_order(*(stay(f"c{i}", 20 * i, 20 * i + i) for i in range(13))))
    # Waits of 3 to 12 s; the latest weighs 10 and the earliest 1.
    assert room.says("mean_of_last_10", 300) == pytest.approx(7.5)
    weighted = sum((wait - 2) * wait for wait in range(3, 13)) / 55
    assert room.says("salesforce_omni", 300) == pytest.approx(weighted)


def test_nothing_is_told_before_anybody_was_answered() -> None:
    room = Room(stay("c1", 0))
    for rule in ROOM.rules.keys() - {"head_of_line"}:
        assert room.ask(rule, 5) in {"too_few_data", "no_agents"}


def test_an_offer_that_failed_and_one_who_gave_up_tell_the_averages_nothing() -> None:
    facts = in_order(
        stay("c1", 0, 10),
        stay("c2", 20, gave_up=50),
        [
            event(30, Enqueued(**SALES), "c3"),
            event(31, Offered(**SALES, agent="ann"), "c3"),
            event(40, OfferFailed(**SALES, agent="ann"), "c3"),
        ],
    )
    room = Room(facts)
    for rule in ("mean_of_last_10", "last_to_enter_service", "puzzel", "salesforce_chat", "trailing_5_min"):
        assert room.says(rule, 60) == pytest.approx(10.0)
    assert room.says("asterisk", 60) == pytest.approx(2.5)


def test_the_average_knows_the_shares_of_all_who_had_to_wait() -> None:
    # c5 gave up after 200 s, c6 was answered within a second: he did not have to wait.
    room = Room(in_order(AFTERNOON, stay("c5", 270, gave_up=470), stay("c6", 300, 301, "cleo")))
    past = room.ask("always_the_average", 500)
    assert not isinstance(past, str)
    assert past.mean_s == pytest.approx(40.0)
    assert past.chance_over(60) == pytest.approx(2 / 5)
    assert past.chance_there(15) == pytest.approx(4 / 5)
    assert past.chance_over(100) == pytest.approx(1 / 5)
    assert [past.quantile_s(share) for share in (0.1, 0.5, 0.9)] == [10.0, 30.0, 200.0]
    assert past.chance_over(-1) == 1.0


def test_the_average_of_who_waits_already_is_of_those_who_waited_as_long() -> None:
    past = ROOM.ask("always_the_average", 285, "eve")  # after 25 s: of 30 and 100 s, one goes past 60
    assert not isinstance(past, str)
    assert past.chance_over(35) == pytest.approx(1 / 2)
    assert past.quantile_s(0.9) == pytest.approx(75.0)
    beyond = ROOM.ask("always_the_average", 400, "eve")
    assert not isinstance(beyond, str)
    assert beyond.chance_over(35) == 0.5  # nobody ever waited that long
    assert beyond.chance_over(-1) == 1.0


def test_a_time_out_is_a_wait_as_long_as_it_was() -> None:
    left = [event(0, Enqueued(**SALES), "c9"), event(90, Left(**SALES, reason="timed_out"), "c9")]
    room = Room(in_order(stay("c1", 0, 10), left))
    past = room.ask("always_the_average", 100)
    assert not isinstance(past, str)
    assert past.chance_over(60) == pytest.approx(1 / 2)


def test_history_told_anew_teaches_no_wait_twice() -> None:
    facts = stay("c1", 0, 10, done=110)
    late = event(5, Offered(**SALES, agent="ann"), "c1")
    room = Room([*facts, stay("c2", 120, 160)[0]])
    before = {name: room.ask(name, 120) for name in room.rules}
    room.take(late)
    assert {name: room.ask(name, 120) for name in room.rules} == before


def test_webex_tells_the_mean_of_the_minutes_means() -> None:
    # Answered in one minute after 30 and 50 s, in the next after 44 s: means of 40 and 44 s.
    room = Room(in_order(stay("c1", 0, 30), stay("c2", 5, 55), stay("c3", 20, 64)))
    assert room.says("webex", 70) == pytest.approx(42.0)
    assert room.ask("webex", 64 + 1801) == "too_few_data"


def test_webex_tells_nothing_where_the_minutes_differ_too_much() -> None:
    # Means of 30 and 70 s: a standard deviation of 20 s is 40 % of their mean of 50 s, and just allowed.
    assert Room(in_order(stay("c1", 0, 30), stay("c2", 0, 70))).says("webex", 80) == pytest.approx(50.0)
    assert Room(in_order(stay("c1", 0, 30), stay("c2", 0, 71))).ask("webex", 80) == "too_few_data"
