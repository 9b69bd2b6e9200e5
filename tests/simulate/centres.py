"""Centres to test with, and the theory they must obey."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from scipy.special import betainc

from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan
from queuewatch.simulate.laws import Duration, Profile
from queuewatch.simulate.run import simulate
from queuewatch.simulate.truth import Truth

HOUR_S = 3600.0


def exponential(mean_s: float) -> Duration:
    return Duration(mean_s=mean_s, law="exponential")


def a_queue(name: str = "support", per_hour: float = 60.0, **more: Any) -> QueuePlan:
    fields: dict[str, Any] = {"channel": "phone", "handling": exponential(240.0)} | more
    return QueuePlan(name=name, profile=Profile(per_hour=(per_hour,)), **fields)


def agents(number: int, *queues: str, **more: Any) -> tuple[AgentPlan, ...]:
    skills = dict.fromkeys(queues or ("support",), 1)
    return tuple(AgentPlan(**{"name": f"{queues or 'a'}{i}", "skills": skills} | more) for i in range(number))


def a_centre(number: int = 5, **more: Any) -> Centre:
    """One queue, some agents who are always there."""
    return Centre(queues=(a_queue(**more),), agents=agents(number))


def busy_corner(*, ring: Duration | None = None) -> Centre:
    """Small and overloaded, with all that disturbs first come, first served."""
    return Centre(
        queues=(
            a_queue(
                "gold", 30, patience=exponential(90.0), ahead_s=45.0, ring=ring, wrap_up=exponential(20.0)
            ),
            a_queue("iron", 40, patience=exponential(120.0), ring=ring, languages={"en": 0.7, "de": 0.3}),
        ),
        agents=(
            *agents(2, "gold", "iron"),
            *agents(1, "gold", no_answer=0.3 if ring else 0.0),
            AgentPlan(name="speaker", skills={"iron": 1, "gold": 2}, languages=("de",)),
        ),
    )


def estimate(
    centre: Centre,
    figures: Callable[[Truth], list[float]],
    *,
    hours: float,
    runs: int = 30,
    engine: Literal["auto", "general"] = "auto",
) -> tuple[list[float], list[float]]:
    """Means of some figures over independent runs, and their standard errors."""
    table = np.array(
        [
            figures(simulate(centre, 0, hours * HOUR_S, rng, drain_s=4 * HOUR_S, engine=engine))
            for rng in np.random.default_rng(20261121).spawn(runs)
        ]
    )
    return table.mean(axis=0).tolist(), (table.std(axis=0, ddof=1) / np.sqrt(runs)).tolist()


def settled(truth: Truth, *, after_hours: float = 2.0) -> Any:
    """Which visits came after the beginning, when the centre was still empty, was forgotten."""
    return truth.visits.enqueued_at > truth.start_at + after_hours * HOUR_S


def steady_state(per_s: float, served_per_s: float, agents: int, leaves_per_s: float) -> Any:
    """Chance of n contacts in an M/M/c+M system (birth and death; Palm 1957), n = 0, 1, …; shape (2000,)."""
    n = np.arange(1, 2000)
    deaths = np.minimum(n, agents) * served_per_s + np.maximum(n - agents, 0) * leaves_per_s
    logs = np.concatenate([[0.0], np.cumsum(np.log(per_s / deaths))])
    chances = np.exp(logs - logs.max())
    return chances / chances.sum()


def chance_past(chances: Any, t_s: float, agents: int, served_per_s: float, leaves_per_s: float) -> float:
    """P(V > t) of who never hangs up, in M/M/c+M: a beta tail for each number ahead in line."""
    ahead = np.arange(chances.size - agents)
    tails = betainc(agents * served_per_s / leaves_per_s, ahead + 1, np.exp(-leaves_per_s * t_s))
    return float(chances[agents:] @ tails)
