"""Tests of the queue_log: recorded and hand-written logs against the events they must become."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    OfferFailed,
    SourceStarted,
    Transferred,
    order,
)
from queuewatch.core.facts.wire import pack, unpack
from queuewatch.ports import Refused
from queuewatch.sources.asterisk_queue_log import read
from queuewatch.sources.asterisk_verbs import AGENT_VERBS, ENDS, OFFERS, SILENT
from queuewatch.sources.reading import MAX_LINE, Lines, Reading

DATA = Path(__file__).parents[1] / "data" / "asterisk"
READING = Reading(hash_customer=lambda raw: f"hash of {raw}", source="pbx")
RECORDED = gzip.decompress((DATA / "queue_log-22.10.1.gz").read_bytes()).splitlines(keepends=True)


def of(lines: Iterable[bytes], reading: Reading = READING) -> list[Event | Refused]:
    return list(read(Lines(("", lines)), reading))


def events(text: str, reading: Reading = READING) -> list[Event]:
    told = of(text.encode().splitlines(keepends=True), reading)
    assert not [one for one in told if isinstance(one, Refused)]
    return [one for one in told if isinstance(one, Event)]


def told(text: str) -> list[tuple[float, str, object]]:
    return [(event.at, event.subject, event.data) for event in events(text)]


def fixture(name: str) -> str:
    return (DATA / name).read_text()


def test_a_log_of_1_4_is_read_without_the_fields_it_lacks() -> None:
    first, second = "1262340005.2", "1262340079.9"
    assert told(fixture("queue_log-1.4.log")) == [
        (1262340000, "", SourceStarted()),
        (1262340010, first, Enqueued(customer="hash of 02071230001", queue="orders", channel="phone")),
        (1262340010, first, OfferFailed(agent="Local/201@from-internal/n", queue="orders", channel="phone")),
        (
            1262340013,
            first,
            Answered(agent="Local/202@from-internal/n", wait_s=3, queue="orders", channel="phone"),
        ),
        (1262340073, first, Completed(talk_s=60, ended_by="customer", queue="orders", channel="phone")),
        (1262340080, second, Enqueued(queue="orders", channel="phone")),
        (
            1262340081,
            second,
            Answered(agent="Local/202@from-internal/n", wait_s=1, queue="orders", channel="phone"),
        ),
        (1262340099, second, Transferred(kind="blind", queue="orders", channel="phone")),
        (1262340099, second, Completed(talk_s=18, ended_by="transfer", queue="orders", channel="phone")),
    ]


def test_an_attended_transfer_into_a_queue_leaves_no_ghost_and_no_answer_without_a_wait() -> None:
    caller, consultation = "1700000000.10", "1700000100.20"
    assert told(fixture("queue_log-attended-transfer.log")) == [
        (
            1700000010,
            caller,
            Enqueued(queue="desk", channel="phone", customer="hash of 02071230001", position=1),
        ),
        (1700000015, caller, Answered(queue="desk", channel="phone", agent="PJSIP/11", wait_s=5, ring_s=5)),
        (
            1700000100,
            consultation,
            Enqueued(queue="repair", channel="phone", customer="hash of 11", position=1),
        ),
        (1700000102, caller, Transferred(queue="desk", channel="phone", kind="attended", to_queue="repair")),
        (1700000102, caller, Completed(queue="desk", channel="phone", talk_s=87, ended_by="transfer")),
        (
            1700000109,
            consultation,
            Answered(queue="repair", channel="phone", agent="PJSIP/22", wait_s=9, ring_s=8),
        ),
        (
            1700000200,
            consultation,
            Completed(queue="repair", channel="phone", talk_s=91, ended_by="customer"),
        ),
    ]


def test_a_caller_who_hangs_up_in_the_announcement_leaves_the_agent_free() -> None:
    assert told("1700000009|c1|desk|PJSIP/11|ABANDON|1|1|9\n") == [
        (1700000009, "c1", OfferFailed(queue="desk", channel="phone", agent="PJSIP/11", reason="withdrawn")),
        (1700000009, "c1", Abandoned(queue="desk", channel="phone", position=1, wait_s=9)),
    ]


def test_a_wrap_up_that_is_over_is_told_also_before_a_line_that_is_refused() -> None:
    log = [
        b"1700000000|NONE|desk|Ada|ADDMEMBER|\n",
        b"1700000001|c1|desk|Ada|WRAPUPSTART|5\n",
        b"1700000100|c2|desk|NONE|NONSENSE|\n",
    ]
    *_, available, refused = of(log)
    assert isinstance(available, Event)
    assert (available.at, available.data) == (1700000006, AgentChanged(state="available"))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.detail.startswith("line 3: ")) == ("unknown_verb", True)


def test_lines_are_numbered_beyond_those_that_are_read_at_once() -> None:
    log = [b"1700000000|c%d|desk|NONE|ABANDON|1|1|1\n" % number for number in range(1000)]
    log[700] = b"nonsense\n"
    (refused,) = [one for one in of(log) if isinstance(one, Refused)]
    assert refused.detail.startswith("line 701: ")


def test_rows_of_the_database_table_are_read_in_its_own_zone() -> None:
    berlin = Reading(hash_customer=lambda raw: f"hash of {raw}", zone=ZoneInfo("Europe/Berlin"))
    eight = 1_709_535_600.0  # 2024-03-04T08:00:00+01:00
    assert [(e.at - eight, e.subject, e.data) for e in events(fixture("queue_log-table.csv"), berlin)] == [
        (
            0.25,
            "1709535600.1",
            Enqueued(queue="billing", channel="phone", customer="hash of 02071230001", position=1),
        ),
        (
            9.5,
            "1709535600.1",
            Answered(queue="billing", channel="phone", agent="PJSIP/31", wait_s=9, ring_s=4),
        ),
        (69.5, "1709535600.1", Completed(queue="billing", channel="phone", talk_s=60, ended_by="agent")),
        (pytest.approx(69.6), "PJSIP/31", AgentChanged(state="wrap_up")),
        (pytest.approx(84.6), "PJSIP/31", AgentChanged(state="available")),
    ]


def test_rows_of_the_old_table_keep_their_data_in_one_column() -> None:
    table = (
        '"time";"callid";"queuename";"agent";"event";"data"\n'
        '"1700000010";"c1";"desk";"NONE";"ENTERQUEUE";"|0207|2"\n'
        '"1700000019";"c1";"desk";"NONE";"ABANDON";"1|2|9"\n'
    )
    assert told(table) == [
        (1700000010, "c1", Enqueued(queue="desk", channel="phone", customer="hash of 0207", position=2)),
        (1700000019, "c1", Abandoned(queue="desk", channel="phone", position=1, wait_s=9)),
    ]


def test_the_recorded_log_is_counted_as_its_verbs_are() -> None:
    verbs = Counter(line.split(b"|")[4].decode().strip() for line in RECORDED)
    found = of(RECORDED)
    facts = Counter(type(one.data) for one in found if isinstance(one, Event))
    reasons = Counter(
        one.data.reason for one in found if isinstance(one, Event) and isinstance(one.data, Left)
    )
    assert facts[Enqueued] == verbs["ENTERQUEUE"] == 340
    assert facts[Answered] == facts[Completed] == verbs["CONNECT"] == 130
    assert facts[Abandoned] == verbs["ABANDON"] == 117
    assert facts[Transferred] == verbs["BLINDTRANSFER"] == 14
    assert facts[OfferFailed] == verbs["RINGNOANSWER"] + verbs["RINGCANCELED"] == 36
    assert reasons == {
        "timed_out": verbs["EXITWITHTIMEOUT"],
        "key": verbs["EXITWITHKEY"],
        "empty": verbs["EXITEMPTY"],
    }
    assert Counter(one.reason for one in found if isinstance(one, Refused)) == {"unknown_verb": 5}


def test_every_stay_of_the_recorded_log_has_one_beginning_and_one_end() -> None:
    stays: dict[str, list[type]] = {}
    for event in sorted(
        (one for one in of(RECORDED) if isinstance(one, Event) and one.subject), key=lambda e: e.at
    ):
        if not isinstance(event.data, AgentChanged | OfferFailed | Transferred):
            stays.setdefault(event.subject, []).append(type(event.data))
    assert Counter(map(tuple, stays.values())) == {
        (Enqueued, Answered, Completed): 130,
        (Enqueued, Abandoned): 117,
        (Enqueued, Left): 93,
    }


def test_the_same_log_gives_the_same_ids_and_no_two_alike() -> None:
    ids = [one.id for one in of(RECORDED) if isinstance(one, Event)]
    assert ids == [one.id for one in of(RECORDED) if isinstance(one, Event)]
    assert len(set(ids)) == len(ids)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, len(RECORDED) - 1))
def test_a_rotated_log_gives_the_same_events_wherever_it_was_cut(cut: int) -> None:
    parts = Lines(("queue_log.1", RECORDED[:cut]), ("queue_log", RECORDED[cut:]))
    assert [one for one in read(parts, READING) if isinstance(one, Event)] == [
        one for one in of(RECORDED) if isinstance(one, Event)
    ]


def test_no_id_tells_a_customers_number() -> None:
    numbers = {line.split(b"|")[6].decode() for line in RECORDED if b"|ENTERQUEUE|" in line}
    text = "\n".join(repr(one) for one in of(RECORDED)).replace("hash of ", "")
    assert all(text.count(number) == text.count(f"customer='{number}") for number in numbers)


def test_a_line_written_by_two_processes_counts_once() -> None:
    line = "1700000010|c1|desk|NONE|ENTERQUEUE||0207|1\n"
    assert len(events(line + line)) == 1


def test_alike_lines_of_one_second_with_others_between_are_two_facts() -> None:
    loop = "1700000010|c1|desk|NONE|ENTERQUEUE||0207|1\n1700000010|c1|desk|NONE|EXITEMPTY|1|1|0\n"
    found = events(loop * 3)
    assert len({event.id for event in found}) == 6
    assert [type(event.data) for event in sorted(found, key=order)] == [Enqueued, Left] * 3
    assert all(0 <= event.at - 1700000010 < 0.001 for event in found)


def test_a_call_back_in_its_queue_before_its_transfer_is_logged_has_two_stays_in_order() -> None:
    found = events(
        "1700000010|c1|desk|NONE|ENTERQUEUE||0207|1\n"
        "1700000015|c1|desk|Ada|CONNECT|5|c1a|3\n"
        "1700000015|c1|desk|NONE|ENTERQUEUE||0207|1\n"
        "1700000015|c1|desk|Ada|BLINDTRANSFER|desk|queues|5|0|1\n"
        "1700000019|c1|desk|NONE|ABANDON|1|1|4\n"
    )
    assert [type(event.data) for event in sorted(found, key=order)] == [
        Enqueued,
        Answered,
        Transferred,
        Completed,
        Enqueued,
        Abandoned,
    ]


def test_a_call_whose_leaving_went_missing_waits_in_the_queue_it_joined_last() -> None:
    found = told(
        "1700000010|c1|desk|NONE|ENTERQUEUE||0207|1\n"
        "1700000030|c1|repair|NONE|ENTERQUEUE||0207|1\n"
        "1700000040|c1|repair|Ada|CONNECT|10|c1a|3\n"
    )
    assert (1700000030.0, "c1", Left(queue="desk", channel="phone", reason="unknown")) in found
    assert [type(data) for _, _, data in found] == [Enqueued, Left, Enqueued, Answered]


def test_lines_of_one_second_keep_their_order_by_sequence() -> None:
    sequences = [
        event.sequence
        for event in events("".join(f"1700000010|c{n}|q|NONE|ENTERQUEUE||1|1\n" for n in range(12)))
    ]
    assert sequences == sorted(sequences)
    assert len(set(sequences)) == 12


def test_a_pause_in_all_queues_is_told_once() -> None:
    assert told(
        "1700000001|MANAGER|desk|Ada|ADDMEMBER|\n"
        "1700000001|MANAGER|repair|Ada|ADDMEMBER|\n"
        "1700000002|NONE|NONE|Ada|PAUSEALL|Lunch\n"
        "1700000002|NONE|desk|Ada|PAUSE|Lunch\n"
        "1700000002|NONE|repair|Ada|PAUSE|Lunch\n"
        "1700000003|NONE|NONE|Ada|UNPAUSEALL|\n"
        "1700000003|NONE|desk|Ada|UNPAUSE|\n"
        "1700000003|NONE|repair|Ada|UNPAUSE|\n"
    ) == [
        (1700000001, "Ada", AgentChanged(state="available", joined=("desk",))),
        (1700000001, "Ada", AgentChanged(state="available", joined=("repair",))),
        (1700000002, "Ada", AgentChanged(state="not_ready", reason="Lunch")),
        (1700000003, "Ada", AgentChanged(state="available")),
    ]


def test_an_agent_that_answers_elsewhere_while_paused_serves_there() -> None:
    assert told("1700000002|NONE|desk|Ada|PAUSE|Lunch\n1700000009|c1|repair|Ada|CONNECT|5|c1a|3\n")[1:] == [
        (1700000009, "Ada", AgentChanged(state="available", joined=("repair",), left=("desk",))),
        (1700000009, "c1", Answered(queue="repair", channel="phone", agent="Ada", wait_s=5, ring_s=3)),
    ]


def test_logins_of_app_agent_pool_and_of_old_versions_are_told() -> None:
    assert told(
        "1700000001|NONE|NONE|Agent/11|AGENTCALLBACKLOGIN|11@inside\n"
        "1700000009|NONE|NONE|Agent/11|AGENTCALLBACKLOGOFF|11@inside|8|Autologoff\n"
    ) == [
        (1700000001, "Agent/11", AgentChanged(state="available")),
        (1700000009, "Agent/11", AgentChanged(state="offline")),
    ]


def test_wrap_up_ends_by_time_alone_before_what_comes_later() -> None:
    assert told("1700000001|c1|desk|Ada|WRAPUPSTART|15\n1700000030|c2|desk|NONE|ENTERQUEUE||0207|1\n") == [
        (1700000001, "Ada", AgentChanged(state="wrap_up")),
        (1700000016, "Ada", AgentChanged(state="available")),
        (1700000030, "c2", Enqueued(queue="desk", channel="phone", customer="hash of 0207", position=1)),
    ]


def test_names_are_utf_8_or_latin_1() -> None:
    line = "1700000001|MANAGER|desk|Gus Grün|ADDMEMBER|\n"
    assert [
        one.subject
        for one in of([line.encode(), line.encode("latin-1").replace(b"01|", b"02|")])
        if isinstance(one, Event)
    ] == ["Gus Grün"]


@pytest.mark.parametrize("verb", sorted(SILENT))
def test_verbs_that_change_nothing_are_passed_over(verb: str) -> None:
    assert of([f"1700000001|c1|desk|Ada|{verb}|7\n".encode()]) == []


def test_a_long_name_is_read_and_its_events_bear_a_digest_for_an_id() -> None:
    (event,) = events(f"1700000001|{'c' * 200}|{'q' * 200}|NONE|ENTERQUEUE||7|1\n")
    assert event.subject == "c" * 200
    assert len(event.id) <= 256
    assert "c" * 20 not in event.id


def test_a_time_before_the_usual_and_an_answer_by_nobody_known_are_read() -> None:
    assert told("999999999|c1|desk|NONE|CONNECT|5|x|3\n") == [
        (999999999, "c1", Answered(queue="desk", channel="phone", wait_s=5, ring_s=3))
    ]


@pytest.mark.parametrize("verb", ["CONNECT|5|x|3", "RINGNOANSWER|0"])
def test_a_call_without_a_name_is_refused(verb: str) -> None:
    assert [type(one) for one in of([f"1700000001|NONE|desk|Ada|{verb}\n".encode()])] == [Refused]


def test_a_wrap_up_that_ends_in_a_pause_is_no_news() -> None:
    pause = "1700000001|NONE|desk|Ada|PAUSE|Tea\n"
    assert told(f"{pause}1700000002|NONE|desk|Ada|WRAPUPSTART|5\n") == [
        (1700000001, "Ada", AgentChanged(state="not_ready", reason="Tea"))
    ]


def test_blank_rows_of_a_table_are_passed_over() -> None:
    assert of([b"time,callid,queuename,agent,event,data1\n", b"\n", b",,,,,\n"]) == []


def test_blank_lines_and_zeroes_left_by_a_truncation_are_passed_over() -> None:
    assert of([b"\n", b"\0\0\0\n", b"  \r\n"]) == []


@pytest.mark.parametrize(
    ("line", "reason", "says"),
    [
        (b"rubbish\n", "bad_line", 'line 1: "rubbish" is not time|callid|queue|agent|verb'),
        (b"1700000001|c1|desk|NONE\n", "bad_line", "is not time|callid"),
        (b"soon|c1|desk|NONE|ENTERQUEUE\n", "bad_time", '"soon" is no time'),
        (b"1700000001|c1|desk|NONE|CUSTOM|a|b|c\n", "unknown_verb", 'the verb "CUSTOM" means nothing here'),
        (b"1700000001|NONE|desk|NONE|ENTERQUEUE||7\n", "bad_line", "ENTERQUEUE names no call or no queue"),
        (b"1700000001|c1|NONE|NONE|ABANDON|1|1|7\n", "bad_line", "ABANDON names no call or no queue"),
        (b"1700000001|NONE|desk|NONE|PAUSE|\n", "bad_line", "PAUSE names no agent"),
        (b"1700000001|c1|" + b"q" * 257 + b"|NONE|ENTERQUEUE||7\n", "bad_line", "a name is longer than 256"),
        (b"x" * MAX_LINE, "too_long", "longer than"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_line(line: bytes, reason: str, says: str) -> None:
    (refused,) = of([line])
    assert isinstance(refused, Refused)
    assert refused.reason == reason
    assert says in refused.detail


def test_a_row_that_is_no_row_is_refused() -> None:
    header = b"time,callid,queuename,agent,event,data1\n"
    wide = b'1700000001,"' + b"x" * 200_000 + b'",desk,NONE,ENTERQUEUE,\n'
    assert [one.reason for one in of([header, b"1700000001\n", wide]) if isinstance(one, Refused)] == [
        "unknown_verb",
        "bad_line",
    ]


VERBS = sorted({*ENDS, *OFFERS, *AGENT_VERBS, "ENTERQUEUE", "CONNECT", "QUEUESTART", "WRAPUPCODE"})
fields = st.sampled_from(
    ["", "NONE", "c1", "c2", "desk", "Ada", "1", "99", "Grün", "PAUSED", "\0", "x" * 300]
)
lines = st.builds(
    lambda at, head, verb, data: "|".join([at, *head, verb, *data]).encode(),
    st.sampled_from(["1700000001", "1700000002", "1700000001.5", "", "x", "-1", "99999999999"]),
    st.lists(fields, min_size=3, max_size=3),
    st.sampled_from(VERBS),
    st.lists(fields, max_size=6),
)


@given(st.lists(lines | st.binary(max_size=80), max_size=20))
def test_any_lines_are_read_or_refused_and_what_is_read_can_be_kept(mixed: list[bytes]) -> None:
    for one in of(mixed):
        assert isinstance(one, Refused) or unpack(pack(one)) == one


@pytest.mark.parametrize("seed", range(5))
def test_a_log_whose_lines_are_mixed_up_is_still_read_whole(seed: int) -> None:
    mixed = random.Random(seed).sample(RECORDED, len(RECORDED))  # noqa: S311 (the same each time)
    assert sum(isinstance(one, Event) and isinstance(one.data, Enqueued) for one in of(mixed)) == 340
