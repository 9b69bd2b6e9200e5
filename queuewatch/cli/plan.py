"""`queuewatch plan import`: brings agents planned per interval into the running service."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from pathlib import Path
from typing import Any

import aiohttp

from queuewatch.cli.arguments import add_config, add_json
from queuewatch.cli.command import DONE, FOUND_WRONG, CannotRunError, Command
from queuewatch.cli.output import print_json, print_table
from queuewatch.cli.settings import read_settings

_PATIENCE_S = 30.0
_TOKEN = "QUEUEWATCH_TOKEN"  # noqa: S105  # where the token is, not one


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser)
    parser.add_argument("act", choices=("import",))
    parser.add_argument(
        "file", metavar="FILE", help="CSV: from,until,queue,agents[,site]; - is standard input"
    )
    parser.add_argument(
        "--url", metavar="URL", help="the running service; by default where the config has it"
    )
    parser.add_argument(
        "--token-file", metavar="F", type=Path, help=f"holds a token for acts; else it is in {_TOKEN}"
    )


def _run(given: argparse.Namespace) -> int:
    plan = _plan(given.file)
    token = _token(given.token_file)
    url = given.url
    if url is None:
        own = read_settings(given.config).http
        url = f"{'https' if own.tls_cert else 'http'}://{own.host}:{own.port}"
    taken = asyncio.run(_post(given.file, plan, url.rstrip("/"), token))
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


def _token(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get(_TOKEN)
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise CannotRunError(f"{file}: no token can be read from it; name the file that holds it") from None


async def _post(file: str, plan: bytes, url: str, token: str | None) -> dict[str, Any]:
    headers = {"Content-Type": "text/csv"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE_S)) as session,
            session.post(
                f"{url}/v1/plan", params={"by": getpass.getuser()}, data=plan, headers=headers
            ) as response,
        ):
            answer: dict[str, Any] = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise CannotRunError(
            f"{url}: the running service cannot be reached ({str(error) or 'timed out'}); name it with --url"
        ) from None
    if response.ok:
        return answer
    why = answer.get("detail", response.reason)
    if response.status in {401, 403}:
        raise CannotRunError(f"{url}: {why}; name a token for acts with --token-file or in {_TOKEN}")
    raise CannotRunError(f"{file}: {why}")


COMMAND = Command(
    name="plan",
    summary="Bring agents planned per interval into the running service",
    examples=("queuewatch plan import agents.csv --url http://127.0.0.1:8080 --token-file act.token",),
    arguments=_arguments,
    run=_run,
)
