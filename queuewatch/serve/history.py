"""`GET /v1/queues/{queue}/history`: how the waits went over the day, for the boards' charts.

A sample a minute of what the board showed, and every five minutes how long those answered had waited, kept in
memory for a day: after a restart it begins anew and says since when. What must last is in the metrics.
"""

from __future__ import annotations

from array import array
from collections import deque
from datetime import UTC, datetime
from math import isfinite, nan

from aiohttp import web
from msgspec import Struct

from queuewatch.core.facts.wire import Time
from queuewatch.core.state.agents import on_duty
from queuewatch.core.view import BUCKETS_S, QueueView
from queuewatch.ports import Clock, Desk
from queuewatch.serve import answers
from queuewatch.serve.reads import Reads, named

EVERY_S = 60.0
KEEP = 1440
"""So many samples a queue: a day."""
SPAN_S = 300.0
"""Length of the times over which answered contacts are counted by how long they had waited."""
_SPANS = round(KEEP * EVERY_S / SPAN_S)
_MOST = 2**16 - 1


class Heat(Struct, frozen=True, kw_only=True):
    """How long those answered had waited: a row of counts for each span of time.

    Attributes:
        every_s: Length of a span, seconds.
        borders_s: Upper borders of the waits counted together; a row has one count more, of what lies above.
        at: When each span begins.
        answered: A row for each: contacts answered in the span, by how long they had waited.
    """

    every_s: float
    borders_s: tuple[float, ...]
    at: tuple[Time, ...]
    answered: tuple[tuple[int, ...], ...]


class History(Struct, frozen=True, kw_only=True):
    """One queue over the day: a value a minute in each list, null where nobody could say.

    Attributes:
        every_s: Seconds between two samples.
        at: When.
        typical_s: The next contact's wait: half are answered within.
        kept_s: The next contact's wait: 9 in 10 are answered within.
        oldest_s: The longest wait of those waiting; 0 while nobody waits.
        waiting: Contacts in line.
        agents: Agents on duty.
        answered: Contacts answered since the sample before.
        abandoned: Contacts that gave up since the sample before.
        chances: The next contact's chance to pass each threshold (seconds, as text).
        heat: How long those answered had waited.
    """

    site: str
    queue: str
    every_s: float
    at: tuple[Time, ...]
    typical_s: tuple[float | None, ...]
    kept_s: tuple[float | None, ...]
    oldest_s: tuple[float | None, ...]
    waiting: tuple[float | None, ...]
    agents: tuple[float | None, ...]
    answered: tuple[float | None, ...]
    abandoned: tuple[float | None, ...]
    chances: dict[str, tuple[float | None, ...]]
    heat: Heat


class _Course:
    """The samples of one queue: rows of numbers, and the totals at the last."""

    def __init__(self, view: QueueView) -> None:
        self.thresholds = tuple(view.targets)
        self.rows: deque[array[float]] = deque(maxlen=KEEP)
        self.spans: deque[tuple[float, array[int]]] = deque(maxlen=_SPANS)
        self._waits = view.counts.wait.counts
        self._answered = view.counts.answered
        self._abandoned = view.counts.abandoned

    def add(self, view: QueueView) -> None:
        quantiles, agents = view.next.quantiles_s, view.agents
        row = (
            view.at,
            quantiles.get("0.5", nan),
            quantiles.get("0.9", nan),
            view.oldest_wait_s or 0.0,
            view.waiting,
            nan if agents is None else on_duty(agents),
            view.counts.answered - self._answered,
            view.counts.abandoned - self._abandoned,
            *(view.next.chances.get(threshold, nan) for threshold in self.thresholds),
        )
        self._answered, self._abandoned = view.counts.answered, view.counts.abandoned
        self.rows.append(array("d", row))
        self._count(view)

    def _count(self, view: QueueView) -> None:
        begin = view.at // SPAN_S * SPAN_S
        if not self.spans or self.spans[-1][0] != begin:
            self.spans.append((begin, array("H", bytes(2 * len(view.counts.wait.counts)))))
        span = self.spans[-1][1]
        for bucket, count in enumerate(view.counts.wait.counts):
            span[bucket] = min(_MOST, span[bucket] + count - self._waits[bucket])
        self._waits = view.counts.wait.counts


class Histories:
    """Looks at the board once a minute and remembers it.

    Args:
        desk: Who knows.
        clock: Says when a minute is over.
    """

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._courses: dict[tuple[str, str], _Course] = {}

    async def run(self) -> None:
        """Sample without an end; ends only when cancelled."""
        while True:
            self.sample()
            await self._clock.sleep_until(self._clock.now() + EVERY_S)

    def sample(self) -> None:
        """Remember the board as it is now."""
        for view in self._desk.board().queues:
            key = (view.site, view.queue)
            if key not in self._courses:
                self._courses[key] = _Course(view)
            self._courses[key].add(view)

    def of(self, queue: str, site: str) -> History:
        """What is remembered of a queue; empty lists where nothing is."""
        course = self._courses.get((site, queue))
        columns = list(zip(*course.rows, strict=True)) if course is not None and course.rows else [()] * 8
        at, *values = columns
        known = [tuple(value if isfinite(value) else None for value in column) for column in values]
        thresholds = course.thresholds if course is not None else ()
        typical_s, kept_s, oldest_s, waiting, agents, answered, abandoned, *chances = known
        return History(
            site=site,
            queue=queue,
            every_s=EVERY_S,
            at=tuple(datetime.fromtimestamp(one, UTC) for one in at),
            typical_s=typical_s,
            kept_s=kept_s,
            oldest_s=oldest_s,
            waiting=waiting,
            agents=agents,
            answered=answered,
            abandoned=abandoned,
            chances=dict(zip(thresholds, chances, strict=True)),
            heat=_heat(course),
        )


def _heat(course: _Course | None) -> Heat:
    spans = () if course is None else tuple(course.spans)
    return Heat(
        every_s=SPAN_S,
        borders_s=BUCKETS_S,
        at=tuple(datetime.fromtimestamp(begin, UTC) for begin, _ in spans),
        answered=tuple(tuple(counts) for _, counts in spans),
    )


class Days:
    """Answers how the day went.

    Args:
        histories: Who remembers.
        reads: Knows which queues there are.
    """

    def __init__(self, histories: Histories, reads: Reads) -> None:
        self._histories = histories
        self._reads = reads

    async def history(self, request: web.Request) -> web.Response:
        """One queue over the day."""
        self._reads.find(request)
        return answers.as_json(self._histories.of(*named(request)))
