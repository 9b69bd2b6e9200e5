"""The command `queuewatch`: finds the command that is meant, runs it, and ends as shells expect."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import os
import sys
from collections.abc import Sequence

from queuewatch import __version__
from queuewatch.cli.command import COULD_NOT_RUN, DONE, SUMMARIES, CannotRunError, Command, Parser
from queuewatch.cli.legible import legible

COMMANDS = tuple(SUMMARIES)
"""The commands, as help lists them. Each is the `COMMAND` of the file of its name in `queuewatch/cli`."""

_INTERRUPTED, _NOBODY_READS = 130, 141  # 128 + SIGINT, 128 + SIGPIPE: what a shell reports of them


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; what a user did wrong is told in one sentence on standard error.

    Args:
        argv: The arguments after `queuewatch`; those of the process by default.

    Returns:
        The exit status: 0 done, 1 it ran and found something wrong, 2 it could not run.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        status = _run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _give_up_stdout()
        return _NOBODY_READS
    except _mistakes() as error:
        sys.stderr.write(f"queuewatch: {legible(str(error))}\n")
        return COULD_NOT_RUN
    return status


def _mistakes() -> tuple[type[Exception], ...]:
    """What a user did wrong; asked for once something went wrong: help need not wait for the config."""
    from queuewatch.config import ConfigError  # noqa: PLC0415

    return CannotRunError, ConfigError


def load_command(name: str) -> Command:
    """The command of this name; only its own file, and what that needs, is loaded."""
    command: Command = importlib.import_module(f"queuewatch.cli.{name}").COMMAND
    return command


def _run(given: list[str]) -> int:
    try:
        if given and given[0] in COMMANDS:
            command = load_command(given[0])
            return command.run(command.parser().parse_args(given[1:]))
        _top(given)
    except SystemExit as end:  # argparse ends so after --help and --version
        return int(end.code or DONE)
    raise CannotRunError("name a command; see queuewatch --help")


def _top(given: list[str]) -> None:
    """What is not for a command: --help, --version, or a command there is not."""
    if given and not given[0].startswith("-"):
        near = difflib.get_close_matches(given[0], COMMANDS, n=1)
        cure = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
        raise CannotRunError(f'there is no command "{given[0]}"; {cure}')
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {summary}" for name, summary in SUMMARIES.items())
    parser = Parser(
        "queuewatch",
        "Watch the queues of a contact centre: waits, their chances, and what to do.",
        f"commands:\n{listed}\n\n`queuewatch COMMAND --help` explains a command.\n\n"
        "example:\n  queuewatch check",
    )
    parser.usage = "queuewatch [--version] COMMAND ..."
    parser.add_argument("--version", action="version", version=f"queuewatch {__version__}")
    parser.parse_args(given)


def _give_up_stdout() -> None:
    """Point standard output at nothing, so that Python does not complain when it flushes at the end."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
