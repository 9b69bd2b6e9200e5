"""The seam of all estimators: what they are asked, and what they answer.

An estimator is asked about one place in one line at one moment and answers with a distribution of the time
still to wait, or with the reason why it has none. A new estimator is one file with one class.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from queuewatch.core.estimate.learned import Learned
from queuewatch.core.events import AgentState
from queuewatch.core.state import Queue
from queuewatch.core.view import NoEstimateReason, WaitView

QUANTILES = (0.1, 0.5, 0.9)


class Scene(Struct, frozen=True):
    """A queue at a moment, as an estimator sees it.

    Attributes:
        queue: The queue with its line.
        learned: What it has shown lately.
        agents: Its agents by state; None when nothing is known of any.
        free: Contacts that its agents on duty could take at once.
        share: Agents on duty, each counted by the part of their attention this queue gets (1 / their queues).
        slots: Contacts that its agents on duty can handle at a time.
        stale: A source of the queue is silent.
        now: The present.
    """

    queue: Queue
    learned: Learned
    agents: dict[AgentState, int] | None
    free: int
    share: float
    slots: int
    stale: bool
    now: float


class Remaining(Protocol):
    """The time still to wait, as a distribution, for somebody who does not give up."""

    @property
    def mean_s(self) -> float:
        """Its mean, seconds."""
        ...

    def chance_over(self, t_s: float) -> float:
        """P(remaining > t), in [0, 1]; 1 for t < 0."""
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

    def remaining(self, scene: Scene, ahead: int) -> Remaining | NoEstimateReason:
        """The time still to wait at this place, or why there is no saying."""
        ...


def wait_view(
    estimator: Estimator, scene: Scene, ahead: int, waited_s: float, thresholds_s: tuple[float, ...]
) -> WaitView:
    """The whole wait of somebody who has waited `waited_s` and has `ahead` contacts before them."""
    remaining = estimator.remaining(scene, ahead)
    if isinstance(remaining, str):
        passed = {f"{t:g}": 1.0 for t in thresholds_s if waited_s > t}
        return WaitView(place=ahead + 1, waited_s=waited_s, chances=passed, no_estimate=remaining)
    return WaitView(
        place=ahead + 1,
        waited_s=waited_s,
        mean_s=waited_s + remaining.mean_s,
        quantiles_s={f"{share:g}": waited_s + remaining.quantile_s(share) for share in QUANTILES},
        chances={f"{t:g}": _passes(remaining, t - waited_s) for t in thresholds_s},
        estimator=estimator.name,
    )


def _passes(remaining: Remaining, left_s: float) -> float:
    return 1.0 if left_s < 0 else remaining.chance_over(left_s)
