"""Tests of other staffing at the same moment: what moves, by how much, and what cannot be said."""

from __future__ import annotations

from math import exp, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.estimate.place import PICK_UP_S, InLine, PlaceInLine
from queuewatch.core.estimate.wait import Estimator, Remaining, Scene, whole_wait
from queuewatch.core.facts.events import Enqueued
from queuewatch.core.rules import QueueRules, Targets
from queuewatch.core.seen.whatif import (
    MOST_MORE,
    Ask,
    Capacity,
    Stretched,
    capacity,
    causes,
    trouble,
    what_if,
)
from queuewatch.core.state.visit import Visit
from queuewatch.core.view import Cause, NoEstimateReason, SteadyView, TroubleView, WaitView
from queuewatch.core.views import queue_view
from queuewatch.core.views import what_if as core_what_if
from tests.core.estimate.scenes import Play
from tests.core.examples import SALES, at
from tests.stories.timeline import Timeline

OWN = QueueRules()
PLACE = PlaceInLine()


def busy_desk(agents: int = 2, waiting: int = 3, handling_s: float = 60.0) -> Play:
    """So many agents, all busy, and so many in line for a moment; contacts take so long."""
    play = Play()
    names = [f"agent-{number}" for number in range(agents)]
    for name in names:
        play.agent(name, state="available")
    play.waits("known", 1.0, handling_s=handling_s, agent=names[0] if names else "gone")
    for number, name in enumerate(names):
        play.joins(f"served-{number}")
        play.answers(f"served-{number}", name)
    for number in range(waiting):
        play.joins(f"waiting-{number}")
    return play


def asked(play: Play, **ask: float) -> WaitView:
    """The next contact's wait with other staffing, by the closed form."""
    return what_if(PLACE, play.scene(), OWN, Ask(**ask)).next


def next_now(scene: Scene) -> WaitView:
    ahead = len(scene.queue.line)
    return whole_wait(PLACE.remaining(scene, ahead, None), scene, ahead, None, OWN.thresholds_s, PLACE.name)


def test_with_the_agents_there_are_it_is_the_estimate_itself() -> None:
    play = busy_desk()
    view = what_if(PLACE, play.scene(), OWN, Ask())
    now = next_now(play.scene())
    assert view.next.chances == pytest.approx(now.chances)
    assert view.next.quantiles_s == pytest.approx(now.quantiles_s)
    assert (view.agents, view.agents_then, view.agents_known) == (2.0, 2.0, True)
    assert view.targets == {"60": 0.2, "180": 0.02}
    assert [wait.place for wait in view.line] == [1, 2, 3]


def test_agents_who_come_take_the_first_in_line_and_let_the_others_move_quicker() -> None:
    play = busy_desk(agents=2, waiting=3, handling_s=60.0)
    scene = play.scene()
    abandon = scene.learned.abandon_rate(scene.now)
    view = what_if(PLACE, scene, OWN, Ask(more=2.0))
    # Two more on two: twice the pace of 2 / 60 s; and two of the three ahead are gone at once.
    assert view.next.mean_s == pytest.approx(InLine(1.0, 4 / 60, abandon).mean_s)
    pick_up_s = scene.learned.pick_up.read()
    assert [wait.mean_s for wait in view.line[:2]] == [pytest.approx(pick_up_s)] * 2
    assert view.line[2].mean_s == pytest.approx(InLine(0.0, 4 / 60, abandon).mean_s)
    assert view.agents_then == 4.0


def test_agents_who_go_make_the_line_slower() -> None:
    play = busy_desk(agents=2, waiting=0, handling_s=60.0)
    # Nobody ahead: the wait is exponential, with one agent of two at half the pace.
    assert asked(play, more=-1.0).chances["60"] == pytest.approx(exp(-60 / 60))
    assert asked(play, agents=1.0).chances == asked(play, more=-1.0).chances


@pytest.mark.parametrize("ask", [{"more": -2.0}, {"agents": 0.0}, {"more": -9.0}])
def test_with_nobody_left_there_is_no_estimate(ask: dict[str, float]) -> None:
    wait = asked(busy_desk(agents=2), **ask)
    assert (wait.no_estimate, wait.mean_s) == ("no_agents", None)


def test_the_last_free_agent_who_goes_makes_the_next_one_wait() -> None:
    play = busy_desk(agents=2, waiting=0, handling_s=60.0)
    play.now += 60.0
    play.ends("served-0")
    assert asked(play).chances["60"] < 0.01
    assert asked(play, more=-1.0).chances["60"] == pytest.approx(exp(-60 / 60))


def test_longer_handling_makes_the_line_slower_in_proportion() -> None:
    play = busy_desk(agents=2, waiting=0, handling_s=60.0)
    assert asked(play, handling_s=120.0).chances["60"] == pytest.approx(exp(-60 / 60))


