"""`queuewatch report`: what went wrong, when and where, against the time before; for people and programs."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from queuewatch.cli.arguments import add_config, add_json, duration_s, moment
from queuewatch.cli.command import DONE, SUMMARIES, CannotRunError, Command
from queuewatch.cli.history import EXAMPLES_SHOWN, add_format, nothing, reading, tell, zone
from queuewatch.cli.legible import legible
from queuewatch.cli.output import print_json, print_table, progress
from queuewatch.cli.report_page import page
from queuewatch.cli.report_words import digest, findings, row_cells, span
from queuewatch.cli.settings import read_settings
from queuewatch.clock import SystemClock
from queuewatch.config import JOURNAL_FILE, Settings
from queuewatch.core.facts.events import Event
from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.past.replay import Replay
from queuewatch.core.past.report import Facts, Report, report
from queuewatch.ports import SendFailedError
from queuewatch.senders.said import duration
from queuewatch.sources.files import FORMATS, open_history
from queuewatch.sources.reading import HistoryError
from queuewatch.store.database import StoreError
from queuewatch.store.reading import read_groups

_DAY_S = 86_400.0
_WEEK_S = 7 * _DAY_S
_BEGUN_S = 6 * 3600.0
# Before the time that is reported comes the time it is held against, and before that what shows changes.
_LENGTHS = 4


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser)
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="history instead of the journal, may be packed (.gz)"
    )
    add_format(parser, list(FORMATS))
    parser.add_argument(
        "--since",
        metavar="TIME",
        type=duration_s,
        default=_WEEK_S,
        help="how much time, until now or until the files' last day ends, such as 24h or 4w (default: 7d)",
    )
    parser.add_argument("--until", metavar="MOMENT", type=moment, help="instead of now: 2026-11-23T08:00:00Z")
    parser.add_argument(
        "--timezone", default=None, metavar="ZONE", help="of hours and days; else that of [hours], else UTC"
    )
    parser.add_argument(
        "--facts",
        action="store_true",
        help="only what happened, many times as fast: no notices, alerts, vouchers and promises",
    )
    parser.add_argument("--html", metavar="FILE", type=Path, help="write one page to forward")
    parser.add_argument(
        "--slack", action="store_true", help="post the digest to [slack]; slack.digest does so every week"
    )
    parser.add_argument("--digest", action="store_true", help="print the digest alone, as Slack has it")


def _run(given: argparse.Namespace) -> int:
    settings = read_settings(given.config)
    given.timezone = given.timezone or (settings.hours.zone if settings.hours else "UTC")
    local = zone(given.timezone)
    replay, ends_at = _history(given, settings) if given.files else _journal(given, settings)
    made = report(replay, _begins_at(ends_at, given.since, local), ends_at, local)
    if given.html is not None:
        _write(given.html, page(made, local))
    if given.slack:
        asyncio.run(_post(settings, digest(made, local)))
    if given.digest:
        print(digest(made, local))
    elif given.json:
        print_json(_as_json(made))
    else:
        _print(made, local)
    return DONE


def _begins_at(ends_at: float, since_s: float, local: ZoneInfo) -> float:
    """So long before the end; whole days by the clock of the wall, which may be set in between."""
    days, rest_s = divmod(since_s, _DAY_S)
    if rest_s:
        return ends_at - since_s
    return (datetime.fromtimestamp(ends_at, UTC).astimezone(local) - timedelta(days=days)).timestamp()


def _history(given: argparse.Namespace, settings: Settings) -> tuple[Replay, float]:
    if given.format is None:
        raise CannotRunError("--format says what the files are; it goes with them")
    replay = (Facts if given.facts else Replay)(settings.rules())
    try:
        with open_history(given.files) as history:
            _, examples = tell(history, given.format, reading(given), "reading", replay.take)
    except HistoryError as error:
        raise CannotRunError(str(error)) from None
    if not replay.events:
        raise CannotRunError(nothing(given.files, given.format, examples[:EXAMPLES_SHOWN]))
    return replay, _last_midnight(replay, zone(given.timezone)) if given.until is None else given.until


def _last_midnight(replay: Replay, local: ZoneInfo) -> float:
    """When the last day of files ends: they are told of by whole days, as people speak of them.

    Of a day that has only begun when the files end there is too little to hold against a whole one.
    """
    last = datetime.fromtimestamp(replay.now, UTC).astimezone(local)
    morning = last.replace(hour=0, minute=0, second=0, microsecond=0)
    begun = (last - morning).total_seconds() < _BEGUN_S and (replay.begins_at or 0.0) < morning.timestamp()
    return (morning if begun else morning + timedelta(days=1)).timestamp()


def _journal(given: argparse.Namespace, settings: Settings) -> tuple[Replay, float]:
    path = settings.service.data_dir / JOURNAL_FILE
    ends_at = SystemClock().now() if given.until is None else given.until
    since_at = ends_at - _LENGTHS * max(given.since, _WEEK_S)
    replay = (Facts if given.facts else Replay)(settings.rules())
    try:
        with progress("reading", None) as advance:
            _take(path, since_at, replay.take, advance)
    except StoreError as error:
        raise CannotRunError(str(error)) from None
    return replay, ends_at


def _take(
    path: Path, since_at: float, take: Callable[[Event], None], advance: Callable[[float], None]
) -> None:
    for group in read_groups(path):
        if group.recorded_at < since_at:
            continue
        for recorded in group.recorded:
            take(recorded.event)
        advance(len(group.recorded))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRunError(f"{path}: cannot be written ({error.strerror}); name another file") from None


async def _post(settings: Settings, text: str) -> None:
    from queuewatch.senders import configured  # noqa: PLC0415  # brings an HTTP client, for those who post

    if settings.slack is None:
        raise CannotRunError("--slack needs the section [slack] in the config; add it")
    post = configured.poster(settings.slack, settings, SystemClock())
    try:
        await post(text)
    except SendFailedError as error:
        raise CannotRunError(f"Slack did not take the digest: {error}") from None


def _as_json(made: Report) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(made)
    for key in ("begins_at", "ends_at"):
        told[key] = rfc3339(told[key])
    if made.reach.begins_at is not None:
        told["reach"]["begins_at"] = rfc3339(made.reach.begins_at)
    told["hours"] = [
        {"weekday": weekday, "hour": hour, "contacts": contacts, "past": past}
        for (weekday, hour), (contacts, past) in made.hours.items()
    ]
    return told


def _print(made: Report, local: ZoneInfo) -> None:
    print(span(made, local))
    for sentence in findings(made, local):
        print(f"- {legible(sentence)}")
    if not made.queues:
        return
    one, two = (f"over {duration(threshold)}" for threshold in made.thresholds_s)
    header = ("", "channel", "contacts", "answered", one, "before", two, "gave up", "mean wait", "longest")
    for title, rows in (("Channels", made.channels), ("Queues, the worst first", made.queues)):
        print_table(header, [row_cells(row, compared=made.reach.before) for row in rows], title=title)


COMMAND = Command(
    name="report",
    summary=SUMMARIES["report"],
    examples=(
        "queuewatch report --since 7d --html report.html",
        "queuewatch report calls.csv.gz --format contacts-csv --since 4w --timezone Europe/Berlin",
    ),
    arguments=_arguments,
    run=_run,
)
