"""What a command is: a name, a summary, examples, arguments, and the function that does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

DONE, FOUND_WRONG, COULD_NOT_RUN = 0, 1, 2
"""Exit status: done; it ran and found something wrong; it could not run."""


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
