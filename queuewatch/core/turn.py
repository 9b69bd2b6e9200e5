"""One turn: facts and the time go in, decisions come out; and when the core wants to be woken.

Everything the core knows is in `Core`, owned by whoever calls `turn`. The same facts with the same times give
the same state and the same decisions with the same keys: a restart repeats the turns and lets the ledger say
which of the decisions are out already.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import chain, groupby
from operator import attrgetter

from queuewatch.core.care import ACTS
from queuewatch.core.decisions import AlertChanged, Decision, NoticeChanged
from queuewatch.core.estimate.wait import Scene
from queuewatch.core.facts.acts import CustomerForgotten, NeedTold, NoticeOverridden, PlanTold, PromiseTold
from queuewatch.core.facts.events import AgentChanged, Completed, ContactFact, Event, QueueSnapshot
from queuewatch.core.facts.wire import CONTACT_FACTS
from queuewatch.core.learning import Learning, Looks
from queuewatch.core.mind import Attention, Core, learned_of, scene_of, watch_of
from queuewatch.core.notices import calm
from queuewatch.core.notices.watch import Watch, notice_key
from queuewatch.core.rules import Rules
from queuewatch.core.schedule import planned
from queuewatch.core.seen import look, whatif
from queuewatch.core.seen.steady import steady_views
from queuewatch.core.state import aging
from queuewatch.core.state.agents import on_duty
from queuewatch.core.state.apply import take_in
from queuewatch.core.state.calendar import earliest
from queuewatch.core.state.forgetting import without
from queuewatch.core.state.history import Present
from queuewatch.core.state.site import Change, Queue, Site
from queuewatch.core.teams.alerts import with_help

# In a flood of facts a queue is looked at so often and no more: nobody decides faster than that. Many queues
# of a site share so many looks, but none waits for longer than LOOK_LATEST_S.
LOOK_EVERY_S = 0.25
LOOKS_PER_S = 80.0
LOOK_LATEST_S = 2.0

_SITE, _DATA = attrgetter("site"), attrgetter("data")
_PLAIN = frozenset(CONTACT_FACTS)


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
    touched = _take_in(core, rules, now, events, observe)
    decisions: list[Decision] = []
    for name, site in core.sites.items():
        attention = core.attention[name]
        due_at = aging.next_at(site)
        if due_at is not None and due_at <= now:
            aging.expire(site, now, rules.ages)
        looks = touched.get(name, {})
        if site.changes:
            learning = Learning(site, attention, rules, now, looks, observe)
            learning.heed()
            learning.note_down()
        looks.update(dict.fromkeys(_woken(site, attention, looks, rules, now), True))
        if not looks and name not in touched and not _due(attention, now):
            continue
        attention.looked.update(dict.fromkeys(looks))
        for queue, longer in looks.items():
            if longer or not calm.at_ease(watch_of(attention, queue)):
                decisions += _look(site, attention, queue, rules, now)
            else:
                scene = scene_of(site, attention, site.queues[queue], rules, now)
                attention.diary.see(queue, _present(scene))
        decisions += _wind_up(site, attention, rules, now)
    return decisions


def _take_in(
    core: Core,
    rules: Rules,
    now: float,
    events: Iterable[Event],
    observe: Callable[[str, Change], None] | None,
) -> dict[str, Looks]:
    """Take in what happened, fact by fact; says which queues that may have changed, by site."""
    touched: dict[str, Looks] = {}
    told = list(events)
    for name, facts in _in_one_go(told) if told else ():
        for fact in facts:
            if type(fact.data) is not CustomerForgotten:
                break  # there are none, or nothing else
            _forget(core, fact.data)
        site, attention = core.site(name)
        looks = touched.setdefault(name, {})
        learning = Learning(site, attention, rules, now, looks, observe)
        take_in(site, chain.from_iterable(_told(learning, facts)), now, rules.ages)
        learning.note_down()
    return touched


def _in_one_go(events: list[Event]) -> Iterator[tuple[str, list[Event]]]:
    """Facts that are taken in together, and their site: a forgotten customer changes the site itself."""
    if len(events) == 1:  # as in a replay
        yield events[0].site, events
        return
    sites = set(map(_SITE, events))
    if len(sites) == 1 and CustomerForgotten not in set(map(type, map(_DATA, events))):  # as nearly always
        yield sites.pop(), events
        return
    for (name, _), together in groupby(
        events, lambda fact: (fact.site, type(fact.data) is CustomerForgotten)
    ):
        yield name, list(together)


def _told(learning: Learning, facts: list[Event]) -> Iterator[Sequence[Event]]:
    """The facts, piece by piece: once a piece is taken in, everybody learns of it, and then comes the next.

    A piece is a single fact where the estimator may look at who joins, where each move is observed, and where
    a fact is about no contact. In a flood there are hundreds between these, and they are one piece.
    """
    lessons, now, first = learning.attention.lessons, learning.now, 0
    alone = learning.observe is not None or lessons.spare(now) >= len(facts)
    plain = [] if alone else [*map(_PLAIN.__contains__, map(type, map(_DATA, facts))), False]
    while first < len(facts):
        if alone or not plain[first] or lessons.spare(now) >= 1.0:
            yield facts[first : first + 1]
            _learn(learning, facts[first])
            first += 1
        else:
            last = plain.index(False, first)
            part = facts[first:last]
            yield part
            learning.catch_up(part)
            first = last


def _learn(learning: Learning, event: Event) -> None:
    """Have everybody learn of a fact that has just been taken in."""
    site, attention, looks, data = learning.site, learning.attention, learning.looks, event.data
    attention.heard += 1
    if isinstance(data, ContactFact):  # as nearly all are
        if not looks.get(data.queue):
            looks[data.queue] = not isinstance(data, Completed)
    else:
        _act(site, attention, learning.rules, learning.now, event)
        looks.update(dict.fromkeys(_touched(site, event), True))
    if site.changes:
        learning.heed()


def _act(site: Site, attention: Attention, rules: Rules, now: float, event: Event) -> None:
    """What is no fact about a contact, beside what the state takes in of it."""
    data = event.data
    if isinstance(data, NoticeOverridden):
        _obey(site, attention, event, data, now)
    if isinstance(data, PromiseTold):
        for kept in attention.books.told(site, event, data, rules):
            attention.care.alerts.promise(rules.alerts, now, kept=kept)
    if isinstance(data, PlanTold):
        attention.scheduled.tell(data, now)
    if isinstance(data, NeedTold):
        attention.scheduled.need(data, now)
    attention.care.act(site, event, rules, now)


def _due(attention: Attention, now: float) -> bool:
    """Whether anything falls due beside looks at queues."""
    if attention.diary.due(now):
        return True
    dues = (attention.scheduled.due_at, attention.care.next_at(), attention.repeats.dues.next_at())
    due_at = earliest(dues)
    return due_at is not None and due_at <= now


def _wind_up(site: Site, attention: Attention, rules: Rules, now: float) -> list[Decision]:
    """What is seen to once all queues were looked at: who is owed what, who is told, and the diary."""
    due_at = attention.scheduled.due_at
    if due_at is not None and due_at <= now:
        _look_ahead(site, attention, rules, now)
    decisions = [_helped(site, attention, rules, now, one) for one in attention.care.wake(site, rules, now)]
    attention.repeats.forget(now, rules.ages.repeat_s)
    if attention.diary.due(now):
        present = {
            name: _present(scene_of(site, attention, queue, rules, now))
            for name, queue in site.queues.items()
        }
        attention.diary.sample(now, present, site.contacts.__contains__)
    return decisions


def _look_ahead(site: Site, attention: Attention, rules: Rules, now: float) -> None:
    """Are as many agents planned as the forecast calls for, and the load there is?"""
    plan = attention.scheduled
    known = plan.names()
    planned = {name: site.queues[name] for name in known if name in site.queues}
    plan.looked(now)
    rates = {
        name: rate
        for name, queue in planned.items()
        if (rate := look.rates(scene_of(site, attention, queue, rules, now), rules.of(name))) is not None
    }
    steady = steady_views(rates)
    for name in known:
        needed = steady[name].agents_required if name in steady else None
        attention.care.alerts.shortage(name, plan.shortage(name, needed, now), rules.alerts, now)
    attention.looked.update(dict.fromkeys(planned))


def _touched(site: Site, event: Event) -> Iterable[str]:
    """The queues whose next contact may now wait longer or shorter, by what is no fact about a contact."""
    data = event.data
    if isinstance(data, QueueSnapshot | NoticeOverridden | PromiseTold):
        return (data.queue,)
    if isinstance(data, ACTS):
        return ()
    if isinstance(data, AgentChanged):
        agent = site.agents[event.subject]
        return (name for name, queue in site.queues.items() if agent.name in queue.agents)
    return (name for name, queue in site.queues.items() if event.source in queue.sources)


def _obey(site: Site, attention: Attention, event: Event, data: NoticeOverridden, now: float) -> None:
    site.queue(data.queue, "phone", now, guessed=True)
    watch = watch_of(attention, data.queue)
    watch.obey(data, (event.at, event.source, event.id))
    watch.looked_at = float("-inf")


def _forget(core: Core, data: CustomerForgotten) -> None:
    known = without(core, data.customer, data.stand_in)
    core.sites, core.attention = known.sites, known.attention


def _present(at: Scene) -> Present:
    """Who serves a queue now, for the diary."""
    if at.agents is None:
        return Present(at.now, None, 0.0, at.stale)
    there = on_duty(at.agents)
    return Present(at.now, float(there), float(there - at.agents.get("available", 0)), at.stale)


def _woken(
    site: Site, attention: Attention, looks: Container[str], rules: Rules, now: float
) -> Iterator[str]:
    """The queues that are to be looked at by now, beside `looks`; not those whose last look still holds."""
    wakes = attention.wakes
    while wakes and wakes[0][0] <= now:
        at, queue = heappop(wakes)
        watch = attention.watches[queue]
        if watch.wake_at != at:
            continue
        watch.wake_at = None
        if queue not in looks and calm.holds(watch, attention.heard, attention.care.alerts.due_at, now):
            attention.looked[queue] = None  # those who wait have waited for longer
            _set_alarm(attention, site.queues[queue], watch, watch.due_at(rules.of(queue).notice), now)
        else:
            watch.looked_at = float("-inf")
            yield queue


def _look(site: Site, attention: Attention, name: str, rules: Rules, now: float) -> list[NoticeChanged]:
    """Look at one queue: has its notice level changed, and when is it to be looked at again?"""
    queue = site.queues[name]
    own = rules.of(name)
    watch = watch_of(attention, name)
    again_at = watch.looked_at + min(LOOK_LATEST_S, max(LOOK_EVERY_S, len(site.queues) / LOOKS_PER_S))
    if now < again_at:
        _set_alarm(attention, queue, watch, again_at, now)
        return []
    watch.looked_at = now
    learned = learned_of(attention, name)
    scene = look.scene(site, queue, learned, rules, now)
    attention.diary.see(name, _present(scene))
    chances = look.next_chances(attention.estimator, scene, own.notice)
    if chances is None and not queue.line and not scene.stale:
        # Where nobody waits and nobody can be said to be waited for, there is nothing to be told.
        chances = dict.fromkeys(own.notice.thresholds, 0.0)
    was = watch.level
    decisions = []
    if watch.heed(chances, now, own.notice, own.schedule):
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
    due_at = watch.due_at(own.notice)
    calm.settle(watch, scene, chances, own, due_at, attention.heard)
    _set_alarm(attention, queue, watch, due_at, now)
    return decisions


def _helped(site: Site, attention: Attention, rules: Rules, now: float, one: Decision) -> Decision:
    """An alert about a queue that hurts says what would help; everything else is as it is."""
    if not isinstance(one, AlertChanged) or one.waiting is None or one.phase == "resolved":
        return one
    own = rules.of(one.subject)
    at = scene_of(site, attention, site.queues[one.subject], rules, now)
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
        refresh_at = calm.refresh_at(now)
        due_at = refresh_at if due_at is None else min(due_at, refresh_at)
    if due_at is not None and (watch.wake_at is None or due_at < watch.wake_at):
        watch.wake_at = due_at
        heappush(attention.wakes, (due_at, queue.name))


def heed_schedules(core: Core, rules: Rules, now: float) -> None:
    """After a restart: have every queue looked at whose calendar the config now has otherwise."""
    for name, site in core.sites.items():
        attention = core.attention[name]
        for queue in site.queues.values():
            watch = watch_of(attention, queue.name)
            at = max(now, watch.looked_at)
            if planned(rules.of(queue.name).schedule, at) != (watch.scheduled, watch.scheduled_due_at):
                watch.calm_until_at = watch.stirred_until_at = float("-inf")
                _set_alarm(attention, queue, watch, at, at)


def wake_at(core: Core) -> float | None:
    """When `turn` has to be called if nothing happens before; None: not at all."""
    dues: list[float | None] = []
    for name, site in core.sites.items():
        attention = core.attention[name]
        wakes = attention.wakes
        dues += (
            wakes[0][0] if wakes else None,
            aging.next_at(site),
            attention.care.next_at(),
            attention.scheduled.due_at,
        )
    return earliest(dues)


def looked_at(core: Core) -> list[tuple[str, str]]:
    """The queues (site, name) whose view may have changed since this was asked last."""
    places = [(site, queue) for site, attention in core.attention.items() for queue in attention.looked]
    for attention in core.attention.values():
        attention.looked.clear()
    return places
