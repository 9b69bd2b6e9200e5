"""The cheapest shifts that cover the agents needed, by CP-SAT; or what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from ortools.sat.python import cp_model

LIMIT_S = 20.0
"""How long the search goes on unless told otherwise, in seconds of the solver's own clock."""

_WEEK_DAYS = 7


class Pattern(Struct, frozen=True, kw_only=True):
    """A kind of shift.

    Attributes:
        name: As people call it.
        starts: First interval of the day, from 0.
        lasts: Intervals from beginning to end, breaks included; at most a day; it may end on the next.
        breaks: Intervals of the shift, from 0, in which nobody of it works.
        cost: Of one such shift, in whatever unit; its paid intervals, say.
    """

    name: str
    starts: int
    lasts: int
    breaks: tuple[int, ...] = ()
    cost: float

    @property
    def ends(self) -> int:
        """The first interval of the day after it."""
        return self.starts + self.lasts

    def works(self, interval: int) -> bool:
        """Whether whoever has this shift works in this interval, counted from the beginning of its day."""
        return 0 <= interval - self.starts < self.lasts and interval - self.starts not in self.breaks


def _when(day: int, interval: int) -> str:
    return f"day {day} in interval {interval}"


class Gap(Struct, frozen=True):
    """An interval that cannot be covered: of which day, how many are needed, how many there can be."""

    day: int
    interval: int
    needed: int
    possible: int


