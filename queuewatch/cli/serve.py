"""`queuewatch serve`: the service, until it is told to stop."""

from __future__ import annotations

import argparse
import sys

from queuewatch import __version__, app
from queuewatch.cli.arguments import add_config
from queuewatch.cli.command import DONE, SUMMARIES, CannotRunError, Command
from queuewatch.cli.digest import composer
from queuewatch.cli.settings import read_settings
from queuewatch.logs import logger, setup


def _run(given: argparse.Namespace) -> int:
    settings = read_settings(given.config)
    setup(settings.service.log_format, settings.service.log_level)
    logger("serve").info("starting", version=__version__, config=str(given.config or "defaults"))

    async def ready(url: str) -> None:
        sys.stdout.write(f"queuewatch is ready: {url}\n")
        sys.stdout.flush()

    try:
        app.run(app.serve(settings, on_ready=ready, digest=composer(given.config, settings.zone)))
    except app.CannotStartError as error:
        raise CannotRunError(str(error)) from None
    return DONE


COMMAND = Command(
    name="serve",
    summary=SUMMARIES["serve"],
    examples=("queuewatch serve", "queuewatch serve --config config/queuewatch.toml"),
    arguments=add_config,
    run=_run,
)
