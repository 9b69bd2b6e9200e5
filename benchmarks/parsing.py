"""How fast history and live text are read, each beside the least that could be done with it in the same run.

    python -m benchmarks.parsing

Every source there is: Asterisk's log and manager interface, FreeSWITCH, files of history, CloudEvents,
mail, and every webhook (those alone: `python -m benchmarks.webhooks`). The recordings of the tests are read
from memory. Processor time is counted, of the best of many runs in turn with the plain loop, so that other
programs disturb little; the ratio says what our own work costs. Hashing customers' numbers (HMAC-SHA256) is a
good part of it and is shown apart.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import msgspec

from benchmarks import webhooks
from benchmarks.ratio import compare
from queuewatch.core.facts.wire import decode_live, to_cloudevent
from queuewatch.customers import Customers
from queuewatch.ports import Refused
from queuewatch.sources import (
    asterisk_queue_log,
    cloudevents_jsonl,
    contacts_csv,
    freeswitch_translator,
)
from queuewatch.sources.asterisk_blocks import Blocks, parse
from queuewatch.sources.asterisk_translator import Translator
from queuewatch.sources.freeswitch_frames import Frame, Frames
from queuewatch.sources.freeswitch_frames import parse as parse_event
from queuewatch.sources.reading import Lines, Reading
from tests.sources.freeswitch import a_morning, framed
from tests.sources.mailbox import fetched, looked_at

DATA = Path(__file__).parents[1] / "tests" / "data" / "asterisk"
CHUNK = 1 << 16
BLOCK_END = b"\r\n\r\n"


READING = Reading(hash_customer=Customers(b"k" * 32).pseudonym, source="pbx")


def queue_log() -> None:
    """Lines of a recorded queue_log to events; plain: decode and split them."""
    lines = gzip.decompress((DATA / "queue_log-22.10.1.gz").read_bytes()).splitlines(keepends=True) * 5

    def plain() -> None:
        for line in lines:
            line.decode().rstrip("\r\n").split("|")

    def ours(reading: Reading) -> None:
        for _ in asterisk_queue_log.read(Lines(("", lines)), reading):
            pass

    unhashed = Reading(hash_customer=str, source="pbx")
    compare("queue_log, lines to events, not hashed", len(lines), plain, lambda: ours(unhashed))
    compare("queue_log, lines to events", len(lines), plain, lambda: ours(READING))


def ami() -> None:  # noqa: C901 (five loops to compare)
    """A recorded stream of the manager interface; plain: cut it into blocks."""
    stream = gzip.decompress((DATA / "ami-22.10.1.log.gz").read_bytes())
    chunks = [stream[start : start + CHUNK] for start in range(0, len(stream), CHUNK)]
    count = stream.count(BLOCK_END)

    def plain() -> None:
        for chunk in chunks:
            chunk.split(BLOCK_END)

    def sift() -> None:
        blocks = Blocks()
        for chunk in chunks:
            blocks.feed(chunk)

    def read() -> None:
        blocks = Blocks()
        for chunk in chunks:
            for block in blocks.feed(chunk):
                assert isinstance(block, bytes)
                parse(block)

    def translate() -> None:
        blocks, translator = Blocks(), Translator(READING)
        now = 1_795_289_423.0
        for chunk in chunks:
            for block in blocks.feed(chunk):
                assert isinstance(block, bytes)
                translator.feed(parse(block), now)
            translator.due(now)

    def read_all() -> None:
        for block in stream.split(BLOCK_END):
            parse(block)

    for what, work in (
        ("sifted", sift),
        ("sifted and read", read),
        ("to events", translate),
        ("all of them read", read_all),
    ):
        compare(f"manager interface, blocks {what}", count, plain, work)


def switch() -> None:
    """Events of FreeSWITCH's event socket, as the tests write them; plain: cut the stream into frames."""
    stream = b"".join(map(framed, a_morning())) * 50
    chunks = [stream[start : start + CHUNK] for start in range(0, len(stream), CHUNK)]
    count = stream.count(b"Content-Length: ")

    def plain() -> None:
        for chunk in chunks:
            chunk.split(b"\n\n")

    def ours() -> None:
        frames, translator = Frames(), freeswitch_translator.Translator(READING)
        for chunk in chunks:
            for frame in frames.feed(chunk):
                assert isinstance(frame, Frame)
                translator.feed(parse_event(frame.body), 1000.0)
            translator.due(1000.0)

    compare("event socket, events of mod_callcenter", count, plain, ours)


def tables() -> None:
    """The recorded calls as CloudEvents and as a table; plain: go through the lines, and split them."""
    lines = gzip.decompress((DATA / "queue_log-22.10.1.gz").read_bytes()).splitlines(keepends=True)
    events = [
        one for one in asterisk_queue_log.read(Lines(("", lines)), READING) if not isinstance(one, Refused)
    ]
    json_lines = [json.dumps(to_cloudevent(event)).encode() for event in events] * 10
    rows = [b"contact,queue,channel,enqueued_at,answered_at,completed_at,agent\n"]
    rows += [
        b"c%d,desk,phone,2026-11-21T%02d:%02d:%02dZ,,,\n" % (n, n // 3600, n // 60 % 60, n % 60)
        for n in range(20_000)
    ]

    def read_json() -> None:
        for _ in cloudevents_jsonl.read(Lines(("", json_lines)), READING):
            pass

    def read_rows() -> None:
        for _ in contacts_csv.read(Lines(("", rows)), READING):
            pass

    compare(
        "cloudevents-jsonl, lines to events",
        len(json_lines),
        lambda: [line.strip() for line in json_lines],
        read_json,
    )
    compare(
        "contacts-csv, rows to events",
        len(rows),
        lambda: [row.decode().split(",") for row in rows],
        read_rows,
    )


def mails() -> None:
    """A mailbox's answer to FETCH into events; plain: cut the octets at ends of lines and at colons."""
    answers = [fetched(uid) for uid in range(1, 2_000)]

    def plain() -> None:
        for answer in answers:
            for line in answer.split(b"\r\n"):
                line.partition(b":")

    compare("mails, to events of their threads", len(answers), plain, lambda: looked_at(answers))


def live() -> None:
    """CloudEvents one by one, as they come over HTTP and MQTT; plain: decode the JSON."""
    lines = gzip.decompress((DATA / "queue_log-22.10.1.gz").read_bytes()).splitlines(keepends=True)
    told = (
        one for one in asterisk_queue_log.read(Lines(("", lines)), READING) if not isinstance(one, Refused)
    )
    bodies = [msgspec.json.encode(to_cloudevent(event)) for event in told] * 5

    def plain() -> None:
        for body in bodies:
            msgspec.json.decode(body)

    def ours() -> None:
        for body in bodies:
            decode_live(body, 2e9)

    compare("CloudEvents, live", len(bodies), plain, ours)


def main() -> None:
    """Measure everything."""
    queue_log()
    ami()
    switch()
    tables()
    live()
    mails()
    webhooks.main()


if __name__ == "__main__":
    main()
