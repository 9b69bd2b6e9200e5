"""Rules that say what others have waited: one average or another of the waits that were answered lately.

All forget that somebody waits before you, and all lag: a line that grows now shows in them minutes later.
They learn from every answer of the site, also from those after no wait at all, as the products do.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from math import ceil
from statistics import pstdev
from typing import ClassVar

from msgspec import Struct, field

from queuewatch.core.estimate.others.number import Number, Rule, still_to_come, waited_s
from queuewatch.core.estimate.others.seen import answered_wait_s
from queuewatch.core.estimate.wait import AT_ONCE_S, Scene
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import IN_LINE, Visit
from queuewatch.core.view import NoEstimateReason

# The chance of what never happened before.
NOBODY_KNOWS = 0.5

MINUTE_S = 60.0
WEBEX_WINDOW_S = 1800.0
OMNI_WINDOW_S = 600.0
OMNI_LAST = 10


class Smoothed(Rule):
    """The average moves towards each new wait by a share of the difference: E <- (1 - share) E + share w.

    Salesforce's legacy chat (a tenth), Puzzel (half). Asterisk (a quarter) starts from 0: see `Asterisk`.
    """

    name: str
    share: float
    average_s: float | None = None

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002  # waits bear their own times
        """Take in the wait of who was answered; the first is the average."""
        wait_s = answered_wait_s(change)
        if wait_s is not None:
            was_s = wait_s if self.average_s is None else self.average_s
            self.average_s = was_s + self.share * (wait_s - was_s)

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """The average less what has been waited."""
        return "too_few_data" if self.average_s is None else still_to_come(self.average_s, scene, who)


class Asterisk(Rule):
    """app_queue's `holdtime`: H <- (3 H + w) / 4 from 0 on, one average for all.

    To who has just joined it announces H; repeated, |H + 30 - elapsed|, which grows again once the caller is
    past it. (It rounds both to minutes, and has 30 s added for that; here it is let off with seconds.)
    """

    name: ClassVar[str] = "asterisk"
    SPARE_S: ClassVar[float] = 30.0

    average_s: float = 0.0
    answered: bool = False

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002  # waits bear their own times
        """Take in the wait of who was answered."""
        wait_s = answered_wait_s(change)
        if wait_s is not None:
            self.add(wait_s)

    def add(self, wait_s: float) -> None:
        """A wait was answered."""
        self.average_s = (3.0 * self.average_s + wait_s) / 4.0
        self.answered = True

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """See the class's docstring."""
        if not self.answered:
            return "too_few_data"
        elapsed_s = waited_s(scene, who)
        if not elapsed_s:
            return Number(self.average_s)
        return Number(abs(self.average_s + self.SPARE_S - elapsed_s))


class LastTen(Rule):
    """The plain mean of the last ten answered waits (Ivanti Voice and others)."""

    name: ClassVar[str] = "mean_of_last_10"

    waits_s: list[float] = field(default_factory=list)

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002  # waits bear their own times
        """Take in the wait of who was answered."""
        wait_s = answered_wait_s(change)
        if wait_s is not None:
            self.add(wait_s)

    def add(self, wait_s: float) -> None:
        """A wait was answered."""
        self.waits_s.append(wait_s)
        del self.waits_s[:-10]

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """The mean less what has been waited."""
        if not self.waits_s:
            return "too_few_data"
        return still_to_come(_mean(self.waits_s), scene, who)


class LastToEnterService(Rule):
    """LES: the wait of the last who was answered (Ibrahim and Whitt 2009)."""

    name: ClassVar[str] = "last_to_enter_service"

    wait_s: float | None = None

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002  # waits bear their own times
        """Take in the wait of who was answered."""
        wait_s = answered_wait_s(change)
        if wait_s is not None:
            self.wait_s = wait_s

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """That wait less what has been waited."""
        return "too_few_data" if self.wait_s is None else still_to_come(self.wait_s, scene, who)


class Recent(Struct):
    """Waits answered within a window of time before now: (answered at, wait), seconds."""

    window_s: float
    waits: list[tuple[float, float]] = field(default_factory=list)

    def learn(self, change: Change, now: float) -> None:
        """Take in the wait of who was answered, and forget what is too old."""
        wait_s = answered_wait_s(change)
        if wait_s is None:
            return
        insort(self.waits, (min(change.at, now), wait_s))
        del self.waits[: bisect_right(self.waits, (now - self.window_s, float("-inf")))]

    def since(self, now: float) -> list[tuple[float, float]]:
        """Those in the window that ends now, both ends included, the oldest first."""
        return [one for one in self.waits if now - self.window_s <= one[0] <= now]

    def at(self, now: float) -> list[float]:
        """Their waits, seconds."""
        return [wait_s for _, wait_s in self.since(now)]


