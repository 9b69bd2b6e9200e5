"""`queuewatch demo`: the service, and a simulated contact centre that speaks to it over HTTP."""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from msgspec import structs

from queuewatch import app
from queuewatch.cli.arguments import rate
from queuewatch.cli.command import DONE, SUMMARIES, CannotRunError, Command
from queuewatch.cli.demo_past import demo_past
from queuewatch.clock import SystemClock
from queuewatch.config import Queue, Settings
from queuewatch.config.care import IncentiveSection
from queuewatch.config.sections import QueuePlanner
from queuewatch.logs import setup
from queuewatch.simulate.demo import DEFAULT_SEED, DEFAULT_SPEED, demo_feed
from queuewatch.simulate.fastclock import FastClock
from queuewatch.simulate.scenario import demo_rules

# The show begins with what came just before it, in fast motion: then there are promises kept to be seen.
LEAD_S = 3600.0
LEAD_SPEED = 120.0
USUAL_PORT = 8080
HIGHEST_PORT = 65535


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--speed",
        type=rate,
        default=DEFAULT_SPEED,
        metavar="X",
        help=f"seconds of the centre per second of yours (default: {DEFAULT_SPEED:g})",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        metavar="N",
        help="another one plays another day (default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=None,
        metavar="P",
        help=f"where to listen (default: {USUAL_PORT}, or any that is free)",
    )


def _run(given: argparse.Namespace) -> int:
    if given.seed < 0:
        raise CannotRunError(f"--seed must be 0 or more, not {given.seed}")
    if given.port is not None and not 0 <= given.port <= HIGHEST_PORT:
        raise CannotRunError(f"--port must be from 0 to {HIGHEST_PORT}, not {given.port}")
    setup("text", "warning")
    lead_speed = max(LEAD_SPEED, given.speed)
    clock = FastClock(SystemClock(), given.speed, lead_s=LEAD_S, lead_speed=lead_speed)
    with tempfile.TemporaryDirectory(prefix="queuewatch-demo-") as folder:
        settings = _settings(Path(folder), _free_port() if given.port is None else given.port)

        async def play(url: str) -> None:
            sys.stdout.write(
                f"A simulated contact centre: its last hour in {LEAD_S / lead_speed:.0f} s, "
                f"then {given.speed:g} times real speed.\n"
                f"Wall board: {url}/\nPlanner:    {url}/planner\nMetrics:    {url}/metrics\n"
                "Whatever day it is, the centre has its Tuesday, and its weekend four days from now.\n"
                "End it with Ctrl-C.\n"
            )
            sys.stdout.flush()
            await demo_feed(url, seed=given.seed, clock=clock, live_at=clock.live_at, begin=clock.go)

        past = demo_past(clock.live_at, given.seed)
        try:
            app.run(app.serve(settings, clock=clock, on_ready=play, past=past))
        except app.CannotStartError as error:
            raise CannotRunError(str(error)) from None
    return DONE


def _settings(folder: Path, port: int) -> Settings:
    settings = Settings()
    return structs.replace(
        settings,
        service=structs.replace(settings.service, data_dir=folder),
        http=structs.replace(settings.http, port=port),
        queues={name: Queue(thresholds_s=own.thresholds_s) for name, own in demo_rules().queues.items()}
        | {name: Queue(planner=QueuePlanner(slots=3)) for name in ("chat", "chat-sales")},
        incentives=_VOUCHERS,
        budget=structs.replace(settings.budget, day=Decimal(2000), by_hand_day=Decimal(50)),
    )


# The contract's default rule: after three minutes, more for those who are customers already.
_VOUCHERS = {
    "long-wait": IncentiveSection(
        channels=("phone", "chat"), tiers=("existing",), amount=Decimal(10), unknown_customers=True
    ),
    "long-wait-others": IncentiveSection(
        channels=("phone", "chat"), tiers=("new",), amount=Decimal(5), unknown_customers=True
    ),
}


def _free_port() -> int:
    """The usual port; any free one where that is taken, so that a demo always starts."""
    with closing(socket.socket()) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", USUAL_PORT))
        except OSError:
            return 0
    return USUAL_PORT


COMMAND = Command(
    name="demo",
    summary=SUMMARIES["demo"],
    examples=("queuewatch demo", "queuewatch demo --speed 1 --seed 7 --port 8123"),
    arguments=_arguments,
    run=_run,
)