def test_more_arrivals_change_the_steady_picture_alone() -> None:
    play = busy_desk(agents=2)
    few, many = (
        what_if(PLACE, play.scene(), OWN, Ask(arrivals_per_hour=rate, handling_s=60.0))
        for rate in (30.0, 90.0)
    )
    assert few.next == many.next
    assert few.steady is not None
    assert many.steady is not None
    assert (few.steady.load_erlangs, many.steady.load_erlangs) == pytest.approx((0.5, 1.5))
    assert few.steady.chances["60"] < many.steady.chances["60"]


def test_the_steady_picture_follows_the_agents() -> None:
    scene = busy_desk(agents=2).scene()
    chances = []
    for more in (-1.0, 0.0, 3.0):
        steady = what_if(PLACE, scene, OWN, Ask(more=more, arrivals_per_hour=50.0)).steady
        assert steady is not None
        chances.append(steady.chances["60"])
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[2]


def test_a_queue_nothing_is_known_of_says_so() -> None:
    play = Play()
    play.joins("ada")
    view = what_if(PLACE, play.scene(), OWN, Ask(more=2.0))
    assert (view.agents, view.agents_then, view.steady) == (None, None, None)
    assert (view.next.no_estimate, view.line[0].no_estimate) == ("too_few_data", "too_few_data")
    asked_for = what_if(PLACE, play.scene(), OWN, Ask(arrivals_per_hour=60.0, handling_s=60.0))
    assert asked_for.steady is not None
    assert asked_for.steady.load_erlangs == pytest.approx(1.0)


def test_a_silent_source_stays_one_whoever_comes() -> None:
    play = busy_desk()
    play.now += 1.0
    play.falls_silent()
    assert asked(play, more=2.0).no_estimate == "source_stale"
    unknown = Play()
    unknown.joins("ada")
    unknown.now += 1.0
    unknown.falls_silent()
    assert what_if(PLACE, unknown.scene(), OWN, Ask()).next.no_estimate == "source_stale"


def test_where_nobody_was_there_those_who_come_are_told_by_the_closed_form() -> None:
    play = Play()
    play.waits("known", 1.0, handling_s=60.0)
    play.agent("ann", state="offline")
    play.joins("ada")
    assert asked(play).no_estimate == "no_agents"
    scene = play.scene()
    abandon = scene.learned.abandon_rate(scene.now)
    view = what_if(PLACE, scene, OWN, Ask(agents=1.0))
    assert view.line[0].mean_s == pytest.approx(scene.learned.pick_up.read() or PICK_UP_S)
    assert view.next.mean_s == pytest.approx(InLine(0.0, 1 / 60, abandon).mean_s)


def test_where_agents_are_not_told_of_the_pace_speaks_for_them() -> None:
    play = Play()
    for number in range(40):
        play.joins(f"before-{number}")
    for number in range(36):
        play.now += 20.0
        play.answers(f"before-{number}", agent=None)
        play.now += 20.0
        play.ends(f"before-{number}")
    scene = play.scene()
    now = capacity(scene)
    assert now is not None
    # One let go each 40 s, each in hand for 20 s: half an agent's work.
    assert scene.agents is None
    assert now.agents == pytest.approx(0.5, rel=0.1)
    waits = [asked(play, more=more).mean_s for more in (-0.2, 0.0, 1.0)]
    assert waits == sorted(waits, key=lambda mean_s: -(mean_s or inf))
    view = what_if(PLACE, scene, OWN, Ask(agents=0.0))
    assert (view.next.no_estimate, view.agents_known) == ("no_agents", False)


def test_a_pace_that_was_never_shown_is_not_invented() -> None:
    play = Play()
    play.waits("known", 1.0, agent=None)
    play.joins("ada")
    assert capacity(play.scene()) is None


@given(
    agents=st.integers(1, 6),
    waiting=st.integers(0, 12),
    handling_s=st.floats(30.0, 600.0),
    fewer=st.integers(-3, 6),
    more=st.integers(0, 6),
)
def test_more_agents_never_make_anybody_wait_longer(
    agents: int, waiting: int, handling_s: float, fewer: int, more: int
) -> None:
    scene = busy_desk(agents, waiting, handling_s).scene()
    few = what_if(PLACE, scene, OWN, Ask(more=float(fewer)))
    many = what_if(PLACE, scene, OWN, Ask(more=float(fewer + more)))
    for less, better in zip((few.next, *few.line), (many.next, *many.line), strict=True):
        if less.mean_s is None:
            continue
        assert better.mean_s is not None
        # Nobody picks up quicker than agents here do.
        assert better.mean_s <= max(less.mean_s, PICK_UP_S) * (1 + 1e-9)


class Said(PlaceInLine):
    """An estimator that says for every place what a test wants."""

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002
        return InLine(0.0, 1 / 100, 0.0, own_rate=1 / 50)


