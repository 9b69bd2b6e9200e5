"""Tests of a PBX's own time and age."""

from __future__ import annotations

import pytest

from queuewatch.sources.asterisk_pbx import Boots, Ears, PbxTime
from queuewatch.sources.asterisk_status import Entry, Listing


def test_the_pbx_says_when() -> None:
    assert PbxTime().at({"timestamp": "500.25"}, 1000.0) == 500.25


@pytest.mark.parametrize("written", ["", "soon", "nan", "inf", "-1", "0", "1e300"])
def test_where_it_does_not_our_clock_does(written: str) -> None:
    assert PbxTime().at({"timestamp": written}, 1000.0) == 1000.0


def test_blocks_without_a_time_come_one_after_the_other() -> None:
    time = PbxTime()
    times = [time.at({}, 1000.0) for _ in range(3)]
    assert times == sorted(set(times))
    assert times[-1] < 1000.001


def test_a_block_without_a_time_is_put_on_the_pbxs_clock_once_that_is_known() -> None:
    time = PbxTime()
    time.at({"timestamp": "500"}, 1000.0)
    assert time.at({}, 1010.0) == 510.0
    assert time.theirs(1020.0) == 520.0
    assert time.ours(520.0) == 1020.0
    assert time.after_all(900.0) == 510.0


def test_the_first_greeting_is_no_news() -> None:
    assert Boots().greeted({"uptime": "49"}, 1000.0) is None


def test_a_greeting_of_the_same_pbx_is_no_news_though_its_age_is_rough() -> None:
    boots = Boots()
    boots.greeted({"uptime": "100"}, 1000.0)
    assert boots.greeted({"uptime": "191"}, 1100.9) is None


def test_a_younger_pbx_has_started_anew_when_it_says() -> None:
    boots = Boots()
    boots.greeted({"uptime": "100"}, 1000.0)
    assert boots.greeted({"uptime": "5"}, 1100.0) == 1095.0


def test_after_a_shutdown_any_greeting_is_a_new_start() -> None:
    boots = Boots()
    boots.shut_down()
    assert boots.greeted({}, 1000.0) == 1000.0
    assert boots.greeted({}, 1010.0) is None


def test_a_pbx_that_does_not_tell_its_age_tells_its_birthday() -> None:
    boots = Boots()
    first = {"corestartupdate": "2026-11-21", "corestartuptime": "19:29:35"}
    assert boots.status(first, 1000.0) is None
    assert boots.status(first, 1060.0) is None
    assert boots.status({**first, "corestartuptime": "19:59:35"}, 1100.0) == 1100.0


def test_a_pbx_that_starts_again_within_moments_tells_its_birthday() -> None:
    boots = Boots()
    boots.greeted({"uptime": "0"}, 1000.0)
    boots.status({"corestartuptime": "19:29:35"}, 1000.0)
    assert boots.greeted({"uptime": "0"}, 1006.0) is None
    assert boots.status({"corestartuptime": "19:29:41"}, 1006.1) == 1006.0


def test_a_start_is_told_once() -> None:
    boots = Boots()
    boots.greeted({"uptime": "100"}, 1000.0)
    boots.status({"corestartuptime": "19:29:35"}, 1000.0)
    assert boots.greeted({"uptime": "5"}, 1100.0) == 1095.0
    assert boots.status({"corestartuptime": "19:47:50"}, 1100.1) is None
    assert boots.status({"corestartuptime": "19:47:50"}, 1200.0) is None


def test_a_pbx_that_is_still_starting_has_started_now_and_greets_later() -> None:
    boots = Boots()
    boots.status({"corestartuptime": "19:29:35"}, 1000.0)
    boots.greeted({"uptime": "0"}, 1001.0)
    boots.shut_down()
    boots.cut()
    assert boots.status({"corestartuptime": "19:47:50"}, 1100.0) == 1100.0
    assert boots.greeted({"uptime": "1"}, 1101.0) is None


def test_a_pbx_that_goes_down_may_still_greet_and_is_no_new_one() -> None:
    boots = Boots()
    boots.greeted({"uptime": "100"}, 1000.0)
    boots.shut_down()
    assert boots.greeted({"uptime": "105"}, 1006.0) is None
    assert boots.greeted({"uptime": "1"}, 1010.0) == 1009.0


def test_a_pbx_that_said_it_goes_down_is_a_new_one_though_it_was_young() -> None:
    boots = Boots()
    boots.greeted({"uptime": "0"}, 1000.0)
    boots.shut_down()
    assert boots.greeted({"uptime": "0"}, 1003.0) == 1003.0


def listing(wait_s: float | None) -> Listing:
    found = Listing()
    found.entry(Entry("desk", "c1", 1, 0, wait_s))
    return found


def listening(since: float = 1000.0) -> Ears:
    ears = Ears()
    ears.hear(since)
    ears.hear(since + 1.0)
    return ears


@pytest.mark.parametrize(
    ("wait_s", "deaf"), [(4.0, False), (5.0, True), (55.0, True), (56.0, False), (None, False)]
)
def test_a_caller_who_joined_unheard_while_we_listened_shows_that_we_may_not_hear(
    wait_s: float | None, deaf: bool
) -> None:
    refused = listening().deaf(listing(wait_s), 1060.0)
    assert (refused is not None) == deaf
    if refused is not None:
        assert refused.reason == "not_heard"
        assert "read = agent" in refused.detail


def test_it_is_said_once_a_connection() -> None:
    ears = listening()
    assert ears.deaf(listing(20.0), 1060.0) is not None
    assert ears.deaf(listing(20.0), 1060.0) is None
    ears.cut()
    assert ears.deaf(listing(20.0), 1060.0) is None  # nothing came in yet
    ears.hear(1060.0)
    assert ears.deaf(listing(20.0), 1120.0) is not None


def test_who_hears_somebody_join_hears() -> None:
    ears = listening()
    ears.joined()
    assert ears.deaf(listing(20.0), 1060.0) is None
