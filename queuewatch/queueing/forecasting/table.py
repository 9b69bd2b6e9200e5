"""History made ready to learn from: roots, gaps filled from the day's own level, odd days given less weight.

Every method learns from this table, so that gaps, closed hours, holidays and odd days are treated once, here.
"""

from dataclasses import dataclass, replace

import numpy as np

from queuewatch.queueing.forecasting.days import ORDINARY, Bools, Days, Floats, History, Ints, rooted

CLOSED = -1
"""Role of a closed day."""

_WEEK = 7
_SEEN_ENOUGH = 0.3  # a day of which less was counted says little about the rest of it
_NEIGHBOURS = 8  # days of the same role, before and after, that a day is held against
_LEVEL_DAYS = 5  # days whose median level an odd day is held against
_ODD = 2.5  # times the usual distance from its neighbours at which a day begins to count for less
_LEAST_DISTANCE = 0.1  # where days hardly differ, none is odd for differing a little
_ORDINARY_KIND_DAYS = 1.0  # ordinary days that the effect of a kind of day is shrunk with


@dataclass(frozen=True, eq=False)
class Table:
    """Open, counted days in order of time, as roots.

    Attributes:
        number: shape (n,); days since 1970-01-01.
        role: shape (n,); the weekday each day behaves like, 0 (Monday) to 6.
        phase: shape (n,); how far into the month, [0, 1).
        roots: shape (n, intervals); √(count + ¼) without the effect of its kind of day; no gaps.
        weight: shape (n,); in (0, 1], below 1 for odd or partly counted days.
        effect: kind of special day → its factor on the roots.
    """

    number: Ints
    role: Ints
    phase: Floats
    roots: Floats
    weight: Floats
    effect: dict[int, float]

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, eq=False)
class Ahead:
    """The days to forecast, each with the role it will play.

    Attributes:
        days: the days.
        role: shape (days,); weekday it will behave like, or `CLOSED`.
    """

    days: Days
    role: Ints


def roles(days: Days, usual: Bools) -> Ints:
    """The weekday that each day behaves like.

    A day is its own weekday, but the first open day after a day that was closed out of turn (a holiday)
    behaves like the first day of the week, as everybody knows who worked on a Tuesday after Easter. Where
    the queue is open seven days a week, no day is the first.

    Args:
        days: the days.
        usual: shape (7,); weekdays on which the queue is usually open.

    Returns:
        Shape (days,): 0 (Monday) to 6, or `CLOSED`.
    """
    openers = [day for day in range(_WEEK) if usual[day] and not usual[day - 1]]
    weekday = days.weekday
    role = np.where(days.open.any(axis=1), weekday, CLOSED)
    after_holiday = False
    for index in range(len(days)):
        if role[index] == CLOSED:
            after_holiday = after_holiday or bool(usual[weekday[index]])
        else:
            if after_holiday and openers:
                role[index] = min(openers, key=lambda opener: (weekday[index] - opener) % _WEEK)
            after_holiday = False
    return role


def usually_open(days: Days) -> Bools:
    """Shape (7,): weekdays on which the queue was open at least every other time."""
    weekday = np.eye(_WEEK)[days.weekday]
    opened = np.sum(weekday[np.any(days.open, axis=1)], axis=0)
    return np.asarray(opened >= np.maximum(weekday.sum(axis=0) / 2.0, 0.5), dtype=np.bool_)


def look_ahead(past: Days, ahead: Days) -> Ahead:
    """The days to forecast with their roles, which what came before them decides.

    Raises:
        ValueError: `ahead` does not begin the day after `past` ends, or has other intervals.
    """
    return Ahead(ahead, roles(past.then(ahead), usually_open(past))[len(past) :])


def prepare(history: History) -> Table:
    """The table of a history.

    Days that were closed, or of which less than three tenths (of the contacts expected in the usual hours
    of such a day) were counted, are left out. Closed and uncounted intervals of the others are filled with
    the profile of days of the same role at the level of the day itself, so that they say nothing.
    """
    role = roles(history.days, usually_open(history.days))
    raw = np.where(history.known, rooted(np.nan_to_num(history.counts)), np.nan)
    base = _profiles(raw, role)
    expected = base[role]
    known = history.known & (role != CLOSED)[:, None]
    due = np.sum(_usual_hours(history.days, role) * expected**2, axis=1)
    share = np.minimum(np.sum(known * expected**2, axis=1) / np.maximum(due, 1e-9), 1.0)
    used = np.flatnonzero(share >= _SEEN_ENOUGH)
    level = _ratio(raw[used], expected[used], known[used])
    roots = np.where(known[used], raw[used], level[:, None] * expected[used])
    kind = history.days.kind[used]
    table = Table(
        number=history.days.number[used],
        role=role[used],
        phase=history.days.month_phase[used],
        roots=roots,
        weight=share[used],
        effect={},
    )
    near = _neighbours(table, kind == ORDINARY)
    return _discounted(_without_kinds(table, kind, near), near)


