"""Erlang C and fewest agents, ours against call-center-tools, pyworkforce and pyqueueing in the same run.

Run ``python -m benchmarks.erlang`` with the ``bench`` extra installed. One thread. Per queue and size: the
chance to wait, P(wait > 60 s), P(wait > 180 s) and the mean wait, at loads of 50 to 98 % of the agents. Ours
answers for all queues in one call, input checks included; the peers answer one queue a call, as their
documentation says. "By hand" is the quickest peer's chance to wait with the rest written out in plain Python.
What is printed is the best processor time of several rounds, in which all take turns of some runs. The ratio
is to the fastest of the three peers, and after it to "by hand".
"""

import math
import time
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from call_center_tools.erlang import erlang_c as call_center_tools_c
from call_center_tools.staffing import calc_average_speed_of_answer, calc_service_level, calc_staffing
from pyqueueing.models.erlang_c import ErlangC as PyqueueingC
from pyworkforce.queuing import ErlangC as PyworkforceC

from queuewatch.queueing.staffing import fewest_agents
from queuewatch.queueing.steady import steady

HANDLING_S = 300.0
SIZES = (5, 50, 500, 5000)
QUEUES = 100_000
STAFFED = 20_000
TARGET = "P(wait>60)<=0.2"
ROUNDS = 5
TURN = 4

Chances = tuple[float, float, float, float]


def ask_call_center_tools(agents: int, load: float) -> Chances:
    """Ask call-center-tools, which takes its chance to wait back in."""
    wait = call_center_tools_c(load, agents)
    minute = 1.0 - calc_service_level(load, agents, wait, 60.0, HANDLING_S)
    three = 1.0 - calc_service_level(load, agents, wait, 180.0, HANDLING_S)
    return wait, minute, three, calc_average_speed_of_answer(load, agents, wait, HANDLING_S)


def ask_pyworkforce(agents: int, load: float) -> Chances:
    """Ask pyworkforce, which has no mean wait and computes its chance to wait anew each time."""
    minute = PyworkforceC(transactions=load, aht=HANDLING_S, asa=60.0, interval=HANDLING_S)
    three = PyworkforceC(transactions=load, aht=HANDLING_S, asa=180.0, interval=HANDLING_S)
    wait = minute.waiting_probability(agents)
    mean = wait * HANDLING_S / (agents - load)
    return wait, 1.0 - minute.service_level(agents), 1.0 - three.service_level(agents), mean


def ask_pyqueueing(agents: int, load: float) -> Chances:
    """Ask pyqueueing, which computes its chance to wait anew for each answer."""
    queue = PyqueueingC(arrival_rate=load / HANDLING_S, service_rate=1.0 / HANDLING_S, servers=agents)
    minute, three = 1.0 - queue.service_level(60.0), 1.0 - queue.service_level(180.0)
    return queue.prob_wait(), minute, three, queue.mean_wait()


def ask_inlined(agents: int, load: float) -> Chances:
    """Take call-center-tools' chance to wait and write the rest by hand."""
    wait = call_center_tools_c(load, agents)
    rate = (agents - load) / HANDLING_S
    return wait, wait * math.exp(-rate * 60.0), wait * math.exp(-rate * 180.0), wait / rate


def staff_call_center_tools(load: float) -> int:
    """Staff with call-center-tools, its occupancy cap switched off."""
    hourly = load * 3600.0 / HANDLING_S
    found = calc_staffing(
        hourly, HANDLING_S, max_occupancy=1.0, target_answer_time=60.0, target_service_level=0.8
    )
    return int(found.agents)


def staff_pyworkforce(load: float) -> int:
    """Staff with pyworkforce."""
    queue = PyworkforceC(transactions=load, aht=HANDLING_S, asa=60.0, interval=HANDLING_S)
    return int(queue.required_positions(service_level=0.8)["raw_positions"])


def staff_pyqueueing(load: float) -> int:
    """Staff with pyqueueing."""
    queue = PyqueueingC(arrival_rate=load / HANDLING_S, service_rate=1.0 / HANDLING_S)
    return int(queue.required_servers(target_service_level=(60.0, 0.8)))


