"""A calm day, then a rush: what is told in its first minutes, against what a known centre must come to.

Agents, handling and patience are exponential and known, so the truth for one who stays is a closed form:
the place in line against what all agents let go (`queueing/position.py`).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from itertools import islice

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.wait import Estimator, Joined, Remaining, Scene
from queuewatch.core.rules import Rules
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import Visit
from queuewatch.core.trust.trial import Trial
from queuewatch.queueing.position import chance_over
from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan
from queuewatch.simulate.events import events
from queuewatch.simulate.laws import Duration, Profile, Surge
from queuewatch.simulate.run import simulate

START_AT = 1_700_438_400.0
AGENTS, HANDLING_S, PATIENCE_S = 4, 200.0, 400.0
# One more in line never makes it likelier to be answered in time by more than this: rounding in what was
# learned. One more agent never makes it less likely by more than this.
PLACE_SLACK, AGENT_SLACK = 0.002, 0.02


class Nobody:
    """Watches nothing."""

    def arrived(self, joined: Joined, who: Visit, estimators: tuple[Estimator, ...]) -> None:
        """Nothing."""

    def moved(self, site: str, change: Change) -> None:
        """Nothing."""


def rush(
    calm_h: float, calm_per_hour: float, rush_per_hour: float, seed: int
) -> Iterator[tuple[float, Trial]]:
    """The centre at every 20 s of a rush of half an hour that comes after so many calm hours."""
    begins_at = START_AT + calm_h * 3600.0
    queue = QueuePlan(
        name="sales",
        channel="phone",
        profile=Profile(per_hour=(calm_per_hour,)),
        handling=Duration(mean_s=HANDLING_S, law="exponential"),
        patience=Duration(mean_s=PATIENCE_S, law="exponential"),
    )
    surge = Surge(queue="sales", from_at=begins_at, to_at=begins_at + 1800.0, per_hour=rush_per_hour)
    crew = tuple(AgentPlan(name=f"a{i}", skills={"sales": 1}) for i in range(AGENTS))
    centre = Centre(queues=(queue,), agents=crew, surges=(surge,))
    truth = simulate(centre, START_AT, begins_at + 1800.0, np.random.default_rng(seed))
    trial = Trial(Rules(), lambda: (Live(),), Nobody())
    look_at = begins_at + 20.0
    for event in events(truth):
        while event.at > look_at:
            yield look_at, trial
            look_at += 20.0
        trial.take(event)


def said(trial: Trial, scene: Scene) -> Remaining:
    remaining = trial.estimators["default"][0].remaining(scene, len(scene.queue.line), None)
    assert not isinstance(remaining, str)
    return remaining


@pytest.mark.slow
@pytest.mark.parametrize(("calm_h", "calm_per_hour"), [(6.0, 40.0), (24.0, 50.0), (24.0, 20.0)])
def test_a_rush_after_a_calm_day_is_told_as_what_it_is_from_its_first_minutes_on(
    calm_h: float, calm_per_hour: float
) -> None:
    off: dict[str, list[float]] = {"60": [], "180": [], "thirteen": []}
    for seed in range(4):
        for at, trial in rush(calm_h, calm_per_hour, 150.0, seed):
            scene = trial.scene("default", "sales", at)
            if scene.queue.serving < AGENTS:
                continue
            ahead = len(scene.queue.line)
            told = said(trial, scene)
            for threshold_s in (60.0, 180.0):
                true = chance_over(threshold_s, float(ahead), AGENTS / HANDLING_S, 1.0 / PATIENCE_S)
                off[f"{threshold_s:g}"].append(abs(told.chance_over(threshold_s) - true))
            if ahead >= 13:
                off["thirteen"].append(told.chance_over(60.0))
    assert np.mean(off["60"]) < 0.03
    assert np.mean(off["180"]) < 0.08
    assert min(off["thirteen"]) > 0.95
    assert np.median(off["thirteen"]) > 0.99


@settings(max_examples=12, deadline=None)
@given(
    calm_per_hour=st.floats(15.0, 70.0),
    seed=st.integers(0, 1000),
    look=st.integers(0, 60),
    more=st.integers(1, 15),
)
def test_with_all_else_equal_a_place_further_back_is_no_better_and_one_more_agent_no_worse(
    calm_per_hour: float, seed: int, look: int, more: int
) -> None:
    at, trial = next(islice(rush(3.0, calm_per_hour, 120.0, seed), look, None))
    scene = trial.scene("default", "sales", at)
    if scene.queue.serving < AGENTS:
        return
    line = scene.queue.line
    for serial in range(more):
        nearer = said(trial, scene)
        insort(line, (0, at - 1e-3, f"later{serial}", 1))
        further = said(trial, scene)
        for threshold_s in (60.0, 180.0):
            assert further.chance_over(threshold_s) >= nearer.chance_over(threshold_s) - PLACE_SLACK
    scene.queue.serving += 1
    helped = said(trial, msgspec.structs.replace(scene, share=scene.share + 1.0, slots=scene.slots + 1))
    for threshold_s in (60.0, 180.0):
        assert helped.chance_over(threshold_s) <= further.chance_over(threshold_s) + AGENT_SLACK
