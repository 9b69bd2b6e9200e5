"""What commands that read history share: which files, in what format, and how to read them."""

from __future__ import annotations

import argparse
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from queuewatch.cli.command import CannotRunError
from queuewatch.cli.legible import legible
from queuewatch.cli.output import progress
from queuewatch.core.facts.events import Event
from queuewatch.customers import Customers
from queuewatch.sources.files import FORMATS, History
from queuewatch.sources.reading import Reading

EXAMPLES_SHOWN = 3
TABLES = ("contacts-csv", "intervals-csv")
"""Formats whose columns may be mapped."""


def add_history(parser: argparse.ArgumentParser) -> None:
    """`FILE… --format F`, and what the formats leave open."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="history, may be packed (.gz); - is standard input"
    )
    add_format(parser, list(FORMATS), required=True)
    parser.add_argument(
        "--timezone", default="UTC", metavar="ZONE", help="of times that name none, such as Europe/Berlin"
    )


def add_format(parser: argparse.ArgumentParser, formats: list[str], *, required: bool = False) -> None:
    """`--format F` and `--columns`, with the formats named once, in the help's text."""
    parser.add_argument(
        "--format",
        required=required,
        choices=formats,
        metavar="F",
        help=f"what the files are: {', '.join(formats)}",
    )
    parser.add_argument(
        "--columns",
        default="",
        metavar="OURS=THEIRS,…",
        help=f"{', '.join(TABLES)}: what the file calls our columns, such as queue=Group",
    )


def reading(given: argparse.Namespace) -> Reading:
    """How to read the files, from the arguments of `add_history`.

    Raises:
        CannotRunError: There is no such time zone, or a column is not mapped as it must be, or cannot be.
    """
    if given.columns and given.format not in TABLES:
        raise CannotRunError(
            f"--columns is for {' and '.join(TABLES)}: {given.format} has no columns to map; leave it out"
        )
    # Pseudonyms are only compared within this run: a key that nobody keeps will do.
    return Reading(
        hash_customer=Customers(secrets.token_bytes(32)).pseudonym,
        zone=zone(given.timezone),
        columns=_columns(given.columns),
    )


def tell(
    history: History, name: str, how: Reading, what: str, take: Callable[[Event], None]
) -> tuple[Counter[str], list[str]]:
    """Hand over every event of the files, with a progress bar that says what is being done.

    Returns:
        What could not be read, by reason, and in full for the first few.
    """
    refused: Counter[str] = Counter()
    examples: list[str] = []
    with progress(what, history.total) as advance:
        done = 0
        for one in history.read(name, how):
            if isinstance(one, Event):
                take(one)
            else:
                refused[one.reason] += 1
                examples += [one.detail] if len(examples) < EXAMPLES_SHOWN else []
            if history.consumed > done:
                advance(history.consumed - done)
                done = history.consumed
    return refused, examples


def tell_refused(counts: Iterable[tuple[str, int]], examples: list[str]) -> None:
    """Print how often what could not be read, and the first few in full."""
    for reason, count in counts:
        print(f"{'once' if count == 1 else f'{count} times'}: {reason}")
    for example in examples:
        print(f"  {legible(example)}")


def nothing(files: list[str], name: str, examples: list[str]) -> str:
    """The sentence for files without a single event; `examples` are the first that were refused."""
    if not examples:
        return f"{', '.join(files)}: there is no event in it; name a file that holds history"
    return f"{examples[0]}; nothing in it can be read as {name}: name its own format with --format"


def zone(name: str) -> ZoneInfo:
    """The time zone of this name; raises CannotRunError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise CannotRunError(
            f'--timezone: there is no zone "{name}"; name one such as Europe/Berlin'
        ) from None


def _columns(given: str) -> dict[str, str]:
    pairs = [pair.split("=", 1) for pair in given.split(",") if pair]
    for pair in pairs:
        if len(pair) != 2 or not all(pair):  # noqa: PLR2004  # ours and theirs
            raise CannotRunError(
                f'--columns: "{"=".join(pair)}" is not ours=theirs, such as enqueued_at=StartTime'
            )
    return {ours.strip(): theirs.strip() for ours, theirs in pairs}
