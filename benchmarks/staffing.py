"""Staffed as told, are targets met as often as promised? `python -m benchmarks.staffing` (two minutes).

A simulated centre has had eight weeks (its days are more or less busy by 6 % by chance, beside Poisson). From
those rows the planner forecasts the following Tuesday and says how many agents each half hour takes: if it
comes as expected, and to be safe nine times in ten. Then that Tuesday is played with these agents on duty,
customer by customer: with the arrivals that are really to be expected, and on Tuesdays as busy as chance has
it. Handling times are lognormal (as in call centres) and agents take a break for nobody, so that what the
formulas leave out is in it. The peer staffs each half hour, and each queue, as a steady state of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from msgspec.structs import replace

from queuewatch.config import Settings
from queuewatch.config.sections import Crew, HoursSection, Planner, Pool, Queue, QueuePlanner, QueueTargets
from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.agents import Staffed, handling_s, patience_s
from queuewatch.core.state.history import QueueHistory, summed
from queuewatch.planning.setup import Setup, make_setup
from queuewatch.planning.workshop import Workshop
from queuewatch.queueing.forecasting.days import Floats
from queuewatch.queueing.staffing import IntArray, fewest_agents
from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan, Shift
from queuewatch.simulate.laws import DAY_S, Duration, Profile
from queuewatch.simulate.past import past_rows
from queuewatch.simulate.run import simulate

NOW = datetime(2026, 6, 1, tzinfo=UTC).timestamp()  # a Monday
TUESDAY = 1
LENGTH_S = 1800
DAY_CV = 0.06
BUSY_DAYS = 10
HOURS = (0.4, 0.7, 1.0, 1.1, 1.1, 0.95, 0.95, 1.0, 0.95, 0.9, 0.7, 0.5)  # from eight o'clock to eight
OPENS, CLOSES = 8, 20
TARGETS = ((60.0, 0.2), (180.0, 0.02))
OPEN = "08:00-20:00"
WEEK = HoursSection(zone="UTC", mon=OPEN, tue=OPEN, wed=OPEN, thu=OPEN, fri=OPEN, sat=OPEN, sun=OPEN)


@dataclass(frozen=True)
class Case:
    """Queues, and how they are planned.

    Attributes:
        times: So often each Tuesday is played, so that it is not chance within a day that speaks.
        busy_days: Tuesdays, more or less busy ones.
    """

    title: str
    queues: tuple[QueuePlan, ...]
    planner: Planner = field(default_factory=Planner)
    slots: int = 1
    times: int = 40
    busy_days: int = 4
    plan: str = ""
    deadline_s: float = 0.0

    @property
    def settings(self) -> Settings:
        """What an administrator would write."""
        own = QueuePlanner(slots=self.slots, deadline_s=self.deadline_s or None)
        every = {one.name: Queue(planner=own, targets=QueueTargets()) for one in self.queues}
        return Settings(hours=WEEK, planner=self.planner, queues=every)


def queue(name: str, busiest: float, handling: float, channel: Channel = "phone") -> QueuePlan:
    """A queue with so many contacts an hour when it is busiest."""
    per_hour = [busiest * one for one in HOURS]
    mail = channel == "email"
    return QueuePlan(
        name=name,
        channel=channel,
        profile=Profile(per_hour=(*[0.0] * OPENS, *per_hour, *[0.0] * (24 - CLOSES))),
        handling=Duration(mean_s=handling, cv=0.9),
        patience=None if mail else Duration(mean_s=300.0, law="exponential"),
    )


SALES, SUPPORT, BILLING = (
    queue("sales", 60.0, 300.0),
    queue("support", 90.0, 240.0),
    queue("billing", 40.0, 300.0),
)
CREWS = {
    "sales only": Crew(queues=("sales",)),
    "support only": Crew(queues=("support",)),
    "billing only": Crew(queues=("billing",)),
    "some": Crew(queues=("sales", "support")),
    "all": Crew(queues=("sales", "support", "billing"), most=4),
}
NAMES = ("sales", "support", "billing")
CASES = (
    Case("telephone", (SUPPORT,), times=200, busy_days=10),
    Case("a small queue", (queue("small", 12.0, 300.0),), times=1000, busy_days=10),
    Case("chat, three at a time", (queue("chat", 60.0, 600.0, "chat"),), slots=3),
    Case(
        "three queues, all agents serve all",
        (SALES, SUPPORT, BILLING),
        Planner(pools={"desk": Pool(queues=NAMES)}),
        plan="desk",
    ),
    Case(
        "three queues, five kinds of agents",
        (SALES, SUPPORT, BILLING),
        Planner(pools={"desk": Pool(queues=NAMES, crews=CREWS)}),
        plan="desk",
    ),
)
MAIL = Case("e-mail within 4 open hours", (queue("mail", 40.0, 270.0, "email"),), deadline_s=4 * 3600.0)


def workshop(case: Case) -> Workshop:
    """Eight weeks that were, and who plans from them."""
    chance = np.random.default_rng(20)
    setup: Setup = make_setup(case.settings)
    pasts = {}
    for one in case.queues:
        rows = past_rows(one, (60.0, 180.0), NOW, utc_offset_s=0.0, rng=chance)
        counted = summed({row.key: row.row for row in rows})
        pasts[one.name] = QueueHistory(
            channel=one.channel, intervals=counted, since=NOW - 56 * DAY_S, until=NOW
        )
    return Workshop(setup, pasts.get)


def on_duty(agents: Sequence[int], number: int) -> Iterator[Shift]:
    """The half hours in which so many work that this one is among them."""
    for place, count in enumerate(agents):
        if number < count:
            yield Shift(from_s=float(LENGTH_S * place), to_s=float(LENGTH_S * (place + 1)))


def centre(case: Case, factor: float, kinds: dict[tuple[str, ...], IntArray]) -> Centre:
    """Every day a Tuesday, so many times as busy as usual, with these agents by the queues they serve."""
    every = tuple(
        replace(one, profile=Profile(per_hour=tuple(factor * rate for rate in one.profile.per_hour)))
        for one in case.queues
    )
    agents = tuple(
        AgentPlan(
            name=f"{'+'.join(served)} {number}",
            skills=dict.fromkeys(served, len(served)),
            shifts=tuple(on_duty(counts.tolist(), number)),
            capacity={"chat": case.slots},
        )
        for served, counts in kinds.items()
        for number in range(int(counts.max()))
    )
    return Centre(queues=every, agents=agents)


def shares(case: Case, factor: float, kinds: dict[tuple[str, ...], IntArray], seed: int) -> Floats:
    """Shape (queues, thresholds, open intervals): share of contacts that wait past each threshold."""
    truth = simulate(
        centre(case, factor, kinds), 0.0, case.times * DAY_S, np.random.default_rng(seed), drain_s=DAY_S / 4
    )
    visits = truth.visits
    place = (visits.enqueued_at % DAY_S // LENGTH_S).astype(int) - OPENS * 3600 // LENGTH_S
    found = []
    for number in range(len(case.queues)):
        mine = visits.queue == number
        waited = np.where(np.isnan(visits.offered_wait_s), np.inf, visits.offered_wait_s)
        slots = (CLOSES - OPENS) * 3600 // LENGTH_S
        came = np.maximum(np.bincount(place[mine], minlength=slots), 1)
        found.append([np.bincount(place[mine & (waited > t)], minlength=slots) / came for t, _ in TARGETS])
    return np.array(found)


def kept(found: Floats) -> Floats:
    """Shape (queues, open intervals): 1 where all targets are kept, as far as so many plays can tell."""
    good = np.ones(found[:, 0].shape)
    for row, (_, bound) in enumerate(TARGETS):
        good *= found[:, row] <= bound
    return good


def by_kind(case: Case, plan: Staffed, *, safe: bool) -> dict[tuple[str, ...], IntArray]:
    """Agents of Tuesday by the queues that they serve."""
    if plan.kinds:
        crews = case.planner.pools[case.plan].crews
        table = plan.crews_safe if safe else plan.crews
        return {crews[name].queues: table[row, TUESDAY] for row, name in enumerate(plan.kinds)}
    agents = plan.agents_safe if safe else plan.agents
    return {tuple(one.name for one in case.queues): agents[TUESDAY]}


def each_alone(case: Case, shop: Workshop) -> tuple[dict[tuple[str, ...], IntArray], int]:
    """The peer: each queue and half hour a steady state of its own; and how many agents that takes."""
    found: dict[tuple[str, ...], IntArray] = {}
    for one in case.queues:
        outlook, needs = shop.outlook(one.name, LENGTH_S, 7, NOW), shop.needs(one.name)
        rate = outlook.mean[TUESDAY] / LENGTH_S
        alone = fewest_agents(
            rate, handling_s(outlook, needs)[TUESDAY], needs.targets, patience_s(outlook, needs)
        )
        found[one.name,] = np.where(rate > 0.0, -(-alone.agents // needs.slots), 0)
    return found, sum(int(one.sum()) for one in found.values())


def line(
    name: str, kinds: dict[tuple[str, ...], IntArray], case: Case, factors: Floats, promised: str
) -> None:
    """Play one plan and print what came of it."""
    hours = sum(int(one.sum()) for one in kinds.values()) * LENGTH_S / 3600.0
    usual = shares(case, 1.0, kinds, 1)
    busy = [kept(shares(case, factor, kinds, 2 + place)).mean() for place, factor in enumerate(factors)]
    print(
        f"| {name:22} | {hours:11.1f} | {100 * usual[:, 0].max():9.1f} % | {100 * usual[:, 1].max():10.2f} % "
        f"| {100 * kept(usual).mean():12.0f} % | {100 * float(np.mean(busy)):14.0f} % | {promised:8} |",
        flush=True,
    )


def _heading(*titles: str) -> None:
    print(f"| {'plan':22} | {' | '.join(titles)} |")
    print(f"|{'-' * 24}|{'|'.join('-' * (len(title) + 2) for title in titles)}|")


def calls(case: Case, factors: Floats) -> None:
    """One table: telephone or chat."""
    print(f"\n## {case.title}\n")
    _heading("agent hours", "most > 60 s", "most > 180 s", "intervals kept", "on such Tuesdays", "promised")
    shop = workshop(case)
    name = case.plan or case.queues[0].name
    start = time.perf_counter()
    plan = shop.plan(name, shop.outlook(name, LENGTH_S, 7, NOW))
    took = time.perf_counter() - start
    line("as expected", by_kind(case, plan, safe=False), case, factors, "all")
    line("to be safe", by_kind(case, plan, safe=True), case, factors, "90 %")
    line("each by itself, steady", each_alone(case, shop)[0], case, factors, "")
    said = plan.over[:, TUESDAY][:, plan.agents[TUESDAY] > 0].max(axis=1)
    print(f"\nThe plan said at most {100 * said[0]:.1f} % and {100 * said[1]:.2f} %; made in {took:.1f} s.")


def mail(factors: Floats) -> None:
    """The table of e-mail: what is not done by its deadline."""
    print(f"\n## {MAIL.title}\n")
    _heading("agent hours", "late, usual week", "late, such weeks", "weeks with under 1 % late", "promised")
    shop = workshop(MAIL)
    plan = shop.plan("mail", shop.outlook("mail", LENGTH_S, 7, NOW))
    for name, agents, promised in (
        ("as expected", plan.agents, "none"),
        ("to be safe", plan.agents_safe, "90 %"),
    ):
        usual = _late(agents, 1.0, 1)
        busy = [_late(agents, factor, 2 + place) for place, factor in enumerate(factors)]
        print(
            f"| {name:22} | {agents.sum() / 2:11.1f} | {100 * usual:14.1f} % "
            f"| {100 * float(np.mean(busy)):14.1f} % | {100 * float(np.mean(np.less(busy, 0.01))):23.0f} % "
            f"| {promised:8} |"
        )


def _late(agents: IntArray, factor: float, seed: int) -> float:
    """Share of a week's e-mails not done within the deadline, in open time; ten weeks are played."""
    one = replace(
        MAIL.queues[0],
        profile=Profile(per_hour=tuple(factor * rate for rate in MAIL.queues[0].profile.per_hour)),
    )
    people = tuple(
        AgentPlan(
            name=f"m{number}",
            skills={"mail": 1},
            shifts=tuple(
                replace(shift, days=(day,))
                for day in range(7)
                for shift in on_duty(agents[day].tolist(), number)
            ),
        )
        for number in range(int(agents.max()))
    )
    start = NOW
    visits = simulate(
        Centre(queues=(one,), agents=people),
        start,
        start + 70 * DAY_S,
        np.random.default_rng(seed),
        drain_s=2 * DAY_S,
    ).visits
    open_s = float((CLOSES - OPENS) * 3600)

    def opened(at: Floats) -> Floats:
        day, clock = np.divmod(at, DAY_S)
        return np.asarray(day * open_s + np.clip(clock - OPENS * 3600.0, 0.0, open_s))

    done_at = visits.left_at + visits.handling_s
    took_s = opened(done_at) - opened(visits.enqueued_at)
    return float(np.mean(np.isnan(took_s) | (took_s > MAIL.deadline_s)))


def main() -> None:
    """Print every table."""
    shape = DAY_CV**-2
    factors = np.random.default_rng(7).gamma(shape, 1 / shape, BUSY_DAYS)
    for case in CASES:
        calls(case, factors[: case.busy_days])
    mail(factors)


if __name__ == "__main__":
    main()
