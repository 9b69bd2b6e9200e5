"""A plan as planners get it, whatever the medium: intervals, days, what it rests on, how good it was."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
from msgspec import Struct

from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.accuracy import Accuracy
from queuewatch.core.plan.agents import SAFE, Staffed, handling_s, patience_s
from queuewatch.core.plan.luck import Luck, luck_of
from queuewatch.queueing.forecasting.days import Floats
from queuewatch.queueing.staffing import IntArray

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class PlanRow(Struct, frozen=True, kw_only=True):
    """One interval.

    Attributes:
        at: When it begins, seconds since the epoch.
        local: The same on the planner's clock, `2026-11-23 09:00`.
        contacts: Expected.
        low_80, high_80, low_95, high_95: Four times in five, 19 times in 20, it will be between.
        handling_s: Mean handling time, seconds.
        agents: At work, if it comes as expected.
        agents_safe: Enough nine times in ten.
        rostered, rostered_safe: The same with shrinkage.
        chances: P(wait > threshold) by threshold (seconds, as text); empty for e-mail.
        past: Contacts that will wait longer than the last threshold.
        past_one_fewer, past_one_more: The same with an agent fewer, or more, and with whom the line that is
            left over makes wait so long in later intervals of the day.
        occupancy: Share of their time that agents spend on contacts.
        waiting_at_end: Contacts in line when it ends.
        holds, holds_safe: How often the targets of the waits hold in this one interval, on days as chance has
            them, with `agents` or `agents_safe`; None where too little lies ahead to tell.
        planned: Agents that a plan was brought in for; None where there is none.
        crews, crews_safe: `agents` and `agents_safe` by kind of agent, where queues share some of them.
    """

    at: float
    local: str
    contacts: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float
    handling_s: float
    agents: int
    agents_safe: int
    rostered: int
    rostered_safe: int
    chances: dict[str, float]
    past: float | None
    past_one_fewer: float | None
    past_one_more: float | None
    occupancy: float
    waiting_at_end: float
    holds: float | None = None
    holds_safe: float | None = None
    planned: int | None = None
    crews: dict[str, int] = {}
    crews_safe: dict[str, int] = {}


class UnknownRow(Struct, frozen=True, kw_only=True):
    """One interval of which nothing can be said: neither how many come, nor that nobody does.

    Attributes:
        at: When it begins, seconds since the epoch.
        local: The same on the planner's clock.
        why: What is missing, a sentence.
    """

    at: float
    local: str
    why: str


class PlanDay(Struct, frozen=True, kw_only=True):
    """One day. `note` says why it is special, unknown or `closed`.

    The figures are None where nothing is known of the day; of one known in part, they are of that part.
    """

    day: str
    weekday: int
    note: str
    contacts: float | None
    low_80: float | None
    high_80: float | None
    agent_hours: float | None
    agent_hours_safe: float | None


class Assumptions(Struct, frozen=True, kw_only=True):
    """What a plan rests on, in figures.

    Attributes:
        method: What the forecast is made by, chosen by trying all on the past.
        known_days: Days of the past with counts.
        unknown_share: Share of the open past that nobody counted.
        tested_wape: Error of the method in the trial on the past.
        hours_guessed: Nobody told the opening hours; they are as the past has it.
        borrowed: The queue whose profile is borrowed.
        patience_s: Mean patience; None: nobody is taken to hang up.
        handling_contacts: Contacts that the handling time rests on.
        shrinkage: Share of the rostered time not at work.
        slots: Contacts an agent handles at a time.
        targets: What is kept.
        safe: How often the safe plan is enough.
        short_intervals: How many intervals miss a target with all agents of every kind that there are.
    """

    method: str
    known_days: int
    unknown_share: float
    tested_wape: float | None
    hours_guessed: bool
    borrowed: str | None
    patience_s: float | None
    handling_contacts: int
    shrinkage: float
    slots: int
    targets: tuple[str, ...]
    safe: float = SAFE
    short_intervals: int = 0


class Promised(Struct, frozen=True, kw_only=True):
    """What the plan promises, over all intervals in which contacts are expected.

    The targets hold on average; how often they hold in a single interval is another matter.

    Attributes:
        text: The same in words.
        contacts: Expected in an interval, their mean.
        holds, holds_safe: Mean of those of the rows; None where no row has any.
    """

    text: str
    contacts: float
    holds: float | None
    holds_safe: float | None


class Plan(Struct, frozen=True, kw_only=True):
    """Forecast and staffing of one queue, or of several that share agents."""

    site: str
    queue: str
    channel: Channel
    made_at: float
    zone: str
    interval_s: int
    days: tuple[PlanDay, ...]
    rows: tuple[PlanRow, ...]
    assumptions: Assumptions
    promise: Promised
    unknown: tuple[UnknownRow, ...] = ()
    accuracy: tuple[Accuracy, ...] = ()
    queues: tuple[str, ...] = ()

    @property
    def lines(self) -> list[PlanRow | UnknownRow]:
        """Known and unknown intervals, in the order of time."""
        every: list[PlanRow | UnknownRow] = [*self.rows, *self.unknown]
        return sorted(every, key=lambda one: one.at)


def plan(
    site: str,
    queue: str,
    one: Staffed,
    accuracy: tuple[Accuracy, ...] = (),
    *,
    scheduled: dict[int, int] | None = None,
    queues: tuple[str, ...] = (),
) -> Plan:
    """Write a staffing down.

    Args:
        site: The site.
        queue: The queue, or the name of those that share agents.
        one: Its staffing.
        accuracy: How good the last forecasts were.
        scheduled: Agents of a plan that was brought in, by the beginning of each interval.
        queues: Those that share the agents.
    """
    outlook = one.outlook
    zone = outlook.calendar.zone
    rows = _rows(one, scheduled or {}, luck_of(one))
    return Plan(
        site=site,
        queue=queue,
        channel=one.needs.channel,
        made_at=outlook.made_at,
        zone=getattr(zone, "key", None) or str(zone),
        interval_s=outlook.length_s,
        days=_days(one),
        rows=rows,
        unknown=_unknown(one),
        assumptions=_assumptions(one),
        promise=_promised(rows, one),
        accuracy=accuracy,
        queues=queues,
    )


def _rows(one: Staffed, scheduled: dict[int, int], luck: Luck) -> tuple[PlanRow, ...]:
    outlook, needs = one.outlook, one.needs
    mean, (low_80, high_80), (low_95, high_95) = outlook.mean, outlook.range(0.8), outlook.range(0.95)
    rostered, rostered_safe = one.rostered(one.agents), one.rostered(one.agents_safe)
    handling = handling_s(outlook, needs)
    # Of several queues that of the one that is worst off.
    held, held_safe = luck.held.min(axis=0), luck.held_safe.min(axis=0)
    rows = []
    for index in range(len(outlook)):
        for begin, cell in outlook.cells(index):
            at = (index, cell)
            if outlook.unknown[at] or not (outlook.said.days.open[at] or one.agents[at]):
                continue
            over = {
                f"{threshold:g}": float(one.over[which][at])
                for which, threshold in enumerate(needs.thresholds_s)
            }
            rows.append(
                PlanRow(
                    at=float(begin),
                    local=_local(begin, one),
                    contacts=_tidy(mean[at]),
                    low_80=_tidy(low_80[at]),
                    high_80=_tidy(high_80[at]),
                    low_95=_tidy(low_95[at]),
                    high_95=_tidy(high_95[at]),
                    handling_s=_tidy(handling[at]),
                    agents=int(one.agents[at]),
                    agents_safe=int(one.agents_safe[at]),
                    rostered=int(rostered[at]),
                    rostered_safe=int(rostered_safe[at]),
                    chances={t: round(p, 4) for t, p in over.items() if not math.isnan(p)},
                    past=_known(one.past[at]),
                    past_one_fewer=_known(one.past_fewer[at]),
                    past_one_more=_known(one.past_more[at]),
                    occupancy=round(float(one.occupancy[at]), 4),
                    waiting_at_end=_tidy(one.left_over[at]),
                    holds=_known(held[at]),
                    holds_safe=_known(held_safe[at]),
                    planned=scheduled.get(begin),
                    crews=_crews(one, one.crews, at),
                    crews_safe=_crews(one, one.crews_safe, at),
                )
            )
    return tuple(rows)


def _crews(one: Staffed, crews: IntArray, at: tuple[int, int]) -> dict[str, int]:
    return {name: int(crews[(place, *at)]) for place, name in enumerate(one.kinds)}


def _unknown(one: Staffed) -> tuple[UnknownRow, ...]:
    outlook = one.outlook
    return tuple(
        UnknownRow(at=float(begin), local=_local(begin, one), why=_why(one, index))
        for index in range(len(outlook))
        for begin, cell in outlook.cells(index)
        if outlook.unknown[index, cell]
    )


def _why(one: Staffed, index: int) -> str:
    weekday = one.outlook.day(index).weekday()
    name = WEEKDAYS[weekday]
    if not one.outlook.weekdays[weekday]:
        return f"no history of {name}s yet"
    return f"too little history of {name}s at this time"


def _local(at: float, one: Staffed) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(one.outlook.calendar.zone).strftime("%Y-%m-%d %H:%M")


def _tidy(value: float) -> float:
    return round(float(value), 2) + 0.0  # no -0.0


def _known(value: float) -> float | None:
    return None if math.isnan(value) else _tidy(value)


def _days(one: Staffed) -> tuple[PlanDay, ...]:
    outlook = one.outlook
    low, middle, high = (outlook.totals(probability) for probability in (0.1, 0.5, 0.9))
    nothing = outlook.unknown.any(axis=1) & ~outlook.said.days.open.any(axis=1)
    dark: list[bool] = (nothing & (one.agents == 0).all(axis=1)).tolist()
    return tuple(
        PlanDay(
            day=outlook.day(index).isoformat(),
            weekday=outlook.day(index).weekday(),
            note=_note(one, index),
            contacts=None if dark[index] else _tidy(middle[index]),
            low_80=None if dark[index] else _tidy(low[index]),
            high_80=None if dark[index] else _tidy(high[index]),
            agent_hours=None if dark[index] else _hours(one.agents[index], one),
            agent_hours_safe=None if dark[index] else _hours(one.agents_safe[index], one),
        )
        for index in range(len(outlook))
    )


def _note(one: Staffed, index: int) -> str:
    special, gap = _special(one, index), ""
    if one.outlook.unknown[index].any():
        # `closed` would be a guess as well.
        special = "" if special == "closed" else special
        name = WEEKDAYS[one.outlook.day(index).weekday()]
        seen = one.outlook.weekdays[one.outlook.day(index).weekday()]
        gap = f"too little history of {name}s at some times" if seen else _why(one, index)
    return "; ".join(part for part in (special, gap) if part)


def _special(one: Staffed, index: int) -> str:
    calendar, day = one.outlook.calendar, one.outlook.day(index)
    name = calendar.holidays.get(day, "")
    told = calendar.special.get(day)
    if not calendar.spans(day):
        return f"closed: {name}" if name else "closed"
    if told is None:
        return name
    if told.like is not None:
        return f"{told.label}, like {told.like.isoformat()}"
    return told.label if told.factor is None else f"{told.label}, x {told.factor:g}"


def _hours(agents: Floats | np.ndarray[tuple[int, ...], np.dtype[np.int64]], one: Staffed) -> float:
    return _tidy(float(agents.sum()) * one.outlook.length_s / 3600.0)


_INTERVALS = {300: "five minutes", 900: "quarter of an hour", 1800: "half hour", 3600: "hour"}


def _promised(rows: tuple[PlanRow, ...], one: Staffed) -> Promised:
    busy = [row for row in rows if row.contacts > 0.0]
    told = [
        (row.holds, row.holds_safe) for row in busy if row.holds is not None and row.holds_safe is not None
    ]
    contacts = float(np.mean([row.contacts for row in busy])) if busy else 0.0
    if not told:
        return Promised(text="", contacts=_tidy(contacts), holds=None, holds_safe=None)
    holds, holds_safe = np.mean(told, axis=0).tolist()
    return Promised(
        text=_in_words(one, contacts, holds, holds_safe),
        contacts=_tidy(contacts),
        holds=round(holds, 3),
        holds_safe=round(holds_safe, 3),
    )


def _in_words(one: Staffed, contacts: float, holds: float, holds_safe: float) -> str:
    length = _INTERVALS[one.outlook.length_s]
    often = f"in {100 * holds:.0f} % of cases, with the agents to be safe in {100 * holds_safe:.0f} %"
    if one.needs.channel == "email":
        return (
            f"All e-mails of a single {length} with about {contacts:.3g} expected are done in time {often}."
        )
    whose = "each queue's targets" if one.kinds else "the targets"
    return (
        f"If days come as expected the targets hold on average. In a single {length} with about "
        f"{contacts:.3g} expected contacts {whose} hold {often}: so few contacts are luck, and some days are "
        "busier."
    )


def _assumptions(one: Staffed) -> Assumptions:
    outlook, needs = one.outlook, one.needs
    patience = patience_s(outlook, needs)
    email = needs.channel == "email"
    deadline = f"done within {needs.deadline_s / 3600.0:g} open hours"
    occupancy = f"occupancy<={needs.occupancy:g}"
    return Assumptions(
        method=" + ".join(f"({name})" for name in outlook.learned.members),
        known_days=outlook.known_days,
        unknown_share=round(outlook.unknown_share, 4),
        tested_wape=None if outlook.tested_wape is None else round(outlook.tested_wape, 4),
        hours_guessed=outlook.hours_guessed,
        borrowed=outlook.borrowed,
        patience_s=None if math.isinf(patience) or email else round(patience, 1),
        handling_contacts=outlook.service.contacts,
        shrinkage=needs.shrinkage,
        slots=needs.slots,
        targets=(deadline, occupancy) if email else tuple(str(target) for target in needs.targets),
        short_intervals=int(one.short.sum()),
    )
