"""`queuewatch token`: a new access token, and the lines of config that let it in."""

from __future__ import annotations

import argparse
import json
import secrets
from typing import get_args

from queuewatch.cli.command import DONE, SUMMARIES, CannotRunError, Command
from queuewatch.config import Scope, token_hash

PREFIX = "qw_"
"""Tells people, and tools that look for leaked secrets, what a token is for."""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="new", help="who will use it, for example pbx (default: new)")
    parser.add_argument(
        "--scope",
        choices=get_args(Scope),
        action="append",
        help="what it is good for; may be given again (default: ingest)",
    )


def _run(given: argparse.Namespace) -> int:
    if not given.name:
        raise CannotRunError("--name must not be empty; write who will use it, for example pbx")
    token = PREFIX + secrets.token_urlsafe(32)
    print("The token, shown this once; its user sends with each request:")
    print()
    print(f"Authorization: Bearer {token}")
    print()
    print("For the config file, which keeps only its hash:")
    print()
    print(config_lines(given.name, tuple(dict.fromkeys(given.scope or ("ingest",))), token))
    return DONE


def config_lines(name: str, scopes: tuple[str, ...], token: str) -> str:
    """The table of the config file for this token."""
    lines = ("[[http.tokens]]", f"name = {_text(name)}", f"scopes = [{', '.join(map(_text, scopes))}]")
    return "\n".join((*lines, f"sha256 = {_text(token_hash(token))}"))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


COMMAND = Command(
    name="token",
    summary=SUMMARIES["token"],
    examples=("queuewatch token --name pbx --scope ingest",),
    arguments=_arguments,
    run=_run,
)
