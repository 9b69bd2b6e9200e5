"""How right estimates of the wait are: ours and simple rules, on a real log and on simulated centres.

Run ``python -m benchmarks.waits [FILE]``. FILE is a contacts-csv of real calls; without one, the
Anonymous Bank's month is read where it lies beside the project. Every estimator starts cold and is asked
at each arrival that had to wait (was not answered within 1 s); the second half is scored. Errors are in
seconds over those answered; Brier scores are of "is still waiting after 60 (180) s" over all, those who
gave up included as it happened. Ranges are counted over the answered. ``attainable`` knows what nobody
can know: the number of agents, their pace and the customers' patience, and that nothing else matters. The
next to arrive is asked about just before each arrival of priority 0, and scored on all of those, also where
they were answered at once.

The bank's data: "Anonymous Bank", Technion Service Enterprise Engineering laboratory (I. Guedj, A.
Mandelbaum); see Brown et al. (2005), Statistical analysis of a telephone call center, JASA 100:36-50.
"""

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct, field

from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.others import others
from queuewatch.core.estimate.place import InLine, PlaceInLine
from queuewatch.core.estimate.wait import Estimator, Remaining, Scene
from queuewatch.core.events import Enqueued, Event
from queuewatch.core.rules import Rules
from queuewatch.core.state import Change
from queuewatch.core.trial import Trial
from queuewatch.core.visit import IN_LINE, Visit
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


class Answer(Struct, frozen=True):
    """What one estimator said at one arrival."""

    mean_s: float
    there_60: float
    there_180: float
    low_s: float
    high_s: float


class Case(Struct):
    """One arrival: when, what each said, and what happened."""

    at: float
    said: list[Answer | None]
    wait_s: float = 0.0
    answered: bool = False


class Scorer(Struct):
    """Asks everybody at each arrival and keeps the answers until the wait has ended."""

    open: dict[tuple[str, str, int], Case] = field(default_factory=dict)
    ended: list[Case] = field(default_factory=list)
    next: dict[tuple[str, str], Case] = field(default_factory=dict)
    next_ended: list[Case] = field(default_factory=list)
    asked: int = 0
    took_s: list[float] = field(default_factory=list)

    def arrived(self, scene: Scene, ahead: int, who: Visit, estimators: tuple[Estimator, ...]) -> None:
        """Ask."""
        said = []
        self.took_s = self.took_s or [0.0] * len(estimators)
        for number, estimator in enumerate(estimators):
            began = time.process_time()
            remaining = estimator.remaining(scene, ahead, who)
            said.append(None if isinstance(remaining, str) else _answer(remaining))
            self.took_s[number] += time.process_time() - began
        self.asked += 1
        self.open[who.queue, who.contact, who.number] = Case(scene.now, said)

    def about_to_join(self, trial: Trial, event: Event) -> None:
        """Ask about the next to arrive, the moment before this one does; of priority 0, as all know."""
        site, data = trial.sites.get(event.site), event.data
        if not isinstance(data, Enqueued) or data.priority or site is None or data.queue not in site.queues:
            return
        scene = trial.scene(event.site, data.queue, event.at)
        ahead = len(scene.queue.line)
        told = [one.remaining(scene, ahead, None) for one in trial.estimators[event.site]]
        self.next[data.queue, event.subject] = Case(
            event.at, [None if isinstance(one, str) else _answer(one) for one in told]
        )

    def moved(self, site: str, change: Change) -> None:  # noqa: ARG002  # one site
        """Note what happened."""
        visit = change.visit
        if change.was in IN_LINE and change.now not in IN_LINE:
            coming = self.next.pop((visit.queue, visit.contact), None)
            if coming is not None:
                coming.wait_s, coming.answered = change.at - coming.at, change.now == "answered"
                self.next_ended.append(coming)
            case = self.open.pop((visit.queue, visit.contact, visit.number), None)
            if case is not None:
                case.wait_s, case.answered = change.at - case.at, change.now == "answered"
                if not (case.answered and case.wait_s <= 1.0):
                    self.ended.append(case)


class Attainable(Struct):
    """The closed form with the true parameters of a single queue (see `queueing/position.py`)."""

    name: ClassVar[str] = "attainable"

    def learn(self, change: Change, now: float) -> None:
        """It knows all there is to know."""

    def joined(self, scene: Scene, ahead: int, who: Visit) -> None:
        """Likewise."""

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining:  # noqa: ARG002  # all alike
        """Of those who are answered: the release rate grows by the rate of giving up, theirs excluded."""
        leave = 1.0 / PATIENCE_S
        return _Known(float(ahead), AGENTS / HANDLING_S + leave, leave)


class _Known(InLine, frozen=True):
    def chance_there(self, t_s: float) -> float:
        rate = self.release_rate - self.abandon_rate
        return InLine(self.ahead, rate, self.abandon_rate, self.abandon_rate).chance_there(t_s)


def _answer(remaining: Remaining) -> Answer:
    return Answer(
        remaining.mean_s,
        remaining.chance_there(60.0),
        remaining.chance_there(180.0),
        remaining.quantile_s(0.1),
        remaining.quantile_s(0.9),
    )


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
    print(f"{'in 80 %':>9}{'kept 90':>9}{'no say':>8}{'us/ask':>8}")
    for number, estimator in enumerate(estimators):
        _print_row(estimator.name, number, cases, took_s[number])


def _print_row(name: str, number: int, cases: list[Case], took_s: float) -> None:
    said = [(case, answer) for case in cases if (answer := case.said[number]) is not None]
    if not said:
        print(f"{name:22} says nothing")
        return
    waits = np.array([case.wait_s for case, _ in said])
    answered = np.array([case.answered for case, _ in said])
    mean, there_60, there_180, low, high = np.array(
        [(one.mean_s, one.there_60, one.there_180, one.low_s, one.high_s) for _, one in said]
    ).T
    error = (mean - waits)[answered]
    brier = [float(np.square(p - (waits > t)).mean()) for p, t in ((there_60, 60.0), (there_180, 180.0))]
    inside = float(((waits >= low) & (waits <= high))[answered].mean())
    kept = float((waits <= high)[answered].mean())
    print(
        f"{name:22}{np.sqrt(np.square(error).mean()):8.1f}{np.abs(error).mean():8.1f}{error.mean():8.1f}"
        f"{brier[0]:9.4f}{brier[1]:9.4f}{inside:9.1%}{kept:9.1%}{len(cases) - len(said):8}{took_s * 1e6:8.0f}"
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
    shape = (
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
    plans = (("gold", 60.0, 220.0), ("iron", 90.0, 180.0), ("tin", 40.0, 300.0))
    queues = tuple(
        QueuePlan(
            name=name,
            channel="phone",
            profile=Profile(per_hour=tuple(per_hour * one for one in shape)),
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
    steady = simulate(steady_centre(), MONDAY_AT, MONDAY_AT + 4 * DAY_S, rng, drain_s=3600.0)
    compare(
        "simulated, parameters known",
        events(steady),
        lambda: (Attainable(), *_ours_and_others()),
    )
    truth = simulate(shared_centre(), MONDAY_AT, MONDAY_AT + 8 * DAY_S, rng, drain_s=3600.0)
    compare("simulated, shared agents", events(truth), _ours_and_others)
    missing = {f"a{i}" for i in range(0, 14, 5)}
    compare("the same, 3 of 14 agents missing from the data", hide(events(truth), missing), _ours_and_others)


if __name__ == "__main__":
    main()
