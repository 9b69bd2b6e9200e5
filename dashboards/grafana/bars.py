"""Bars, states over time, and tables with a row for each queue, as several boards draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, statetimeline, table
from grafana_foundation_sdk.models.common import BarGaugeDisplayMode, VisibilityMode, VizOrientation
from grafana_foundation_sdk.models.dashboard import Panel, ValueMapping

from dashboards.grafana.colours import CALM, UNKNOWN, Steps, ground, thresholds
from dashboards.grafana.kit import Look, Query, latest, panel


def bars(
    title: str,
    about: str,
    queries: Sequence[Query],
    look: Look,
    *,
    size: tuple[int, int] = (12, 9),
    upright: bool = False,
) -> Panel:
    """A bar for each answer of the queries, which ask for now.

    Args:
        title: Short.
        about: What one sees.
        queries: In the order of the bars; one whose answers are sorted will do.
        look: Unit, steps and bounds.
        size: Width and height.
        upright: Whether the bars stand side by side, as over an axis, and not one below the other.
    """
    way = VizOrientation.VERTICAL if upright else VizOrientation.HORIZONTAL
    kind = bargauge.Panel().display_mode(BarGaugeDisplayMode.BASIC).reduce_options(latest()).orientation(way)
    return panel(kind, title, about, queries, look, size=size)


def states(title: str, about: str, query: Query, look: Look, *, size: tuple[int, int]) -> Panel:
    """A strip of states over time for each series; their words stand in it, so it has no legend."""
    kind = statetimeline.Panel().show_value(VisibilityMode.AUTO).row_height(0.9)
    kind = kind.legend(common.VizLegendOptions().show_legend(False))
    return panel(kind, title, about, [query], look, size=size)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: Its heading.
        expr: One value for each row, by the labels of the rows.
        look: Properties of its cells, by Grafana's name of them.
        steps: Colours of its cells by value; none without.
        words: What to read instead of a value.
    """

    name: str
    expr: str
    look: Mapping[str, object] = field(default_factory=dict)
    steps: Steps = ()
    words: Sequence[ValueMapping] = ()

    def properties(self) -> dict[str, object]:
        """How Grafana is to show its cells."""
        own = {**self.look, "noValue": "?"}
        if not self.steps:
            return own
        shown = [{"value": step.value, "color": step.color} for step in thresholds(ground(self.steps))]
        return {
            **own,
            "mappings": [*self.words, UNKNOWN],
            "thresholds": {"mode": "absolute", "steps": shown},
            "custom.cellOptions": {"type": "color-background", "mode": "basic"},
        }


def rows(
    title: str,
    about: str,
    labels: Mapping[str, tuple[str, Mapping[str, object]]],
    columns: Sequence[Column],
    *,
    worst: tuple[str, bool],
    decimals: int = 0,
    none: str = "no queue yet: a queue appears with its first event",
) -> Panel:
    """A table over the board's whole width: labels first, then the columns.

    Args:
        title: Short.
        about: What one sees.
        labels: The labels that tell the rows apart, with the heading and the look of each.
        columns: What is known of each row; an empty cell is unknown.
        worst: By which heading the rows are sorted, and whether the highest comes first.
        decimals: Of values whose column says nothing else.
        none: What stands there while there are no rows.
    """
    values = {f"Value #{letter}": one.name for letter, one in zip(ascii_uppercase, columns, strict=False)}
    by, highest_first = worst
    tidy: dict[str, Any] = {
        "excludeByName": {"Time": True},
        "indexByName": {name: index for index, name in enumerate((*labels, *values))},
        "renameByName": {**values, **{label: heading for label, (heading, _) in labels.items()}},
    }
    cells = {heading: look for heading, look in labels.values() if look}
    cells |= {one.name: one.properties() for one in columns}
    return panel(
        table.Panel().show_header(True),
        title,
        about,
        [Query(one.expr, now=True, form="table") for one in columns],
        Look("short", CALM, decimals=decimals, none=none, more=cells),
        size=(24, 10),
        transformations=[
            ("merge", {}),
            ("organize", tidy),
            ("sortBy", {"sort": [{"field": by, "desc": highest_first}]}),
        ],
    )
