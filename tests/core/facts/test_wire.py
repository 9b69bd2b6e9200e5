"""Tests of events as CloudEvents and as the journal holds them: there, back, and what is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, inspect
from msgspec.structs import replace

from queuewatch.core.facts.acts import Act, NoticeOverridden
from queuewatch.core.facts.events import (
    AgentChanged,
    AgentSeen,
    Answered,
    ContactFact,
    Data,
    Enqueued,
    Event,
    MessageReceived,
    QueueSnapshot,
    SourceGap,
    SourceStarted,
    Waiting,
)
from queuewatch.core.facts.wire import (
    AHEAD_S,
    CONTACT_FACTS,
    TYPES,
    Read,
    RefusedError,
    decode,
    decode_batch,
    decode_live,
    pack,
    pack_all,
    rfc3339,
    to_cloudevent,
    unpack,
    unpack_all,
)
from tests.core.facts.values import moments, names, values

NEVER = -1.0
TEN = 1_795_255_200.0  # 2026-11-21T10:00:00Z


def wire(**changes: object) -> bytes:
    """A good event, with some attributes set or (None) left out."""
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": "e1",
        "source": "pbx",
        "type": "queuewatch.contact.enqueued",
        "time": "2026-11-21T10:00:00Z",
        "subject": "contact/c1",
        "data": {"queue": "sales", "channel": "phone"},
    }
    event.update(changes)
    return json.dumps({key: value for key, value in event.items() if value is not None}).encode()


def refusal(raw: bytes) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        decode(raw, NEVER)
    return caught.value


def test_an_event_is_read_with_its_envelope() -> None:
    raw = wire(site="north", sequence="007", recordedtime="2026-11-21T11:00:00+01:00")
    assert decode(raw, NEVER) == Event(
        "e1", "pbx", TEN, Enqueued(queue="sales", channel="phone"), "c1", "north", "007", TEN
    )


def test_an_offset_is_honoured() -> None:
    assert decode(wire(time="2026-11-21T11:30:00+01:30"), NEVER).at == TEN


def test_an_event_without_a_time_happened_when_it_came_in() -> None:
    assert decode(wire(time=None), 42.5).at == 42.5


def test_attributes_nobody_knows_are_no_reason_to_refuse() -> None:
    raw = wire(
        traceparent="00-0af7",
        datacontenttype="2025-10-08T07:17:02.363Z",
        data={"queue": "sales", "channel": "phone", "mood": "sunny"},
    )
    assert decode(raw, NEVER).data == Enqueued(queue="sales", channel="phone")


def test_an_event_inside_a_batch_is_read_without_a_copy() -> None:
    batch = msgspec.json.decode(b"[" + wire() + b"]", type=list[msgspec.Raw])
    assert decode(batch[0], NEVER).id == "e1"


def test_the_contact_may_be_named_in_the_data_alone() -> None:
    raw = wire(subject=None, data={"queue": "sales", "channel": "phone", "contact": "c7"})
    assert decode(raw, NEVER).subject == "c7"


def test_the_contact_may_be_named_twice_the_same() -> None:
    raw = wire(data={"queue": "sales", "channel": "phone", "contact": "c1"})
    assert decode(raw, NEVER).subject == "c1"


def test_a_slash_belongs_to_the_id() -> None:
    assert decode(wire(subject="contact/mail/7"), NEVER).subject == "mail/7"


def test_an_agent_is_the_subject_of_its_change() -> None:
    raw = wire(type="queuewatch.agent.changed", subject="agent/ada", data={"state": "busy"})
    event = decode(raw, NEVER)
    assert (event.subject, event.data) == ("ada", AgentChanged(state="busy"))


def test_a_fact_about_a_source_needs_no_data() -> None:
    assert (
        decode(wire(type="queuewatch.source.started", data=None, subject=None), NEVER).data == SourceStarted()
    )


@pytest.mark.parametrize(
    "year", ["1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00"]
)
def test_times_that_are_no_times_of_ours_are_refused(year: str) -> None:
    raw = msgspec.json.encode({**to_cloudevent(Event("e1", "pbx", 1.0, SourceGap())), "time": year})
    with pytest.raises(RefusedError, match="1970 to 9998"):
        decode(raw, 0.0)


@pytest.mark.parametrize("attribute", ["time", "recordedtime"])
def test_a_year_beyond_ours_is_refused_wherever_it_stands(attribute: str) -> None:
    assert refusal(wire(**{attribute: "9999-01-01T00:00:00Z"})).reason == "bad_field"


def test_the_end_of_a_supervisors_word_becomes_a_float_and_may_be_left_open() -> None:
    for until, until_at in (("2026-11-21T10:00:00Z", TEN), (None, None)):
        data = {"queue": "sales", "level": "busy", "by": "Grace", "until_at": until}
        event = decode(wire(type="queuewatch.notice.overridden", subject=None, data=data), NEVER)
        assert event.data == NoticeOverridden(queue="sales", level="busy", by="Grace", until_at=until_at)


def test_points_in_time_inside_a_snapshot_become_floats() -> None:
    raw = wire(
        type="queuewatch.queue.snapshot",
        subject=None,
        data={
            "queue": "sales",
            "channel": "chat",
            "as_of": "2026-11-21T10:00:00Z",
            "waiting": [{"contact": "c1", "enqueued_at": "2026-11-21T10:00:00.5Z"}, {"contact": "c2"}],
            "agents": [{"agent": "ada"}],
        },
    )
    assert decode(raw, NEVER).data == QueueSnapshot(
        queue="sales",
        channel="chat",
        as_of=TEN,
        waiting=(Waiting(contact="c1", enqueued_at=TEN + 0.5), Waiting(contact="c2")),
        agents=(AgentSeen(agent="ada"),),
    )


def test_a_snapshot_that_does_not_speak_of_agents_differs_from_one_that_says_there_are_none() -> None:
    about = {"queue": "sales", "channel": "phone"}
    silent = decode(wire(type="queuewatch.queue.snapshot", data=about), NEVER).data
    nobody = decode(wire(type="queuewatch.queue.snapshot", data={**about, "agents": []}), NEVER).data
    assert isinstance(silent, QueueSnapshot)
    assert isinstance(nobody, QueueSnapshot)
    assert (silent.agents, nobody.agents) == (None, ())


@pytest.mark.parametrize(
    ("raw", "reason", "says"),
    [
        (b"", "not_json", "not JSON"),
        (b"hello", "not_json", "not JSON"),
        (b"\xff\xfe", "not_json", "not JSON"),
        (wire()[:-1], "not_json", "not JSON"),
        (b'{"data":' + b"[" * 100_000, "not_json", "nested too deeply"),
        (wire(id="e-9").replace(b"e-9", b"e-\x80"), "not_json", "not UTF-8"),
        (b"[]", "bad_field", "an event must be a JSON object"),
        (b"7", "bad_field", "an event must be a JSON object"),
        (wire(type=None), "bad_field", "type is missing; it must be text"),
        (wire(type=7), "bad_field", "type must be text"),
        (wire(id=7)[:-1], "not_json", "not JSON"),
        (wire(type="queuewatch.contact.hugged"), "unknown_type", "known are queuewatch.agent.changed, "),
        (wire(specversion="0.3"), "bad_field", "specversion must be \"1.0\", not '0.3'"),
        (wire(id=None), "bad_field", "id is missing; it must be text of 1 to 256 characters"),
        (wire(id=""), "bad_field", "id"),
        (wire(id="x" * 257), "bad_field", "id"),
        (wire(source=""), "bad_field", "source"),
        (wire(time="yesterday"), "bad_field", "time must be a point in time with its zone"),
        (wire(time="2026-11-21T10:00:00"), "bad_field", "time"),
        (wire(data=None), "bad_field", "data is missing; it must be a JSON object"),
        (wire(data={"queue": "sales"}), "bad_field", 'data.channel is missing; it must be "chat", '),
        (wire(data={"queue": "", "channel": "phone"}), "bad_field", "data.queue"),
        (wire(data={"queue": "sales", "channel": "fax"}), "bad_field", "data.channel"),
        (wire(data={"queue": "sales", "channel": "phone", "visit": -1}), "bad_field", "data.visit"),
        (wire(subject=None), "no_subject", 'subject must be "contact/<id>", it is ""'),
        (wire(subject="contact/"), "no_subject", '"contact/"'),
        (wire(subject="agent/ada"), "no_subject", '"agent/ada"'),
        (wire(type="queuewatch.agent.changed", data={}), "no_subject", 'must be "agent/<id>"'),
        (
            wire(data={"queue": "sales", "channel": "phone", "contact": "c2"}),
            "no_subject",
            'subject names contact "c1", but data.contact says "c2"',
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(raw: bytes, reason: str, says: str) -> None:
    error = refusal(raw)
    assert error.reason == reason
    assert says in str(error)


def test_a_complaint_repeats_little_of_what_it_complains_about() -> None:
    complaint = str(refusal(wire(type="x" * 100_000)))
    assert "…" in complaint
    assert len(complaint) < 1000


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_is_refused_and_nothing_else(raw: bytes) -> None:
    assert refusal(raw).reason in {"not_json", "bad_field"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ATTRIBUTES = (
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "subject",
    "data",
    "site",
    "sequence",
    "recordedtime",
)


@given(st.dictionaries(st.sampled_from(ATTRIBUTES), json_values, max_size=3))
def test_any_json_in_the_place_of_an_attribute_is_read_or_refused(changes: dict[str, Any]) -> None:
    with suppress(RefusedError):
        decode(wire(**changes), NEVER)


def test_a_point_in_time_is_written_with_microseconds_and_a_z() -> None:
    assert rfc3339(TEN + 0.25) == "2026-11-21T10:00:00.250000Z"


def test_what_an_event_does_not_say_is_not_written() -> None:
    assert to_cloudevent(Event("e1", "pbx", TEN, SourceGap())) == {
        "specversion": "1.0",
        "id": "e1",
        "source": "pbx",
        "type": "queuewatch.source.gap",
        "time": "2026-11-21T10:00:00.000000Z",
        "datacontenttype": "application/json",
        "data": {},
    }


def test_every_kind_of_fact_has_a_type_of_its_own() -> None:
    assert set(TYPES) == set(get_args(Data))
    assert len(set(TYPES.values())) == len(TYPES)
    assert all(name.startswith("queuewatch.") for name in TYPES.values())


def test_the_facts_about_contacts_are_listed() -> None:
    assert all(issubclass(fact, ContactFact) for fact in CONTACT_FACTS)
    assert {Enqueued, Answered, MessageReceived} < set(CONTACT_FACTS)


def test_no_fact_but_one_about_a_contact_names_a_contact() -> None:
    """Reading a batch takes a fact without the field for one about something else."""
    assert {fact for fact in get_args(Data) if "contact" in fact.__struct_fields__} == set(CONTACT_FACTS)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event that the core may hold."""
    fact = draw(st.sampled_from(get_args(Data)))
    data = draw(values(inspect.type_info(fact)))
    subject = ""
    if isinstance(data, ContactFact):
        subject = draw(names)
        data = replace(data, contact=draw(st.sampled_from(["", subject])))
    elif isinstance(data, AgentChanged):
        subject = draw(names)
        data = replace(data, agent=draw(st.sampled_from(["", subject])))
    return Event(
        draw(names),
        draw(names),
        draw(moments),
        data,
        subject,
        draw(names),
        draw(st.text(max_size=8)),
        draw(st.none() | moments),
    )


