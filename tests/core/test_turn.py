"""Tests of one turn: facts and the time in, decisions out, and when to be woken."""

from __future__ import annotations

from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    ContactFact,
    Data,
    Enqueued,
    Event,
    QueueSnapshot,
    SourceStopped,
)
from queuewatch.core.mind import Core
from queuewatch.core.notices.calm import REFRESH_S
from queuewatch.core.rules import NoticeRule, QueueRules, Rules
from queuewatch.core.state.site import BEGUN_PAGE_S, ENDED_PAGE_S, Change
from queuewatch.core.turn import LOOK_EVERY_S, LOOK_LATEST_S, LOOKS_PER_S, looked_at, turn, wake_at
from queuewatch.core.views import (
    Drawn,
    contact_views,
    misfits,
    notices_in_force,
    queue_view,
    source_views,
)
from tests.core.examples import SALES, SUPPORT, at, event
from tests.core.facts.values import values
from tests.core.histories import CONTACTS, SOURCES, histories, laws, picture
from tests.stories.timeline import Timeline

RULES = Rules()
chances = st.integers(0, 2**32).map(Random)


def test_a_core_that_knows_nothing_wants_nothing() -> None:
    core = Core()
    assert turn(core, RULES, at(0)) == []
    assert wake_at(core) is None
    assert Drawn().queues(core, RULES, at(0)) == ()


@pytest.mark.parametrize(
    ("queues", "every_s"), [(1, LOOK_EVERY_S), (120, 120 / LOOKS_PER_S), (170, LOOK_LATEST_S)]
)
def test_in_a_flood_queues_share_the_looks_and_none_waits_too_long(queues: int, every_s: float) -> None:
    core = Core()

    def joins(after_s: float, queue: int = 0) -> float:
        fact = Enqueued(queue=f"q{queue}", channel="phone")
        turn(core, RULES, at(after_s), [event(after_s, fact, f"c{queue}-{after_s}")])
        return core.attention["default"].watches["q0"].looked_at

    for queue in range(queues):
        joins(0, queue)
    assert joins(every_s - 0.125) == at(0)
    assert joins(every_s) == at(every_s)


def test_while_somebody_waits_the_queue_is_looked_at_again_soon() -> None:
    core = Core()
    turn(core, RULES, at(0), [event(0, Enqueued(**SALES))])
    assert wake_at(core) == at(REFRESH_S)
    turn(core, RULES, at(REFRESH_S))
    assert wake_at(core) == at(2 * REFRESH_S)
    turn(core, RULES, at(8), [event(8, Abandoned(**SALES))])
    turn(core, RULES, at(2 * REFRESH_S))
    first_looked_at = at(RULES.ages.late_s - BEGUN_PAGE_S)
    assert wake_at(core) == first_looked_at
    turn(core, RULES, first_looked_at)
    assert at(8 + RULES.ages.late_s) <= (wake_at(core) or 0.0) < at(8 + RULES.ages.late_s + ENDED_PAGE_S)


def test_the_core_wants_to_be_woken_when_a_supervisors_word_ends() -> None:
    core = Core()
    word = NoticeOverridden(queue="sales", level="normal", by="Grace", until_at=at(77))
    turn(core, RULES, at(0), [event(0, word, "")])
    assert wake_at(core) == at(77)


def test_a_word_ends_to_the_second_also_where_the_queue_is_looked_at_all_the_time() -> None:
    place = Timeline()
    place.tell(0, NoticeOverridden(queue="sales", level="normal", by="Grace", until_at=at(77)), "")
    place.tell(1, Enqueued(**SALES))
    place.until(76.999)
    assert place.queue().notice.by == "Grace"
    place.until(77)
    assert place.queue().notice.by is None


def test_a_fact_makes_its_queue_looked_at_and_an_agent_or_a_source_theirs() -> None:
    core = Core()
    for one in (
        event(0, Enqueued(**SALES)),
        event(0.5, Enqueued(**SUPPORT), "bob", source="/other"),
        event(1, AgentChanged(queues=("sales",)), "x"),
        event(2, AgentChanged(state="available"), "x"),
        event(3, SourceStopped(), "", source="/other"),
        event(4, QueueSnapshot(**SALES), ""),
        event(4.5, Completed(**SUPPORT), "bob", source="/other"),
    ):
        turn(core, RULES, one.at, [one])
        queue = "support" if one.source == "/other" else "sales"
        assert looked_at(core) == [("default", queue)]
        assert looked_at(core) == []


