"""The cheapest shifts that cover the agents needed, by CP-SAT; or what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from ortools.sat.python import cp_model

_LIMIT_S = 20.0
_WEEK_DAYS = 7


class Pattern(Struct, frozen=True, kw_only=True):
    """A kind of shift.

    Attributes:
        name: As people call it.
        starts: First interval of the day, from 0.
        lasts: Intervals from beginning to end, breaks included.
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
        """Whether whoever has this shift works in this interval of the day."""
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
    """

    counts: tuple[tuple[int, ...], ...]
    cost: float
    people: int
    gaps: tuple[Gap, ...] = ()
    why: str = ""


def cover(
    needed: Sequence[Sequence[int]],
    patterns: Sequence[Pattern],
    *,
    people: int | None = None,
    most_a_week: int = 5,
    when: Callable[[int, int], str] = _when,
) -> Shifts:
    """Find the cheapest shifts.

    Args:
        needed: Agents needed, by day and interval of the day; at most a week.
        patterns: The shifts there can be.
        people: How many people there are; None: as many as it takes.
        most_a_week: Shifts that one of them works at most, one a day.
        when: Says a day and an interval of it as the planner knows them.

    Raises:
        ValueError: There is no pattern, or there are more than seven days.
    """
    if not patterns:
        raise ValueError("there is no shift pattern; give at least one")
    if len(needed) > _WEEK_DAYS:
        raise ValueError(f"{len(needed)} days are more than a week; cover one week at a time")
    found, gaps = _solved(needed, patterns, people, most_a_week)
    why = " ".join(_why(gaps, patterns, people, most_a_week, when))
    return _told(found, gaps, patterns, most_a_week, why)


def _solved(
    needed: Sequence[Sequence[int]], patterns: Sequence[Pattern], people: int | None, most_a_week: int
) -> tuple[tuple[tuple[int, ...], ...], tuple[Gap, ...]]:
    """People on each shift, by day and then by pattern; and what stays short."""
    most = max((max(day, default=0) for day in needed), default=0)
    model = cp_model.CpModel()
    counts = [
        [model.new_int_var(0, most, f"day {day} {pattern.name}") for pattern in patterns]
        for day in range(len(needed))
    ]
    short: dict[tuple[int, int], cp_model.IntVar] = {}
    for day, agents in enumerate(needed):
        for interval, count in enumerate(agents):
            if count:
                works = [one for one, kind in zip(counts[day], patterns, strict=True) if kind.works(interval)]
                short[day, interval] = model.new_int_var(0, count, f"short {day} {interval}")
                model.add(cp_model.LinearExpr.sum(works) + short[day, interval] >= count)
    every = [one for day in counts for one in day]
    if people is not None:
        for shifts in counts:
            model.add(cp_model.LinearExpr.sum(shifts) <= people)
        model.add(cp_model.LinearExpr.sum(every) <= people * most_a_week)
    cents = [round(100 * pattern.cost) for pattern in patterns]
    price = cp_model.LinearExpr.weighted_sum(every, cents * len(counts))
    # To be short of an agent for an interval is dearer than any shifts: gaps only where nothing else helps.
    penalty = (sum(cents) + 1) * (most + 1)
    model.minimize(price + penalty * cp_model.LinearExpr.sum(list(short.values())))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = _LIMIT_S
    solver.parameters.num_workers = 1
    solver.solve(model)
    found = tuple(tuple(solver.value(one) for one in day) for day in counts)
    gaps = tuple(
        Gap(day, interval, needed[day][interval], needed[day][interval] - solver.value(one))
        for (day, interval), one in short.items()
        if solver.value(one)
    )
    return found, gaps


def _told(
    found: tuple[tuple[int, ...], ...],
    gaps: tuple[Gap, ...],
    patterns: Sequence[Pattern],
    most_a_week: int,
    why: str,
) -> Shifts:
    shifts = sum(sum(day) for day in found)
    busiest = max((sum(day) for day in found), default=0)
    return Shifts(
        counts=found,
        cost=float(sum(p.cost * n for day in found for p, n in zip(patterns, day, strict=True))),
        people=max(busiest, -(-shifts // most_a_week)),
        gaps=gaps,
        why=why,
    )


def _why(
    gaps: tuple[Gap, ...],
    patterns: Sequence[Pattern],
    people: int | None,
    most_a_week: int,
    when: Callable[[int, int], str],
) -> Iterator[str]:
    """What stands in the way of covering the gaps, a sentence each."""
    bare = [one for one in gaps if not any(pattern.works(one.interval) for pattern in patterns)]
    rest = [one for one in gaps if one not in bare]
    if bare:
        first = bare[0]
        paused = any(pattern.starts <= first.interval < pattern.ends for pattern in patterns)
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