@given(events())
def test_an_event_comes_back_from_the_wire_as_it_went(event: Event) -> None:
    assert decode(json.dumps(to_cloudevent(event)).encode(), NEVER) == event


@given(events())
def test_an_event_comes_back_from_the_journal_as_it_went(event: Event) -> None:
    assert unpack(pack(event)) == event


odd_values = (
    json_values
    | st.sampled_from(
        [0, -0.0, 5e-324, 1e9, 1e9 + 1, 2**31 - 1, 2**31, 2**64, 10**400, 1e308, "x" * 256, "x" * 257]
    )
    | st.sampled_from(
        ["\0", "\x7f", "\u2028", "\ud800", "\udc00x", "😀", "1970-01-01T00:00:00Z", "2100-02-29T24:00:00Z"]
    )
    | st.datetimes().map(lambda one: f"{one.isoformat()}Z")
    | st.floats()
)


@st.composite
def told(draw: st.DrawFn) -> bytes:
    """An event as JSON, mostly good, with some of its values replaced by what may or may not stand there."""
    envelope = to_cloudevent(draw(events()))
    data = {one.name for fact in get_args(Data) for one in msgspec.structs.fields(fact)}
    envelope |= draw(st.dictionaries(st.sampled_from(ATTRIBUTES), odd_values, max_size=1))
    if isinstance(envelope["data"], dict):
        envelope["data"] |= draw(st.dictionaries(st.sampled_from(sorted(data)), odd_values, max_size=2))
    text = json.dumps(envelope, ensure_ascii=draw(st.booleans()))
    return text.encode(errors="surrogatepass")


