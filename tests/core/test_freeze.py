"""Tests of the core as bytes and back."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.decisions import Decision
from queuewatch.core.facts.events import Event
from queuewatch.core.freeze import freeze, thaw
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.turn import turn, wake_at
from tests.core.examples import at
from tests.core.histories import histories, laws, overrides

journals = st.lists(
    st.lists(st.one_of(histories(4), overrides().map(lambda one: [one])), max_size=2), max_size=5
)


def recorded(journal: list[list[list[Event]]]) -> list[tuple[float, list[Event]]]:
    """A journal: groups of events, each written at a time of its own, 25 s apart."""
    groups = [[one for history in group for one in history] for group in journal]
    return [(at(25.0 * number), group) for number, group in enumerate(groups)]


def replayed(
    core: Core, journal: list[tuple[float, list[Event]]], *, restarts: bool
) -> tuple[Core, list[Decision]]:
    """As the service does it: wakes that fall before a group come before it."""
    rules = Rules()
    decisions = []
    for recorded_at, group in journal:
        while (due_at := wake_at(core)) is not None and due_at <= recorded_at:
            decisions += turn(core, rules, due_at)
        decisions += turn(core, rules, recorded_at, group)
        if restarts:
            core = thaw(freeze(core))
    return core, decisions


@laws
@given(journals)
def test_a_thawed_core_is_the_one_that_was_frozen(journal: list[list[list[Event]]]) -> None:
    core, _ = replayed(Core(), recorded(journal), restarts=False)
    assert thaw(freeze(core)) == core
    assert freeze(thaw(freeze(core))) == freeze(core)


@laws
@given(journals)
def test_restarts_anywhere_change_neither_the_state_nor_any_decision(
    journal: list[list[list[Event]]],
) -> None:
    straight, decided = replayed(Core(), recorded(journal), restarts=False)
    restarted, decided_too = replayed(Core(), recorded(journal), restarts=True)
    assert restarted == straight
    assert decided_too == decided


@laws
@given(journals)
def test_the_same_journal_gives_the_same_decisions_with_the_same_keys(
    journal: list[list[list[Event]]],
) -> None:
    _, first = replayed(Core(), recorded(journal), restarts=False)
    _, second = replayed(Core(), recorded(journal), restarts=False)
    assert second == first
    assert len({one.key for one in first}) == len(first)


@pytest.mark.parametrize("bad", [b"", b"not a snapshot", msgspec.msgpack.encode({"sites": 1})])
def test_what_is_no_snapshot_of_this_schema_is_refused_and_not_half_read(bad: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        thaw(bad)
