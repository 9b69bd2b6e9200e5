"""What the rules of other products look at: waits that ended, handling times, the line and who is on duty.

A site is one pool: its queues of the same channel share the line and the agents. A queue that shares them
with no other is a site of its own.
"""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct

from queuewatch.core.estimate.wait import Scene
from queuewatch.core.rules import Ages
from queuewatch.core.state.agents import ON_DUTY
from queuewatch.core.state.site import Change, line_place
from queuewatch.core.state.visit import Visit


def answered_wait_s(change: Change) -> float | None:
    """The wait that this move ended with an answer, seconds; None where it ended none, or nobody knows it."""
    ended = change.now == "answered" and change.was != "answered" and not change.revised
    return change.visit.wait_s if ended else None


def handled_s(change: Change) -> float | None:
    """The handling time that this move ended, seconds; None where it ended none, or nobody knows it."""
    ended = change.now == "completed" and change.was != "completed" and not change.revised
    return change.visit.handling_s if ended else None


def ahead_of(scene: Scene, ahead: int, who: Visit | None) -> int:
    """How many of the pool wait before this place; `ahead` are before it in its own queue."""
    if len(scene.site.queues) == 1:
        return ahead
    lines = [
        queue.line
        for queue in scene.site.queues.values()
        if queue.line and queue.channel == scene.queue.channel and queue is not scene.queue
    ]
    if who is None:
        return ahead + sum(map(len, lines))
    place = line_place(who)
    return ahead + sum(bisect_left(line, place) for line in lines)


class Crew(Struct, frozen=True):
    """Agents of the pool: how many are on duty, and how many of them could take a contact at once."""

    on_duty: int
    available: int


def crew(scene: Scene, forget_s: float = Ages().agent_s) -> Crew:
    """Who serves any queue of this channel.

    Args:
        scene: The queue at this moment.
        forget_s: How long an agent nobody declares is held to be on duty after the last contact, seconds.
    """
    channel = scene.queue.channel
    queues = [queue for queue in scene.site.queues.values() if queue.channel == channel]
    states = [
        agent.state(channel, scene.now, forget_s)
        for agent in scene.site.agents.values()
        if any(agent.serves(queue.name, queue.roster) for queue in queues)
    ]
    return Crew(sum(state in ON_DUTY for state in states), states.count("available"))
