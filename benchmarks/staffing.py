"""Staffed as told, are targets met as often as promised? `python -m benchmarks.staffing` (three minutes).

A simulated centre has had eight weeks (its days are more or less busy by 6 % by chance, beside Poisson).
From those rows the planner forecasts the following Tuesday, says how many agents each half hour takes, what
share of all contacts then waits past a minute and past three, and in how many of the single half hours all
targets hold. Then that Tuesday is played with these agents on duty, customer by customer, and both are
counted: the shares on usual Tuesdays, the single half hours on Tuesdays as busy as chance has them. All of it
for several such pasts; `±` is the standard error over them. Handling times are lognormal (as in call centres)
and agents take a break for nobody, so that what the formulas leave out is in it. The peer staffs each half
hour, and each queue, as a steady state of its own, and promises nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from msgspec.structs import replace
from scipy.stats import gamma

from queuewatch.config import Settings
from queuewatch.config.sections import Crew, HoursSection, Planner, Pool, Queue, QueuePlanner, QueueTargets
from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.agents import Staffed, handling_s, patience_s
from queuewatch.core.plan.luck import luck_of
from queuewatch.core.state.history import QueueHistory, summed
from queuewatch.planning.setup import Setup, make_setup
from queuewatch.planning.workshop import Workshop
from queuewatch.queueing.forecasting.days import Bools, Floats
from queuewatch.queueing.staffing import IntArray, fewest_agents
from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan, Shift
from queuewatch.simulate.laws import DAY_S, Duration, Profile
from queuewatch.simulate.past import past_rows
from queuewatch.simulate.run import simulate

NOW = datetime(2026, 6, 1, tzinfo=UTC).timestamp()  # a Monday
TUESDAY = 1
LENGTH_S = 1800
DAY_CV = 0.06
PASTS = 6
BUSY_DAYS = 12
HOURS = (0.4, 0.7, 1.0, 1.1, 1.1, 0.95, 0.95, 1.0, 0.95, 0.9, 0.7, 0.5)  # from eight o'clock to eight
OPENS, CLOSES = 8, 20
OPEN_CELLS = slice(OPENS * 2, CLOSES * 2)
TARGETS = ((60.0, 0.2), (180.0, 0.02))
SLACK = 1e-9
UNSAID = np.full(len(TARGETS), np.nan)
OPEN = "08:00-20:00"
WEEK = HoursSection(zone="UTC", mon=OPEN, tue=OPEN, wed=OPEN, thu=OPEN, fri=OPEN, sat=OPEN, sun=OPEN)


@dataclass(frozen=True)
class Case:
    """Queues, and how they are planned.

    Attributes:
        times: So many usual Tuesdays are played for each past, and as many that are more or less busy.
    """

    title: str
    queues: tuple[QueuePlan, ...]
    planner: Planner = field(default_factory=Planner)
    slots: int = 1
    times: int = 36
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
    Case("telephone", (SUPPORT,), times=120),
    Case("a small queue", (queue("small", 12.0, 300.0),), times=360),
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


def workshop(case: Case, past: int) -> Workshop:
    """Eight weeks that were, one of many such pasts, and who plans from them."""
    chance = np.random.default_rng((20, past))
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


def centre(case: Case, factors: Sequence[float], kinds: dict[tuple[str, ...], IntArray]) -> Centre:
    """Every day a Tuesday, each queue so many times as busy as usual, with agents by the queues served."""
    every = tuple(
        replace(one, profile=Profile(per_hour=tuple(factor * rate for rate in one.profile.per_hour)))
        for one, factor in zip(case.queues, factors, strict=True)
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


@dataclass(frozen=True)
class Seen:
    """Half hours of Tuesdays, shape (queues, plays, open intervals): who came, who waited past each time."""

    came: IntArray
    past: tuple[IntArray, ...]

    def kept(self) -> Floats:
        """Shape (queues,): share of the single half hours in which all targets held."""
        good = np.ones(self.came.shape, dtype=bool)
        for past, (_, bound) in zip(self.past, TARGETS, strict=True):
            good &= past <= bound * self.came + SLACK
        return np.asarray(good.mean(axis=(1, 2)))

    def shares(self) -> Floats:
        """Shape (thresholds,): share of all contacts that waited past each."""
        return np.array([past.sum() / self.came.sum() for past in self.past])


def play(
    case: Case, factors: Sequence[float], kinds: dict[tuple[str, ...], IntArray], seed: int, times: int
) -> Seen:
    """Play so many Tuesdays; queues that share all agents are one."""
    truth = simulate(
        centre(case, factors, kinds), 0.0, times * DAY_S, np.random.default_rng(seed), drain_s=DAY_S / 4
    )
    visits, slots = truth.visits, (CLOSES - OPENS) * 3600 // LENGTH_S
    place = (visits.enqueued_at % DAY_S // LENGTH_S).astype(int) - OPENS * 3600 // LENGTH_S
    cell = (visits.enqueued_at // DAY_S).astype(int) * slots + place
    waited = np.where(np.isnan(visits.offered_wait_s), np.inf, visits.offered_wait_s)
    whose = visits.queue if len(kinds) > 1 else np.zeros_like(visits.queue)

    def counted(which: Bools) -> IntArray:
        found = [
            np.bincount(cell[which & (whose == queue)], minlength=times * slots).reshape(times, slots)
            for queue in range(int(whose.max()) + 1)
        ]
        return np.array(found)

    every = np.ones(len(cell), dtype=bool)
    return Seen(counted(every), tuple(counted(waited > t) for t, _ in TARGETS))


def by_kind(case: Case, plan: Staffed, *, safe: bool) -> dict[tuple[str, ...], IntArray]:
    """Agents of Tuesday by the queues that they serve."""
    if plan.kinds:
        crews = case.planner.pools[case.plan].crews
        table = plan.crews_safe if safe else plan.crews
        return {crews[name].queues: table[row, TUESDAY] for row, name in enumerate(plan.kinds)}
    agents = plan.agents_safe if safe else plan.agents
    return {tuple(one.name for one in case.queues): agents[TUESDAY]}


def each_alone(case: Case, shop: Workshop) -> dict[tuple[str, ...], IntArray]:
    """The peer: each queue and half hour a steady state of its own."""
    found: dict[tuple[str, ...], IntArray] = {}
    for one in case.queues:
        outlook, needs = shop.outlook(one.name, LENGTH_S, 7, NOW), shop.needs(one.name)
        rate = outlook.mean[TUESDAY] / LENGTH_S
        alone = fewest_agents(
            rate, handling_s(outlook, needs)[TUESDAY], needs.targets, patience_s(outlook, needs)
        )
        found[one.name,] = np.where(rate > 0.0, -(-alone.agents // needs.slots), 0)
    return found


@dataclass
class Tally:
    """What was promised, and what came of it, a value a past."""

    hours: list[float] = field(default_factory=list)
    said: list[Floats] = field(default_factory=list)
    came: list[Floats] = field(default_factory=list)
    promised: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        """A row of the table."""
        said, came = np.mean(self.said, axis=0), np.mean(self.came, axis=0)
        off = np.subtract(self.kept, self.promised)
        error = f"{100 * off.std(ddof=1) / len(off) ** 0.5:.1f}"
        return (
            f"| {name:22} | {np.mean(self.hours):11.1f} | {100 * said[0]:5.1f} / {100 * said[1]:4.2f} "
            f"| {100 * came[0]:5.1f} / {100 * came[1]:4.2f} | {100 * np.mean(self.promised):8.1f} "
            f"| {100 * np.mean(self.kept):6.1f} | {100 * off.mean():+5.1f} ± {error:3} |"
        )


def tried(case: Case, kinds: dict[tuple[str, ...], IntArray], tally: Tally, past: int) -> None:
    """Play one plan, on Tuesdays as usual, and on as many more or less busy ones, each as likely."""
    tally.hours.append(sum(int(one.sum()) for one in kinds.values()) * LENGTH_S / 3600.0)
    tally.came.append(play(case, [1.0] * len(case.queues), kinds, 1000 * past, case.times).shares())
    each = max(1, case.times // BUSY_DAYS)
    busy = gamma(DAY_CV**-2, scale=DAY_CV**2).ppf((np.arange(BUSY_DAYS) + 0.5) / BUSY_DAYS)
    # That a queue is busy says nothing of the others, as in their pasts.
    order = np.random.default_rng(past)
    factors = np.array([order.permutation(busy) for _ in case.queues]).T.tolist()
    kept = [play(case, f, kinds, 1000 * past + 1 + n, each).kept().mean() for n, f in enumerate(factors)]
    tally.kept.append(float(np.mean(kept)))


def calls(case: Case) -> None:
    """One table: telephone or chat."""
    print(f"\n## {case.title}\n")
    print(
        f"| {'plan':22} | agent hours | said >60 / >180 | came >60 / >180 "
        "| promised | kept   | kept - promised |"
    )
    print(f"|{'-' * 24}|-------------|{'-' * 17}|{'-' * 17}|----------|--------|-----------------|")
    name = case.plan or case.queues[0].name
    found = {"as expected": Tally(), "to be safe": Tally()}
    steady, took_s = Tally(), []
    for past in range(PASTS):
        shop = workshop(case, past)
        outlook = shop.outlook(name, LENGTH_S, 7, NOW)
        start = time.process_time()
        plan = shop.plan(name, outlook)
        told = luck_of(plan)
        took_s.append(time.process_time() - start)
        came = plan.outlook.mean[TUESDAY]
        for safe, (title, held) in enumerate(zip(found, (told.held, told.held_safe), strict=True)):
            tally = found[title]
            tally.promised.append(float(held[:, TUESDAY, OPEN_CELLS].mean()))
            tally.said.append((plan.over[:, TUESDAY] * came).sum(axis=1) / came.sum() if not safe else UNSAID)
            tried(case, by_kind(case, plan, safe=bool(safe)), tally, past)
        steady.promised.append(np.nan)
        steady.said.append(UNSAID)
        tried(case, each_alone(case, shop), steady, past)
    for title, tally in (*found.items(), ("each by itself, steady", steady)):
        print(tally.line(title).replace("nan", " - "), flush=True)
    print(f"\nA plan of a week with its promise takes {np.median(took_s):.1f} s.")


def mail() -> None:
    """The table of e-mail: the half hours of which all is done by the deadline."""
    print(f"\n## {MAIL.title}\n")
    print(f"| {'plan':22} | agent hours a week | late, of all | promised | kept   | kept - promised |")
    print(f"|{'-' * 24}|--------------------|--------------|----------|--------|-----------------|")
    factors = gamma(DAY_CV**-2, scale=DAY_CV**2).ppf((np.arange(BUSY_DAYS) + 0.5) / BUSY_DAYS)
    plans = []
    for past in range(PASTS):
        shop = workshop(MAIL, past)
        plan = shop.plan("mail", shop.outlook("mail", LENGTH_S, 7, NOW))
        plans.append((plan, luck_of(plan)))
    for name, safe in (("as expected", False), ("to be safe", True)):
        hours, promised, kept, late = [], [], [], []
        for past, (plan, told) in enumerate(plans):
            agents, held = (plan.agents_safe, told.held_safe) if safe else (plan.agents, told.held)
            hours.append(agents.sum() / 2)
            promised.append(float(np.nanmean(held[0][:, OPEN_CELLS])))
            played = [_late(agents, factor, 100 * past + place) for place, factor in enumerate(factors)]
            late.append(np.mean([one for one, _ in played]))
            kept.append(float(np.mean([one for _, one in played])))
        off = np.subtract(kept, promised)
        error = f"{100 * off.std(ddof=1) / PASTS**0.5:.1f}"
        print(
            f"| {name:22} | {np.mean(hours):18.1f} | {100 * np.mean(late):10.2f} % "
            f"| {100 * np.mean(promised):8.1f} | {100 * np.mean(kept):6.1f} "
            f"| {100 * off.mean():+5.1f} ± {error:3} |"
        )


def _late(agents: IntArray, factor: float, seed: int) -> tuple[float, float]:
    """Share of two weeks' e-mails not done within the deadline, and of half hours of which all were."""
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
        start + 14 * DAY_S,
        np.random.default_rng(seed),
        drain_s=2 * DAY_S,
    ).visits
    open_s = float((CLOSES - OPENS) * 3600)

    def opened(at: Floats) -> Floats:
        day, clock = np.divmod(at, DAY_S)
        return np.asarray(day * open_s + np.clip(clock - OPENS * 3600.0, 0.0, open_s))

    done_at = visits.left_at + visits.handling_s
    took_s = opened(done_at) - opened(visits.enqueued_at)
    late = np.isnan(took_s) | (took_s > MAIL.deadline_s)
    cell = ((visits.enqueued_at - start) // LENGTH_S).astype(int)
    broken = np.bincount(cell, late, minlength=14 * 48).reshape(14, 48)[:, OPEN_CELLS]
    return float(late.mean()), float(np.mean(broken == 0))


def main() -> None:
    """Print every table, or those named (`python -m benchmarks.staffing chat e-mail`)."""
    named = sys.argv[1:]
    for case in CASES:
        if not named or any(case.title.startswith(one) for one in named):
            calls(case)
    if not named or "e-mail" in named:
        mail()


if __name__ == "__main__":
    main()
