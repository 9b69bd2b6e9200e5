"""Our estimator: learns from every wait of its site how long the next one will be.

Three ways to tell a wait stand side by side (`ways.py`): the learned rate of being answered (`hazard.py`), a
closed form for a place in line, and what those before have just waited. Each queue trusts them by how right
each has lately been (`trust.py`), and its ranges follow what happened (`levels.py`). Before whom nobody waits
may be answered at once (`at_once.py`). Phone, chat and e-mail learn apart from one another, in their own unit
of time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar

import numpy as np
from msgspec import Struct, field, structs
from numpy.typing import NDArray

from queuewatch.core.estimate.curve import Curve
from queuewatch.core.estimate.hazard import EDGES
from queuewatch.core.estimate.lane import Began, Lane, key_of
from queuewatch.core.estimate.learned import FIRST_HANDLING_S, Move, move_of
from queuewatch.core.estimate.levels import SHARES, Told, follow, kind_of, next_kind, tell
from queuewatch.core.estimate.opening import first_handling_s, opening
from queuewatch.core.estimate.opentime import ByTheClock
from queuewatch.core.estimate.place import PlaceInLine
from queuewatch.core.estimate.traits import IDLE_S, Seen, look_ahead, traits
from queuewatch.core.estimate.trust import Trust
from queuewatch.core.estimate.wait import AT_ONCE_S, UNIT_S, Remaining, Scene
from queuewatch.core.estimate.ways import WAYS, in_line, rings, ways
from queuewatch.core.facts.terms import Channel
from queuewatch.core.hours import Hours
from queuewatch.core.state.site import Change, line_place
from queuewatch.core.state.visit import IN_LINE, Visit
from queuewatch.core.view import NoEstimateReason

Floats = NDArray[np.float64]

SCORED_UNTIL = 16
"""Number of times at which what was said is scored: up to ten minutes, or ten hours of e-mail."""
# Fewer waits than this in a channel tell nothing.
ENOUGH = 10

# In line after everybody who joined in the same moment.
_AFTER_ALL = "\U0010ffff"

_EDGES = np.array(EDGES)
_TIMES_S: dict[Channel, list[float]] = {
    channel: [edge * unit_s for edge in EDGES] for channel, unit_s in UNIT_S.items()
}
_PLACE = PlaceInLine()


class Live(Struct):
    """Memory of one site: by channel, and by calendar where waits pass only in opening time."""

    name: ClassVar[str] = "live"

    lanes: dict[str, Lane] = field(default_factory=dict)

    def learn(self, change: Change, now: float) -> None:
        """Take in a move, and if it ended a wait, how right everybody was about it."""
        hours, channel, at = change.hours, change.visit.channel, change.at
        name = channel if hours is None else _lane_of(channel, hours)
        lane = self.lanes.get(name)
        if lane is None:
            lane = self.lanes[name] = Lane(UNIT_S[channel])
        if at > now:  # noqa: PLR1730  # a call to min() costs ten times as much
            at = now
        if hours is not None:
            lane.clock.forward(hours, at)
            change = lane.clock.change(structs.replace(change, at=at), hours)
            at = change.at
        lane.follow(move_of(change), at)
        if lane.began and change.was in IN_LINE and change.now not in IN_LINE:
            _end(lane, change, at)

    def learn_all(self, moves: Iterable[Move], now: float, hours: Callable[[str], Hours | None]) -> None:
        """Take in several, in their order, but for those whom we call back.

        Args:
            moves: The moves.
            now: The present.
            hours: When a queue is open whose waits pass only then; None: it has no hours of that kind.
        """
        name, lane = "", None
        for move in moves:
            change = move[0]
            visit, at = change.visit, change.at
            if visit.callback:
                continue
            if visit.channel == "email":
                open_ = hours(visit.queue)
                self.learn(change if open_ is None else structs.replace(change, hours=open_), now)
                continue
            if lane is None or visit.channel != name:
                name = visit.channel
                lane = self.lanes.get(name)
                if lane is None:
                    lane = self.lanes[name] = Lane(UNIT_S[name])
            if at > now:  # noqa: PLR1730  # likewise
                at = now
            lane.follow(move, at)
            if lane.began and change.was in IN_LINE and change.now not in IN_LINE:
                _end(lane, change, at)

    def joined(self, scene: Scene, ahead: int, who: Visit) -> Remaining | NoEstimateReason:
        """Remember what is seen, and what each way says of it."""
        lane = self.lanes[_lane_of(who.channel, scene.hours)]
        seen = _see(lane, scene, who)
        trust = _trust(lane, who.queue)
        x = traits(seen)
        handling_s = _handling_s(scene, seen)
        each = ways(lane, scene.queue.name, seen, handling_s, x)
        said = trust.weights().dot(each)
        patient = lane.giving_up.lasting(x)
        began = Began(
            seen.now,
            x.tobytes(),
            b"".join([part.astype(np.float32).tobytes() for part in (each, said, patient)]),
            _seems_idle(scene, seen),
            ahead=ahead,
            in_line=in_line(seen, handling_s) if rings(seen) else 0.0,
            told=tell(lane.calibration, trust.calibration, kind_of(ahead)),
        )
        if not who.priority:
            began.at_once = _at_once(lane, trust, x, ahead, idle=began.idle)
            kind = next_kind(began.at_once, ahead)
            began.coming = _told(lane, trust, kind)
        lane.enter(who, began, _by(lane, scene.hours, who.enqueued_at))
        if _silence(scene) or lane.answering.ended < ENOUGH or who.channel != scene.queue.channel:
            return self.remaining(scene, ahead, who)
        return _on_the_wall(_curve(lambda: began.told, said, lambda: patient, who.channel), scene)

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:
        """The time still to wait; see the module's docstring."""
        silence = _silence(scene)
        if silence is not None:
            return silence
        lane = self.lanes.get(_lane_of(scene.queue.channel, scene.hours))
        if lane is None or scene.queue.name not in lane.slots or lane.answering.ended < ENOUGH:
            return _first(scene, ahead, who)
        seen = _see(lane, scene, who)
        trust = _trust(lane, scene.queue.name)
        x = traits(seen)
        each = ways(lane, scene.queue.name, seen, _handling_s(scene, seen), x)
        said = trust.weights().dot(each)
        patience = partial(lane.giving_up.lasting, x)
        kind: str | None = kind_of(ahead)
        at_once = 0.0
        if who is None:
            at_once = _at_once(lane, trust, x, ahead, idle=_seems_idle(scene, seen))
            kind = next_kind(at_once, ahead)
        told = partial(_told, lane, trust, kind)
        return _on_the_wall(_curve(told, said, patience, scene.queue.channel, at_once), scene)