def _discounted(table: Table, near: Floats) -> Table:
    """The table with less weight on days that are much further from their neighbours than is usual."""
    distance = np.sqrt(np.mean((table.roots - near) ** 2, axis=1))
    usual = max(float(np.median(distance)), _LEAST_DISTANCE) if len(distance) else 1.0
    less = np.minimum(1.0, (_ODD * usual / np.maximum(distance, 1e-9)) ** 2)
    return replace(table, weight=table.weight * less)


def _ratio(roots: Floats, expected: Floats, known: Bools) -> Floats:
    """Shape (n,): the level of each day against what was expected, by least squares over what is known."""
    top = np.sum(np.where(known, roots, 0.0) * expected, axis=1)
    return np.asarray(top / np.maximum(np.sum(known * expected**2, axis=1), 1e-9))


def _usual_hours(days: Days, role: Ints) -> Bools:
    """Shape (days, intervals): the intervals open on at least every other day of the same role."""
    hours = np.zeros_like(days.open)
    for day in set(role.tolist()) - {CLOSED}:
        hours[role == day] = days.open[role == day].mean(axis=0) >= 0.5  # noqa: PLR2004 -- every other day
    return hours


def _profiles(raw: Floats, role: Ints) -> Floats:
    """Shape (8, intervals): the median day of each role; the last row, for closed days, is of all days."""
    everyone = _whole(_median(raw))
    profiles = np.tile(everyone, (_WEEK + 1, 1))
    for day in range(_WEEK):
        own = _median(raw[role == day])
        known = ~np.isnan(own)
        level = own[known] @ everyone[known] / (everyone[known] @ everyone[known]) if known.any() else 1.0
        profiles[day] = np.where(known, own, level * everyone)
    return profiles


def _median(rows: Floats) -> Floats:
    """Median of each column over what is known; NaN where nothing is."""
    ordered = np.sort(np.vstack([rows, np.full((1, rows.shape[1]), np.nan)]), axis=0)  # NaN sorts last
    count = np.sum(~np.isnan(ordered), axis=0)
    column = np.arange(rows.shape[1])
    middle = (ordered[np.maximum(count - 1, 0) // 2, column] + ordered[count // 2, column]) / 2
    return np.asarray(np.where(count % 2 == 1, ordered[np.maximum(count - 1, 0) // 2, column], middle))


def _whole(profile: Floats) -> Floats:
    """The profile with intervals never seen drawn straight between their neighbours."""
    known = np.flatnonzero(~np.isnan(profile))
    if not len(known):
        return np.zeros_like(profile)
    return np.asarray(np.interp(np.arange(len(profile)), known, profile[known]))


def _neighbours(table: Table, ordinary: Bools) -> Floats:
    """Shape (n, intervals): what the days around each day would make of it, without itself.

    That is the median of ordinary days of the same role (a day with fewer than two such is its own) at the
    level of the last days: one odd day does not move a median of five, but on the third day of a new level
    the new days are no longer odd.
    """
    near = _same_role(table, ordinary)
    if len(table) == 0:
        return near
    level = _ratio(table.roots, near, np.ones_like(near, dtype=bool))
    width = min(_LEVEL_DAYS, len(table))
    start = np.clip(np.arange(len(table)) - width // 2, 0, len(table) - width)
    return np.asarray(near * np.median(level[start[:, None] + np.arange(width)], axis=1)[:, None])


def _same_role(table: Table, ordinary: Bools) -> Floats:
    """Shape (n, intervals): the median of ordinary days of the same role around each day, without itself."""
    near = table.roots.copy()
    for day in range(_WEEK):
        mine = np.flatnonzero(table.role == day)
        pool = mine[ordinary[mine]]
        for index_of, others in ((pool, len(pool) - 1), (mine[~ordinary[mine]], len(pool))):
            taken = min(_NEIGHBOURS, others)
            if taken < 2 or not len(index_of):  # noqa: PLR2004 -- of one day there is no telling which is odd
                continue
            place = np.searchsorted(pool, index_of)
            itself = int(others < len(pool))
            start = np.clip(place - taken // 2, 0, len(pool) - taken - itself)
            window = start[:, None] + np.arange(taken)
            window += (window >= place[:, None]) * itself
            near[index_of] = np.median(table.roots[pool[window]], axis=1)
    return near


def _without_kinds(table: Table, kind: Ints, near: Floats) -> Table:
    """The table with each kind of special day brought to the level of ordinary days, and the effects."""
    roots, effect = table.roots.copy(), {}
    for special in sorted(set(kind.tolist()) - {ORDINARY}):
        days = np.flatnonzero(kind == special)
        levels = _ratio(roots[days], near[days], np.ones_like(roots[days], dtype=bool))
        shrunk = (levels.sum() + _ORDINARY_KIND_DAYS) / (len(days) + _ORDINARY_KIND_DAYS)
        effect[special] = max(float(shrunk), 0.01)
        roots[days] /= effect[special]
    return replace(table, roots=roots, effect=effect)
