"""One turn: facts and the time go in, decisions come out; and when the core wants to be woken.

Everything the core knows is in `Core`, owned by whoever calls `turn`. The same facts with the same times give
the same state and the same decisions with the same keys: a restart repeats the turns and lets the ledger say
which of the decisions are out already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush

from msgspec import Struct, field

from queuewatch.core import aging, look, whatif
from queuewatch.core.agents import ON_DUTY
from queuewatch.core.alerts import with_help
from queuewatch.core.apply import apply
from queuewatch.core.care import ACTS, Care
from queuewatch.core.decisions import AlertChanged, Decision, NoticeChanged
from queuewatch.core.estimate.learned import Learned
from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.wait import Lessons, Scene, heed
from queuewatch.core.events import (
    AgentChanged,
    ContactFact,
    Event,
    NoticeOverridden,
    PromiseTold,
    QueueSnapshot,
)
from queuewatch.core.history import Diary, Present
from queuewatch.core.promises import Books, promise_view, promises_view, zone
from queuewatch.core.rules import Rules
from queuewatch.core.state import Change, Queue, Site
from queuewatch.core.steady import Rates, steady_views
from queuewatch.core.view import (
    ContactView,
    NoticeLevel,
    PromisesView,
    PromiseView,
    QueueView,
    SourceView,
    SteadyView,
    WhatIfView,
)
from queuewatch.core.watch import Watch, notice_key

# While somebody waits, a chance can rise with nothing happening: nobody being served is news too.
REFRESH_S = 5.0
# In a flood of facts a queue is looked at so often and no more: nobody decides faster than that.
LOOK_EVERY_S = 0.25
# The steady picture speaks of the last quarter of an hour: it need not be drawn anew at every look.
STEADY_KEEP_S = 10.0


class Attention(Struct):
    """What the core keeps of a site beside its state: what it learned, its watches, and when to look again.

    Attributes:
        estimator: Says how long is still to wait; its memory is of this site alone.
        wakes: Heap of (when, queue); an entry counts only while the queue's watch wants that time.
        notices: How often each level was entered, by queue and level.
        lessons: How much the estimator may learn.
        looked: Queues looked at since somebody asked; see `looked_at`.
        steady: The steady pictures as last drawn, and when.
        books: What was said of waits, and what happened.
        care: What customers are owed, and who is to be told of what.
        diary: What happened per interval, for the planner.
    """

    learned: dict[str, Learned] = field(default_factory=dict)
    estimator: Live = field(default_factory=Live)
    watches: dict[str, Watch] = field(default_factory=dict)
    wakes: list[tuple[float, str]] = field(default_factory=list)
    notices: dict[str, dict[NoticeLevel, int]] = field(default_factory=dict)
    lessons: Lessons = field(default_factory=Lessons)
    looked: dict[str, None] = field(default_factory=dict)
    steady: dict[str, SteadyView] = field(default_factory=dict)
    steady_at: float = float("-inf")
    books: Books = field(default_factory=Books)
    care: Care = field(default_factory=Care)
    diary: Diary = field(default_factory=Diary)


class Core(Struct):
    """All sites, and the core's attention to each."""

    sites: dict[str, Site] = field(default_factory=dict)
    attention: dict[str, Attention] = field(default_factory=dict)

    def site(self, name: str) -> tuple[Site, Attention]:
        """The site of this name, made when first spoken of."""
        site = self.sites.get(name)
        if site is None:
            site = self.sites[name] = Site(name)
            self.attention[name] = Attention()
        return site, self.attention[name]