def _silence(scene: Scene) -> NoEstimateReason | None:
    """Why there is nothing to be said, whatever was learned."""
    if scene.stale:
        return "source_stale"
    away = scene.agents is not None and not scene.share
    return "no_agents" if away and (scene.hours is None or scene.hours.open_at(scene.now)) else None


def _first(scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:
    """The first waits: the closed form, and how little is known of what goes into it."""
    told = None if scene.stale or scene.free > ahead else opening(scene, float(max(0, ahead - scene.free)))
    return _PLACE.remaining(scene, ahead, who) if told is None else told


def _on_the_wall(curve: Curve, scene: Scene) -> Remaining:
    """A wait by the clock on the wall, where it passes in opening time alone."""
    return curve if scene.hours is None else ByTheClock(curve, scene.hours, scene.now)


def _lane_of(channel: Channel, hours: Hours | None) -> str:
    """Queues that are open at other times do not learn from one another: their clocks differ."""
    return channel if hours is None else f"{channel}/{hours.zone}/{hours.week}/{hours.days}"


def _by(lane: Lane, hours: Hours | None, at: float) -> float:
    """A point in time by the lane's clock."""
    return at if hours is None else lane.clock.read(hours, at)


def _handling_s(scene: Scene, seen: Seen) -> float:
    if scene.hours:  # the queue's own counts nights too
        return seen.handling_s
    return first_handling_s(scene, seen.handling_s)[0]


def _trust(lane: Lane, queue: str) -> Trust:
    trust = lane.trust.get(queue)
    if trust is None:
        trust = lane.trust[queue] = Trust([0.0] * len(WAYS))
    return trust


def _at_once(lane: Lane, trust: Trust, x: Floats, ahead: int, *, idle: bool) -> float:
    """The chance of the next to arrive to be answered at once; behind others hardly anybody is."""
    return trust.passes(ahead) if ahead else lane.at_once.chance(x, idle=idle)


def _told(lane: Lane, trust: Trust, kind: str | None) -> Told | None:
    """What to tell one of this kind; None: there is nothing to tell but no wait."""
    return None if kind is None else tell(lane.calibration, trust.calibration, kind)


def _curve(
    told: Callable[[], Told | None],
    unanswered: Floats,
    patience: Callable[[], Floats],
    channel: Channel,
    at_once: float = 0.0,
) -> Curve:
    def levels() -> dict[float, float]:
        known = told()
        return {} if known is None else dict(zip(SHARES, known.levels, strict=True))

    return Curve(_TIMES_S[channel], unanswered.tolist(), lambda: patience().tolist(), levels, at_once)


def _seems_idle(scene: Scene, seen: Seen) -> bool:
    return not seen.line.all and (scene.agents is None or scene.free > 0)


def _see(lane: Lane, scene: Scene, who: Visit | None) -> Seen:
    """What there is to see for `who`, or for the next one to arrive."""
    queue, now = scene.queue, _by(lane, scene.hours, scene.now)
    kin = lane.kin.of(queue.name)
    place = (0, scene.now, _AFTER_ALL, 0) if who is None else line_place(who)
    line = look_ahead(scene.site, kin, place, lane.head_start_s, lambda at: now - _by(lane, scene.hours, at))
    idle = [0.0] * len(IDLE_S)
    for name, weight in kin.items():
        rested = lane.idle[name]
        if rested.since:
            for i, count in enumerate(rested.within(now, IDLE_S)):
                idle[i] += weight * count
    return Seen(
        now=now,
        unit_s=UNIT_S[queue.channel],
        priority=0 if who is None else who.priority,
        slot=lane.slots[queue.name],
        line=line,
        pool=lane.pool(queue.name),
        clock_at=scene.now,
        coming=int(who is None),
        own=lane.recents[queue.name],
        ringing=lane.ringing[queue.name],
        idle=idle,
        serving_here=queue.serving,
        handling_s=lane.handling.read_from(FIRST_HANDLING_S),
        abandon_rate=scene.learned.abandon_rate(now),
        share=None if scene.agents is None else scene.share,
        free=scene.free,
    )


def _end(lane: Lane, change: Change, at: float) -> None:
    """Somebody is in line no more: learn from it where it was seen how their wait began."""
    began = lane.began.pop(key_of(change.visit), None)
    if began is not None and change.now is not None:
        _learn_end(lane, change, began, at)


def _learn_end(lane: Lane, change: Change, began: Began, at: float) -> None:
    """A wait ended: learn how fast, who was right, and whether the ranges hold."""
    visit = change.visit
    left_s = max(0.0, at - began.seen_at)
    at_once = change.now == "answered" and left_s <= AT_ONCE_S
    trust = _trust(lane, visit.queue)
    if change.now == "answered":
        _hold_against(lane, visit, began, None if at_once else left_s)
    if not began.ahead:
        lane.at_once.learn(np.frombuffer(began.traits), idle=began.idle, at_once=at_once)
    elif not visit.priority:
        trust.came_behind(began.ahead, at_once=at_once)
    if not at_once:
        _learn_wait(lane, trust, change, began, left_s)


def _hold_against(lane: Lane, visit: Visit, began: Began, left_s: float | None) -> None:
    """Somebody was answered, at once (None) or after this long: hold it against what was told."""
    told, coming, trust = began.told, began.coming, _trust(lane, visit.queue)
    if left_s is None and coming is None:
        return
    said = np.frombuffer(began.said, dtype=np.float32).reshape(len(WAYS) + 2, -1)
    curve = Curve(_TIMES_S[visit.channel], said[-2].tolist(), said[-1].tolist, dict, began.at_once)
    waiting = lane.waiting[visit.queue]
    reached = 0.0 if left_s is None else curve.reached(left_s)
    if left_s is not None:
        follow(lane.calibration, trust.calibration, told, (reached, reached), waiting)
    if coming is not None:
        first = curve.first
        low = 0.0 if left_s is None else first + (1.0 - first) * reached
        follow(lane.calibration, trust.calibration, coming, (low, first if left_s is None else low), waiting)


def _learn_wait(lane: Lane, trust: Trust, change: Change, began: Began, left_s: float) -> None:
    """Somebody had to wait so long for whatever ended it."""
    visit = change.visit
    left = left_s / UNIT_S[visit.channel]
    answered, gave_up = change.now == "answered", change.now == "abandoned"
    if answered and began.in_line:
        lane.ringing[visit.queue].learn(left, began.in_line)
    said = np.frombuffer(began.said, dtype=np.float32).reshape(len(WAYS) + 2, -1).astype(np.float64)
    there = (left > _EDGES).astype(np.float64)
    # Who left for another reason, such as a time-out, tells nothing of later times.
    until = SCORED_UNTIL if answered or gave_up else min(SCORED_UNTIL, int(there.sum()))
    if until > 1:
        trust.score((said[: len(WAYS)] * said[-1])[:, 1:until], there[1:until])
    x = np.frombuffer(began.traits)
    lane.answering.learn(x, left, ended=answered)
    lane.giving_up.learn(x, left, ended=gave_up)