ASK: dict[str, Callable[[int, float], Chances]] = {
    "call-center-tools": ask_call_center_tools,
    "pyworkforce": ask_pyworkforce,
    "pyqueueing": ask_pyqueueing,
    "by hand": ask_inlined,
}
STAFF: dict[str, Callable[[float], int]] = {
    "call-center-tools": staff_call_center_tools,
    "pyworkforce": staff_pyworkforce,
    "pyqueueing": staff_pyqueueing,
}


def ask_all(ask: Callable[[int, float], Chances], agents: int, loads: list[float]) -> None:
    """Ask a peer for one queue after the other."""
    for load in loads:
        ask(agents, load)


def staff_all(staff: Callable[[float], int], loads: list[float]) -> None:
    """Have a peer staff one queue after the other."""
    for load in loads:
        staff(load)


def race(runners: dict[str, tuple[Callable[[], object], int]]) -> dict[str, float]:
    """Return the best microseconds a queue of each; a runner is its work and how many queues that is."""
    best = dict.fromkeys(runners, math.inf)
    for _ in range(ROUNDS):
        for name, (work, queues) in runners.items():
            for _ in range(TURN):
                start = time.process_time()
                work()
                best[name] = min(best[name], (time.process_time() - start) / queues * 1e6)
    return best


def report(size: int, best: dict[str, float]) -> None:
    """Print one size: ours, the peers, and how many times faster than the fastest of them."""
    ours = best.pop("ours")
    columns = "".join(f"{value:>19.2f}" for value in best.values())
    by_hand = best.pop("by hand", None)
    after = f"{by_hand / ours:>8.0f} x" if by_hand else ""
    print(f"{size:>6}{ours:>12.4f}{columns}{min(best.values()) / ours:>8.0f} x{after}")


def heading(title: str, peers: Iterable[str]) -> None:
    """Print the head of a table."""
    print(f"\n{title}: microseconds a queue\n{'agents':>6}{'queuewatch':>12}", end="")
    print(f"{''.join(f'{name:>19}' for name in peers)}{'ratio':>10}")


def time_chances(size: int, loads: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    """Time C, P(wait > 60 s), P(wait > 180 s) and ASA at one size."""
    arrivals, agents = loads / HANDLING_S, np.full(len(loads), size)
    few = loads[: max(20_000 // size, 20)].tolist()
    ours = steady(arrivals, HANDLING_S, agents)
    runners: dict[str, tuple[Callable[[], object], int]] = {
        "ours": (lambda: steady(arrivals, HANDLING_S, agents), len(loads))
    }
    for name, ask in ASK.items():
        for i, load in enumerate(few):
            mine = ours.wait_chance[i], ours.over[0, i], ours.over[1, i], ours.mean_wait_s[i]
            assert np.allclose(mine, ask(size, load), rtol=1e-6, atol=1e-12), name
        runners[name] = (partial(ask_all, ask, size, few), len(few))
    report(size, race(runners))


def time_staffing(size: int, loads: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    """Time the fewest agents for one target at one size."""
    arrivals = loads / HANDLING_S
    few = loads[: max(10_000 // size, 4)].tolist()
    ours = fewest_agents(arrivals, HANDLING_S, [TARGET]).agents.tolist()
    runners: dict[str, tuple[Callable[[], object], int]] = {
        "ours": (lambda: fewest_agents(arrivals, HANDLING_S, [TARGET]), len(loads))
    }
    for name, staff in STAFF.items():
        differ = sum(staff(load) != agents for load, agents in zip(few, ours, strict=False))
        if differ:
            print(f"{'':>6}{name} differs on {differ} of {len(few)} queues")
        runners[name] = (partial(staff_all, staff, few), len(few))
    report(size, race(runners))


def main() -> None:
    """Time both tasks at every size."""
    random = np.random.default_rng(1917)
    heading(f"C, P(wait>60), P(wait>180), ASA, {QUEUES} queues a call", ASK)
    for size in SIZES:
        time_chances(size, size * random.uniform(0.5, 0.98, QUEUES))
    heading(f"Fewest agents for {TARGET}, {STAFFED} queues a call", STAFF)
    for size in SIZES:
        time_staffing(size, size * random.uniform(0.5, 0.98, STAFFED))


if __name__ == "__main__":
    main()
