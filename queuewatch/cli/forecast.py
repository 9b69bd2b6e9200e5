"""`queuewatch forecast`: contacts and agents per interval for the days ahead, with how sure that is."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable
from datetime import tzinfo
from pathlib import Path

import msgspec
from msgspec.structs import replace

from queuewatch.cli.arguments import add_config, add_json, duration_s, rate, share_below_one
from queuewatch.cli.command import DONE, SUMMARIES, CannotRunError, Command
from queuewatch.cli.history import EXAMPLES_SHOWN, add_format, nothing, reading, tell, zone
from queuewatch.cli.output import percent, print_json, print_table, progress, seconds
from queuewatch.cli.settings import read_settings
from queuewatch.clock import SystemClock
from queuewatch.config import JOURNAL_FILE, Settings
from queuewatch.core.past.gather import Gather
from queuewatch.core.plan.agents import WhatIf
from queuewatch.core.plan.document import Plan, plan
from queuewatch.core.plan.outlook import LENGTHS_S, LONGEST_DAYS, NoForecastError
from queuewatch.core.state.history import QueueHistory
from queuewatch.planning.said import target
from queuewatch.planning.setup import Setup, make_setup
from queuewatch.planning.special import SpecialDaysError, read_special_days
from queuewatch.planning.table import as_builtins, as_csv
from queuewatch.planning.workshop import UnknownQueueError, Workshop
from queuewatch.ports import Refused
from queuewatch.sources import intervals_csv
from queuewatch.sources.files import FORMATS, open_history
from queuewatch.sources.reading import HistoryError, Reading
from queuewatch.store.database import StoreError
from queuewatch.store.intervals import known_queues, read_history

_DAY_S = 86_400.0
_SUFFIXES = (".csv", ".xlsx", ".json")
_STEPS = 4


def _horizon(text: str) -> int:
    days = round(duration_s(text) / _DAY_S)
    if not 1 <= days <= LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 1 day to 8 weeks: write for example 14d")
    return days


def _interval(text: str) -> int:
    length = duration_s(text)
    if length not in LENGTHS_S:
        raise argparse.ArgumentTypeError(f"{text!r} is none of 5min, 15min, 30min and 60min")
    return int(length)


def _out(text: str) -> Path:
    path = Path(text)
    if path.suffix not in _SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text!r} ends with none of {', '.join(_SUFFIXES)}")
    return path


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--queue", metavar="Q", help="the queue, or a pool of [planner.pools]")
    parser.add_argument("--site", metavar="S", help="its site, where queues of several have one name")
    parser.add_argument(
        "--horizon", metavar="D", type=_horizon, help="how far ahead: 1d to 8w (default: 14d)"
    )
    parser.add_argument(
        "--interval", metavar="T", type=_interval, help="5min, 15min, 30min or 60min (default: 30min)"
    )
    parser.add_argument(
        "--history",
        metavar="FILE",
        action="append",
        help="history instead of the journal, may be packed (.gz); may be given again",
    )
    add_format(parser, [*FORMATS, intervals_csv.NAME])
    parser.add_argument("--timezone", metavar="ZONE", help="of the plan, and of times that name none")
    parser.add_argument(
        "--special-days",
        metavar="FILE",
        type=Path,
        help="CSV: date,queue,what,label (what: closed, 1.4, like DATE)",
    )
    parser.add_argument(
        "--volume",
        metavar="X",
        type=rate,
        default=1.0,
        help="what if so many times as many came, such as 1.2",
    )
    parser.add_argument(
        "--handling-factor",
        metavar="X",
        type=rate,
        default=1.0,
        help="what if each took so many times as long, such as 0.9",
    )
    parser.add_argument(
        "--shrinkage",
        metavar="X",
        type=share_below_one,
        help="share of the rostered time away from contacts, in place of the config's: 0.3 or 30%%",
    )
    parser.add_argument("--out", metavar="FILE", type=_out, help="write plan.csv, plan.xlsx or plan.json")
    add_json(parser)


def _run(given: argparse.Namespace) -> int:
    if given.out is not None and not given.out.parent.is_dir():
        raise CannotRunError(
            f"--out: {given.out}: No such file or directory; name a file that can be written"
        )
    settings = read_settings(given.config)
    setup = _setup(given, settings)
    try:
        name, site, pasts, now = (
            _from_files(given, setup) if given.history else _from_journal(given, settings)
        )
        made = _made(given, setup, Workshop(setup, pasts), (name, site), now)
    except (HistoryError, StoreError, NoForecastError, UnknownQueueError) as error:
        raise CannotRunError(str(error)) from None
    if given.out is not None:
        _write(given.out, made)
    if given.json:
        print_json(as_builtins(made))
    else:
        _print(made, given.out)
    return DONE


def _setup(given: argparse.Namespace, settings: Settings) -> Setup:
    own: tzinfo | None = None if given.timezone is None else zone(given.timezone)
    setup = make_setup(settings, own)
    if given.special_days is None:
        return setup
    try:
        return replace(setup, special=read_special_days(given.special_days))
    except SpecialDaysError as error:
        raise CannotRunError(f"--special-days: {error}") from None


def _from_journal(
    given: argparse.Namespace, settings: Settings
) -> tuple[str, str, Callable[[str], QueueHistory | None], float]:
    path = settings.service.data_dir / JOURNAL_FILE
    name, site = _place(given, known_queues(path), settings)
    return name, site, lambda queue: read_history(path, site, queue), SystemClock().now()


def _place(
    given: argparse.Namespace, known: Collection[tuple[str, str]], settings: Settings
) -> tuple[str, str]:
    """The queue or pool to plan, and its site."""
    here = [(site, queue) for site, queue in known if given.site in (None, site)]
    if known and not here:
        there = _listed({site for site, _ in known})
        raise CannotRunError(f'--site: nothing is remembered of "{given.site}"; there are {there}')
    name = _chosen(given.queue, sorted({queue for _, queue in here}), settings)
    pool = settings.planner.pools.get(name)
    first = name if pool is None else pool.queues[0]
    sites = [site for site, queue in here if queue == first]
    if len(sites) > 1:
        raise CannotRunError(f'--site is missing; "{first}" is at {_listed(sites)}')
    return name, sites[0] if sites else given.site or "default"


def _chosen(asked: str | None, known: list[str], settings: Settings) -> str:
    """The queue or pool to plan."""
    if not known:
        raise CannotRunError(
            f"nothing is remembered in {settings.service.data_dir} yet; name a file of the past with "
            "--history FILE --format F, or with --config FILE the config of a service that has run for days"
        )
    listed = _listed({*known, *settings.planner.pools})
    if asked is None:
        if len(known) != 1:
            raise CannotRunError(f"--queue is missing; there are {listed}")
        return known[0]
    if asked not in known and asked not in settings.planner.pools:
        raise CannotRunError(f'--queue: nothing is remembered of "{asked}"; there are {listed}')
    return asked


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names))


def _from_files(
    given: argparse.Namespace, setup: Setup
) -> tuple[str, str, Callable[[str], QueueHistory | None], float]:
    if given.format is None:
        raise CannotRunError("--history needs --format; see queuewatch forecast --help")
    given.timezone = given.timezone or str(getattr(setup.zone, "key", "UTC"))
    how = reading(given)
    read = _intervals if given.format == intervals_csv.NAME else _events
    pasts, examples = read(given, setup, how)
    if not pasts:
        raise CannotRunError(nothing(given.history, given.format, examples))
    name, own = _place(given, pasts, setup.settings)
    found = {queue: past for (site, queue), past in pasts.items() if site == own}
    now = max(past.until for past in found.values())
    # All end together: what one queue's last contact leaves open, another one's tells.
    ended = {queue: _replace_until(past, now) for queue, past in found.items()}
    return name, own, ended.get, now


def _replace_until(past: QueueHistory, until: float) -> QueueHistory:
    """The past, known up to `until`."""
    return replace(past, until=max(past.until, until))


Read = tuple[dict[tuple[str, str], QueueHistory], list[str]]


def _intervals(given: argparse.Namespace, _setup: Setup, how: Reading) -> Read:
    rows: list[intervals_csv.IntervalRow] = []
    examples: list[str] = []
    with open_history(given.history) as history, progress("reading", history.total) as advance:
        for lines in history.lines():
            for one in intervals_csv.read(lines, how):
                if isinstance(one, Refused):
                    examples += [one.detail] if len(examples) < EXAMPLES_SHOWN else []
                else:
                    rows.append(one)
            advance(history.consumed)
    found = intervals_csv.histories(rows) if rows else {}
    return {(given.site or "default", queue): past for queue, past in found.items()}, examples


def _events(given: argparse.Namespace, setup: Setup, how: Reading) -> Read:
    gather = Gather(setup.rules)
    with open_history(given.history) as history:
        _, examples = tell(history, given.format, how, "reading", gather.take)
    return gather.histories(), examples


def _made(
    given: argparse.Namespace, setup: Setup, shop: Workshop, place: tuple[str, str], now: float
) -> Plan:
    planner = setup.settings.planner
    name, site = place
    length_s = given.interval or planner.interval_min * 60
    horizon_days = given.horizon or planner.horizon_days
    change = WhatIf(volume=given.volume, handling=given.handling_factor, shrinkage=given.shrinkage)
    with progress("planning", _STEPS) as advance:
        outlook = shop.outlook(name, length_s, horizon_days, now)
        advance(2)
        try:
            made = shop.plan(name, outlook, change)
        except ValueError as error:
            raise CannotRunError(str(error)) from None
        advance(1)
        back = shop.look_back(name, length_s, now)
        advance(1)
    members = shop.members(name)
    return plan(site, name, made, back, queues=members if len(members) > 1 else ())


def _write(path: Path, made: Plan) -> None:
    try:
        match path.suffix:
            case ".csv":
                path.write_text(as_csv(made), encoding="utf-8", newline="")
            case ".xlsx":
                from queuewatch.planning.xlsx import as_xlsx  # noqa: PLC0415  # workbooks are seldom asked for

                path.write_bytes(as_xlsx(made))
            case _:
                path.write_bytes(msgspec.json.format(msgspec.json.encode(as_builtins(made)), indent=2))
    except OSError as error:
        raise CannotRunError(f"--out: {path}: {error.strerror}; name a file that can be written") from None


def _print(made: Plan, out: Path | None) -> None:
    print_table(
        ("day", "", "contacts", "8 times in 10", "agent hours", "to be safe", "most agents", "to be safe"),
        [_day_row(made, index) for index in range(len(made.days))],
        title=f"{made.queue}, every {made.interval_s // 60} min, {made.zone}",
    )
    told = made.assumptions
    error = (
        "" if told.tested_wape is None else f", off by {percent(told.tested_wape)} per interval in the trial"
    )
    print(f"method: {told.method}; {told.known_days} days known{error}")
    if told.unknown_share:
        print(f"{percent(told.unknown_share)} of the open past was not counted by anybody, and is left out")
    if told.hours_guessed:
        print("the opening hours are guessed from the past; write them into [hours]")
    if told.borrowed is not None:
        print(f"there is little past: the profile is that of {told.borrowed}")
    patience = "nobody hangs up" if told.patience_s is None else f"mean patience {seconds(told.patience_s)}"
    if made.channel != "email":
        kept = ", ".join(target(one) for one in told.targets)
        print(f"kept: {kept}; {patience}; shrinkage {percent(told.shrinkage)}")
    if made.promise.text:
        print(made.promise.text)
    if told.short_intervals:
        print(f"{told.short_intervals} intervals miss a target with all agents of every kind that there are")
    for one in made.accuracy:
        if one.wape is not None:
            print(_accuracy(one.lead_days, one.wape, one.cover_80))
    if out is not None:
        print(f"written to {out}")


def _accuracy(lead_days: int, wape: float, cover_80: float | None) -> str:
    when = "a day" if lead_days == 1 else "a week"
    inside = "" if cover_80 is None else f"; {percent(cover_80)} of the intervals came inside the 80 % range"
    return f"last week, told {when} ahead: off by {percent(wape)} per interval{inside}"


def _day_row(made: Plan, index: int) -> tuple[str, ...]:
    day = made.days[index]
    rows = [row for row in made.rows if row.local.startswith(day.day)]
    most_agents = (
        max((row.agents for row in rows), default=0),
        max((row.agents_safe for row in rows), default=0),
    )
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day.weekday]
    return (
        f"{weekday} {day.day}",
        day.note,
        "?" if day.contacts is None else f"{day.contacts:.0f}",
        "?" if day.low_80 is None or day.high_80 is None else f"{day.low_80:.0f} to {day.high_80:.0f}",
        *("?" if hours is None else f"{hours:.1f}" for hours in (day.agent_hours, day.agent_hours_safe)),
        *("?" if day.contacts is None else str(most) for most in most_agents),
    )


COMMAND = Command(
    name="forecast",
    summary=SUMMARIES["forecast"],
    examples=(
        "queuewatch forecast --queue sales --horizon 14d --interval 30min --out plan.xlsx",
        "queuewatch forecast --history calls.csv --format contacts-csv --queue support --horizon 4w",
    ),
    arguments=_arguments,
    run=_run,
)
