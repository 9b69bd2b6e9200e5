"""`queuewatch bakeoff`: every wait estimator, ours and other products', scored on what really happened."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import datetime
from math import isnan
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from queuewatch.cli.arguments import add_config, add_json, duration_s
from queuewatch.cli.bakeoff_page import page, today
from queuewatch.cli.command import DONE, FOUND_WRONG, SUMMARIES, CannotRunError, Command
from queuewatch.cli.history import add_history, nothing, reading, tell, tell_refused, zone
from queuewatch.cli.output import percent, print_json, print_table
from queuewatch.cli.settings import read_settings
from queuewatch.core.estimate.others import AVERAGE, PRODUCTS
from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.trust.bakeoff import Bakeoff, Result
from queuewatch.core.trust.scoring import Score
from queuewatch.sources.files import open_history
from queuewatch.sources.reading import HistoryError

# By what rule those who write such logs announce waits.
_ANNOUNCED = {"asterisk-queue-log": "asterisk"}
BY_THRESHOLD = ("brier", "brier_offered", "skill")


_LEGEND = f"""Of all contacts: Brier, the chance told to wait over so many seconds against what happened,
squared: 0 is perfect, always saying 50 % has 0.25; skill, the share of it that is saved against
{AVERAGE}. Of those answered, in seconds: RMSE, MAE, bias (told less waited: under 0 it told
too little), pinball of the median and of the 90 % quantile. in 80 %: waits inside the 80 % range, so 80 %
is right. kept 90: waits no longer than what should hold 9 times in 10, so 90 % is right; of a rule without
a range, no longer than its number."""


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser)
    add_history(parser)
    parser.add_argument(
        "--sites",
        choices=("pooled", "queue"),
        default="queue",
        help="which queues share agents: pooled, all of a site stand in one line before one crew; "
        "queue (default), each has its own",
    )
    parser.add_argument(
        "--score-from",
        metavar="T",
        help="score contacts from this time on, such as 2026-11-15 or 2026-11-15T08:00:00+01:00; "
        "all are learned from",
    )
    parser.add_argument(
        "--every",
        metavar="S",
        type=duration_s,
        help="ask also so often while somebody waits, such as 30s; scored in a table of its own",
    )
    parser.add_argument(
        "--announced",
        metavar="RULE",
        choices=sorted(PRODUCTS),
        help="by which rule waits are announced today, as the table calls it, to be held against ours "
        "(asterisk-queue-log: asterisk)",
    )
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a report to forward, as one page")


def _run(given: argparse.Namespace) -> int:
    rules = read_settings(given.config).rules()
    how = reading(given)
    local = zone(given.timezone)
    score_from = None if given.score_from is None else _moment(given.score_from, local)
    bakeoff = Bakeoff(
        rules,
        pooled=given.sites == "pooled",
        score_from=float("-inf") if score_from is None else score_from,
        every_s=given.every,
    )
    try:
        with open_history(given.files) as history:
            refused, examples = tell(history, given.format, how, "estimating", bakeoff.take)
    except HistoryError as error:
        raise CannotRunError(str(error)) from None
    if not bakeoff.events:
        raise CannotRunError(nothing(given.files, given.format, examples))
    result = bakeoff.result(lambda at: datetime.fromtimestamp(at, local).hour)
    announced = given.announced or _ANNOUNCED.get(given.format)
    if given.html is not None:
        _write(given.html, page(result, local, score_from, announced))
    if given.json:
        print_json(as_json(result, score_from, refused) | {"announced": announced})
    else:
        _print(result, refused, examples, announced)
    return DONE if result.waited else FOUND_WRONG


def _moment(text: str, local: ZoneInfo) -> float:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise CannotRunError(
            f'--score-from: "{text}" is no time; write for example 2026-11-15 or 2026-11-15T08:00:00+01:00'
        ) from None
    return (when if when.tzinfo else when.replace(tzinfo=local)).timestamp()


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRunError(f"--html: {path}: {error.strerror}; name a file that can be written") from None


def as_json(result: Result, score_from: float | None, refused: Counter[str]) -> dict[str, Any]:
    """The result in the metrics' words: one object an estimator, a key for each score and threshold."""
    return {
        "estimators": [_flat(one) for one in result.scores],
        "while_waiting": [_flat(one) for one in result.while_waiting],
        "ours": result.ours,
        "score_from": None if score_from is None else rfc3339(score_from),
        "contacts": result.waited,
        "contacts_past_threshold": result.past,
        "reliability": msgspec.to_builtins(result.reliability),
        "hours": msgspec.to_builtins(result.hours),
        "queues": msgspec.to_builtins(result.queues),
        "events": result.events,
        "refused": dict(refused),
    }


