"""Simple rules for a wait, as other products have them: what ours is compared with.

Most announce a single number: as a distribution, all its weight is on that number.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import ClassVar

from msgspec import Struct, field

from queuewatch.core.estimate.place import InLine
from queuewatch.core.estimate.wait import Estimator, Remaining, Scene
from queuewatch.core.state import Change
from queuewatch.core.view import NoEstimateReason
from queuewatch.core.visit import IN_LINE, Visit

# Who is answered within this did not have to wait, seconds.
AT_ONCE_S = 1.0
# Waits that the climate of a queue is made of.
CLIMATE = 2000


class Point(Struct, frozen=True):
    """A single number, in seconds, and no doubt about it."""

    mean_s: float

    def chance_over(self, t_s: float) -> float:
        """P(remaining > t): 0 or 1."""
        return 1.0 if self.mean_s > t_s else 0.0

    def chance_there(self, t_s: float) -> float:
        """P(still in line after t): nothing is known of giving up."""
        return self.chance_over(t_s)

    def quantile_s(self, share: float) -> float:  # noqa: ARG002  # all quantiles are one
        """The number."""
        return self.mean_s


class Told(Struct, frozen=True):
    """The waits there were, seconds, ascending: all are equally likely."""

    waits_s: list[float]

    @property
    def mean_s(self) -> float:
        """Their mean, seconds."""
        return sum(self.waits_s) / len(self.waits_s)

    def chance_over(self, t_s: float) -> float:
        """The share of them that was longer."""
        return 1.0 - bisect_right(self.waits_s, t_s) / len(self.waits_s)

    def chance_there(self, t_s: float) -> float:
        """The same: waits that were given up are among them."""
        return self.chance_over(t_s)

    def quantile_s(self, share: float) -> float:
        """The wait that this share of them did not exceed, seconds."""
        return self.waits_s[min(len(self.waits_s) - 1, int(share * len(self.waits_s)))]


class _Peer(Struct):
    """A rule that remembers a little of each queue of its site."""

    def learn(self, change: Change, now: float) -> None:
        """Take in a move."""

    def joined(self, scene: Scene, ahead: int, who: Visit) -> None:
        """Rules remember no scene."""


class Asterisk(_Peer):
    """Asterisk's hold time: three parts the old, one part the wait of who was answered last (app_queue)."""

    name: ClassVar[str] = "asterisk"

    held_s: dict[str, float] = field(default_factory=dict)

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002  # it knows no time
        """An answer moves the average."""
        wait_s = _answered(change)
        if wait_s is not None:
            queue = change.visit.queue
            self.held_s[queue] = (3.0 * self.held_s.get(queue, 0.0) + wait_s) / 4.0

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002
        """The average, wherever one stands, less what one has waited."""
        held_s = self.held_s.get(scene.queue.name)
        return "too_few_data" if held_s is None else Point(max(0.0, held_s - _waited_s(scene, who)))


class LastAnswered(_Peer):
    """The wait of the last one to be answered who had to wait (LES; Ibrahim and Whitt 2009)."""

    name: ClassVar[str] = "last-answered"

    last_s: dict[str, float] = field(default_factory=dict)

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002  # it knows no time
        """An answer replaces the one before."""
        wait_s = _answered(change)
        if wait_s is not None and wait_s > AT_ONCE_S:
            self.last_s[change.visit.queue] = wait_s

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002
        """That wait, less what one has waited."""
        last_s = self.last_s.get(scene.queue.name)
        return "too_few_data" if last_s is None else Point(max(0.0, last_s - _waited_s(scene, who)))


class HeadOfLine(_Peer):
    """How long the first in line has waited (HOL; likewise)."""

    name: ClassVar[str] = "head-of-line"

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002
        """With nobody before one, no time at all."""
        return Point(max(0.0, scene.now - scene.queue.line[0][1]) if ahead else 0.0)


class PlaceTimesHandling(_Peer):
    """Place in line times mean handling time, over the agents on duty (Cisco, Genesys and others)."""

    name: ClassVar[str] = "place-x-handling"

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002
        """As an Erlang distribution of that mean."""
        handling_s = scene.learned.handling.read()
        if not handling_s:
            return "too_few_data"
        return InLine(float(ahead), scene.share / handling_s, 0.0) if scene.share else "no_agents"


class Climate(_Peer):
    """Always the average: the waits of all who had to wait, whatever the line is like."""

    name: ClassVar[str] = "climate"

    waits_s: dict[str, list[float]] = field(default_factory=dict)

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002  # it knows no time
        """A wait that ended, in whatever way, is one more."""
        waited_s = change.visit.endured_s
        if change.was not in IN_LINE or change.now in IN_LINE or waited_s is None:
            return
        if not (change.now == "answered" and waited_s <= AT_ONCE_S):
            waits_s = self.waits_s.setdefault(change.visit.queue, [])
            waits_s.append(waited_s)
            del waits_s[:-CLIMATE]

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002
        """Of the waits longer than what one has waited, what was still to come."""
        waited_s = _waited_s(scene, who)
        waits_s = [one - waited_s for one in self.waits_s.get(scene.queue.name, []) if one >= waited_s]
        return Told(sorted(waits_s)) if waits_s else "too_few_data"


def peers() -> tuple[Estimator, ...]:
    """All of them, for one site, without any memory."""
    return (Climate(), Asterisk(), LastAnswered(), HeadOfLine(), PlaceTimesHandling())


def _answered(change: Change) -> float | None:
    """The wait that ended with an answer just now, seconds; None: it was something else."""
    return change.visit.wait_s if change.now == "answered" and change.was in IN_LINE else None


def _waited_s(scene: Scene, who: Visit | None) -> float:
    return 0.0 if who is None else max(0.0, scene.now - who.enqueued_at)
