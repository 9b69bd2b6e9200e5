"""How right estimates of the wait are: ours and simple rules, on a real log and on simulated centres.

Run ``python -m benchmarks.waits [FILE]``. FILE is a contacts-csv of real calls; without one, the
Anonymous Bank's month is read where it lies beside the project. Every estimator starts cold and is asked
at each arrival that had to wait (was not answered within 1 s); the second half is scored. Errors are in
seconds over those answered; Brier scores are of "is still waiting after 60 (180) s" over all, those who
gave up included as it happened. Ranges are counted over the answered. ``attainable`` knows what nobody
can know: the number of agents, their pace and the customers' patience, and that nothing else matters. The
next to arrive is asked about just before each arrival of priority 0, and scored on all of those, also where
they were answered at once. Of those answered at once nobody can be told less than "no wait", so more of them
than 80 % are in the range: "told" counts those who were told that there may be a wait.

The bank's data: "Anonymous Bank", Technion Service Enterprise Engineering laboratory (I. Guedj, A.
Mandelbaum); see Brown et al. (2005), Statistical analysis of a telephone call center, JASA 100:36-50.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.asking import Attainable, Case, Known, Scorer, score
from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.others import others
from queuewatch.core.estimate.place import PlaceInLine
from queuewatch.core.estimate.wait import Estimator
from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Rules
from queuewatch.core.trust.trial import Trial
from queuewatch.simulate.centre import AgentPlan, Centre, QueuePlan, Standing
from queuewatch.simulate.events import events
from queuewatch.simulate.flaws import hide
from queuewatch.simulate.laws import Duration, Profile
from queuewatch.simulate.run import simulate
from queuewatch.sources.files import open_history
from queuewatch.sources.reading import Reading

BANK = Path(__file__).parents[2] / "shared" / "data" / "anonymous-bank-1999-02.csv.gz"
DAY_S = 86400.0
HANDLING_S, PATIENCE_S, AGENTS = 240.0, 300.0, 10
MONDAY_AT = 1_700_438_400.0
DAYTIME = (
    0,
    0,
    0,
    0,
    0,
    0,
    0.2,
    0.5,
    0.9,
    1.3,
    1.4,
    1.2,
    1.0,
    0.9,
    1.2,
    1.3,
    1.1,
    0.8,
    0.6,
    0.4,
    0.3,
    0.2,
    0,
    0,
)
"""Arrivals over the hours of a day, as a factor."""


def compare(title: str, history: Iterable[Event], make: Callable[[], tuple[Estimator, ...]]) -> None:
    """Run a history and print the table."""
    scorer = Scorer()
    trial = Trial(Rules(), make, scorer)
    first_at = last_at = 0.0
    for event in history:
        first_at = first_at or event.at
        last_at = event.at
        scorer.about_to_join(trial, event)
        trial.take(event)
    half_at = first_at + (last_at - first_at) / 2.0
    half_at -= half_at % DAY_S
    took_s = [one / scorer.asked for one in scorer.took_s]
    _print_table(f"{title}, had to wait", [one for one in scorer.ended if one.at >= half_at], make(), took_s)
    coming = [one for one in scorer.next_ended if one.at >= half_at]
    _print_table(f"{title}, the next to arrive", coming, make()[:2], took_s)


def _print_table(
    title: str, cases: list[Case], estimators: tuple[Estimator, ...], took_s: list[float]
) -> None:
    answered = sum(case.answered for case in cases)
    print(f"\n{title}: {len(cases)} contacts, {answered} answered")
    print(f"{'estimator':22}{'RMSE':>8}{'MAE':>8}{'bias':>8}{'Brier60':>9}{'Brier180':>9}", end="")
    print(f"{'in 80 %':>9}{'kept 90':>9}{'told: in':>9}{'kept':>9}{'told':>8}{'no say':>8}{'us/ask':>8}")
    for number, estimator in enumerate(estimators):
        _print_row(estimator.name, number, cases, took_s[number])


def _print_row(name: str, number: int, cases: list[Case], took_s: float) -> None:
    found = score(cases, number)
    if found is None:
        print(f"{name:22} says nothing")
        return
    print(
        f"{name:22}{found.rmse_s:8.1f}{found.mae_s:8.1f}{found.bias_s:8.1f}{found.brier_60:9.4f}"
        f"{found.brier_180:9.4f}{found.inside:9.1%}{found.kept:9.1%}{found.inside_told:9.1%}"
        f"{found.kept_told:9.1%}{found.told:8.1%}{len(cases) - found.said:8}{took_s * 1e6:8.0f}"
    )


def _ours_and_others() -> tuple[Estimator, ...]:
    chosen = ("always_the_average", "asterisk", "last_to_enter_service", "head_of_line", "queue_length")
    return (Live(), PlaceInLine(), *(one for one in others() if one.name in chosen))


def read_log(file: Path) -> Iterable[Event]:
    """The events of a contacts-csv."""
    reading = Reading(hash_customer=lambda name: name, zone=ZoneInfo("UTC"), columns={})
    with open_history([str(file)]) as history:
        for one in history.read("contacts-csv", reading):
            if isinstance(one, Event):
                yield one


def steady_centre() -> Centre:
    """One queue, everything as in the books."""
    queue = QueuePlan(
        name="support",
        channel="phone",
        profile=Profile(per_hour=(160.0,)),
        handling=Duration(mean_s=HANDLING_S, law="exponential"),
        patience=Duration(mean_s=PATIENCE_S, law="exponential"),
    )
    crew = tuple(AgentPlan(name=f"a{i}", skills={"support": 1}) for i in range(AGENTS))
    return Centre(queues=(queue,), agents=crew)


def shared_centre() -> Centre:
    """Three queues that share agents, two classes of customers, a day with peaks, lognormal everything."""
    plans = (("gold", 60.0, 220.0), ("iron", 90.0, 180.0), ("tin", 40.0, 300.0))
    queues = tuple(
        QueuePlan(
            name=name,
            channel="phone",
            profile=Profile(per_hour=tuple(per_hour * one for one in DAYTIME)),
            handling=Duration(mean_s=handling_s, cv=1.2),
            wrap_up=Duration(mean_s=20.0, cv=0.7),
            patience=Duration(mean_s=400.0, cv=1.3),
            standings=(Standing(share=0.3, tier="existing", priority=1), Standing(share=0.7, tier="new")),
        )
        for name, per_hour, handling_s in plans
    )
    skills = ({"gold": 1, "iron": 2}, {"iron": 1, "tin": 2}, {"gold": 2, "iron": 1, "tin": 1})
    crew = tuple(
        AgentPlan(name=f"a{i}", skills=skills[i % 3], pace=(0.8, 1.0, 1.3)[i % 3]) for i in range(14)
    )
    return Centre(queues=queues, agents=crew)


def main() -> None:
    """Print all tables."""
    bank = Path(sys.argv[1]) if len(sys.argv) > 1 else BANK
    if bank.exists():
        compare(bank.name, read_log(bank), _ours_and_others)
    else:
        print(f"{bank} is not there: only simulated centres")
    rng = np.random.default_rng(20261121)
    known = Known(lambda _: AGENTS, HANDLING_S, PATIENCE_S)
    steady = simulate(steady_centre(), MONDAY_AT, MONDAY_AT + 4 * DAY_S, rng, drain_s=3600.0)
    compare(
        "simulated, parameters known",
        events(steady),
        lambda: (Attainable(known), *_ours_and_others()),
    )
    truth = simulate(shared_centre(), MONDAY_AT, MONDAY_AT + 8 * DAY_S, rng, drain_s=3600.0)
    compare("simulated, shared agents", events(truth), _ours_and_others)
    missing = {f"a{i}" for i in range(0, 14, 5)}
    compare("the same, 3 of 14 agents missing from the data", hide(events(truth), missing), _ours_and_others)


if __name__ == "__main__":
    main()