def test_what_the_estimator_says_is_stretched_by_what_the_closed_form_says() -> None:
    play = busy_desk(agents=2, waiting=0)
    half = what_if(Said(), play.scene(), OWN, Ask(more=-1.0)).next
    # Mean 100 s, at half the pace 200 s.
    assert half.mean_s == pytest.approx(200.0)
    assert half.chances["60"] == pytest.approx(exp(-60 / 200))
    assert half.quantiles_s["0.5"] == pytest.approx(2 * InLine(0.0, 1 / 100, 0.0).quantile_s(0.5))


def test_patience_does_not_stretch() -> None:
    told = InLine(0.0, 1 / 100, 0.0, own_rate=1 / 50)
    assert Stretched(told, 2.0).chance_there(30.0) == pytest.approx(exp(-30 / 200) * exp(-30 / 50))
    assert Stretched(told, 2.0).chance_there(1e9) == 0.0


# ── trouble ───────────────────────────────────────────────────────────────────────────────────────────────


def told_trouble(
    play: Play, own: QueueRules = OWN, steady: SteadyView | None = None, estimator: Estimator = PLACE
) -> TroubleView | None:
    scene = play.scene()
    return trouble(estimator, scene, own, next_now(scene), steady)


def needing(agents: int, load: float = 1.0) -> SteadyView:
    return SteadyView(
        arrivals_per_hour=60.0, handling_s=60.0, load_erlangs=load, chances={}, agents_required=agents
    )


def test_a_calm_queue_is_in_no_trouble() -> None:
    assert told_trouble(busy_desk(agents=20, waiting=0)) is None


def test_the_fewest_agents_that_help_are_named_and_one_fewer_would_not_do() -> None:
    play = busy_desk(agents=2, waiting=6, handling_s=120.0)
    found = told_trouble(play)
    assert found is not None
    assert found.agents is not None
    assert found.chances == asked(play, more=float(found.agents)).chances
    assert found.chances["60"] <= 0.2
    assert found.chances["180"] <= 0.02
    fewer = asked(play, more=float(found.agents - 1)).chances
    assert fewer["60"] > 0.2 or fewer["180"] > 0.02


def test_what_the_load_needs_goes_before_what_helps_the_very_next() -> None:
    found = told_trouble(busy_desk(agents=2, waiting=0, handling_s=300.0), steady=needing(7))
    assert found is not None
    assert found.agents == 5


def test_where_no_number_of_agents_helps_none_is_named() -> None:
    never = QueueRules(targets=Targets(past_first=0.0, past_second=0.0))
    found = told_trouble(busy_desk(agents=1, waiting=MOST_MORE * 3, handling_s=600.0), never)
    assert found is not None
    assert (found.agents, found.chances) == (None, {})


def test_people_who_wait_for_nobody_are_trouble() -> None:
    play = Play()
    play.waits("known", 1.0, handling_s=60.0)
    play.agent("ann", state="not_ready")
    play.joins("ada")
    found = told_trouble(play)
    assert found is not None
    assert found.why == (Cause("nobody_there", 0, 1),)
    assert found.agents == 2
    play.gives_up("ada")
    assert told_trouble(play) is None


def test_what_cannot_be_said_is_left_out_of_the_trouble() -> None:
    play = Play()
    play.agent("ann", state="offline")
    play.joins("ada")
    assert told_trouble(play) == TroubleView(why=(Cause("nobody_there", 0, 0),))

    class Silent(PlaceInLine):
        def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002
            return "source_stale"

    found = told_trouble(busy_desk(agents=1, waiting=4), estimator=Silent())
    assert found is not None
    assert found.agents is None


def test_the_causes_are_told_in_numbers() -> None:
    play = busy_desk(agents=2, waiting=3)
    play.agent("zoe", state="not_ready")
    scene = play.scene()
    assert causes(scene, needing(3)) == (
        Cause("long_line", 3, 2),
        Cause("too_few", 2, 3),
        Cause("away", 1, 3),
    )
    assert causes(scene, needing(3, load=2.0))[1] == Cause("too_much", 2.0, 2)
    assert causes(busy_desk(agents=2, waiting=2).scene(), needing(2)) == ()
    assert causes(busy_desk(agents=2, waiting=2).scene(), None) == ()


def test_the_core_answers_for_a_queue_it_knows() -> None:
    place = Timeline()
    place.tell(0, Enqueued(**SALES))
    view = core_what_if(place.core, place.rules, "default", "sales", at(1), Ask(more=1.0))
    assert (view.queue, view.at) == ("sales", at(1))
    assert queue_view(place.core, place.rules, "default", "sales", at(1)).targets == view.targets
    with pytest.raises(KeyError):
        core_what_if(place.core, place.rules, "default", "slaes", at(1), Ask())


def test_free_agents_beyond_those_ahead_pick_up_at_once() -> None:
    scene = busy_desk(agents=2, waiting=1).scene()
    assert Capacity(3.0, 2, 0.1, 60.0).line(scene, 1).ahead == 0.0
    assert Capacity(3.0, 2, 0.1, 60.0).line(scene, 2) == InLine(
        0.0, 0.1, scene.learned.abandon_rate(scene.now), scene.learned.abandon_rate(scene.now)
    )
