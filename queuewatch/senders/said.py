"""An alert in words that are understood in three seconds: what hurts, why, since when, what helps."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from queuewatch.core.decisions import AlertChanged
from queuewatch.outgoing import Bulletin

_MARKS = {"warning": "\N{LARGE ORANGE CIRCLE}", "critical": "\N{LARGE RED CIRCLE}"}
OVER = "\N{WHITE HEAVY CHECK MARK}"


class Said(Struct, frozen=True, kw_only=True):
    """An alert in plain words, escaped for nothing; an empty line has nothing to say.

    Attributes:
        mark: A coloured sign.
        title: What hurts, in a few words.
        hurts: The figures.
        helps: What would help.
        reason: Why it was raised, or is over.
    """

    mark: str
    title: str
    hurts: str
    helps: str
    reason: str


def say(alert: AlertChanged) -> Said:
    """The alert in words."""
    over = alert.phase == "resolved"
    title = _title(alert)
    return Said(
        mark=OVER if over else _MARKS[alert.severity],
        title=f"Over: {title}" if over else title,
        hurts="" if over else _hurts(alert),
        helps="" if over else _helps(alert),
        reason=alert.reason.replace("_", " "),
    )


def headline(bulletin: Bulletin) -> str:
    """One line for all alerts of a message: the worst first."""
    still = bulletin.open
    if not still:
        names = list(dict.fromkeys(one.subject for one in bulletin.alerts))
        return f"{OVER} Over: {_listed(names)}"
    worst = max(still, key=lambda one: one.severity == "critical")
    mark = _MARKS[worst.severity]
    subjects = list(dict.fromkeys(one.subject for one in still))
    if len(subjects) == 1:
        return f"{mark} {_title(worst)}"
    return f"{mark} {len(subjects)} need help: {_listed(subjects)}"


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown  # noqa: PLR2004  # three are read at once


def _title(alert: AlertChanged) -> str:
    name, count = alert.subject, alert.count or 1
    customers = "1 customer" if count == 1 else f"{count} customers"
    match alert.kind:
        case "queue_busy":
            return f"{name} is {'very busy' if alert.severity == 'critical' else 'busy'}"
        case "threshold_passed":
            return f"{name}: {customers} waited too long"
        case "source_stale":
            return f"{name} is silent: nobody knows how long its queues are"
        case "promises_broken":
            return "Promised waits are being broken"
        case "budget_low":
            return f"The budget for incentives is {'' if alert.severity == 'critical' else 'nearly '}spent"
        case "journal_trouble":
            return "The journal cannot be written"
        case "customer_failed_again":
            return f"Contact {name}: let down again, to be called by a person"
        case "shortage_ahead":
            return f"{name} will be short of {count} agent{'' if count == 1 else 's'} within the hour"


def _hurts(alert: AlertChanged) -> str:
    parts = [
        f"{_percent(chance)} chance to wait past {duration(float(threshold))}"
        for threshold, chance in sorted(alert.chances.items(), key=lambda one: float(one[0]))
    ]
    if alert.waiting is not None:
        longest = f", the longest {duration(alert.oldest_wait_s)}" if alert.oldest_wait_s is not None else ""
        parts.append(f"{alert.waiting} waiting{longest}")
    if alert.begins_at is not None and alert.agents is not None:
        needed = alert.agents + (alert.count or 0)
        parts.append(f"from {clock_time(alert.begins_at)}: {alert.agents} planned, {needed} needed")
    elif alert.agents is not None:
        parts.append(f"{alert.agents} agents there")
    if alert.share is not None:
        parts.append(f"{_percent(alert.share)} {'spent' if alert.kind == 'budget_low' else 'kept'}")
    return " · ".join(parts)


def _helps(alert: AlertChanged) -> str:
    missing = alert.agents_missing
    if missing:
        agents = f"+{missing} agent{'' if missing == 1 else 's'}"
        if alert.chance_then is None or not alert.chances:
            return agents
        first = min(alert.chances, key=float)
        return (
            f"{agents} would bring the chance to wait past {duration(float(first))}"
            f" to {_percent(alert.chance_then)}"
        )
    return _CURES.get(alert.kind, "")


_CURES = {
    "threshold_passed": "Take the longest waiting first, or offer to call back",
    "source_stale": "Look at its connection with `queuewatch check`",
    "promises_broken": "Trust waits less until it is over; see who is really there",
    "budget_low": "Raise the budget, or tell the team that no more is given out",
    "journal_trouble": "Look at the disk: full, failing, or read-only",
    "customer_failed_again": "Call this customer back in person",
    "shortage_ahead": "Move a shift or a break, or ask another team",
}


def duration(seconds: float) -> str:
    """A duration as a supervisor says it: "45 s", "3 min", "4 min 5 s", "2 h", "1 h 5 min"."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {left} s" if left else f"{minutes} min"
    return f"{left} s"


def clock_time(at: float) -> str:
    """A point in time for those whose program shows no other: "12:00 UTC"."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M UTC")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