@given(told())
def test_whatever_is_read_from_the_wire_comes_back_from_the_journal_as_it_was_read(raw: bytes) -> None:
    with suppress(RefusedError):
        event = decode(raw, TEN)
        assert unpack(pack(event)) == event


@given(st.lists(told(), min_size=1, max_size=3))
def test_whatever_is_read_at_once_comes_back_from_the_journal_as_it_was_read(raws: list[bytes]) -> None:
    body = b"[%b%b]" % (b" " * 3_000, b",".join(raws))  # short lists are read one by one
    read = decode_batch(body)
    if read is not None:
        assert unpack_all(pack_all(Read(read))) == read


@given(st.lists(events(), max_size=3))
def test_events_come_back_from_the_journal_together_as_one_by_one(some: list[Event]) -> None:
    assert pack_all(some) == [pack(one) for one in some]
    assert unpack_all(pack_all(some)) == some


def test_what_is_told_as_it_happens_may_be_ahead_by_a_day_and_no_more() -> None:
    raw = msgspec.json.encode(to_cloudevent(Event("e1", "pbx", TEN, SourceGap())))
    assert decode_live(raw, TEN - AHEAD_S).at == TEN
    with pytest.raises(RefusedError, match="here it is") as refused:
        decode_live(raw, TEN - AHEAD_S - 0.001)
    assert refused.value.reason == "in_the_future"


