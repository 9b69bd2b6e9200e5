"""Asterisk's queue_log, live: the file followed while the PBX writes it."""

from __future__ import annotations

import math
import os
from collections.abc import AsyncGenerator, Callable
from functools import partial
from pathlib import Path

from msgspec import Struct

from queuewatch.config import AsteriskQueueLogSource
from queuewatch.core.facts.events import Event, SourceGap
from queuewatch.logs import logger
from queuewatch.ports import Clock, Incoming, Refused
from queuewatch.sources.asterisk_queue_log import Translator
from queuewatch.sources.context import Context, UnusableError
from queuewatch.sources.reading import Reading, clip, moment, spoken, text, texts
from queuewatch.sources.tail import Position, Read, Tail, load, save

_log = logger("sources.asterisk_queue_log")


_TAIL = 1 << 16  # bytes of the log's end in which a probe looks for its last line


class QueueLogSettings(Struct, frozen=True, kw_only=True):
    """Which log to follow, and how.

    Attributes:
        path: Where the PBX writes it, often /var/log/asterisk/queue_log.
        poll_s: How often to look whether there is more, seconds.
        history_s: How old a line may be to be taken in when the log is first read, seconds.
    """

    path: str
    poll_s: float = 0.5
    history_s: float = 86_400.0


def make(own: AsteriskQueueLogSource, context: Context) -> AsteriskQueueLog:
    """The source of a section; it goes on where it was before a restart."""
    kept = context.kept("position")
    return AsteriskQueueLog(
        context.name,
        QueueLogSettings(
            path=str(own.path),
            poll_s=own.poll_s,
            history_s=math.inf if own.history_s == "all" else own.history_s,
        ),
        context.reading,
        context.clock,
        position=load(kept),
        keep=partial(_keep, kept),
    )


def _keep(path: Path, position: Position) -> None:
    """Where it cannot be kept, a restart reads the log anew: no harm, for its lines are known by then."""
    try:
        save(path, position)
    except OSError as error:
        _log.warning("position not kept", path=str(path), why=error.strerror)


def _end_of(path: Path) -> tuple[int, list[bytes]]:
    """The size of a file, bytes, and its last lines; raises OSError."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        return size, file.read(_TAIL).splitlines()


async def probe(own: AsteriskQueueLogSource, context: Context) -> str:
    """Read the end of the log and say what its last line is; raises UnusableError."""
    try:
        size, lines = _end_of(own.path)
    except OSError as error:
        raise UnusableError(
            f"{own.path} cannot be read ({error.strerror}); mend the path, or let this user read it"
        ) from None
    last = next((text(line).split("|") for line in reversed(lines) if line.strip()), None)
    if last is None:
        return f"{own.path} can be read and is empty so far; it fills as soon as a queue is used"
    try:
        at = moment(last[0].strip("\0\ufeff "), context.reading.zone)
        verb = last[4]
    except (ValueError, IndexError):
        raise UnusableError(
            f"{own.path} can be read, but its last line is not time|callid|queue|agent|verb; "
            "is it the queue_log?"
        ) from None
    age_s = max(0.0, context.clock.now() - at)
    return f"{own.path} can be read ({size} bytes); its last line is {clip(verb)}, {spoken(age_s)} ago"


def _shown(reason: str, sentence: str, _number: int) -> Refused:
    """A line that is none may be half of one, with who called in it: that is not to be read in a log."""
    if reason == "bad_line":
        sentence = "a line is not time|callid|queue|agent|verb, or names no call, queue or agent"
    return Refused(reason, sentence)


class AsteriskQueueLog:
    """The source: what one queue_log says, as it is written."""

    def __init__(
        self,
        name: str,
        settings: QueueLogSettings,
        reading: Reading,
        clock: Clock,
        *,
        position: Position | None = None,
        keep: Callable[[Position], None] = lambda _position: None,
    ) -> None:
        """Prepare to read.

        Args:
            name: The source's name in config, metrics and logs.
            settings: Which log to follow.
            reading: Names of source and site in the events, the zone of its times, and the customers' hash.
            clock: The time.
            position: Where to go on; None reads the file from its beginning.
            keep: Called with the position to go on from, once what comes before it is durable.
        """
        self._name = name
        self._settings = settings
        self._reading = reading
        self._clock = clock
        self._tail = Tail(Path(settings.path), position)
        self._translator = Translator(reading)
        self._keep = keep
        self._second: bytes | None = None
        self._undone = 0
        self._trouble: str | None = f"{settings.path} has not been read yet"
        self._from_at = 0.0 if position is not None else clock.now() - settings.history_s

    @property
    def name(self) -> str:
        """The source's name in config, metrics and logs."""
        return self._name

    @property
    def trouble(self) -> str | None:
        """Why the log cannot be read right now, in one sentence; None while it can."""
        return self._trouble

    async def events(self) -> AsyncGenerator[Incoming, None]:
        """What the log says; a gap where lines may be missing or it cannot be read, once each time."""
        try:
            while True:
                try:
                    read = self._tail.look()
                except OSError as error:
                    incoming = self._unreadable(error)
                    more = False
                else:
                    self._trouble = None
                    incoming = self._translate(read)
                    more = read.more
                if incoming is not None:
                    yield incoming
                if not more:
                    await self._clock.sleep_until(self._clock.now() + self._settings.poll_s)
        finally:
            self._tail.close()

    def _unreadable(self, error: OSError) -> Incoming | None:
        self._tail.close()
        sentence = f"{self._settings.path}: {error.strerror}; let queuewatch read it"
        if self._trouble == sentence:
            return None
        self._trouble = sentence
        return Incoming((self._gap(sentence),), refused=(Refused("unreadable", sentence),))

    def _gap(self, sentence: str) -> Event:
        now = self._clock.now()
        return Event(
            f"{now:.6f}|GAP", self._reading.source, now, SourceGap(reason=sentence), site=self._reading.site
        )

    def _translate(self, read: Read) -> Incoming | None:
        events: list[Event] = [] if read.lost is None else [self._gap(read.lost)]
        refused: list[Refused] = []
        for line in read.lines:
            self._undone += len(line)
            second = line[: line.find(b"|")]
            if second != self._second:
                self._second, self._undone = second, len(line)
        for one in self._translator.feed(texts(read.lines), _shown) if read.lines else ():
            if isinstance(one, Event):
                events.append(one)
            else:
                refused.append(one)
        events += self._translator.due(self._clock.now())
        events = [event for event in events if event.at >= self._from_at]
        if not events and not refused:
            return None
        # From the beginning of the second, so that lines of it which look alike are counted anew.
        begun = Position(read.position.inode, max(0, read.position.offset - self._undone), read.position.head)
        return Incoming(tuple(events), partial(self._keep, begun), tuple(refused))
