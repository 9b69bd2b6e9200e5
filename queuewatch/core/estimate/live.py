"""Our estimator: learns from every wait of its site how long the next one will be.

Three ways to tell a wait stand side by side: the learned rate of being answered (`hazard.py`), the closed
form for a place in line (`place.py`), and what those before have just waited. Each queue trusts them by how
right each has lately been, and its ranges follow what happened (`trust.py`). Phone, chat and e-mail learn
apart from one another, in their own unit of time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import log1p
from typing import ClassVar

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray
from scipy import special

from queuewatch.core.estimate.curve import Curve
from queuewatch.core.estimate.hazard import EDGES
from queuewatch.core.estimate.lane import AT_ONCE_S, Began, Lane, key_of
from queuewatch.core.estimate.place import InLine, PlaceInLine
from queuewatch.core.estimate.traits import IDLE_S, Seen, look_ahead, traits
from queuewatch.core.estimate.trust import Trust
from queuewatch.core.estimate.wait import Remaining, Scene
from queuewatch.core.events import Channel
from queuewatch.core.state import Change, line_place
from queuewatch.core.view import NoEstimateReason
from queuewatch.core.visit import IN_LINE, Visit

Floats = NDArray[np.float64]

UNIT_S: dict[Channel, float] = {"phone": 1.0, "chat": 1.0, "email": 60.0}
SCORED_UNTIL = 16
"""Number of times at which what was said is scored: up to ten minutes, or ten hours of e-mail."""
# How much waits just before spread around their median: the standard deviation of the logarithm.
SPREAD = 0.9
# A way trusted less than this is not asked.
NEGLIGIBLE = 0.01
# Fewer waits than this in a channel tell nothing.
ENOUGH = 10
FIRST_HANDLING_S = 240.0

_EDGES = np.array(EDGES)
_LOG_EDGES = np.log1p(_EDGES)
_TIMES_S: dict[Channel, list[float]] = {
    channel: [edge * unit_s for edge in EDGES] for channel, unit_s in UNIT_S.items()
}
_PLACE = PlaceInLine()


class Live(Struct):
    """Memory of one site, by channel."""

    name: ClassVar[str] = "live"

    lanes: dict[Channel, Lane] = field(default_factory=dict)

    def learn(self, change: Change, now: float) -> None:
        """Take in a move, and if it ended a wait, how right everybody was about it."""
        visit = change.visit
        lane = self.lanes.get(visit.channel)
        if lane is None:
            lane = self.lanes[visit.channel] = Lane()
        at = min(change.at, now)
        lane.follow(change, at)
        if change.was in IN_LINE and change.now not in IN_LINE:
            began = lane.began.pop(key_of(visit), None)
            if began is not None and change.now is not None:
                _learn_end(lane, change, began, at)

    def joined(self, scene: Scene, ahead: int, who: Visit) -> None:
        """Remember what is seen, and what each way says of it."""
        lane = self.lanes[who.channel]
        seen = _see(lane, scene, who)
        x = traits(seen)
        ways = _ways(lane, scene, ahead, x)
        told = np.array(_trust(lane, who.queue).weights()) @ np.array(ways)
        said = np.vstack((*ways, told, lane.giving_up.lasting(x))).astype(np.float32).tobytes()
        lane.enter(who, Began(scene.now, x.tobytes(), said, _seems_idle(scene, seen)))

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:
        """The time still to wait; see the module's docstring."""
        if scene.stale:
            return "source_stale"
        if scene.agents is not None and not scene.share:
            return "no_agents"
        lane = self.lanes.get(scene.queue.channel)
        if lane is None or scene.queue.name not in lane.slots or lane.answering.ended < ENOUGH:
            return _PLACE.remaining(scene, ahead, who)
        seen = _see(lane, scene, who)
        trust = _trust(lane, scene.queue.name)
        x = traits(seen)
        told = _blend(trust, lane, scene, ahead, x)
        if who is None and not scene.queue.line:  # behind somebody who waits, nobody is answered at once
            at_once, tried = lane.at_once[_seems_idle(scene, seen)]
            told[1:] *= 1.0 - at_once / tried
        return _curve(trust, told, partial(lane.giving_up.lasting, x), scene.queue.channel)


def _trust(lane: Lane, queue: str) -> Trust:
    trust = lane.trust.get(queue)
    if trust is None:
        trust = lane.trust[queue] = Trust([0.0] * len(_WAYS))
    return trust


def _curve(trust: Trust, unanswered: Floats, patience: Callable[[], Floats], channel: Channel) -> Curve:
    return Curve(_TIMES_S[channel], unanswered.tolist(), lambda: patience().tolist(), trust.levels)


