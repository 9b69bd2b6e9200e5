"""`queuewatch check`: reads the config, tries what it names, and says what is wrong and how to mend it."""

from __future__ import annotations

import argparse

from queuewatch.cli.arguments import add_config, add_json
from queuewatch.cli.command import DONE, FOUND_WRONG, SUMMARIES, Command
from queuewatch.cli.output import print_json, print_table
from queuewatch.cli.probes import PROBES, Finding
from queuewatch.cli.settings import read_settings


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser)


def _run(given: argparse.Namespace) -> int:
    settings = read_settings(given.config)
    read = f"{given.config} is in order" if given.config else "no file: everything is at its default"
    findings = [Finding("ok", "config", read)]
    findings += (finding for probe in PROBES for finding in probe(settings))
    if given.json:
        print_json({"findings": findings})
    else:
        print_table(
            ("", "what", "finding"), [(finding.state, finding.what, finding.said) for finding in findings]
        )
    return FOUND_WRONG if any(finding.state == "wrong" for finding in findings) else DONE


COMMAND = Command(
    name="check",
    summary=SUMMARIES["check"],
    examples=("queuewatch check", "queuewatch check --config config/queuewatch.toml"),
    arguments=_arguments,
    run=_run,
)