def turn(
    core: Core,
    rules: Rules,
    now: float,
    events: Iterable[Event] = (),
    observe: Callable[[str, Change], None] | None = None,
) -> list[Decision]:
    """Take in what was recorded at `now`, or what the mere passing of time until `now` brings.

    Args:
        core: All that is known; changed in place.
        rules: The rules in force.
        now: When the events were recorded (our clock), or when the core wanted to be woken.
        events: What happened, in the order in which it was recorded.
        observe: Is told of every visit that moved, with its site, while the state is as the move left it.

    Returns:
        What must be told, in the order in which it was decided.
    """
    touched: dict[str, dict[str, None]] = {}
    for event in events:
        site, attention = core.site(event.site)
        apply(site, event, now, rules.ages)
        if isinstance(event.data, NoticeOverridden):
            _obey(site, attention, event, event.data, now)
        if isinstance(event.data, PromiseTold):
            attention.books.told(site, event, event.data, rules)
        attention.care.act(site, event, rules, now)
        looks = touched.setdefault(event.site, {})
        looks.update(_touched(site, event))
        if site.changes:
            looks.update(_learn(site, attention, rules, now, observe))
    decisions: list[Decision] = []
    for name, site in core.sites.items():
        attention = core.attention[name]
        due_at = aging.next_at(site)
        if due_at is not None and due_at <= now:
            aging.expire(site, now, rules.ages)
        looks = touched.get(name, {})
        if site.changes:
            looks.update(_learn(site, attention, rules, now, observe))
        looks.update(dict.fromkeys(_woken(attention, now)))
        for queue in looks:
            decisions += _look(site, attention, queue, rules, now)
        decided = attention.care.wake(site, rules, now)
        decisions += [_helped(site, attention, rules, now, one) for one in decided]
        attention.looked.update(looks)
        if attention.diary.due(now):
            present = {
                name: _present(_scene(site, attention, one, rules, now)) for name, one in site.queues.items()
            }
            attention.diary.sample(now, present, site.contacts.__contains__)
    return decisions


def _touched(site: Site, event: Event) -> dict[str, None]:
    """The queues whose next contact may now wait longer or shorter."""
    data = event.data
    if isinstance(data, ContactFact | QueueSnapshot | NoticeOverridden | PromiseTold):
        return {data.queue: None}
    if isinstance(data, ACTS):
        return {}
    if isinstance(data, AgentChanged):
        agent = site.agents[event.subject]
        return dict.fromkeys(name for name, queue in site.queues.items() if agent.name in queue.agents)
    return dict.fromkeys(name for name, queue in site.queues.items() if event.source in queue.sources)


def _obey(site: Site, attention: Attention, event: Event, data: NoticeOverridden, now: float) -> None:
    site.queue(data.queue, "phone", now, guessed=True)
    watch = _watch(attention, data.queue)
    watch.obey(data, (event.at, event.source, event.id))
    watch.looked_at = float("-inf")


def _learn(
    site: Site,
    attention: Attention,
    rules: Rules,
    now: float,
    observe: Callable[[str, Change], None] | None,
) -> dict[str, None]:
    """Let everybody know what moved before anything else does, and say in which queues that was."""
    for change in site.changes:
        looked = None
        attention.diary.note(change, now, rules.of(change.visit.queue).thresholds_s)
        if not change.visit.callback:  # how long somebody waits whom we call back teaches nothing of the line
            _learned(attention, change.visit.queue).learn(change, now)
            looked = heed(
                (attention.estimator,),
                change,
                now,
                lambda name: _scene(site, attention, site.queues[name], rules, now),
                attention.lessons,
            )
        attention.books.heed(attention.estimator.name, change, rules)
        if looked is not None:
            at, ahead = looked
            attention.books.joined(attention.estimator, at, ahead, change.visit, rules.of(change.visit.queue))
        attention.care.heed(site, change, rules, now)
        if observe is not None:
            observe(site.name, change)
    looks = dict.fromkeys(change.visit.queue for change in site.changes)
    site.changes.clear()
    return looks


def _present(at: Scene) -> Present:
    """Who serves a queue now, for the diary."""
    if at.agents is None:
        return Present(at.now, None, 0.0, at.stale)
    there = sum(count for state, count in at.agents.items() if state in ON_DUTY)
    return Present(at.now, float(there), float(there - at.agents.get("available", 0)), at.stale)


