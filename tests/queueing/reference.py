"""Fifty-digit answers to check the formulas against, from the states of the queue and nothing cleverer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

DIGITS = 50
NEGLIGIBLE = Decimal("1e-40")
DEEPEST = Decimal("1e-100")
"""Chances above this come out to 40 digits; smaller ones would take for ever to sum."""


@dataclass(frozen=True)
class Exact:
    """What the queue does, to 40 digits or more."""

    blocked: Decimal
    wait_chance: Decimal
    over: list[Decimal]
    answered_within: list[Decimal]
    mean_wait_s: Decimal
    abandon_share: Decimal


def error(value: float, exact: Decimal) -> float:
    """Return the relative error of a value; 0 where the exact one is below what is summed precisely."""
    return 0.0 if exact < DEEPEST else float(abs(Decimal(float(value)) / exact - 1))


def states_below(agents: int, load: Decimal) -> Decimal:
    """Return the weight of the states with an agent free, that of "all just busy" being 1."""
    weight, total = Decimal(1), Decimal(0)
    for busy in range(agents, 0, -1):
        weight *= busy / load
        total += weight
        if busy < load and weight * busy < total * NEGLIGIBLE:
            break
    return total


@dataclass
class _Threshold:
    """Departures within t while all agents are busy: a negative binomial, or Poisson, count, summed."""

    phi: Decimal
    step: Decimal
    served_step: Decimal
    count: Decimal
    served_count: Decimal
    over: Decimal = Decimal(0)
    served_over: Decimal = Decimal(0)

    def add(self, n: int, weight: Decimal, serving: Decimal, release: Decimal, theta: Decimal) -> None:
        self.over += weight * self.count
        self.served_over += weight * serving * self.served_count
        share = self.phi / (n + 1)
        self.step *= (release + n * theta) * share
        self.served_step *= (release + (n + 1) * theta) * share
        self.count += self.step
        self.served_count += self.served_step


def _threshold(t: float, release: Decimal, theta: Decimal) -> _Threshold:
    seconds = Decimal(t)
    phi = (1 - (-theta * seconds).exp()) / theta if theta else seconds
    step, served = (-release * seconds).exp(), (-(release + theta) * seconds).exp()
    return _Threshold(phi, step, served, step, served)


def erlang(
    agents: int, load: float, handling_s: float, patience_s: float, thresholds_s: Sequence[float]
) -> Exact:
    """Solve the balance equations of M/M/c+M state by state.

    One who finds n in line enters service with the (n + 1)-th departure, so waits longer than t if at most n
    depart within t. They are served before they hang up with chance r / (r + (n + 1) theta), and given that,
    the wait is that of a queue with release rate r + theta.
    """
    with localcontext() as context:
        context.prec = DIGITS
        a, c, handling = Decimal(load), Decimal(agents), Decimal(handling_s)
        theta = 1 / Decimal(patience_s) if patience_s < math.inf else Decimal(0)
        below, release = states_below(agents, a), c / handling
        thresholds = [_threshold(t, release, theta) for t in thresholds_s]
        weight, n = Decimal(1), 0
        busy = line = served = Decimal(0)
        while True:
            serving = release / (release + (n + 1) * theta)
            for threshold in thresholds:
                threshold.add(n, weight, serving, release, theta)
            busy += weight
            line += n * weight
            served += weight * serving
            n += 1
            weight *= a / (c + n * handling * theta)
            least = min([line, *(max(threshold.over, busy * DEEPEST) for threshold in thresholds)])
            if weight * (n + 1) < least * NEGLIGIBLE and a < c + n * handling * theta:
                break
        everything = below + busy
        return Exact(
            blocked=1 / (1 + below),
            wait_chance=busy / everything,
            over=[threshold.over / everything for threshold in thresholds],
            answered_within=[
                (below + served - threshold.served_over) / everything for threshold in thresholds
            ],
            mean_wait_s=line * handling / (a * everything),
            abandon_share=theta * handling * line / (a * everything),
        )
