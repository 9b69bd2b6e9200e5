"""Charts as inline SVG, without anything from outside: reliability diagrams, and lines over the hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, sqrt

from queuewatch.core.trust.scores import Bin

_LEFT, _TOP, _BOTTOM, _RIGHT = 44.0, 28.0, 40.0, 24.0
_DAY = 24
# So few contacts happen to be right or wrong: a dot, but no line is drawn through it.
_FEW = 20


@dataclass(frozen=True, slots=True)
class Style:
    """How a series is drawn: a name for people, a colour (CSS), and the dashes of its line (SVG)."""

    name: str
    colour: str
    dashes: str = ""


@dataclass(frozen=True, slots=True)
class _Plot:
    """A plane: `width` by `height` in SVG's unit, both axes from 0 to their `most`."""

    width: float
    height: float
    x_most: float
    y_most: float

    def x(self, value: float) -> float:
        return _LEFT + value / self.x_most * (self.width - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return self.height - _BOTTOM - value / self.y_most * (self.height - _TOP - _BOTTOM)

    def points(self, values: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in values)

    def whole(self, title: str, described: str, parts: Sequence[str]) -> str:
        return (
            f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="img" aria-label="{escape(described)}">'
            f'<text class="title" x="{_LEFT:g}" y="16">{escape(title)}</text>{"".join(parts)}</svg>'
        )

    def across(self, at: float, label: str) -> str:
        y = self.y(at)
        return (
            f'<line x1="{_LEFT:g}" x2="{self.width - _RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e4e8ec"/>'
            f'<text x="{_LEFT - 6:g}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>'
        )

    def below(self, at: float, label: str) -> str:
        x, y = self.x(at), self.height - _BOTTOM + 16
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(label)}</text>'

    def axis(self, label: str) -> str:
        x, y = self.x(self.x_most / 2), self.height - 6
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(label)}</text>'

    def line(self, values: Sequence[tuple[float, float]], style: Style) -> str:
        return (
            f'<polyline points="{self.points(values)}" fill="none" stroke="{style.colour}" stroke-width="2"'
            f' stroke-dasharray="{style.dashes}"/>'
        )

    def dot(self, x: float, y: float, radius: float, style: Style, told: str) -> str:
        return (
            f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="{radius:.1f}" fill="{style.colour}"'
            f' fill-opacity=".75"><title>{escape(told)}</title></circle>'
        )


def reliability(title: str, series: Sequence[tuple[Style, Sequence[Bin]]]) -> str:
    """Of those given about the same chance, to how many it happened: the chance said against the share."""
    plot = _Plot(360.0, 330.0, 1.0, 1.0)
    parts = [plot.across(tick / 4, f"{25 * tick} %") for tick in range(5)]
    parts += [plot.below(tick / 4, f"{25 * tick} %") for tick in range(5)]
    parts.append(plot.axis("the chance that was said"))
    parts.append(plot.line([(0.0, 0.0), (1.0, 1.0)], Style("", "#9aa3ad", "2 4")))
    most = max((one.contacts for _, bins in series for one in bins), default=1)
    for style, bins in series:
        enough = [(one.said, one.happened) for one in bins if one.contacts >= _FEW]
        parts.append(plot.line(enough, style))
        parts += [
            plot.dot(
                one.said,
                one.happened,
                2.5 + 6.0 * sqrt(one.contacts / most),
                style,
                f"{style.name}: said {one.said:.0%}, happened {one.happened:.0%} of {one.contacts}",
            )
            for one in bins
        ]
    return plot.whole(title, f"{title}: how often it happened, by the chance that was said", parts)


def hours(title: str, series: Sequence[tuple[Style, Sequence[tuple[int, float]]]]) -> str:
    """A line over the hours of the day (0 to 23) for each series; values in seconds, shown in minutes."""
    highest_s = max((value for _, values in series for _, value in values), default=0.0)
    minutes = max(1, ceil(highest_s / 60.0))
    plot = _Plot(760.0, 280.0, float(_DAY), float(minutes))
    step = max(1, ceil(minutes / 6))
    parts = [plot.across(tick, f"{tick} min") for tick in range(0, minutes + 1, step)]
    parts += [plot.below(hour + 0.5, str(hour)) for hour in range(0, _DAY, 2)]
    parts.append(plot.axis("hour of the day"))
    for style, values in series:
        points = [(hour + 0.5, value_s / 60.0) for hour, value_s in values]
        parts.append(plot.line(points, style))
        parts += [
            plot.dot(hour + 0.5, value_s / 60.0, 3.5, style, f"{style.name}, {hour}:00: {value_s:.0f} s")
            for hour, value_s in values
        ]
    return plot.whole(title, f"{title}, by the hour of the day", parts)


def legend(styles: Sequence[Style]) -> str:
    """Which line is whose."""
    items = "".join(
        f'<li><svg viewBox="0 0 28 12" aria-hidden="true"><line x1="0" x2="28" y1="6" y2="6"'
        f' stroke="{style.colour}" stroke-width="2" stroke-dasharray="{style.dashes}"/>'
        f'<circle cx="14" cy="6" r="4" fill="{style.colour}"/></svg>{escape(style.name)}</li>'
        for style in styles
    )
    return f'<ul class="legend">{items}</ul>'
