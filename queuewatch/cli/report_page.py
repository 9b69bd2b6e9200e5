"""The report as one page to forward: findings in plain words, a map of the week, the tables. All inline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import tzinfo
from html import escape
from importlib.resources import files
from string import Template

from queuewatch.cli.report_words import WEEKDAYS, findings, percent, row_cells, span
from queuewatch.core.past.report import Report, Row
from queuewatch.senders.said import duration

_HEADS = (
    "",
    "channel",
    "contacts",
    "answered",
    "over {one}",
    "the time before",
    "over {two}",
    "gave up",
    "mean wait",
    "longest",
)
_CELL, _LEFT, _TOP = 34, 92, 24
_FEW = 5  # contacts in an hour, below which a share says nothing


def page(made: Report, zone: tzinfo) -> str:
    """The whole page.

    Args:
        made: What is told.
        zone: Of the times on it.
    """
    one, two = (duration(threshold) for threshold in made.thresholds_s)
    text = files("queuewatch.cli").joinpath("report.html").read_text(encoding="utf-8")
    return Template(text).substitute(
        when=escape(span(made, zone)),
        tiles=_tiles(made, one, two),
        findings="".join(f"<li>{_unbroken(escape(one))}</li>" for one in findings(made, zone)),
        one=escape(one),
        week=_week(made),
        channels=_channels(made, one, two),
        queues=_table(made, made.queues, one, two),
        zone=escape(str(zone)),
    )


def _unbroken(text: str) -> str:
    """No line ends between a number and its unit."""
    return re.sub(r"(?<=\d) (?=(?:%|s|min|h)(?!\w))", "&nbsp;", text)


def _channels(made: Report, one: str, two: str) -> str:
    """How each channel is served, where there are several to compare."""
    if len({row.channel for row in made.channels}) <= 1:
        return ""
    return f"<h2>Channels</h2><div class=scroll>{_table(made, made.channels, one, two)}</div>"


def _tiles(made: Report, one: str, two: str) -> str:
    offered, first, second = made.all_now
    before, first_before, second_before = made.all_before
    gave_up = sum(row.now.abandoned for row in made.queues)
    gave_up_before = sum(row.before.abandoned for row in made.queues)
    tiles = [
        ("contacts", f"{offered:,}", f"{before:,}"),
        (f"waited over {one}", _of(first, offered), _of(first_before, before)),
        (f"waited over {two}", _of(second, offered), _of(second_before, before)),
        ("gave up", _of(gave_up, offered), _of(gave_up_before, before)),
    ]
    promises = ("promises kept", _kept(made.now.promises), _kept(made.before.promises))
    # What nobody decided is not none: it is not told.
    decided = [
        *([promises] if any(one != "-" for one in promises[1:]) else []),
        ("vouchers", str(sum(made.now.issued.values())), str(sum(made.before.issued.values()))),
        ("alerts", str(sum(made.now.alerts.values())), str(sum(made.before.alerts.values()))),
    ]
    return "".join(
        f"<div class=tile><b>{escape(now)}</b><span>{escape(name)}</span>"
        f"{f'<small>before: {escape(then)}</small>' if made.reach.before else ''}</div>"
        for name, now, then in (*tiles, *(decided if made.decided else ()))
    )


def _of(part: int, whole: int) -> str:
    return percent(part / whole) if whole else "-"


def _kept(promises: dict[str, int]) -> str:
    return _of(promises.get("kept", 0), promises.get("kept", 0) + promises.get("broken", 0))


def _week(made: Report) -> str:
    """The heat map: a cell for each hour of the week; the darker, the more waited too long."""
    hours = sorted({hour for _, hour in made.hours})
    if not hours:
        return "<p>Nobody contacted us in this time.</p>"
    shown = range(hours[0], hours[-1] + 1)
    width, height = _LEFT + _CELL * len(shown) + 4, _TOP + _CELL * 7 + 4
    told = 'role="img" aria-label="Share of long waits by hour of the week"'
    parts = [f'<svg viewBox="0 0 {width} {height}" {told} style="max-width:{width}px">']
    parts += [
        f'<text x="{_LEFT + place * _CELL + _CELL / 2}" y="15" text-anchor="middle">{hour}</text>'
        for place, hour in enumerate(shown)
    ]
    for weekday, name in enumerate(WEEKDAYS):
        y = _TOP + weekday * _CELL
        parts.append(f'<text x="0" y="{y + _CELL / 2 + 4}">{name}</text>')
        for place, hour in enumerate(shown):
            parts.append(_cell(made, weekday, hour, _LEFT + place * _CELL, y))
    return "".join(parts) + "</svg>"


def _cell(made: Report, weekday: int, hour: int, x: int, y: int) -> str:
    contacts, past = made.hours.get((weekday, hour), (0, 0))
    box = f'x="{x}" y="{y}" width="{_CELL - 2}" height="{_CELL - 2}" rx="3"'
    if contacts < _FEW:
        return f'<rect {box} fill="#f1f3f5"/>'
    share = past / contacts
    told = escape(f"{WEEKDAYS[weekday]} {hour} to {hour + 1}: {percent(share)} of {contacts} contacts")
    ink = "#fff" if share > 0.45 else "#1b1f24"  # noqa: PLR2004  # where dark letters would not be read
    return (
        f'<g><title>{told}</title><rect {box} fill="{_colour(share)}"/>'
        f'<text x="{x + _CELL / 2 - 1}" y="{y + _CELL / 2 + 3}" text-anchor="middle" style="fill:{ink}">'
        f"{100 * share:.0f}</text></g>"
    )


def _colour(share: float) -> str:
    """From nearly white to a dark orange, evenly: readable in grey, too."""
    light, dark = (255, 246, 236), (166, 54, 3)
    depth = min(1.0, share / 0.8)
    mixed = (round(low + (high - low) * depth) for low, high in zip(light, dark, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _table(made: Report, rows: Sequence[Row], one: str, two: str) -> str:
    if not rows:
        return "<p>There is none.</p>"
    heads = "".join(f"<th>{escape(head.format(one=one, two=two))}</th>" for head in _HEADS)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
        for cells in (row_cells(row, compared=made.reach.before) for row in rows)
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
