"""What a queue has shown of itself lately: arrivals, handling, the rate at which it lets go, patience.

All of it online and O(1) per move, from a cold start: sums that fade with time (half of their weight gone
after `FADE * ln 2` seconds), so that yesterday's staffing does not speak for today's.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp

from msgspec import Struct, field

from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import IN_LINE, Stage, set_plainly

ARRIVALS_FADE_S = 900.0
RELEASE_FADE_S = 1800.0
PATIENCE_FADE_S = 6 * 3600.0
HANDLING_KEEP = 0.98
# The first conversations to end are the short ones. Until others have, so many of so long are taken to be
# among them, seconds.
FIRST_HANDLING_S = 240.0
FIRST_HANDLINGS = 3.0

# Who waits longer than this while agents are thought to be free shows that they are not.
FREE_BELIEVED_S = 15.0

# Before a queue has shown its customers' patience: a mean of ten minutes, worth one hang-up. Half of
# callers are said to hang up between one and three minutes, but far fewer do where a wait is announced.
PRIOR_PATIENCE_S = 600.0
PRIOR_HANG_UPS = 1.0

# A release rate is believed from so many releases on, as long as nothing else is known of the agents.
ENOUGH_RELEASES = 3.0
# What is known of the agents counts as so many releases seen.
PRIOR_RELEASES = 5.0


Move = tuple[Change, float | None]
"""A move, and how long lasted what it ended, seconds: the wait of who is answered, else the handling.

