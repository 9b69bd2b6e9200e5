"""Tests of what one line of a log cannot say alone about transfers and returns."""

from __future__ import annotations

from queuewatch.sources.asterisk_calls import HAIR_S, Calls


def test_a_plain_call_keeps_its_id_and_its_times() -> None:
    calls = Calls()
    assert calls.joined("c1", "desk", 100.0) == (100.0, None)
    assert calls.taken("c1", "desk", "Ada", 105.0, 5.0) == "c1"
    assert calls.ended("c1", "desk", 160.0) == ("c1", 160.0)


def test_a_call_that_returns_before_its_talk_is_closed_ended_it_before() -> None:
    calls = Calls()
    at = 1_795_289_456.0
    calls.joined("c1", "desk", at - 10)
    calls.taken("c1", "desk", "Ada", at, 10.0)
    assert calls.joined("c1", "desk", at) == (at + HAIR_S, None)
    assert calls.ended("c1", "desk", at) == ("c1", at)


def test_a_return_counts_once_and_not_against_the_talk_that_follows_it() -> None:
    calls = Calls()
    at = 1_795_289_456.0
    calls.joined("c1", "desk", at - 10)
    calls.taken("c1", "desk", "Ada", at, 10.0)
    calls.joined("c1", "desk", at)
    calls.taken("c1", "desk", "Bob", at + 5, 5.0)
    assert calls.ended("c1", "desk", at + 60) == ("c1", at + 60)


def test_a_call_that_moves_on_to_another_queue_needs_no_such_help() -> None:
    calls = Calls()
    calls.joined("c1", "desk", 100.0)
    calls.taken("c1", "desk", "Ada", 105.0, 5.0)
    assert calls.joined("c1", "repair", 130.0) == (130.0, None)
    assert calls.ended("c1", "desk", 130.0) == ("c1", 130.0)


def test_an_attended_transfer_is_followed_from_the_consultation_to_the_call() -> None:
    calls = Calls()
    calls.joined("c1", "desk", 100.0)
    calls.taken("c1", "desk", "Ada", 105.0, 5.0)
    calls.joined("k1", "repair", 150.0)
    assert calls.consulted("k1", "desk", "Ada") == ("c1", "repair")
    assert calls.ended("c1", "desk", 152.0) == ("c1", 152.0)
    assert calls.taken("c1", "repair", "Bob", 160.0, 10.0) == "k1"
    assert calls.ended("c1", "repair", 200.0) == ("k1", 200.0)


def test_an_attended_transfer_to_somebody_who_does_not_wait_names_no_queue() -> None:
    calls = Calls()
    calls.joined("c1", "desk", 100.0)
    calls.taken("c1", "desk", "Ada", 105.0, 5.0)
    assert calls.consulted("k1", "desk", "Ada") == ("c1", None)


def test_an_attended_transfer_under_the_calls_own_id_is_its_own() -> None:
    calls = Calls()
    calls.joined("c1", "desk", 100.0)
    calls.taken("c1", "desk", "Ada", 105.0, 5.0)
    assert calls.consulted("c1", "desk", "Ada") == ("c1", None)


def test_an_attended_transfer_of_a_call_nobody_knows_is_taken_as_it_is() -> None:
    assert Calls().consulted("k1", "desk", "Ada") == ("k1", None)


def test_a_transfer_that_was_not_logged_is_seen_by_who_must_have_joined_then() -> None:
    calls = Calls()
    calls.joined("c1", "desk", 100.0)
    calls.taken("c1", "desk", "Ada", 105.0, 5.0)
    calls.joined("k1", "repair", 150.0)
    calls.joined("c2", "repair", 155.0)
    assert calls.taken("c1", "repair", "Bob", 160.0, 10.0) == "k1"


def test_where_two_may_have_joined_then_none_is_chosen() -> None:
    calls = Calls()
    calls.joined("c1", "desk", 100.0)
    calls.taken("c1", "desk", "Ada", 105.0, 5.0)
    calls.joined("k1", "repair", 150.0)
    calls.joined("c2", "repair", 150.0)
    assert calls.taken("c1", "repair", "Bob", 160.0, 10.0) == "c1"


def test_a_call_that_was_there_before_the_log_began_is_taken_as_it_is() -> None:
    calls = Calls()
    calls.joined("c2", "desk", 100.0)
    assert calls.taken("c1", "desk", "Ada", 110.0, 10.0) == "c1"
    assert calls.ended("c3", "desk", 120.0) == ("c3", 120.0)


def test_a_new_start_forgets_every_call() -> None:
    calls = Calls()
    calls.joined("c1", "desk", 100.0)
    calls.taken("c1", "desk", "Ada", 105.0, 5.0)
    calls.clear()
    assert calls.joined("c1", "desk", 200.0) == (200.0, None)


def test_a_call_that_joins_another_queue_waits_no_longer_where_it_did() -> None:
    calls = Calls()
    calls.joined("c1", "desk", 100.0)
    assert calls.joined("c1", "repair", 130.0) == (130.0, "desk")
    assert calls.joined("c1", "repair", 140.0) == (140.0, None)


def test_calls_whose_end_went_missing_are_not_kept_for_ever() -> None:
    calls = Calls()
    for n in range(50_000):
        calls.joined(f"c{n}", "desk", 100.0 + n)
        calls.taken(f"t{n}", "desk", "Ada", 100.0 + n, None)
    assert calls.taken("t49999", "desk", "Bob", 60_000.0, 60_000.0 - 100.0) == "t49999"
