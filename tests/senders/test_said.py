"""Alerts in words: what hurts, since when, what helps; each kind of alert has its own."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from msgspec.structs import replace

from queuewatch.core.decisions import AlertKind, AlertPhase
from queuewatch.outgoing import Bulletin
from queuewatch.senders.said import Voice, clock_time, duration
from queuewatch.words import available
from tests.decided import NOON, alert

EN = Voice("en")
say, headline = EN.say, EN.headline


@pytest.mark.parametrize("language", available())
@pytest.mark.parametrize("kind", get_args(AlertKind))
def test_every_kind_of_alert_says_what_hurts_and_what_helps_in_every_language(
    kind: AlertKind, language: str
) -> None:
    voice = Voice(language)
    for phase, count in product(get_args(AlertPhase), (1, 2)):
        told = alert(phase, kind=kind, agents_missing=None, share=0.9, count=count)
        said = voice.say(told)
        assert said.title
        assert bool(said.helps) == (phase != "resolved")
        assert not {"{", "}"} & set(said.title + said.hurts + said.helps + said.reason)


def test_a_supervisor_in_germany_reads_german() -> None:
    voice = Voice("de")
    said = voice.say(alert(reason="very_busy", count=2))
    assert said.title == "In sales ist ungewöhnlich viel los"
    assert said.hurts == (
        "7 warten, am längsten 4 min 5 s · 4 Personen im Dienst"
        " · mit 62\xa0% Wahrscheinlichkeit länger als 1 min Wartezeit"
        " · mit 30\xa0% Wahrscheinlichkeit länger als 3 min Wartezeit"
        " · 1 weitere Warteschlange auch"
    )
    assert said.helps == "+2 Personen: Dann warten noch 18\xa0% länger als 1 min"
    assert said.reason == "wer anruft, muss seit einiger Zeit mit langem Warten rechnen"
    assert voice.headline(Bulletin(site="default", alerts=(alert("resolved"),), news=())).endswith(
        "Vorbei: sales"
    )


def test_a_language_without_words_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Voice("tlh")


def test_what_has_no_name_of_its_own_is_named_in_words() -> None:
    told = alert(kind="customer_failed_again", queue="customers", count=1)
    assert say(told).title == "1 customer was let down a second time: please call"
    both = (told, alert(kind="budget_low", queue="budget"))
    assert headline(Bulletin(site="default", alerts=both, news=())).endswith(
        "2 need help: customers let down, the budget"
    )


def test_what_is_critical_is_said_to_be_so() -> None:
    assert say(alert("escalated")).title == "sales is still unusually busy"
    full = alert("escalated", kind="journal_trouble", reason="cannot_write", detail="the disk is full")
    assert say(full).title == "queuewatch cannot write to its disk: new events are refused"
    assert say(full).hurts.startswith("the disk is full · ")


def test_what_was_said_of_a_queue_is_not_said_again_beneath_it() -> None:
    waiting = alert(kind="threshold_passed", count=5)
    first, second, other, source = EN.say_all(
        [alert(), waiting, alert(queue="mail"), alert(kind="source_stale", waiting=None)]
    )
    assert (first.hurts, other.hurts) == (say(alert()).hurts, say(alert(queue="mail")).hurts)
    assert (second.title, second.hurts, second.helps) == ("sales: 5 customers are waiting too long", "", "")
    assert source.hurts


def test_a_reason_that_there_are_no_words_for_is_said_as_it_is() -> None:
    assert say(alert(reason="of_another_kind")).reason == "of another kind"


def test_one_agent_is_one_agent_and_without_a_chance_none_is_promised() -> None:
    assert say(alert(agents_missing=1, chance_then=None)).helps == "+1 agent"
    assert say(alert(agents_missing=0)).helps == "Log in more agents, move a break, or offer to call back"


def test_what_is_over_says_so_and_no_figures() -> None:
    said = say(alert("resolved"))
    assert (said.title, said.hurts, said.helps) == ("Over: sales is unusually busy", "", "")


def test_what_is_not_known_is_not_said() -> None:
    bare = alert(
        waiting=None, oldest_wait_s=None, agents=None, chances={}, share=0.75, kind="promises_broken"
    )
    assert say(bare).hurts == "75% kept"
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


def test_a_time_of_another_day_is_told_with_its_day() -> None:
    assert clock_time(NOON) == clock_time(NOON, NOON + 12 * 3600 - 1) == "12:00 UTC"
    assert clock_time(NOON, NOON + 12 * 3600) == "2026-11-21 12:00 UTC"
