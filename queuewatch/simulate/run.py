"""Run a centre: the one call that turns a description into the truth."""

from __future__ import annotations

from typing import Literal

import numpy as np

from queuewatch.simulate import pool
from queuewatch.simulate.centre import Centre
from queuewatch.simulate.draws import draw
from queuewatch.simulate.engine import Engine
from queuewatch.simulate.roster import roster
from queuewatch.simulate.truth import Truth


def simulate(
    centre: Centre,
    start_at: float,
    end_at: float,
    rng: np.random.Generator,
    *,
    drain_s: float = 0.0,
    engine: Literal["auto", "general"] = "auto",
) -> Truth:
    """Simulate a centre that starts empty.

    Args:
        centre: What it is made of.
        start_at: Point in time of the beginning.
        end_at: Point in time from which on nobody comes any more from outside.
        rng: Source of all chance: the same seed gives the same truth. Each queue draws from a stream of its
            own, so that adding a queue at the end does not change who comes to the others.
        drain_s: How long the centre works on after `end_at`, so that waits can end, seconds.
        engine: `auto` takes the fast way where it gives the same truth; `general` never does.

    Raises:
        ValueError: The simulation would end before it starts.
    """
    if not end_at > start_at:
        raise ValueError(f"end_at ({end_at}) must be after start_at ({start_at})")
    start_at, end_at, until_at = float(start_at), float(end_at), float(end_at + drain_s)
    for_roster, for_engine, for_queues = rng.spawn(3)
    stints = roster(centre, start_at, until_at, for_roster)
    draws = draw(centre, start_at, end_at, for_queues.spawn(len(centre.queues)))
    if engine == "auto" and pool.is_plain(centre):
        visits = pool.run(centre, draws, stints, until_at)
        return Truth(
            centre=centre, start_at=start_at, until_at=until_at, visits=visits, offers=(), roster=stints
        )
    running = Engine(centre, draws, stints, until_at, for_engine)
    visits = running.run()
    return Truth(
        centre=centre,
        start_at=start_at,
        until_at=until_at,
        visits=visits,
        offers=tuple(running.offers),
        roster=stints,
    )