def _learned(attention: Attention, queue: str) -> Learned:
    learned = attention.learned.get(queue)
    if learned is None:
        learned = attention.learned[queue] = Learned()
    return learned


def _watch(attention: Attention, queue: str) -> Watch:
    watch = attention.watches.get(queue)
    if watch is None:
        watch = attention.watches[queue] = Watch()
    return watch


def _woken(attention: Attention, now: float) -> Iterator[str]:
    wakes = attention.wakes
    while wakes and wakes[0][0] <= now:
        at, queue = heappop(wakes)
        watch = attention.watches[queue]
        if watch.wake_at == at:
            watch.wake_at = None
            watch.looked_at = float("-inf")
            yield queue


def _look(site: Site, attention: Attention, name: str, rules: Rules, now: float) -> list[NoticeChanged]:
    """Look at one queue: has its notice level changed, and when is it to be looked at again?"""
    queue = site.queues[name]
    own = rules.of(name)
    watch = _watch(attention, name)
    if now < watch.looked_at + LOOK_EVERY_S:
        _set_alarm(attention, queue, watch, watch.looked_at + LOOK_EVERY_S, now)
        return []
    watch.looked_at = now
    learned = _learned(attention, name)
    scene = look.scene(site, queue, learned, rules, now)
    attention.diary.see(name, _present(scene))
    chances = look.next_chances(attention.estimator, scene, own.notice)
    if chances is None and not queue.line and not scene.stale:
        # Where nobody waits and nobody can be said to be waited for, there is nothing to be told.
        chances = dict.fromkeys(own.notice.thresholds, 0.0)
    was = watch.level
    decisions = []
    if watch.heed(chances, now, own.notice):
        counts = attention.notices.setdefault(name, {})
        counts[watch.level] = counts.get(watch.level, 0) + 1
        decisions.append(
            NoticeChanged(
                key=notice_key(site.name, name, watch.level, now),
                site=site.name,
                queue=name,
                at=now,
                level=watch.level,
                was=was,
                reason=watch.reason,
                chances=chances or {},
            )
        )
    attention.care.look(scene, watch, chances, rules)
    _set_alarm(attention, queue, watch, watch.due_at(own.notice), now)
    return decisions


def _helped(site: Site, attention: Attention, rules: Rules, now: float, one: Decision) -> Decision:
    """An alert about a queue that hurts says what would help; everything else is as it is."""
    if not isinstance(one, AlertChanged) or one.waiting is None or one.phase == "resolved":
        return one
    own = rules.of(one.subject)
    at = _scene(site, attention, site.queues[one.subject], rules, now)
    wait = look.next_wait(attention.estimator, at, own)
    rate = look.rates(at, own)
    steady = steady_views({one.subject: rate}).get(one.subject) if rate is not None else None
    help_ = whatif.trouble(attention.estimator, at, own, wait, steady)
    if help_ is None:
        return one
    return with_help(one, help_.agents, help_.chances.get(f"{own.thresholds_s[0]:g}"))


def _set_alarm(attention: Attention, queue: Queue, watch: Watch, due_at: float | None, now: float) -> None:
    """Have the queue looked at again when it may change by itself; an earlier alarm that is set will do."""
    if queue.line or watch.level != "normal":
        due_at = now + REFRESH_S if due_at is None else min(due_at, now + REFRESH_S)
    if due_at is not None and (watch.wake_at is None or due_at < watch.wake_at):
        watch.wake_at = due_at
        heappush(attention.wakes, (due_at, queue.name))


def wake_at(core: Core) -> float | None:
    """When `turn` has to be called if nothing happens before; None: not at all."""
    dues = [
        due
        for name, site in core.sites.items()
        for due in (
            aging.next_at(site),
            core.attention[name].care.next_at(),
            *(at for at, _ in core.attention[name].wakes[:1]),
        )
    ]
    return min((due for due in dues if due is not None), default=None)


