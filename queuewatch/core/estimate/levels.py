"""Which quantile of a curve to tell, so that what is told holds: a level for each share that is promised.

A curve is right about the shape of a wait sooner than about how sure it may be. So every answer is held
against what was told when the wait began, and the levels follow (Gibbs and Candes 2021, adaptive conformal
inference): a 90 % promise kept too rarely is made later. Who comes first in line waits for one agent to
become free, who comes behind others for several, and the next to arrive may not wait at all: a curve may be
too sure of the one and not of the other, so each kind of wait has levels of its own (Mondrian conformal
prediction; Vovk, Lindsay, Nouretdinov and Gammerman 2003). What has been learned of a kind on all queues of
the channel is where a queue begins; it moves on by what it shows itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import add

from msgspec import Struct, field

SHARES = (0.1, 0.5, 0.8, 0.9)
FIRST, BEHIND = "first", "behind"
"""Kinds of those who wait: nobody of the queue ahead of them, or somebody."""
NEXT_FIRST, NEXT_BEHIND, NEXT_MAYBE = "next_first", "next_behind", "next_maybe"
"""Kinds of the next to arrive: likewise, and who may well be answered at once."""
# From this chance to be answered at once on the 80 % range begins at none; from the other one nothing is told
# but that there is no wait, and nothing is to be learned.
MAYBE, SURELY = 0.1, 0.9

# A level moves by this much of each surprise, by more while little has been seen: that of all queues, and
# how far one queue's lies from it.
STEP, OWN_STEP = 0.008, 0.006
FIRST_STEPS, OWN_FIRST_STEPS = 0.4, 0.1
SOON = 10.0
# Where so many were told alike (judged since the telling, or waiting still), each tells half as much.
MANY = 20.0
LEAST, MOST = 0.004, 0.996
_NONE = (0.0,) * len(SHARES)


class Levels(Struct):
    """What is known of one kind of wait: levels of SHARES, or how far a queue's lie from those of all.

    Attributes:
        at: One for each of SHARES.
        judged: Waits they have followed.
    """

    at: list[float]
    judged: int = 0


class Told(Struct, gc=False):
    """What was told when a wait began.

    Attributes:
        kind: Of wait.
        levels: For each of SHARES.
        judged: Waits of the kind that had been judged, of all queues.
    """

    kind: str
    levels: tuple[float, ...]
    judged: int


class Calibration(Struct):
    """Levels by kind: of all queues of a channel, or of one queue against those."""

    kinds: dict[str, Levels] = field(default_factory=dict)

    def of(self, kind: str, first: Sequence[float]) -> Levels:
        """Those of a kind, which begin so."""
        levels = self.kinds.get(kind)
        if levels is None:
            levels = self.kinds[kind] = Levels(list(first))
        return levels


def kind_of(ahead: int) -> str:
    """The kind of one who waits behind so many of the queue."""
    return BEHIND if ahead else FIRST


def next_kind(chance: float, ahead: int) -> str | None:
    """The kind of the next to arrive, behind so many; None: there is nothing to tell but no wait.

    Args:
        chance: To be answered at once.
        ahead: Contacts of the queue in line.
    """
    if chance >= MAYBE:
        return NEXT_MAYBE if chance < SURELY else None
    return NEXT_BEHIND if ahead else NEXT_FIRST


def tell(every: Calibration, own: Calibration, kind: str) -> Told:
    """The levels to tell one of this kind, by all queues and by its own."""
    levels, further = every.kinds.get(kind), own.kinds.get(kind)
    if levels is None:
        return Told(kind, SHARES, 0)
    if further is None:
        return Told(kind, tuple(levels.at), levels.judged)
    # `follow` keeps the sum of a queue in bounds; other queues may have moved its first part since.
    told = map(add, levels.at, further.at)
    return Told(kind, tuple([one if LEAST <= one <= MOST else _bound(one) for one in told]), levels.judged)


def follow(every: Calibration, own: Calibration, told: Told, lay: tuple[float, float], waiting: int) -> None:
    """A wait was answered: move the levels of its kind.

    What was told has to hold, not what would be told by now: neighbours in line wait alike, so by the time
    one is answered those before have moved the levels towards it. And where hundreds are told the same and
    wait alike (mail of a weekend), they tell hardly more than one of them would, and all together would drive
    a level far past where it belongs: the more there are between the telling and the last answer, the less
    each moves it.

    Args:
        every: Levels of all queues of the channel.
        own: How far the queue's own lie from those.
        told: What was told.
        lay: Where the wait lay in what was said of it, as shares in [0, 1]: from, to. They differ where it is
            one of many equal ones (no wait at all), which count as spread between them.
        waiting: How many still wait.
    """
    levels, further = every.of(told.kind, SHARES), own.of(told.kind, _NONE)
    alike = (levels.judged - told.judged + waiting) / MANY
    tells = 1.0 / (1.0 + alike * alike)
    levels.judged += 1
    further.judged += 1
    step = max(STEP, FIRST_STEPS / (SOON + levels.judged)) * tells
    own_step = max(OWN_STEP, OWN_FIRST_STEPS / (SOON + further.judged)) * tells
    low, high = lay
    every_at, own_at = levels.at, further.at
    for i, level in enumerate(told.levels):
        surprise = SHARES[i]
        if level >= high:
            surprise -= 1.0
        elif level > low:
            surprise -= (level - low) / (high - low)
        moved = every_at[i] + step * surprise
        if not LEAST < moved < MOST:
            moved = _bound(moved)
        further_on = moved + own_at[i] + own_step * surprise
        if not LEAST < further_on < MOST:
            further_on = _bound(further_on)
        every_at[i] = moved
        own_at[i] = further_on - moved


def _bound(level: float) -> float:
    return min(MOST, max(LEAST, level))
