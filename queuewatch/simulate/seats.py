"""The agents of a running simulation: where each sits, what each can take, who has idled longest."""

from __future__ import annotations

from msgspec import Struct

from queuewatch.core.facts.terms import Channel
from queuewatch.simulate.centre import AgentPlan, Centre
from queuewatch.simulate.truth import NOBODY


class Line(Struct, frozen=True, gc=False):
    """Those who wait in one queue for one language: what an agent can or cannot serve."""

    number: int
    queue: int
    channel: Channel


class Seat(Struct):
    """An agent while the simulation runs.

    Attributes:
        ranks: Rank by number of the line; only lines the agent can serve.
        lines: The same lines, first choice first.
        present: In a stint.
        resting: Above 0 while taken out of routing after offers left ringing.
        load: Contacts in hand, wrap-up and ringing included; all of `channel`.
    """

    number: int
    plan: AgentPlan
    site: str
    ranks: dict[int, int]
    lines: tuple[tuple[int, Line], ...]
    present: bool = False
    resting: int = 0
    load: int = 0
    channel: Channel = "phone"

    def can_take(self, channel: Channel) -> bool:
        """Whether the agent has a hand free for a contact of this channel."""
        if self.load == 0:
            return True
        return self.channel == channel and self.load < self.plan.capacity.get(channel, 1)

    @property
    def has_room(self) -> bool:
        """Whether the agent may be given anything at all now."""
        return self.present and not self.resting and self.can_take(self.channel)


def lines_of(centre: Centre) -> dict[tuple[int, int], Line]:
    """A line for each (queue, language); language -1 where the queue asks for none."""
    lines: dict[tuple[int, int], Line] = {}
    for queue, plan in enumerate(centre.queues):
        for language in range(len(plan.languages)) if plan.languages else (NOBODY,):
            lines[queue, language] = Line(len(lines), queue, plan.channel)
    return lines


def seats_of(centre: Centre, lines: dict[tuple[int, int], Line]) -> tuple[Seat, ...]:
    """A seat for each agent, empty."""
    return tuple(_seat(centre, number, plan, lines) for number, plan in enumerate(centre.agents))


def _seat(centre: Centre, number: int, plan: AgentPlan, lines: dict[tuple[int, int], Line]) -> Seat:
    serves = []
    for (queue, language), line in lines.items():
        asked = list(centre.queues[queue].languages)
        speaks = language == NOBODY or not plan.languages or asked[language] in plan.languages
        rank = plan.skills.get(centre.queues[queue].name)
        if rank is not None and speaks:
            serves.append((rank, line))
    serves.sort(key=lambda one: (one[0], one[1].number))
    site = next(one.site for one in centre.queues if one.name in plan.skills)
    return Seat(number, plan, site, {line.number: rank for rank, line in serves}, tuple(serves))


class Idle:
    """Seats with room, longest idle first."""

    def __init__(self) -> None:
        self._seats: dict[int, Seat] = {}  # in the order of insertion, which is that of becoming idle

    def put(self, seat: Seat) -> None:
        """Add at the end: it has idled for the shortest time."""
        self._seats.pop(seat.number, None)
        self._seats[seat.number] = seat

    def remove(self, seat: Seat) -> None:
        """Take out, if it is in."""
        self._seats.pop(seat.number, None)

    def best(self, line: Line) -> Seat | None:
        """Who should serve this line: best rank, then fewest contacts in hand, then longest idle."""
        best: Seat | None = None
        best_key = (0, 0)
        for seat in self._seats.values():
            rank = seat.ranks.get(line.number)
            if rank is None or not seat.can_take(line.channel):
                continue
            key = (rank, seat.load)
            if best is None or key < best_key:
                best, best_key = seat, key
                if rank <= 1 and seat.load == 0:
                    break
        return best
