"""Who comes from outside, drawn before the first is served: arrivals, patience, work, customers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from msgspec import Struct

from queuewatch.simulate.centre import Centre, QueuePlan
from queuewatch.simulate.laws import Floats, arrivals, rates
from queuewatch.simulate.truth import NOBODY, Ints

# A customer's class and language follow from the number of the customer alone, so that they are the same
# at every contact: the multiples of an irrational number, modulo 1, fill [0, 1) evenly.
_FOR_STANDING = 0.7548776662466927
_FOR_LANGUAGE = 0.5698402909980532


class Draws(Struct, frozen=True, kw_only=True, eq=False):
    """One row a contact from outside, ascending by `enqueued_at`; columns as in `Visits`."""

    queue: Ints
    customer: Ints
    standing: Ints
    language: Ints
    enqueued_at: Floats
    patience_s: Floats
    handling_s: Floats
    wrap_up_s: Floats


def draw(centre: Centre, start_at: float, end_at: float, rngs: Iterable[np.random.Generator]) -> Draws:
    """All contacts that come from outside in [start_at, end_at); one generator for each queue."""
    parts = [
        _draw_queue(centre, number, start_at, end_at, rng)
        for number, rng in zip(range(len(centre.queues)), rngs, strict=True)
    ]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in Draws.__struct_fields__
    }
    order = np.argsort(columns["enqueued_at"], kind="stable")
    return Draws(**{name: column[order] for name, column in columns.items()})


def _draw_queue(
    centre: Centre, number: int, start_at: float, end_at: float, rng: np.random.Generator
) -> Draws:
    plan = centre.queues[number]
    surges = [one for one in centre.surges if one.queue == plan.name]
    times = arrivals(
        *rates(plan.profile, surges, start_at, end_at, utc_offset_s=centre.utc_offset_s, rng=rng), rng
    )
    n = times.size
    customer = rng.integers(0, centre.customers, n)
    return Draws(
        queue=np.full(n, number),
        customer=customer,
        standing=standing_of(plan, customer),
        language=language_of(plan, customer),
        enqueued_at=times,
        patience_s=plan.patience.draw(rng, n) if plan.patience else np.full(n, np.inf),
        handling_s=plan.handling.draw(rng, n),
        wrap_up_s=plan.wrap_up.draw(rng, n) if plan.wrap_up else np.zeros(n),
    )


def standing_of(plan: QueuePlan, customer: Ints) -> Ints:
    """Index into the queue's standings for each customer; -1 where the queue has none."""
    return _class([one.share for one in plan.standings], customer, _FOR_STANDING)


def language_of(plan: QueuePlan, customer: Ints) -> Ints:
    """Index into the queue's languages for each customer; -1 where the queue has none."""
    return _class(list(plan.languages.values()), customer, _FOR_LANGUAGE)


def _class(shares: list[float], customer: Ints, multiple: float) -> Ints:
    if not shares:
        return np.full(customer.shape, NOBODY)
    return np.searchsorted(np.cumsum(shares)[:-1], customer * multiple % 1.0, side="right")
