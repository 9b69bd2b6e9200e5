"""One battery for every source, whatever it listens to: what a reader of other people's words must not do.

What each recording means is in the source's own tests; here is what all must keep. The webhooks' stories run
through `conformance.Conformance` besides.
"""

from __future__ import annotations

import asyncio
import gzip
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from queuewatch.config import Settings
from queuewatch.config.kinds import SourceKind
from queuewatch.core.facts.events import Event, QueueSnapshot, SourceGap
from queuewatch.core.facts.wire import RefusedError, decode_live, pack, to_cloudevent, unpack
from queuewatch.ports import Incoming, Refused, Source
from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from queuewatch.sources.asterisk_ami import AsteriskAmi
from queuewatch.sources.asterisk_blocks import Blocks
from queuewatch.sources.asterisk_blocks import parse as parse_block
from queuewatch.sources.asterisk_login import AmiSettings
from queuewatch.sources.asterisk_queue_log_tail import AsteriskQueueLog, QueueLogSettings
from queuewatch.sources.asterisk_translator import Translator
from queuewatch.sources.files import FORMATS
from queuewatch.sources.followed import KINDS as FOLLOWED
from queuewatch.sources.freeswitch import Freeswitch
from queuewatch.sources.reading import Lines
from queuewatch.sources.stream import Address, Streams
from queuewatch.sources.webhooks import KINDS as WEBHOOKS
from queuewatch.sources.webhooks import webhooks
from tests.clocks import HandClock
from tests.core.histories import MORNING, laws, picture, told
from tests.serve.desk import CUSTOMERS, FakeDesk, FakeWording
from tests.sources import ami, conformance, freeswitch, mailbox
from tests.sources.ami import READING
from tests.sources.mornings import (
    amazon_connect,
    chatwoot,
    generic_json,
    genesys_cloud,
    intercom,
    rocketchat,
    twilio,
    zammad,
    zendesk,
)

Found = Sequence[Event | Refused]
DATA = Path(__file__).parents[1] / "data"

STORIES: dict[str, conformance.Story] = {
    "amazon-connect": amazon_connect.CONTACT_EVENTS,
    "chatwoot": chatwoot.STORY,
    "generic-json": generic_json.STORY,
    "genesys-cloud": genesys_cloud.STORY,
    "intercom": intercom.STORY,
    "rocketchat": rocketchat.STORY,
    "twilio": twilio.STORY,
    "zammad": zammad.STORY,
    "zendesk": zendesk.STORY,
}


class Case(Struct, frozen=True):
    """A source as the battery sees it.

    Attributes:
        pieces: What it was sent, recorded, piece by piece.
        read: The events of so many pieces in a row, by a reader that knows nothing of before.
        any_order: Whether the pieces may come in any order.
        whole: Whether a piece cannot be read unless it is whole.
    """

    pieces: Sequence[bytes]
    read: Callable[[Sequence[bytes]], Found]
    any_order: bool = True
    whole: bool = True


def from_ami(pieces: Sequence[bytes]) -> Found:
    """Blocks of the manager interface."""
    blocks, translator = Blocks(), Translator(READING)
    found: list[Event | Refused] = []
    for piece in pieces:
        for block in blocks.feed(piece):
            told_now = (
                [block] if isinstance(block, Refused) else translator.feed(parse_block(block), ami.START)
            )
            found += told_now
        found += translator.due(ami.START)
    return found


def from_lines(format_name: str, pieces: Sequence[bytes]) -> Found:
    """Lines of a file of history."""
    return list(FORMATS[format_name].read(Lines(("", pieces)), READING))


def from_table(pieces: Sequence[bytes]) -> Found:
    """Rows of a table, below its header."""
    return from_lines("contacts-csv", [HEADER, *pieces])


def from_http(pieces: Sequence[bytes]) -> Found:
    """CloudEvents as they come over HTTP and MQTT."""
    found: list[Event | Refused] = []
    for piece in pieces:
        try:
            found.append(decode_live(piece, MORNING + 86_400.0))
        except RefusedError as error:
            found.append(Refused(error.reason, str(error)))
    return found


def from_webhook(story: conformance.Story, pieces: Sequence[bytes]) -> Found:
    """Payloads of a webhook."""
    source = conformance.source(story.own)
    return [one for piece in pieces for one in source.parse(piece, story.content_type)]


