"""The command `queuewatch`: what is said, where, and with which exit status."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import queuewatch
from queuewatch import __main__
from queuewatch.__main__ import COMMANDS, load_command, main
from queuewatch.cli.command import Command

FILES = Path(queuewatch.__file__).parent / "cli"


def test_the_table_names_every_command_there_is() -> None:
    files = {path.stem for path in FILES.glob("*.py") if "COMMAND = Command(" in path.read_text()}
    assert set(COMMANDS) == files


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_name_of_its_file_and_a_summary_in_a_line(name: str) -> None:
    command = load_command(name)
    assert command.name == name
    assert command.summary
    assert "\n" not in command.summary
    assert not command.summary.endswith(".")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_holds_examples_that_parse(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    examples = load_command(name).examples
    assert examples
    for example in examples:
        assert example in shown
        program, command, *arguments = shlex.split(example)
        assert (program, command) == ("queuewatch", name)
        load_command(name).parser().parse_args(arguments)


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in COMMANDS:
        assert f"  {name}" in shown


def test_help_waits_for_none_of_the_libraries_that_the_commands_need() -> None:
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "queuewatch", "--help"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
        cwd=FILES.parent.parent,
        text=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert "queuewatch.cli.command" in loaded
    assert not {"aiohttp", "msgspec", "numpy", "queuewatch.config", "rich"} & loaded


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"queuewatch {queuewatch.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "queuewatch: name a command; see queuewatch --help"),
        (["chek"], 'queuewatch: there is no command "chek"; did you mean check?'),
        (["xyzzy"], f'queuewatch: there is no command "xyzzy"; there are {", ".join(COMMANDS)}'),
        (["--verbose"], "queuewatch: unrecognized arguments: --verbose; see queuewatch --help"),
        (
            ["check", "--confg", "x"],
            "queuewatch: unrecognized arguments: --confg x; see queuewatch check --help",
        ),
        (
            ["check", "--config", "nowhere.toml"],
            "queuewatch: nowhere.toml: there is no such file; name the config file that there is",
        ),
        (
            ["estimate", "--arrivals-per-hour", "many", "--handling", "240", "--agents", "3"],
            (
                "queuewatch: argument --arrivals-per-hour: 'many' is no number above 0: write for example "
                "120 or 7.5; see queuewatch estimate --help"
            ),
        ),
    ],
)
def test_a_users_mistake_is_one_sentence_on_standard_error_and_status_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.err == f"{sentence}\n"
    assert said.out == ""


def a_command_that(ends: BaseException) -> Command:
    def run(_given: argparse.Namespace) -> int:
        raise ends

    return Command(name="check", summary="End", examples=(), arguments=lambda _parser: None, run=run)


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(__main__, "load_command", lambda _name: a_command_that(KeyboardInterrupt()))
    assert main(["check"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(__main__, "load_command", lambda _name: a_command_that(ZeroDivisionError("ours")))
    with pytest.raises(ZeroDivisionError):
        main(["check"])


def test_what_nobody_reads_any_more_ends_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "queuewatch", "token"],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
            cwd=Path(queuewatch.__file__).parent.parent,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")
