"""Queues that share nothing are sites of their own."""

from __future__ import annotations

from queuewatch.core.facts.events import AgentChanged, Enqueued, QueueSnapshot, SourceStarted
from queuewatch.core.trust.sites import Apart
from tests.core.examples import SALES, SUPPORT, event


def test_a_fact_about_a_queue_goes_to_the_site_of_that_queue() -> None:
    apart = Apart()
    ada = event(0, Enqueued(**SALES))
    (moved,) = apart.place(ada)
    assert (moved.site, moved.id, moved.data) == ("default/sales", ada.id, ada.data)
    (listed,) = apart.place(event(1, QueueSnapshot(**SUPPORT), site="north"))
    assert listed.site == "north/support"


def test_what_concerns_all_is_told_to_each() -> None:
    apart = Apart()
    for data in (Enqueued(**SALES), Enqueued(**SUPPORT)):
        list(apart.place(event(0, data)))
    started = list(apart.place(event(5, SourceStarted())))
    assert [one.site for one in started] == ["default/sales", "default/support"]


def test_a_queue_heard_of_later_catches_up_first_and_only_with_its_own_site() -> None:
    apart = Apart()
    changed = AgentChanged(state="busy", queues=("sales", "support"), joined=("sales",), left=("support",))
    assert list(apart.place(event(0, changed, "ann"))) == []
    assert list(apart.place(event(0, SourceStarted(), site="north"))) == []
    told, joined = apart.place(event(1, Enqueued(**SALES)))
    assert told.site == joined.site == "default/sales"
    assert told.data == AgentChanged(state="busy", queues=("sales",), joined=("sales",))
    (again,) = apart.place(event(2, Enqueued(**SALES), "bob"))
    assert again.subject == "bob"


def test_an_agent_of_other_queues_serves_this_one_no_more_and_unsaid_stays_unsaid() -> None:
    apart = Apart()
    list(apart.place(event(0, Enqueued(**SALES))))
    (other,) = apart.place(event(1, AgentChanged(queues=("support",)), "ann"))
    assert other.data == AgentChanged(queues=())
    (unsaid,) = apart.place(event(1, AgentChanged(state="busy"), "ann"))
    assert unsaid.data == AgentChanged(state="busy")
