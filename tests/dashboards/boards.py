"""Reads the boards that are shipped: their panels, and every question they put to Prometheus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import promql_parser

from dashboards.grafana import BOARDS, path

Json = dict[str, Any]


class Asked(NamedTuple):
    """One query of one panel, the variables filled in so that they choose everything.

    Its name is that of what it shows, or else the letter Grafana calls it by.
    """

    board: str
    panel: str
    expr: str
    instant: bool
    name: str = ""


def read(name: str) -> Json:
    """A board as it is shipped."""
    board: Json = json.loads(path(name).read_text(encoding="utf-8"))
    return board


def panels(name: str) -> list[Json]:
    """Its panels without the headings."""
    return [one for one in read(name)["panels"] if one["type"] != "row"]


def filled(expr: str, *, queue: str = ".*") -> str:
    """A query as Grafana sends it, with everything chosen."""
    values = {
        "${__field.labels.queue}": queue,
        "$__rate_interval": "1m",
        "$__range": "10m",
        "$site": ".*",
        "$channel": ".*",
        "$queue": queue,
    }
    for name, value in values.items():
        expr = expr.replace(name, value)
    return expr


def queries() -> Iterator[Asked]:
    """Every query of every panel."""
    for name in BOARDS:
        for panel in panels(name):
            for target in panel["targets"]:
                legend = target["legendFormat"]
                called = target["refId"] if legend == "__auto" else legend
                yield Asked(name, panel["title"], filled(target["expr"]), bool(target.get("instant")), called)


def annotated() -> Iterator[Asked]:
    """Every query of an annotation."""
    for name in BOARDS:
        for one in read(name)["annotations"]["list"]:
            yield Asked(name, one["name"], filled(one["expr"]), instant=False)


def metrics(expr: str) -> set[str]:
    """The names of the metrics that a query asks for."""
    found: set[str] = set()

    def look(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector) and node.name is not None:
            found.add(node.name)

    promql_parser.walk(promql_parser.parse(expr), look)
    return found
