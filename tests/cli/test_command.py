"""What a command is."""

from __future__ import annotations

import argparse

import pytest

from queuewatch.cli.command import CannotRunError, Command


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--speed", type=int, required=True)


COMMAND = Command(
    name="run",
    summary="Run",
    examples=("queuewatch run --speed 5",),
    arguments=arguments,
    run=lambda given: int(given.speed),
)


def test_the_help_ends_with_the_examples() -> None:
    assert COMMAND.parser().format_help().endswith("example:\n  queuewatch run --speed 5\n")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "the following arguments are required: --speed; see queuewatch run --help"),
        (["--speed", "x"], "argument --speed: invalid int value: 'x'; see queuewatch run --help"),
        (["--spe", "5"], "the following arguments are required: --speed; see queuewatch run --help"),
    ],
)
def test_wrong_arguments_raise_one_sentence_and_never_exit(given: list[str], sentence: str) -> None:
    with pytest.raises(CannotRunError) as error:
        COMMAND.parser().parse_args(given)
    assert str(error.value) == sentence
