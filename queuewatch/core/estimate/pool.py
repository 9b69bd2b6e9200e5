"""What the agents of a queue have lately done, for it and for the queues that share them.

One pool per queue: what is let go from its line and from those of its kin. A move of one queue is told to the
pools of its kin too, so that reading a pool costs the same however many queues there are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from math import inf

from msgspec import Struct, field

from queuewatch.core.estimate.learned import Faded

SHORT_S = 300.0
LONG_S = 1800.0
ARRIVALS_S = 600.0
# How much of a running mean of waits each new wait is: of the last few, of the last dozen.
FEW = 0.3
DOZEN = 0.08


class Recent(Struct):
    """The last wait, and running means of the waits before it, seconds."""

    last_s: float = 30.0
    few_s: float = 30.0
    dozen_s: float = 30.0

    def add(self, wait_s: float) -> None:
        """A wait ended with an answer."""
        self.last_s = wait_s
        self.few_s += FEW * (wait_s - self.few_s)
        self.dozen_s += DOZEN * (wait_s - self.dozen_s)


class Pool(Struct):
    """A queue and its kin, as one line before one crew.

    Attributes:
        unit_s: The channel's unit of time, seconds: what is minutes with calls is hours with mail.
        looked_at: Until when time has been accounted for.
        released, pressed_s: Contacts let go to agents, and seconds with somebody waiting; fading quickly.
        released_long, pressed_long_s: The same, fading slowly.
        arrivals, urgent: Contacts that joined; those among them with a priority above 0.
        hang_ups: Contacts that gave up.
        waits: Waits in all of them, and `waits_by` priority above 0 or not.
        released_at: When somebody was last let go.
    """

    unit_s: float = 1.0
    looked_at: float = -inf
    released: Faded = field(default_factory=Faded)
    pressed_s: Faded = field(default_factory=Faded)
    released_long: Faded = field(default_factory=Faded)
    pressed_long_s: Faded = field(default_factory=Faded)
    arrivals: Faded = field(default_factory=Faded)
    urgent: Faded = field(default_factory=Faded)
    hang_ups: Faded = field(default_factory=Faded)
    waits: Recent = field(default_factory=Recent)
    waits_by: dict[bool, Recent] = field(default_factory=lambda: {False: Recent(), True: Recent()})
    released_at: float = -inf

    def pass_time(self, now: float, *, pressed: bool) -> None:
        """Account for the time until `now`, in which somebody waited or nobody."""
        elapsed_s = now - self.looked_at
        if elapsed_s > 0.0:
            if pressed and elapsed_s < inf:
                self.pressed_s.add(elapsed_s, now, SHORT_S * self.unit_s)
                self.pressed_long_s.add(elapsed_s, now, LONG_S * self.unit_s)
            self.looked_at = now

    def joined(self, now: float, *, urgent: bool) -> None:
        """Somebody joined one of the lines."""
        self.arrivals.add(1.0, now, ARRIVALS_S * self.unit_s)
        if urgent:
            self.urgent.add(1.0, now, ARRIVALS_S * self.unit_s)

    def lost_patience(self, now: float) -> None:
        """Somebody in one of the lines gave up."""
        self.hang_ups.add(1.0, now, SHORT_S * self.unit_s)

    def let_go(self, now: float, wait_s: float | None, *, urgent: bool) -> None:
        """Somebody who had to wait was answered."""
        self.released.add(1.0, now, SHORT_S * self.unit_s)
        self.released_long.add(1.0, now, LONG_S * self.unit_s)
        self.released_at = now
        if wait_s is not None:
            self.waits.add(wait_s)
            self.waits_by[urgent].add(wait_s)

    def pace_s(self, now: float, expected_s: float, prior: float, *, short: bool = False) -> float:
        """Seconds from one release to the next while somebody waits, lately, and as expected.

        Args:
            now: The present.
            expected_s: What is expected, seconds.
            prior: For how many releases what is expected counts.
            short: Of the last minutes rather than the last half hour.
        """
        fade_s = (SHORT_S if short else LONG_S) * self.unit_s
        released = (self.released if short else self.released_long).read(now, fade_s)
        pressed_s = (self.pressed_s if short else self.pressed_long_s).read(now, fade_s)
        return (pressed_s + prior * expected_s) / (released + prior)

    def arrival_rate(self, now: float, more: int = 0) -> float:
        """Contacts per second that joined lately, and `more` that are about to."""
        fade_s = ARRIVALS_S * self.unit_s
        return (self.arrivals.read(now, fade_s) + more) / fade_s

    def urgent_rate(self, now: float) -> float:
        """Contacts per second with a priority above 0 that joined lately."""
        fade_s = ARRIVALS_S * self.unit_s
        return self.urgent.read(now, fade_s) / fade_s

    def gave_up(self, now: float) -> float:
        """Contacts that gave up in the last minutes."""
        return self.hang_ups.read(now, SHORT_S * self.unit_s)


class Idle(Struct):
    """Agents who ended a contact of a queue and have not taken another since, by when that was."""

    since: list[tuple[float, str]] = field(default_factory=list)
    at: dict[str, float] = field(default_factory=dict)

    def put(self, agent: str, now: float) -> None:
        """The agent has nothing to do from now on."""
        self.take(agent)
        self.at[agent] = now
        insort(self.since, (now, agent))

    def take(self, agent: str) -> None:
        """The agent has something to do again."""
        at = self.at.pop(agent, None)
        if at is not None:
            del self.since[bisect_left(self.since, (at, agent))]

    def within(self, now: float, borders_s: tuple[float, ...]) -> list[int]:
        """How many have been idle between each border (seconds, ascending) and the one before."""
        since = self.since
        if not since:
            return [0] * len(borders_s)
        length, before, counts = len(since), 0, []
        for border_s in borders_s:
            count = length - bisect_right(since, (now - border_s,))
            counts.append(count - before)
            before = count
        return counts
