"""The same estimator on centres of all kinds, simulated: small, large, overrun, shared, told of late.

Run ``python -m benchmarks.centres [NAME-PART]``. Our estimator and the closed form start cold on each; those
who had to wait are scored in the second half of the waits, the next to arrive in the second half of the
arrivals. Where a centre is one queue in which everything is exponential, the best that can be attained is
known: the closed form with the true number of agents at that moment, their pace and the customers' patience;
"over" is how far our RMSE lies over its. Elsewhere nobody knows what could be attained. Brier scores are
beside those of the closed form, which learns its rates as ours does. "Cold" are the first 200 waits. "Told"
are those who were told that there may be a wait: the others cannot be told less than none.
"""

import sys
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from msgspec import Struct

from benchmarks.asking import Attainable, Case, Known, Scorer, Scores, score
from benchmarks.waits import DAYTIME, MONDAY_AT, shared_centre
from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.place import PlaceInLine
from queuewatch.core.estimate.wait import Estimator
from queuewatch.core.facts.events import Event
from queuewatch.core.facts.terms import Channel
from queuewatch.core.rules import Rules
from queuewatch.core.trust.trial import Trial
from queuewatch.simulate.centre import AgentPlan, Away, Centre, QueuePlan, Shift, Standing
from queuewatch.simulate.events import events
from queuewatch.simulate.flaws import Flaws, Told, hide, worsen
from queuewatch.simulate.laws import DAY_S, Duration, Profile
from queuewatch.simulate.run import simulate

HOUR_S = 3600.0
SEED = 20261122
COLD = 200


class Trying(Struct, frozen=True):
    """A centre to be tried: what is told of it, in order, and what nobody can know."""

    told: Iterable[Told]
    known: Known | None = None
    rules: Rules = Rules()


def _exponential(mean_s: float) -> Duration:
    return Duration(mean_s=mean_s, law="exponential")


def one_queue(  # a row of a table
    rng: np.random.Generator,
    *,
    agents: int,
    load: float,
    days: float,
    handling_s: float = 240.0,
    patience_s: float = 300.0,
    shape: tuple[float, ...] = (1.0,),
    night: int = 0,
    aways: tuple[Away, ...] = (),
    channel: Channel = "phone",
    at_a_time: int = 1,
) -> Trying:
    """One queue, everything exponential; `load` is offered work over what the agents can do."""
    per_hour = load * agents * at_a_time * HOUR_S / handling_s
    queue = QueuePlan(
        name="desk",
        channel=channel,
        profile=Profile(per_hour=tuple(per_hour * one for one in shape)),
        handling=_exponential(handling_s),
        patience=_exponential(patience_s),
    )
    crew = []
    for number in range(agents):
        shifts = (Shift(),) if not night or number < night else (Shift(from_s=8 * HOUR_S, to_s=20 * HOUR_S),)
        crew.append(
            AgentPlan(name=f"a{number}", skills={"desk": 1}, shifts=shifts, capacity={channel: at_a_time})
        )
    centre = Centre(queues=(queue,), agents=tuple(crew), aways=aways)

    def servers(at: float) -> int:
        here = night if night and not 8 * HOUR_S <= at % DAY_S < 20 * HOUR_S else agents
        gone = sum(len(one.agents) for one in aways if one.from_at <= at < one.to_at)
        return (here - gone) * at_a_time

    truth = simulate(centre, MONDAY_AT, MONDAY_AT + days * DAY_S, rng, drain_s=HOUR_S)
    return Trying(told_at_once(events(truth)), Known(servers, handling_s, patience_s))


def told_at_once(history: Iterable[Event]) -> Iterator[Told]:
    """Each event told as it happens."""
    for event in history:
        yield Told(event.at, event)


def _shared(rng: np.random.Generator, days: float, hidden: frozenset[str] = frozenset()) -> Trying:
    truth = simulate(shared_centre(), MONDAY_AT, MONDAY_AT + days * DAY_S, rng, drain_s=HOUR_S)
    return Trying(told_at_once(hide(events(truth), hidden)))


def _ranks(rng: np.random.Generator, days: float) -> Trying:
    """One queue, three ranks of customers, agents with breaks and absences, lognormal handling."""
    queue = QueuePlan(
        name="desk",
        channel="phone",
        profile=Profile(per_hour=tuple(130.0 * one for one in DAYTIME), day_cv=0.15),
        handling=Duration(mean_s=240.0, cv=1.0),
        wrap_up=Duration(mean_s=30.0, cv=0.6),
        patience=Duration(mean_s=360.0, cv=1.2),
        standings=(
            Standing(share=0.15, priority=2),
            Standing(share=0.25, priority=1),
            Standing(share=0.6),
        ),
    )
    crew = tuple(
        AgentPlan(
            name=f"a{i}",
            skills={"desk": 1},
            shifts=(
                Shift(
                    from_s=(6 + i % 3) * HOUR_S,
                    to_s=(15 + 3 * (i % 3)) * HOUR_S,
                    breaks=((45000.0, 46800.0),),
                ),
            ),
            absence=0.05,
            pace=(0.8, 1.0, 1.25)[i % 3],
        )
        for i in range(16)
    )
    centre = Centre(queues=(queue,), agents=crew)
    return Trying(
        told_at_once(events(simulate(centre, MONDAY_AT, MONDAY_AT + days * DAY_S, rng, drain_s=HOUR_S)))
    )


