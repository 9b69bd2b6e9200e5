"""What contradicts itself in `[planner.pools]`: queues that share agents, and the kinds of agents."""

from __future__ import annotations

from collections.abc import Iterator

from queuewatch.config.read import dotted
from queuewatch.config.sections import Planner, Pool


def about_pools(planner: Planner) -> Iterator[str]:
    """The contradictions, each with its key and the cure."""
    for name, pool in planner.pools.items():
        table = dotted("planner.pools", name)
        if len(set(pool.queues)) < len(pool.queues):
            yield f"{table}.queues names a queue twice; name each once"
        if pool.crews:
            yield from _about_crews(table, pool)


def _about_crews(table: str, pool: Pool) -> Iterator[str]:
    from queuewatch.queueing.shared import MOST_QUEUES  # noqa: PLC0415  # loads scipy, for the few who have crews

    if len(pool.queues) > MOST_QUEUES:
        yield (
            f"{table}.queues has {len(pool.queues)} queues; with crews at most {MOST_QUEUES} can be planned "
            "together: part the pool, or leave the crews out"
        )
    for kind, crew in pool.crews.items():
        strange = [queue for queue in crew.queues if queue not in pool.queues]
        if strange:
            key = f"{dotted(f'{table}.crews', kind)}.queues"
            yield f'{key} names "{strange[0]}", which is not in {table}.queues; add it there'
    alone = [queue for queue in pool.queues if not any(queue in crew.queues for crew in pool.crews.values())]
    if alone:
        yield f'{table}.crews: no crew serves "{alone[0]}"; name it in the queues of one'
