"""The steady picture of many queues at once: Erlang C from the recent rates, and the agents a queue needs."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

import numpy as np
from msgspec import Struct

from queuewatch.core.rules import QueueRules
from queuewatch.core.view import SteadyView
from queuewatch.queueing.staffing import fewest_agents
from queuewatch.queueing.steady import steady


class Rates(Struct, frozen=True):
    """What a queue's steady picture is drawn from.

    Attributes:
        arrivals_per_s: Recent arrivals per second, above 0.
        handling_s: Recent mean handling time, seconds, above 0.
        servers: Contacts that the agents on duty for it can handle at a time, whole.
        at_once: How many of them an agent handles at a time, at least 1.
        rules: Its thresholds and targets.
    """

    arrivals_per_s: float
    handling_s: float
    servers: int
    at_once: float
    rules: QueueRules


def steady_views(rates: dict[str, Rates]) -> dict[str, SteadyView]:
    """The steady picture of each queue; queues with equal rules are computed in one go."""
    views: dict[str, SteadyView] = {}
    for rules in {id(one.rules): one.rules for one in rates.values()}.values():
        views |= _with_equal_rules({name: one for name, one in rates.items() if one.rules is rules}, rules)
    return views


def targets(rules: QueueRules) -> list[str]:
    """What staffing aims at for a queue, in the words of `queuewatch staff --target`."""
    late = [f"P(wait>{threshold})<={share:g}" for threshold, share in rules.late_shares.items()]
    return [*late, f"occupancy<={rules.targets.occupancy:g}"]


def _with_equal_rules(rates: dict[str, Rates], rules: QueueRules) -> dict[str, SteadyView]:
    arrivals = _column(one.arrivals_per_s for one in rates.values())
    handling = _column(one.handling_s for one in rates.values())
    servers = _column(float(one.servers) for one in rates.values())
    long_run = steady(arrivals, handling, servers, thresholds_s=rules.thresholds_s)
    needed = fewest_agents(arrivals, handling, targets(rules)).agents
    return {
        name: SteadyView(
            arrivals_per_hour=one.arrivals_per_s * 3600.0,
            handling_s=one.handling_s,
            load_erlangs=float(long_run.load[at]),
            chances={f"{t:g}": float(long_run.over[row][at]) for row, t in enumerate(rules.thresholds_s)},
            agents_required=ceil(needed[at] / one.at_once),
        )
        for at, (name, one) in enumerate(rates.items())
    }


def _column(values: Iterable[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.fromiter(values, dtype=np.float64)
