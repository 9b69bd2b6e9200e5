"""The notice of a queue in words: as plain text, and for a voice (SSML, TwiML)."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape, quoteattr

from babel.core import get_global
from msgspec import Struct

from queuewatch.core.view import NoticeLevel, QueueView
from queuewatch.words.languages import Text, all_words
from queuewatch.words.wait import say_wait

KEPT = "0.9"
"""The quantile of the wait that is told: kept nine times in ten."""


class Notice(Struct, frozen=True, kw_only=True):
    """What to tell customers of a queue.

    Attributes:
        language: BCP 47 tag of the text.
        level: The level in force.
        text: One or a few plain sentences, not escaped for anything.
    """

    language: str
    level: NoticeLevel
    text: str


def text(view: QueueView, language: str) -> Notice:
    """The notice in force in words.

    With an estimate it tells the wait that the next contact will not exceed nine times in ten, rounded up;
    without one it tells no number.

    Args:
        view: The queue.
        language: One of `available()`; see `negotiate`.

    Raises:
        KeyError: There are no words in this language.
    """
    words = all_words()[language]
    level = view.notice.level
    said: Text = getattr(getattr(words, level), view.channel)
    wait_s = view.next.quantiles_s.get(KEPT, math.inf)
    if view.next.no_estimate is not None or not math.isfinite(wait_s):
        return Notice(language=language, level=level, text=said.without_wait)
    return Notice(language=language, level=level, text=said.with_wait.format(wait=say_wait(wait_s, language)))


def twiml(notice: Notice) -> str:
    """The notice for a voice, as Twilio wants it: TwiML, with a language that it has a voice for."""
    spoken = get_global("likely_subtags").get(notice.language, notice.language).split("_")
    tag = f"{spoken[0]}-{spoken[-1]}" if len(spoken) > 1 else notice.language
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<Response><Say language={quoteattr(tag)}>{escape(notice.text)}</Say></Response>"
    )


def ssml(notice: Notice) -> str:
    """The notice for a voice: SSML (W3C), with the text escaped and its language named.

    It says version 1.0, of which it is: what reads 1.1 reads it, and many a voice reads no other.
    """
    return (
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" '
        f"xml:lang={quoteattr(notice.language)}>{escape(notice.text)}</speak>"
    )
