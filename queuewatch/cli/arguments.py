"""Kinds of arguments that several commands take; each says in words what it wants."""

from __future__ import annotations

import argparse
import math
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path

_UNITS_S = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_MANY = 1_000_000
_MOST = 1e9  # contacts an hour, or seconds (30 years): beyond, a number is a slip
_DIGITS = 20
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)")


def duration_s(text: str) -> float:
    """Seconds above 0 (and at most 30 years), written 240, 240s, 4min, 1.5h, 14d or 2w."""
    found = _DURATION.fullmatch(text.strip().lower())
    unit_s = _UNITS_S.get(found[2]) if found else None
    if found is None or unit_s is None or not 0.0 < float(found[1]) * unit_s <= _MOST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no duration above 0: write seconds (240), or 4min, 1.5h, 14d, 2w"
        )
    return float(found[1]) * unit_s


def moment(text: str) -> float:
    """A moment with its zone, such as 2026-11-23T08:00:00+01:00, as seconds since 1970 UTC."""
    at: datetime | None = None
    with suppress(ValueError):
        at = datetime.fromisoformat(text)
    if at is None or at.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no moment: write date, time and zone, such as 2026-11-23T08:00:00Z"
        )
    return at.timestamp()


def rate(text: str) -> float:
    """A number above 0 (and at most 1e9)."""
    value = _number(text)
    if not 0.0 < value <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0: write for example 120 or 7.5")
    return value


def share_below_one(text: str) -> float:
    """A share from 0 to below 1, written 0.3 or 30%."""
    value = _number(text[:-1]) / 100.0 if text.endswith("%") else _number(text)
    if not 0.0 <= value < 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to below 1: write 0.3 or 30%")
    return value


def count(text: str) -> int:
    """A whole number from 0 to a million: more people than any contact centre has."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= _MANY):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no whole number from 0 to {_MANY}: write for example 12"
        )
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config FILE`, for commands that read the config."""
    parser.add_argument(
        "--config", metavar="FILE", type=Path, help="the config file (TOML); without it, the defaults"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`, for commands that print a table."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def add_demand(parser: argparse.ArgumentParser) -> None:
    """What arrives, how long it takes, and how long customers wait: the arguments of the calculators."""
    parser.add_argument(
        "--arrivals-per-hour", metavar="A", type=rate, required=True, help="contacts that arrive in an hour"
    )
    parser.add_argument(
        "--handling",
        metavar="S",
        type=duration_s,
        required=True,
        help="mean handling time of a contact, wrap-up included: seconds, or 4min",
    )
    parser.add_argument(
        "--patience",
        metavar="S",
        type=duration_s,
        default=math.inf,
        help="mean time a customer waits before hanging up (Erlang A); without it nobody does (Erlang C)",
    )
