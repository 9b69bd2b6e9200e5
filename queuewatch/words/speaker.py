"""Speaks for the queues of one house: the notice in words, with what else there is, and when it is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from msgspec import Struct, structs

from queuewatch.core.facts.terms import Channel
from queuewatch.core.hours import Hours
from queuewatch.core.view import QueueView, WaitView
from queuewatch.words import notice
from queuewatch.words.languages import all_words, available
from queuewatch.words.negotiate import negotiate
from queuewatch.words.notice import Notice
from queuewatch.words.opening import say_opening
from queuewatch.words.promise import Promised, promise


class Alternatives(Struct, frozen=True, kw_only=True):
    """What else a customer of a busy queue can do.

    Attributes:
        callback: They may ask to be called back.
        self_service: Where answers are; None: nowhere.
        channels: Which other channels they may take.
    """

    callback: bool = False
    self_service: str | None = None
    channels: tuple[Channel, ...] = ()


NONE = Alternatives()


class Speaker:
    """Says notices in words. Has what `queuewatch.words` has, and knows the house.

    Args:
        alternatives: What else there is, by the queue's name.
        hours: When a queue is open, by its name; None: always.
    """

    def __init__(
        self,
        alternatives: Callable[[str], Alternatives] = lambda _queue: NONE,
        hours: Callable[[str], Hours | None] = lambda _queue: None,
    ) -> None:
        self._alternatives = alternatives
        self._hours = hours

    def available(self) -> tuple[str, ...]:
        """The tags of all languages there are words in."""
        return available()

    def negotiate(self, wanted: str | None, among: Iterable[str], default: str) -> str:
        """The best of the languages for an Accept-Language header."""
        return negotiate(wanted, among, default)

    def text(self, view: QueueView, language: str) -> Notice:
        """The notice in force, and what else there is; while it is closed, when it is open again.

        Raises:
            KeyError: There are no words in this language.
        """
        hours = self._hours(view.queue)
        if hours is not None and not hours.open_at(view.at):
            opens_at = hours.opens_at(view.at)
            if opens_at is not None:
                return _closed(view, language, hours, opens_at)
        said = notice.text(view, language)
        if view.notice.level == "normal":
            return said
        more = _alternatives(self._alternatives(view.queue), view.channel, language)
        return structs.replace(said, text=" ".join((said.text, *more)))

    def promise(self, wait: WaitView, channel: Channel, language: str) -> Promised:
        """What to tell somebody who waits."""
        return promise(wait, channel, language)

    def ssml(self, said: Notice) -> str:
        """A notice for a voice: a whole SSML document."""
        return notice.ssml(said)

    def twiml(self, said: Notice) -> str:
        """A notice for a voice: a whole TwiML document."""
        return notice.twiml(said)


def _alternatives(given: Alternatives, channel: Channel, language: str) -> list[str]:
    said = all_words()[language].alternatives
    by_channel = {"phone": said.phone, "chat": said.chat, "email": said.email}
    more = [said.callback] if given.callback else []
    more += [by_channel[one] for one in given.channels if one != channel]
    return more + ([said.self_service.format(where=given.self_service)] if given.self_service else [])


def _closed(view: QueueView, language: str, hours: Hours, opens_at: float) -> Notice:
    said = all_words()[language].closed
    now = datetime.fromtimestamp(view.at, UTC).astimezone(hours.zone)
    opens = datetime.fromtimestamp(opens_at, UTC).astimezone(hours.zone)
    template: str = getattr(said, view.channel)
    return Notice(
        language=language,
        level=view.notice.level,
        text=template.format(opens=say_opening(now, opens, language)),
    )
