"""What the agents of a queue have lately done, for it and for the queues that share them.

Each queue keeps what joined it and what was let go from it (`Flow`), and how long somebody waited before its
crew (`Press`). A `Pool` is a queue and its kin read together. Moves are many and reading is rare: so a move
costs the same however many queues share the agents, and reading asks each of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from math import exp, inf

from msgspec import Struct, field

from queuewatch.core.estimate.learned import Faded
from queuewatch.core.state.visit import set_plainly

SHORT_S = 300.0
LONG_S = 1800.0
ARRIVALS_S = 600.0
# How much of a running mean of waits each new wait is: of the last few, of the last dozen.
FEW = 0.3
DOZEN = 0.08


@set_plainly
class Recent(Struct, gc=False):
    """The last wait, and running means of the waits before it, seconds."""

    last_s: float = 30.0
    few_s: float = 30.0
    dozen_s: float = 30.0

    def add(self, wait_s: float) -> None:
        """A wait ended with an answer."""
        self.last_s = wait_s
        self.few_s += FEW * (wait_s - self.few_s)
        self.dozen_s += DOZEN * (wait_s - self.dozen_s)


@set_plainly
class Flow(Struct, gc=False):
    """Who came to one queue and who left it, lately.

    Attributes:
        unit_s: The channel's unit of time, seconds: what is minutes with calls is hours with mail.
        released: Contacts let go to agents, fading quickly; `released_long` fades slowly.
        arrivals, urgent: Contacts that joined; those among them with a priority above 0.
        hang_ups: Contacts that gave up.
        released_at: When somebody was last let go.
    """

    unit_s: float = 1.0
    released: Faded = field(default_factory=Faded)
    released_long: Faded = field(default_factory=Faded)
    arrivals: Faded = field(default_factory=Faded)
    urgent: Faded = field(default_factory=Faded)
    hang_ups: Faded = field(default_factory=Faded)
    released_at: float = -inf

    def joined(self, now: float, *, urgent: bool) -> None:
        """Somebody joined the line."""
        self.arrivals.add(1.0, now, ARRIVALS_S * self.unit_s)
        if urgent:
            self.urgent.add(1.0, now, ARRIVALS_S * self.unit_s)

    def lost_patience(self, now: float) -> None:
        """Somebody in line gave up."""
        self.hang_ups.add(1.0, now, SHORT_S * self.unit_s)

    def let_go(self, now: float) -> None:
        """Somebody who had to wait was answered."""
        self.released.add(1.0, now, SHORT_S * self.unit_s)
        self.released_long.add(1.0, now, LONG_S * self.unit_s)
        self.released_at = now


@set_plainly
class Press(Struct, gc=False):
    """How long somebody waited in a queue or its kin, and how long those had waited who were answered.

    Attributes:
        unit_s: As in `Flow`.
        looked_at: Until when time has been accounted for.
        pressed_s: Seconds with somebody waiting, fading quickly; `pressed_long_s` fades slowly.
        waits: Waits in all of them, and `waits_by` priority above 0 or not.
    """

    unit_s: float = 1.0
    looked_at: float = -inf
    pressed_s: Faded = field(default_factory=Faded)
    pressed_long_s: Faded = field(default_factory=Faded)
    waits: Recent = field(default_factory=Recent)
    waits_by: dict[bool, Recent] = field(default_factory=lambda: {False: Recent(), True: Recent()})

    def pass_time(self, now: float, *, pressed: bool) -> None:
        """Account for the time until `now`, in which somebody waited or nobody.

        Each moment of it fades by its age, so that it is the same in one piece as in many, and need not be
        counted at every move.
        """
        elapsed_s = now - self.looked_at
        if elapsed_s <= 0.0:
            return
        if pressed and elapsed_s < inf:
            short_s, long_s = SHORT_S * self.unit_s, LONG_S * self.unit_s
            short, long = self.pressed_s, self.pressed_long_s
            before_s = self.looked_at - short.at  # both were counted at the same moments
            if before_s > 0.0:
                short.sum *= exp(-before_s / short_s)
                long.sum *= exp(-before_s / long_s)
            left, left_long = exp(-elapsed_s / short_s), exp(-elapsed_s / long_s)
            short.sum = short.sum * left + short_s * (1.0 - left)
            long.sum = long.sum * left_long + long_s * (1.0 - left_long)
            short.at = long.at = now
        self.looked_at = now

    def answered(self, wait_s: float, *, urgent: bool) -> None:
        """Somebody who had waited so long was answered."""
        self.waits.add(wait_s)
        self.waits_by[urgent].add(wait_s)


class Pool(Struct):
    """A queue and its kin, as one line before one crew.

    Attributes:
        press: Of the queue.
        flows: Of the queue and its kin.
        pressed: Somebody waits now.
    """

    press: Press = field(default_factory=Press)
    flows: Sequence[Flow] = ()
    pressed: bool = False

    @property
    def waits(self) -> Recent:
        """Waits that ended lately with an answer."""
        return self.press.waits

    @property
    def waits_by(self) -> dict[bool, Recent]:
        """The same, of those with a priority above 0 or without."""
        return self.press.waits_by

    @property
    def released_at(self) -> float:
        """When somebody was last let go."""
        return max((flow.released_at for flow in self.flows), default=-inf)

    def pace_s(self, now: float, expected_s: float, prior: float, *, short: bool = False) -> float:
        """Seconds from one release to the next while somebody waits, lately, and as expected.

        Args:
            now: The present.
            expected_s: What is expected, seconds.
            prior: For how many releases what is expected counts.
            short: Of the last minutes rather than the last half hour.
        """
        press = self.press
        fade_s = (SHORT_S if short else LONG_S) * press.unit_s
        pressed_s = (press.pressed_s if short else press.pressed_long_s).read(now, fade_s)
        if self.pressed and -inf < press.looked_at < now:
            pressed_s += fade_s * (1.0 - exp((press.looked_at - now) / fade_s))
        released = sum(
            (flow.released if short else flow.released_long).read(now, fade_s) for flow in self.flows
        )
        return (pressed_s + prior * expected_s) / (released + prior)

    def arrival_rate(self, now: float, more: int = 0) -> float:
        """Contacts per second that joined lately, and `more` that are about to."""
        fade_s = ARRIVALS_S * self.press.unit_s
        return (sum(flow.arrivals.read(now, fade_s) for flow in self.flows) + more) / fade_s

    def urgent_rate(self, now: float) -> float:
        """Contacts per second with a priority above 0 that joined lately."""
        fade_s = ARRIVALS_S * self.press.unit_s
        return sum(flow.urgent.read(now, fade_s) for flow in self.flows) / fade_s

    def gave_up(self, now: float) -> float:
        """Contacts that gave up in the last minutes."""
        fade_s = SHORT_S * self.press.unit_s
        return sum(flow.hang_ups.read(now, fade_s) for flow in self.flows)


class Idle(Struct):
    """Agents who ended a contact of a queue and have not taken another since, by when that was."""

    since: list[tuple[float, str]] = field(default_factory=list)
    at: dict[str, float] = field(default_factory=dict)

    def put(self, agent: str, now: float) -> None:
        """The agent has nothing to do from now on."""
        if agent in self.at:
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
