"""What the agents of a queue have lately done, for it and for the queues that share them.

Each queue keeps what joined it and what was let go from it (`Flow`), and how long somebody waited before its
crew (`Press`). A `Pool` is a queue and its kin read together. Moves are many and reading is rare: so a move
costs the same however many queues share the agents, and reading asks each of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from math import exp, inf, nan
from operator import attrgetter

from msgspec import Struct, field
from msgspec.structs import replace

from queuewatch.core.estimate.learned import Faded
from queuewatch.core.state.visit import set_plainly

SHORT_S = 300.0
LONG_S = 1800.0
ARRIVALS_S = 600.0
# Sums are told as they would weigh at the last full hour, so that none grows for ever.
MARK_S = 3600.0
# How much of a running mean of waits each new wait is: of the last few, of the last dozen.
FEW = 0.3
DOZEN = 0.08

_RELEASED, _RELEASED_LONG = attrgetter("released"), attrgetter("released_long")
_ARRIVALS, _URGENT, _HANG_UPS = attrgetter("arrivals"), attrgetter("urgent"), attrgetter("hang_ups")


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
        pressed_s: Seconds with somebody waiting, fading quickly, as they would weigh at `marked_at`, a full
            hour: those after it weigh more. `pressed_long_s` fades slowly.
        waits: Waits in all of them.
        waits_by: The same by priority above 0 or not; empty as long as nobody had any.
    """

    unit_s: float = 1.0
    looked_at: float = -inf
    pressed_s: float = 0.0
    pressed_long_s: float = 0.0
    marked_at: float = 0.0
    waits: Recent = field(default_factory=Recent)
    waits_by: dict[bool, Recent] = field(default_factory=dict)

    def lately_s(self, now: float, *, short: bool) -> float:
        """Seconds accounted for with somebody waiting, each moment faded by its age; see `pass_time`."""
        pressed_s, fade_s = (self.pressed_s, SHORT_S) if short else (self.pressed_long_s, LONG_S)
        faded_s = max(now, self.looked_at) - self.marked_at
        return pressed_s * exp(-faded_s / (fade_s * self.unit_s)) if pressed_s else 0.0

    def waits_of(self, *, urgent: bool) -> Recent:
        """Waits of those with a priority above 0, or without."""
        if self.waits_by:
            return self.waits_by[urgent]
        return Recent() if urgent else self.waits


def answered(presses: Iterable[Press], wait_s: float, *, urgent: bool) -> None:
    """Somebody who had waited so long in a queue was answered: that queue and its kin hear of it."""
    for press in presses:
        waits, waits_by = press.waits, press.waits_by
        if urgent and not waits_by:
            waits_by = press.waits_by = {False: replace(waits), True: Recent()}
        few_s, dozen_s = waits.few_s, waits.dozen_s  # as `add` does
        waits.last_s = wait_s
        waits.few_s = few_s + FEW * (wait_s - few_s)
        waits.dozen_s = dozen_s + DOZEN * (wait_s - dozen_s)
        if waits_by:
            waits_by[urgent].add(wait_s)


def pass_time(presses: Iterable[Press], now: float, *, pressed: bool) -> None:
    """Account in each for the time until `now`, in which somebody waited or nobody.

    Each moment of it fades by its age, so that it is the same in one piece as in many. What it would weigh at
    the last full hour does not hang on what was counted before (forward decay; Cormode et al. 2009): so it is
    worked out once for all that were looked at last at the same moment, as those with the same kin were.
    """
    if not pressed:
        for press in presses:
            if press.looked_at < now:  # noqa: PLR1730  # a call to max() costs ten times as much
                press.looked_at = now
        return
    looked_at, mark_at = nan, now // MARK_S * MARK_S
    more_s = more_long_s = 0.0
    for press in presses:
        since_at = press.looked_at
        if since_at != looked_at:
            if since_at >= now:
                continue
            looked_at, unit_s = since_at, press.unit_s
            more_s = _weight_s(SHORT_S * unit_s, looked_at - mark_at, now - mark_at)
            more_long_s = _weight_s(LONG_S * unit_s, looked_at - mark_at, now - mark_at)
        if press.marked_at != mark_at:
            _mark(press, mark_at)
        press.pressed_s += more_s
        press.pressed_long_s += more_long_s
        press.looked_at = now


def _mark(press: Press, mark_at: float) -> None:
    """Have the sums weigh as of another hour."""
    if press.pressed_long_s:
        passed_s = mark_at - press.marked_at
        press.pressed_s *= exp(-passed_s / (SHORT_S * press.unit_s))
        press.pressed_long_s *= exp(-passed_s / (LONG_S * press.unit_s))
    press.marked_at = mark_at


def _weight_s(fade_s: float, since_s: float, until_s: float) -> float:
    """What the time between two moments weighs at the mark from which they are counted, seconds."""
    return fade_s * (exp(until_s / fade_s) - exp(since_s / fade_s)) if since_s > -inf else 0.0


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
    _known: dict[bool, tuple[float, float, float]] = field(default_factory=dict)

    @property
    def waits(self) -> Recent:
        """Waits that ended lately with an answer."""
        return self.press.waits

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
        known = self._known.get(short)
        if known is None or known[0] != now:
            known = self._known[short] = (now, *self._released(now, short=short))
        _, pressed_s, released = known
        return (pressed_s + prior * expected_s) / (released + prior)

    def _released(self, now: float, *, short: bool) -> tuple[float, float]:
        """How long somebody waited lately, seconds, and how many were let go meanwhile."""
        press = self.press
        fade_s = (SHORT_S if short else LONG_S) * press.unit_s
        pressed_s = press.lately_s(now, short=short)
        if self.pressed and -inf < press.looked_at < now:
            pressed_s += fade_s * (1.0 - exp((press.looked_at - now) / fade_s))
        released = map(_RELEASED if short else _RELEASED_LONG, self.flows)
        return pressed_s, _together(released, now, fade_s)

    def arrival_rate(self, now: float, more: int = 0) -> float:
        """Contacts per second that joined lately, and `more` that are about to."""
        fade_s = ARRIVALS_S * self.press.unit_s
        return (_together(map(_ARRIVALS, self.flows), now, fade_s) + more) / fade_s

    def urgent_rate(self, now: float) -> float:
        """Contacts per second with a priority above 0 that joined lately."""
        fade_s = ARRIVALS_S * self.press.unit_s
        return _together(map(_URGENT, self.flows), now, fade_s) / fade_s

    def gave_up(self, now: float) -> float:
        """Contacts that gave up in the last minutes."""
        fade_s = SHORT_S * self.press.unit_s
        return _together(map(_HANG_UPS, self.flows), now, fade_s)


def _together(sums: Iterable[Faded], now: float, fade_s: float) -> float:
    """What they come to at `now`."""
    total = 0.0
    for one in sums:
        if one.sum:
            since_s = now - one.at
            total += one.sum * exp(-since_s / fade_s) if since_s > 0.0 else one.sum
    return total


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
