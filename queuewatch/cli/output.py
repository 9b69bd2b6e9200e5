"""How commands print: tables for people, plain columns for pipes, JSON for programs, and progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from queuewatch.cli.legible import legible


def print_json(value: Any) -> None:
    """Print a value as JSON; what is infinite or no number becomes null."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "", *, none: str = ""
) -> None:
    """Print a table: framed on a terminal, as plain columns elsewhere, so that no figure is cut.

    Args:
        columns: Its header.
        rows: Its cells.
        title: Stands above it.
        none: What to say in its place where there is no row.
    """
    if none and not rows:
        print(none)
        return
    # Names come from other systems: none may steer the terminal, or break a row in two.
    rows = [tuple(map(legible, row)) for row in rows]
    columns, title = tuple(map(legible, columns)), legible(title)
    console = Console()
    if not console.is_terminal or _too_wide(columns, rows, console.width):
        if title:
            print(title)
        for line in plain_lines(columns, rows):
            print(line)
        return
    table = Table(title=Text(title) if title else None, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(Text(column), justify="right" if _is_numeric(rows, place) else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _too_wide(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether figures would have to be cut in a frame; text can be folded."""
    figures = all(_is_numeric(rows, place) for place in range(1, len(columns)))
    framed = max(map(len, plain_lines(columns, rows)), default=0) + len(columns) + 3
    return figures and framed > width


def plain_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The table as aligned columns, two blanks apart: the header first, numbers to the right."""
    whole = [columns, *rows]
    whole = whole if any(columns) else whole[1:]
    widths = [max(len(row[place]) for row in whole) for place in range(len(columns))]
    right = [_is_numeric(rows, place) for place in range(len(columns))]
    return [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in whole
    ]


def _is_numeric(rows: Sequence[Sequence[str]], place: int) -> bool:
    return bool(rows) and all(
        row[place].lstrip("-< ")[:1].isdigit() or row[place] in {"", "-"} for row in rows
    )


@contextmanager
def progress(
    what: str, total: float | None, stream: TextIO | None = None
) -> Iterator[Callable[[float], None]]:
    """A progress bar on standard error, where that is a terminal; yields what to call with each step done.

    Args:
        what: What is being done, in a word or two.
        total: How many steps there are; None if nobody knows.
        stream: Standard error by default.
    """
    console = Console(file=sys.stderr if stream is None else stream)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


def seconds(value: float) -> str:
    """A duration for people: "42 s", "3 min", "4 min 5 s", "2 h 3 min"; "without end" when infinite."""
    if value == float("inf"):
        return "without end"
    if value < 9.95:  # noqa: PLR2004  # below ten seconds a tenth is worth showing
        return f"{value:.1f} s"
    whole = round(value)
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f"{whole} s"
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def percent(share: float) -> str:
    """A share for people: "12.3 %"; what is not nothing is not shown as nothing."""
    shown = f"{100 * share:.1f} %"
    return "< 0.1 %" if share > 0 and shown == "0.0 %" else shown
