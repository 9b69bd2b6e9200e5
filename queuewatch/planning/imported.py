"""A plan of agents as planners' tools give it: rows of from, until, queue, agents, each checked by itself."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from itertools import pairwise

from msgspec import Struct

from queuewatch.core.facts.acts import PlannedSpan
from queuewatch.planning.table import FORMULA, UNKNOWN
from queuewatch.tables import headed

REQUIRED = ("from", "until", "queue", "agents")
COLUMNS = (*REQUIRED, "site")
MOST_AGENTS = 100_000
LONGEST_S = 31 * 86_400.0
_NAMES = ("queue", "site")
_LONGEST_QUOTE = 60

Place = tuple[str, str]
"""Site and queue."""
ZoneOf = Callable[[str], tzinfo]
"""The zone of a queue's clock."""


class BadRow(Struct, frozen=True):
    """A row that cannot be used: where it stands, and one sentence with the cure."""

    where: str
    why: str


class Imported(Struct, frozen=True):
    """A plan as it was read: the spans of each queue in order, and the rows that cannot be used."""

    spans: dict[Place, list[PlannedSpan]]
    bad: list[BadRow]


class PlanFileError(ValueError):
    """It is no plan at all; the text is one sentence with the cure."""


def read_csv(written: str, zone_of: ZoneOf) -> Imported:
    """Read a plan from CSV: a header with from, until, queue, agents and perhaps site; `,`, `;`, tab or `|`.

    Times are RFC 3339, or without an offset on the clock of the queue's zone. It may be a plan that was made
    here, whose rows of which nothing is known say nothing of agents.

    Raises:
        PlanFileError: The header lacks a column.
    """
    names, found = headed(io.StringIO(written, newline=""))
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise PlanFileError(
            f"line 1: the header has no column {', '.join(missing)}; write {','.join(REQUIRED)}[,site]"
        )
    rows: list[tuple[str, dict[str, str] | str]] = []
    for line, cells in found:
        if isinstance(cells, dict):
            if cells.get("agents") == UNKNOWN:
                continue
            cells |= {name: _as_it_is(cells.get(name, "")) for name in _NAMES}
        rows.append((f"line {line}", cells))
    return read_rows(rows, zone_of)


def read_rows(rows: Iterable[tuple[str, Mapping[str, str] | str]], zone_of: ZoneOf) -> Imported:
    """Read a plan from rows, each with where it stands; of rows over one another the later ones are bad.

    A row that could not be read is what is wrong with it, as text.
    """
    told: dict[Place, list[tuple[PlannedSpan, str]]] = {}
    bad: list[BadRow] = []
    for where, cells in rows:
        try:
            place, span = _row(cells, zone_of)
        except ValueError as error:
            bad.append(BadRow(where, str(error)))
            continue
        told.setdefault(place, []).append((span, where))
    for place, spans in told.items():
        spans.sort(key=lambda one: one[0].begins_at)
        for (before, first), (after, second) in pairwise(spans):
            if after.begins_at < before.until_at:
                why = f'it and {first} speak of the same time of queue "{_clip(place[1])}"; keep one of them'
                bad.append(BadRow(second, why))
    return Imported({place: [span for span, _ in spans] for place, spans in told.items()}, bad)


def _row(cells: Mapping[str, str] | str, zone_of: ZoneOf) -> tuple[Place, PlannedSpan]:
    if isinstance(cells, str):
        raise ValueError(cells)  # noqa: TRY004  # a bad row like any other
    empty = next((name for name in REQUIRED if not cells.get(name)), None)
    if empty is not None:
        raise ValueError(f"{empty} is empty; every row needs {', '.join(REQUIRED)}")
    queue, site = cells["queue"], cells.get("site") or "default"
    for name, value in (("queue", queue), ("site", site)):
        if len(value) > 256:  # noqa: PLR2004  # as every name
            raise ValueError(f'{name} "{_clip(value)}" has more than 256 characters; write its name')
    zone = zone_of(queue)
    begins_at, until_at = _moment("from", cells["from"], zone), _moment("until", cells["until"], zone)
    if not begins_at < until_at:
        raise ValueError(f'until "{cells["until"]}" is not after from "{cells["from"]}"; put them in order')
    if until_at - begins_at > LONGEST_S:
        raise ValueError("it lasts more than 31 days; write a row per interval")
    return (site, queue), PlannedSpan(begins_at, until_at, _agents(cells["agents"]))


def _as_it_is(name: str) -> str:
    """A name without the quote that keeps spreadsheets from taking it for a formula."""
    return name[1:] if name[:1] == "'" and name[1:2] in FORMULA else name


def _moment(name: str, written: str, zone: tzinfo) -> float:
    example = "write 2026-11-23T09:00:00+01:00 or 2026-11-23 09:00"
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(f'{name} "{_clip(written)}" is no time; {example}') from None
    if not 1970 < when.year < 9998:  # noqa: PLR2004  # as every time
        raise ValueError(f'{name} "{_clip(written)}" lies outside the years 1971 to 9997; {example}')
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone)
        if when.utcoffset() != when.replace(fold=1).utcoffset():
            raise ValueError(
                f'{name} "{_clip(written)}" is when the clocks change in {zone}; write its offset too, '
                "such as 2026-10-25T02:30:00+02:00"
            )
    return when.timestamp()


def _agents(written: str) -> int:
    value = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1  # noqa: PLR2004
    if not 0 <= value <= MOST_AGENTS:
        raise ValueError(
            f'agents "{_clip(written)}" is no whole number from 0 to {MOST_AGENTS}; write one such as 12'
        )
    return value


def _clip(written: str) -> str:
    return written if len(written) <= _LONGEST_QUOTE else f"{written[:_LONGEST_QUOTE]}…"
