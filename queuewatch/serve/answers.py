"""What the API answers with: the views as JSON, points in time as RFC 3339, and the notice in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
from aiohttp import web
from msgspec import Struct

from queuewatch.core.facts.terms import Channel
from queuewatch.core.facts.wire import Time
from queuewatch.core.view import (
    BoardView,
    ContactView,
    EstimateScoreView,
    NoticeView,
    PromisesView,
    PromiseView,
    QueueView,
    RefusedView,
    RiskView,
    SourceView,
    SteadyView,
    TroubleView,
    WaitView,
    WhatIfView,
)


class Spoken(Protocol):
    """A notice in words."""

    @property
    def text(self) -> str:
        """The words, plain; empty where there is nothing to say."""
        ...


class Promised(Protocol):
    """A promise in words."""

    @property
    def language(self) -> str:
        """The language of the words."""
        ...

    @property
    def text(self) -> str:
        """The words, plain."""
        ...

    @property
    def told_s(self) -> float | None:
        """The time still to wait that they tell, seconds; None where they tell none."""
        ...


class Wording(Protocol):
    """Puts a notice into words; `queuewatch.words` is one."""

    def available(self) -> Iterable[str]:
        """The languages there are words in (BCP 47)."""
        ...

    def negotiate(self, wanted: str | None, available: Iterable[str], default: str) -> str:
        """The best of the available languages for an Accept-Language header."""
        ...

    def text(self, view: QueueView, language: str) -> Spoken:
        """The notice in force."""
        ...

    def promise(self, wait: WaitView, channel: Channel, language: str) -> Promised:
        """What to tell somebody who waits."""
        ...

    def ssml(self, notice: Any) -> str:
        """What `text` gave as a whole SSML document."""
        ...

    def twiml(self, notice: Any) -> str:
        """What `text` gave as a whole TwiML document."""
        ...


class Wait(WaitView, frozen=True, kw_only=True):
    """How long a contact's whole wait will be, seconds, or in `no_estimate` why nobody can say."""


class Steady(SteadyView, frozen=True, kw_only=True):
    """The steady picture by Erlang C from the recent rates."""


class Trouble(TroubleView, frozen=True, kw_only=True):
    """Why a queue is about to hurt customers, and how many agents more would help."""


class WhatIf(WhatIfView, frozen=True, kw_only=True):
    """One queue as it would be with other staffing, at this moment; `line` in order, without identity."""

    at: Time  # type: ignore[assignment]  # a float in the core, RFC 3339 outside
    next: Wait
    line: tuple[Wait, ...]
    steady: Steady | None


class Notice(NoticeView, frozen=True, kw_only=True):
    """The notice in force, and what it says; `text` is empty while nothing is announced."""

    since_at: Time | None  # type: ignore[assignment]  # a float in the core, RFC 3339 outside
    until_at: Time | None = None  # type: ignore[assignment]
    language: str = ""
    text: str = ""


class Counts(Struct, frozen=True, kw_only=True):
    """What happened since counting began. How long it took is in the histograms of /metrics."""

    offered: int
    answered: int
    abandoned: int
    left: dict[str, int]
    transferred: dict[str, int]
    resolved: dict[str, int] = {}
    repeated: dict[str, int] = {}


class EstimateScore(EstimateScoreView, frozen=True, kw_only=True):
    """How right an estimator has lately been about a queue; the last 500 waits count."""


class Promises(Struct, frozen=True, kw_only=True):
    """What was told in a queue, and how right it and the estimates were. Shares are None before the first."""

    told: int
    no_estimate: int
    outcomes: dict[str, int]
    open: int
    told_today: int
    kept_today: int
    broken_today: int
    kept_share_today: float | None
    waits_today: int
    held_share_today: float | None
    estimates: tuple[EstimateScore, ...]


class Promise(PromiseView, frozen=True, kw_only=True):
    """A wait that was told to somebody, and what became of it."""

    at: Time  # type: ignore[assignment]


class QueuePromises(Struct, frozen=True, kw_only=True):
    """The promises of one queue that are remembered, the latest first, and what they come to."""

    site: str
    queue: str
    summary: Promises | None
    promises: tuple[Promise, ...]


class SitePromises(Struct, frozen=True, kw_only=True):
    """The promises of all queues of a site that are remembered, the latest first, and what they come to."""

    site: str
    queues: dict[str, Promises | None]
    promises: tuple[Promise, ...]


class Risk(RiskView, frozen=True, kw_only=True):
    """Expected numbers of those waiting whose tolerance is over, now and within five minutes."""


