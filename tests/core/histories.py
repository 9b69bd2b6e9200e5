"""Histories to try the core on: plausible and implausible facts, snapshots, restarts, in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from queuewatch.core.apply import apply
from queuewatch.core.events import (
    Abandoned,
    AgentChanged,
    AgentSeen,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Offered,
    OfferFailed,
    QueueSnapshot,
    SourceGap,
    SourceStarted,
    SourceStopped,
    Transferred,
    Waiting,
)
from queuewatch.core.rules import Ages
from queuewatch.core.state import Site

QUEUES = st.sampled_from(["sales", "support"])
CONTACTS = st.sampled_from(["ada", "bob", "cyd"])
AGENTS = st.sampled_from(["x", "y"])
SOURCES = st.sampled_from(["/pbx", "/other"])
TIMES = st.integers(0, 40).map(float)
MAYBE_WAIT = st.none() | st.integers(0, 9).map(float)


@st.composite
def data(draw: st.DrawFn) -> Any:
    """Any fact; each is as likely to fit as not."""
    where: dict[str, Any] = {
        "queue": draw(QUEUES),
        "channel": "phone",
        "visit": draw(st.sampled_from([0, 0, 0, 1, 2])),
    }
    waiting = st.builds(Waiting, contact=CONTACTS, enqueued_at=st.none() | TIMES)
    seen = st.builds(AgentSeen, agent=AGENTS, state=st.sampled_from([None, "available", "busy"]))
    return draw(
        st.one_of(
            st.builds(Enqueued, priority=st.integers(0, 2), **_just(where)),
            st.builds(Enqueued, **_just(where)),
            st.builds(Offered, agent=AGENTS, **_just(where)),
            st.builds(OfferFailed, agent=AGENTS, **_just(where)),
            st.builds(Answered, agent=AGENTS, wait_s=MAYBE_WAIT, **_just(where)),
            st.builds(Answered, agent=AGENTS, wait_s=MAYBE_WAIT, **_just(where)),
            st.builds(Abandoned, wait_s=MAYBE_WAIT, **_just(where)),
            st.builds(Left, reason=st.sampled_from(["unknown", "timed_out", "key"]), **_just(where)),
            st.builds(Transferred, kind=st.sampled_from(["blind", "queue"]), **_just(where)),
            st.builds(Completed, talk_s=MAYBE_WAIT, wrap_up_s=MAYBE_WAIT, **_just(where)),
            st.builds(MessageSent, **_just(where)),
            st.builds(MessageReceived, **_just(where)),
            st.builds(
                AgentChanged,
                state=st.sampled_from([None, "available", "not_ready", "offline"]),
                queues=st.none() | st.lists(QUEUES, unique=True).map(tuple),
                joined=st.lists(QUEUES, max_size=1).map(tuple),
                capacity=st.none() | st.just({"chat": 3}),
            ),
            st.builds(
                QueueSnapshot,
                queue=QUEUES,
                channel=st.just("phone"),
                waiting=st.lists(waiting, max_size=3, unique_by=lambda one: one.contact).map(tuple),
                agents=st.none() | st.lists(seen, max_size=2, unique_by=lambda one: one.agent).map(tuple),
            ),
            st.builds(SourceStarted),
            st.builds(SourceStopped),
            st.builds(SourceGap),
        )
    )


def _just(where: dict[str, Any]) -> dict[str, Any]:
    return {key: st.just(value) for key, value in where.items()}


@st.composite
def histories(draw: st.DrawFn, max_size: int = 14) -> list[Event]:
    """Distinct events of two sources over forty seconds."""
    events = []
    for number in range(draw(st.integers(1, max_size))):
        fact = draw(data())
        subject = ""
        if isinstance(fact, AgentChanged):
            subject = draw(AGENTS)
        elif hasattr(fact, "contact"):
            subject = draw(CONTACTS)
        events.append(Event(f"e{number}", draw(SOURCES), draw(TIMES), fact, subject))
    return events


def told(events: list[Event]) -> Site:
    """The site after these events, in this order."""
    site = Site("default")
    ages = Ages()
    for number, event in enumerate(events):
        apply(site, event, 1000.0 + number, ages)
    return site


def picture(site: Site) -> dict[str, Any]:
    """What must not depend on the order in which events came in."""
    return {
        "visits": {
            name: sorted((visit.queue, visit.number, repr(visit)) for visit in contact.visits)
            for name, contact in site.contacts.items()
            if contact.visits
        },
        "misfits": {key: count for key, count in site.misfits.now.items() if count},
        "queues": {
            name: (
                queue.line,
                queue.serving,
                {key: count for key, count in queue.tally.now.items() if count},
                (queue.wait.now, queue.handling.now, queue.first_response.now),
                queue.roster,
            )
            for name, queue in site.queues.items()
        },
        "agents": {
            name: (agent.declared, agent.queues, agent.members, agent.capacity, agent.handling)
            for name, agent in site.agents.items()
            if agent.declared or agent.members or agent.handling
        },
        "sources": {name: (source.silent_at, source.spoke_at) for name, source in site.sources.items()},
    }
