"""From what was simulated to events."""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec
import numpy as np
import pytest

from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    ContactFact,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Offered,
    OfferFailed,
    Transferred,
)
from queuewatch.core.facts.wire import decode, to_cloudevent
from queuewatch.simulate.centre import Centre, Standing
from queuewatch.simulate.events import events
from queuewatch.simulate.laws import Duration
from queuewatch.simulate.run import simulate
from queuewatch.simulate.truth import Outcome, Truth
from tests.simulate.centres import HOUR_S, a_queue, agents, exponential

LIVE_AT = 1_790_000_000.0


@pytest.fixture(scope="module")
def truth() -> Truth:
    """Everything that can happen, happens."""
    voice = a_queue(
        "voice",
        40,
        wrap_up=exponential(20.0),
        patience=exponential(200.0),
        ring=exponential(5.0),
        standings=(Standing(share=0.3, tier="existing", priority=2), Standing(share=0.7, tier="new")),
        languages={"en": 0.7, "de": 0.3},
        time_out_s=240.0,
        overflow_to="reserve",
        transfers={"reserve": 0.1, "voice": 0.1},
        repeat_abandoned=0.5,
    )
    reserve = a_queue("reserve", 10, time_out_s=100.0)
    chat = a_queue("chat", 30, channel="chat", patience=exponential(60.0), first_reply_s=15.0)
    mail = a_queue("mail", 20, channel="email", site="office")
    crew = (
        *agents(3, "voice", "reserve", no_answer=0.1, shifts=()),
        *agents(2, "chat", capacity={"chat": 3}),
        *agents(2, "mail"),
    )
    crew = tuple(
        msgspec.structs.replace(one, duty=((LIVE_AT + 600 * i, LIVE_AT + 5 * HOUR_S),))
        for i, one in enumerate(crew)
    )
    crew = tuple(msgspec.structs.replace(one, shifts=()) for one in crew)
    centre = Centre(queues=(voice, reserve, chat, mail), agents=crew, sources={"phone": "pbx"})
    return simulate(centre, LIVE_AT, LIVE_AT + 6 * HOUR_S, np.random.default_rng(3))


@pytest.fixture(scope="module")
def told(truth: Truth) -> list[Event]:
    return list(events(truth))


def counted(told: list[Event], fact: type[ContactFact], queue: str) -> int:
    return sum(isinstance(one.data, fact) and one.data.queue == queue for one in told)


def test_time_never_goes_back_and_no_key_comes_twice(told: list[Event], truth: Truth) -> None:
    times = [one.at for one in told]
    assert times == sorted(times)
    assert max(times) < truth.until_at
    assert max(Counter((one.source, one.id) for one in told).values()) == 1


def test_telling_it_again_tells_the_same(told: list[Event], truth: Truth) -> None:
    assert list(events(truth)) == told


def test_every_event_reads_back_from_the_wire_as_it_was(told: list[Event]) -> None:
    for one in told[::7]:
        assert decode(msgspec.json.encode(to_cloudevent(one)), received_at=0.0) == one


def test_each_stay_unfolds_in_order(told: list[Event]) -> None:
    stays: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for one in told:
        if isinstance(one.data, ContactFact) and not isinstance(one.data, MessageReceived | MessageSent):
            stays[one.subject, one.data.queue, one.data.visit].append(type(one.data).__name__)
    seen = set()
    for facts in stays.values():
        end = facts[-1]
        offers = [one for one in facts if one in {"Offered", "OfferFailed"}]
        bare = [one for one in facts if one not in offers]
        assert all(one == ("Offered", "OfferFailed")[i % 2] for i, one in enumerate(offers))
        assert bare in (
            ["Enqueued"],
            ["Enqueued", "Answered"],
            ["Enqueued", "Answered", "Completed"],
            ["Enqueued", "Answered", "Transferred"],
            ["Enqueued", "Abandoned"],
            ["Enqueued", "Left"],
        )
        if end in {"Abandoned", "Left"}:
            assert len(offers) % 2 == 0
        seen.add(end)
    assert {"Completed", "Transferred", "Abandoned", "Left"} <= seen


