"""What a customer who wrote is told at once: that it came in, and when an answer can be expected."""

from __future__ import annotations

import math
from datetime import datetime

from babel import Locale
from babel.dates import format_date, format_time

from queuewatch.core.view import WaitView
from queuewatch.words.languages import all_words
from queuewatch.words.notice import KEPT
from queuewatch.words.wait import say_wait


def acknowledgement(language: str, wait: WaitView | None, opens: datetime | None = None) -> str:
    """The text, its paragraphs apart by an empty line.

    With an estimate it tells how long the contact has still to wait, kept nine times in ten and rounded up;
    while the queue is closed, when it opens; otherwise no time at all.

    Args:
        language: One of `available()`; see `negotiate`.
        wait: The contact's own; None where nothing is known of it.
        opens: When the queue opens again, on the clock of its customers; None: it is open.

    Raises:
        KeyError: There are no words in this language.
    """
    said = all_words()[language].acknowledgement
    left_s = math.inf
    if wait is not None and wait.no_estimate is None:
        left_s = wait.quantiles_s.get(KEPT, math.inf) - wait.waited_s
    if opens is not None:
        text = said.closed.format(opens=_say_moment(opens, language))
    elif math.isfinite(left_s):
        text = said.with_wait.format(wait=say_wait(max(0.0, left_s), language))
    else:
        text = said.without_wait
    return f"{text}\n\n{said.footer}\n"


def _say_moment(when: datetime, language: str) -> str:
    """A day and a time of day: "Monday, November 23, 2026, 9:00 AM"."""
    locale = Locale.parse(language, sep="-")
    day = format_date(when, "full", locale=locale)
    return f"{day}, {format_time(when, 'short', tzinfo=when.tzinfo, locale=locale)}"