QUEUE_LOG = gzip.decompress((DATA / "asterisk/queue_log-22.10.1.gz").read_bytes()).splitlines(keepends=True)
MANAGER = gzip.decompress((DATA / "asterisk/ami-22.10.1.log.gz").read_bytes())[:400_000].split(b"\r\n\r\n")
HEADER, *TABLE = (DATA / "contacts_csv/monday.csv").read_bytes().splitlines(keepends=True)
CLOUD_EVENTS = [
    msgspec.json.encode(to_cloudevent(one)) + b"\n"
    for one in from_lines("asterisk-queue-log", QUEUE_LOG[:400])
    if isinstance(one, Event)
]

CASES: dict[str, Case] = {
    "asterisk-ami": Case([one + b"\r\n\r\n" for one in MANAGER[:-1]], from_ami, any_order=False, whole=False),
    "asterisk-queue-log": Case(
        [line for line in QUEUE_LOG if b"WRAPUPCODE" not in line],
        partial(from_lines, "asterisk-queue-log"),
        any_order=False,
        whole=False,
    ),
    "cloudevents-http": Case(CLOUD_EVENTS, from_http),
    "cloudevents-jsonl": Case(CLOUD_EVENTS, partial(from_lines, "cloudevents-jsonl")),
    "contacts-csv": Case(TABLE, from_table, whole=False),
    "freeswitch": Case(
        [freeswitch.framed(one) for one in freeswitch.a_morning()],
        lambda pieces: freeswitch.read(b"".join(pieces)),
        any_order=False,
        whole=False,
    ),
    "amazon-ctr-jsonl": Case(
        [msgspec.json.encode(one) + b"\n" for one in amazon_connect.CONTACT_RECORDS.payloads],
        partial(from_lines, "amazon-ctr-jsonl"),
    ),
    "imap": Case(
        [mailbox.fetched(uid) for uid in range(1, 60)], mailbox.looked_at, any_order=False, whole=False
    ),
    **{
        kind: Case(
            [story.body(one) for one in story.payloads], partial(from_webhook, story), whole=not story.form
        )
        for kind, story in STORIES.items()
    },
}
every = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def sound(found: Found) -> None:
    """Events that the journal can keep, or refusals with a reason and not too long a sentence."""
    for one in found:
        if isinstance(one, Refused):
            assert one.reason
            assert one.reason.replace("_", "").isalnum()
            assert len(one.detail) < 1000
        else:
            assert unpack(pack(one)) == one


def events(found: Found) -> list[Event]:
    return [one for one in found if isinstance(one, Event)]


def test_every_source_there_is_runs_the_battery() -> None:
    followed = {kind for struct in FOLLOWED for kind in get_args(get_type_hints(struct)["kind"])}
    assert followed | set(FORMATS) | set(WEBHOOKS) <= CASES.keys()
    assert set(get_args(SourceKind)) == set(WEBHOOKS) == STORIES.keys()


@every
def test_what_was_recorded_becomes_events_and_nothing_of_it_is_refused(case: Case) -> None:
    found = case.read(case.pieces)
    assert len(events(found)) >= len(case.pieces) / 20
    assert [one for one in found if isinstance(one, Refused)] == []
    sound(found)


@every
def test_the_same_twice_is_the_same_events(case: Case) -> None:
    found = case.read(case.pieces)
    assert found == case.read(case.pieces)
    versions = {(one.source, one.id, one.version_at): one for one in events(found)}
    assert all(versions[one.source, one.id, one.version_at] == one for one in events(found))


