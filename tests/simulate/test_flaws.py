"""What sources get wrong, on purpose."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from queuewatch.core.facts.events import (
    AgentChanged,
    Answered,
    Event,
    Offered,
    OfferFailed,
    SourceStarted,
    SourceStopped,
)
from queuewatch.simulate.events import events
from queuewatch.simulate.flaws import Flaws, Silence, Told, hide, worsen
from queuewatch.simulate.run import simulate
from tests.simulate.centres import HOUR_S, busy_corner, exponential


@pytest.fixture(scope="module")
def told() -> list[Event]:
    centre = busy_corner(ring=exponential(5.0))
    return list(events(simulate(centre, 0, 3 * HOUR_S, np.random.default_rng(1))))


def worse(told: list[Event], flaws: Flaws) -> list[Told]:
    return worsen(told, flaws, np.random.default_rng(2))


def test_without_flaws_everything_is_told_when_it_happens(told: list[Event]) -> None:
    assert worse(told, Flaws()) == [Told(one.at, one) for one in told]


def test_shuffled_late_and_repeated_the_facts_remain_the_same(told: list[Event]) -> None:
    heard = worse(told, Flaws(repeated=0.3, shuffled_s=60.0, lag=exponential(20.0)))
    assert {(one.event.source, one.event.id): one.event for one in heard} == {
        (one.source, one.id): one for one in told
    }
    assert [one.at for one in heard] == sorted(one.at for one in heard)
    assert all(one.at >= one.event.at for one in heard)
    assert [one.event.at for one in heard] != sorted(one.event.at for one in heard)
    times = Counter(Counter(one.event.id for one in heard).values())
    assert set(times) == {1, 2}
    assert times[2] / len(told) == pytest.approx(0.3, abs=4.5 * np.sqrt(0.21 / len(told)))
    late = [one.at - one.event.at for one in heard]
    assert np.mean(late) == pytest.approx(30.0 + 20.0, rel=0.1)


def test_a_shuffle_stays_within_its_delay(told: list[Event]) -> None:
    assert max(one.at - one.event.at for one in worse(told, Flaws(shuffled_s=5.0))) < 5.0


def test_hidden_agents_are_named_nowhere_and_the_contacts_are_all_there(told: list[Event]) -> None:
    hidden = {"speaker"}
    shown = list(hide(told, hidden))
    assert "speaker" in {one.data.agent for one in told if isinstance(one.data, Answered)}
    for one in shown:
        if isinstance(one.data, Answered | Offered | OfferFailed):
            assert one.data.agent != "speaker"
        elif isinstance(one.data, AgentChanged):
            assert one.subject != "speaker"
    assert [one.id for one in shown] == [
        one.id for one in told if not (isinstance(one.data, AgentChanged) and one.subject in hidden)
    ]
    assert [one.event for one in worse(told, Flaws(hidden=frozenset(hidden)))] == shown


def test_a_silence_holds_back_what_is_late_and_drops_what_is_lost(told: list[Event]) -> None:
    silence = Silence(source="phone", from_at=3600.0, to_at=5400.0)
    late = worse(told, Flaws(silences=(silence,)))
    assert {one.event.id for one in late} == {one.id for one in told}
    assert not [one for one in late if 3600.0 <= one.at < 5400.0]
    held = [one for one in late if 3600.0 <= one.event.at < 5400.0]
    assert held
    assert {one.at for one in held} == {5400.0}
    lost = Silence(source="phone", from_at=3600.0, to_at=5400.0, kept="lost")
    assert [one.event for one in worse(told, Flaws(silences=(lost,)))] == [
        one for one in told if not 3600.0 <= one.at < 5400.0
    ]
    other = Silence(source="chat", from_at=0.0, to_at=1e9, kept="lost")
    assert len(worse(told, Flaws(silences=(other,)))) == len(told)


def test_an_announced_silence_says_so(told: list[Event]) -> None:
    silence = Silence(source="phone", from_at=3600.0, to_at=5400.0, kept="lost", announced=True)
    heard = worse(told, Flaws(silences=(silence,)))
    said = [
        (one.at, type(one.event.data))
        for one in heard
        if isinstance(one.event.data, SourceStopped | SourceStarted)
    ]
    assert said == [(3600.0, SourceStopped), (5400.0, SourceStarted)]
