"""Tests of what single verbs of the queue_log say, in each version's shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Left,
)
from queuewatch.sources.asterisk_roster import Roster
from queuewatch.sources.asterisk_verbs import (
    AGENT_VERBS,
    ENDS,
    OFFERS,
    SILENT,
    TRANSFERS,
    answered,
    caller,
    enqueued,
    handed_on,
    seconds,
    whole,
)


@pytest.mark.parametrize(
    ("data", "customer", "position"),
    [
        ("|02071230001", "hash of 02071230001", None),
        ("|02071230001|3", "hash of 02071230001", 3),
        ("https://crm.example/7|02071230001|1|Ann Example", "hash of 02071230001", 1),
        ("|02071230001|first", "hash of 02071230001", None),
        ("|anonymous|1", None, 1),
        ("", None, None),
    ],
)
def test_a_call_joins_with_its_position_where_the_version_tells_it(
    data: str, customer: str | None, position: int | None
) -> None:
    assert enqueued("desk", data, lambda raw: f"hash of {raw}") == Enqueued(
        queue="desk", channel="phone", customer=customer, position=position
    )


@pytest.mark.parametrize(
    ("data", "ring_s"),
    [("7|1.2", None), ("7|1.2|4", 4.0), ("7|1.2|4|of a vendor", 4.0)],
)
def test_a_call_is_answered_with_its_ring_where_the_version_tells_it(data: str, ring_s: float | None) -> None:
    assert answered("desk", "Ada", data) == Answered(
        queue="desk", channel="phone", agent="Ada", wait_s=7.0, ring_s=ring_s
    )


def test_a_durations_absence_is_not_zero() -> None:
    assert answered("desk", "Ada", "").wait_s is None


def left(reason: str, wait_s: float | None) -> Left:
    return Left(queue="desk", channel="phone", reason=reason, wait_s=wait_s)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verb", "data", "fact"),
    [
        (
            "COMPLETEAGENT",
            "3|60|1",
            Completed(queue="desk", channel="phone", talk_s=60, ended_by="agent"),
        ),
        (
            "COMPLETECALLER",
            "3|60|1",
            Completed(queue="desk", channel="phone", talk_s=60, ended_by="customer"),
        ),
        ("ABANDON", "2|5|17", Abandoned(queue="desk", channel="phone", position=2, wait_s=17)),
        ("EXITWITHTIMEOUT", "2|5|20", left("timed_out", 20)),
        ("EXITEMPTY", "1|1|0", left("empty", 0)),
        ("EXITWITHKEY", "1|2|5|33", left("key", 33)),
        ("WITHDRAW", "1|2|33|by supervisor", left("withdrawn", 33)),
        ("SYSCOMPAT", "", left("system", None)),
        ("LEAVEEMPTY", "", left("empty", None)),
        ("FULL", "", left("full", 0)),
        ("JOINEMPTY", "", left("empty", 0)),
        ("CLOSED", "", left("closed", 0)),
        ("DIVERT_CA_RATIO", "", left("overflowed", 0)),
        ("DIVERT_HOLDTIME", "", left("overflowed", 0)),
    ],
)
def test_a_stay_ends(verb: str, data: str, fact: ContactData) -> None:
    assert ENDS[verb]("desk", data) == fact


@pytest.mark.parametrize(
    ("verb", "data", "kind"),
    [
        ("TRANSFER", "300|inside|5|87|1", "blind"),
        ("BLINDTRANSFER", "300|inside|5|87|1", "blind"),
        ("ATTENDEDTRANSFER", "BRIDGE|72cc4a0c|5|87|1", "attended"),
        ("ATTENDEDTRANSFER", "APP|Queue|5|87|1", "attended"),
        ("ATTENDEDTRANSFER", "LINK|PJSIP/1-2|PJSIP/3-4|5|87|1", "attended"),
    ],
)
def test_a_transfer_hands_the_call_on_and_ends_the_talk(verb: str, data: str, kind: str) -> None:
    assert TRANSFERS[verb] == kind
    assert handed_on("desk", TRANSFERS[verb], data) == Completed(
        queue="desk", channel="phone", talk_s=87, ended_by="transfer"
    )


@pytest.mark.parametrize(
    ("verb", "reason"),
    [("RINGNOANSWER", "no_answer"), ("RINGCANCELED", "withdrawn"), ("AGENTDUMP", "refused")],
)
def test_an_offer_comes_to_nothing(verb: str, reason: str) -> None:
    assert OFFERS[verb] == reason


@pytest.mark.parametrize("number", ["", "  ", "anonymous", "Anonymous", "unknown", "<unknown>", "Restricted"])
def test_a_withheld_number_names_nobody(number: str) -> None:
    assert caller(number) is None


def test_a_number_names_its_caller() -> None:
    assert caller(" +4930123 ") == "+4930123"


@pytest.mark.parametrize("field", ["-1", "1.5", "", "x", "٣", "1795289423", "inf", "nan", "²"])
def test_what_is_no_duration_is_unknown(field: str) -> None:
    assert seconds([field], 0) is None
    assert whole([field], 0) is None


def test_a_long_duration_is_read_too() -> None:
    assert seconds(["90000"], 0) == 90000.0
    assert whole(["90000"], 0) == 90000


def test_no_verb_means_two_things() -> None:
    tables = [
        set(ENDS),
        set(TRANSFERS),
        set(OFFERS),
        set(AGENT_VERBS),
        set(SILENT),
        {"ENTERQUEUE", "CONNECT", "QUEUESTART"},
    ]
    assert sum(map(len, tables)) == len(set().union(*tables))


@given(st.sampled_from(sorted(ENDS)), st.text(max_size=40))
def test_any_data_of_a_known_verb_is_read(verb: str, data: str) -> None:
    assert ENDS[verb]("desk", data).queue == "desk"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(AGENT_VERBS)),
            st.sampled_from(["desk", "repair", None]),
            st.text(max_size=16),
        ),
        max_size=12,
    )
)
def test_whatever_an_agent_does_it_is_told_once(changes: list[tuple[str, str | None, str]]) -> None:
    roster = Roster()
    for at, (verb, queue, data) in enumerate(changes):
        AGENT_VERBS[verb](roster, "Ada", queue, data, float(at))
        roster.tell("Ada")
        assert roster.tell("Ada") is None
