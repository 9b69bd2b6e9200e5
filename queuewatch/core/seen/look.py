"""The state as others see it: views of queues, contacts and sources at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from msgspec import structs

from queuewatch.core.estimate.learned import FREE_BELIEVED_S, Learned
from queuewatch.core.estimate.wait import Estimator, Scene, wait_view
from queuewatch.core.facts.terms import AgentState
from queuewatch.core.notices.watch import Watch
from queuewatch.core.rules import NoticeRule, QueueRules, Rules
from queuewatch.core.seen.risk import Patience, at_risk
from queuewatch.core.seen.steady import Rates
from queuewatch.core.state.agents import ON_DUTY, on_duty
from queuewatch.core.state.site import Duty, Queue, Site, Source
from queuewatch.core.view import (
    ContactView,
    CountsView,
    PromisesView,
    QueueView,
    RiskView,
    SourceView,
    SteadyView,
    TroubleView,
    WaitView,
)

_VERSION = attrgetter("version")


def scene(site: Site, queue: Queue, learned: Learned, rules: Rules, now: float) -> Scene:
    """A queue at this moment, as the estimators see it."""
    duty = queue.duty
    if duty is None or duty.version != site.duty_version or now > duty.until_at:
        duty = queue.duty = _look_up(duty, site, queue, rules, now)
    held = queue.held() if queue.callbacks else [place[1] for place in queue.line[:1]]
    line_stands = bool(held) and now - held[0] > FREE_BELIEVED_S
    return Scene(
        site=site,
        queue=queue,
        learned=learned,
        agents=duty.states,
        free=0 if line_stands else duty.free,
        share=duty.share,
        slots=duty.slots,
        stale=any(site.sources[name].stale(rules.ages) for name in queue.sources),
        now=now,
        hours=rules.of(queue.name).hours if queue.channel == "email" else None,
    )


def _look_up(known: Duty | None, site: Site, queue: Queue, rules: Rules, now: float) -> Duty:
    """Who serves the queue; what is `known` holds on where no agent of its own changed."""
    agents = map(site.agents.__getitem__, queue.agents)
    moves = (len(queue.agents), max(map(_VERSION, agents), default=0))
    if known is not None and known.moves == moves and now <= known.until_at:
        return structs.replace(known, version=site.duty_version)
    return _duty(site, queue, rules, now, moves)


def _duty(site: Site, queue: Queue, rules: Rules, now: float, moves: tuple[int, int]) -> Duty:
    """Who serves the queue: a busy site asks that of a hundred agents dozens of times a second.

    So what `Agent` says of one of whom nobody said anything, and who talks to nobody, is written out here.
    """
    name, channel, roster, forget_s = queue.name, queue.channel, queue.roster, rules.ages.agent_s
    known = roster is not None
    free = slots = 0
    share = 0.0
    until_at = float("inf")
    states: dict[AgentState, int] = {}
    for agent in map(site.agents.__getitem__, queue.agents):
        declared = agent.declared
        known = known or declared is not None
        plain = roster is None and agent.queues is None and not agent.members
        if name not in agent.served if plain else not agent.serves(name, roster):
            continue
        if agent.handling:
            state = agent.state(channel, now, forget_s)
        else:
            state = declared or ("available" if now - agent.last_at <= forget_s else "offline")
        if declared is None:
            if state == "offline":
                continue
            if agent.last_at + forget_s < until_at:  # noqa: PLR1730  # a call to min() costs ten times as much
                until_at = agent.last_at + forget_s
        states[state] = states.get(state, 0) + 1
        if state in ON_DUTY:
            part, part_until_at = agent.share(name, now, forget_s)
            share += part
            if part_until_at < until_at:  # noqa: PLR1730  # likewise
                until_at = part_until_at
            slots += agent.capacity.get(channel, 1)
        if state == "available":
            free += agent.free(channel) if agent.handling else max(0, agent.capacity.get(channel, 1))
    return Duty(site.duty_version, moves, until_at, states if states or known else None, free, share, slots)


def next_wait(estimator: Estimator, at: Scene, rules: QueueRules) -> WaitView:
    """The wait of the next contact to arrive."""
    return wait_view(estimator, at, len(at.queue.line), None, rules.thresholds_s)


def next_chances(estimator: Estimator, at: Scene, rule: NoticeRule) -> dict[str, float] | None:
    """The next contact's chances to pass the notice rule's thresholds; None where nobody can say."""
    remaining = estimator.remaining(at, len(at.queue.line), None)
    if isinstance(remaining, str):
        return None
    busy, very_busy = rule.thresholds
    return {
        busy: remaining.chance_over(rule.busy_threshold_s),
        very_busy: remaining.chance_over(rule.very_busy_threshold_s),
    }


def queue_view(
    site: Site,
    watch: Watch,
    at: Scene,
    own: QueueRules,
    *,
    wait: WaitView,
    steady: SteadyView | None,
    trouble: TroubleView | None,
    promises: PromisesView | None = None,
    risk: RiskView | None = None,
    planned: int | None = None,
) -> QueueView:
    """One queue as it is now; `wait` is the next contact's."""
    queue = at.queue
    now = at.now
    waits = [now - enqueued_at for enqueued_at in queue.held()]
    agents = at.agents
    there = on_duty(agents or {})
    return QueueView(
        site=site.name,
        queue=queue.name,
        channel=queue.channel,
        at=now,
        state="stale" if at.stale else "live",
        heard_at=queue.heard_at,
        waiting=len(waits),
        callbacks=len(queue.callbacks),
        oldest_wait_s=max(0.0, *waits) if waits else None,
        serving=queue.serving,
        agents=agents,
        agents_inferred=not any(site.agents[name].declared for name in queue.agents),
        occupancy=(agents or {}).get("busy", 0) / there if there else None,
        past_threshold={f"{t:g}": sum(1 for wait in waits if wait > t) for t in own.thresholds_s},
        next=wait,
        steady=steady,
        notice=watch.view(),
        counts=_counts_view(queue),
        targets=own.late_shares,
        trouble=trouble,
        promises=promises,
        at_risk=risk,
        planned=planned,
    )


