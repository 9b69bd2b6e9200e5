"""The table of events behaves as a plain dict would, whatever is repeated or corrected."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import Event, supersedes
from queuewatch.core.facts.wire import pack
from queuewatch.store.schema import MIGRATIONS
from queuewatch.store.table import DAY_S, Tail, Written, day_and_key, load_tail, read, write
from tests.clocks import NOON
from tests.store.facts import joined


@contextmanager
def table() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        for statement in MIGRATIONS[0]:
            database.execute(statement)
        yield database


def put(database: sqlite3.Connection, tail: Tail, at: float, events: Sequence[Event]) -> Written:
    return write(database, tail, at, events, [pack(event) for event in events])


def held_in(database: sqlite3.Connection) -> list[Event]:
    return [recorded.event for group in read(database, 0) for recorded in group.recorded]


def test_an_empty_table_ends_at_position_0() -> None:
    with table() as database:
        tail = load_tail(database)
    assert tail == Tail(0, -math.inf, 0, -math.inf)
    assert tail.events == 0


def test_events_get_ascending_positions_and_the_time_of_their_group() -> None:
    with table() as database:
        written = put(database, load_tail(database), NOON, [joined(1), joined(2)])
        assert load_tail(database) == written.tail
    assert [(one.position, one.recorded_at, one.event.id) for one in written.recorded] == [
        (1, NOON, "1"),
        (2, NOON, "2"),
    ]
    assert written.tail.events == 2


@pytest.mark.parametrize("count", [1, 8, 9, 64, 1_300, 4_096, 4_097])
def test_any_number_of_events_goes_in_and_is_known_the_second_time(count: int) -> None:
    events = [joined(ident) for ident in range(count)]
    with table() as database:
        first = put(database, load_tail(database), NOON, events)
        again = put(database, first.tail, NOON + 1, events)
        assert held_in(database) == events
    assert len(first.recorded) == count
    assert again.recorded == ()
    assert again.repeated == frozenset(range(count))
    assert again.tail == first.tail


def test_nothing_written_leaves_the_end_where_it_is() -> None:
    with table() as database:
        tail = load_tail(database)
        assert put(database, tail, NOON, []) == Written((), frozenset(), tail)


def test_a_correction_takes_a_new_place_and_the_old_event_is_gone() -> None:
    with table() as database:
        first = put(database, load_tail(database), NOON, [joined(1, place=3), joined(2)])
        written = put(database, first.tail, NOON + 1, [joined(1, place=4)])
        assert held_in(database) == [joined(2), joined(1, place=4)]
        assert load_tail(database) == written.tail
    assert [(one.position, one.event) for one in written.recorded] == [(3, joined(1, place=4))]
    assert written.tail.events == 2


def test_an_older_version_that_comes_late_is_a_repetition() -> None:
    newer, older = joined(1, place=4, version_at=NOON + 9), joined(1, place=3, version_at=NOON)
    with table() as database:
        first = put(database, load_tail(database), NOON, [newer])
        written = put(database, first.tail, NOON + 1, [older])
        assert held_in(database) == [newer]
    assert written.repeated == {0}


def test_what_is_corrected_within_its_own_group_is_not_told_of() -> None:
    events = [joined(1, place=3), joined(2), joined(1, place=4), joined(1, place=4), joined(1, place=5)]
    with table() as database:
        written = put(database, load_tail(database), NOON, events)
        assert load_tail(database) == written.tail
    assert [one.event for one in written.recorded] == [joined(2), joined(1, place=5)]
    assert written.repeated == {3}
    assert written.tail.events == 2


def test_a_correction_that_is_taken_back_in_the_same_group_is_a_correction_again() -> None:
    with table() as database:
        first = put(database, load_tail(database), NOON, [joined(1, place=3)])
        written = put(database, first.tail, NOON + 1, [joined(1, place=4), joined(1, place=3)])
        assert held_in(database) == [joined(1, place=3)]
    assert [one.event for one in written.recorded] == [joined(1, place=3)]
    assert written.repeated == frozenset()


def test_the_same_id_from_another_source_is_another_event() -> None:
    with table() as database:
        written = put(database, load_tail(database), NOON, [joined(1), joined(1, source="chat")])
    assert len(written.recorded) == 2


def test_an_event_whose_key_is_kept_is_known_although_it_was_deleted() -> None:
    old = joined("old", at=NOON - 100 * DAY_S)
    with table() as database:
        database.execute("INSERT INTO forgotten VALUES (?, ?)", day_and_key(old))
        written = put(database, load_tail(database), NOON, [joined(1), old, joined(2, at=old.at)])
        assert load_tail(database) == written.tail
    assert [one.event.id for one in written.recorded] == ["1", "2"]
    assert written.repeated == {1}
    assert written.tail.events == 2


def test_the_kept_key_tells_sources_and_ids_apart_wherever_they_meet() -> None:
    keys = {
        day_and_key(joined(ident, source=source)) for source, ident in (("ab", "c"), ("a", "bc"), ("a", "c"))
    }
    assert len(keys) == 3


def test_the_day_of_a_kept_key_begins_at_midnight() -> None:
    midnight = NOON - DAY_S / 2
    day, _ = day_and_key(joined(1, at=midnight))
    assert day_and_key(joined(1, at=midnight - 0.001))[0] == day - 1
    assert day_and_key(joined(1, at=midnight + DAY_S - 0.001))[0] == day


def test_reading_gives_the_groups_that_were_written_also_over_many_pages() -> None:
    sizes = [1, 2_999, 2_000, 3]
    with table() as database:
        tail = load_tail(database)
        start = 0
        for number, size in enumerate(sizes):
            tail = put(database, tail, NOON + number, [joined(start + one) for one in range(size)]).tail
            start += size
        groups = list(read(database, 0))
        tail_end = list(read(database, 4_999))
    assert [len(group.recorded) for group in groups] == sizes
    assert [group.recorded_at for group in groups] == [NOON, NOON + 1, NOON + 2, NOON + 3]
    assert [one.position for group in groups for one in group.recorded] == list(range(1, 5_004))
    assert [[one.position for one in group.recorded] for group in tail_end] == [
        [5_000],
        [5_001, 5_002, 5_003],
    ]


def test_an_event_that_cannot_be_read_is_named_by_its_position() -> None:
    with table() as database:
        put(database, load_tail(database), NOON, [joined(1), joined(2)])
        database.execute("UPDATE events SET body = x'7b' WHERE position = 2")
        with pytest.raises(ValueError, match="the event at position 2 cannot be read"):
            list(read(database, 0))


made_up = st.builds(
    joined,
    st.integers(1, 4),
    source=st.sampled_from(["pbx", "chat"]),
    place=st.integers(1, 3),
    version_at=st.sampled_from([None, NOON, NOON + 1]),
)


@given(groups=st.lists(st.lists(made_up, max_size=12), max_size=5))
def test_any_repetitions_and_corrections_leave_what_a_dict_would_hold(groups: list[list[Event]]) -> None:
    model: dict[tuple[str, str], Event] = {}
    with table() as database:
        tail = load_tail(database)
        for number, events in enumerate(groups):
            repeated, touched = set(), []
            for place, event in enumerate(events):
                key = (event.source, event.id)
                if key in model and not supersedes(event, model[key]):
                    repeated.add(place)
                    continue
                model.pop(key, None)
                model[key] = event
                touched.append(key)
            written = put(database, tail, NOON + number, events)
            tail = written.tail
            assert written.repeated == repeated
            assert [one.event for one in written.recorded] == [
                event for key, event in model.items() if key in touched
            ]
            assert load_tail(database) == tail
            assert tail.events == len(model)
        assert held_in(database) == list(model.values())
