"""What if there were other agents: the same line at the same moment, told anew for other staffing.

Nobody has seen the queue with other staffing, so the learned estimate cannot be asked about it. But how much
quicker a line moves with other agents is known: the closed form for a place in line (`estimate/place.py`)
gives the mean for the agents there are and for those there would be, and what the estimator says is stretched
by their ratio. Where an agent would be free for somebody who now has to wait, or the other way round, the
closed form speaks alone. With the agents there are, that is the estimate itself.
"""

from __future__ import annotations

from math import ceil

from msgspec import Struct

from queuewatch.core.estimate.place import SHORTEST_S, InLine, behind, picked_up
from queuewatch.core.estimate.wait import Estimator, Remaining, Scene, whole_wait
from queuewatch.core.rules import QueueRules
from queuewatch.core.seen.look import rates
from queuewatch.core.seen.steady import Rates, steady_views
from queuewatch.core.state.agents import on_duty
from queuewatch.core.state.visit import Visit
from queuewatch.core.view import Cause, NoEstimateReason, SteadyView, TroubleView, WaitView, WhatIfView

# More agents than this nobody sends for: then agents alone do not help.
MOST_MORE = 64


class Ask(Struct, frozen=True, kw_only=True):
    """What to change.

    Attributes:
        more: So many agents more on duty for this queue alone, or fewer; None: as many as there are.
        agents: Or: so many altogether.
        arrivals_per_hour: Arrivals; None: as lately.
        handling_s: Mean handling time, seconds; None: as lately.
    """

    more: float | None = None
    agents: float | None = None
    arrivals_per_hour: float | None = None
    handling_s: float | None = None


class Stretched(Struct, frozen=True):
    """What was told, in a line that moves slower by `factor` (under 1: quicker)."""

    told: Remaining
    factor: float

    @property
    def mean_s(self) -> float:
        """Mean, seconds."""
        return self.told.mean_s * self.factor

    def chance_over(self, t_s: float) -> float:
        """P(remaining > t)."""
        return self.told.chance_over(t_s / self.factor)

    def chance_there(self, t_s: float) -> float:
        """P(still in line after t): patience is as it was."""
        unanswered = self.told.chance_over(t_s)
        return self.chance_over(t_s) * self.told.chance_there(t_s) / unanswered if unanswered else 0.0

    def quantile_s(self, share: float) -> float:
        """The time within which the wait is over with this probability, seconds."""
        return self.told.quantile_s(share) * self.factor


class Capacity(Struct, frozen=True):
    """What the agents of a queue could do.

    Attributes:
        agents: On duty.
        free: Contacts they could take at once.
        rate: Contacts per second they take from the line while somebody waits.
        handling_s: Mean handling time, seconds.
    """

    agents: float
    free: int
    rate: float
    handling_s: float

    def line(self, scene: Scene, ahead: int) -> InLine:
        """The closed form for somebody with so many ahead."""
        return picked_up(scene.learned) if self.free > ahead else behind(scene, ahead - self.free, self.rate)


def capacity(scene: Scene) -> Capacity | None:
    """What the agents there are can do; None where the queue has not shown it yet."""
    handling_s = scene.learned.handling.read()
    if handling_s is None:
        return None
    handling_s = max(SHORTEST_S, handling_s)
    if scene.agents is not None and not scene.share:
        return Capacity(0.0, 0, 0.0, handling_s)
    rate = scene.learned.release_rate(scene.now, scene.share / handling_s)
    if rate is None:
        return None
    return Capacity(float(on_duty(scene.agents or {})) or rate * handling_s, scene.free, rate, handling_s)


def _changed(scene: Scene, now: Capacity, ask: Ask) -> Capacity:
    """What the agents could do after the change.

    Those who come work for this queue alone, as fast as those who are there; those who go take their part
    of the attention with them, and of the free ones first.
    """
    handling_s = ask.handling_s or now.handling_s
    more = ask.agents - now.agents if ask.agents is not None else ask.more or 0.0
    agents = max(0.0, now.agents + more)
    at_once = max(1.0, scene.slots / now.agents) if scene.agents and now.agents else 1.0
    # Absent or slow agents show in the rate; those who come are held to be no better.
    worth = now.rate * now.handling_s / scene.share if scene.share else at_once
    share = more if more > 0.0 else more * (scene.share / now.agents if scene.share else 1.0)
    rate = max(0.0, now.rate * now.handling_s + share * worth) / handling_s
    return Capacity(agents, max(0, scene.free + round(more * at_once)), rate, handling_s)


class Trial(Struct, frozen=True):
    """What an estimator says of one place, to be told anew for other agents.

    Attributes:
        scene: The queue now.
        ahead: Contacts before that place.
        told: What the estimator says of it.
        now: What the agents there are can do.
    """

    scene: Scene
    ahead: int
    told: Remaining | NoEstimateReason
    now: Capacity

    def remaining(self, then: Capacity) -> Remaining | NoEstimateReason:
        """The time still to wait with other agents; where nobody was there before, the closed form alone."""
        if self.told == "source_stale":
            return self.told
        if then.rate <= 0.0:
            return "no_agents"
        line = then.line(self.scene, self.ahead)
        if isinstance(self.told, str) or (self.now.free > self.ahead) != (then.free > self.ahead):
            return line
        return Stretched(self.told, line.mean_s / self.now.line(self.scene, self.ahead).mean_s)


