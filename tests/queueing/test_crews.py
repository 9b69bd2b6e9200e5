"""Tests of agents of several kinds: bounds that must hold, limits that are kept, and a simulated centre."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec import Struct

from queuewatch.queueing.carryover import staff
from queuewatch.queueing.crews import Common, Manned, man
from queuewatch.queueing.passage import Demand
from queuewatch.queueing.shared import Crew
from queuewatch.queueing.targets import parse_target
from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan
from queuewatch.simulate.laws import Duration, Profile
from queuewatch.simulate.run import simulate

THRESHOLDS_S = (60.0, 180.0)
TARGETS = (
    parse_target("P(wait>60)<=0.2"),
    parse_target("P(wait>180)<=0.02"),
    parse_target("occupancy<=0.85"),
)
ONLY_A, ONLY_B, BOTH = Crew(frozenset({0})), Crew(frozenset({1})), Crew(frozenset({0, 1}))


def common(*crews: Crew, contacts: list[list[float]], patience_s: float = 300.0) -> Common:
    """One day: contacts of each queue in half hours, of five minutes each."""
    arrivals = np.array(contacts)[:, None, :] / 1800.0
    return Common(
        crews=crews,
        arrivals_per_s=arrivals,
        handling_s=np.full(arrivals.shape, 300.0),
        patience_s=patience_s,
        length_s=1800.0,
        targets=(TARGETS,) * len(contacts),
        thresholds_s=THRESHOLDS_S,
    )


DAY = [[0.0, 40.0, 60.0, 20.0, 0.0], [0.0, 30.0, 60.0, 0.0, 0.0]]


def alone(contacts: list[float]) -> int:
    arrivals = np.array([contacts]) / 1800.0
    demand = Demand(arrivals, np.full(arrivals.shape, 300.0), 300.0, 1800.0)
    return int(staff(demand, TARGETS, THRESHOLDS_S).agents.sum())


@pytest.fixture(scope="module")
def shared() -> Manned:
    return man(common(ONLY_A, ONLY_B, BOTH, contacts=DAY))


def test_agents_who_serve_both_are_as_one_queue() -> None:
    found = man(common(BOTH, contacts=DAY))
    pooled = [sum(both) for both in zip(*DAY, strict=True)]
    assert found.crews.sum() == alone(pooled)


def test_agents_who_share_nothing_are_as_two_queues() -> None:
    found = man(common(ONLY_A, ONLY_B, contacts=DAY))
    assert [int(one.sum()) for one in found.crews] == [alone(DAY[0]), alone(DAY[1])]


def test_a_few_who_serve_both_save_nearly_as_much_as_if_all_did(shared: Manned) -> None:
    pooled = alone([sum(both) for both in zip(*DAY, strict=True)])
    assert pooled <= shared.crews.sum() < alone(DAY[0]) + alone(DAY[1])
    # As few as can be serve both, at the busiest hour and at all.
    assert 0 < shared.crews[2].sum() < shared.crews[:2].sum()


def test_targets_are_kept_in_every_queue_and_closed_is_closed(shared: Manned) -> None:
    assert (shared.over[:, 0] <= 0.2).all()
    assert (shared.over[:, 1] <= 0.02).all()
    assert (shared.crews[:, 0, [0, 4]] == 0).all()
    assert (shared.over[1, :, 0, 3] == 0.0).all()
    assert not shared.short.any()


def test_an_agent_fewer_costs_customers_and_one_more_saves_some(shared: Manned) -> None:
    here = slice(1, 4)
    assert (shared.past_fewer[0, here] > shared.past[0, here]).all()
    assert (shared.past_more[0, here] < shared.past[0, here]).all()
    assert (shared.past_fewer[0, [0, 4]] == shared.past[0, [0, 4]]).all()
    assert (shared.occupancy[0, here] <= 0.85 + 1e-9).all()
    assert shared.left_over.shape == (1, 5)


def test_who_is_not_there_is_not_planned_and_where_all_are_too_few_it_is_said() -> None:
    few = man(common(ONLY_A, ONLY_B, Crew(BOTH.serves, 1), contacts=DAY))
    assert few.crews[2].max() == 1
    assert not few.short.any()
    too_few = man(common(Crew(ONLY_A.serves, 3), ONLY_B, contacts=DAY))
    assert too_few.crews[0].max() == 3
    assert too_few.short[0].tolist() == [False, True, True, True, False]
    assert (too_few.over[1, 0] <= 0.2).all()
    # More of them there are not, so that nobody can say what one more would save.
    assert too_few.past_more.shape == too_few.past.shape


def test_who_handles_three_at_a_time_is_as_three() -> None:
    targets = (parse_target("P(wait>60)<=0.2"),)
    told = common(ONLY_A, ONLY_B, BOTH, contacts=DAY)
    fields = {name: getattr(told, name) for name in told.__dataclass_fields__} | {"targets": (targets,) * 2}
    one, three = man(Common(**fields)), man(Common(**fields | {"slots": 3}))
    assert (three.over[:, 0] <= 0.2).all()
    assert one.crews.sum() / 3.0 <= three.crews.sum() <= one.crews.sum() / 3.0 + 2.0 * 3.0
    # The same load on the same seats: busy for the same share of their time, to the rounding of agents.
    assert three.occupancy[0, 2] == pytest.approx(one.occupancy[0, 2], abs=0.1)


def test_a_busier_day_needs_more() -> None:
    told = common(ONLY_A, ONLY_B, BOTH, contacts=DAY)
    ratio = np.full((3, 1, 5), 1.2)
    busy = Common(**{name: getattr(told, name) for name in told.__dataclass_fields__} | {"ratio": ratio})
    assert man(busy).crews.sum() > man(told).crews.sum()


def test_what_nobody_can_keep_is_refused() -> None:
    told = common(BOTH, contacts=DAY)
    hard = (parse_target("P(wait>60)<=0"),)
    never = Common(
        **{name: getattr(told, name) for name in told.__dataclass_fields__} | {"targets": (hard, hard)}
    )
    with pytest.raises(ValueError, match="no number of agents keeps"):
        man(never)


class Case(Struct, frozen=True):
    """Queues by their load, erlangs, and who shares them."""

    loads: tuple[float, ...]
    crews: tuple[Crew, ...]


CASES = {
    "one shares": Case((10.0, 10.0), (ONLY_A, BOTH)),
    "some share": Case((10.0, 10.0), (ONLY_A, ONLY_B, BOTH)),
    "few share": Case((20.0, 8.0), (ONLY_A, ONLY_B, Crew(BOTH.serves, 2))),
    "a ring": Case((8.0, 8.0, 8.0), tuple(Crew(frozenset({n, (n + 1) % 3})) for n in range(3))),
}


@pytest.mark.slow
@pytest.mark.parametrize("patience_s", [300.0, np.inf])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_played_customer_by_customer_a_steady_centre_keeps_its_targets(case: Case, patience_s: float) -> None:
    """Allowed over the target: a quarter, which is less than half an agent, and four standard errors."""
    contacts = [[6.0 * load] * 60 for load in case.loads]
    found = man(common(*case.crews, contacts=contacts, patience_s=patience_s))
    agents = found.crews[:, 0, 40].tolist()
    exponential = Duration(mean_s=300.0, law="exponential")
    patience = None if np.isinf(patience_s) else Duration(mean_s=patience_s, law="exponential")
    centre = Centre(
        queues=tuple(
            QueuePlan(
                name=f"q{number}",
                channel="phone",
                profile=Profile(per_hour=(12.0 * load,) * 24),
                handling=exponential,
                patience=patience,
            )
            for number, load in enumerate(case.loads)
        ),
        agents=tuple(
            AgentPlan(name=f"a{kind}-{one}", skills={f"q{queue}": len(crew.serves) for queue in crew.serves})
            for kind, (crew, count) in enumerate(zip(case.crews, agents, strict=True))
            for one in range(count)
        ),
    )
    visits = simulate(centre, 0.0, 200 * 3600.0, np.random.default_rng(4), engine="general").visits
    for queue in range(len(case.loads)):
        waits = visits.offered_wait_s[(visits.queue == queue) & (visits.enqueued_at > 7200.0)]
        for threshold_s, bound in ((60.0, 0.2), (180.0, 0.02)):
            share = float(np.mean(waits[~np.isnan(waits)] > threshold_s))
            error = 4.0 * np.sqrt(bound * (1.0 - bound) * 30.0 / len(waits))  # waits hang together
            assert share <= 1.25 * bound + error
