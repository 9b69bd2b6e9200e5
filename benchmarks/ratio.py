"""Two ways to do the same work, in turn: how fast each is, and their ratio."""

from __future__ import annotations

import time
from collections.abc import Callable

RUNS = 25


def took_s(work: Callable[[], object]) -> float:
    """Processor time of one run, seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(what: str, count: int, plain: Callable[[], object], ours: Callable[[], object]) -> None:
    """Print both rates and their ratio."""
    runs = [(took_s(plain), took_s(ours)) for _ in range(RUNS)]
    floor, cost = (min(one) for one in zip(*runs, strict=True))
    print(f"{what:<44} {count / cost:>12,.0f}/s   plain loop {count / floor:>12,.0f}/s   {floor / cost:5.2f}")
