"""`queuewatch replay`: history through the same core; what happened, and what would have been decided."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec

from queuewatch.cli.arguments import add_config, add_json
from queuewatch.cli.command import DONE, CannotRunError, Command
from queuewatch.cli.history import add_history, nothing, reading, tell
from queuewatch.cli.output import percent, print_json, print_table, seconds
from queuewatch.cli.settings import read_settings
from queuewatch.core.replay import QueueSummary, Replay, Summary
from queuewatch.core.rules import Rules
from queuewatch.core.wire import rfc3339
from queuewatch.sources.files import History, open_history
from queuewatch.sources.reading import HistoryError, Reading


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser)
    add_history(parser)


def _run(given: argparse.Namespace) -> int:
    rules = read_settings(given.config).rules()
    how = reading(given)
    try:
        with open_history(given.files) as history:
            summary, refused, examples = _replay(history, given.format, how, rules)
    except HistoryError as error:
        raise CannotRunError(str(error)) from None
    if not summary.events:
        raise CannotRunError(nothing(given.files, given.format, examples))
    if given.json:
        print_json(_as_json(summary, refused))
    else:
        _print(summary, refused, examples)
    return DONE


def _replay(
    history: History, name: str, how: Reading, rules: Rules
) -> tuple[Summary, Counter[str], list[str]]:
    replay = Replay(rules)
    refused, examples = tell(history, name, how, "replaying", replay.take)
    return replay.summary(), refused, examples


def _as_json(summary: Summary, refused: Counter[str]) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(summary)
    for key in ("begins_at", "ends_at"):
        told[key] = None if told[key] is None else rfc3339(told[key])
    for decision in told["decisions"]:
        decision["at"] = rfc3339(decision["at"])
    return {**told, "refused": dict(refused)}


def _print(summary: Summary, refused: Counter[str], examples: list[str]) -> None:
    print(f"{summary.events} events from {_moment(summary.begins_at)} to {_moment(summary.ends_at)}")
    print_table(_HEADER, [_row(queue) for queue in summary.queues])
    print_table(
        ("queue", "turned busy", "very busy", "customers told so for"),
        [
            (
                one.queue,
                str(one.notices.get("busy", 0)),
                str(one.notices.get("very_busy", 0)),
                seconds(one.busy_s),
            )
            for one in summary.queues
        ],
        title="What would have been decided",
    )
    for reason, count in (*summary.misfits.items(), *refused.items()):
        print(f"{count} times: {reason}")
    for example in examples:
        print(f"  {example}")


_HEADER = (
    "queue",
    "channel",
    "offered",
    "answered",
    "abandoned",
    "left",
    "open",
    "mean wait",
    "90 % wait",
    "longest",
    "service level",
    "occupancy",
)


def _row(queue: QueueSummary) -> tuple[str, ...]:
    left = ", ".join(f"{count} {reason}" for reason, count in sorted(queue.left.items()))
    levels = ", ".join(f"{percent(share)} in {t} s" for t, share in queue.service_level.items())
    waits = (queue.mean_wait_s, queue.p90_wait_s, queue.longest_wait_s)
    return (
        queue.queue,
        queue.channel,
        str(queue.offered),
        str(queue.answered),
        str(queue.abandoned),
        left or "-",
        str(queue.unfinished),
        *("-" if wait is None else seconds(wait) for wait in waits),
        levels,
        "-" if queue.occupancy is None else percent(queue.occupancy),
    )


def _moment(at: float | None) -> str:
    return "-" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


COMMAND = Command(
    name="replay",
    summary="Run history through the same core: what happened, and what would have been decided",
    examples=(
        "queuewatch replay /var/log/asterisk/queue_log --format asterisk-queue-log",
        "queuewatch replay calls.csv.gz --format contacts-csv --columns contact=CallID,enqueued_at=Start",
    ),
    arguments=_arguments,
    run=_run,
)
