"""`queuewatch staff`: the fewest agents that meet every target."""

from __future__ import annotations

import argparse
from typing import Any

from queuewatch.cli.arguments import add_demand, add_json, share_below_one
from queuewatch.cli.command import DONE, SUMMARIES, CannotRunError, Command
from queuewatch.cli.output import percent, print_json, print_table, seconds
from queuewatch.queueing.staffing import Staffing, fewest_agents
from queuewatch.queueing.targets import FORMS, Measure, Target, parse_target


def _target(text: str) -> tuple[str, Target]:
    try:
        return text, parse_target(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_demand(parser)
    parser.add_argument(
        "--target",
        metavar="TARGET",
        type=_target,
        action="append",
        required=True,
        help=f"what must be kept; may be given again: {FORMS}".replace("%", "%%"),
    )
    parser.add_argument(
        "--shrinkage",
        metavar="X",
        type=share_below_one,
        default=0.0,
        help="share of the rostered time spent on breaks, training, illness: 0.3 or 30%%",
    )
    add_json(parser)


def _run(given: argparse.Namespace) -> int:
    targets: list[tuple[str, Target]] = given.target
    try:
        needed = fewest_agents(
            given.arrivals_per_hour / 3600.0,
            given.handling,
            [target for _, target in targets],
            given.patience,
            shrinkage=given.shrinkage,
        )
    except ValueError as error:
        raise CannotRunError(str(error)) from None
    found = {
        "arrivals_per_hour": given.arrivals_per_hour,
        "handling_s": given.handling,
        "patience_s": given.patience,
        "shrinkage": given.shrinkage,
        "agents_required": needed.agents,
        "agents_rostered": needed.rostered,
        "offered_load_erlangs": needed.steady.load,
        "occupancy": needed.steady.occupancy,
        "mean_wait_s": needed.steady.mean_wait_s,
        "abandoned_share": needed.steady.abandon_share,
        "targets": [{"target": text, "reached": reached(target, needed)} for text, target in targets],
    }
    if given.json:
        print_json(found)
    else:
        _print(found, targets)
    return DONE


def reached(target: Target, needed: Staffing[int, float]) -> float:
    """What comes of a target's measure: a share, or seconds for the mean wait.

    Of `P(wait>S)` and of `P(wait<=S)` it is the chance to wait longer; of `SL(S)` the share answered within.
    """
    state = needed.steady
    match target.measure:
        case Measure.OVER:
            return float(state.over[needed.thresholds_s.index(target.threshold_s)])
        case Measure.UNANSWERED:
            return float(state.answered_within[needed.thresholds_s.index(target.threshold_s)])
        case Measure.MEAN_WAIT:
            return state.mean_wait_s
        case Measure.ABANDON:
            return state.abandon_share
        case Measure.OCCUPANCY:
            return state.occupancy


_NAMES = {
    Measure.OVER: "P(wait > {:g} s)",
    Measure.UNANSWERED: "answered within {:g} s",
    Measure.MEAN_WAIT: "mean wait",
    Measure.ABANDON: "abandoned",
    Measure.OCCUPANCY: "occupancy",
}


def _print(found: dict[str, Any], targets: list[tuple[str, Target]]) -> None:
    rows = [("agents at work", str(found["agents_required"]), "")]
    if found["shrinkage"]:
        rows.append(("agents to roster", str(found["agents_rostered"]), ""))
    rows += [
        ("offered load", f"{found['offered_load_erlangs']:.2f} erlangs", ""),
        ("occupancy", percent(found["occupancy"]), ""),
        ("mean wait", seconds(found["mean_wait_s"]), ""),
    ]
    for (text, target), said in zip(targets, found["targets"], strict=True):
        show = seconds if target.measure is Measure.MEAN_WAIT else percent
        rows.append((_NAMES[target.measure].format(target.threshold_s), show(said["reached"]), text))
    print_table(("", "", "target"), rows)


COMMAND = Command(
    name="staff",
    summary=SUMMARIES["staff"],
    examples=(
        (
            "queuewatch staff --arrivals-per-hour 120 --handling 240 --target 'P(wait>60)<=0.2'"
            " --target 'P(wait>180)<=0.02' --shrinkage 0.3"
        ),
        "queuewatch staff --arrivals-per-hour 120 --handling 4min --patience 3min --target 'abandon<=3%'",
    ),
    arguments=_arguments,
    run=_run,
)
