"""A recorded morning on which queues flap: the team hears of one alert, and not of twenty."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from queuewatch.core.decisions import AlertChanged, NoticeChanged
from queuewatch.core.facts.events import Abandoned, Answered, Completed, ContactData, Enqueued, Event
from queuewatch.core.past.replay import Replay
from queuewatch.core.rules import Rules

# A month of a bank's calls (Technion SEE laboratory), which is not ours to pass on.
BANK = Path(__file__).parents[3] / "shared" / "data" / "anonymous-bank-1999-02.csv.gz"
MORNING = ("1999-02-21T00", "1999-02-21T13")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BANK.exists(), reason="the bank's calls are not in ../shared/data"),
]


def calls() -> Iterator[Event]:
    """What happened to each caller of that morning."""
    with gzip.open(BANK, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if MORNING[0] <= row["enqueued_at"] < MORNING[1]:
                place: dict[str, Any] = {"queue": row["queue"], "channel": row["channel"]}
                facts: dict[str, ContactData] = {
                    "enqueued_at": Enqueued(**place),
                    "answered_at": Answered(**place, agent=row["agent"] or None),
                    "abandoned_at": Abandoned(**place),
                    "completed_at": Completed(**place),
                }
                for number, (when, fact) in enumerate(facts.items()):
                    if row[when] and not (when == "completed_at" and not row["answered_at"]):
                        at, contact = datetime.fromisoformat(row[when]).timestamp(), row["contact"]
                        yield Event(f"{contact}/{number}", "bank", at, fact, contact)


def test_queues_that_flap_all_morning_are_one_alert() -> None:
    replay = Replay(Rules())
    for one in sorted(calls(), key=lambda event: (event.at, event.id)):
        replay.take(one)
    decisions = replay.summary().decisions
    very_busy = [one for one in decisions if isinstance(one, NoticeChanged) and one.level == "very_busy"]
    told = [one for one in decisions if isinstance(one, AlertChanged)]
    assert len(very_busy) > 10, "they flap"
    assert [one.phase for one in told].count("raised") == 1
    assert {one.kind for one in told} == {"queue_busy"}
    assert len({one.alert for one in told}) == 1
    assert len(told) <= 5, "raised, over, back once within the hour, critical once"