class TrailingMean(Rule):
    """The mean of the waits answered in the last minutes (Twilio's sample: 5, Kazoo: 15)."""

    name: str
    recent: Recent

    def learn(self, change: Change, now: float) -> None:
        """Take in the wait of who was answered."""
        self.recent.learn(change, now)

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """The mean less what has been waited; none where nobody was answered in the window."""
        waits_s = self.recent.at(scene.now)
        return still_to_come(_mean(waits_s), scene, who) if waits_s else "too_few_data"


class Webex(Rule):
    """Webex Contact Center: the mean of one-minute means of the last minutes, told only where they are alike.

    The window is a setting from 5 to 240 minutes; here half an hour. Where the minutes vary by more than
    40 % of their mean (standard deviation) nothing is told.
    """

    name: ClassVar[str] = "webex"
    MOST_VARIATION: ClassVar[float] = 0.4

    recent: Recent = field(default_factory=lambda: Recent(WEBEX_WINDOW_S))

    def learn(self, change: Change, now: float) -> None:
        """Take in the wait of who was answered."""
        self.recent.learn(change, now)

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """The mean less what has been waited; none where nobody was answered, or minutes differ too much."""
        minutes: dict[float, list[float]] = {}
        for at, wait_s in self.recent.since(scene.now):
            minutes.setdefault(at // MINUTE_S, []).append(wait_s)
        if not minutes:
            return "too_few_data"
        means = [_mean(waits_s) for waits_s in minutes.values()]
        if pstdev(means) > self.MOST_VARIATION * _mean(means):
            return "too_few_data"
        return still_to_come(_mean(means), scene, who)


class SalesforceOmni(Rule):
    """Salesforce Omni-Channel: up to ten answered in the last 10 minutes, the latest weighs 10, then 9, 8."""

    name: ClassVar[str] = "salesforce_omni"

    recent: Recent = field(default_factory=lambda: Recent(OMNI_WINDOW_S))

    def learn(self, change: Change, now: float) -> None:
        """Take in the wait of who was answered."""
        self.recent.learn(change, now)

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """The weighted mean less what has been waited; none where nobody was answered in the window."""
        latest = self.recent.at(scene.now)[: -OMNI_LAST - 1 : -1]
        if not latest:
            return "too_few_data"
        weights = range(OMNI_LAST, OMNI_LAST - len(latest), -1)
        weighted = sum(weight * wait_s for weight, wait_s in zip(weights, latest, strict=True))
        return still_to_come(weighted / sum(weights), scene, who)


class Past(Struct, frozen=True):
    """All that waits have been so far, as one looks at them from `waited_s` on; never changed once made.

    Attributes:
        mean_wait_s: Mean of the answered waits, seconds.
        sorted_s: The waits of all, answered or not, ascending, seconds.
        waited_s: What has been waited already, seconds.
    """

    mean_wait_s: float
    sorted_s: tuple[float, ...]
    waited_s: float

    @property
    def mean_s(self) -> float:
        """The mean of the answered waits, less what has been waited, at least 0; seconds."""
        return max(0.0, self.mean_wait_s - self.waited_s)

    def chance_over(self, t_s: float) -> float:
        """Of those who waited as long as this, the share that waited on for over t; even odds if none."""
        if t_s < 0:
            return 1.0
        longer = self._longer(self.waited_s)
        return self._longer(self.waited_s + t_s) / longer if longer else NOBODY_KNOWS

    def chance_there(self, t_s: float) -> float:
        """The same: the waits of those who gave up are among them."""
        return self.chance_over(t_s)

    def quantile_s(self, share: float) -> float:
        """The wait that this share of all did not exceed, less what has been waited, at least 0; seconds."""
        place = max(0, ceil(share * len(self.sorted_s)) - 1)
        return max(0.0, self.sorted_s[place] - self.waited_s)

    def _longer(self, than_s: float) -> int:
        return len(self.sorted_s) - bisect_right(self.sorted_s, than_s)


class AlwaysTheAverage(Rule):
    """Climatology: to everybody the mean, and the shares, of all who ever had to wait. What skill is against.

    Knows the waits of who was not answered within a second; those who gave up are counted as they were.
    """

    name: ClassVar[str] = "always_the_average"

    sorted_s: list[float] = field(default_factory=list)
    answered: int = 0
    sum_s: float = 0.0
    known: tuple[float, ...] | None = None

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002  # waits bear their own times
        """Take in a wait that ended."""
        if change.revised or change.was not in IN_LINE or change.now is None or change.now in IN_LINE:
            return
        endured_s = change.visit.endured_s
        if endured_s is None or (change.now == "answered" and endured_s <= AT_ONCE_S):
            return
        insort(self.sorted_s, endured_s)
        self.known = None
        if change.now == "answered":
            self.answered += 1
            self.sum_s += endured_s

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Past | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """The waits of all so far; none before one who had to wait was answered."""
        if not self.answered:
            return "too_few_data"
        if self.known is None:
            self.known = tuple(self.sorted_s)
        return Past(self.sum_s / self.answered, self.known, waited_s(scene, who))


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)
