"""When a queue opens again, in words: "today at 9:00", "on Monday at 9:00"."""

from __future__ import annotations

from datetime import datetime

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time

from queuewatch.words.languages import all_words

_WEEK_DAYS = 7


def say_opening(now: datetime, opens: datetime, language: str) -> str:
    """The words that a text about a closed queue puts in the place of `{opens}`.

    Args:
        now: The present, on the queue's clock.
        opens: When it opens, on the same clock.
        language: One of `available()`; see `negotiate`.

    Raises:
        KeyError: There are no words in this language.
    """
    said = all_words()[language].closed
    locale = Locale.parse(language, sep="-")
    days = (opens.date() - now.date()).days
    day = format_date(opens.date(), "EEEE", locale)
    if days >= _WEEK_DAYS:
        day = f"{day}, {format_skeleton('MMMMd', opens, locale=locale)}"
    when = (said.opens if days else said.opens_today).replace("{day}", day)
    return when.replace("{time}", format_time(opens.time(), "short", locale=locale))