def cares(core: Core) -> dict[str, Care]:
    """What the customers of each site are owed, and who is to be told; to be read only."""
    return {name: attention.care for name, attention in core.attention.items()}


def looked_at(core: Core) -> list[tuple[str, str]]:
    """The queues (site, name) whose view may have changed since this was asked last."""
    places = [(site, queue) for site, attention in core.attention.items() for queue in attention.looked]
    for attention in core.attention.values():
        attention.looked.clear()
    return places


def notices_in_force(core: Core) -> list[tuple[tuple[str, str], str]]:
    """The notice in force of each queue (site, name) whose level ever changed, by its key."""
    return [
        ((site, queue), notice_key(site, queue, watch.level, watch.since_at))
        for site, attention in core.attention.items()
        for queue, watch in attention.watches.items()
        if watch.since_at is not None
    ]


def queue_views(core: Core, rules: Rules, now: float) -> tuple[QueueView, ...]:
    """Every queue of every site, as it is now."""
    places = [(site.name, name) for site in core.sites.values() for name in site.queues]
    return tuple(queue_view(core, rules, site, name, now) for site, name in places)


def queue_view(core: Core, rules: Rules, site_name: str, name: str, now: float) -> QueueView:
    """One queue as it is now. Raises KeyError when nobody ever spoke of it."""
    site = core.sites[site_name]
    attention = core.attention[site_name]
    own = rules.of(name)
    at = _scene(site, attention, site.queues[name], rules, now)
    wait = look.next_wait(attention.estimator, at, own)
    steady = _steady(site, attention, rules, now).get(name)
    return look.queue_view(
        site,
        _watch(attention, name),
        at,
        own,
        wait=wait,
        steady=steady,
        trouble=whatif.trouble(attention.estimator, at, own, wait, steady),
        promises=_promises(attention, name, rules, now),
        risk=look.risk_view(site, at, attention.estimator, attention.books.of(name).patience, rules),
    )


def _promises(attention: Attention, name: str, rules: Rules, now: float) -> PromisesView | None:
    book = attention.books.queues.get(name)
    return None if book is None else promises_view(book, now, zone(rules.of(name), rules))


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
    at = _scene(site, attention, site.queues[name], rules, now)
    return whatif.what_if(attention.estimator, at, rules.of(name), ask)


def contact_views(core: Core, rules: Rules, site_name: str, name: str, now: float) -> list[ContactView]:
    """Those who wait in a queue, in line. Raises KeyError when nobody ever spoke of it."""
    site = core.sites[site_name]
    queue = site.queues[name]
    attention = core.attention[site_name]
    at = _scene(site, attention, queue, rules, now)
    return list(look.contact_views(site, queue, at, attention.estimator, rules))


def source_views(core: Core, rules: Rules) -> dict[str, SourceView]:
    """Every source by name; one that tells of several sites speaks for the last it told of."""
    return {
        name: look.source_view(source, rules)
        for site in core.sites.values()
        for name, source in site.sources.items()
    }


def misfits(core: Core) -> dict[str, dict[str, int]]:
    """How many facts fit no visit, by site and reason; never goes down."""
    return {name: site.misfits.published() for name, site in core.sites.items()}


def _scene(site: Site, attention: Attention, queue: Queue, rules: Rules, now: float) -> Scene:
    return look.scene(site, queue, _learned(attention, queue.name), rules, now)


def _steady(site: Site, attention: Attention, rules: Rules, now: float) -> dict[str, SteadyView]:
    if now - attention.steady_at >= STEADY_KEEP_S:
        attention.steady_at = now
        rates: dict[str, Rates] = {}
        for name, queue in site.queues.items():
            one = look.rates(_scene(site, attention, queue, rules, now), rules.of(name))
            if one is not None:
                rates[name] = one
        attention.steady = steady_views(rates)
    return attention.steady
