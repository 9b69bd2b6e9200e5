"""A plan as rows: for spreadsheets that want CSV, and for programs that want JSON."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec

from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.plan.document import Plan, PlanRow, UnknownRow
from queuewatch.planning.said import is_quiet

UNKNOWN = "?"
FORMULA = frozenset("=+-@\t\r")
"""What a name may not begin with, or a spreadsheet takes it for a formula."""
_PLACE = ("queue", "site", "from", "until")
_CHANCE = "chance_past_{}"
_BY_NAME = {"chances", "crews", "crews_safe"}


def as_csv(plan: Plan) -> str:
    """One row an interval; the header says what is what, points in time as RFC 3339 and on the wall clock.

    It can be brought back as it is, or with other agents: it has what `planning.imported` asks for.
    Where nothing is known of an interval its figures are question marks, and the last column says why. Where
    nobody is expected and nobody needed the chances to wait are empty.
    """
    thresholds = next((list(row.chances) for row in plan.rows), [])
    kinds = next((list(row.crews) for row in plan.rows), [])
    fields = [name for name in PlanRow.__struct_fields__ if name not in _BY_NAME]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    crews = [f"{name}_{kind}" for name in ("agents", "agents_safe") for kind in kinds]
    writer.writerow([*_PLACE, *fields, *(_CHANCE.format(one) for one in thresholds), *crews, "unknown"])
    for row in plan.lines:
        place = [_safe(plan.queue), _safe(plan.site), *_span(row, plan.interval_s)]
        if isinstance(row, UnknownRow):
            blanks = ["" if name == "planned" else UNKNOWN for name in fields[2:]]
            told = [rfc3339(row.at), row.local, *blanks, *(UNKNOWN for _ in (*thresholds, *crews)), row.why]
            writer.writerow([*place, *told])
            continue
        values: list[Any] = [
            rfc3339(row.at) if name == "at" else "" if getattr(row, name) is None else getattr(row, name)
            for name in fields
        ]
        chances = ["" if is_quiet(row) else row.chances.get(one, "") for one in thresholds]
        each = [told[kind] for told in (row.crews, row.crews_safe) for kind in kinds]
        writer.writerow([*place, *values, *chances, *each, ""])
    return out.getvalue()


def _span(row: PlanRow | UnknownRow, interval_s: int) -> list[str]:
    """When an interval begins and ends, on the planner's clock with its offset."""
    wall = datetime.fromisoformat(row.local).replace(tzinfo=UTC).timestamp()
    zone = timezone(timedelta(seconds=wall - row.at))
    return [datetime.fromtimestamp(at, zone).isoformat() for at in (row.at, row.at + interval_s)]


def _safe(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in FORMULA else name


def as_builtins(plan: Plan) -> dict[str, Any]:
    """The plan in JSON's own types, points in time as RFC 3339."""
    told: dict[str, Any] = msgspec.to_builtins(plan)
    told["made_at"] = rfc3339(plan.made_at)
    for row in (*told["rows"], *told["unknown"]):
        row["at"] = rfc3339(row["at"])
    return told