def _flat(score: Score) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(score)
    for name in BY_THRESHOLD:
        for threshold, value in told.pop(name).items():
            told[f"{name}_{threshold}"] = value
    return told


def _print(result: Result, refused: Counter[str], examples: list[str], announced: str | None) -> None:
    if not result.waited:
        print("Nobody had to wait in it, or nobody's wait ended: there is nothing to score.")
    else:
        marks = {result.ours: " *"} | ({announced: " <"} if announced else {})
        _print_scores(result.scores, marks, _title(result))
        _print_offered(result.scores, marks)
        if result.while_waiting:
            _print_scores(result.while_waiting, marks, "Asked again while they waited")
        print(f"* ours. {_LEGEND}")
        if announced:
            print(f"< {_today(result, announced)}")
    tell_refused(refused.items(), examples)


def _title(result: Result) -> str:
    """Of how many contacts the table speaks: of those answered its errors, of all its chances."""
    had = "1 contact" if result.waited == 1 else f"{result.waited:,} contacts"
    answered = max(one.answered for one in result.scores)
    longer = ", ".join(f"{number:,} longer than {over} s" for over, number in result.past.items())
    return f"{had} had to wait, {longer}; {answered:,} were answered. Asked as they joined"


def _today(result: Result, announced: str) -> str:
    """What is announced today, and how many of our promises would have been kept."""
    said = today(result, announced)
    ours = next((one for one in result.scores if one.estimator == result.ours), None)
    if not said or ours is None:
        return "announced today."
    return f"{said} Of 100 of our promises {100 * ours.kept_90:.0f} were kept."


def _print_scores(scores: tuple[Score, ...], marks: dict[str, str], title: str) -> None:
    thresholds = list(scores[0].brier)
    columns = (
        "estimator",
        *_named("Brier", thresholds),
        *_named("skill", thresholds),
        *("RMSE", "MAE", "bias", "in 80 %", "kept 90", "pinball 50", "90", "contacts"),
    )
    print_table(columns, [_row(one, marks) for one in scores], title=title)


def _row(score: Score, marks: dict[str, str]) -> tuple[str, ...]:
    return (
        score.estimator + marks.get(score.estimator, ""),
        *(_number(value, "{:.4f}") for value in score.brier.values()),
        *(_number(value, "{:.1%}") for value in score.skill.values()),
        *(_number(value, "{:.1f}") for value in (score.rmse_s, score.mae_s, score.bias_s)),
        *("-" if isnan(share) else percent(share) for share in (score.coverage_80, score.kept_90)),
        *(_number(value, "{:.1f}") for value in (score.pinball_50, score.pinball_90)),
        str(score.contacts),
    )


def _print_offered(scores: tuple[Score, ...], marks: dict[str, str]) -> None:
    """What nobody can see: how long those who gave up would have waited."""
    columns = ("estimator", *_named("Brier", list(scores[0].brier_offered)), "no estimate")
    rows = [
        (
            one.estimator + marks.get(one.estimator, ""),
            *(_number(value, "{:.4f}") for value in one.brier_offered.values()),
            str(one.no_estimate),
        )
        for one in scores
    ]
    print_table(columns, rows, title="The wait of one who does not give up, by censoring weights")


def _named(score: str, thresholds: list[str]) -> list[str]:
    """The word once: "Brier 60", "180"."""
    return [f"{score} {thresholds[0]}", *thresholds[1:]]


def _number(value: float, form: str) -> str:
    return "-" if isnan(value) else form.format(value)


COMMAND = Command(
    name="bakeoff",
    summary=SUMMARIES["bakeoff"],
    examples=(
        "queuewatch bakeoff /var/log/asterisk/queue_log --format asterisk-queue-log --html report.html",
        "queuewatch bakeoff calls.csv.gz --format contacts-csv --sites pooled --score-from 2026-11-15",
    ),
    arguments=_arguments,
    run=_run,
)