def test_a_snapshot_of_no_time_of_ours_is_refused() -> None:
    snapshot = QueueSnapshot(queue="sales", channel="phone", as_of=TEN)
    wire = to_cloudevent(Event("e1", "pbx", TEN, snapshot))
    wire["data"]["as_of"] = "1969-12-31T23:59:59Z"
    with pytest.raises(RefusedError, match="1970 to 9998"):
        decode(msgspec.json.encode(wire), TEN)


@pytest.mark.parametrize("act", get_args(Act))
def test_what_people_do_here_is_never_read_from_outside(act: type[Struct]) -> None:
    """Whoever may tell of contacts could otherwise give money away."""
    name = f"queuewatch.{act.__struct_config__.tag}"
    assert refusal(wire(type=name)).reason == "unknown_type"


def batch(*raws: bytes) -> bytes:
    """A list of these events and of so many good ones that it is worth reading at once."""
    filler = [wire(id=f"f{number}", source="/filler") for number in range(20)]
    return b"[" + b",".join([*raws, *filler]) + b"]"


def read_one_by_one(body: bytes) -> list[Event]:
    return [decode(raw, NEVER) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]


@pytest.mark.parametrize(
    "raw",
    [
        wire(),
        wire(subject="contact/mail/7"),
        wire(time="2026-11-21T11:30:00+01:30"),
        wire(time="2026-11-20T10:00:00.5Z"),
        wire(subject="contact/two\nlines"),
        wire(subject="contact/two\ncontact/lines"),
        wire(subject=None, data={"queue": "sales", "channel": "phone", "contact": "c7"}),
        wire(data={"queue": "sales", "channel": "phone", "contact": "c1"}),
        wire(type="queuewatch.agent.changed", subject="agent/ada", data={"state": "busy"}),
        wire(type="queuewatch.source.started", data=None, subject=None),
        wire(type="queuewatch.source.started", data=None, subject="contact/c1"),
        wire(site="north", sequence="007", recordedtime="2026-11-21T11:00:00+01:00"),
        wire(
            type="queuewatch.queue.snapshot",
            subject=None,
            data={"queue": "sales", "channel": "chat", "as_of": "2026-11-21T10:00:00Z", "waiting": []},
        ),
    ],
)
def test_a_batch_read_at_once_holds_what_each_event_holds_by_itself(raw: bytes) -> None:
    body = batch(raw)
    assert decode_batch(body) == read_one_by_one(body)


