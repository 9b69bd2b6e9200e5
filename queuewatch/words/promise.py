"""A promise in words: what to tell somebody who waits about the time still to come."""

from __future__ import annotations

import math

from msgspec import Struct

from queuewatch.core.facts.terms import Channel
from queuewatch.core.view import WaitView
from queuewatch.words.languages import Text, all_words
from queuewatch.words.notice import KEPT
from queuewatch.words.wait import say_wait, spoken_wait


class Promised(Struct, frozen=True, kw_only=True):
    """What to tell.

    Attributes:
        language: BCP 47 tag of the text.
        text: Plain sentences, not escaped for anything.
        told_s: The time still to wait that it tells, seconds; None where it tells none.
    """

    language: str
    text: str
    told_s: float | None


def promise(wait: WaitView, channel: Channel, language: str) -> Promised:
    """The time still to wait in words.

    It is the time that nine in ten will not exceed, rounded up to what one would say; so at least nine in ten
    promises are kept. Without an estimate it tells no number.

    Args:
        wait: The whole wait of somebody who waits.
        channel: Over which channel.
        language: One of `available()`; see `negotiate`.

    Raises:
        KeyError: There are no words in this language.
    """
    said: Text = getattr(all_words()[language].promise, channel)
    left_s = wait.quantiles_s.get(KEPT, math.inf) - wait.waited_s
    if wait.no_estimate is not None or not math.isfinite(left_s):
        return Promised(language=language, text=said.without_wait, told_s=None)
    left_s = max(0.0, left_s)
    text = said.with_wait.format(wait=say_wait(left_s, language))
    return Promised(language=language, text=text, told_s=float(spoken_wait(left_s)))