def test_a_contact_waits_in_one_queue_at_a_time(told: list[Event]) -> None:
    waits: set[str] = set()
    for one in told:
        if isinstance(one.data, Enqueued):
            assert one.subject not in waits
            waits.add(one.subject)
        elif isinstance(one.data, Answered | Abandoned | Left):
            waits.remove(one.subject)


def test_no_agent_holds_more_than_they_can_nor_anything_before_their_shift(
    told: list[Event], truth: Truth
) -> None:
    holds: dict[str, set[tuple[str, str, int]]] = defaultdict(set)
    state: dict[str, str] = {}
    rooms = {one.name: max([1, *one.capacity.values()]) for one in truth.centre.agents}
    most = 0
    for one in told:
        if isinstance(one.data, AgentChanged):
            assert one.data.state is not None
            state[one.subject] = one.data.state
        elif isinstance(one.data, Answered):
            assert one.data.agent is not None
            assert state[one.data.agent] not in {"offline", "not_ready"}
            holds[one.data.agent].add((one.subject, one.data.queue, one.data.visit))
            assert len(holds[one.data.agent]) <= rooms[one.data.agent]
            most = max(most, len(holds[one.data.agent]))
        elif isinstance(one.data, Completed | Transferred):
            for held in holds.values():
                held.discard((one.subject, one.data.queue, one.data.visit))
    assert most == 3
    assert set(state.values()) >= {"offline"}
    stints = truth.roster
    for agent, at in zip(truth.visits.agent.tolist(), truth.visits.left_at.tolist(), strict=True):
        if agent >= 0:
            slack_s = 16.0  # an offer made on duty may be answered just after
            assert any(one.from_at <= at < one.to_at + slack_s for one in stints[agent])


def test_agents_on_the_phone_are_busy_just_while_they_talk(told: list[Event], truth: Truth) -> None:
    visits, talked_s, busy_s = truth.visits, 0.0, 0.0
    since: dict[str, float] = {}
    phone = {one.name for one in truth.centre.agents if "voice" in one.skills}
    for one in told:
        if isinstance(one.data, AgentChanged) and one.subject in phone:
            if one.subject in since:
                busy_s += one.at - since.pop(one.subject)
            if one.data.state == "busy":
                since[one.subject] = one.at
    busy_s += sum(truth.until_at - at for at in since.values())
    served = visits.answered & (visits.queue <= 1)
    talked_s = float(np.sum(np.minimum(visits.completed_at[served], truth.until_at) - visits.left_at[served]))
    assert busy_s == pytest.approx(talked_s, abs=0.01 * served.sum())


def test_the_line_in_the_events_is_as_long_as_the_waits_in_the_truth(told: list[Event], truth: Truth) -> None:
    # Little's law over the whole run: the area under the number in line is the sum of the waits.
    area, waiting, last_at = 0.0, 0, truth.start_at
    for one in told:
        area += waiting * (one.at - last_at)
        last_at = one.at
        if isinstance(one.data, Enqueued):
            waiting += 1
        elif isinstance(one.data, Answered | Abandoned | Left):
            waiting -= 1
    area += waiting * (truth.until_at - last_at)
    left_at = np.where(np.isnan(truth.visits.left_at), truth.until_at, truth.visits.left_at)
    assert area == pytest.approx(
        float(np.sum(left_at - truth.visits.enqueued_at)), abs=0.001 * len(truth.visits)
    )


