"""What a customer who wrote is told at once: that it came in, and when an answer can be expected."""

from __future__ import annotations

import math
from datetime import datetime

from queuewatch.core.view import WaitView
from queuewatch.words.languages import all_words
from queuewatch.words.notice import KEPT
from queuewatch.words.opening import say_opening
from queuewatch.words.promise import Promised
from queuewatch.words.wait import say_wait, spoken_wait


def acknowledgement(
    language: str, wait: WaitView, closed: tuple[datetime, datetime] | None = None
) -> Promised:
    """What to say, its paragraphs apart by an empty line.

    With an estimate it tells how long the contact has still to wait, kept nine times in ten and rounded up;
    while the queue is closed, when it opens; otherwise no time at all.

    Args:
        language: One of `available()`; see `negotiate`.
        wait: The contact's own.
        closed: The present and when the queue opens again, on its clock; None: it is open.

    Raises:
        KeyError: There are no words in this language.
    """
    said = all_words()[language].acknowledgement
    left_s = max(0.0, wait.quantiles_s.get(KEPT, math.inf) - wait.waited_s)
    told_s = None
    if closed is not None:
        text = said.closed.format(opens=say_opening(*closed, language))
    elif wait.no_estimate is None and math.isfinite(left_s):
        told_s = float(spoken_wait(left_s))
        text = said.with_wait.format(wait=say_wait(left_s, language))
    else:
        text = said.without_wait
    return Promised(language=language, text=f"{text}\n\n{said.footer}\n", told_s=told_s)
