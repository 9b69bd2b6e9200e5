"""The waits of a queue as a heat map that has the lines of 60 and 180 s in it.

Grafana's heat map panel draws no lines. So its time series panel draws the cells, each row as bands between
its lower and its upper border, the darker ones over the paler, and the lines over all of it. The axis counts
the rows, so that a row of seconds is as high as one of hours; beside them stand their borders.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grafana_foundation_sdk.builders import common, timeseries
from grafana_foundation_sdk.models.common import LineInterpolation, TooltipDisplayMode, VisibilityMode
from grafana_foundation_sdk.models.dashboard import Panel, ValueMap, ValueMapping, ValueMappingResult

from dashboards.grafana import queries as ask
from dashboards.grafana.colours import CALM, HURTS, PLAIN, WARNING
from dashboards.grafana.kit import Look, Query, panel
from dashboards.grafana.lines import legend_below

BORDERS_S = (30, 60, 120, 180, 300, 900, 3600, 14400, 86400)
"""Where rows end, seconds: borders of the histogram, the thresholds among them. One more row lies above."""
LINES_S = {60: WARNING, 180: HURTS}
SHADES = {"under 10 %": (0.0, 22), "10 to 30 %": (0.1, 45), "over 30 %": (0.3, 80)}
"""Of those answered at a time, the share from which on a cell is so dense, and the opacity that this adds."""
UNITS_S = {86400: "d", 3600: "h", 60: "min"}
CELLS = 72
"""So many at most stand side by side."""
STANDING = 5
"""So many rows always stand, those about the lines among them."""
ANSWERED = ask.of("wait_seconds_count")
ANYBODY = f"sum(increase({ANSWERED}[$__range] @ end()))"


@dataclass(frozen=True)
class Row:
    """Waits between two borders, seconds; the last has no upper one. Numbered from 0, the shortest."""

    number: int
    begin_s: int
    end_s: int | None

    @property
    def name(self) -> str:
        """As the legend would call it."""
        return f"{self.begin_s} to {self.end_s} s" if self.end_s else f"over {self.begin_s} s"

    def share(self) -> str:
        """Share of those answered in a cell's time who waited so long; NaN where nobody was."""
        window = "[$__rate_interval]"
        every = f"sum(increase({ANSWERED}{window}))"
        above = f"sum(increase({within(self.begin_s)}{window}))" if self.begin_s else "0"
        upto = f"sum(increase({within(self.end_s)}{window}))" if self.end_s else every
        return f"({upto} - {above}) / {every}"

    def seen(self) -> str:
        """1 where somebody within the board's time waited so long, or longer; 0 where nobody did."""
        longer = f"sum(increase({within(self.begin_s)}[$__range] @ end()))"
        return f"({ANYBODY} - {longer} > bool 0)"

    def at(self, height: str) -> str:
        """Where on the axis, in rows: `height` over the row's lower border, while anybody was answered.

        A row that nobody waited for lies flat on those that always stand, so that it takes no room.
        """
        if self.number <= STANDING:
            return f"{self.number} + {height} and on() ({ANYBODY} > 0)"
        over = f"({self.number - STANDING} + {height}) * on() {self.seen()}"
        return f"{STANDING} + {over} and on() ({ANYBODY} > 0)"


def within(border_s: int) -> str:
    """Those answered within a border of the histogram."""
    return ask.of("wait_seconds_bucket", ask.le(border_s))


def rows() -> Iterator[Row]:
    """All rows from below."""
    begins = (0, *BORDERS_S)
    for number, (begin, end) in enumerate(zip(begins, (*BORDERS_S, None), strict=True)):
        yield Row(number, begin, end)


def heat(*, size: tuple[int, int]) -> Panel:
    """The panel: how long those had waited who were answered, time by time, against 60 and 180 s."""
    every = list(rows())
    queries = [Query(row.at("vector(0)"), f"from {row.name}") for row in every]
    queries += [_cell(row, shade) for shade in SHADES for row in every]
    queries += [Query(row.at("vector(0)"), f"{row.begin_s} s") for row in every if row.begin_s in LINES_S]
    kind = timeseries.Panel().line_width(0).show_points(VisibilityMode.NEVER).max_data_points(CELLS)
    kind = kind.line_interpolation(LineInterpolation.STEP_BEFORE).axis_grid_show(False).axis_width(60)
    kind = kind.legend(legend_below()).tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.NONE))
    return panel(
        kind,
        "Waits of those answered, as a heat map with the 60 and 180 s lines",
        "How long those had waited who were answered then: the darker a cell, the larger their share in its"
        " row. What lies above the lines had waited longer than 60 and 180 s. A gap: nobody was answered."
        " Who gave up is not in here.",
        queries,
        Look(
            "short",
            CALM,
            decimals=0,
            least=0,
            words=_axis(),
            none="nobody was answered in this time",
            more=_drawn(every),
        ),
        size=size,
    )


def _name(row: Row, shade: str) -> str:
    # Of the cells only the first row's stand in the legend, as what their shade means.
    return shade if not row.number else f"{row.name}: {shade}"


def _cell(row: Row, shade: str) -> Query:
    least, _ = SHADES[shade]
    dense = f"({row.share()} {'>=' if least else '>'} bool {least:g})"
    return Query(row.at(dense), _name(row, shade))


def _drawn(every: list[Row]) -> dict[str, dict[str, object]]:
    """What each series looks like, by its name or, between slashes, by a pattern of names."""
    unseen = {"legend": True, "tooltip": True, "viz": False}
    drawn: dict[str, dict[str, object]] = {"/^from /": {"custom.hideFrom": unseen}}
    drawn |= {"/: /": {"custom.hideFrom": unseen}}
    for row in every:
        cells = rf"/^{row.name}: /" if row.number else f"/^({'|'.join(SHADES)})$/"
        drawn[cells] = {"custom.fillBelowTo": f"from {row.name}"}
    for shade, (_, opacity) in SHADES.items():
        drawn[f"/{shade}$/"] = {
            "color": {"mode": "fixed", "fixedColor": _paler(shade)},
            "custom.fillOpacity": opacity,
        }
    for line, colour in LINES_S.items():
        drawn[f"{line} s"] = {"color": {"mode": "fixed", "fixedColor": colour}, "custom.lineWidth": 2}
    return drawn


def _paler(shade: str) -> str:
    """The colour of a shade in the legend: what is laid over each other comes to, on its ground."""
    through = 1.0
    for name, (_, opacity) in SHADES.items():
        through *= 1 - opacity / 100
        if name == shade:
            break
    red, green, blue = (int(PLAIN[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {1 - through:.2f})"


def _axis() -> list[ValueMapping]:
    """The borders of the rows, where the axis would say their numbers."""
    said = {number: _duration(border) for number, border in enumerate((0, *BORDERS_S))}
    said[len(said)] = "longer"
    return [ValueMap({str(number): ValueMappingResult(text=text) for number, text in said.items()})]


def _duration(border_s: int) -> str:
    """As people say it; the thresholds as everything else says them."""
    fitting = [one for one in UNITS_S if one <= border_s]
    seconds = 1 if border_s in LINES_S or not fitting else max(fitting)
    return f"{border_s // seconds} {UNITS_S.get(seconds, 's')}"
