"""What the core tells of itself to who looks: queues, contacts, promises, sources, as they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from heapq import nsmallest
from math import ceil

from msgspec import structs

from queuewatch.core.care import Care
from queuewatch.core.mind import Attention, Core, scene_of, watch_of
from queuewatch.core.notices.watch import notice_key
from queuewatch.core.rules import Rules
from queuewatch.core.seen import look, whatif
from queuewatch.core.seen.risk import Patience
from queuewatch.core.seen.steady import Rates, steady_views
from queuewatch.core.state.site import Site
from queuewatch.core.trust.promises import promise_view, promises_view, zone
from queuewatch.core.view import (
    ContactView,
    PromiseView,
    QueueView,
    SourceView,
    SteadyView,
    WhatIfView,
)

# A queue of which there is no news is shown as it was drawn for so long, seconds: where somebody waits;
# and where nobody does.
KEPT_S = 2.0
IDLE_KEPT_S = 10.0
# The steady picture speaks of the last quarter of an hour: it need not be drawn anew at every look.
STEADY_KEEP_S = 10.0


def cares(core: Core) -> dict[str, Care]:
    """What the customers of each site are owed, and who is to be told; to be read only."""
    return {name: attention.care for name, attention in core.attention.items()}


def notices_in_force(core: Core) -> list[tuple[tuple[str, str], str]]:
    """The notice in force of each queue (site, name) whose level ever changed, by its key."""
    return [
        ((site, queue), notice_key(site, queue, watch.level, watch.since_at))
        for site, attention in core.attention.items()
        for queue, watch in attention.watches.items()
        if watch.since_at is not None
    ]


class Drawn:
    """The views of all queues, kept from board to board: what there is no news of is not drawn again.

    A view says when it was drawn (`at`), and is what `queue_view` says of that moment; but `oldest_wait_s`
    goes on with the clock. No news are the moves of queues that share agents, and time: for those a view is
    drawn anew after KEPT_S, or IDLE_KEPT_S where nobody waits, and no later than KEPT_S after that.
    """

    def __init__(self) -> None:
        self._views: dict[tuple[str, str], QueueView] = {}
        self._asked_at = float("-inf")

    def touch(self, places: Iterable[tuple[str, str]]) -> None:
        """There is news of these queues (site, name)."""
        for place in places:
            self._views.pop(place, None)

    def queues(self, core: Core, rules: Rules, now: float) -> tuple[QueueView, ...]:
        """Every queue of every site."""
        self._let_go(now)
        views = self._views
        for place in _places(core):
            view = views.get(place)
            if view is None or view.state != _state(core, rules, *place):
                views[place] = queue_view(core, rules, *place, now)
        return tuple(_aged(views[place], now) for place in _places(core))

    def _let_go(self, now: float) -> None:
        """Let go of what was drawn too long ago, the oldest first, and of no more than its share of time.

        So no board takes as long as all of them; but where nobody looked for a while, all that is due goes.
        """
        views, since_s = self._views, now - self._asked_at
        self._asked_at = now
        if since_s < 0.0:  # the clock was set back
            views.clear()
            return
        due = [(until_at, place) for place, view in views.items() if (until_at := _until_at(view)) <= now]
        for _, place in nsmallest(ceil(len(views) * min(1.0, since_s / KEPT_S)), due):
            del views[place]


def _state(core: Core, rules: Rules, site_name: str, name: str) -> str:
    """A source that falls silent, or speaks again, is news of all its queues."""
    site = core.sites[site_name]
    silent = any(site.sources[source].stale(rules.ages) for source in site.queues[name].sources)
    return "stale" if silent else "live"


def _until_at(view: QueueView) -> float:
    return view.at + (KEPT_S if view.waiting else IDLE_KEPT_S)


def _aged(view: QueueView, now: float) -> QueueView:
    if view.oldest_wait_s is None or view.at == now:
        return view
    return structs.replace(view, oldest_wait_s=view.oldest_wait_s + now - view.at)


def _places(core: Core) -> list[tuple[str, str]]:
    return [(site.name, name) for site in core.sites.values() for name in site.queues]


def queue_view(core: Core, rules: Rules, site_name: str, name: str, now: float) -> QueueView:
    """One queue as it is now. Raises KeyError when nobody ever spoke of it."""
    site = core.sites[site_name]
    attention = core.attention[site_name]
    own = rules.of(name)
    at = scene_of(site, attention, site.queues[name], rules, now)
    wait = look.next_wait(attention.estimator, at, own)
    steady = _steady(site, attention, rules, now).get(name)
    book = attention.books.queues.get(name)
    patience = Patience() if book is None else book.patience
    return look.queue_view(
        site,
        watch_of(attention, name),
        at,
        own,
        wait=wait,
        steady=steady,
        trouble=whatif.trouble(attention.estimator, at, own, wait, steady),
        promises=None if book is None else promises_view(book, now, zone(own, rules)),
        risk=look.risk_view(site, at, attention.estimator, patience, rules),
        planned=attention.scheduled.planned_at(name, now),
    )


def promise_views(core: Core, site_name: str, name: str | None = None) -> list[PromiseView]:
    """The promises of a queue, or of all of a site, that are remembered, the latest first.

    Raises:
        KeyError: Nobody ever spoke of the site.
    """
    books = core.attention[site_name].books.queues
    told = [
        promise_view(one, site_name)
        for queue, book in books.items()
        if name is None or queue == name
        for one in book.promises()
    ]
    return sorted(told, key=lambda one: (-one.at, one.promise))


def promise(core: Core, site_name: str, name: str, ident: str) -> PromiseView | None:
    """The promise of this key, if it is remembered."""
    attention = core.attention.get(site_name)
    book = None if attention is None else attention.books.queues.get(name)
    found = None if book is None else book.find(ident)
    return None if found is None else promise_view(found, site_name)


def what_if(  # noqa: PLR0917
    core: Core, rules: Rules, site_name: str, name: str, now: float, ask: whatif.Ask
) -> WhatIfView:
    """One queue as it would be with other staffing. Raises KeyError when nobody ever spoke of it."""
    site = core.sites[site_name]
    attention = core.attention[site_name]
    at = scene_of(site, attention, site.queues[name], rules, now)
    return whatif.what_if(attention.estimator, at, rules.of(name), ask)


def contact_views(core: Core, rules: Rules, site_name: str, name: str, now: float) -> list[ContactView]:
    """Those who wait in a queue, in line. Raises KeyError when nobody ever spoke of it."""
    site = core.sites[site_name]
    queue = site.queues[name]
    attention = core.attention[site_name]
    at = scene_of(site, attention, queue, rules, now)
    return list(look.contact_views(site, queue, at, attention.estimator, rules))


def source_views(core: Core, rules: Rules) -> dict[str, SourceView]:
    """Every source by name; what one tells of several sites is one, and it is up where it is so for all."""
    views: dict[str, SourceView] = {}
    for site in core.sites.values():
        for name, source in site.sources.items():
            view = look.source_view(source, rules)
            views[name] = _together(views[name], view) if name in views else view
    return views


def _together(one: SourceView, other: SourceView) -> SourceView:
    latest = max(one, other, key=lambda view: view.heard_at or 0.0)
    events = Counter(one.events) + Counter(other.events)
    trouble = latest.trouble or one.trouble or other.trouble
    return structs.replace(latest, up=one.up and other.up, events=dict(events), trouble=trouble)


def misfits(core: Core) -> dict[str, dict[str, int]]:
    """How many facts fit no visit, by site and reason; never goes down."""
    return {name: site.misfits.published() for name, site in core.sites.items()}


def _steady(site: Site, attention: Attention, rules: Rules, now: float) -> dict[str, SteadyView]:
    if now - attention.steady_at >= STEADY_KEEP_S:
        attention.steady_at = now
        rates: dict[str, Rates] = {}
        for name, queue in site.queues.items():
            one = look.rates(scene_of(site, attention, queue, rules, now), rules.of(name))
            if one is not None:
                rates[name] = one
        attention.steady = steady_views(rates)
    return attention.steady
