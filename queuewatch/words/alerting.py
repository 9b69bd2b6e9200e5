"""What a team is told of alerts, as templates: the section `[alert]` of each language's file."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

from babel import Locale
from msgspec import Struct, structs


class Counted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text about one, and about any other `{count}`; a language with more plural forms names them, too."""

    one: str
    other: str
    zero: str | None = None
    two: str | None = None
    few: str | None = None
    many: str | None = None

    def say(self, count: int, language: str, **more: str) -> str:
        """The text for this count, in the plural form that CLDR knows for it."""
        form = Locale.parse(language, sep="-").plural_form(count)
        template: str = getattr(self, form) or self.other
        return template.format(count=count, **more)


class Frame(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands around alerts."""

    over: str
    several: str
    names: str
    since: str
    until: str
    helps: str
    why: str
    now: str
    board: str
    site: str
    more: Counted


class Titles(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What hurts, in a few words; with `_worse` once it is critical."""

    queue_busy: str
    queue_busy_worse: str
    threshold_passed: Counted
    source_stale: str
    promises_broken: str
    budget_low: str
    budget_low_worse: str
    journal_trouble: str
    journal_trouble_worse: str
    customer_failed_again: Counted
    shortage_ahead: Counted


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figures of an alert."""

    chance: str
    waiting: Counted
    longest: str
    agents: Counted
    others: Counted
    planned: str
    spent: str
    kept: str


class Cures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What would help."""

    agents: Counted
    brings: str
    queue_busy: str
    threshold_passed: str
    source_stale: str
    promises_broken: str
    budget_low: str
    journal_trouble: str
    customer_failed_again: str
    shortage_ahead: str


class Reasons(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it was raised, or goes on."""

    busy: str
    very_busy: str
    past_threshold: str
    stale: str
    kept_too_few: str
    nearly_spent: str
    spent: str
    cannot_write: str
    slow: str
    disk_nearly_full: str
    second_failure: str
    too_few_planned: str
    lasts: str
    again: str
    after_quiet_hours: str
    in_quiet_hours: str


class Subjects(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an alert is about that has no name of its own."""

    customers: str
    budget: str
    promises: str
    journal: str


class AlertWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a team is told, in one language."""

    frame: Frame
    title: Titles
    figure: Figures
    cure: Cures
    reason: Reasons
    subject: Subjects


_SAYS: dict[str, tuple[str, ...]] = {
    "frame.over": ("title",),
    "frame.several": ("count", "names"),
    "frame.names": ("names", "count"),
    "frame.since": ("time",),
    "frame.until": ("time",),
    "frame.site": ("name",),
    "frame.more": ("count",),
    "title.queue_busy": ("name",),
    "title.queue_busy_worse": ("name",),
    "title.threshold_passed": ("name", "count"),
    "title.source_stale": ("name",),
    "title.customer_failed_again": ("count",),
    "title.shortage_ahead": ("name", "count"),
    "figure.chance": ("share", "wait"),
    "figure.waiting": ("count",),
    "figure.longest": ("wait",),
    "figure.agents": ("count",),
    "figure.others": ("count",),
    "figure.planned": ("time", "planned", "needed"),
    "figure.spent": ("share",),
    "figure.kept": ("share",),
    "cure.agents": ("count",),
    "cure.brings": ("agents", "wait", "share"),
}
"""What each text has in braces, and those not here have nothing. A text about one may leave `{count}` out."""


def complaints(words: AlertWords) -> Iterator[str]:
    """Texts that have other placeholders than theirs, each in a sentence."""
    for section, texts in structs.asdict(words).items():
        for name, text in structs.asdict(texts).items():
            key = f"{section}.{name}"
            wanted = set(_SAYS.get(key, ()))
            for form, template in _forms(text):
                said = {one for _, one, _, _ in string.Formatter().parse(template) if one is not None}
                if said != wanted and not (form in {"zero", "one", "two"} and said == wanted - {"count"}):
                    should = " and ".join(f"{{{one}}}" for one in sorted(wanted)) or "nothing in braces"
                    yield f"alert.{key} must say {should}"


def _forms(text: Any) -> list[tuple[str, str]]:
    if isinstance(text, Counted):
        return [(form, said) for form, said in structs.asdict(text).items() if said is not None]
    return [("other", text)]
