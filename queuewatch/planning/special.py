"""Days that the planner knows more of than the past does, as a table: date, queue, and what is special."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from queuewatch.core.plan.calendar import SpecialDay
from queuewatch.tables import headed

COLUMNS = ("date", "queue", "what", "label")
FORMS = '"closed", a factor such as 1.4, "like 2025-12-24", or nothing where the label says it all'

Special = dict[str, dict[date, SpecialDay]]
"""Special days by queue; under "" those of every queue."""


class SpecialDaysError(Exception):
    """The table cannot be used; the text is one sentence with file, line and cure."""


def read_special_days(path: Path) -> Special:
    """Read a CSV with the columns date, queue (empty: all), what, label.

    Raises:
        SpecialDaysError: It cannot be read, or a row says what cannot be.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return special_days(str(path), file)
    except UnicodeDecodeError:
        raise SpecialDaysError(f"{path}: this is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise SpecialDaysError(f"{path}: {error.strerror}; mend the path or its rights") from None


def special_days(name: str, lines: Iterable[str]) -> Special:
    """The special days of a table's lines; `name` is the file's.

    Raises:
        SpecialDaysError: A row says what cannot be.
    """
    names, rows = headed(lines)
    if not {"date", "what"} <= set(names):
        raise SpecialDaysError(
            f"{name}, line 1: the header must be {','.join(COLUMNS)} (queue, label may be missing)"
        )
    found: Special = {}
    for line, cells in rows:
        where = f"{name}, line {line}"
        if isinstance(cells, str):
            raise SpecialDaysError(
                f"{where}: {cells}; write {','.join(COLUMNS)}, in quotes what holds a comma"
            )
        day = _date(cells.get("date", ""), where)
        one = _special(cells.get("what", ""), cells.get("label", ""), where)
        found.setdefault(cells.get("queue", ""), {})[day] = one
    return found


def _date(written: str, where: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise SpecialDaysError(f'{where}: "{written}" is no date; write one such as 2026-12-24') from None


def _special(what: str, label: str, where: str) -> SpecialDay:
    word = what.lower()
    if word == "closed":
        return SpecialDay(label=label or "closed", closed=True)
    if word.startswith("like "):
        return SpecialDay(label=label or "special", like=_date(word[5:], where))
    if not word and label:
        return SpecialDay(label=label)
    try:
        factor = float(word.removeprefix("x"))
    except ValueError:
        factor = -1.0
    if not 0.0 <= factor <= 100.0:  # noqa: PLR2004  # beyond, it is a slip
        raise SpecialDaysError(f'{where}: "{what}" says nothing of a day; write {FORMS}')
    return SpecialDay(label=label or "special", factor=factor)