def _seems_idle(scene: Scene, seen: Seen) -> bool:
    return not seen.line.all and (scene.agents is None or scene.free > 0)


def _see(lane: Lane, scene: Scene, who: Visit | None) -> Seen:
    """What there is to see for `who`, or for the next one to arrive."""
    queue, now = scene.queue, scene.now
    kin = lane.kin.of(queue.name)
    place = (0, now, "", 0) if who is None else line_place(who)
    line = look_ahead(scene.site, kin, place, now, lane.head_start_s)
    idle = [0.0] * len(IDLE_S)
    for name, weight in kin.items():
        for i, count in enumerate(lane.idle[name].within(now, IDLE_S)):
            idle[i] += weight * count
    return Seen(
        now=now,
        unit_s=UNIT_S[queue.channel],
        priority=0 if who is None else who.priority,
        slot=lane.slots[queue.name],
        line=line,
        pool=lane.pools[queue.name],
        own=lane.recents[queue.name],
        idle=idle,
        serving_here=queue.serving,
        handling_s=lane.handling.read() or FIRST_HANDLING_S,
        abandon_rate=scene.learned.abandon_rate(now),
        share=None if scene.agents is None else scene.share,
        free=scene.free,
        waited_s=0.0 if who is None else now - who.enqueued_at,
    )


def _ways(lane: Lane, scene: Scene, ahead: int, x: Floats) -> list[Floats]:
    """What each way says of being unanswered at each of EDGES."""
    return [way(lane, scene, ahead, x) for way in _WAYS]


def _blend(trust: Trust, lane: Lane, scene: Scene, ahead: int, x: Floats) -> Floats:
    """What the trusted ways say together."""
    told = np.zeros(len(EDGES))
    heard = 0.0
    for weight, way in zip(trust.weights(), _WAYS, strict=True):
        if weight > NEGLIGIBLE:
            told += weight * way(lane, scene, ahead, x)
            heard += weight
    told /= heard
    return told


def _by_learning(lane: Lane, _scene: Scene, _ahead: int, x: Floats) -> Floats:
    return lane.answering.lasting(x)


def _by_place(lane: Lane, scene: Scene, ahead: int, x: Floats) -> Floats:
    """The closed form; where it has no answer, what was learned."""
    by_place = _PLACE.remaining(scene, ahead, None)
    if not isinstance(by_place, InLine):
        return lane.answering.lasting(x)
    shape = by_place.ahead + 1.0
    scaled = _EDGES * (UNIT_S[scene.queue.channel] * shape / by_place.mean_s)
    return np.asarray(special.gammaincc(shape, scaled), dtype=np.float64)


def _by_last_waits(lane: Lane, scene: Scene, _ahead: int, _x: Floats) -> Floats:
    """As those who were answered last have waited, lognormal around that."""
    few = lane.recents[scene.queue.name].few_s / UNIT_S[scene.queue.channel]
    just = special.ndtr((log1p(few) - _LOG_EDGES) / SPREAD)
    return np.asarray(just / just[0], dtype=np.float64)


_WAYS = (_by_learning, _by_place, _by_last_waits)


def _learn_end(lane: Lane, change: Change, began: Began, at: float) -> None:
    """A wait ended: learn how fast, who was right, and whether the ranges hold."""
    visit = change.visit
    unit_s = UNIT_S[visit.channel]
    left_s = max(0.0, at - began.seen_at)
    answered = change.now == "answered"
    tries = lane.at_once[began.idle]
    at_once = answered and left_s <= AT_ONCE_S
    lane.at_once[began.idle] = [tries[0] * 0.99 + at_once, tries[1] * 0.99 + 1.0]
    if at_once:
        return
    trust = _trust(lane, visit.queue)
    said = np.frombuffer(began.said, dtype=np.float32).reshape(len(_WAYS) + 2, -1).astype(np.float64)
    patient = said[-1]
    gave_up = change.now == "abandoned"
    there = (_EDGES * unit_s < left_s).astype(np.float64)
    # Who left for another reason, such as a time-out, tells nothing of later times.
    until = SCORED_UNTIL if answered or gave_up else min(SCORED_UNTIL, int(there.sum()))
    if until > 1:
        trust.score((said[: len(_WAYS)] * patient)[:, 1:until], there[1:until])
    if answered:
        trust.calibrate(_curve(trust, said[len(_WAYS)], lambda: patient, visit.channel).reached(left_s))
    x = np.frombuffer(began.traits)
    lane.answering.learn(x, left_s / unit_s, ended=answered)
    lane.giving_up.learn(x, left_s / unit_s, ended=gave_up)
