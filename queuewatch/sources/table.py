"""A table of text with a header: which of its columns are ours, and the cells of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from msgspec import Struct

from queuewatch.ports import Refused
from queuewatch.sources.reading import HistoryError, Lines, clip, text
from queuewatch.tables import delimiter_of, records

RowT = TypeVar("RowT")


class Columns(Struct, frozen=True):
    """What we call the columns of a kind of table: those it must have, and those it may."""

    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every one, the required first."""
        return self.required + self.optional


def rows(
    lines: Lines, own: Columns, names: Mapping[str, str], make: Callable[[dict[str, str]], RowT]
) -> Iterator[RowT | Refused]:
    """What `make` makes of the cells of each row under the header, or why a row is refused.

    Args:
        lines: The table. The delimiter is the one of `,;`, tab and `|` that its header has most of.
        own: Our columns.
        names: How the file calls ours where it is not by our name; `=x` is no column but an x in each row.
        make: Makes a row of its cells by our names; its ValueError says what is wrong with it.

    Raises:
        HistoryError: There is no header, or it lacks a required or a mapped column.
    """
    decoded = map(text, lines)
    header = next(decoded, "").removeprefix("\ufeff")
    delimiter = delimiter_of(header)
    found = [name.strip(" \"'") for name in header.split(delimiter)]
    place = _places(found, own, names, lines.name or "the table")
    fixed = {ours: theirs[1:] for ours, theirs in names.items() if theirs.startswith("=")}
    for _, fields in records((f"{line}\n" for line in decoded), delimiter):
        if isinstance(fields, str):
            yield lines.refuse("bad_row", fields)
        elif (fields and len(fields) < len(found)) or any(fields[len(found) :]):
            yield lines.refuse("bad_row", f"this row has {len(fields)} fields, the header {len(found)}")
        elif any(fields):
            cells = {ours: fields[index].strip() for ours, index in place.items()}
            try:
                yield make(cells | fixed)
            except ValueError as error:
                yield lines.refuse("bad_row", str(error))


def _places(found: list[str], own: Columns, names: Mapping[str, str], file: str) -> dict[str, int]:
    """Where each of our columns stands in the file."""
    for ours in names:
        if ours not in own.all:
            raise HistoryError(f'--columns: there is no column "{clip(ours)}"; ours are {", ".join(own.all)}')
    wanted = {ours: names.get(ours, ours) for ours in own.all}
    place = {ours: found.index(theirs) for ours, theirs in wanted.items() if theirs in found}
    missing = [
        f"{theirs} (for {ours})" if ours in names else ours
        for ours, theirs in wanted.items()
        if ours not in place and not theirs.startswith("=") and (ours in own.required or ours in names)
    ]
    if not all(name.isprintable() for name in found):
        raise HistoryError(f"{file}: this is no text; name a file that holds a table")
    if missing and not any(found):
        raise HistoryError(f"{file}: it does not begin with a header; name a file that holds a table")
    if missing:
        lacking = f"column {missing[0]} is" if len(missing) == 1 else f"columns {', '.join(missing)} are"
        raise HistoryError(
            f"{file}: {lacking} missing; the header has {clip(', '.join(filter(None, found)), 300)}; "
            "map them with --columns ours=theirs,…"
        )
    return place
