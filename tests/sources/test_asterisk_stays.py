"""Tests of who waits, has left or talks, as the manager interface tells of it."""

from __future__ import annotations

from queuewatch.sources.asterisk_stays import Stay, Stays


def waiting(*calls: str, queue: str = "desk") -> Stays:
    stays = Stays()
    for call in calls:
        stays.waiting[call] = Stay(call, queue, f"link of {call}")
    return stays


def test_a_stay_is_found_by_its_call() -> None:
    stays = waiting("c1", "c2")
    assert stays.find("c2", "desk", "").contact == "c2"


def test_a_stay_that_has_just_left_is_found_still() -> None:
    stays = waiting("c1")
    stay = stays.find("c1", "desk", "")
    stays.leave("c1", stay)
    assert stays.find("c1", "desk", "") is stay
    stay.settled = True
    assert stays.find("c1", "desk", "") is not stay


def test_a_stay_is_found_by_its_link_once_an_attended_transfer_changed_the_call() -> None:
    stays = waiting("k1")
    assert stays.find("c1", "desk", "link of k1").contact == "k1"
    assert stays.find("c1", "desk", "").contact == "k1"


def test_a_stay_nobody_told_of_is_made() -> None:
    stays = waiting("c1")
    assert stays.find("c1", "repair", "").queue == "repair"


def test_the_conversation_that_ends_is_that_of_the_call_in_its_queue() -> None:
    stays = waiting("c1")
    stay = stays.find("c1", "desk", "")
    stay.agent = "Ada"
    stays.take("c1", stay)
    assert stays.finish("c1", "repair", "Bob") is None
    assert stays.finish("c1", "desk", "Ada") is stay
    assert stays.finish("c1", "desk", "Ada") is None


def test_a_conversation_whose_call_is_gone_is_found_by_its_agent() -> None:
    stays = waiting("c1", "c2")
    for call, agent in (("c1", "Ada"), ("c2", "Bob")):
        stay = stays.find(call, "desk", "")
        stay.agent = agent
        stays.take(call, stay)
    found = stays.finish("", "desk", "Bob")
    assert found is not None
    assert found.contact == "c2"


def test_a_call_put_in_the_place_of_its_consultation_keeps_that_ones_id() -> None:
    stays = waiting("k1")
    stay = stays.consulted("k1", "c1")
    assert stay is not None
    assert stays.find("c1", "desk", "") is stay
    assert stays.consulted("k1", "c1") is None


def test_one_missing_from_a_list_may_be_on_its_way_and_from_two_is_gone() -> None:
    stays = waiting("c1", "c2")
    for _ in range(2):
        stays.find("c1", "desk", "").missed = -1
        stays.forget_unlisted({"desk"})
    assert set(stays.waiting) == {"c1"}


def test_a_list_says_nothing_of_queues_it_does_not_name() -> None:
    stays = waiting("c1")
    for _ in range(3):
        stays.forget_unlisted({"repair"})
    assert set(stays.waiting) == {"c1"}


def test_stays_are_forgotten_a_while_after_they_were_settled() -> None:
    stays = waiting("c1", "c2")
    for call, settled in (("c1", True), ("c2", False)):
        stay = stays.find(call, "desk", "")
        stay.settle_at = 100.0
        stay.settled = settled
        stays.leave(call, stay)
    stays.forget(100.0)
    assert set(stays.left) == {"c1", "c2"}
    stays.forget(100.001)
    assert set(stays.left) == {"c2"}


def test_after_a_cut_line_a_listed_call_joined_when_it_did_before() -> None:
    stays = Stays()
    stays.waiting["c1"] = Stay("c1", "desk", joined_at=10.0)
    stays.waiting["c2"] = Stay("c2", "desk")
    stays.cut()
    assert stays.waiting == {}
    assert stays.listed("c1", "desk").joined_at == 10.0
    assert stays.listed("c2", "desk").joined_at is None
    stays.cut()
    assert stays.listed("c1", "repair").joined_at is None


def test_talks_over_a_cut_line_may_be_over() -> None:
    stays = Stays()
    stay = Stay("c1", "desk", agent="Ada")
    stays.take("c1", stay)
    assert stays.talking() == {"Ada"}
    assert stays.unsure() == []
    stays.cut()
    assert stays.unsure() == [("c1", stay)]
    stays.clear()
    assert stays.talking() == set()
