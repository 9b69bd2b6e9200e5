"""What the core keeps of a site's customers and teams beside notices: what is owed, and who is to be told.

`turn.py` calls in here when a visit moved, when a person acted, when a queue was looked at, and when time
passed; what is decided is handed out at the end of its turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from msgspec import Struct, field

from queuewatch.core.customers import callbacks, granting, incentives
from queuewatch.core.customers.callbacks import CallbackAct, Callbacks
from queuewatch.core.customers.granting import VoucherAct
from queuewatch.core.customers.purse import Purse, day_of, month_of, next_day_at, stay
from queuewatch.core.decisions import Decision, IncentiveIssued, IncentiveMoved
from queuewatch.core.estimate.wait import Scene
from queuewatch.core.facts.acts import Act, PromiseTold
from queuewatch.core.facts.events import Event
from queuewatch.core.notices.watch import Watch
from queuewatch.core.rules import Rules
from queuewatch.core.state.agents import on_duty
from queuewatch.core.state.calendar import earliest
from queuewatch.core.state.site import Change, Site
from queuewatch.core.state.visit import IN_LINE
from queuewatch.core.teams.alerts import VERY_BUSY, Alerts, Signal

ACTS = get_args(Act)
_VOUCHER_ACTS = get_args(VoucherAct)
_CALLBACK_ACTS = get_args(CallbackAct)


class Care(Struct):
    """One site's vouchers, call-backs and alerts; and what was decided and not handed out yet.

    Attributes:
        day_at: When the budget's next day begins, while that matters; None: it does not.
    """

    purse: Purse = field(default_factory=Purse)
    callbacks: Callbacks = field(default_factory=Callbacks)
    alerts: Alerts = field(default_factory=Alerts)
    decided: list[Decision] = field(default_factory=list)
    day_at: float | None = None

    def heed(self, site: Site, change: Change, rules: Rules, now: float) -> None:
        """Take in that a visit moved."""
        self.heed_all(site, (change,), rules, now)

    def heed_all(self, site: Site, changes: Sequence[Change], rules: Rules, now: float) -> None:
        """Take in what moved, in its order."""
        self.callbacks.heed_all(changes, rules.callbacks, now)
        if not rules.incentives and not self.purse.promised:
            return
        for change in changes:
            if rules.incentives:
                self.decided += incentives.heed(self.purse, change, self._moment(site, rules, now))
            if self.purse.promised and change.now not in IN_LINE:
                self.purse.promised.pop(stay(change.visit), None)

    def act(self, site: Site, event: Event, rules: Rules, now: float) -> None:
        """Take in what a person did, or was told; nothing else is for here."""
        data = event.data
        if isinstance(data, _VOUCHER_ACTS):
            self.decided += granting.act(self.purse, event, data, self._moment(site, rules, now))
        elif isinstance(data, _CALLBACK_ACTS):
            callbacks.act(self.callbacks, data, callbacks.Deed(site, event, rules, now))
        elif isinstance(data, PromiseTold):
            incentives.promised(self.purse, event, data, self._moment(site, rules, now))

    def look(self, at: Scene, watch: Watch, chances: dict[str, float] | None, rules: Rules) -> None:
        """Take in how a queue is, just looked at; `chances` are the next contact's, None where unknown."""
        queue, states = at.queue, at.agents
        waits = [at.now - enqueued_at for enqueued_at in queue.held()]
        last_s = rules.of(queue.name).thresholds_s[-1]
        signal = Signal(
            level=VERY_BUSY if watch.very_busy.active else int(watch.busy.active),
            past=len([wait for wait in waits if wait > last_s]),
            waiting=len(waits),
            oldest_wait_s=max(waits, default=None),
            chances=chances or {},
            agents=None if states is None else on_duty(states),
        )
        self.alerts.look(queue.name, signal, rules.alerts, at.now)

    def wake(self, site: Site, rules: Rules, now: float) -> list[Decision]:
        """See to what falls due by now; all that was decided in this turn."""
        due_at = self.purse.next_at()
        if due_at is not None and due_at <= now:
            self.decided += incentives.wake(self.purse, self._moment(site, rules, now))
        for source in site.sources.values():
            self.alerts.source(source.name, stale=source.stale(rules.ages), rule=rules.alerts, now=now)
        if any(isinstance(one, IncentiveIssued | IncentiveMoved) for one in self.decided) or (
            self.day_at is not None and self.day_at <= now
        ):
            self._look_into_the_purse(rules, now)
        if self.alerts.due_at is not None and self.alerts.due_at <= now:
            self.decided += self.alerts.wake(site.name, rules.alerts, now)
        decided, self.decided = self.decided, []
        return decided

    def next_at(self) -> float | None:
        """When something falls due by itself; None: nothing does."""
        return earliest((self.purse.next_at(), self.alerts.due_at, self.day_at))

    def _moment(self, site: Site, rules: Rules, now: float) -> incentives.Moment:
        def escalate(case: incentives.Case) -> None:
            self.alerts.failed_again(str(case.visit.customer), rules.alerts, now)

        return incentives.Moment(site, rules, now, escalate)

    def _look_into_the_purse(self, rules: Rules, now: float) -> None:
        """How much of the budget is spent; tomorrow that is another question."""
        budget = rules.budget
        day = day_of(now, budget.zone)
        limits = ((budget.day, day), (budget.month, month_of(day)))
        shares = [float(self.purse.spent_on(of) / most) for most, of in limits if most]
        share = max(shares, default=0.0)
        self.alerts.budget(share, rules.alerts, budget.low_share, now)
        self.day_at = next_day_at(now, budget.zone) if share >= budget.low_share else None
