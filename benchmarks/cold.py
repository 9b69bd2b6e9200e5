"""The first waits of new queues: whether ranges hold and what is told is right before much has been learned.

Run ``python -m benchmarks.cold [SEEDS]``. Each kind of centre is one queue in which everything is
exponential, simulated from a cold start with so many seeds (24 unless said), and asked at each arrival that
had to wait: ours, and the best that can be attained, which knows the agents, their pace and the patience.
Waits of neighbours in line are alike: two hundred of one queue tell no more than some dozens would, so what
is counted is over all seeds together.
"""

import sys
from collections.abc import Callable

import numpy as np

from benchmarks.asking import Attainable, Case, Scorer, Scores, score
from benchmarks.centres import Trying, one_queue
from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.wait import Estimator
from queuewatch.core.rules import Rules
from queuewatch.core.trust.trial import Trial

SEEDS = 24
PARTS = ((0, 25), (25, 50), (50, 100), (100, 200))
KINDS: dict[str, Callable[[np.random.Generator], Trying]] = {
    "1 agent, load 0.8": lambda rng: one_queue(rng, agents=1, load=0.8, days=1.3, patience_s=600.0),
    "3 agents, load 0.9": lambda rng: one_queue(rng, agents=3, load=0.9, days=0.7),
    "10 agents, load 1.07": lambda rng: one_queue(rng, agents=10, load=1.07, days=0.12),
    "30 agents, load 1": lambda rng: one_queue(rng, agents=30, load=1.0, days=0.09, patience_s=400.0),
    "overrun by half": lambda rng: one_queue(rng, agents=8, load=1.5, days=0.07, patience_s=240.0),
}


def first_waits(trying: Trying) -> list[Case]:
    """Those who had to wait, as they came; ours was asked, and the one that knows all."""
    assert trying.known is not None
    known = trying.known

    def make() -> tuple[Estimator, ...]:
        return Live(), Attainable(known)

    scorer = Scorer()
    trial = Trial(Rules(), make, scorer)
    for told in trying.told:
        trial.take(told.event, told.at)
        if len(scorer.ended) > 1.2 * PARTS[-1][1]:
            break
    return sorted(scorer.ended, key=lambda one: one.at)


def _row(cases: list[Case]) -> str:
    ours, best = (score(cases, number) for number in (0, 1))
    if ours is None or best is None:
        return "nobody was answered"
    return f"{_ranges(ours)}{ours.brier_60:9.4f}{best.brier_60:9.4f}{ours.bias_s:8.1f}{_ranges(best)}"


def _ranges(one: Scores) -> str:
    return f"{one.inside:8.1%}{one.kept:8.1%}"


def main() -> None:
    """Print a row for each kind and part."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    print(f"{'centre':22}{'waits':>9}{'in 80%':>8}{'kept90':>8}{'Brier60':>9}{'best':>9}{'bias':>8}", end="")
    print(f"{'best: in':>8}{'kept':>8}")
    for name, make in KINDS.items():
        runs = [first_waits(make(np.random.default_rng(seed))) for seed in range(seeds)]
        for begin, end in PARTS:
            some = [case for run in runs for case in run[begin:end]]
            print(f"{name:22}{f'{begin}-{end}':>9}{_row(some)}", flush=True)


if __name__ == "__main__":
    main()
