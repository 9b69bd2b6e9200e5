"""Customers who come again: counted in the queue they come to, by how their last contact ended.

Somebody who has to come twice was not helped the first time. A transfer is no repetition: it is one contact.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct, field

from queuewatch.core.state.calendar import Calendar
from queuewatch.core.state.site import Change, Site
from queuewatch.core.state.visit import Stage, Visit

How = Literal["answered", "abandoned", "left"]

_HOW: dict[Stage, How] = {
    "answered": "answered",
    "completed": "answered",
    "abandoned": "abandoned",
    "left": "left",
}


class Last(Struct, frozen=True):
    """A customer's last contact: when it ended, and how; of one that is being served, since when it is."""

    at: float
    contact: str
    how: How


class Repeats(Struct):
    """The last contact of each customer of a site, for as long as another would be a repetition.

    Attributes:
        last: By customer (keyed hash).
        dues: Customers by when another contact would be no repetition any more.
    """

    last: dict[str, Last] = field(default_factory=dict)
    dues: Calendar = field(default_factory=Calendar)

    def heed(self, site: Site, change: Change, within_s: float) -> None:
        """Take in that a visit moved; a new one may be a repetition.

        Args:
            site: Its site, where repetitions are counted.
            change: What moved.
            within_s: How long after the end of a contact another is a repetition, seconds.
        """
        self.heed_all(site, (change,), within_s)

    def heed_all(self, site: Site, changes: Iterable[Change], within_s: float) -> None:
        """Take in what moved, in its order."""
        lasts = self.last
        for change in changes:
            visit, at = change.visit, change.at
            customer = visit.customer
            if customer is None or visit.callback or change.revised or change.now is None:
                continue
            last = lasts.get(customer)
            if change.was is None and last is not None and last.contact != visit.contact:
                _count(site, visit, last, within_s)
            how = _HOW.get(change.now)
            if how is not None and (last is None or at >= last.at):
                lasts[customer] = Last(at, visit.contact, how)
                self.dues.add(at + within_s, customer)

    def forget(self, now: float, within_s: float) -> None:
        """Forget the customers whose last contact is too long ago."""
        for customer in self.dues.take(now):
            last = self.last.get(customer)
            if last is not None and last.at + within_s < now:
                del self.last[customer]


def _count(site: Site, visit: Visit, last: Last, within_s: float) -> None:
    """Count one who comes again, where that is not too long after the last contact."""
    if 0.0 <= visit.enqueued_at - last.at <= within_s:
        site.queues[visit.queue].tally.add(f"repeated:{last.how}")
