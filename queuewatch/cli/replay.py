"""`queuewatch replay`: history through the same core; what happened, and what would have been decided."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from queuewatch.cli.arguments import add_config, add_json
from queuewatch.cli.command import DONE, SUMMARIES, CannotRunError, Command
from queuewatch.cli.history import add_history, nothing, reading, tell, tell_refused
from queuewatch.cli.output import percent, print_json, print_table, seconds
from queuewatch.cli.settings import read_settings
from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.past.dryrun import COST, Day, RuleCost, kinds, spread
from queuewatch.core.past.replay import QueueSummary, Replay, Summary
from queuewatch.core.rules import Rules
from queuewatch.sources.files import History, open_history
from queuewatch.sources.reading import HistoryError, Reading


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser)
    add_history(parser)
    parser.add_argument(
        "--rules",
        metavar="FILE",
        help="a config file whose [incentives], [budget], [alerts] and [callbacks] to try in place of the "
        "config's: what they would have cost, and whom they would have reached",
    )


def _run(given: argparse.Namespace) -> int:
    rules = _rules(given)
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
        _print(summary, refused, examples, rules.budget.currency)
    return DONE


def _rules(given: argparse.Namespace) -> Rules:
    """The config's rules, with those to be tried in their place."""
    rules = read_settings(given.config).rules()
    if given.rules is None:
        return rules
    tried = read_settings(given.rules).rules()
    return replace(
        rules,
        incentives=tried.incentives,
        budget=tried.budget,
        alerts=tried.alerts,
        callbacks=tried.callbacks,
    )


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
        for key, value in decision.items():
            if isinstance(value, float) and (key == "at" or key.endswith("_at")):
                decision[key] = rfc3339(value)
    return {**told, "refused": dict(refused)}


def _print(summary: Summary, refused: Counter[str], examples: list[str], currency: str) -> None:
    print(f"{summary.events} events from {_moment(summary.begins_at)} to {_moment(summary.ends_at)}")
    print_table(_HEADER, [_row(queue) for queue in summary.queues])
    print_table(
        ("queue", "turned busy", "very busy", "customers told so for"),
        [
            (
                one.queue,
                str(one.notices.get("busy", 0)),
                str(one.notices.get("very_busy", 0)),
                seconds(one.busy_s) if one.busy_s else "-",
            )
            for one in summary.queues
        ],
        title="What would have been decided",
    )
    _print_costs(summary.incentives, currency)
    _print_days(summary.days, currency)
    tell_refused((*summary.misfits.items(), *refused.items()), examples)


def _print_costs(incentives: tuple[RuleCost, ...], currency: str) -> None:
    if not incentives:
        return
    rows = [
        (
            one.rule,
            str(one.issued),
            f"{one.value:.2f}",
            str(one.customers),
            _counted(one.reasons),
            _counted({tier: f"{value:.2f}" for tier, value in one.tiers.items()}),
            _counted(one.refused),
        )
        for one in incentives
    ]
    total = sum((one.value for one in incentives), Decimal(0))
    header = ("rule", "vouchers", "cost", "customers", "why", "cost by tier", "refused")
    print_table(header, rows, title=f"What vouchers would have cost: {total:.2f} {currency}")


def _print_days(days: tuple[Day, ...], currency: str) -> None:
    """Only what there was: a table of noughts has nothing to compare."""
    rows = [
        (name, *(f"{round(value, 1):,g}" for value in three))
        if name != COST
        else (f"{name}, {currency}", *(f"{value:,.2f}" for value in three))
        for name, three in spread(days).items()
        if any(three)
    ]
    if not rows:
        print("On no day would a notice, an alert or a voucher have been decided.")
        return
    of = "the one day" if len(days) == 1 else f"each of the {len(days)} days"
    raised = _counted(kinds(days))
    print_table(("a day", "least", "middle", "most"), rows, title=f"What {of} was like")
    print("No alert would have been raised." if raised == "-" else f"Alerts raised in all: {raised}")


def _counted(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "-"


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
    summary=SUMMARIES["replay"],
    examples=(
        "queuewatch replay /var/log/asterisk/queue_log --format asterisk-queue-log",
        "queuewatch replay calls.csv.gz --format contacts-csv --columns contact=CallID,enqueued_at=Start",
        "queuewatch replay calls.csv.gz --format contacts-csv --rules config/rules.toml",
    ),
    arguments=_arguments,
    run=_run,
)