def _late(rng: np.random.Generator, days: float) -> Trying:
    truth = simulate(shared_centre(), MONDAY_AT, MONDAY_AT + days * DAY_S, rng, drain_s=HOUR_S)
    return Trying(worsen(events(truth), Flaws(lag=Duration(mean_s=5.0, cv=1.0), repeated=0.02), rng))


def _outage(rng: np.random.Generator, days: float) -> Trying:
    """Twice a day half of the agents are gone for 40 minutes."""
    gone = tuple(f"a{i}" for i in range(6))
    starts = np.sort(rng.uniform(0, days * DAY_S, int(2 * days))) + MONDAY_AT
    aways = tuple(Away(agents=gone, from_at=at, to_at=at + 2400.0) for at in starts.tolist())
    kept = [one for i, one in enumerate(aways) if i == 0 or one.from_at > aways[i - 1].to_at]
    return one_queue(rng, agents=12, load=0.85, days=days, aways=tuple(kept))


CENTRES: dict[str, Callable[[np.random.Generator], Trying]] = {
    "10 agents, load 1.07": lambda rng: one_queue(rng, agents=10, load=1.07, days=4),
    "3 agents, load 0.9": lambda rng: one_queue(rng, agents=3, load=0.9, days=10),
    "200 agents, load 1.02": lambda rng: one_queue(rng, agents=200, load=1.02, days=0.15),
    "overrun by half": lambda rng: one_queue(rng, agents=8, load=1.5, days=3, patience_s=240.0),
    "calm, 1 in 8 waits": lambda rng: one_queue(rng, agents=10, load=0.65, days=10),
    "a day with peaks": lambda rng: one_queue(
        rng, agents=12, load=0.75, days=8, shape=DAYTIME, patience_s=400.0
    ),
    "shifts, 4 at night": lambda rng: one_queue(
        rng, agents=14, night=4, load=0.7, days=6, shape=(0.4,) * 8 + (1.3,) * 12 + (0.4,) * 4
    ),
    "half gone at times": lambda rng: _outage(rng, 6),
    "chat, 3 at a time": lambda rng: one_queue(
        rng, agents=5, load=1.0, days=5, handling_s=500.0, patience_s=400.0, channel="chat", at_a_time=3
    ),
    "three ranks, breaks": lambda rng: _ranks(rng, 8),
    "shared agents": lambda rng: _shared(rng, 5),
    "3 of 14 hidden": lambda rng: _shared(rng, 5, frozenset({"a0", "a5", "a10"})),
    "no agents told": lambda rng: _shared(rng, 5, frozenset(f"a{i}" for i in range(14))),
    "told late, and twice": lambda rng: _late(rng, 5),
}


def main() -> None:
    """Print a row for each centre."""
    show(CENTRES, sys.argv[1] if len(sys.argv) > 1 else "", SEED)


def show(centres: dict[str, Callable[[np.random.Generator], Trying]], wanted: str, seed: int) -> None:
    """Print a row for each centre whose name has `wanted` in it."""
    chosen = {name: make for name, make in centres.items() if wanted in name}
    if not chosen:
        raise SystemExit(f"no centre has {wanted!r} in its name; there are: {'; '.join(centres)}")
    print(
        f"{'centre':22}{'waits':>7}{'RMSE':>7}{'over':>7}{'Brier60':>9}{'place':>7}{'B180':>7}{'place':>7}"
        f"{'in 80%':>8}{'kept90':>8}{'cold:in':>8}{'kept':>7} |"
        f"{'next: n':>8}{'told':>7}{'in 80%':>8}{'kept90':>8}{'told:in':>8}{'kept':>8}"
    )
    for name, make in chosen.items():
        _print_row(name, make(np.random.default_rng(seed)))


def _print_row(name: str, trying: Trying) -> None:
    scorer = _run(trying)
    waits, coming = (sorted(some, key=lambda one: one.at) for some in (scorer.ended, scorer.next_ended))
    later, later_coming = waits[len(waits) // 2 :], coming[len(coming) // 2 :]
    ours, place, cold, following = (
        _scores(later, 0), _scores(later, 1), _scores(waits[:COLD], 0), _scores(later_coming, 0)
    )  # fmt: skip
    over = "?" if trying.known is None else f"{ours.rmse_s / _scores(later, 2).rmse_s - 1.0:.1%}"
    print(
        f"{name:22}{ours.said:7}{ours.rmse_s:7.1f}{over:>7}{ours.brier_60:9.4f}{place.brier_60:7.4f}"
        f"{ours.brier_180:7.4f}{place.brier_180:7.4f}{ours.inside:8.1%}{ours.kept:8.1%}{cold.inside:8.1%}"
        f"{cold.kept:7.1%} |{following.said:8}{following.told:7.0%}{following.inside:8.1%}"
        f"{following.kept:8.1%}{following.inside_told:8.1%}{following.kept_told:8.1%}",
        flush=True,
    )


def _scores(cases: list[Case], number: int) -> Scores:
    found = score(cases, number)
    if found is None:
        raise SystemExit("an estimator said nothing of any of them: the centre is too small to try it on")
    return found


def _run(trying: Trying) -> Scorer:
    def make() -> tuple[Estimator, ...]:
        known = () if trying.known is None else (Attainable(trying.known),)
        return (Live(), PlaceInLine(), *known)

    scorer = Scorer()
    trial = Trial(trying.rules, make, scorer)
    for told in trying.told:
        scorer.about_to_join(trial, told.event)
        trial.take(told.event, told.at)
    return scorer


if __name__ == "__main__":
    main()
