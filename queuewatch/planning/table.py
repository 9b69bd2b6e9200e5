"""A plan as rows: for spreadsheets that want CSV, and for programs that want JSON."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec

from queuewatch.core.plan.document import Plan
from queuewatch.core.wire import rfc3339

_CHANCE = "chance_past_{}"


def as_csv(plan: Plan) -> str:
    """One row an interval; the header says what is what, points in time as RFC 3339 and on the wall clock."""
    thresholds = list(plan.rows[0].chances) if plan.rows else []
    fields = [name for name in plan.rows[0].__struct_fields__ if name != "chances"] if plan.rows else ["at"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["queue", *fields, *(_CHANCE.format(one) for one in thresholds)])
    for row in plan.rows:
        values: list[Any] = [
            rfc3339(row.at) if name == "at" else "" if getattr(row, name) is None else getattr(row, name)
            for name in fields
        ]
        writer.writerow([_safe(plan.queue), *values, *(row.chances.get(one, "") for one in thresholds)])
    return out.getvalue()


def _safe(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in {"=", "+", "-", "@", "\t", "\r"} else name


def as_builtins(plan: Plan) -> dict[str, Any]:
    """The plan in JSON's own types, points in time as RFC 3339."""
    told: dict[str, Any] = msgspec.to_builtins(plan)
    told["made_at"] = rfc3339(plan.made_at)
    for row in told["rows"]:
        row["at"] = rfc3339(row["at"])
    return told
