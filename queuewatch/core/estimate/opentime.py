"""Waits that pass only while a queue is open: e-mail is answered in opening hours, and lies still at night.

Work on mail is measured in opening time: how fast the backlog is worked off, how long the oldest has lain,
how long a wait was. What is estimated in opening time is told by the clock on the wall: seven open hours
from Friday at four may be Monday at noon.
"""

from __future__ import annotations

from msgspec import Struct, structs

from queuewatch.core.estimate.wait import Remaining
from queuewatch.core.hours import Hours
from queuewatch.core.state.site import Change

AHEAD_S = 400 * 86_400.0
"""What no opening hours bring to an end is told as so long."""
FORWARD_S = 7 * 86_400.0
"""The mark from which opening time is counted moves on so often: nobody counts years of days."""
MIDDLES = tuple((i + 0.5) / 10.0 for i in range(10))


class OpenClock(Struct):
    """A clock that stands while it is closed: `open_s` at the mark `at`, and on from there.

    Attributes:
        at: The mark; None before it was first read.
        open_s: What it showed then, seconds.
    """

    at: float | None = None
    open_s: float = 0.0

    def read(self, hours: Hours, at: float) -> float:
        """What it shows at this moment, seconds."""
        if self.at is None:
            self.at = at
        if at < self.at:
            return self.open_s - hours.open_s_between(at, self.at)
        return self.open_s + hours.open_s_between(self.at, at)

    def forward(self, hours: Hours, now: float) -> None:
        """Move the mark where it lies far back."""
        if self.at is not None and now > self.at + FORWARD_S:
            self.at, self.open_s = now, self.read(hours, now)

    def change(self, change: Change, hours: Hours) -> Change:
        """The move with all its times as this clock shows them."""
        visit = change.visit
        times = {
            name: self.read(hours, at)
            for name in ("enqueued_at", "answered_at", "ended_at")
            if (at := getattr(visit, name)) is not None
        }
        return structs.replace(change, visit=structs.replace(visit, **times), at=self.read(hours, change.at))


class ByTheClock(Struct, frozen=True):
    """Opening time still to wait, told by the clock on the wall.

    Attributes:
        open: The wait in opening time, seconds.
        hours: The calendar.
        now: The present.
    """

    open: Remaining
    hours: Hours
    now: float

    @property
    def mean_s(self) -> float:
        """Mean, seconds: over ten equally likely waits."""
        return sum(self.quantile_s(share) for share in MIDDLES) / len(MIDDLES)

    def chance_over(self, t_s: float) -> float:
        """P(remaining > t)."""
        return (
            1.0 if t_s < 0.0 else self.open.chance_over(self.hours.open_s_between(self.now, self.now + t_s))
        )

    def chance_there(self, t_s: float) -> float:
        """P(still in line after t)."""
        return self.open.chance_there(self.hours.open_s_between(self.now, self.now + t_s))

    def quantile_s(self, share: float) -> float:
        """The time within which the wait is over with this probability, seconds."""
        until_at = self.hours.after_open_s(self.now, self.open.quantile_s(share))
        return AHEAD_S if until_at is None else until_at - self.now
