"""Random draws."""

from __future__ import annotations

import numpy as np
import pytest

from queuewatch.simulate.centre import Centre, Standing
from queuewatch.simulate.draws import Draws, draw, language_of, standing_of
from tests.simulate.centres import a_queue, exponential

DAY_S = 86400.0


def drawn(centre: Centre, days: float = 5) -> Draws:
    return draw(centre, 0.0, days * DAY_S, np.random.default_rng(1).spawn(len(centre.queues)))


def test_contacts_of_all_queues_come_in_the_order_of_time() -> None:
    draws = drawn(Centre(queues=(a_queue("a"), a_queue("b", 30)), agents=()))
    assert (np.diff(draws.enqueued_at) >= 0).all()
    assert set(draws.queue.tolist()) == {0, 1}
    assert np.bincount(draws.queue).tolist() == pytest.approx([7200, 3600], abs=4.5 * 85)


def test_without_patience_nobody_leaves_and_without_wrap_up_nobody_needs_any() -> None:
    draws = drawn(Centre(queues=(a_queue(),), agents=()))
    assert np.isinf(draws.patience_s).all()
    assert (draws.wrap_up_s == 0).all()
    assert (draws.standing == -1).all()
    assert (draws.language == -1).all()


def test_adding_a_queue_leaves_the_others_as_they_were() -> None:
    first = a_queue("a", patience=exponential(60.0))
    alone = drawn(Centre(queues=(first,), agents=()))
    beside = drawn(Centre(queues=(first, a_queue("b")), agents=()))
    mine = beside.queue == 0
    for name in Draws.__struct_fields__:
        assert np.array_equal(getattr(alone, name), getattr(beside, name)[mine])


def test_customers_are_of_each_class_in_its_share_and_always_of_the_same() -> None:
    plan = a_queue(
        standings=(Standing(share=0.2, tier="existing"), Standing(share=0.8, tier="new")),
        languages={"en": 0.5, "de": 0.3, "nl": 0.2},
    )
    everybody = np.arange(10_000)
    standings, languages = standing_of(plan, everybody), language_of(plan, everybody)
    assert (np.bincount(standings) / 10_000).tolist() == pytest.approx([0.2, 0.8], abs=0.01)
    assert (np.bincount(languages) / 10_000).tolist() == pytest.approx([0.5, 0.3, 0.2], abs=0.01)
    # Class and language are independent of each other.
    both = np.mean((standings == 0) & (languages == 0))
    assert both == pytest.approx(0.1, abs=0.01)
    assert standing_of(plan, everybody[77:78])[0] == standings[77]