class Queue(QueueView, frozen=True, kw_only=True):
    """One queue as it is now."""

    at: Time  # type: ignore[assignment]
    heard_at: Time  # type: ignore[assignment]
    next: Wait
    steady: Steady | None
    notice: Notice
    counts: Counts  # type: ignore[assignment]  # without the histograms
    promises: Promises | None = None  # type: ignore[assignment]  # without the histogram
    at_risk: Risk | None = None
    trouble: Trouble | None = None


class Contact(ContactView, frozen=True, kw_only=True):
    """One waiting contact: its place and its wait."""

    enqueued_at: Time  # type: ignore[assignment]
    wait: Wait


class Contacts(Struct, frozen=True, kw_only=True):
    """Those who wait in one queue, in line."""

    site: str
    queue: str
    contacts: tuple[Contact, ...]


class Refused(RefusedView, frozen=True, kw_only=True):
    """What a source told that could not be used, for one reason: the last one in a sentence."""

    at: Time  # type: ignore[assignment]


class Source(SourceView, frozen=True, kw_only=True):
    """One source: whether it speaks, how far behind, what it told, and what could not be used of it."""

    heard_at: Time | None  # type: ignore[assignment]
    refusals: tuple[Refused, ...]


class Sources(Struct, frozen=True, kw_only=True):
    """All sources that are configured or have spoken."""

    sources: tuple[Source, ...]


class Board(BoardView, frozen=True, kw_only=True):
    """All queues at one moment, with the sources they hang on, and what of the service itself is not well."""

    at: Time  # type: ignore[assignment]
    queues: tuple[Queue, ...]
    sources: tuple[Source, ...]
    troubles: tuple[str, ...]


class NoticeInForce(Notice, frozen=True, kw_only=True):
    """The notice of one queue, to be told to customers."""

    site: str
    queue: str
    channel: str


class Health(Struct, frozen=True, kw_only=True):
    """Whether the service lives (`ok`) or can be relied on (`ready`)."""

    status: str


def queue(view: QueueView, wording: Wording, language: str) -> Queue:
    """The answer for one queue, its notice in this language."""
    answer: Queue = _convert(view, Queue)
    return msgspec.structs.replace(answer, notice=_spoken(answer.notice, view, wording, language))


def sources(view: BoardView) -> Sources:
    """The answer for the sources."""
    return Sources(sources=_convert(view.sources, tuple[Source, ...]))


def board(view: BoardView, wording: Wording, language: str, site: str | None = None) -> Board:
    """The answer for the board; of one site only, where one is named."""
    chosen = [one for one in view.queues if site is None or one.site == site]
    return Board(
        at=_convert(view.at, Time),
        version=view.version,
        queues=tuple(queue(one, wording, language) for one in chosen),
        sources=sources(view).sources,
        troubles=view.troubles,
    )


def contact(view: ContactView) -> Contact:
    """The answer for one waiting contact."""
    answer: Contact = _convert(view, Contact)
    return answer


def what_if(view: WhatIfView) -> WhatIf:
    """The answer for a queue with other staffing."""
    answer: WhatIf = _convert(view, WhatIf)
    return answer


def promise(view: PromiseView) -> Promise:
    """The answer for one promise."""
    answer: Promise = _convert(view, Promise)
    return answer


def promises(view: PromisesView | None) -> Promises | None:
    """The answer for what was told in a queue."""
    return None if view is None else _convert(view, Promises)


def notice(view: QueueView, wording: Wording, language: str) -> NoticeInForce:
    """The answer for a queue's notice. It speaks on every level, also on `normal`."""
    fields = msgspec.structs.asdict(_convert(view.notice, Notice))
    fields |= {"language": language, "text": wording.text(view, language).text}
    return NoticeInForce(site=view.site, queue=view.queue, channel=view.channel, **fields)


def time(at: float) -> datetime:
    """A point in time as answers hold it."""
    return datetime.fromtimestamp(at, UTC)


def as_json(answer: Any, *, status: int = 200) -> web.Response:
    """The response that carries it. What is true now need not be true in a second, so nobody keeps it."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(answer),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _spoken(answer: Notice, view: QueueView, wording: Wording, language: str) -> Notice:
    if view.notice.level == "normal":
        return answer
    return msgspec.structs.replace(answer, language=language, text=wording.text(view, language).text)


def _convert(view: Any, kind: Any) -> Any:
    """Field by field; not strict, so that a float becomes a point in time."""
    return msgspec.convert(view, kind, strict=False, from_attributes=True)
