"""While a queue is calm, the look that was taken last still holds, and need not be taken again.

Looks are what the core spends most of its time on. Between two facts a chance moves by time alone, and
slowly: on the calls of the Anonymous Bank it fell by less than 0.13 in 20 seconds; what rises faster does
so in a jump whose time is known. So where nothing is turning and every chance is farther than that from its
border, only a fact can bring news.
"""

from __future__ import annotations

from queuewatch.core.estimate.learned import FREE_BELIEVED_S
from queuewatch.core.estimate.wait import Scene
from queuewatch.core.rules import NoticeRule, QueueRules
from queuewatch.core.watch import Condition, Watch

REFRESH_S = 5.0
"""While somebody waits, a chance can rise with nothing happening: nobody being served is news too."""
CALM_S = 20.0
"""A look holds for no longer."""
DRIFT = 0.15
"""Nearer to its border a chance may pass it by time alone."""
SHOVE = 0.3
"""Nearer to its border a chance may pass it by what happens in a queue that shares agents."""


def settle(  # noqa: PLR0917  # all that a look has found
    watch: Watch,
    scene: Scene,
    chances: dict[str, float] | None,
    own: QueueRules,
    due_at: float | None,
    heard: int,
) -> None:
    """Write down until when a look that was just taken holds.

    Args:
        watch: The queue's watch, which has heeded the chances.
        scene: The queue.
        chances: The next contact's chances; None where nobody can say.
        own: The queue's rules.
        due_at: When its level may change by itself; None: not.
        heard: How many facts the site has told so far.
    """
    watch.calm_until_at = float("-inf")
    if chances is None or due_at is not None or scene.hours is not None:
        return
    room = _room(watch, chances, own.notice)
    if room < DRIFT:
        return
    watch.calm_heard = None if room >= SHOVE else heard
    watch.calm_until_at = _jump_at(scene, own.thresholds_s[-1])


def holds(watch: Watch, heard: int, alarm_at: float | None, now: float) -> bool:
    """Whether the last look still does, with no fact of the queue's own since.

    Args:
        watch: The queue's watch.
        heard: How many facts the site has told so far.
        alarm_at: When the next alert falls due; what it says of the queue is to be fresh then.
        now: The present.
    """
    if now > watch.calm_until_at or (alarm_at is not None and alarm_at <= now + REFRESH_S):
        return False
    return watch.calm_heard is None or watch.calm_heard == heard


def _room(watch: Watch, chances: dict[str, float], rule: NoticeRule) -> float:
    """How far the chance that is nearest to its border is from it; negative beyond it."""
    busy, very_busy = rule.thresholds
    return min(
        _to_border(watch.busy, chances[busy], rule), _to_border(watch.very_busy, chances[very_busy], rule)
    )


def _to_border(condition: Condition, chance: float, rule: NoticeRule) -> float:
    return chance - rule.end_chance if condition.active else rule.enter_chance - chance


def _jump_at(scene: Scene, last_s: float) -> float:
    """Until when nothing jumps: nobody passes the last threshold, nobody's presence is doubted."""
    duty, held = scene.queue.duty, scene.queue.held()
    jumps = [scene.now + CALM_S, float("inf") if duty is None else duty.until_at]
    jumps += [at + FREE_BELIEVED_S for at in held[:1] if at + FREE_BELIEVED_S >= scene.now]
    jumps += [at + last_s for at in held if at + last_s >= scene.now]
    return min(jumps)
