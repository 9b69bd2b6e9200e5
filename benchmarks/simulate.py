"""Contacts a second of the simulated contact centre, beside ciw on the same centre in the same run.

    python -m benchmarks.simulate

One phone queue, 50 agents, 570 contacts an hour, lognormal handling (mean 300 s, cv 1), exponential
patience (mean 180 s). The shares of those who gave up are printed to show that all simulate the same thing.
Rounds take turns; the median counts. Processor time, one thread each.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from time import process_time
from typing import Literal

import ciw
import numpy as np

from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan
from queuewatch.simulate.events import events
from queuewatch.simulate.laws import Duration, Profile
from queuewatch.simulate.run import simulate

HOUR_S = 3600.0
ROUNDS = 3
PER_HOUR, HANDLING_S, CV, PATIENCE_S, AGENTS = 570.0, 300.0, 1.0, 180.0, 50

Run = Callable[[int], tuple[int, float]]
"""A seed → how many contacts, and which share of them gave up."""


def centre() -> Centre:
    """The centre that is measured."""
    queue = QueuePlan(
        name="support",
        channel="phone",
        profile=Profile(per_hour=(PER_HOUR,)),
        handling=Duration(mean_s=HANDLING_S, cv=CV),
        patience=Duration(mean_s=PATIENCE_S, law="exponential"),
    )
    return Centre(
        queues=(queue,), agents=tuple(AgentPlan(name=f"a{i}", skills={"support": 1}) for i in range(AGENTS))
    )


def ours(engine: Literal["auto", "general"], hours: float) -> Run:
    """Our simulation of so many hours."""

    def run(seed: int) -> tuple[int, float]:
        truth = simulate(centre(), 0.0, hours * HOUR_S, np.random.default_rng(seed), engine=engine)
        return len(truth.visits), float(np.mean(~truth.visits.answered))

    return run


def with_events(hours: float) -> Run:
    """Our simulation with every fact made into an event."""

    def run(seed: int) -> tuple[int, float]:
        truth = simulate(centre(), 0.0, hours * HOUR_S, np.random.default_rng(seed))
        assert sum(1 for _ in events(truth)) > len(truth.visits)
        return len(truth.visits), float(np.mean(~truth.visits.answered))

    return run


def by_ciw(hours: float) -> Run:
    """The same by ciw."""
    spread = math.log1p(CV**2)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(PER_HOUR / HOUR_S)],
        service_distributions=[
            ciw.dists.Lognormal(math.log(HANDLING_S) - spread / 2, math.sqrt(spread)),
        ],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE_S)],
        number_of_servers=[AGENTS],
    )

    def run(seed: int) -> tuple[int, float]:
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(hours * HOUR_S)
        kinds = [record.record_type for record in simulation.get_all_records()]
        return len(kinds), kinds.count("renege") / len(kinds)

    return run


def main() -> None:
    """Measure and print."""
    cases: dict[str, Run] = {
        "ciw": by_ciw(35.0),
        "queuewatch, fast way": ours("auto", 500.0),
        "queuewatch, general way": ours("general", 80.0),
        "queuewatch, fast way with events": with_events(80.0),
    }
    rates: dict[str, list[float]] = {name: [] for name in cases}
    shares: dict[str, list[float]] = {name: [] for name in cases}
    for seed in range(ROUNDS):
        for name, run in cases.items():
            start = process_time()
            contacts, gave_up = run(seed)
            rates[name].append(contacts / (process_time() - start))
            shares[name].append(gave_up)
    base = statistics.median(rates["ciw"])
    print(f"{'':34}{'contacts/s':>12}{'x ciw':>8}{'gave up':>9}")
    for name, measured in rates.items():
        rate = statistics.median(measured)
        print(f"{name:34}{rate:12,.0f}{rate / base:8.1f}{statistics.mean(shares[name]):9.3f}")


if __name__ == "__main__":
    main()