def risk_view(
    site: Site, at: Scene, estimator: Estimator, patience: Patience, rules: Rules
) -> RiskView | None:
    """Those who wait and are losing patience; None when nobody holds the line.

    Only the first and the last are asked about: between them the chances are taken to lie on a straight line.
    """
    name, line = at.queue.name, at.queue.line
    visits = [site.contacts[contact].visit(name, number) for _, _, contact, number in line]
    holding = [(ahead, one) for ahead, one in enumerate(visits) if not one.callback]
    if not holding:
        return None
    ends = {ahead: estimator.remaining(at, ahead, one) for ahead, one in (holding[0], holding[-1])}

    def over(place: int, t_s: float) -> float:
        told = [1.0 if isinstance(one, str) else one.chance_over(t_s) for one in ends.values()]
        return told[0] + (told[-1] - told[0]) * place / max(1, len(holding) - 1)

    waited_s = [max(0.0, at.now - one.enqueued_at) for _, one in holding]
    return at_risk(waited_s, over, rules.tolerance, patience, at.queue.channel)


def _counts_view(queue: Queue) -> CountsView:
    """What happened in the queue so far."""
    return CountsView(
        offered=queue.tally.published().get("offered", 0),
        answered=queue.tally.published().get("answered", 0),
        abandoned=queue.tally.published().get("abandoned", 0),
        left=queue.tally.published("left:"),
        transferred=queue.tally.published("transferred:"),
        resolved=queue.tally.published("resolved:"),
        repeated=queue.tally.published("repeated:"),
        wait=queue.wait.view(),
        gave_up=queue.gave_up.view(),
        handling=queue.handling.view(),
        first_response=queue.first_response.view(),
    )


def rates(at: Scene, rules: QueueRules) -> Rates | None:
    """What the steady picture of a queue is drawn from; None before anything came and was handled."""
    handling_s = at.learned.handling.read()
    arrivals_per_s = at.learned.arrival_rate(at.now)
    if not handling_s or not arrivals_per_s:
        return None
    there = on_duty(at.agents or {})
    at_once = max(1.0, at.slots / there) if there else 1.0
    servers = round(at.share * at_once) or int(at.share > 0)
    return Rates(arrivals_per_s, handling_s, servers, at_once, rules)


def source_view(source: Source, rules: Rules) -> SourceView:
    """One source as it is now."""
    up = not source.stale(rules.ages)
    return SourceView(
        source=source.name,
        up=up,
        heard_at=source.heard_at,
        lag_s=source.lag_s,
        events=dict(source.events),
        refused={},
        trouble=None if up else _unreliable(source, rules),
    )


def _unreliable(source: Source, rules: Rules) -> str:
    """Why a source's facts cannot be relied on, in a sentence for who runs it."""
    if source.silent_at > source.spoke_at:
        return "it said that it may have missed something, or stops, and has told nothing since"
    return (
        f"its latest fact came in {source.lag_s:.0f} s after it happened, which is more than"
        f" ages.lag_s ({rules.ages.lag_s:g} s) allows"
    )


def contact_views(
    site: Site, queue: Queue, at: Scene, estimator: Estimator, rules: Rules
) -> Iterator[ContactView]:
    """Those who wait, in line, each with its own wait."""
    thresholds = rules.of(queue.name).thresholds_s
    for ahead, (_, enqueued_at, name, number) in enumerate(queue.line):
        visit = site.contacts[name].visit(queue.name, number)
        yield ContactView(
            site=site.name,
            queue=queue.name,
            channel=queue.channel,
            contact=name,
            enqueued_at=enqueued_at,
            priority=visit.priority,
            wait=wait_view(estimator, at, ahead, visit, thresholds),
            visit=number,
        )