def test_those_who_wait_in_several_queues_are_looked_at_again_in_the_same_moment() -> None:
    core = Core()
    turn(core, RULES, at(0), [event(0, Enqueued(**SALES))])
    turn(core, RULES, at(3), [event(3, Enqueued(**SUPPORT), "bob")])
    looked_at(core)
    assert wake_at(core) == at(REFRESH_S)
    turn(core, RULES, at(REFRESH_S))
    assert sorted(looked_at(core)) == [("default", "sales"), ("default", "support")]
    assert wake_at(core) == at(2 * REFRESH_S)


def test_the_end_of_a_conversation_is_no_reason_for_a_look_where_nothing_is_busy_or_about_to_be() -> None:
    core = Core()
    turn(core, RULES, at(0), [event(0, Enqueued(**SALES))])
    turn(core, RULES, at(1), [event(1, Answered(**SALES, agent="x"))])
    watch = core.attention["default"].watches["sales"]
    turn(core, RULES, at(3), [event(3, Completed(**SALES))])
    assert watch.looked_at == at(1)
    assert looked_at(core) == [("default", "sales")]
    turn(core, RULES, at(3.5), [event(3.5, Enqueued(**SALES), "bob")])
    turn(core, RULES, at(4), [event(4, Answered(**SALES, agent="x"), "bob")])
    watch.busy.active = True
    turn(core, RULES, at(4.5), [event(4.5, Completed(**SALES), "bob")])
    assert watch.looked_at == at(4.5)


def test_sites_are_worlds_of_their_own() -> None:
    core = Core()
    turn(
        core,
        RULES,
        at(0),
        [
            event(0, Enqueued(**SALES), "ada", site="north"),
            event(0, AgentChanged(state="available", queues=("sales",)), "x", site="south"),
        ],
    )
    north, south = Drawn().queues(core, RULES, at(1))
    assert (north.site, north.waiting, north.agents) == ("north", 1, None)
    assert (south.site, south.waiting, south.agents) == ("south", 0, {"available": 1})
    assert [one.contact for one in contact_views(core, RULES, "north", "sales", at(1))] == ["ada"]
    with pytest.raises(KeyError):
        queue_view(core, RULES, "west", "sales", at(1))


def test_whoever_observes_is_told_of_every_move_with_its_site() -> None:
    moves: list[tuple[str, str | None, str | None]] = []

    def observe(site: str, change: Change) -> None:
        moves.append((site, change.was, change.now))

    core = Core()
    facts = [event(0, Enqueued(**SALES)), event(5, Answered(**SALES)), event(65, Completed(**SALES))]
    turn(core, RULES, at(65), facts, observe)
    assert moves == [
        ("default", None, "waiting"),
        ("default", "waiting", "answered"),
        ("default", "answered", "completed"),
    ]


def test_the_notice_in_force_bears_the_key_under_which_it_was_decided() -> None:
    place = Timeline()
    word = NoticeOverridden(queue="sales", level="busy", by="Grace")
    place.tell(0, Enqueued(**SUPPORT))
    place.tell(10, word, "")
    assert notices_in_force(place.core) == [(("default", "sales"), place.decisions[0].key)]
    assert place.core.attention["default"].notices == {"sales": {"busy": 1}}


def test_a_queue_where_nobody_waits_and_nobody_serves_is_not_busy_any_more() -> None:
    place = Timeline()
    place.tell(0, AgentChanged(state="available", queues=("sales",)), "x")
    place.tell(0, NoticeOverridden(queue="sales", level="busy", by="Grace", until_at=at(10)), "")
    place.tell(5, AgentChanged(state="offline"), "x")
    place.until(500)
    assert place.queue().next.no_estimate == "no_agents"
    assert place.told == [(0.0, "busy"), (10.0, "normal")]


def test_a_transfer_is_an_arrival_where_it_goes() -> None:
    place = Timeline()
    place.tell(0, Enqueued(**SALES))
    place.tell(10, Answered(**SALES, agent="x"))
    place.tell(70, Completed(**SALES))
    place.tell(71, Enqueued(**SUPPORT))
    learned = place.core.attention["default"].learned["support"]
    assert (learned.arrivals.sum, learned.waiting) == (1.0, 1)