None where it ended neither, or nobody knows. Several learn from it, and it is worked out once for all.
"""


def move_of(change: Change) -> Move:
    """A move with what it ended."""
    if change.now == "answered":
        return change, change.visit.wait_s
    return change, change.visit.handling_s if change.now == "completed" else None


@set_plainly
class Faded(Struct, gc=False):
    """A sum whose parts lose weight with time."""

    sum: float = 0.0
    at: float = 0.0

    def add(self, amount: float, now: float, fade_s: float) -> None:
        """Add what happened at `now`, which may be earlier than what is in the sum already."""
        since_s = now - self.at
        if since_s < 0.0:
            self.sum += amount * exp(since_s / fade_s)
        else:
            self.sum = self.sum * exp(-since_s / fade_s) + amount
            self.at = now

    def read(self, now: float, fade_s: float) -> float:
        """The sum as it weighs at `now`."""
        since_s = now - self.at
        return self.sum * exp(-since_s / fade_s) if since_s > 0.0 and self.sum else self.sum


@set_plainly
class Mean(Struct, gc=False):
    """A mean in which each older value counts HANDLING_KEEP of the next."""

    weight: float = 0.0
    sum: float = 0.0

    def add(self, value: float) -> None:
        """Take a value in."""
        self.weight = self.weight * HANDLING_KEEP + 1.0
        self.sum = self.sum * HANDLING_KEEP + value

    def read(self) -> float | None:
        """The mean; None before the first value."""
        return self.sum / self.weight if self.weight else None

    def read_from(self, first: float) -> float:
        """The mean, where FIRST_HANDLINGS values like `first` came before all: they fade as the others do."""
        left = FIRST_HANDLINGS * (1.0 - self.weight * (1.0 - HANDLING_KEEP))
        return (self.sum + left * first) / (self.weight + left)


@set_plainly
class Learned(Struct, gc=False):
    """One queue's recent ways.

    Attributes:
        since_at: When the first move was seen.
        looked_at: Until when time has been accounted for.
        waiting: Contacts in line since then.
        arrivals: Contacts that joined.
        in_line_at: Since when there has been somebody in line without a break.
        released: Contacts let go from the line to an agent under pressure.
        pressed_s: Seconds under pressure: somebody waited for so long that no agent can have been free.
        hang_ups: Contacts that gave up.
        waited_s: Seconds waited by all together; every one of them was a chance to give up.
        handling: Handling times, seconds.
        pick_up: Waits so short that an agent must have been free all along, seconds.
    """

    since_at: float = 0.0
    looked_at: float = 0.0
    waiting: int = 0
    in_line_at: float = 0.0
    arrivals: Faded = field(default_factory=Faded)
    released: Faded = field(default_factory=Faded)
    pressed_s: Faded = field(default_factory=Faded)
    hang_ups: Faded = field(default_factory=Faded)
    waited_s: Faded = field(default_factory=Faded)
    handling: Mean = field(default_factory=Mean)
    pick_up: Mean = field(default_factory=Mean)

    def learn(self, change: Change, now: float) -> None:
        """Take in that a visit of this queue moved; rewritten history teaches nothing new about rates.

        Args:
            change: The move.
            now: The present; a source whose clock is ahead must not make time pass that has not passed.
        """
        self.learn_all((move_of(change),), now)

    def learn_all(self, moves: Iterable[Move], now: float) -> None:  # noqa: C901, PLR0912  # in one piece, as in `apply.py`
        """Take in several, in their order; nearly all teach by one of these few lines."""
        for change, took_s in moves:
            at = change.at
            if at > now:  # noqa: PLR1730  # a call to min() costs ten times as much
                at = now
            if not self.since_at:
                self.since_at = self.looked_at = at
            elif self.waiting:
                self._pass_time(at)
            elif at > self.looked_at:
                self.looked_at = at
            was, is_ = change.was, change.now
            waited = was in IN_LINE
            if is_ in IN_LINE:
                if not waited:
                    if not self.waiting:
                        self.in_line_at = at
                    self.waiting += 1
                    if was == "abandoned":
                        self.hang_ups.add(-1.0, at, PATIENCE_FADE_S)
            else:
                if was == "answered" and is_ == "completed":
                    if took_s is not None:
                        self.handling.add(took_s)
                elif is_ == "answered" and (waited or was == "leaving"):
                    self._learn_release(took_s, at)
                else:
                    self._learn_end(was, is_, took_s, at)
                if waited and self.waiting:
                    self.waiting -= 1
            if was is None and not change.revised:
                self.arrivals.add(1.0, at, ARRIVALS_FADE_S)

    def _learn_end(self, was: Stage | None, is_: Stage | None, took_s: float | None, at: float) -> None:
        if is_ == "abandoned" and (was in IN_LINE or was == "leaving"):
            self.hang_ups.add(1.0, at, PATIENCE_FADE_S)
        elif was == "abandoned" and is_ != "abandoned":
            self.hang_ups.add(-1.0, at, PATIENCE_FADE_S)
        elif is_ == "completed" and was != "completed" and took_s is not None:
            self.handling.add(took_s)

    def _learn_release(self, wait_s: float | None, at: float) -> None:
        """Whom a free agent picks up tells how fast agents pick up, but not how fast they become free.

        Some sources tell the leaving before the answer: then the line may be empty by now, and the wait
        alone tells whether there was pressure.
        """
        pressed = self.waiting and at - self.in_line_at - FREE_BELIEVED_S > 0.0
        if pressed or (wait_s or 0.0) > FREE_BELIEVED_S:
            self.released.add(1.0, at, RELEASE_FADE_S)
        elif wait_s is not None:
            self.pick_up.add(wait_s)

    def _pass_time(self, now: float) -> None:
        """Account for the time until `now`, in which somebody waited."""
        elapsed_s = now - self.looked_at
        if elapsed_s > 0.0:
            pressed_s = now - self.in_line_at - FREE_BELIEVED_S
            if pressed_s > 0.0:
                self.pressed_s.add(min(elapsed_s, pressed_s), now, RELEASE_FADE_S)
            self.waited_s.add(elapsed_s * self.waiting, now, PATIENCE_FADE_S)
            self.looked_at = now

    def _since_pressed(self, now: float) -> float:
        """For how long there has been pressure, seconds; 0 while there is none."""
        return max(0.0, now - self.in_line_at - FREE_BELIEVED_S) if self.waiting else 0.0

    def arrival_rate(self, now: float) -> float:
        """Contacts per second lately; 0 before the first."""
        observed_s = ARRIVALS_FADE_S * (1.0 - exp(-max(1.0, now - self.since_at) / ARRIVALS_FADE_S))
        return self.arrivals.read(now, ARRIVALS_FADE_S) / observed_s

    def abandon_rate(self, now: float) -> float:
        """How fast those who wait give up, per second: the maximum likelihood of an exponential patience.

        Every second waited counts, also of those who were answered (censored observations).
        """
        hang_ups = max(0.0, self.hang_ups.read(now, PATIENCE_FADE_S)) + PRIOR_HANG_UPS
        waited_s = self.waited_s.read(now, PATIENCE_FADE_S) + self.waiting * self._since_look(now)
        return hang_ups / (waited_s + PRIOR_HANG_UPS * PRIOR_PATIENCE_S)

    def release_rate(self, now: float, expected: float | None) -> float | None:
        """Contacts per second that the queue lets go to agents while somebody waits and no agent is free.

        Args:
            now: The present.
            expected: What the agents known to be there would manage, per second; None when not known.

        Returns:
            None when too little is known to say.
        """
        released = self.released.read(now, RELEASE_FADE_S)
        pressed_s = self.pressed_s.read(now, RELEASE_FADE_S)
        pressed_s += min(self._since_look(now), self._since_pressed(now))
        if expected:
            return (released + PRIOR_RELEASES) / (pressed_s + PRIOR_RELEASES / expected)
        if released < ENOUGH_RELEASES or not pressed_s:
            return None
        return released / pressed_s

    def _since_look(self, now: float) -> float:
        """Seconds not yet accounted for: nothing moved since, which is news while somebody waits."""
        return max(0.0, now - self.looked_at)