def what_if(estimator: Estimator, scene: Scene, own: QueueRules, ask: Ask) -> WhatIfView:
    """The queue with other staffing: its next contact, its line, and its steady picture."""
    now = capacity(scene)
    then = None if now is None else _changed(scene, now, ask)
    line = list(scene.queue.line)
    visits = [scene.site.contacts[name].visit(scene.queue.name, number) for _, _, name, number in line]

    def wait(ahead: int, who: Visit | None) -> WaitView:
        told = estimator.remaining(scene, ahead, who)
        if now is None or then is None:
            told = told if isinstance(told, str) else "too_few_data"
        else:
            told = Trial(scene, ahead, told, now).remaining(then)
        return whole_wait(told, scene, ahead, who, own.thresholds_s, estimator.name)

    return WhatIfView(
        site=scene.site.name,
        queue=scene.queue.name,
        channel=scene.queue.channel,
        at=scene.now,
        agents=now.agents if now else None,
        agents_then=then.agents if then else None,
        agents_known=scene.agents is not None,
        targets=own.late_shares,
        next=wait(len(line), None),
        line=tuple(wait(ahead, who) for ahead, who in enumerate(visits)),
        steady=_steady(scene, own, then.agents - now.agents if now and then else 0.0, ask),
    )


def _steady(scene: Scene, own: QueueRules, more: float, ask: Ask) -> SteadyView | None:
    lately = rates(scene, own)
    arrivals = ask.arrivals_per_hour / 3600.0 if ask.arrivals_per_hour else lately and lately.arrivals_per_s
    handling_s = ask.handling_s or (lately and lately.handling_s)
    if not arrivals or not handling_s:
        return None
    at_once = lately.at_once if lately else 1.0
    servers = round((lately.servers if lately else 0) + more * at_once)
    asked = Rates(arrivals, handling_s, max(0, servers), at_once, own)
    return steady_views({scene.queue.name: asked})[scene.queue.name]


def trouble(
    estimator: Estimator, scene: Scene, own: QueueRules, wait: WaitView, steady: SteadyView | None
) -> TroubleView | None:
    """Why a queue is about to hurt customers, and how many agents would help; None while it is not.

    Args:
        estimator: Says how long the next contact waits.
        scene: The queue now.
        own: Its rules.
        wait: The next contact's wait as it is.
        steady: Its steady picture.
    """
    alone = wait.no_estimate == "no_agents" and bool(scene.queue.line)
    if not alone and not any(chance >= own.notice.end_chance for chance in wait.chances.values()):
        return None
    why = causes(scene, steady)
    now = capacity(scene)
    if now is None:
        return TroubleView(why=why)
    ahead = len(scene.queue.line)
    trial = Trial(scene, ahead, estimator.remaining(scene, ahead, None), now)
    more = _fewest_more(trial, own)
    if more is not None and steady is not None and steady.agents_required is not None:
        # One free agent helps the very next contact; those after it need what the load needs.
        more = max(more, ceil(steady.agents_required - scene.share))
    return (
        TroubleView(why=why)
        if more is None
        else TroubleView(why=why, agents=more, chances=_chances(trial, own, more))
    )


def causes(scene: Scene, steady: SteadyView | None) -> tuple[Cause, ...]:
    """What stands out, the one that explains most first."""
    there = on_duty(scene.agents or {})
    away = (scene.agents or {}).get("not_ready", 0)
    found = []
    if scene.agents is not None and not there:
        found.append(Cause("nobody_there", 0, away))
    if there and len(scene.queue.line) > there:
        found.append(Cause("long_line", len(scene.queue.line), there))
    if there and steady is not None and steady.load_erlangs >= scene.slots:
        found.append(Cause("too_much", steady.load_erlangs, scene.slots))
    elif there and steady is not None and (steady.agents_required or 0) > there:
        found.append(Cause("too_few", there, steady.agents_required or 0))
    if there and away:
        found.append(Cause("away", away, there + away))
    return tuple(found)


def _fewest_more(trial: Trial, own: QueueRules) -> int | None:
    """The fewest agents more that bring the chances down to the targets; None: so many do not help."""
    low, high = 0, 1
    while not _enough(trial, own, high):
        if high >= MOST_MORE:
            return None
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _enough(trial, own, middle) else (middle, high)
    return high


def _enough(trial: Trial, own: QueueRules, more: int) -> bool:
    chances = _chances(trial, own, more)
    return bool(chances) and all(chances[threshold] <= share for threshold, share in own.late_shares.items())


def _chances(trial: Trial, own: QueueRules, more: int) -> dict[str, float]:
    """The chances with so many agents more; empty where there is no saying."""
    there = trial.remaining(_changed(trial.scene, trial.now, Ask(more=float(more))))
    return {} if isinstance(there, str) else {f"{t:g}": there.chance_over(t) for t in own.thresholds_s}
