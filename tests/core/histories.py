"""Histories to try the core on: facts that fit and facts that do not, snapshots, restarts, corrections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    AgentSeen,
    Answered,
    Completed,
    Data,
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
from queuewatch.core.facts.terms import AgentState, LeftReason
from queuewatch.core.rules import Ages
from queuewatch.core.state.apply import apply
from queuewatch.core.state.site import Site

MORNING = 1_795_255_200.0  # 2026-11-21T10:00:00Z
QUEUES = ("sales", "support")
CONTACTS = ("ada", "bob", "cyd")
AGENTS = ("x", "y")
SOURCES = ("/pbx", "/pbx", "/other")
STATES: tuple[AgentState | None, ...] = (None, "available", "not_ready", "offline")
REASONS: tuple[LeftReason, ...] = ("unknown", "timed_out", "key")
SPAN_S = 40

# Shrinking is bounded: what falsifies a law is small enough to read, and the quick run stays quick. Histories
# differ more than most examples do, so there are twice as many as the profile says.
laws = settings(
    deadline=None,
    max_examples=2 * settings().max_examples,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    derandomize=True,
)

_Choose = Callable[[int], int]
"""Gives a number from 0 to below its argument."""


def _where(choose: _Choose) -> dict[str, Any]:
    return {
        "queue": QUEUES[choose(2)],
        "channel": "phone",
        "visit": (0, 0, 0, 1, 2)[choose(5)],
    }


def _seconds(choose: _Choose) -> float | None:
    return (None, 0.0, 3.0, 9.0)[choose(4)]


def _listed(choose: _Choose) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(contact=name, enqueued_at=None if choose(2) else MORNING + choose(SPAN_S))
        for name in CONTACTS
        if choose(2)
    )


def _seen(choose: _Choose) -> tuple[AgentSeen, ...] | None:
    if choose(2):
        return None
    return tuple(AgentSeen(agent=name, state=STATES[choose(2)]) for name in AGENTS if choose(2))


_FACTS: tuple[Callable[[_Choose], Data], ...] = (
    lambda c: Enqueued(**_where(c)),
    lambda c: Enqueued(priority=c(3) - 1, **_where(c)),
    lambda c: Enqueued(**_where(c)),
    lambda c: Answered(agent=AGENTS[c(2)], wait_s=_seconds(c), **_where(c)),
    lambda c: Answered(agent=AGENTS[c(2)], wait_s=_seconds(c), **_where(c)),
    lambda c: Abandoned(wait_s=_seconds(c), **_where(c)),
    lambda c: Left(reason=REASONS[c(3)], **_where(c)),
    lambda c: Completed(talk_s=_seconds(c), wrap_up_s=_seconds(c), **_where(c)),
    lambda c: Offered(agent=AGENTS[c(2)], **_where(c)),
    lambda c: OfferFailed(agent=AGENTS[c(2)], **_where(c)),
    lambda c: Transferred(kind=("blind", "queue")[c(2)], **_where(c)),
    lambda c: MessageSent(**_where(c)),
    lambda c: MessageReceived(**_where(c)),
    lambda c: AgentChanged(
        state=STATES[c(4)],
        queues=(None, (), ("sales",), QUEUES)[c(4)],
        joined=((), ("support",))[c(2)],
        left=((), ("sales",))[c(2)],
        capacity={"chat": 3} if c(2) else None,
    ),
    lambda c: QueueSnapshot(queue=QUEUES[c(2)], channel="phone", waiting=_listed(c), agents=_seen(c)),
    lambda c: QueueSnapshot(queue=QUEUES[c(2)], channel="phone", waiting=_listed(c), agents=_seen(c)),
    lambda _: SourceStarted(),
    lambda _: SourceStopped(),
    lambda _: SourceGap(),
)


def _chooser(draw: st.DrawFn) -> _Choose:
    """One number drawn serves many choices, which is a good deal faster than drawing each."""
    left = draw(st.integers(0, 2**48 - 1))

    def choose(among: int) -> int:
        nonlocal left
        left, chosen = divmod(left, among)
        return chosen

    return choose


def _subject(choose: _Choose, fact: Data) -> str:
    if isinstance(fact, AgentChanged):
        return AGENTS[choose(2)]
    return CONTACTS[choose(3)] if hasattr(fact, "contact") else ""


@st.composite
def histories(draw: st.DrawFn, max_size: int = 14) -> list[Event]:
    """Distinct events of two sources over forty seconds."""
    events = []
    for number in range(draw(st.integers(1, max_size))):
        choose = _chooser(draw)
        fact = _FACTS[choose(len(_FACTS))](choose)
        at = MORNING + choose(SPAN_S)
        events.append(Event(f"e{number}", SOURCES[choose(3)], at, fact, _subject(choose, fact)))
    return events


@st.composite
def overrides(draw: st.DrawFn) -> Event:
    """A supervisor's word, with or without an end."""
    choose = _chooser(draw)
    at = MORNING + choose(SPAN_S)
    level = (None, "normal", "busy", "very_busy")[choose(4)]
    word = NoticeOverridden(
        queue=QUEUES[choose(2)],
        level=level,  # type: ignore[arg-type]
        by="Grace",
        until_at=None if choose(2) else MORNING + choose(2 * SPAN_S),
    )
    return Event(f"o{choose(1000)}", "/http", at, word)


@st.composite
def corrected_histories(draw: st.DrawFn) -> list[Event]:
    """Histories in which some events come in several versions, told apart by `version_at`.

    A version of a contact's fact may tell anything else of the contact, at any other time. Of sources and
    agents only the latest word is kept, so that their versions differ in what they say, not in when.
    """
    events = draw(histories())
    for event in list(events):
        choose = _chooser(draw)
        if choose(2):
            continue
        fact = _FACTS[choose(13)](choose)
        if hasattr(event.data, "contact"):
            version = replace(event, data=fact, at=MORNING + choose(SPAN_S))
        elif isinstance(event.data, QueueSnapshot):
            version = replace(event, data=replace(event.data, waiting=_listed(choose)))
        elif isinstance(event.data, AgentChanged) and event.data.state is not None:
            version = replace(event, data=replace(event.data, state="wrap_up"))
        else:
            continue
        events.append(replace(version, version_at=MORNING + choose(3)))
    return _without_twins(events)


def _without_twins(events: list[Event]) -> list[Event]:
    return list({(one.id, one.version_at): one for one in events}.values())


def latest_versions(events: Iterable[Event]) -> list[Event]:
    """Of each event only the version that counts in the end."""
    kept: dict[tuple[str, str], Event] = {}
    for one in events:
        known = kept.get((one.source, one.id))
        if known is None or (one.version_at or 0.0) > (known.version_at or 0.0):
            kept[one.source, one.id] = one
    return list(kept.values())


def told(events: Iterable[Event]) -> Site:
    """The site after these events, in this order."""
    site = Site("default")
    ages = Ages()
    for number, event in enumerate(events):
        apply(site, event, MORNING + 1000.0 + number, ages)
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
                None if queue.guessed else queue.channel,
                queue.line,
                queue.serving,
                {key: count for key, count in queue.tally.now.items() if count},
                (queue.wait.now, queue.gave_up.now, queue.handling.now, queue.first_response.now),
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
