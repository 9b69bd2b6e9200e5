"""Tests of agents as the manager interface tells of them: told once, as what the blocks amount to."""

from __future__ import annotations

from queuewatch.core.facts.events import AgentChanged, AgentSeen
from queuewatch.core.facts.terms import AgentState
from queuewatch.sources.asterisk_crew import Crew
from queuewatch.sources.asterisk_status import Listing, Member


def member(
    queue: str, agent: str = "Ada", paused: str | None = None, device: AgentState | None = None
) -> Member:
    return Member(queue, agent, paused, device, 0.0)


def crew(*queues: str) -> Crew:
    one = Crew({"desk": 10.0})
    for queue in queues:
        one.member(member(queue), 1.0)
    one.changes(1.0)
    return one


def test_a_member_of_several_queues_is_told_of_once() -> None:
    one = Crew({})
    for _ in range(2):
        one.member(member("desk"), 1.0)
        one.member(member("repair"), 2.0)
    assert one.changes(2.0) == [(2.0, "Ada", AgentChanged(state="available", joined=("desk", "repair")))]
    assert one.changes(2.0) == []


def test_a_pause_in_every_queue_is_one_pause() -> None:
    one = crew("desk", "repair")
    one.member(member("desk", paused="Lunch"), 5.0)
    one.member(member("repair", paused="Lunch"), 5.0)
    assert one.changes(5.0) == [(5.0, "Ada", AgentChanged(state="not_ready", reason="Lunch"))]


def test_the_old_block_about_a_pause_leaves_the_device_as_it_was() -> None:
    one = crew("desk")
    one.member(member("desk", device="busy"), 5.0)
    one.changes(5.0)
    one.member(member("desk"), 6.0, device=False)
    assert one.changes(6.0) == []


def test_an_agent_rings_talks_and_has_work_after_the_call() -> None:
    one = crew("desk")
    one.rings(["Ada"], 5.0, by=1)
    assert one.changes(5.0) == [(5.0, "Ada", AgentChanged(state="ringing"))]
    one.rings(["Ada"], 8.0, by=-1)
    one.takes("Ada", "desk", 8.0)
    assert one.changes(8.0) == [(8.0, "Ada", AgentChanged(state="busy"))]
    one.finishes("Ada", "desk", 20.0, took=True)
    assert one.changes(20.0) == [(20.0, "Ada", AgentChanged(state="wrap_up"))]
    assert one.next_at() == 30.0
    assert one.changes(29.999) == []
    assert one.changes(31.0) == [(30.0, "Ada", AgentChanged(state="available"))]


def test_the_members_own_wrap_up_time_goes_before_the_queues() -> None:
    one = crew()
    one.member(Member("desk", "Ada", None, None, 3.0), 1.0)
    one.finishes("Ada", "desk", 20.0, took=False)
    assert one.next_at() == 23.0


def test_a_list_is_the_authority() -> None:
    one = crew("desk", "repair")
    listing = Listing()
    listing.queue("desk")
    listing.member(member("repair", paused="Break"))
    listing.member(member("repair", "Bob"))
    assert one.listed(listing, 9.0) == {
        "desk": (),
        "repair": (
            AgentSeen(agent="Ada", state="not_ready", reason="Break"),
            AgentSeen(agent="Bob", state="available"),
        ),
    }
    assert one.changes(9.0) == []


def test_one_that_no_list_names_any_more_is_told_to_be_offline() -> None:
    one = crew("desk")
    listing = Listing()
    listing.queue("desk")
    assert one.listed(listing, 9.0) == {"desk": ()}
    assert one.changes(9.0) == [(9.0, "Ada", AgentChanged(state="offline", left=("desk",)))]


def test_one_paused_in_one_queue_of_two_serves_the_other() -> None:
    listing = Listing()
    listing.member(member("desk", paused=""))
    listing.member(member("repair"))
    assert Crew({}).listed(listing, 9.0) == {
        "desk": (),
        "repair": (AgentSeen(agent="Ada", state="available"),),
    }


def test_after_the_line_was_cut_nobody_is_known_to_talk() -> None:
    one = crew("desk")
    one.takes("Ada", "desk", 5.0)
    one.changes(5.0)
    one.cut()
    listing = Listing()
    listing.member(member("desk"))
    assert one.listed(listing, 9.0) == {"desk": (AgentSeen(agent="Ada", state="available"),)}


def test_after_a_new_start_nobody_is_known() -> None:
    one = crew("desk")
    one.clear()
    one.member(member("repair"), 5.0)
    assert one.changes(5.0) == [(5.0, "Ada", AgentChanged(state="available", joined=("repair",)))]


def test_a_removed_member_is_offline() -> None:
    one = crew("desk")
    one.removed(member("desk"), 5.0)
    assert one.changes(5.0) == [(5.0, "Ada", AgentChanged(state="offline", left=("desk",)))]
