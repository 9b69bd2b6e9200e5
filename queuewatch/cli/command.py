"""What a command is: a name, a summary, examples, arguments, and the function that does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

DONE, FOUND_WRONG, COULD_NOT_RUN = 0, 1, 2
"""Exit status: done; it ran and found something wrong; it could not run."""

SUMMARIES = {
    "serve": "Run the service: take in events, show the queues, tell what was decided",
    "demo": "Watch a simulated contact centre: phone, chat and e-mail, with a queue that turns busy",
    "replay": "Run history through the same core: what happened, and what would have been decided",
    "bakeoff": "Score every wait estimator, ours and other products', on what happened in your own log",
    "estimate": (
        "Say what a queue comes to with so many agents: chance to wait, mean wait, who waits too long"
    ),
    "staff": "Find the fewest agents that meet every target",
    "forecast": "Forecast contacts and agents per interval for the days ahead, with how sure that is",
    "plan": "Bring agents planned per interval into the running service",
    "shifts": "Find the cheapest shifts that cover a plan, or what stands in the way",
    "check": "Read the config, try every connection it names, and say what is wrong and how to mend it",
    "deliveries": "Show what goes, went, or did not get out; resend or drop dead letters",
    "incentives": "Show vouchers: why each was issued or refused, who decided, whether it was used",
    "report": "Tell what went wrong, when and where, against the time before",
    "token": "Make an access token, and the lines of config that let it in",
}
"""What each command does, as help lists them: here, so that to list them none need be loaded."""


class CannotRunError(Exception):
    """The command cannot run; the text is one sentence that names file, line or key, and the cure."""


class Parser(argparse.ArgumentParser):
    """Arguments of a command; what is wrong with them is told in one sentence, not with the whole usage."""

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Raise instead of exiting.

        Raises:
            CannotRunError: Always.
        """
        raise CannotRunError(f"{message}; see {self.prog} --help")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command.

    Attributes:
        name: As typed; also the name of its file in `queuewatch/cli`.
        summary: What it does, in one line, without a full stop.
        examples: Whole command lines that work as they stand.
        arguments: Adds its arguments to the parser.
        run: Does it; returns the exit status, raises CannotRunError.
    """

    name: str
    summary: str
    examples: tuple[str, ...]
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]

    def parser(self) -> Parser:
        """The parser of this command's arguments, with the examples below its help."""
        shown = "\n".join(f"  {example}" for example in self.examples)
        parser = Parser(f"queuewatch {self.name}", f"{self.summary}.", f"example:\n{shown}")
        self.arguments(parser)
        return parser
