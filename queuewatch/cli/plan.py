"""`queuewatch plan import`: brings agents planned per interval into the running service."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from pathlib import Path

from queuewatch.cli.arguments import add_config, add_json
from queuewatch.cli.command import DONE, FOUND_WRONG, SUMMARIES, CannotRunError, Command
from queuewatch.cli.output import print_json, print_table
from queuewatch.cli.running import add_running, own_url, post, token
from queuewatch.cli.settings import read_settings


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser)
    parser.add_argument("act", choices=("import",))
    parser.add_argument(
        "file", metavar="FILE", help="CSV: from,until,queue,agents[,site]; - is standard input"
    )
    add_running(parser)


def _run(given: argparse.Namespace) -> int:
    plan = _plan(given.file)
    shown = token(given.token_file)
    url = given.url or own_url(read_settings(given.config).http)
    taken = asyncio.run(
        post(
            f"{url.rstrip('/')}/v1/plan",
            shown,
            given.file,
            params={"by": getpass.getuser()},
            data=plan,
            headers={"Content-Type": "text/csv"},
        )
    )
    queues = taken["queues"]
    if given.json:
        print_json(taken)
    else:
        print_table(
            ("site", "queue", "rows", "from", "until"),
            [
                (one["site"], one["queue"], str(one["rows"]), one["from_at"], one["until_at"])
                for one in queues
            ],
        )
    unknown = [one["queue"] for one in queues if not one["known"]]
    if unknown:
        named = ", ".join(f'"{name}"' for name in unknown)
        sys.stderr.write(f"queuewatch: the service has never heard of {named}; mend a slip in the name\n")
    return FOUND_WRONG if unknown else DONE


def _plan(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise CannotRunError(f"{file}: {error.strerror}; mend the path or its rights") from None


COMMAND = Command(
    name="plan",
    summary=SUMMARIES["plan"],
    examples=("queuewatch plan import agents.csv --url http://127.0.0.1:8080 --token-file act.token",),
    arguments=_arguments,
    run=_run,
)
