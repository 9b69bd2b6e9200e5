"""Asking estimators at each arrival and scoring what they said: what `waits` and `centres` share."""

import time
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from msgspec import Struct, field

from queuewatch.core.estimate.place import InLine
from queuewatch.core.estimate.wait import AT_ONCE_S, Estimator, Joined, Remaining, Scene, whole_wait
from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import IN_LINE, Visit
from queuewatch.core.trust.trial import Trial


class Answer(Struct, frozen=True):
    """What one estimator said at one arrival: mean, chances to be still there, 80 % range, 90 % promise."""

    mean_s: float
    there_60: float
    there_180: float
    low_s: float
    high_s: float
    promise_s: float


class Case(Struct):
    """One arrival: when, what each said, and what happened."""

    at: float
    said: list[Answer | None]
    wait_s: float = 0.0
    answered: bool = False


class Scorer(Struct):
    """Asks everybody at each arrival and keeps the answers until the wait has ended.

    Attributes:
        open, ended: Those who joined a line; `ended` has those who had to wait.
        next, next_ended: Those who were about to, all of them.
        asked, took_s: How often each was asked, and its processor time for it, seconds.
    """

    open: dict[tuple[str, str, int], Case] = field(default_factory=dict)
    ended: list[Case] = field(default_factory=list)
    next: dict[tuple[str, str], Case] = field(default_factory=dict)
    next_ended: list[Case] = field(default_factory=list)
    asked: int = 0
    took_s: list[float] = field(default_factory=list)

    def arrived(self, joined: Joined, who: Visit, estimators: tuple[Estimator, ...]) -> None:
        """Ask."""
        said = []
        self.took_s = self.took_s or [0.0] * len(estimators)
        for number, estimator in enumerate(estimators):
            began = time.process_time()
            said.append(_answer(estimator, joined.scene, joined.ahead, who))
            self.took_s[number] += time.process_time() - began
        self.asked += 1
        self.open[who.queue, who.contact, who.number] = Case(joined.scene.now, said)

    def about_to_join(self, trial: Trial, event: Event) -> None:
        """Ask about the next to arrive, the moment before this one does; of priority 0, as all know."""
        site, data = trial.sites.get(event.site), event.data
        if not isinstance(data, Enqueued) or data.priority or site is None or data.queue not in site.queues:
            return
        scene = trial.scene(event.site, data.queue, event.at)
        ahead = len(scene.queue.line)
        said = [_answer(one, scene, ahead, None) for one in trial.estimators[event.site]]
        self.next[data.queue, event.subject] = Case(event.at, said)

    def moved(self, site: str, change: Change) -> None:  # noqa: ARG002  # one site
        """Note what happened."""
        visit = change.visit
        if change.was not in IN_LINE or change.now in IN_LINE:
            return
        answered = change.now == "answered"
        coming = self.next.pop((visit.queue, visit.contact), None)
        if coming is not None:
            coming.wait_s, coming.answered = change.at - coming.at, answered
            self.next_ended.append(coming)
        case = self.open.pop((visit.queue, visit.contact, visit.number), None)
        if case is not None:
            case.wait_s, case.answered = change.at - case.at, answered
            if case.wait_s > AT_ONCE_S or (case.wait_s >= 0.0 and not answered):
                self.ended.append(case)


def _answer(estimator: Estimator, scene: Scene, ahead: int, who: Visit | None) -> Answer | None:
    remaining = estimator.remaining(scene, ahead, who)
    if isinstance(remaining, str):
        return None
    view = whole_wait(remaining, scene, ahead, who, (), estimator.name)
    low_s, high_s = view.range_s or (0.0, 0.0)
    return Answer(
        remaining.mean_s,
        remaining.chance_there(60.0),
        remaining.chance_there(180.0),
        low_s - view.waited_s,
        high_s - view.waited_s,
        remaining.quantile_s(0.9),
    )


class Scores(Struct, frozen=True):
    """How right an estimator was.

    Attributes:
        said: Cases of which it said something.
        rmse_s, mae_s, bias_s: Over the answered, seconds.
        brier_60, brier_180: Of "still waiting after that", over all.
        inside: Share of the answered in the 80 % range, and `inside_told`: of those who were told that there
            may be a wait, which is where its upper end is over AT_ONCE_S.
        kept, kept_told: The same of the 90 % promise.
        told: Share of the answered whose promise was over AT_ONCE_S.
    """

    said: int
    rmse_s: float
    mae_s: float
    bias_s: float
    brier_60: float
    brier_180: float
    inside: float
    inside_told: float
    kept: float
    kept_told: float
    told: float


def score(cases: list[Case], number: int) -> Scores | None:
    """The scores of the estimator of this number; None where it said nothing."""
    said = [(case, answer) for case in cases if (answer := case.said[number]) is not None]
    if not any(case.answered for case, _ in said):
        return None
    waits = np.array([case.wait_s for case, _ in said])
    answered = np.array([case.answered for case, _ in said])
    mean, there_60, there_180, low, high, promise = np.array(
        [(one.mean_s, one.there_60, one.there_180, one.low_s, one.high_s, one.promise_s) for _, one in said]
    ).T
    error = (mean - waits)[answered]
    inside, kept = ((waits >= low) & (waits <= high))[answered], (waits <= promise)[answered]
    ranged, told = (high > AT_ONCE_S)[answered], (promise > AT_ONCE_S)[answered]
    return Scores(
        len(said),
        float(np.sqrt(np.square(error).mean())),
        float(np.abs(error).mean()),
        float(error.mean()),
        float(np.square(there_60 - (waits > 60.0)).mean()),
        float(np.square(there_180 - (waits > 180.0)).mean()),
        float(inside.mean()),
        float(inside[ranged].mean()) if ranged.any() else np.nan,
        float(kept.mean()),
        float(kept[told].mean()) if told.any() else np.nan,
        float(told.mean()),
    )


class Known(Struct, frozen=True):
    """What nobody can know of a centre of one queue where everything is exponential.

    Attributes:
        servers: Contacts that can be handled at a time, at a point in time.
        handling_s, patience_s: Means, seconds.
    """

    servers: Callable[[float], int]
    handling_s: float
    patience_s: float


class Attainable(Struct):
    """The closed form with the true parameters of a single queue (see `queueing/position.py`)."""

    known: Known
    name: ClassVar[str] = "attainable"

    def learn(self, change: Change, now: float) -> None:
        """It knows all there is to know."""

    def joined(self, scene: Scene, ahead: int, who: Visit) -> None:
        """Likewise."""

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining:  # noqa: ARG002  # all alike
        """Of those who are answered: the release rate grows by the rate of giving up, theirs excluded."""
        leave = 1.0 / self.known.patience_s
        servers = max(1, self.known.servers(scene.now))
        return _Known(float(ahead), servers / self.known.handling_s + leave, leave)


class _Known(InLine, frozen=True):
    def chance_there(self, t_s: float) -> float:
        rate = self.release_rate - self.abandon_rate
        return InLine(self.ahead, rate, self.abandon_rate, self.abandon_rate).chance_there(t_s)
