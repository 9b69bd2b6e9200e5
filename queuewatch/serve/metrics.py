"""`GET /metrics`: the state as Prometheus sees it, made when it asks.

What is unknown is absent, never 0. Labels are few and closed: no customer, contact or agent.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder

from queuewatch import __version__
from queuewatch.core.view import BUCKETS_S, BoardView, HistogramView, NoticeLevel, QueueView, SourceView
from queuewatch.outgoing import OutboxView
from queuewatch.ports import COMMIT_BUCKETS_S, CommitsView, Desk
from queuewatch.serve import forecasts
from queuewatch.serve.exposition import Family, Histogram, Sample, escaped, histograms, labels, simple, single
from queuewatch.serve.owed import Told, owed
from queuewatch.serve.trust import TRUST, TRUST_HISTOGRAMS, Telling

SOURCES = 100
"""How many sources have labels of their own."""

LEVELS: dict[NoticeLevel, int] = {"normal": 0, "busy": 1, "very_busy": 2}


@dataclass(frozen=True)
class Sight:
    """Everything that one scrape tells, taken at one moment in the event loop."""

    board: BoardView
    commits: CommitsView
    notices: dict[tuple[str, str, NoticeLevel], int]
    deliveries: dict[tuple[str, str], int]
    outboxes: dict[str, OutboxView]
    owed: tuple[Told, ...] = ()


def _by(label: str, values: Mapping[Any, float]) -> list[Sample]:
    return [(f'{label}="{escaped(key)}"', value) for key, value in values.items()]


# What is told of each queue, with those of `trust.py`; the labels site, queue and channel come to those
# given here.
QUEUE: tuple[tuple[Family, Telling], ...] = (
    (
        Family("contacts_offered", "counter", "Contacts that joined the queue."),
        lambda view: single(view.counts.offered),
    ),
    (
        Family("contacts_answered", "counter", "Contacts that an agent took."),
        lambda view: single(view.counts.answered),
    ),
    (
        Family("contacts_abandoned", "counter", "Contacts that gave up waiting."),
        lambda view: single(view.counts.abandoned),
    ),
    (
        Family("contacts_left", "counter", "Contacts that left unanswered for another reason."),
        lambda view: _by("reason", view.counts.left),
    ),
    (
        Family("contacts_transferred", "counter", "Contacts handed on, by kind."),
        lambda view: _by("kind", view.counts.transferred),
    ),
    (
        Family("contacts_resolved", "counter", "Completed contacts, by whether the matter was settled."),
        lambda view: _by("resolved", view.counts.resolved),
    ),
    (
        Family("contacts_repeated", "counter", "Contacts of customers who had been here lately, by reason."),
        lambda view: _by("reason", view.counts.repeated),
    ),
    (Family("contacts_waiting", "gauge", "Contacts waiting now."), lambda view: single(view.waiting)),
    (
        Family("callbacks_waiting", "gauge", "Contacts in line whom we call back; not among those waiting."),
        lambda view: single(view.callbacks),
    ),
    (Family("contacts_serving", "gauge", "Contacts being served now."), lambda view: single(view.serving)),
    (
        Family("oldest_wait_seconds", "gauge", "Longest wait of those waiting; absent when nobody waits."),
        lambda view: single(view.oldest_wait_s),
    ),
    (
        Family("agents", "gauge", "Agents that serve the queue, by state; absent when nobody knows."),
        lambda view: _by("state", view.agents or {}),
    ),
    (
        Family("agents_planned", "gauge", "Agents planned for now; absent where nobody brought in a plan."),
        lambda view: single(view.planned),
    ),
    (
        Family("occupancy_ratio", "gauge", "Share of agents on duty who are busy."),
        lambda view: single(view.occupancy),
    ),
    (
        Family("offered_load_erlangs", "gauge", "Recent arrivals times recent handling time."),
        lambda view: single(view.steady.load_erlangs if view.steady else None),
    ),
    (
        Family(
            "estimated_wait_seconds",
            "summary",
            "Wait of the next contact to arrive; absent without estimate.",
        ),
        lambda view: _by("quantile", view.next.quantiles_s),
    ),
    (
        Family(
            "wait_exceedance_probability", "gauge", "Chance that the next contact waits past the threshold."
        ),
        lambda view: _by("threshold", view.next.chances),
    ),
    (
        Family("contacts_past_threshold", "gauge", "Waiting contacts already past the threshold."),
        lambda view: _by("threshold", view.past_threshold),
    ),
    (
        Family("wait_target_ratio", "gauge", "Share of contacts that may wait past the threshold."),
        lambda view: _by("threshold", view.targets),
    ),
    (
        Family(
            "erlang_c_exceedance_probability",
            "gauge",
            "Long-run chance by Erlang C to wait past the threshold.",
        ),
        lambda view: _by("threshold", view.steady.chances if view.steady else {}),
    ),
    (
        Family("agents_required", "gauge", "Fewest agents that meet the queue's targets at the recent load."),
        lambda view: single(view.steady.agents_required if view.steady else None),
    ),
    (
        Family("notice_level", "gauge", "Notice in force: 0 normal, 1 busy, 2 very busy."),
        lambda view: single(LEVELS[view.notice.level]),
    ),
    (
        Family(
            "data_age_seconds", "gauge", "Seconds since the last fact about the queue, or from its source."
        ),
        lambda view: single(max(0.0, view.at - view.heard_at)),
    ),
)

HISTOGRAMS: tuple[tuple[Family, Callable[[QueueView], HistogramView | None]], ...] = (
    (
        Family("wait_seconds", "histogram", "Waits of answered contacts."),
        lambda view: view.counts.wait,
    ),
    (
        Family("abandoned_wait_seconds", "histogram", "Waits of those who gave up."),
        lambda view: view.counts.gave_up,
    ),
    (
        Family("handling_seconds", "histogram", "Handling times of completed contacts."),
        lambda view: view.counts.handling,
    ),
    (
        Family("first_response_seconds", "histogram", "Time to the first response, chat and e-mail."),
        lambda view: None if view.channel == "phone" else view.counts.first_response,
    ),
)

SOURCE: tuple[tuple[Family, Callable[[SourceView], Iterable[Sample]]], ...] = (
    (Family("events", "counter", "Events taken, by type."), lambda view: _by("type", view.events)),
    (
        Family("events_refused", "counter", "What could not be read, or not be written down, by reason."),
        lambda view: _by("reason", view.refused),
    ),
    (
        Family("source_up", "gauge", "1 while the source's facts can be relied on."),
        lambda view: single(int(view.up)),
    ),
    (
        Family("source_lag_seconds", "gauge", "Time between the last event and its arrival here."),
        lambda view: single(view.lag_s),
    ),
)

NOTICES = Family("notices", "counter", "How often each notice level was entered.")
MISFITS = Family("events_misfit", "counter", "Facts taken that fit no visit, by reason.")
DELIVERIES = Family("deliveries", "counter", "Deliveries, by sender and outcome.")
OUTBOX: tuple[tuple[Family, Callable[[OutboxView, float], Iterable[Sample]]], ...] = (
    (
        Family("deliveries_pending", "gauge", "Decisions that wait to be sent, by sender."),
        lambda view, _: single(view.pending),
    ),
    (
        Family("deliveries_dead", "gauge", "Decisions that were given up, until somebody sees to them."),
        lambda view, _: single(view.dead),
    ),
    (
        Family(
            "deliveries_oldest_seconds", "gauge", "How long the oldest has waited; absent when none waits."
        ),
        lambda view, now: single(None if view.oldest_at is None else max(0.0, now - view.oldest_at)),
    ),
    (
        Family("sender_up", "gauge", "0 while a sender has failed too often in a row."),
        lambda view, _: single(int(view.up)),
    ),
)
COMMITS = Family("journal_commit_seconds", "histogram", "How long the journal's commits took.")
JOURNAL_UP = Family("journal_up", "gauge", "0 while the journal cannot be written.")
JOURNAL_EVENTS = Family("journal_events", "gauge", "Events that the journal holds.")
BUILD = Family("build", "info", "Version of queuewatch.")


def render(sight: Sight, *, openmetrics: bool) -> str:
    """Our metrics as text. Slow with many queues, so it belongs into a thread."""
    lines: list[str] = []
    lines += simple(BUILD, [(labels(version=__version__), 1)], openmetrics=openmetrics)
    lines += _of_queues(sight, openmetrics=openmetrics)
    sources = [(labels(source=view.source), view) for view in _few(sight.board.sources)]
    for family, telling in SOURCE:
        samples = ((_joined(own, more), value) for own, view in sources for more, value in telling(view))
        lines += simple(family, samples, openmetrics=openmetrics)
    misfits = (
        (labels(site=site, reason=reason), count)
        for site, counts in sight.board.misfits.items()
        for reason, count in counts.items()
    )
    lines += simple(MISFITS, misfits, openmetrics=openmetrics)
    delivered = (
        (labels(sender=sender, outcome=outcome), count)
        for (sender, outcome), count in sight.deliveries.items()
    )
    lines += simple(DELIVERIES, delivered, openmetrics=openmetrics)
    for family, told in sight.owed:
        lines += simple(family, told, openmetrics=openmetrics)
    senders = [(labels(sender=name), view) for name, view in sight.outboxes.items()]
    for family, standing in OUTBOX:
        samples = (
            (_joined(own, more), value)
            for own, view in senders
            for more, value in standing(view, sight.board.at)
        )
        lines += simple(family, samples, openmetrics=openmetrics)
    commits = Histogram("", sight.commits.counts, sight.commits.sum_s)
    lines += histograms(COMMITS, COMMIT_BUCKETS_S, [commits], openmetrics=openmetrics)
    lines += simple(JOURNAL_UP, [("", int(not sight.commits.failing))], openmetrics=openmetrics)
    lines += simple(JOURNAL_EVENTS, [("", sight.commits.events)], openmetrics=openmetrics)
    return "".join(lines)


def _few(views: tuple[SourceView, ...]) -> tuple[SourceView, ...]:
    """Sources name themselves, so there may be any number: the first are told apart, the rest together."""
    rest = views[SOURCES - 1 :]
    if len(rest) <= 1:
        return views
    together = SourceView(
        source="other",
        up=all(view.up for view in rest),
        heard_at=max((view.heard_at for view in rest if view.heard_at is not None), default=None),
        lag_s=max((view.lag_s for view in rest if view.lag_s is not None), default=None),
        events=dict(sum((Counter(view.events) for view in rest), Counter())),
        refused=dict(sum((Counter(view.refused) for view in rest), Counter())),
    )
    return (*views[: SOURCES - 1], together)


def _of_queues(sight: Sight, *, openmetrics: bool) -> Iterator[str]:
    named = {
        (view.site, view.queue): labels(site=view.site, queue=view.queue, channel=view.channel)
        for view in sight.board.queues
    }
    # Labels are escaped once per queue and scrape, not once per sample: that is most of the speed.
    queues = [(named[view.site, view.queue], view) for view in sight.board.queues]
    for family, telling in (*QUEUE, *TRUST):
        samples = ((_joined(own, more), value) for own, view in queues for more, value in telling(view))
        yield from simple(family, samples, openmetrics=openmetrics)
    for family, histogram in (*HISTOGRAMS, *TRUST_HISTOGRAMS):
        series = (
            Histogram(own, found.counts, found.sum_s)
            for own, view in queues
            if (found := histogram(view)) is not None
        )
        yield from histograms(family, BUCKETS_S, series, openmetrics=openmetrics)
    entered = (
        (_joined(named[site, queue], f'level="{level}"'), count)
        for (site, queue, level), count in sight.notices.items()
        if (site, queue) in named
    )
    yield from simple(NOTICES, entered, openmetrics=openmetrics)


def _joined(own: str, more: str) -> str:
    return f"{own},{more}" if more else own


class Metrics:
    """Answers scrapes. Those that come while one is being made share it.

    Args:
        desk: Who knows.
        foreseen: What is known of each queue's forecasts.
    """

    def __init__(self, desk: Desk, foreseen: Callable[[], Iterable[forecasts.Figures]] | None = None) -> None:
        self._desk = desk
        self._foreseen = foreseen or tuple
        self._running: dict[str, asyncio.Task[bytes]] = {}
        # Not the library's own registry: what other code in the process counts is not ours to tell.
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        PlatformCollector(registry=self._process)
        GCCollector(registry=self._process)

    async def scrape(self, request: web.Request) -> web.Response:
        """All metrics, as OpenMetrics where the asker prefers that."""
        accept = request.headers.get("Accept", "")
        _, content_type = choose_encoder(accept)
        running = self._running.get(content_type)
        if running is None:
            running = asyncio.create_task(self._made(accept), name="scrape")
            self._running[content_type] = running
            running.add_done_callback(lambda _: self._running.pop(content_type))
        body = await asyncio.shield(running)
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _made(self, accept: str) -> bytes:
        """The view is taken here, in the loop; the text is made in a thread, so that events still get in."""
        desk = self._desk
        sight = Sight(
            desk.board(),
            desk.commits(),
            desk.notices(),
            desk.deliveries(),
            desk.outboxes(),
            (*owed(desk.cares()), *forecasts.told(self._foreseen())),
        )
        return await asyncio.to_thread(self._text, sight, accept)

    def _text(self, sight: Sight, accept: str) -> bytes:
        encode, content_type = choose_encoder(accept)
        ours = render(sight, openmetrics=content_type.startswith("application/openmetrics-text"))
        # The library's part comes last: it knows how the format ends.
        return ours.encode() + encode(self._process)
