"""A fifth of the agents are missing from the data: what is told is no worse than the best plain rule."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Rules
from queuewatch.core.trust.bakeoff import Bakeoff
from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan
from queuewatch.simulate.events import events
from queuewatch.simulate.flaws import hide
from queuewatch.simulate.laws import Duration, Profile
from queuewatch.simulate.run import simulate

MONDAY_AT = 1_700_438_400.0
DAY_S = 86_400.0
AGENTS = 10
HIDDEN = {"a0", "a5"}


def told() -> Iterator[Event]:
    """Two days of two queues that share agents, as a source tells them that does not know all agents."""
    shape = (0.2,) * 7 + (0.9, 1.2, 1.3, 1.2, 1.0, 0.9, 1.1, 1.2, 1.0, 0.8) + (0.4,) * 7
    queues = tuple(
        QueuePlan(
            name=name,
            channel="phone",
            profile=Profile(per_hour=tuple(per_hour * one for one in shape)),
            handling=Duration(mean_s=handling_s, cv=1.2),
            patience=Duration(mean_s=400.0, cv=1.2),
        )
        for name, per_hour, handling_s in (("gold", 80.0, 220.0), ("iron", 90.0, 180.0))
    )
    crew = tuple(
        AgentPlan(name=f"a{i}", skills={"gold": 1 + i % 2, "iron": 2 - i % 2}) for i in range(AGENTS)
    )
    truth = simulate(
        Centre(queues=queues, agents=crew),
        MONDAY_AT,
        MONDAY_AT + 2 * DAY_S,
        np.random.default_rng(11),
        drain_s=3600.0,
    )
    yield from hide(events(truth), HIDDEN)


@pytest.mark.slow
def test_ours_is_no_worse_than_the_best_of_the_others() -> None:
    bakeoff = Bakeoff(Rules(), pooled=True, score_from=MONDAY_AT + 0.75 * DAY_S)
    for event in told():
        bakeoff.take(event)
    result = bakeoff.result(lambda _: 0)
    scores = {one.estimator: one for one in result.scores}
    ours = scores.pop(result.ours)
    assert ours.contacts > 400
    # A rule that keeps silent where it is hard is not compared.
    others = [one for one in scores.values() if one.no_estimate < ours.contacts / 10]
    assert len(others) > 8
    for threshold in ("60", "180"):
        assert ours.brier[threshold] <= min(one.brier[threshold] for one in others)
    assert ours.rmse_s <= min(one.rmse_s for one in others)
    assert ours.kept_90 == pytest.approx(0.9, abs=0.05)
