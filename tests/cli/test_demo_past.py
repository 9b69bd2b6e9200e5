"""The demo's past: rows and kept forecasts in the store, in a zone whose clock fits the centre's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from queuewatch.cli.demo_past import SITE, ZONE, demo_past
from queuewatch.clock import SystemClock
from queuewatch.core.plan.accuracy import unpacked
from queuewatch.simulate.scenario import HISTORY_S
from queuewatch.store.intervals import IntervalStore, known_queues
from queuewatch.store.journal import Journal

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC).timestamp()


@pytest.mark.slow
async def test_eight_weeks_and_a_fortnight_of_forecasts_are_there_for_each_queue(tmp_path: Path) -> None:
    path = tmp_path / "queuewatch.db"
    journal = Journal(path, SystemClock(), lambda _group: None)
    store = IntervalStore(journal, path)
    past = demo_past(NOW, 1)
    assert past.zone.utcoffset(None) == timedelta(hours=7.5)
    await past.tell(store)
    assert len(known_queues(path)) == 7
    history = store.history(SITE, "support")
    assert history is not None
    assert NOW - HISTORY_S - history.since > 55 * 86_400
    assert history.until <= NOW - HISTORY_S
    # The centre's Tuesday is today, a Sunday, and its Saturday the Thursday after it.
    today, quiet = (
        sum(one.row.offered for one in history.intervals if (NOW - one.start) // 86_400 % 7 == back)
        for back in (6, 2)
    )
    assert quiet < 0.7 * today
    assert len([unpacked(body) for body in store.kept(SITE, "support", 0.0)]) == 14
    await journal.close()


def test_plans_are_by_the_demo_s_clock_and_say_so() -> None:
    zone = demo_past(NOW, 1).zone
    assert datetime.fromtimestamp(NOW, zone).hour == 10
    assert str(zone) == ZONE == "the demo's clock"


async def test_when_the_demo_ends_first_it_ends_quietly(tmp_path: Path) -> None:
    path = tmp_path / "queuewatch.db"
    journal = Journal(path, SystemClock(), lambda _group: None)
    await journal.close()
    await demo_past(NOW, 1).tell(IntervalStore(journal, path))
