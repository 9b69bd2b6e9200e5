"""The seam of all estimators: what they are asked, and what they answer.

An estimator is told of every visit of its site that moves, and of the scene in which each joined its line. It
is asked about one place in one line at one moment, and answers with a distribution of the time still to wait,
or with the reason why it has none. A new estimator is one file with one class: a Struct, whose fields are its
memory of one site and are frozen with the core.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Protocol

from msgspec import Struct, structs

from queuewatch.core.estimate.learned import Learned
from queuewatch.core.facts.terms import AgentState, Channel
from queuewatch.core.hours import Hours
from queuewatch.core.state.site import Change, Queue, Site, line_place
from queuewatch.core.state.visit import IN_LINE, Visit
from queuewatch.core.view import NoEstimateReason, WaitView

QUANTILES = (0.1, 0.5, 0.9)
AT_ONCE_S = 1.0
"""Who is answered within this did not have to wait, seconds."""
UNIT_S: dict[Channel, float] = {"phone": 1.0, "chat": 1.0, "email": 60.0}
"""A channel's unit of time, seconds: what is a minute with a call is an hour with mail."""

# Per site: 72,000 arrivals an hour, and a burst.
LESSONS_PER_S = 20.0
LESSONS_AT_ONCE = 100.0
# Of whom we hear later than this after they joined, nobody could say anything as they did, seconds.
FRESH_S = 30.0


class Lessons(Struct):
    """How many waits an estimator may learn from: a wait that is looked at closely costs half a millisecond.

    No centre has so many arrivals; a flood of them (a backlog told at once, a load test) is sampled, so that
    taking facts in never waits for learning. What is left out depends on the journal's times alone.

    Attributes:
        left: Lessons that may be taken at once.
        at: When that was counted.
    """

    left: float = LESSONS_AT_ONCE
    at: float = float("-inf")

    def spare(self, now: float) -> float:
        """How many there are now."""
        return (
            self.left if now <= self.at else min(LESSONS_AT_ONCE, self.left + (now - self.at) * LESSONS_PER_S)
        )

    def take(self, now: float) -> bool:
        """Whether there is one to be had now."""
        self.left, self.at = self.spare(now), max(now, self.at)
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


class Scene(Struct, frozen=True):
    """A queue at a moment, as an estimator sees it.

    Attributes:
        site: The site, whose other queues may share the agents.
        queue: The queue with its line.
        learned: What it has shown lately.
        agents: Its agents by state; None when nothing is known of any.
        free: Contacts that its agents on duty could take at once.
        share: Agents on duty, each counted by the part of their attention this queue gets (1 / their queues).
        slots: Contacts that its agents on duty can handle at a time.
        stale: A source of the queue is silent.
        now: The present.
        hours: When the queue is open, where its waits pass only then: e-mail with a calendar.
    """

    site: Site
    queue: Queue
    learned: Learned
    agents: dict[AgentState, int] | None
    free: int
    share: float
    slots: int
    stale: bool
    now: float
    hours: Hours | None = None


class Remaining(Protocol):
    """The time still to wait, as a distribution, for somebody who does not give up."""

    @property
    def mean_s(self) -> float:
        """Its mean, seconds."""
        ...

    def chance_over(self, t_s: float) -> float:
        """P(remaining > t), in [0, 1]; 1 for t < 0."""
        ...

    def chance_there(self, t_s: float) -> float:
        """P(still in line after t), in [0, 1]: not answered by then, nor gone for want of patience."""
        ...

    def quantile_s(self, share: float) -> float:
        """The time, seconds, within which the wait is over with this probability."""
        ...


class Estimator(Protocol):
    """Says how long somebody with `ahead` contacts before them still has to wait."""

    @property
    def name(self) -> str:
        """Its name in metrics and tables."""
        ...

    def learn(self, change: Change, now: float) -> None:
        """Take in that a visit of its site moved: joined, was answered, gave up, left, was completed."""
        ...

    def joined(self, scene: Scene, ahead: int, who: Visit) -> Remaining | NoEstimateReason | None:
        """See the scene as somebody joins a line, to learn from it when their wait has ended.

        Returns:
            What `remaining` says of them, where that comes with it; None: it was not worked out.
        """
        ...

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:
        """The time still to wait at this place, or why there is no saying.

        Args:
            scene: The queue at this moment.
            ahead: Contacts before this place in the queue's own line.
            who: Who waits there, and so has not been answered at once; None: the next one to arrive.
        """
        ...


