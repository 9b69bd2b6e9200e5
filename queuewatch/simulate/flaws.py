"""What real sources do to the facts on their way: late, twice, out of order, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct

from queuewatch.core.facts.events import (
    AgentChanged,
    Answered,
    Event,
    Offered,
    OfferFailed,
    SourceStarted,
    SourceStopped,
)
from queuewatch.simulate.laws import Duration


class Silence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source says nothing from `from_at` to `to_at`.

    Attributes:
        source: Whose facts.
        kept: `late` tells them afterwards, with their true times; `lost` never does.
        announced: It says that it stops and that it has started again.
    """

    source: str
    from_at: float
    to_at: float
    kept: Literal["late", "lost"] = "late"
    announced: bool = False


class Flaws(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wrong with a stream of events.

    Attributes:
        repeated: Share of the events that are told twice, in [0, 1].
        shuffled_s: Each is told up to so many seconds late, evenly: out of order.
        lag: How late the source is on top of that.
        hidden: Agents missing from the data: their states are not told, and no fact names them.
        silences: Times in which a source says nothing.
    """

    repeated: float = 0.0
    shuffled_s: float = 0.0
    lag: Duration | None = None
    hidden: frozenset[str] = frozenset()
    silences: tuple[Silence, ...] = ()


class Told(Struct, frozen=True, gc=False):
    """An event, and when it comes in (never before it happened)."""

    at: float
    event: Event


def hide(events: Iterable[Event], agents: Collection[str]) -> Iterator[Event]:
    """The events without these agents."""
    for event in events:
        data = event.data
        if isinstance(data, AgentChanged):
            if event.subject not in agents:
                yield event
        elif isinstance(data, (Offered, OfferFailed, Answered)) and data.agent in agents:
            yield msgspec.structs.replace(event, data=msgspec.structs.replace(data, agent=None))
        else:
            yield event


def worsen(events: Iterable[Event], flaws: Flaws, rng: np.random.Generator) -> list[Told]:
    """The events as they come in, in that order; each bears its true time."""
    shown = list(hide(events, flaws.hidden))
    told = [Told(at, event) for at, event in zip(_delayed(shown, flaws, rng), shown, strict=True)]
    again = rng.random(len(shown)) < flaws.repeated
    twice = [event for event, chosen in zip(shown, again.tolist(), strict=True) if chosen]
    told += [Told(at, event) for at, event in zip(_delayed(twice, flaws, rng), twice, strict=True)]
    for silence in flaws.silences:
        told = [kept for one in told for kept in _after(one, silence)]
        if silence.announced:
            told += _announcements(silence)
    return sorted(told, key=lambda one: one.at)


def _delayed(events: list[Event], flaws: Flaws, rng: np.random.Generator) -> list[float]:
    at = np.array([event.at for event in events])
    at += rng.random(at.size) * flaws.shuffled_s
    if flaws.lag is not None:
        at += flaws.lag.draw(rng, at.size)
    told_at: list[float] = at.tolist()
    return told_at


def _after(told: Told, silence: Silence) -> Iterator[Told]:
    if told.event.source != silence.source or not silence.from_at <= told.at < silence.to_at:
        yield told
    elif silence.kept == "late":
        yield Told(silence.to_at, told.event)


def _announcements(silence: Silence) -> list[Told]:
    name = f"{silence.source}-{int(silence.from_at):x}"
    stopped = Event(f"{name}-stopped", silence.source, silence.from_at, SourceStopped())
    started = Event(f"{name}-started", silence.source, silence.to_at, SourceStarted())
    return [Told(stopped.at, stopped), Told(started.at, started)]