def test_events_of_one_source_share_its_name() -> None:
    events = decode_batch(batch())
    assert events is not None
    assert len({id(one.source) for one in events}) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"7",
        wire(type=None),
        wire(type="queuewatch.contact.hugged"),
        wire(specversion="0.3"),
        wire(id=""),
        wire(id="e-9").replace(b"e-9", b"e-\x80"),
        wire(time=None),
        wire(time="yesterday"),
        wire(time="9999-01-01T00:00:00Z"),
        wire(recordedtime="9999-01-01T00:00:00Z"),
        wire(recordedtime="yesterday"),
        wire(data={"queue": "sales"}),
        wire(subject=None),
        wire(subject="contact/"),
        wire(subject="agent/ada"),
        wire(type="queuewatch.agent.changed", subject="contact/c1", data={}),
        wire(data={"queue": "sales", "channel": "phone", "contact": "c2"}),
    ],
)
def test_a_batch_with_anything_out_of_the_ordinary_is_left_to_be_read_one_by_one(raw: bytes) -> None:
    assert decode_batch(batch(raw)) is None


def test_an_id_of_two_lines_does_not_stand_in_for_one_that_is_missing() -> None:
    assert decode_batch(batch(wire(subject="contact/c1\ncontact/c2"), wire(subject="c3"))) is None


def test_a_batch_may_be_ahead_as_far_as_its_reader_says_and_no_more() -> None:
    assert decode_batch(batch(), TEN) is not None
    assert decode_batch(batch(), TEN - 0.001) is None


def test_a_short_batch_is_left_to_be_read_one_by_one() -> None:
    assert decode_batch(b"[" + wire() + b"]") is None


def test_a_list_of_nothing_but_space_holds_no_events() -> None:
    assert decode_batch(b"[" + b" " * 4000 + b"]") == []


@pytest.mark.parametrize("body", [b"{" * 4000, b"[" * 4000, batch()[:-1], batch() + b"x", b"\xff" * 4000])
def test_a_broken_batch_is_left_to_be_looked_at_more_closely(body: bytes) -> None:
    assert decode_batch(body) is None


@given(st.lists(st.dictionaries(st.sampled_from(ATTRIBUTES), json_values, max_size=2), max_size=3))
def test_what_is_read_at_once_is_what_is_read_one_by_one(changes: list[dict[str, Any]]) -> None:
    body = batch(*(wire(**some) for some in changes))
    together = decode_batch(body)
    assert together is None or together == read_one_by_one(body)


@given(st.lists(events(), min_size=1, max_size=4))
def test_any_events_are_read_at_once_as_they_went(some: list[Event]) -> None:
    body = b"[" + b",".join(json.dumps(to_cloudevent(one)).encode() for one in some) + b" " * 4000 + b"]"
    assert decode_batch(body) == some