class Joined(Struct, frozen=True):
    """Somebody joined a line.

    Attributes:
        scene: As they did.
        ahead: How many stood before them.
        said: What `Estimator.joined` gave, by the estimator's name.
    """

    scene: Scene
    ahead: int
    said: dict[str, Remaining | NoEstimateReason | None]


def heed(
    estimators: Iterable[Estimator],
    change: Change,
    now: float,
    scene: Callable[[str, float], Scene],
    lessons: Lessons | None = None,
) -> Joined | None:
    """Let estimators of a site learn of a move, in the state it left behind.

    Who is told of late (a history that is read in, a source that was cut off) teaches as if it had been told
    in time: the scene is that of the moment at which they joined.

    Args:
        estimators: Who learns.
        change: The move.
        now: The present.
        scene: The scene at a queue, by its name, at a moment.
        lessons: Bounds how many of those who join are looked at closely; None: all are.

    Returns:
        What was seen and said, where somebody joined just now and was looked at closely.
    """
    if change.visit.channel == "email" and (hours := scene(change.visit.queue, now).hours) is not None:
        change = structs.replace(change, hours=hours)
    for estimator in estimators:
        estimator.learn(change, now)
    if change.now not in IN_LINE or change.was in IN_LINE:
        return None
    if lessons is not None and not lessons.take(now):
        return None
    fresh = now - change.at <= FRESH_S
    at = scene(change.visit.queue, now if fresh else change.at)
    ahead = bisect_left(at.queue.line, line_place(change.visit))
    said = {estimator.name: estimator.joined(at, ahead, change.visit) for estimator in estimators}
    return Joined(at, ahead, said) if fresh else None


def wait_view(
    estimator: Estimator, scene: Scene, ahead: int, who: Visit | None, thresholds_s: tuple[float, ...]
) -> WaitView:
    """The whole wait of `who`, or of the next one to arrive (None), with `ahead` contacts before them."""
    remaining = estimator.remaining(scene, ahead, who)
    return whole_wait(remaining, scene, ahead, who, thresholds_s, estimator.name)


def whole_wait(  # noqa: PLR0917
    remaining: Remaining | NoEstimateReason,
    scene: Scene,
    ahead: int,
    who: Visit | None,
    thresholds_s: tuple[float, ...],
    estimator: str,
) -> WaitView:
    """The whole wait of somebody of whom this is said to remain; `estimator` says so."""
    waited_s = 0.0 if who is None else max(0.0, scene.now - who.enqueued_at)
    if isinstance(remaining, str):
        passed = {f"{t:g}": 1.0 for t in thresholds_s if waited_s > t}
        return WaitView(place=ahead + 1, waited_s=waited_s, chances=passed, no_estimate=remaining)
    left = [remaining.quantile_s(share) for share in QUANTILES]
    return WaitView(
        place=ahead + 1,
        waited_s=waited_s,
        mean_s=waited_s + remaining.mean_s,
        quantiles_s={f"{share:g}": waited_s + left_s for share, left_s in zip(QUANTILES, left, strict=True)},
        range_s=(waited_s + left[0], waited_s + _highest(remaining, left)),
        chances={f"{t:g}": _passes(remaining, t - waited_s) for t in thresholds_s},
        estimator=estimator,
    )


def _highest(remaining: Remaining, quantiles: list[float]) -> float:
    """Where the 80 % range ends that begins at the first of QUANTILES: mostly at the last.

    Where one in ten or more does not wait at all, nobody is below the range: it holds 80 % up to there.
    """
    if quantiles[0] > remaining.quantile_s(0.0):
        return quantiles[-1]
    return remaining.quantile_s(QUANTILES[-1] - QUANTILES[0])


def _passes(remaining: Remaining, left_s: float) -> float:
    return 1.0 if left_s < 0 else remaining.chance_over(left_s)
