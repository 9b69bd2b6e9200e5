"""`queuewatch deliveries`: what goes, went, or did not get out; dead letters are resent or dropped here."""

from __future__ import annotations

import argparse
import asyncio
import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import msgspec

from queuewatch.cli.arguments import add_config, add_json
from queuewatch.cli.command import DONE, SUMMARIES, CannotRunError, Command
from queuewatch.cli.output import print_json, print_table
from queuewatch.cli.running import add_running, own_url, post, token
from queuewatch.cli.settings import read_settings
from queuewatch.clock import SystemClock
from queuewatch.config import JOURNAL_FILE, Settings
from queuewatch.outgoing import OutboxState, Posted
from queuewatch.ports import JournalFailedError
from queuewatch.serve.deliveries import row
from queuewatch.store.database import InUseError, StoreError, reading
from queuewatch.store.journal import Journal
from queuewatch.store.ledger import Ledger
from queuewatch.store.outbox import Outbox, listed

_STATES: tuple[OutboxState, ...] = get_args(OutboxState)


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser)
    parser.add_argument(
        "act",
        nargs="?",
        default="list",
        choices=("list", "show", "resend", "drop"),
        help="what to do (default: list)",
    )
    parser.add_argument(
        "numbers", nargs="*", type=int, metavar="NUMBER", help="those meant, as `list` shows them"
    )
    parser.add_argument("--state", action="append", choices=_STATES, help="list: only of this state")
    parser.add_argument(
        "--limit", type=int, default=100, metavar="N", help="list: at most so many (default: 100)"
    )
    parser.add_argument(
        "--notices", action="store_true", help="resend: the notices that were refused for good, too"
    )
    add_running(parser)


def _run(given: argparse.Namespace) -> int:
    settings = read_settings(given.config)
    path = settings.service.data_dir / JOURNAL_FILE
    if given.act == "list":
        return _list(given, path)
    if not given.numbers and not given.notices:
        raise CannotRunError(f"name the deliveries to {given.act} by their numbers, as `list` shows them")
    if given.act == "show":
        return _show(given, path)
    changed = asyncio.run(_change(given, settings, path))
    done = "to be sent once more" if given.act == "resend" else "dropped"
    if given.json:
        print_json({"changed": changed})
    else:
        print(f"{changed} {done}")
    return DONE


def _list(given: argparse.Namespace, path: Path) -> int:
    rows = _read(path, given.state or (), given.limit)
    if given.json:
        print_json({"deliveries": [row(one) for one in rows]})
        return DONE
    print_table(
        ("number", "state", "sender", "what", "decided", "attempts", "why"),
        [
            (
                str(one.number),
                one.state,
                one.sender,
                one.key,
                _moment(one.decided_at),
                str(one.attempts),
                one.why,
            )
            for one in rows
        ],
        none="There are no deliveries of this kind." if given.state else "There are no deliveries yet.",
    )
    return DONE


def _show(given: argparse.Namespace, path: Path) -> int:
    found = _named(given.numbers, path)
    print_json([{**msgspec.to_builtins(row(one)), "decision": one.decision} for one in found])
    return DONE


def _named(numbers: list[int], path: Path) -> list[Posted]:
    found = [one for one in _read(path, (), -1) if one.number in numbers]
    unknown = sorted(set(numbers) - {one.number for one in found})
    if unknown:
        raise CannotRunError(
            f"{path}: there is no delivery {', '.join(map(str, unknown))}; `queuewatch deliveries` lists them"
        )
    return found


def _read(path: Path, states: tuple[OutboxState, ...], most: int) -> tuple[Posted, ...]:
    try:
        with reading(path) as database:
            return listed(database, states, most)
    except StoreError as error:
        raise CannotRunError(str(error)) from None


async def _change(given: argparse.Namespace, settings: Settings, path: Path) -> int:
    """Through the running service where there is one, else in the database itself."""
    if given.url is None:
        _named(given.numbers, path)
        try:
            journal = Journal(path, SystemClock(), lambda _group: None)
        except InUseError:
            pass  # it is asked below
        except StoreError as error:
            raise CannotRunError(str(error)) from None
        else:
            try:
                return await _here(given, journal)
            except JournalFailedError as error:
                raise CannotRunError(str(error)) from None
            finally:
                await journal.close()
    url = f"{(given.url or own_url(settings.http)).rstrip('/')}/v1/deliveries/{given.act}"
    said = {"numbers": given.numbers, "notices": given.notices, "by": getpass.getuser()}
    answer = await post(url, token(given.token_file), given.act, json=said)
    return int(answer["changed"])


async def _here(given: argparse.Namespace, journal: Journal) -> int:
    now = SystemClock().now()
    outbox = Outbox(journal)
    if given.act == "drop":
        return await outbox.drop(given.numbers, now, f"dropped by {getpass.getuser()}")
    forgotten = await Ledger(journal).forget_refused() if given.notices else 0
    return await outbox.resend(given.numbers, now) + forgotten


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


COMMAND = Command(
    name="deliveries",
    summary=SUMMARIES["deliveries"],
    examples=(
        "queuewatch deliveries list --state dead",
        "queuewatch deliveries show 17",
        "queuewatch deliveries resend 17 18",
    ),
    arguments=_arguments,
    run=_run,
)
