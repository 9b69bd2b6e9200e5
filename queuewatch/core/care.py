"""What the core keeps of a site's customers and teams beside notices: what is owed, and who is to be told.

`turn.py` calls in here when a visit moved, when a person acted, when a queue was looked at, and when time
passed; what is decided is handed out at the end of its turn.
"""

from __future__ import annotations

from typing import get_args

from msgspec import Struct, field

from queuewatch.core import callbacks, incentives
from queuewatch.core.callbacks import CallbackAct, Callbacks
from queuewatch.core.decisions import Decision
from queuewatch.core.events import Act, Event
from queuewatch.core.incentives import VoucherAct
from queuewatch.core.purse import Purse
from queuewatch.core.rules import Rules
from queuewatch.core.state import Change, Site

ACTS = get_args(Act)


class Care(Struct):
    """One site's vouchers and call-backs; and what was decided and not handed out yet."""

    purse: Purse = field(default_factory=Purse)
    callbacks: Callbacks = field(default_factory=Callbacks)
    decided: list[Decision] = field(default_factory=list)

    def heed(self, site: Site, change: Change, rules: Rules, now: float) -> None:
        """Take in that a visit moved."""
        self.callbacks.heed(change, rules.callbacks, now)
        at = incentives.Moment(site, rules, now, self._escalate)
        self.decided += incentives.heed(self.purse, change, at)

    def act(self, site: Site, event: Event, rules: Rules, now: float) -> None:
        """Take in what a person did; nothing else is for here."""
        data = event.data
        if isinstance(data, get_args(VoucherAct)):
            at = incentives.Moment(site, rules, now, self._escalate)
            self.decided += incentives.act(self.purse, event, data, at)
        elif isinstance(data, get_args(CallbackAct)):
            callbacks.act(self.callbacks, data, callbacks.Deed(site, event, rules, now))

    def wake(self, site: Site, rules: Rules, now: float) -> list[Decision]:
        """See to what falls due by now; all that was decided in this turn."""
        due_at = self.next_at()
        if due_at is not None and due_at <= now:
            at = incentives.Moment(site, rules, now, self._escalate)
            self.decided += incentives.wake(self.purse, at)
        decided, self.decided = self.decided, []
        return decided

    def next_at(self) -> float | None:
        """When something falls due by itself; None: nothing does."""
        return self.purse.next_at()

    def _escalate(self, case: incentives.Case, failed: int) -> None:
        """A customer was failed again: a case for a person."""