class Shifts(Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes:
        counts: People on each shift, by day and then by pattern; as near as can be where there are gaps.
        cost: Of all.
        people: Fewest people who can work them with the most shifts a week each may have.
        gaps: Intervals left short; empty: all is covered.
        why: What stands in the way, in a sentence; empty: nothing.
        before: People on each shift of the evening before the first day, who work into it.
        proven: Nothing is cheaper; else the search ended first, and this is the best that it found.
        dearer: The largest share by which it may be dearer than the cheapest possible; None where it is
            short, so that fewer gaps may be possible as well.
    """

    counts: tuple[tuple[int, ...], ...]
    cost: float
    people: int
    gaps: tuple[Gap, ...] = ()
    why: str = ""
    before: tuple[int, ...] = ()
    proven: bool = True
    dearer: float | None = 0.0


def cover(
    needed: Sequence[Sequence[int]],
    patterns: Sequence[Pattern],
    *,
    people: int | None = None,
    most_a_week: int = 5,
    when: Callable[[int, int], str] = _when,
    limit_s: float = LIMIT_S,
) -> Shifts:
    """Find the cheapest shifts.

    Args:
        needed: Agents needed, by day and interval of the day; at most a week.
        patterns: The shifts there can be. One that passes midnight works into the next day, and on the
            evening before the first day, too.
        people: How many people there are; None: as many as it takes.
        most_a_week: Shifts that one of them works at most, one a day.
        when: Says a day and an interval of it as the planner knows them.
        limit_s: How long to search, in seconds of the solver's own clock, which goes by what it did: the same
            question has the same answer.

    Raises:
        ValueError: There is no pattern, or there are more than seven days, or nothing was found in time.
    """
    if not patterns:
        raise ValueError("there is no shift pattern; give at least one")
    if len(needed) > _WEEK_DAYS:
        raise ValueError(f"{len(needed)} days are more than a week; cover one week at a time")
    task = _Task(needed, patterns, people, most_a_week)
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = limit_s
    solver.parameters.num_workers = 1
    status = solver.solve(task.model)
    if status == cp_model.UNKNOWN:
        raise ValueError(f"no shifts were found in {limit_s:g} s; give fewer kinds of shifts, or more time")
    return _told(task, solver, proven=status == cp_model.OPTIMAL, when=when)


class _Task:
    """The question as the solver takes it."""

    def __init__(
        self,
        needed: Sequence[Sequence[int]],
        patterns: Sequence[Pattern],
        people: int | None,
        most_a_week: int,
    ) -> None:
        self.needed, self.patterns = needed, patterns
        self.people, self.most_a_week = people, most_a_week
        self.model = cp_model.CpModel()
        self.a_day = max((len(day) for day in needed), default=0)
        most = max((max(day, default=0) for day in needed), default=0)
        # Day -1 is the evening before, of which only those matter who work past midnight.
        self.counts = {
            (day, place): self.model.new_int_var(0, most, f"day {day} {pattern.name}")
            for day in range(-1, len(needed))
            for place, pattern in enumerate(patterns)
            if day >= 0 or pattern.ends > self.a_day
        }
        self.short = {
            (day, interval): self._covered(day, interval, count)
            for day, agents in enumerate(needed)
            for interval, count in enumerate(agents)
            if count
        }
        self._limit()
        cents = [round(100 * patterns[place].cost) for _, place in self.counts]
        price = cp_model.LinearExpr.weighted_sum(list(self.counts.values()), cents)
        # To be short of an agent for an interval is dearer than any shifts: only where nothing else helps.
        penalty = sum(cents) * most + 1
        self.model.minimize(price + penalty * cp_model.LinearExpr.sum(list(self.short.values())))

    def _covered(self, day: int, interval: int, count: int) -> cp_model.IntVar:
        """Ask for so many in an interval; returns by how many it falls short."""
        works = [
            one
            for (begins, place), one in self.counts.items()
            if self.patterns[place].works(interval + (day - begins) * self.a_day)
        ]
        short = self.model.new_int_var(0, count, f"short {day} {interval}")
        self.model.add(cp_model.LinearExpr.sum(works) + short >= count)
        return short

    def _limit(self) -> None:
        if self.people is None:
            return
        for day in range(-1, len(self.needed)):
            shifts = [one for (begins, _), one in self.counts.items() if begins == day]
            self.model.add(cp_model.LinearExpr.sum(shifts) <= self.people)
        self.model.add(cp_model.LinearExpr.sum(list(self.counts.values())) <= self.people * self.most_a_week)


def _told(task: _Task, solver: cp_model.CpSolver, *, proven: bool, when: Callable[[int, int], str]) -> Shifts:
    values = {at: solver.value(one) for at, one in task.counts.items()}
    days = [[values.get((day, place), 0) for place in range(len(task.patterns))] for day in _days(task)]
    gaps = tuple(
        Gap(day, interval, task.needed[day][interval], task.needed[day][interval] - solver.value(one))
        for (day, interval), one in task.short.items()
        if solver.value(one)
    )
    shifts = sum(sum(day) for day in days)
    cost = sum(p.cost * n for day in days for p, n in zip(task.patterns, day, strict=True))
    least = max(solver.best_objective_bound, 1e-9)
    return Shifts(
        counts=tuple(tuple(day) for day in days[1:]),
        cost=float(cost),
        people=max(max((sum(day) for day in days), default=0), -(-shifts // task.most_a_week)),
        gaps=gaps,
        why=" ".join(_why(gaps, task, when)),
        before=tuple(days[0]) if any(days[0]) else (),
        proven=proven,
        dearer=0.0 if proven else None if gaps else solver.objective_value / least - 1.0,
    )


def _days(task: _Task) -> range:
    return range(-1, len(task.needed))


def _why(gaps: tuple[Gap, ...], task: _Task, when: Callable[[int, int], str]) -> Iterator[str]:
    """What stands in the way of covering the gaps, a sentence each."""
    patterns, people, most_a_week = task.patterns, task.people, task.most_a_week

    def works(interval: int) -> bool:
        return any(kind.works(interval) or kind.works(interval + task.a_day) for kind in patterns)

    bare = [one for one in gaps if not works(one.interval)]
    rest = [one for one in gaps if one not in bare]
    if bare:
        first = bare[0]
        at = (first.interval, first.interval + task.a_day)
        paused = any(kind.starts <= one < kind.ends for kind in patterns for one in at)
        cure = "let some have their break at another time" if paused else "add a shift that works then"
        yield (
            f"No shift works on {when(first.day, first.interval)}, when {first.needed} are needed"
            f"{_alike(len(bare))}: {cure}."
        )
    if rest:
        first = rest[0]
        yield (
            f"{people} people with at most {most_a_week} shifts a week are too few: on "
            f"{when(first.day, first.interval)} there can be {first.possible} of {first.needed}"
            f"{_alike(len(rest))}; have more people, or more shifts a week."
        )


def _alike(count: int) -> str:
    return "" if count == 1 else f", and in {count - 1} more intervals it is alike"
