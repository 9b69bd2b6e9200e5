"""`queuewatch estimate`: what a queue comes to in the long run, and the wait of the next in line."""

from __future__ import annotations

import argparse
import math
from typing import Any

from queuewatch.cli.arguments import add_demand, add_json, count, duration_s
from queuewatch.cli.command import DONE, SUMMARIES, Command
from queuewatch.cli.output import percent, print_json, print_table, seconds
from queuewatch.queueing.position import chance_over, mean_s, quantile_s, release_rate
from queuewatch.queueing.steady import steady

_THRESHOLDS_S = (60.0, 180.0)
_QUANTILES = (0.5, 0.9)


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_demand(parser)
    parser.add_argument("--agents", metavar="C", type=count, required=True, help="agents at work")
    parser.add_argument(
        "--waiting",
        metavar="N",
        type=count,
        help="contacts waiting now, all agents busy: adds the wait of the next to arrive",
    )
    parser.add_argument(
        "--threshold",
        metavar="S",
        type=duration_s,
        action="append",
        help="a wait that matters; may be given again (default: 60 and 180)",
    )
    add_json(parser)


def _run(given: argparse.Namespace) -> int:
    found = estimate(
        arrivals_per_hour=given.arrivals_per_hour,
        handling_s=given.handling,
        agents=given.agents,
        patience_s=given.patience,
        waiting=given.waiting,
        thresholds_s=tuple(given.threshold or _THRESHOLDS_S),
    )
    if given.json:
        print_json(found)
    else:
        _print(found)
    return DONE


def estimate(
    *,
    arrivals_per_hour: float,
    handling_s: float,
    agents: int,
    patience_s: float = math.inf,
    waiting: int | None = None,
    thresholds_s: tuple[float, ...] = _THRESHOLDS_S,
) -> dict[str, Any]:
    """The long run by Erlang C (A with patience), and with `waiting` the next contact's wait, as for JSON.

    Raises:
        ValueError: A number is out of its range.
    """
    state = steady(arrivals_per_hour / 3600.0, handling_s, agents, patience_s, thresholds_s=thresholds_s)
    return {
        "model": "erlang_c" if patience_s == math.inf else "erlang_a",
        "arrivals_per_hour": arrivals_per_hour,
        "handling_s": handling_s,
        "agents": agents,
        "patience_s": patience_s,
        "offered_load_erlangs": state.load,
        "keeps_up": math.isfinite(state.mean_wait_s),
        "wait_chance": state.wait_chance,
        "mean_wait_s": state.mean_wait_s,
        "wait_exceedance_probability": _by_threshold(thresholds_s, state.over.tolist()),
        "abandoned_share": state.abandon_share,
        "occupancy": state.occupancy,
        "next": None if waiting is None else _next(waiting, agents, handling_s, patience_s, thresholds_s),
    }


def _next(
    waiting: int, agents: int, handling_s: float, patience_s: float, thresholds_s: tuple[float, ...]
) -> dict[str, Any]:
    """The wait of one who arrives now behind `waiting` others and does not hang up."""
    release, abandon = release_rate(agents, handling_s), 1.0 / patience_s
    return {
        "place": waiting + 1,
        "mean_wait_s": mean_s(waiting, release, abandon),
        "quantiles_s": {f"{share:g}": quantile_s(share, waiting, release, abandon) for share in _QUANTILES},
        "wait_exceedance_probability": _by_threshold(
            thresholds_s,
            [chance_over(threshold_s, waiting, release, abandon) for threshold_s in thresholds_s],
        ),
    }


def _by_threshold(thresholds_s: tuple[float, ...], chances: list[float]) -> dict[str, float]:
    return {f"{threshold_s:g}": chance for threshold_s, chance in zip(thresholds_s, chances, strict=True)}


def _print(found: dict[str, Any]) -> None:
    rows = [
        ("offered load", f"{found['offered_load_erlangs']:.2f} erlangs"),
        ("chance to wait", percent(found["wait_chance"])),
        ("mean wait", seconds(found["mean_wait_s"])),
        *_exceedance(found),
        ("abandoned", percent(found["abandoned_share"])),
        ("occupancy", percent(found["occupancy"])),
    ]
    model = {"erlang_c": "Erlang C, nobody hangs up", "erlang_a": "Erlang A, customers hang up"}[
        found["model"]
    ]
    print_table(("in the long run", ""), rows, model)
    if not found["keeps_up"]:
        print("So few agents never keep up with so much work: the line grows without end.")
    if found["next"] is not None:
        print()
        ahead = [
            ("place in line", str(found["next"]["place"])),
            ("mean wait", seconds(found["next"]["mean_wait_s"])),
            ("half wait at most", seconds(found["next"]["quantiles_s"]["0.5"])),
            ("9 in 10 wait at most", seconds(found["next"]["quantiles_s"]["0.9"])),
            *_exceedance(found["next"]),
        ]
        print_table(("the next to arrive", ""), ahead)


def _exceedance(found: dict[str, Any]) -> list[tuple[str, str]]:
    chances: dict[str, float] = found["wait_exceedance_probability"]
    return [(f"P(wait > {threshold} s)", percent(chance)) for threshold, chance in chances.items()]


COMMAND = Command(
    name="estimate",
    summary=SUMMARIES["estimate"],
    examples=(
        "queuewatch estimate --arrivals-per-hour 120 --handling 240 --agents 10",
        "queuewatch estimate --arrivals-per-hour 120 --handling 4min --agents 8 --patience 3min --waiting 5",
    ),
    arguments=_arguments,
    run=_run,
)
