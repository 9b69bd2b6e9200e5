"""A desk, a clock and a wording for tests of the API: made of plain values, without a core behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from queuewatch.core.care import ACTS, Care
from queuewatch.core.facts.acts import PromiseTold
from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Rules
from queuewatch.core.seen.whatif import Ask
from queuewatch.core.state.site import Site
from queuewatch.core.trust.promises import Promise, promise_view
from queuewatch.core.view import (
    BUCKETS_S,
    BoardView,
    ContactView,
    CountsView,
    HistogramView,
    NoticeLevel,
    NoticeView,
    PromiseView,
    QueueView,
    SourceView,
    SteadyView,
    WaitView,
    WhatIfView,
)
from queuewatch.customers import Customers
from queuewatch.outgoing import OutboxState, OutboxView, Posted
from queuewatch.ports import (
    COMMIT_BUCKETS_S,
    CommitsView,
    FaultError,
    Health,
    JournalFailedError,
    OverloadedError,
    Receipt,
    Refused,
)
from tests import views

NOON = 1_784_548_800.0
"""2026-07-20T12:00:00Z."""

CUSTOMERS = Customers(b"a key that is only for these tests")


def histogram(*waits_s: float) -> HistogramView:
    """The histogram of these waits."""
    counts = [0] * (len(BUCKETS_S) + 1)
    for wait in waits_s:
        counts[sum(border < wait for border in BUCKETS_S)] += 1
    return HistogramView(counts=tuple(counts), sum_s=sum(waits_s))


def queue(name: str = "sales", **changes: Any) -> QueueView:
    """A busy phone queue with three waiting; `changes` replace fields."""
    view = quiet(
        name,
        waiting=3,
        oldest_wait_s=75.0,
        serving=2,
        agents={"available": 0, "busy": 2, "not_ready": 1},
        occupancy=1.0,
        past_threshold={"60": 1, "180": 0},
        next=WaitView(
            place=4,
            mean_s=130.0,
            quantiles_s={"0.1": 40.0, "0.5": 115.0, "0.9": 250.0},
            chances={"60": 0.82, "180": 0.24},
            estimator="position",
        ),
        steady=SteadyView(
            arrivals_per_hour=60.0,
            handling_s=120.0,
            load_erlangs=2.0,
            chances={"60": 0.4, "180": 0.2},
            agents_required=4,
        ),
        notice=NoticeView(level="busy", since_at=NOON - 90.0, reason="chance_60"),
        counts=CountsView(
            offered=10,
            answered=5,
            abandoned=1,
            left={"timed_out": 1},
            transferred={"blind": 1},
            resolved={"yes": 3, "no": 1},
            repeated={"abandoned": 2},
            wait=histogram(3.0, 60.0, 61.0, 400_000.0),
            gave_up=histogram(45.0),
            handling=histogram(100.0),
            first_response=views.EMPTY,
        ),
    )
    return replace(view, **changes)


def quiet(name: str = "quiet", **changes: Any) -> QueueView:
    """A queue of which hardly anything is known."""
    return views.quiet(name, at=NOON, **{"targets": {"60": 0.2, "180": 0.02}, **changes})


def contact(name: str = "c-1", place: int = 1, queue_name: str = "sales") -> ContactView:
    """One who waits."""
    wait = WaitView(place=place, waited_s=75.0, mean_s=90.0, quantiles_s={"0.5": 88.0}, chances={"60": 1.0})
    return ContactView(
        site="default",
        queue=queue_name,
        channel="phone",
        contact=name,
        enqueued_at=NOON - 75.0,
        priority=0,
        wait=wait,
    )


HTTP_SOURCE = SourceView(
    source="http",
    up=True,
    heard_at=NOON - 2.5,
    lag_s=0.25,
    events={"queuewatch.contact.enqueued": 10},
    refused={"bad_field": 2},
)


@dataclass
class FakeDesk:
    """Keeps what it is given and answers what it was told to answer."""

    views: list[QueueView] = field(default_factory=list)
    line: tuple[ContactView, ...] = ()
    sources: tuple[SourceView, ...] = (HTTP_SOURCE,)
    taken: list[Event] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    overloaded: float | None = None
    broken: str = ""
    forgotten: list[tuple[str, str]] = field(default_factory=list)
    state: Health = field(default_factory=Health)
    version: int = 1
    boards: int = 0
    asked: list[Ask] = field(default_factory=list)
    owed: dict[str, Care] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    entered: dict[tuple[str, str, NoticeLevel], int] = field(default_factory=dict)
    cannot_write: bool = False
    mistaken: bool = False
    delivered: dict[tuple[str, str], int] = field(default_factory=dict)
    boxes: dict[str, OutboxView] = field(default_factory=dict)
    rows: list[Posted] = field(default_factory=list)
    resent: list[int] = field(default_factory=list)
    dropped: list[tuple[int, str]] = field(default_factory=list)

    async def take(self, source: str, events: Sequence[Event], refused: Sequence[Refused] = ()) -> Receipt:
        assert source in {"http", "chat"}
        if self.broken:
            raise JournalFailedError(self.broken)
        if self.mistaken:
            raise FaultError("queuewatch made a mistake (KeyError: 'ada')")
        if self.overloaded is not None:
            raise OverloadedError(self.overloaded)
        keys = {(event.source, event.id) for event in self.taken}
        new = [event for event in events if (event.source, event.id) not in keys]
        self.taken += new
        for event in events:
            self._act(event)
        self.refused += refused
        return Receipt(len(new), len(events) - len(new))

    def _act(self, event: Event) -> None:
        """What people do is heeded as it is by the core."""
        if isinstance(event.data, ACTS):
            site = Site(event.site)
            care = self.owed.setdefault(event.site, Care())
            care.act(site, event, self.rules, event.at)
            care.wake(site, self.rules, event.at)

    async def forget_customer(self, customer: str, stand_in: str) -> None:
        if self.broken:
            raise JournalFailedError(self.broken)
        if self.mistaken:
            raise FaultError("queuewatch made a mistake (KeyError: 'ada')")
        self.forgotten.append((customer, stand_in))

    def board(self) -> BoardView:
        self.boards += 1
        return BoardView(at=NOON, version=self.version, queues=tuple(self.views), sources=self.sources)

    def queue(self, queue: str, site: str = "default") -> QueueView | None:
        found = [view for view in self.views if (view.queue, view.site) == (queue, site)]
        return found[0] if found else None

    def contacts(self, queue: str, site: str = "default") -> tuple[ContactView, ...] | None:
        return self.line if self.queue(queue, site) else None

    def contact(self, queue: str, contact: str, site: str = "default") -> ContactView | None:
        found = [one for one in self.contacts(queue, site) or () if one.contact == contact]
        return found[0] if found else None

    def what_if(self, queue: str, site: str, ask: Ask) -> WhatIfView | None:
        self.asked.append(ask)
        view = self.queue(queue, site)
        if view is None:
            return None
        return WhatIfView(
            site=site,
            queue=queue,
            channel=view.channel,
            at=view.at,
            agents=2.0,
            agents_then=4.0,
            agents_known=True,
            targets={"60": 0.2, "180": 0.02},
            next=view.next,
            line=tuple(one.wait for one in self.line),
            steady=view.steady,
        )

    def cares(self) -> dict[str, Care]:
        return self.owed

    def promise(self, ident: str, queue: str, site: str = "default") -> PromiseView | None:
        told = self.promises(site, queue) or ()
        return next((one for one in told if one.promise == ident), None)

    def promises(self, site: str = "default", queue: str | None = None) -> tuple[PromiseView, ...] | None:
        views = [
            promise_view(Promise(event.id, event.at, event.data.contact, event.data), event.site)
            for event in self.taken
            if isinstance(event.data, PromiseTold)
        ]
        return tuple(one for one in views if one.site == site and queue in {None, one.queue})

    async def changed(self, version: int) -> int:
        while self.version <= version:
            self.moved.clear()
            await self.moved.wait()
        return self.version

    def move(self) -> None:
        """Let the board change."""
        self.version += 1
        self.moved.set()

    def health(self) -> Health:
        return self.state

    def commits(self) -> CommitsView:
        return CommitsView(
            counts=(3,) + (0,) * len(COMMIT_BUCKETS_S), sum_s=0.001, failing=self.cannot_write, events=7
        )

    def notices(self) -> dict[tuple[str, str, NoticeLevel], int]:
        return self.entered

    def deliveries(self) -> dict[tuple[str, str], int]:
        return self.delivered

    def outboxes(self) -> dict[str, OutboxView]:
        return self.boxes

    async def posted(self, states: Sequence[OutboxState] = (), most: int = 100) -> tuple[Posted, ...]:
        return tuple(one for one in self.rows if not states or one.state in states)[:most]

    async def resend(self, numbers: Sequence[int]) -> int:
        self.resent += [one.number for one in self.rows if one.number in numbers and one.state == "dead"]
        return len(self.resent)

    async def resend_notices(self) -> int:
        return 3

    async def drop(self, numbers: Sequence[int], by: str) -> int:
        self.dropped += [(number, by) for number in numbers]
        return len(numbers)


@dataclass(frozen=True)
class Said:
    text: str
    language: str = "en"
    told_s: float | None = None


class FakeWording:
    """Speaks English and German, in one sentence each."""

    def text(self, view: QueueView, language: str) -> Said:
        words = {"en": "We are {}.", "de": "Wir sind {}."}[language]
        return Said(words.format(view.notice.level))

    def promise(self, wait: WaitView, channel: str, language: str) -> Said:
        told_s = None if wait.no_estimate else 120.0
        return Said(f"{channel}: {told_s}", language, told_s)

    def ssml(self, notice: Said) -> str:
        return f"<speak>{notice.text}</speak>"

    def twiml(self, notice: Said) -> str:
        return f"<Response><Say>{notice.text}</Say></Response>"

    def available(self) -> tuple[str, ...]:
        return ("de", "en")

    def negotiate(self, wanted: str | None, available: Iterable[str], default: str) -> str:
        return next((one for one in available if (wanted or "").startswith(one)), default)
