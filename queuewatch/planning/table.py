"""A plan as rows: for spreadsheets that want CSV, and for programs that want JSON."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec

from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.plan.document import Plan, PlanRow, UnknownRow

UNKNOWN = "?"
_CHANCE = "chance_past_{}"
_BY_NAME = {"chances", "crews", "crews_safe"}


def as_csv(plan: Plan) -> str:
    """One row an interval; the header says what is what, points in time as RFC 3339 and on the wall clock.

    Where nothing is known of an interval its figures are question marks, and the last column says why.
    """
    thresholds = next((list(row.chances) for row in plan.rows), [])
    kinds = next((list(row.crews) for row in plan.rows), [])
    fields = [name for name in PlanRow.__struct_fields__ if name not in _BY_NAME]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    crews = [f"{name}_{kind}" for name in ("agents", "agents_safe") for kind in kinds]
    writer.writerow(["queue", *fields, *(_CHANCE.format(one) for one in thresholds), *crews, "unknown"])
    for row in plan.lines:
        if isinstance(row, UnknownRow):
            blanks = ["" if name == "planned" else UNKNOWN for name in fields[2:]]
            told = [rfc3339(row.at), row.local, *blanks, *(UNKNOWN for _ in (*thresholds, *crews)), row.why]
            writer.writerow([_safe(plan.queue), *told])
            continue
        values: list[Any] = [
            rfc3339(row.at) if name == "at" else "" if getattr(row, name) is None else getattr(row, name)
            for name in fields
        ]
        chances = [row.chances.get(one, "") for one in thresholds]
        each = [told[kind] for told in (row.crews, row.crews_safe) for kind in kinds]
        writer.writerow([_safe(plan.queue), *values, *chances, *each, ""])
    return out.getvalue()


def _safe(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in {"=", "+", "-", "@", "\t", "\r"} else name


def as_builtins(plan: Plan) -> dict[str, Any]:
    """The plan in JSON's own types, points in time as RFC 3339."""
    told: dict[str, Any] = msgspec.to_builtins(plan)
    told["made_at"] = rfc3339(plan.made_at)
    for row in (*told["rows"], *told["unknown"]):
        row["at"] = rfc3339(row["at"])
    return told
