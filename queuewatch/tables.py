"""Tables as text: the delimiter that a header speaks for, and the records or what is wrong with them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

DELIMITERS = ",;\t|"


def delimiter_of(header: str) -> str:
    """The delimiter that a header has most of."""
    return max(DELIMITERS, key=header.count)


def records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each record's last line, from 1 on, and its fields, or what is wrong with it, as text.

    A record may span lines inside quotes, so lines are to bear their ends.
    """
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, f"this is no row of a table: {error}"
        else:
            yield reader.line_num, fields


def headed(lines: Iterable[str]) -> tuple[list[str], Iterator[tuple[int, dict[str, str] | str]]]:
    """The names in a table's header, in lower case, and its rows under it; blank ones are passed over.

    Returns:
        The names, none where there is no header; and of each row its last line, from 1 on, and its cells by
        the names, or what is wrong with it. Cells may be missing at its end.
    """
    rest = iter(lines)
    header = next(rest, "").removeprefix("\ufeff")
    found = records(chain([header], rest), delimiter_of(header))
    _, first = next(found, (1, ""))
    names = [] if isinstance(first, str) else [name.strip().lower() for name in first]
    return names, _rows(found, names)


def _rows(
    found: Iterator[tuple[int, list[str] | str]], names: list[str]
) -> Iterator[tuple[int, dict[str, str] | str]]:
    for line, fields in found:
        if isinstance(fields, str):
            yield line, fields
            continue
        cells = [field.strip() for field in fields]
        if any(cells[len(names) :]):
            yield line, f"this row has {len(cells)} fields, the header {len(names)}"
        elif any(cells):
            yield line, dict(zip(names, cells, strict=False))
