"""A wait as people say it: rounded up, so that it is kept, and with the right plural."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Literal

from babel import Locale
from babel.dates import format_timedelta
from babel.lists import format_list

MINUTE, HOUR, DAY = 60, 3600, 86400

_UNITS: tuple[tuple[Literal["day", "hour", "minute"], int], ...] = (
    ("day", DAY),
    ("hour", HOUR),
    ("minute", MINUTE),
)

# (up to, in steps of), seconds: the longer the wait, the coarser it is spoken of.
_STEPS = ((5 * MINUTE, MINUTE), (HOUR, 5 * MINUTE), (4 * HOUR, HOUR // 2), (DAY, HOUR), (math.inf, DAY))


def spoken_wait(seconds: float) -> int:
    """Round a wait up to what one would say.

    To whole minutes up to 5, then 5 minutes up to an hour, half hours up to 4 hours, hours up to a day, days.

    Args:
        seconds: The wait, not negative; no wait is said as one minute, since nobody is answered in none.

    Returns:
        Seconds, at least `seconds`.

    Raises:
        ValueError: The wait is negative, infinite or no number: then there is none to speak of.
    """
    if not 0 <= seconds < math.inf:
        raise ValueError(f"a wait of {seconds} s cannot be said")
    step = next(step for up_to, step in _STEPS if seconds <= up_to)
    return max(MINUTE, math.ceil(seconds / step) * step)


def say_wait(seconds: float, language: str) -> str:
    """A wait in words, rounded up: "5 minutes", "1 Stunde und 30 Minuten", "2 dagen".

    Units and plurals come from CLDR. The words are in the basic form (as in "the wait is 3 days"), which
    a template must leave room for: some languages bend them after a preposition.

    Args:
        seconds: The wait; see `spoken_wait`.
        language: BCP 47 tag.
    """
    locale = Locale.parse(language, sep="-")
    left, said = spoken_wait(seconds), []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            # format_unit would do, but lacks the units that a locale takes from its short forms (nl "uur").
            span = timedelta(seconds=count * size)
            said.append(format_timedelta(span, granularity=unit, threshold=math.inf, locale=locale))
    return format_list(said, locale=locale)