def test_a_joining_that_is_told_late_is_no_second_arrival() -> None:
    place = Timeline()
    place.tell(10, Answered(**SALES, agent="x", wait_s=5.0))
    place.record(12, event(4, Enqueued(**SALES)))
    assert place.core.attention["default"].learned["sales"].arrivals.sum == 1.0


def test_rules_of_a_queue_decide_its_notice() -> None:
    """With one agent who handles 80 s, the next after one in line passes 3600 s hardly ever."""
    notice = NoticeRule(busy_threshold_s=3600.0, very_busy_threshold_s=14400.0, enter_hold_s=0.0)
    told = []
    for rules in (QueueRules(notice=NoticeRule(enter_hold_s=0.0)), QueueRules(notice=notice)):
        place = Timeline(Rules(queues={"sales": rules}))
        place.practised()
        place.tell(0, Answered(**SALES, agent="xena", wait_s=0.0), "zoe")
        place.tell(80, Completed(**SALES), "zoe")
        place.tell(81, Answered(**SALES, agent="xena", wait_s=0.0), "yan")
        place.tell(90, Enqueued(**SALES))
        told.append(place.told)
    assert told == [[(90.0, "busy")], []]


@laws
@given(histories(), chances)
def test_what_was_learned_knows_who_waits(events: list[Event], chance: Random) -> None:
    chance.shuffle(events)
    core = Core()
    for number, one in enumerate(events):
        turn(core, RULES, at(100 + number), [one])
        for name, learned in core.attention["default"].learned.items():
            assert learned.waiting == len(core.sites["default"].queues[name].line)


@laws
@given(histories(), chances)
def test_told_late_or_in_time_the_state_is_the_same(events: list[Event], chance: Random) -> None:
    in_time, late = Timeline(), Timeline(restarts=True)
    for one in sorted(events, key=lambda event: event.at):
        in_time.record(one.at - at(0), one)
    delayed = sorted(
        (one.at - at(0) + chance.choice((0, 1, 60, 299)), n, one) for n, one in enumerate(events)
    )
    for now_s, _, one in delayed:
        late.record(now_s, one)
    in_time.until(400)
    late.until(400)
    assert picture(late.core.sites["default"]) == picture(in_time.core.sites["default"])


# ── no event whatever ─────────────────────────────────────────────────────────────────────────────────────

moments = st.sampled_from([-6e10, -1.0, 0.0, at(0), at(1), at(60), at(60), at(1e9), 2.5e11]) | st.floats(
    -6e10, 2.5e11
)


_ANY_DATA = [values(inspect.type_info(fact)) for fact in get_args(Data)]


@st.composite
def anything(draw: st.DrawFn) -> Event:
    """Any event that the wire lets in, about few contacts and queues, so that they meet."""
    data = draw(draw(st.sampled_from(_ANY_DATA)))
    if hasattr(data, "queue"):
        data = type(data)(
            **{name: getattr(data, name) for name in data.__struct_fields__} | {"queue": "sales"}
        )
    subject = draw(st.sampled_from(CONTACTS)) if isinstance(data, ContactFact | AgentChanged) else ""
    ident = draw(st.sampled_from(["e1", "e2", "e3", "e4", "e5"]))
    version_at = draw(st.none() | moments)
    return Event(ident, draw(st.sampled_from(SOURCES)), draw(moments), data, subject, version_at=version_at)


@laws
@given(st.lists(anything(), max_size=10))
def test_no_event_whatever_makes_a_turn_or_a_view_fail(events: list[Event]) -> None:
    core = Core()
    now = at(0)
    for one in events:
        now += 30.0
        turn(core, RULES, now, [one])
        views = Drawn().queues(core, RULES, now)
        assert all(
            view.waiting + view.callbacks == len(contact_views(core, RULES, view.site, view.queue, now))
            for view in views
        )
        source_views(core, RULES)
    for _ in range(20):
        due_at = wake_at(core)
        if due_at is None:
            break
        now = max(now, due_at)
        turn(core, RULES, now)
        assert (woken := wake_at(core)) is None or woken > now


def test_facts_that_fit_no_visit_are_counted_by_site_and_reason() -> None:
    core = Core()
    turn(core, Rules(), 5.0, [Event("e", "pbx", 5.0, Completed(queue="sales", channel="phone"), "ada")])
    assert misfits(core) == {"default": {"no_visit": 1}}
