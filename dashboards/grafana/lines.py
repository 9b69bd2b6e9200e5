"""Lines over time, as several boards draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grafana_foundation_sdk.builders import common, stat, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    LineInterpolation,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
    VizLegendOptions,
)
from grafana_foundation_sdk.models.dashboard import Panel

from dashboards.grafana.colours import Steps, ground
from dashboards.grafana.kit import Look, Query, latest, panel

DASHED = {"custom.lineStyle": {"fill": "dash", "dash": [10, 6]}}
"""For what is said, expected or needed, beside what happened: told apart without colour too."""


def filled(down_to: str) -> dict[str, object]:
    """For the upper edge of a range: the room down to the lower one is shaded."""
    return {"custom.fillBelowTo": down_to, "custom.fillOpacity": 15}


def legend_below() -> Builder[VizLegendOptions]:
    """The names of the series in a line under the chart."""
    legend = common.VizLegendOptions().show_legend(True).display_mode(LegendDisplayMode.LIST)
    return legend.placement(LegendPlacement.BOTTOM)


def lines(
    title: str,
    about: str,
    queries: Sequence[Query],
    look: Look,
    *,
    size: tuple[int, int] = (12, 9),
    drawn: bool = False,
    stacked: bool = False,
) -> Panel:
    """Lines over time.

    Args:
        title: Short.
        about: What one sees.
        queries: One or more.
        look: Unit, steps, and a colour for each name.
        size: Width and height.
        drawn: Whether the steps are drawn as dashed lines.
        stacked: Whether one stands on the other.
    """
    kind = timeseries.Panel().line_width(2).show_points(VisibilityMode.NEVER).axis_soft_min(0)
    kind = kind.line_interpolation(LineInterpolation.STEP_AFTER if stacked else LineInterpolation.LINEAR)
    kind = kind.legend(legend_below())
    kind = kind.tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    mode = GraphThresholdsStyleMode.DASHED if drawn else GraphThresholdsStyleMode.OFF
    kind = kind.thresholds_style(common.GraphThresholdsStyleConfig().mode(mode))
    if stacked:
        kind = kind.fill_opacity(60).stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))
    return panel(kind, title, about, queries, look, size=size)


def number(
    title: str,
    about: str,
    query: str,
    look: Look,
    *,
    size: tuple[int, int] = (4, 4),
    loud: bool = True,
) -> Panel:
    """One number; where `loud`, with its colour behind it, unless that says that all is well."""
    colour = BigValueColorMode.BACKGROUND_SOLID if loud else BigValueColorMode.NONE
    kind = stat.Panel().graph_mode(BigValueGraphMode.NONE).color_mode(colour).reduce_options(latest())
    shown = replace(look, steps=ground(look.steps)) if loud else look
    return panel(kind, title, about, [Query(query, now=True)], shown, size=size)


def coloured(unit: str, steps: Steps, colours: Mapping[str, str], *dashed: str) -> Look:
    """A look with a colour for each name; those in `dashed` are dashed."""
    return Look(unit, steps, colours=colours, more=dict.fromkeys(dashed, DASHED))
