"""What each agent's state looked like from outside: derived from the truth, second by second."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Literal

import numpy as np
from msgspec import Struct

from queuewatch.core.facts.terms import AgentState
from queuewatch.simulate.roster import OFF_DUTY
from queuewatch.simulate.truth import Truth

MS = 3  # decimals: sources tell milliseconds

_What = Literal["ringing", "talking", "wrapping", "on", "off", "resting"]


class Change(Struct, frozen=True, gc=False):
    """An agent's state changed.

    Attributes:
        login: The agent came on duty, after being offline or for the first time.
        back: The agent came on duty or back from a break: first that is heard, then what they take.
    """

    at: float
    agent: int
    state: AgentState
    reason: str | None
    login: bool
    back: bool


class _Move(Struct, frozen=True, gc=False):
    """Something began or ended at an agent's: `by` is +1 or -1; `room` is how many contacts they can hold."""

    at: float
    what: _What
    by: int = 0
    room: int = 1
    reason: str = OFF_DUTY


def changes(truth: Truth) -> Iterator[Change]:
    """The changes of all agents before `truth.until_at`, agent by agent, ascending in time.

    `available` is who can take another contact: a chat agent with a hand free is available, not busy.
    """
    for agent, moves in enumerate(_moves(truth)):
        moves.sort(key=lambda one: one.at)
        yield from _states(agent, moves, truth.until_at)


def _moves(truth: Truth) -> list[list[_Move]]:
    moves: list[list[_Move]] = [
        [
            move
            for stint in stints
            for move in (
                _Move(round(stint.from_at, MS), "on"),
                _Move(round(stint.to_at, MS), "off", reason=stint.then),
            )
        ]
        for stints in truth.roster
    ]
    visits, queues = truth.visits, truth.centre.queues
    queue, served_by = visits.queue.tolist(), visits.agent.tolist()
    times = [np.round(one, MS).tolist() for one in (visits.left_at, visits.completed_at, visits.freed_at)]
    rooms = [[who.capacity.get(one.channel, 1) for one in queues] for who in truth.centre.agents]
    for i in np.flatnonzero(visits.answered).tolist():
        agent, room = served_by[i], rooms[served_by[i]][queue[i]]
        answered_at, completed_at, freed_at = (column[i] for column in times)
        moves[agent].append(_Move(answered_at, "talking", 1, room))
        moves[agent].append(_Move(completed_at, "talking", -1, room))
        if freed_at > completed_at:
            moves[agent].append(_Move(completed_at, "wrapping", 1, room))
            moves[agent].append(_Move(freed_at, "wrapping", -1, room))
    for offer in truth.offers:
        room = rooms[offer.agent][queue[offer.visit]]
        moves[offer.agent].append(_Move(round(offer.at, MS), "ringing", 1, room))
        if offer.end:
            moves[offer.agent].append(_Move(round(offer.ended_at, MS), "ringing", -1, room))
        if offer.end == "no_answer":
            rest_s = queues[queue[offer.visit]].rest_s
            moves[offer.agent].append(_Move(round(offer.ended_at, MS), "resting", 1, room))
            moves[offer.agent].append(_Move(round(offer.ended_at + rest_s, MS), "resting", -1, room))
    return moves


def _states(agent: int, moves: list[_Move], until_at: float) -> Iterator[Change]:
    counts: dict[_What, int] = dict.fromkeys(("ringing", "talking", "wrapping", "resting"), 0)
    present, why_off, room = False, OFF_DUTY, 1
    last: tuple[AgentState, str | None] = ("offline", None)
    for at, together in groupby(moves, key=lambda one: one.at):
        if at >= until_at:
            return
        for move in together:
            if move.what in {"on", "off"}:
                present, why_off = move.what == "on", move.reason
            else:
                counts[move.what] += move.by
                room = move.room
        state = _state(counts, room, present=present, why_off=why_off)
        if state != last:
            back = last[0] in {"offline", "not_ready"}
            yield Change(at, agent, *state, login=last[0] == "offline", back=back)
            last = state


def _state(
    counts: dict[_What, int], room: int, *, present: bool, why_off: str
) -> tuple[AgentState, str | None]:
    load = counts["ringing"] + counts["talking"] + counts["wrapping"]
    if present and not counts["resting"] and (not load or load < room):
        return "available", None
    if counts["talking"]:
        return "busy", None
    if counts["ringing"]:
        return "ringing", None
    if counts["wrapping"]:
        return "wrap_up", None
    if present:
        return "not_ready", "no_answer"
    return ("not_ready", why_off) if why_off else ("offline", None)
