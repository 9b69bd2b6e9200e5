"""One channel of a site as the learning estimator remembers it: its queues, its agents, who waits."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from msgspec import Struct, field

from queuewatch.core.estimate.at_once import AtOnce
from queuewatch.core.estimate.hazard import Hazard, answering, giving_up
from queuewatch.core.estimate.kin import Kin
from queuewatch.core.estimate.learned import Mean, Move
from queuewatch.core.estimate.levels import Calibration, Told
from queuewatch.core.estimate.opentime import OpenClock
from queuewatch.core.estimate.pool import Flow, Idle, Pool, Press, Recent, answered, pass_time
from queuewatch.core.estimate.ringing import Ringing
from queuewatch.core.estimate.trust import Trust
from queuewatch.core.estimate.wait import AT_ONCE_S
from queuewatch.core.state.visit import IN_LINE, Stage, Visit

# Until the lines show it: higher priority goes first whatever others have waited, seconds.
STRICT_S = 3600.0
# How much of the distance the head start moves with each contact served against it.
HEAD_START_STEP = 0.05


class Began(Struct, gc=False):
    """What was seen when somebody joined a line.

    Attributes:
        seen_at: When that was.
        traits: What was seen, numbers as bytes.
        said: What each way said of being unanswered at each time, then what all together said, then what was
            said of not giving up by then; likewise.
        idle: Agents seemed free and nobody waited.
        ahead: How many of the queue stood before.
        in_line: Where an agent was free all the same: how long one would have waited in line, on average, in
            the channel's unit of time; else 0.
        told: What they were told.
        at_once: The chance to be answered at once, as whoever was about to join was told, and `coming`: what
            else; None where that is told of nobody like them.
    """

    seen_at: float
    traits: bytes
    said: bytes
    idle: bool
    ahead: int
    in_line: float
    told: Told
    at_once: float = 0.0
    coming: Told | None = None


class Lane(Struct):
    """Memory of one channel.

    Attributes:
        unit_s: The channel's unit of time, seconds.
        clock: Opening time, for queues whose waits pass only then.
        slots: Queues in the order in which they became known.
        waiting: Contacts in line, by queue; `lines` is how many queues have any.
        flows, presses, recents, ringing, idle, trust: By queue.
        began: Those in line, by `key_of`.
        heads: Those in line by queue and priority: heap of (enqueued_at, key); an entry counts while its key
            is in `began`.
        head_start_s: By how much later one of the next higher priority may join and still be served earlier.
        resting: Idle agents, each with the queue it worked for last; `busy`: contacts in hand.
        handling: Handling times, seconds.
        calibration: What levels have proved right on all queues.
    """

    unit_s: float = 1.0
    clock: OpenClock = field(default_factory=OpenClock)
    kin: Kin = field(default_factory=Kin)
    answering: Hazard = field(default_factory=answering)
    giving_up: Hazard = field(default_factory=giving_up)
    slots: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    lines: int = 0
    flows: dict[str, Flow] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    recents: dict[str, Recent] = field(default_factory=dict)
    ringing: dict[str, Ringing] = field(default_factory=dict)
    idle: dict[str, Idle] = field(default_factory=dict)
    trust: dict[str, Trust] = field(default_factory=dict)
    began: dict[str, Began] = field(default_factory=dict)
    heads: dict[str, dict[int, list[tuple[float, str]]]] = field(default_factory=dict)
    head_start_s: float = STRICT_S
    resting: dict[str, str] = field(default_factory=dict)
    busy: dict[str, int] = field(default_factory=dict)
    at_once: AtOnce = field(default_factory=AtOnce)
    handling: Mean = field(default_factory=Mean)
    calibration: Calibration = field(default_factory=Calibration)

    def meet(self, queue: str) -> None:
        """Make room for a queue, when it is first spoken of."""
        self.slots[queue] = len(self.slots)
        self.waiting[queue] = 0
        self.flows[queue] = Flow(self.unit_s)
        self.presses[queue] = Press(self.unit_s)
        self.recents[queue] = Recent()
        self.ringing[queue] = Ringing()
        self.idle[queue] = Idle()
        self.heads[queue] = {}
        self.kin.meet(queue)

    def pool(self, queue: str) -> Pool:
        """A queue and its kin together, to be read."""
        kin = self.kin.of(queue)
        return Pool(self.presses[queue], [self.flows[name] for name in kin], self._pressed(kin))

    def follow(self, move: Move, at: float) -> None:
        """Take in a move: who waits, who works, how fast contacts are let go."""
        change, took_s = move
        visit, was, now = change.visit, change.was, change.now
        queue = visit.queue
        if queue not in self.slots:
            self.meet(queue)
        waited, waits = was in IN_LINE, now in IN_LINE
        if waited != waits:
            waiting = self.waiting[queue]
            if waiting <= (1 if waited else 0):  # a line begins or ends: until now somebody waited, or nobody
                self._pass_time(queue, at)
                self.lines += 1 if waits else -waiting
            if waits:
                self.waiting[queue] = waiting + 1
                self.flows[queue].joined(at, urgent=visit.priority > 0)
            else:
                self.waiting[queue] = waiting - 1 if waiting else 0
                self._end(visit, now, took_s, at)
        if now == "completed" and was != "completed" and took_s is not None:
            self.handling.add(took_s)
        agent = visit.agent
        if agent is not None:
            if now == "answered":
                if was != "answered":
                    self._take(agent, queue)
            elif was == "answered":
                self._let_go(agent, queue, at)

    def _pass_time(self, queue: str, at: float) -> None:
        """Account for the time until `at` at the queue and its kin, before whom somebody waited or nobody."""
        presses, kin = self.presses, self.kin.near.get(queue) or self.kin.of(queue)
        if self.waiting[queue] or not self.lines:  # being kin is mutual: who waits here presses all of them
            pass_time(map(presses.__getitem__, kin), at, pressed=self.waiting[queue] > 0)
            return
        for name in kin:
            pass_time((presses[name],), at, pressed=self._pressed(self.kin.of(name)))

    def _pressed(self, kin: Iterable[str]) -> bool:
        waiting = self.waiting
        for name in kin:  # noqa: SIM110  # a generator for any() costs three times as much
            if waiting[name]:
                return True
        return False

    def _end(self, visit: Visit, now: Stage | None, wait_s: float | None, at: float) -> None:
        """Somebody is in line no more; `wait_s` is how long the answer took."""
        queue = visit.queue
        if now == "abandoned":
            self.flows[queue].lost_patience(at)
        elif now == "answered":
            if wait_s is None or wait_s <= AT_ONCE_S:
                return
            self.flows[queue].let_go(at)
            kin = self.kin.near.get(queue) or self.kin.of(queue)
            answered(map(self.presses.__getitem__, kin), wait_s, urgent=visit.priority > 0)
            self.recents[queue].add(wait_s)
            self._weigh_priority(visit, wait_s, at)

    def _take(self, agent: str, queue: str) -> None:
        """An agent takes a contact."""
        self.kin.answered(queue, agent)
        busy = self.busy
        busy[agent] = busy.get(agent, 0) + 1
        rested = self.resting.pop(agent, None)
        if rested is not None:
            self.idle[rested].take(agent)

    def _let_go(self, agent: str, queue: str, at: float) -> None:
        """An agent ends a contact."""
        busy = self.busy
        if busy.get(agent, 0) > 1:
            busy[agent] -= 1
            return
        busy.pop(agent, None)
        rested = self.resting.get(agent)
        if rested is not None:
            self.idle[rested].take(agent)
        self.resting[agent] = queue
        self.idle[queue].put(agent, at)

    def enter(self, visit: Visit, began: Began, enqueued_at: float) -> None:
        """Remember what was seen when somebody joined, at this time by the lane's clock."""
        key = key_of(visit)
        self.began[key] = began
        heap = self.heads[visit.queue].setdefault(visit.priority, [])
        heappush(heap, (enqueued_at, key))

    def _weigh_priority(self, visit: Visit, wait_s: float, at: float) -> None:
        """Somebody was served before one of another priority: how much is that priority worth?"""
        for priority, heap in self.heads[visit.queue].items():
            while heap and heap[0][1] not in self.began:
                heappop(heap)
            if not heap or priority == visit.priority:
                continue
            rank = visit.priority - priority
            gap_s = max(0.0, (at - heap[0][0] - wait_s) / rank)
            against = gap_s > self.head_start_s if rank > 0 else gap_s < self.head_start_s
            if against:
                self.head_start_s += HEAD_START_STEP * (min(gap_s, STRICT_S) - self.head_start_s)


def key_of(visit: Visit) -> str:
    """A visit among those of its channel."""
    return f"{visit.queue}/{visit.number}/{visit.contact}"
