"""Tests of great age: nobody waits for ever, nothing is remembered for ever, and e-mails are not lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec.structs import replace

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    ContactFact,
    Data,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    Offered,
    QueueSnapshot,
    SourceStarted,
)
from queuewatch.core.rules import Ages
from queuewatch.core.state import aging
from queuewatch.core.state.apply import apply
from queuewatch.core.state.site import Site
from queuewatch.core.state.visit import IN_LINE, Stage
from tests.core.examples import CHAT, MAIL, SALES, at, event
from tests.core.histories import histories, laws

AGES = Ages()
PHONE_S = 7200.0
LATE_S = AGES.late_s


class Place:
    """A site that is told of facts as they happen, and looks for great age when it is time to."""

    def __init__(self) -> None:
        self.site = Site("default")

    def tell(self, seconds: float, fact: Data, subject: str = "ada", heard_s: float | None = None) -> None:
        apply(self.site, event(seconds, fact, subject), at(seconds if heard_s is None else heard_s), AGES)

    def until(self, seconds: float) -> None:
        while (due_at := aging.next_at(self.site)) is not None and due_at <= at(seconds):
            aging.expire(self.site, due_at, AGES)

    def stages(self, contact: str = "ada") -> list[Stage]:
        return [visit.stage for visit in self.site.contacts[contact].visits]

    def line(self, queue: str = "sales") -> list[str]:
        return [name for _, _, name, _ in self.site.queues[queue].line]


def test_nothing_is_to_be_looked_at_where_nothing_happened() -> None:
    place = Place()
    assert aging.next_at(place.site) is None


@pytest.mark.parametrize(("where", "age_s"), [(SALES, 7200.0), (CHAT, 86400.0)])
def test_who_waits_for_exactly_the_greatest_age_of_its_channel_is_lost(
    where: dict[str, str], age_s: float
) -> None:
    place = Place()
    place.tell(0, Enqueued(**where))  # type: ignore[arg-type]
    place.until(age_s - 0.001)
    assert place.stages() == ["waiting"]
    assert aging.next_at(place.site) == at(age_s)
    place.until(age_s)
    assert place.stages() == ["lost"]
    assert place.line(where["queue"]) == []
    assert place.site.queues[where["queue"]].tally.published("left:") == {"lost": 1}


def test_a_sign_of_life_gives_another_whole_age() -> None:
    place = Place()
    place.tell(0, Enqueued(**SALES))
    place.tell(5000, Offered(**SALES))
    place.until(5000 + PHONE_S - 1)
    assert place.stages() == ["ringing"]
    place.until(5000 + PHONE_S)
    assert place.stages() == ["lost"]


def test_an_email_waits_as_long_as_it_takes() -> None:
    place = Place()
    place.tell(0, Enqueued(**MAIL))
    place.until(30 * 86400)
    assert place.line("mail") == ["ada"]
    place.tell(30 * 86400, Answered(**MAIL, agent="x"))
    place.until(60 * 86400)
    assert place.stages() == ["answered"]


def test_an_email_that_is_done_or_lost_with_its_source_is_forgotten_like_any_other() -> None:
    place = Place()
    for number in range(3):
        place.tell(0, Enqueued(**MAIL), f"m{number}")
    place.tell(9000, Abandoned(**MAIL), "m0")
    place.tell(9000, SourceStarted(), "")
    place.tell(9001, Enqueued(**MAIL), "m2")
    assert place.line("mail") == ["m2"]
    place.until(9001 + LATE_S)
    assert list(place.site.contacts) == ["m2"]


def test_a_conversation_nobody_told_the_end_of_is_over_some_day_and_its_agent_free() -> None:
    place = Place()
    place.tell(0, Enqueued(**SALES))
    place.tell(9, Answered(**SALES, agent="x"))
    place.until(9 + PHONE_S)
    (visit,) = place.site.contacts["ada"].visits
    assert (visit.stage, visit.reason, visit.handling_s) == ("completed", "system", None)
    assert place.site.queues["sales"].serving == 0
    assert place.site.agents["x"].handling == {}


def test_a_stay_that_grew_too_old_beside_a_later_one_is_the_only_one_that_ends() -> None:
    place = Place()
    place.tell(0, Enqueued(**SALES))
    place.tell(5, Answered(**SALES, agent="x"))
    place.tell(9, Enqueued(**SALES))
    place.tell(6000, Offered(**SALES))
    place.until(5 + PHONE_S)
    assert place.stages() == ["completed", "ringing"]
    place.until(6000 + PHONE_S)
    assert place.stages() == ["completed", "lost"]


def test_a_sign_of_life_that_comes_in_late_undoes_what_great_age_did() -> None:
    place = Place()
    place.tell(0, Enqueued(**SALES))
    place.until(PHONE_S)
    place.tell(PHONE_S - 100, MessageReceived(**SALES), heard_s=PHONE_S + 100)
    assert place.stages() == ["waiting"]
    assert place.line() == ["ada"]
    place.until(2 * PHONE_S - 101)
    assert place.stages() == ["waiting"]
    place.until(2 * PHONE_S - 100)
    assert place.stages() == ["lost"]


def test_an_answer_that_comes_in_late_is_not_cut_by_great_age() -> None:
    place = Place()
    place.tell(0, Enqueued(**SALES))
    place.until(PHONE_S)
    place.tell(PHONE_S - 100, Answered(**SALES, agent="x"), heard_s=PHONE_S + 100)
    assert place.stages() == ["answered"]
    assert place.site.queues["sales"].tally.published() == {"offered": 1, "left:lost": 1, "answered": 1}


def test_what_ended_is_remembered_for_exactly_as_long_as_late_facts_may_take() -> None:
    place = Place()
    place.tell(0, Enqueued(**SALES))
    place.tell(60, Abandoned(**SALES))
    place.until(60 + LATE_S - 0.001)
    place.tell(60, Completed(**SALES), heard_s=60 + LATE_S - 0.001)
    assert place.stages() == ["abandoned"]
    place.until(60 + 2 * LATE_S)
    assert place.site.contacts == {}
    assert place.site.queues["sales"].tally.of("abandoned") == 1


def test_a_history_told_long_after_is_not_forgotten_while_it_is_told() -> None:
    place = Place()
    day_s = 86400.0
    place.tell(0, Enqueued(**SALES), heard_s=day_s)
    place.until(day_s + LATE_S - 1)
    assert place.stages() == ["waiting"]
    place.tell(30, Answered(**SALES, agent="x"), heard_s=day_s + LATE_S - 1)
    place.tell(90, Completed(**SALES), heard_s=day_s + LATE_S - 1)
    assert place.site.contacts["ada"].visits[0].handling_s == 60.0
    place.until(day_s + 2 * LATE_S)
    assert place.site.contacts == {}


def test_who_was_only_spoken_of_is_forgotten_too() -> None:
    place = Place()
    place.tell(0, Offered(**SALES))
    place.tell(0, Offered(**MAIL), "mia")
    place.until(PHONE_S)
    assert place.site.contacts == {}
    assert place.site.misfits.of("no_visit") == 2


def test_lists_are_kept_as_long_as_a_late_fact_may_concern_them() -> None:
    place = Place()
    place.tell(0, Enqueued(**SALES))
    place.tell(10, QueueSnapshot(**SALES), "")
    place.tell(20, Enqueued(**SALES), "bob")
    assert len(place.site.sources["/pbx"].marks) == 1
    aging.expire(place.site, at(10 + LATE_S), AGES)
    assert len(place.site.sources["/pbx"].marks) == 1
    aging.expire(place.site, at(10 + LATE_S + 0.001), AGES)
    assert place.site.sources["/pbx"].marks == []


@laws
@given(histories())
def test_no_passing_of_time_loses_an_email(events: list[Event]) -> None:
    site = Site("default")
    for number, one in enumerate(events):
        data = one.data
        if isinstance(data, ContactFact | QueueSnapshot):
            data = replace(data, channel="email")
        apply(site, replace(one, data=data), at(100 + number), AGES)
    waiting = {name: list(queue.line) for name, queue in site.queues.items()}
    open_visits = _open(site)
    for day in range(1, 40):
        aging.expire(site, at(day * 86400.0), AGES)
    assert {name: queue.line for name, queue in site.queues.items()} == waiting
    assert _open(site) == open_visits


def _open(site: Site) -> dict[tuple[str, str, int], Stage]:
    return {
        (contact.id, visit.queue, visit.number): visit.stage
        for contact in site.contacts.values()
        for visit in contact.visits
        if visit.stage in IN_LINE or visit.stage == "answered"
    }


@laws
@given(histories())
def test_in_the_end_nobody_waits_on_the_phone_and_nothing_is_kept(events: list[Event]) -> None:
    site = Site("default")
    for number, one in enumerate(events):
        apply(site, one, at(100 + number), AGES)
    rounds = 0
    while (due_at := aging.next_at(site)) is not None:
        aging.expire(site, due_at, AGES)
        rounds += 1
    assert rounds <= 10 * len(events)
    assert site.contacts == {}
    assert all(not queue.line and not queue.serving for queue in site.queues.values())
    assert all(not agent.handling for agent in site.agents.values())


def test_a_correction_of_a_contact_that_was_forgotten_counts_nothing_a_second_time() -> None:
    place = Place()
    place.tell(0, Enqueued(**SALES))
    place.tell(60, Abandoned(**SALES))
    place.until(60 + LATE_S)
    assert place.site.contacts == {}
    before = place.site.queues["sales"].tally.published()
    place.tell(60, Left(**SALES, reason="timed_out"), heard_s=60 + LATE_S + 1)
    place.tell(0, Enqueued(**SALES, priority=5), heard_s=60 + LATE_S + 2)
    assert place.site.contacts == {}
    assert place.site.queues["sales"].tally.published() == before
    assert place.site.misfits.published() == {"forgotten": 2}


def test_who_comes_again_after_having_been_forgotten_is_a_new_stay() -> None:
    place = Place()
    place.tell(0, Enqueued(**SALES))
    place.tell(60, Abandoned(**SALES))
    place.until(60 + LATE_S)
    place.tell(5000, Enqueued(**SALES))
    assert place.line() == ["ada"]
    assert place.site.queues["sales"].tally.of("offered") == 2