def test_the_counts_agree_with_the_truth(told: list[Event], truth: Truth) -> None:
    visits = truth.visits
    for number, plan in enumerate(truth.centre.queues):
        mine = visits.queue == number
        assert counted(told, Enqueued, plan.name) == mine.sum()
        assert counted(told, Answered, plan.name) == (mine & visits.answered).sum()
        assert counted(told, Abandoned, plan.name) == (mine & (visits.outcome == Outcome.ABANDONED)).sum()
        done = mine & (visits.completed_at < truth.until_at)
        moved = done & (visits.transferred_to >= 0)
        assert counted(told, Transferred, plan.name) == moved.sum()
        assert counted(told, Completed, plan.name) == done.sum() - moved.sum()
        gone = (visits.outcome == Outcome.TIMED_OUT) | (visits.outcome == Outcome.OVERFLOWED)
        assert counted(told, Left, plan.name) == (mine & gone).sum()
    assert sum(isinstance(one.data, Offered) for one in told) == len(truth.offers)


def test_facts_say_what_the_source_knows(told: list[Event]) -> None:
    voice = [one for one in told if isinstance(one.data, ContactFact) and one.data.queue == "voice"]
    assert {one.source for one in voice} == {"pbx"}
    came = [one.data for one in voice if isinstance(one.data, Enqueued)]
    assert {(one.tier, one.priority) for one in came} == {("existing", 2), ("new", 0)}
    assert {one.language for one in came} == {"en", "de"}
    assert {one.reason for one in (e.data for e in told) if isinstance(one, Left)} == {
        "overflowed",
        "timed_out",
    }
    failures = {one.reason for one in (e.data for e in told) if isinstance(one, OfferFailed)}
    assert failures == {"no_answer", "withdrawn"}
    answers = [one.data for one in voice if isinstance(one.data, Answered)]
    assert all(
        one.wait_s is not None and one.ring_s is not None and one.wait_s >= one.ring_s for one in answers
    )
    mail = [one for one in told if isinstance(one.data, ContactFact) and one.data.queue == "mail"]
    assert {(one.source, one.site) for one in mail} == {("email", "office")}


def test_who_logs_in_says_what_they_serve(told: list[Event]) -> None:
    first: dict[str, AgentChanged] = {}
    for one in told:
        if isinstance(one.data, AgentChanged):
            first.setdefault(one.subject, one.data)
    chatting = [one for one in first.values() if one.queues == ("chat",)]
    assert [one.capacity for one in chatting] == [{"chat": 3}] * 2
    assert sum(one.queues == ("voice", "reserve") for one in first.values()) == 3


def test_mail_is_acknowledged_at_once_and_answered_at_the_end(told: list[Event]) -> None:
    mail: dict[str, list[tuple[float, object]]] = defaultdict(list)
    for one in told:
        if isinstance(one.data, ContactFact) and one.data.queue == "mail":
            mail[one.subject].append((one.at, one.data))
    for facts in mail.values():
        came, receipt = (
            facts[0][0],
            [at for at, one in facts if isinstance(one, MessageSent) and one.automatic],
        )
        assert receipt in ([], [pytest.approx(came + 1.0)])
        replies = [at for at, one in facts if isinstance(one, MessageSent) and not one.automatic]
        assert replies == [at for at, one in facts if isinstance(one, Completed)]
        assert sum(isinstance(one, MessageReceived) for _, one in facts) == 1


def test_the_first_reply_in_a_chat_comes_after_some_seconds_or_never_later_than_its_end() -> None:
    queue = a_queue("chat", 60, channel="chat", handling=Duration(mean_s=20.0, cv=1.0), first_reply_s=15.0)
    centre = Centre(queues=(queue,), agents=agents(3, "chat"))
    told = list(events(simulate(centre, 0, HOUR_S, np.random.default_rng(1), drain_s=HOUR_S)))
    at = {(type(one.data), one.subject): one.at for one in told}
    for kind, subject in list(at):
        if kind is Answered:
            answered_at, completed_at = at[Answered, subject], at[Completed, subject]
            assert at[MessageSent, subject] == pytest.approx(
                min(answered_at + 15.0, completed_at), abs=0.0011
            )
