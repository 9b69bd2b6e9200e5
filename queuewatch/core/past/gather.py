"""Events of a history into rows of five minutes, estimating nothing: what a planner's past is made of."""

from __future__ import annotations

from msgspec import Struct, field

from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Rules
from queuewatch.core.state import aging
from queuewatch.core.state.apply import apply
from queuewatch.core.state.history import BASE_S, Diary, QueueHistory, summed
from queuewatch.core.state.site import Site


class Gather(Struct):
    """A history on its way into rows.

    Attributes:
        sites: The sites as they are at `now`, with their diary.
        begins_at: Time of the first event.
        now: Time of the latest event so far.
    """

    rules: Rules
    sites: dict[str, tuple[Site, Diary]] = field(default_factory=dict)
    begins_at: float = float("inf")
    now: float = float("-inf")

    def take(self, event: Event) -> None:
        """Let an event happen; one earlier than the one before it is taken in late."""
        self.now = max(self.now, event.at)
        self.begins_at = min(self.begins_at, event.at)
        found = self.sites.get(event.site)
        if found is None:
            found = self.sites[event.site] = Site(event.site), Diary()
        site, diary = found
        apply(site, event, self.now, self.rules.ages)
        due_at = aging.next_at(site)
        if due_at is not None and due_at <= self.now:
            aging.expire(site, self.now, self.rules.ages)
        for change in site.changes:
            diary.note(change, self.now, self.rules.of(change.visit.queue).thresholds_s)
        site.changes.clear()

    def histories(self) -> dict[tuple[str, str], QueueHistory]:
        """The past of every queue, by site and queue; all begin and end with the whole history."""
        return {
            (name, queue): QueueHistory(
                channel=site.queues[queue].channel,
                intervals=summed(parts),
                since=self.begins_at // BASE_S * BASE_S,
                until=self.now,
            )
            for name, (site, diary) in self.sites.items()
            for queue, parts in diary.rows.items()
        }


def together(pasts: list[QueueHistory]) -> QueueHistory:
    """The past of several queues as if they were one; what nobody saw of one is not known of all.

    Args:
        pasts: At least one; all with the same intervals.

    Raises:
        ValueError: Their intervals differ in length.
    """
    if len({one.base_s for one in pasts}) > 1:
        raise ValueError("the queues' histories have intervals of different lengths; give them one length")
    parts = {(one.start, place): one.row for place, past in enumerate(pasts) for one in past.intervals}
    return QueueHistory(
        channel=pasts[0].channel,
        intervals=summed(parts),
        since=max(one.since for one in pasts),
        until=min(one.until for one in pasts),
        base_s=pasts[0].base_s,
        outages=sorted(outage for one in pasts for outage in one.outages),
    )
