"""An alert in words that are understood in three seconds: what hurts, why, since when, what helps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from babel import Locale
from babel.numbers import format_percent
from msgspec import Struct
from msgspec.structs import replace

from queuewatch.core.decisions import AlertChanged
from queuewatch.outgoing import Bulletin
from queuewatch.words.alerting import AlertWords, Frame
from queuewatch.words.languages import all_words

_MARKS = {"warning": "\N{LARGE ORANGE CIRCLE}", "critical": "\N{LARGE RED CIRCLE}"}
OVER = "\N{WHITE HEAVY CHECK MARK}"
_LONG_S = 12 * 3600.0
# These have one subject, which has no name of its own.
_NAMELESS = {
    "customer_failed_again": "customers",
    "budget_low": "budget",
    "promises_broken": "promises",
    "journal_trouble": "journal",
}


class Said(Struct, frozen=True, kw_only=True):
    """An alert in plain words, escaped for nothing; an empty line has nothing to say.

    Attributes:
        mark: A coloured sign.
        title: What hurts, in a few words.
        hurts: The figures.
        helps: What would help.
        reason: Why it was raised.
    """

    mark: str
    title: str
    hurts: str
    helps: str
    reason: str


class Voice:
    """Says alerts in one language.

    Args:
        language: One that there are words in.

    Raises:
        KeyError: There are none.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._words: AlertWords = all_words()[language].alert

    @property
    def frame(self) -> Frame:
        """What stands around alerts."""
        return self._words.frame

    def foot(self, bulletin: Bulletin, shown: int) -> str:
        """Of which site this is, and how many alerts more are on the board than `shown`; may be empty."""
        frame, more = self.frame, len(bulletin.alerts) - shown
        lines = [] if bulletin.site == "default" else [frame.site.format(name=bulletin.site)]
        lines += [frame.more.say(more, self._language)] if more > 0 else []
        return " ".join(lines)

    def say(self, alert: AlertChanged) -> Said:
        """The alert in words."""
        over = alert.phase == "resolved"
        title = self._title(alert, worse=alert.severity == "critical" and not over)
        return Said(
            mark=OVER if over else _MARKS[alert.severity],
            title=self.frame.over.format(title=title) if over else title,
            hurts="" if over else " · ".join(self._figures(alert)),
            helps="" if over else self._helps(alert),
            reason="" if alert.reason == "over" else self._reason(alert.reason),
        )

    def say_all(self, alerts: Sequence[AlertChanged]) -> list[Said]:
        """Alerts that stand beneath each other: what one says of a queue the next does not repeat."""
        all_said: list[Said] = []
        queues: set[str] = set()
        for alert in alerts:
            said = self.say(alert)
            if said.hurts and alert.waiting is not None:
                said = replace(said, hurts="", helps="") if alert.subject in queues else said
                queues.add(alert.subject)
            all_said.append(said)
        return all_said

    def headline(self, bulletin: Bulletin) -> str:
        """One line for all alerts of a message: the worst first."""
        still = bulletin.open
        if not still:
            names = list(dict.fromkeys(map(self._name, bulletin.alerts)))
            return f"{OVER} {self.frame.over.format(title=self._listed(names))}"
        worst = max(still, key=lambda one: one.severity == "critical")
        names = list(dict.fromkeys(map(self._name, still)))
        if len(names) == 1:
            return f"{_MARKS[worst.severity]} {self.say(worst).title}"
        said = self.frame.several.format(count=len(names), names=self._listed(names))
        return f"{_MARKS[worst.severity]} {said}"

    def _listed(self, names: list[str]) -> str:
        shown = ", ".join(names[:3])
        if len(names) <= 3:  # noqa: PLR2004  # three are read at once
            return shown
        return self.frame.names.format(names=shown, count=len(names) - 3)

    def _name(self, alert: AlertChanged) -> str:
        nameless = _NAMELESS.get(alert.kind)
        return alert.subject if nameless is None else str(getattr(self._words.subject, nameless))

    def _title(self, alert: AlertChanged, *, worse: bool) -> str:
        titles, name = self._words.title, alert.subject
        counted = getattr(titles, alert.kind)
        if not isinstance(counted, str):
            return str(counted.say(alert.count or 1, self._language, name=name))
        return str(getattr(titles, f"{alert.kind}_worse", counted) if worse else counted).format(name=name)

    def _figures(self, alert: AlertChanged) -> list[str]:
        words, language = self._words.figure, self._language
        said = [alert.detail] if alert.detail else []
        if alert.waiting is not None:
            longest = [] if alert.oldest_wait_s is None else [self._longest(alert.oldest_wait_s)]
            said.append(", ".join((words.waiting.say(alert.waiting, language), *longest)))
        if alert.begins_at is not None and alert.agents is not None:
            needed = alert.agents + (alert.count or 0)
            begins = clock_time(alert.begins_at)
            said.append(words.planned.format(time=begins, planned=alert.agents, needed=needed))
        elif alert.agents is not None:
            said.append(words.agents.say(alert.agents, language))
        said += [
            words.chance.format(share=self._percent(chance), wait=duration(float(threshold)))
            for threshold, chance in sorted(alert.chances.items(), key=lambda one: float(one[0]))
        ]
        if alert.kind == "queue_busy" and alert.count is not None and alert.count > 1:
            said.append(words.others.say(alert.count - 1, language))
        if alert.share is not None:
            share = words.spent if alert.kind == "budget_low" else words.kept
            said.append(share.format(share=self._percent(alert.share)))
        return said

    def _longest(self, seconds: float) -> str:
        return self._words.figure.longest.format(wait=duration(seconds))

    def _helps(self, alert: AlertChanged) -> str:
        words = self._words.cure
        if not alert.agents_missing:
            return str(getattr(words, alert.kind))
        agents = words.agents.say(alert.agents_missing, self._language)
        if alert.chance_then is None or not alert.chances:
            return agents
        first = duration(float(min(alert.chances, key=float)))
        return words.brings.format(agents=agents, wait=first, share=self._percent(alert.chance_then))

    def _reason(self, reason: str) -> str:
        return str(getattr(self._words.reason, reason, reason.replace("_", " ")))

    def _percent(self, share: float) -> str:
        return format_percent(share, locale=Locale.parse(self._language, sep="-"))


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


def clock_time(at: float, told_at: float | None = None) -> str:
    """A point in time for those whose program shows no other: "12:00 UTC"; with its day where it is long ago.

    Args:
        at: Seconds since 1970 UTC.
        told_at: When it is told; None where it is of today.
    """
    known = is_long_ago(at, at if told_at is None else told_at)
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC" if known else "%H:%M UTC")


def is_long_ago(at: float, told_at: float) -> bool:
    """Whether the time of day alone may be taken for that of today."""
    return told_at - at >= _LONG_S