@pytest.mark.parametrize("seed", range(3))
@every
def test_events_shuffled_and_repeated_give_the_same_state(case: Case, seed: int) -> None:
    """The events themselves may come in any order; where the pieces may, they are shuffled too."""
    chance = random.Random(seed)  # noqa: S311  # an order, no secret
    pieces = list(case.pieces[:3000])
    in_order = events(case.read(pieces))
    if case.any_order:
        pieces += pieces
        chance.shuffle(pieces)
    mixed = [*events(case.read(pieces)), *chance.sample(in_order, len(in_order) // 3)]
    chance.shuffle(mixed)
    assert picture(told(mixed)) == picture(told(in_order))


GARBAGE = {
    "nothing": b"\n",
    "zeros": b"\x00" * 4096,
    "no text": bytes(range(128, 256)) * 20,
    "another language": b"<?xml version='1.0'?><a>" + b"<b/>" * 50 + b"</a>\r\n\r\n",
    "brackets": b"[" * 50_000 + b"\n",
    "an endless line": b"x" * 3_000_000,
    "an endless line of ours": b"Event: QueueCallerJoin\r\nQueue: " + b"q" * 3_000_000,
    "a huge length": b"Content-Length: 99999999999999\n\n",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
@every
def test_garbage_is_no_event_and_does_no_harm_to_what_comes_before(case: Case, garbage: bytes) -> None:
    sound(alone := case.read([garbage]))
    assert events(alone) == []
    before = case.pieces[: min(len(case.pieces), 200)]
    known = events(case.read(before))
    after = case.read([*before, garbage])
    sound(after)
    assert [one.id for one in events(after)][: len(known) // 2] == [one.id for one in known][
        : len(known) // 2
    ]


@every
def test_what_breaks_off_is_told_of_as_refused_or_waited_for(case: Case) -> None:
    for piece in case.pieces[:40]:
        for end in {1, len(piece) // 3, len(piece) // 2, len(piece) - 3}:
            found = case.read([piece[:end]])
            sound(found)
            if case.whole:
                assert events(found) == []


@every
def test_what_is_huge_does_no_harm(case: Case) -> None:
    for piece in case.pieces[:10]:
        for name in (b"Queue", b"queue", b"desk", b"1", b"a"):
            sound(case.read([piece.replace(name, name + b"x" * 100_000, 1)]))


@pytest.mark.parametrize("name", CASES)
def test_whatever_comes_is_an_event_or_a_refusal(name: str) -> None:
    case = CASES[name]
    recorded = st.sampled_from(case.pieces[:300])
    torn = st.builds(lambda piece, place, more: piece[:place] + more + piece[place:], recorded, st.integers(0, 400), st.binary(max_size=6))  # fmt: skip  # noqa: E501

    @laws
    @given(st.lists(recorded | torn | st.binary(max_size=40), max_size=6))
    def holds(pieces: list[bytes]) -> None:
        sound(case.read(pieces))

    holds()


@pytest.mark.parametrize("kind", STORIES)
async def test_a_wrong_signature_is_401_and_counted(kind: str) -> None:
    story = STORIES[kind]
    desk = FakeDesk()
    hooks = webhooks(Settings(sources={"chat": story.own}), conformance.hidden)
    app = make_app(
        desk,
        Access([]),
        clock=HandClock(MORNING),
        customers=CUSTOMERS,
        wording=FakeWording(),
        max_body=100_000,
        hooks=hooks,
    )
    body = story.body(story.payloads[0])
    wrong, url = story.sign(body, "not the secret")
    async with TestClient(TestServer(app)) as client:
        asked = url.partition("?")[2]
        path = "/v1/sources/chat" + (f"?{asked}" if asked else "")
        for headers in ({}, wrong):
            response = await client.post(
                path, data=body, headers={**headers, "Content-Type": story.content_type}
            )
            assert response.status == 401
    assert desk.taken == []
    assert {one.reason for one in desk.refused} == {"bad_signature"}
    assert len(desk.refused) == 2


# ── what is listened to over a connection, or in a file ───────────────────────────────────────────────


class Line:
    """The other end of a connection that is made anew, as often as it breaks."""

    def __init__(self, *wires: Any) -> None:
        self.wires = list(wires)

    async def connect(self, *_: object) -> Streams:
        if not self.wires:
            await asyncio.Event().wait()
        wire = self.wires.pop(0)
        return wire.reader, cast("asyncio.StreamWriter", wire)


def ami_wire(*calls: str) -> ami.Wire:
    """A PBX that lists these callers."""
    wire = ami.Wire()
    wire.lets_in()
    wire.says("Event: QueueParams", "Queue: desk")
    for place, one in enumerate(calls, 1):
        wire.says("Event: QueueEntry", "Queue: desk", f"Uniqueid: {one}", f"Position: {place}", "Wait: 5")
    wire.says("Event: QueueStatusComplete")
    return wire


def switch_wire(*calls: str) -> freeswitch.Wire:
    """A FreeSWITCH that lists these callers."""
    wire = freeswitch.Wire()
    wire.lets_in()
    wire.answers(*(freeswitch.waits(one) for one in calls))
    return wire


def ami_source(clock: HandClock, *wires: Any) -> Source:
    own = AmiSettings(host="pbx", username="queuewatch", secret="hush")
    return AsteriskAmi("pbx", own, READING, clock, chance=lambda: 0.0, connect=Line(*wires).connect)


def switch_source(clock: HandClock, *wires: Any) -> Source:
    where, connect = Address("switch", 8021), Line(*wires).connect
    return Freeswitch(
        "switch", where, "hush", READING, clock, resync_s=30.0, chance=lambda: 0.0, connect=connect
    )


CONNECTED = {"asterisk-ami": (ami_wire, ami_source), "freeswitch": (switch_wire, switch_source)}
connected = pytest.mark.parametrize(("wire", "source"), CONNECTED.values(), ids=CONNECTED)


async def coming(
    clock: HandClock, incoming: AsyncIterator[Incoming], until: Callable[[Event], bool]
) -> list[Event]:
    """What comes until such an event, time going by where nothing does."""
    found: list[Event] = []
    while not found or not until(found[-1]):
        task = asyncio.ensure_future(anext(incoming))
        while not task.done():
            done, _ = await asyncio.wait([task], timeout=0.001)
            if not done:
                await clock.move_by(0.5)
        found += (await task).events
    return found


@connected
async def test_after_a_lost_connection_the_list_is_asked_for_again(
    wire: Callable[..., Any], source: Callable[..., Source]
) -> None:
    clock = HandClock()
    first, second = wire("1", "2"), wire("2", "3")
    async with aclosing(source(clock, first, second).events()) as incoming:
        before = await coming(clock, incoming, lambda one: isinstance(one.data, QueueSnapshot))
        first.reader.feed_eof()
        gap = await coming(clock, incoming, lambda one: isinstance(one.data, SourceGap))
        after = await coming(clock, incoming, lambda one: isinstance(one.data, QueueSnapshot))
    site = told([*before, *gap, *after])
    (queue,) = site.queues.values()
    assert [contact.removeprefix("call-") for _, _, contact, _ in queue.line] == ["2", "3"]


@connected
async def test_a_slow_journal_holds_the_source_back_and_nothing_is_lost(
    wire: Callable[..., Any], source: Callable[..., Source]
) -> None:
    clock = HandClock()
    other = wire()
    async with aclosing(source(clock, other).events()) as incoming:
        await coming(clock, incoming, lambda one: isinstance(one.data, QueueSnapshot))
        for number in range(300):
            joins(other, number)
            await asyncio.sleep(0)  # noqa: TID251  # lets the reader run; waits for nothing
        # All of it waits in the stream or in the one chunk in hand; nobody read ahead.
        found = await coming(clock, incoming, lambda one: one.subject.endswith("-299"))
    joined = [one.subject for one in found if one.subject]
    assert joined == [f"call-{number}" for number in range(300)]


def joins(wire: Any, number: int) -> None:
    """Somebody joins a queue."""
    if isinstance(wire, ami.Wire):
        wire.says("Event: QueueCallerJoin", "Queue: desk", f"Uniqueid: call-{number}", "Position: 1")
    else:
        event = freeswitch.fields("member-queue-start", 1000.0 + number, **freeswitch.member(str(number)))
        wire.says(freeswitch.framed(event))


async def test_a_slow_journal_holds_the_log_back_and_nothing_is_lost(tmp_path: Path) -> None:
    path, clock = tmp_path / "queue_log", HandClock(2000.0)
    path.write_text("")
    source = AsteriskQueueLog("log", QueueLogSettings(path=str(path)), READING, clock)
    subjects: list[str] = []
    async with aclosing(source.events()) as incoming:
        with path.open("a") as log:
            for number in range(300):
                log.write(f"{1000 + number}|c{number}|desk|NONE|ENTERQUEUE||0207|1\n")
                log.flush()
                if number % 100 == 50:
                    subjects += [one.subject for one in await coming(clock, incoming, lambda _: True)]
        subjects += [one.subject for one in await coming(clock, incoming, lambda one: one.subject == "c299")]
    assert subjects == [f"c{number}" for number in range(300)]


def test_what_one_source_tells_another_could_read() -> None:
    """Events of any source, written as CloudEvents, are read back as such."""
    for case in CASES.values():
        for event in events(case.read(case.pieces[:200])):
            again = decode_live(msgspec.json.encode(to_cloudevent(event)), event.at + 1.0)
            assert (type(again.data), again.subject) == (type(event.data), event.subject)
