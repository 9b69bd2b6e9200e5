"""Tests of a history gathered into rows."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.events import Abandoned, Enqueued
from queuewatch.core.past.gather import Gather, together
from queuewatch.core.rules import Rules
from queuewatch.core.state.history import Interval, QueueHistory, Row
from tests.core.examples import CHAT, SALES, at, event


def test_events_become_the_past_of_their_queues() -> None:
    gather = Gather(Rules())
    for fact in (
        event(0.0, Enqueued(**SALES)),
        event(20.0, Abandoned(**SALES)),
        event(400.0, Enqueued(**CHAT), "bob"),
        event(5000.0, Enqueued(**SALES), "cy"),
        event(700.0, Enqueued(**SALES), "dan"),
    ):
        gather.take(fact)
    found = gather.histories()
    sales, chat = found["default", "sales"], found["default", "chat"]
    assert [(one.start - at(0.0), one.row.offered) for one in sales.intervals] == [
        (0, 1),
        (600, 1),
        (4800, 1),
    ]
    assert sales.intervals[0].row.abandoned == 1
    assert chat.channel == "chat"
    assert (sales.since, sales.until) == (chat.since, chat.until) == (at(0.0), at(5000.0))


def test_a_wait_that_never_ended_is_closed_by_age() -> None:
    gather = Gather(Rules())
    gather.take(event(0.0, Enqueued(**SALES)))
    gather.take(event(3 * 7200.0, Enqueued(**SALES), "bob"))
    site, _ = gather.sites["default"]
    assert list(site.contacts) == ["bob"] or site.contacts["ada"].visits[0].stage == "lost"


def test_queues_together_are_known_where_all_are() -> None:
    one = QueueHistory(channel="phone", intervals=[Interval(0, Row(offered=2))], since=0.0, until=900.0)
    other = QueueHistory(
        channel="phone",
        intervals=[Interval(0, Row(offered=3)), Interval(300, Row(offered=1))],
        since=0.0,
        until=600.0,
        outages=[(300.0, 400.0)],
    )
    both = together([one, other])
    assert [(each.start, each.row.offered) for each in both.intervals] == [(0, 5), (300, 1)]
    assert (both.until, both.outages) == (600.0, [(300.0, 400.0)])


def test_queues_with_other_intervals_are_not_one() -> None:
    one = QueueHistory(channel="phone", intervals=[], since=0.0, until=0.0)
    other = QueueHistory(channel="phone", intervals=[], since=0.0, until=0.0, base_s=900)
    with pytest.raises(ValueError, match="give them one length"):
        together([one, other])
