"""Alerts in words: what hurts, since when, what helps; each kind of alert has its own."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from queuewatch.core.decisions import AlertKind
from queuewatch.outgoing import Bulletin
from queuewatch.senders.said import clock_time, duration, headline, say
from tests.service.decided import NOON, alert


@pytest.mark.parametrize("kind", get_args(AlertKind))
def test_every_kind_of_alert_says_what_hurts_and_what_helps(kind: AlertKind) -> None:
    said = say(alert(kind=kind, agents_missing=None, share=0.9, count=2))
    assert said.title
    assert said.helps or kind == "queue_busy"


def test_one_agent_is_one_agent_and_without_a_chance_none_is_promised() -> None:
    assert say(alert(agents_missing=1, chance_then=None)).helps == "+1 agent"
    assert say(alert(agents_missing=0)).helps == ""


def test_what_is_over_says_so_and_no_figures() -> None:
    said = say(alert("resolved"))
    assert (said.title, said.hurts, said.helps) == ("Over: sales is busy", "", "")


def test_what_is_not_known_is_not_said() -> None:
    bare = alert(
        waiting=None, oldest_wait_s=None, agents=None, chances={}, share=0.75, kind="promises_broken"
    )
    assert say(bare).hurts == "75 % kept"
    assert say(alert(oldest_wait_s=None, agents=None, chances={})).hurts == "7 waiting"


def test_a_shortage_to_come_says_from_when_on_and_how_many_of_how_many() -> None:
    told = alert(kind="shortage_ahead", waiting=None, oldest_wait_s=None, chances={}, agents=11, count=3)
    said = say(replace(told, begins_at=NOON))
    assert said.title == "sales will be short of 3 agents within the hour"
    assert said.hurts == "from 12:00 UTC: 11 planned, 14 needed"


def test_a_headline_names_a_few_and_counts_the_others() -> None:
    many = tuple(alert(queue=f"q{number}") for number in range(5))
    assert headline(Bulletin(site="default", alerts=many, news=())).endswith(
        "5 need help: q0, q1, q2 and 2 more"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (245, "4 min 5 s"), (3600, "1 h"), (3900, "1 h 5 min")],
)
def test_durations_are_short(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_times_are_in_utc_where_the_program_shows_no_other() -> None:
    assert clock_time(NOON) == "12:00 UTC"
