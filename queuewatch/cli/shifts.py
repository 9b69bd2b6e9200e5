"""`queuewatch shifts`: the cheapest shifts that cover a plan, or what stands in the way."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from queuewatch.cli.arguments import add_json, count, rate
from queuewatch.cli.command import DONE, FOUND_WRONG, SUMMARIES, CannotRunError, Command
from queuewatch.cli.output import percent, print_json, print_table

if TYPE_CHECKING:
    from queuewatch.shifts.cover import Shifts

_CLOCK = r"(\d\d):(\d\d)"
_SPAN = re.compile(rf"{_CLOCK}-{_CLOCK}")
_DAYS = 7
_GAPS_SHOWN = 10
_DAY_S = 86_400


class _Row(Struct, frozen=True):
    local: str
    rostered: int
    rostered_safe: int


class _Unknown(Struct, frozen=True):
    local: str
    why: str


class _Day(Struct, frozen=True):
    day: date


class _Plan(Struct, frozen=True):
    """What is read of a plan."""

    interval_s: int
    days: list[_Day]
    rows: list[_Row]
    unknown: list[_Unknown] = []


class _Shift(Struct, frozen=True):
    """A shift as written: name, and from-until of the whole and of its breaks, seconds from midnight on."""

    name: str
    span: tuple[int, int]
    breaks: tuple[tuple[int, int], ...]


def _shift(text: str) -> _Shift:
    name, equals, spans = text.partition("=")
    found = [_SPAN.fullmatch(part) for part in spans.split("/")]
    times = [tuple(60 * (60 * int(one[a]) + int(one[a + 1])) for a in (1, 3)) for one in found if one]
    if not name or not equals or len(times) != len(found) or any(a == b or b > _DAY_S for a, b in times):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no shift: write NAME=FROM-UNTIL/BREAK, for example early=08:00-16:30/12:00-12:30 "
            "or night=22:00-06:00/02:00-02:30"
        )
    begins, ends = times[0]
    span = (begins, ends if ends > begins else ends + _DAY_S)
    breaks = tuple(_within(span, a, b) for a, b in times[1:])
    if any(not span[0] <= a < b <= span[1] for a, b in breaks):
        raise argparse.ArgumentTypeError(f"{text!r}: a break lies outside the shift; put it within")
    return _Shift(name, span, breaks)


def _within(span: tuple[int, int], begin: int, end: int) -> tuple[int, int]:
    """A break of a shift, on the day after where it comes after midnight."""
    begin += _DAY_S if begin < span[0] else 0
    end += _DAY_S if end <= begin else 0
    return begin, end


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "plan", metavar="PLAN", type=Path, help="a plan as queuewatch forecast --out plan.json has it"
    )
    parser.add_argument(
        "--shift",
        metavar="NAME=FROM-UNTIL/BREAK",
        type=_shift,
        action="append",
        required=True,
        help="a shift there can be, with its breaks; may be given again: early=08:00-16:30/12:00-12:30",
    )
    parser.add_argument(
        "--people", metavar="N", type=count, help="how many there are; else as many as it takes"
    )
    parser.add_argument(
        "--most-a-week", metavar="N", type=count, default=5, help="shifts that one works at most (default: 5)"
    )
    parser.add_argument(
        "--limit",
        metavar="S",
        type=rate,
        default=20.0,
        help="how long to search for cheaper ones, seconds (20)",
    )
    parser.add_argument("--safe", action="store_true", help="cover the plan that is enough 9 times in 10")
    add_json(parser)


def _run(given: argparse.Namespace) -> int:
    try:
        from queuewatch.shifts.cover import Pattern, cover  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        raise CannotRunError(
            f"shifts need the package {error.name}; install it with: pip install 'queuewatch[shifts]'"
        ) from None
    plan = _read(given.plan)
    length_s = plan.interval_s
    shifts: list[_Shift] = given.shift
    patterns = [Pattern(**_pattern(one, length_s)) for one in shifts]
    days = [one.day.isoformat() for one in plan.days[:_DAYS]]

    def when(day: int, interval: int) -> str:
        clock_s = interval * length_s
        return f"{_told(days[day])} at {clock_s // 3600:02}:{clock_s % 3600 // 60:02}"

    try:
        found = cover(
            _needed(plan, days, given.safe),
            patterns,
            people=given.people,
            most_a_week=max(1, given.most_a_week),
            when=when,
            limit_s=given.limit,
        )
    except ValueError as error:
        raise CannotRunError(str(error)) from None
    if given.json:
        print_json({"days": days, "shifts": [one.name for one in shifts], **msgspec.to_builtins(found)})
    else:
        _print(found, days, [one.name for one in shifts], when)
        if not found.proven:
            print(_unproven(found.dearer, given.limit))
        dark = [row for row in plan.unknown if row.local[:10] in days]
        if dark:
            why = "; ".join(sorted({row.why for row in dark}))
            print(f"{len(dark)} intervals are unknown to the plan, and no shift is made for them: {why}")
    return FOUND_WRONG if found.gaps else DONE


def _print(found: Shifts, days: list[str], shifts: list[str], when: Callable[[int, int], str]) -> None:
    rows = [(_told(day), *map(str, counts)) for day, counts in zip(days, found.counts, strict=True)]
    if found.before:
        rows.insert(0, ("the evening before", *map(str, found.before)))
    print_table(("day", *shifts), rows)
    print(f"{found.cost:.1f} hours on duty; {found.people} people can work them")
    if found.why:
        print(found.why)
    for gap in found.gaps[:_GAPS_SHOWN]:
        print(f"short on {when(gap.day, gap.interval)}: {gap.possible} of {gap.needed}")
    if len(found.gaps) > _GAPS_SHOWN:
        print(f"… and in {len(found.gaps) - _GAPS_SHOWN} more intervals")


def _told(day: str) -> str:
    """A day with that of the week, by which people plan."""
    return f"{date.fromisoformat(day):%a} {day}"


def _unproven(dearer: float | None, limit_s: float) -> str:
    """That the search ended before it was done."""
    ended = f"the search ended after {limit_s:g} s"
    if dearer is None:
        return f"{ended}: this is the best found, and fewer gaps may be possible; give it more with --limit"
    return f"{ended}: this is the best found, at most {percent(dearer)} dearer than the cheapest possible"


def _pattern(one: _Shift, length_s: int) -> dict[str, Any]:
    """The shift in intervals of the plan; one that begins or ends within an interval has all of it."""
    starts = one.span[0] // length_s
    return {
        "name": one.name,
        "starts": starts,
        "lasts": -(-one.span[1] // length_s) - starts,
        "breaks": tuple(
            place - starts
            for begin, end in one.breaks
            for place in range(begin // length_s, -(-end // length_s))
        ),
        "cost": (one.span[1] - one.span[0]) / 3600.0,
    }


def _read(path: Path) -> _Plan:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Plan)
    except OSError as error:
        raise CannotRunError(f"{path}: {error.strerror}; name a plan that can be read") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise CannotRunError(
            f"{path}: this is no plan ({error}); make one with queuewatch forecast --out plan.json"
        ) from None


def _needed(plan: _Plan, days: list[str], safe: bool) -> list[list[int]]:  # noqa: FBT001  # an argument as given
    table = {day: [0] * (_DAY_S // plan.interval_s) for day in days}
    for row in plan.rows:
        if row.local[:10] in table:
            place = (int(row.local[11:13]) * 3600 + int(row.local[14:16]) * 60) // plan.interval_s
            table[row.local[:10]][place] = row.rostered_safe if safe else row.rostered
    return list(table.values())


COMMAND = Command(
    name="shifts",
    summary=SUMMARIES["shifts"],
    examples=(
        "queuewatch shifts plan.json --shift early=08:00-16:30/12:00-12:30 --shift late=11:30-20:00",
        "queuewatch shifts plan.json --shift day=06:00-22:00 --shift night=22:00-06:00/02:00-02:30",
        "queuewatch shifts plan.json --shift day=09:00-17:00 --people 12 --most-a-week 5 --safe",
    ),
    arguments=_arguments,
    run=_run,
)
