"""What the tests of Asterisk's manager interface share: recordings and blocks made by hand."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from queuewatch.core.facts.events import AgentChanged, Data, Event
from queuewatch.ports import Refused
from queuewatch.sources.asterisk_blocks import Blocks, parse
from queuewatch.sources.asterisk_translator import Translator
from queuewatch.sources.reading import Reading
from tests.sources import wire

DATA = Path(__file__).parents[1] / "data" / "asterisk"
READING = Reading(hash_customer=lambda raw: f"hash of {raw}", source="pbx", site="north")
START = 1_795_289_423.0
"""When the first recording begins."""


def recorded(name: str) -> Iterator[tuple[dict[str, str], float]]:
    """The blocks that matter of a recording, each with when it came in, by the PBX's own clock."""
    stream = gzip.decompress((DATA / name).read_bytes())
    now = START
    blocks = Blocks()
    for start in range(0, len(stream), 1 << 16):
        for block in blocks.feed(stream[start : start + (1 << 16)]):
            assert isinstance(block, bytes)
            fields = parse(block)
            now = float(fields.get("timestamp", now))
            yield fields, now


class Pbx:
    """Feeds a translator by hand and keeps what it tells."""

    def __init__(self, **options: object) -> None:
        self.translator = Translator(READING, **options)  # type: ignore[arg-type]
        self.told: list[Event] = []
        self.refused: list[Refused] = []
        self.now = 1000.0

    def says(self, event: str, at: float | None = None, **fields: str) -> list[Data]:
        """One block, `at` by the PBX's clock; what it and a pause after it bring."""
        if at is not None:
            self.now = at
            fields["timestamp"] = f"{at:.6f}"
        return self.block({"event": event, **fields})

    def block(self, fields: dict[str, str]) -> list[Data]:
        """The same with all fields given."""
        news = [*self.translator.feed(fields, self.now)]
        self.refused += [one for one in news if isinstance(one, Refused)]
        return self._keep([*(one for one in news if isinstance(one, Event)), *self.translator.due(self.now)])

    def waits(self, seconds: float) -> list[Data]:
        """Time goes by with nothing said."""
        self.now += seconds
        return self._keep([*self.translator.due(self.now)])

    def _keep(self, events: list[Event]) -> list[Data]:
        self.told += events
        return [event.data for event in events if not isinstance(event.data, AgentChanged)]  # type: ignore[misc]

    def agents(self) -> list[tuple[float, str, AgentChanged]]:
        """What was told of agents."""
        return [(one.at, one.subject, one.data) for one in self.told if isinstance(one.data, AgentChanged)]


def call(uniqueid: str = "c1", queue: str = "desk", linkedid: str | None = None) -> dict[str, str]:
    """The fields of a block that say which call it is about."""
    return {"queue": queue, "uniqueid": uniqueid, "linkedid": linkedid or uniqueid}


def member(agent: str = "Ada", queue: str = "desk", **fields: str) -> dict[str, str]:
    """The fields of a block about a member of a queue."""
    return {
        "queue": queue,
        "membername": agent,
        "interface": f"PJSIP/{agent}",
        "status": "1",
        "paused": "0",
        "pausedreason": "",
        **fields,
    }


class Wire(wire.Wire):
    """The PBX's end of a connection: what the source wrote, and what it is to read."""

    def says(self, *lines: str) -> None:
        """One block."""
        self.reader.feed_data("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")

    def greets(self, version: str = "11.0.0") -> None:
        """The line that every connection begins with."""
        self.reader.feed_data(f"Asterisk Call Manager/{version}\r\n".encode())

    def lets_in(self, *, booted: bool = True) -> None:
        """Greeting and both answers to a login that is right; one that is still starting says no more."""
        self.greets()
        self.says("Response: Success", "Challenge: 840415273")
        self.says("Response: Success", "Message: Authentication accepted")
        if booted:
            self.says("Event: FullyBooted", "Uptime: 500")

    def actions(self, name: str) -> list[str]:
        """The actions of this name that the source sent."""
        sent = self.written.decode().split("\r\n\r\n")
        return [one for one in sent if one.startswith(f"Action: {name}\r\n") or one == f"Action: {name}"]
