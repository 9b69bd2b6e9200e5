"""What really happened."""

from __future__ import annotations

import numpy as np

from queuewatch.simulate.centre import Centre
from queuewatch.simulate.laws import Floats
from queuewatch.simulate.run import simulate
from tests.simulate.centres import HOUR_S, a_centre, a_queue, agents, exponential


def test_the_times_of_a_visit_add_up() -> None:
    centre = a_centre(3, per_hour=80.0, patience=exponential(120.0), wrap_up=exponential(30.0))
    visits = simulate(centre, 0, 10 * HOUR_S, np.random.default_rng(1), drain_s=HOUR_S).visits
    served, gone = visits.answered, ~visits.answered
    assert served.any()
    assert gone.any()
    np.testing.assert_allclose(
        visits.freed_at[served],
        (visits.enqueued_at + visits.wait_s + visits.handling_s + visits.wrap_up_s)[served],
    )
    np.testing.assert_allclose(visits.wait_s[served], visits.offered_wait_s[served])
    np.testing.assert_allclose(visits.wait_s[gone], visits.patience_s[gone])
    assert (visits.offered_wait_s[gone] >= visits.patience_s[gone]).all()
    assert np.isnan(visits.completed_at[gone]).all()
    assert np.isnan(visits.freed_at[gone]).all()
    assert len(visits) == visits.contact.size


def test_the_work_of_who_is_slow_takes_longer() -> None:
    def handling_s(pace: float) -> Floats:
        centre = Centre(queues=(a_queue(per_hour=10.0),), agents=agents(9, pace=pace))
        return simulate(
            centre, 0, 10 * HOUR_S, np.random.default_rng(1), drain_s=9 * HOUR_S
        ).visits.handling_s

    np.testing.assert_allclose(handling_s(1.5), 1.5 * handling_s(1.0))
