"""Tests of who serves which queues: memberships, pauses, logins, devices and wrap-up."""

from __future__ import annotations

from queuewatch.core.facts.events import AgentChanged
from queuewatch.sources.asterisk_roster import Roster


def roster(*queues: str) -> Roster:
    one = Roster()
    for queue in queues:
        one.added("Ada", queue)
    one.tell("Ada")
    return one


def test_the_first_queue_makes_an_agent_available() -> None:
    one = Roster()
    one.added("Ada", "desk")
    assert one.tell("Ada") == AgentChanged(state="available", joined=("desk",))
    assert one.tell("Ada") is None


def test_a_member_added_while_paused_is_not_ready() -> None:
    one = Roster()
    one.added("Ada", "desk", "")
    assert one.tell("Ada") == AgentChanged(state="not_ready", joined=("desk",))


def test_out_of_the_last_queue_an_agent_is_offline() -> None:
    one = roster("desk", "repair")
    one.removed("Ada", "desk")
    assert one.tell("Ada") == AgentChanged(state="available", left=("desk",))
    one.removed("Ada", "repair")
    assert one.tell("Ada") == AgentChanged(state="offline", left=("repair",))
    one.added("Ada", "desk")
    assert one.tell("Ada") == AgentChanged(state="available", joined=("desk",))


def test_leaving_a_queue_nobody_told_of_is_told() -> None:
    one = Roster()
    one.removed("Ada", "desk")
    assert one.tell("Ada") == AgentChanged(state="offline", left=("desk",))


def test_paused_in_every_queue_an_agent_is_not_ready_and_serves_them_still() -> None:
    one = roster("desk", "repair")
    one.paused("Ada", None, "Lunch")
    assert one.tell("Ada") == AgentChanged(state="not_ready", reason="Lunch")
    one.unpaused("Ada", None)
    assert one.tell("Ada") == AgentChanged(state="available")


def test_the_lines_of_each_queue_after_a_pause_of_all_say_nothing_new() -> None:
    one = roster("desk", "repair")
    one.paused("Ada", None, "Lunch")
    one.tell("Ada")
    for queue in ("desk", "repair"):
        one.paused("Ada", queue, "Lunch")
        assert one.tell("Ada") is None
    one.unpaused("Ada", None)
    one.tell("Ada")
    for queue in ("desk", "repair"):
        one.unpaused("Ada", queue)
        assert one.tell("Ada") is None


def test_paused_in_one_queue_an_agent_serves_the_other() -> None:
    one = roster("desk", "repair")
    one.paused("Ada", "desk", "Auto-Pause")
    assert one.tell("Ada") == AgentChanged(state="available", left=("desk",))
    one.paused("Ada", "repair", "")
    assert one.tell("Ada") == AgentChanged(state="not_ready", reason="Auto-Pause", joined=("desk",))
    one.unpaused("Ada", "repair")
    assert one.tell("Ada") == AgentChanged(state="available", left=("desk",))
    one.unpaused("Ada", "desk")
    assert one.tell("Ada") == AgentChanged(state="available", joined=("desk",))


def test_a_pause_of_an_agent_nobody_told_of_is_a_pause() -> None:
    one = Roster()
    one.paused("Ada", "desk", "Break")
    assert one.tell("Ada") == AgentChanged(state="not_ready", reason="Break")
    one.unpaused("Ada", "desk")
    assert one.tell("Ada") == AgentChanged(state="available")


def test_seen_at_work_alone_is_no_news() -> None:
    one = Roster()
    assert not one.seen("Ada", "desk")
    assert one.known("Ada", "desk")


def test_seen_at_work_in_another_queue_a_pause_was_not_of_all() -> None:
    one = Roster()
    one.paused("Ada", "desk", "Break")
    one.tell("Ada")
    assert one.seen("Ada", "repair")
    assert one.tell("Ada") == AgentChanged(state="available", joined=("repair",), left=("desk",))


def test_logged_off_an_agent_is_offline() -> None:
    one = roster("desk")
    one.logged("Ada", out=True)
    assert one.tell("Ada") == AgentChanged(state="offline")
    one.logged("Ada", out=False)
    assert one.tell("Ada") == AgentChanged(state="available")


def test_a_telephone_that_cannot_be_reached_puts_its_agent_offline() -> None:
    one = roster("desk")
    one.device("Ada", "offline")
    assert one.tell("Ada") == AgentChanged(state="offline")
    one.device("Ada", None)
    assert one.tell("Ada") == AgentChanged(state="available")


def test_a_busy_telephone_rings_while_an_offer_is_open() -> None:
    one = roster("desk")
    one.offered("Ada", by=1)
    assert one.tell("Ada") == AgentChanged(state="ringing")
    one.device("Ada", "busy")
    assert one.tell("Ada") is None
    one.offered("Ada", by=-1)
    one.talking("Ada", by=1)
    assert one.tell("Ada") == AgentChanged(state="busy")
    one.talking("Ada", by=-1)
    assert one.tell("Ada") is None
    one.device("Ada", "available")
    assert one.tell("Ada") == AgentChanged(state="available")


def test_work_after_the_call_ends_at_its_time_and_not_before() -> None:
    one = roster("desk")
    one.wrapping_up("Ada", 110.0)
    assert one.tell("Ada") == AgentChanged(state="wrap_up")
    assert one.next_at() == 110.0
    assert one.wrapped_up(109.999) == []
    assert one.wrapped_up(110.0) == [(110.0, "Ada")]
    assert one.next_at() is None
    assert one.tell("Ada") == AgentChanged(state="available")


def test_an_agent_paused_in_wrap_up_is_not_ready() -> None:
    one = roster("desk")
    one.wrapping_up("Ada", 110.0)
    one.paused("Ada", None, "Lunch")
    assert one.state("Ada") == ("not_ready", "Lunch")


def test_a_new_start_forgets_everybody() -> None:
    one = roster("desk")
    one.wrapping_up("Ada", 110.0)
    one.clear()
    assert not one.known("Ada", "desk")
    assert one.next_at() is None
