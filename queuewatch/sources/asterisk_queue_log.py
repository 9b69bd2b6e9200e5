"""Asterisk's queue_log: its lines, or the rows of the database table of that name, into events.

The log has whole seconds, no ids, and no order within a second but that of its lines. An event's id is the
line without its data (who did what when, but not the customer's number), counted where a second holds it more
than once: the same whenever the line is read again, in a rotated copy too.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from queuewatch.core.facts.events import Data, Event, SourceStarted
from queuewatch.ports import Refused
from queuewatch.sources.asterisk_calls import HAIR_S, Calls
from queuewatch.sources.asterisk_roster import Roster
from queuewatch.sources.asterisk_verbs import (
    AGENT_VERBS,
    ENDS,
    NOBODY,
    OFFERS,
    SILENT,
    caller,
    connected,
    enqueued,
)
from queuewatch.sources.reading import MAX_LINE, MAX_NAME, Lines, Reading, clip, key, moment, text

Told = Sequence[Event] | Refused

_FIELDS = 5
_SECONDS_DIGITS = 10  # from 2001 to 2286
_NOTHING: Sequence[Event] = ()
_SEQUENCES = tuple(f"{n:04}" for n in range(2000))
"""Places in a second, as text that sorts; the lines of a second beyond that many keep no order among them."""


def read(lines: Lines, reading: Reading) -> Iterator[Event | Refused]:
    """The events of the lines, in their order; lines of several files in a row are one log."""
    translator = Translator(reading)
    columns: list[str] | None = None
    for line in lines:
        if len(line) >= MAX_LINE:
            yield lines.refuse("too_long", f"this line is longer than {MAX_LINE} bytes")
            continue
        try:
            written = line.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            written = text(line)
        if lines.number == 1:
            columns = header(written)
            if columns is not None:
                continue
        told = translator.line(written) if columns is None else translator.row(columns, written)
        if isinstance(told, Refused):
            yield lines.refuse(told.reason, told.detail)
        else:
            yield from told
    yield from translator.due(math.inf)


def header(line: str) -> list[str] | None:
    """The columns of a dump of the database table, the delimiter first; None where this is no header."""
    if "callid" not in line.lower() or "|" in line:
        return None
    delimiter = max(",;\t", key=line.count)
    return [delimiter, *(name.strip(' "\ufeff').lower() for name in line.split(delimiter))]


class Translator:
    """Lines into events, one after the other, with what a line alone does not say.

    Years of history pass through `line`, so it looks up little and makes little.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._source = reading.source
        self._site = reading.site
        self._calls = Calls()
        self._roster = Roster()
        self._verbs: dict[str, Callable[[str, list[str], list[str]], Told]] = {
            "ENTERQUEUE": self._join,
            "CONNECT": self._take,
            **dict.fromkeys(ENDS, self._end),
            **dict.fromkeys(OFFERS, self._offer),
            **dict.fromkeys(AGENT_VERBS, self._change),
            "QUEUESTART": self._start,
        }
        self._written = ""
        self._second = 0.0
        self._sequence = _SEQUENCES[0]
        self._lines: list[str] = []
        self._counts: dict[str, int] = {}
        self._ended: set[str] = set()
        self._later: dict[str, float] = {}

    def line(self, line: str) -> Told:
        """The events of a line `time|callid|queue|agent|verb|data…`, or why it is refused."""
        head = line.split("|", _FIELDS)
        if len(head) > _FIELDS:
            rest = head.pop()
            ident = line[: -len(rest) - 1] if rest else line[:-1]
            data = rest.split("|")
        elif len(head) == _FIELDS:
            ident, data = line, []
        else:
            return _NOTHING if not line.strip("\0 ") else _bad(line)
        over = _NOTHING
        if head[0] != self._written:
            try:
                over = self._turn(head[0])
            except ValueError as error:
                return Refused("bad_time", str(error))
        handle = self._verbs.get(head[4])
        if handle is None:
            told: Told = _NOTHING if head[4] in SILENT else _unknown(head[4])
        elif ident in self._counts or len(ident) > MAX_NAME - 8:
            told = self._odd(ident, line, head, data)
        else:
            self._counts[ident] = 1
            lines = self._lines
            lines.append(line)
            self._sequence = _SEQUENCES[len(lines) % len(_SEQUENCES)]
            told = handle(ident, head, data)
        return told if over is _NOTHING or isinstance(told, Refused) else [*over, *told]

    def row(self, columns: list[str], line: str) -> Told:
        """The events of a row of the database table under these columns, as `header` gave them."""
        delimiter, *names = columns
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error as error:
            return Refused("bad_line", f"this is no row of a table: {error}")
        if not any(cells):
            return _NOTHING
        row = dict(zip(names, cells, strict=False))
        queue = "queuename" if "queuename" in row else "queue"
        data = [row["data"]] if "data" in row else [row.get(f"data{n}", "") for n in range(1, 6)]
        head = [row.get(name, "").replace("|", "/") for name in ("time", "callid", queue, "agent", "event")]
        return self.line("|".join([*head, *data]))

    def due(self, now: float) -> list[Event]:
        """What comes of time alone: wrap-ups that are over by now."""
        events = []
        for at, agent in self._roster.wrapped_up(now):
            changed = self._roster.tell(agent)
            if changed is not None:
                ident = key(f"{at:.6f}|{agent}|WRAPUPEND")
                events.append(Event(ident, self._source, at, changed, agent, self._site))
        return events

    def next_at(self) -> float | None:
        """When `due` has something to say next."""
        return self._roster.next_at()

    def _turn(self, written: str) -> Sequence[Event]:
        """Another second begins; raises ValueError where it is none."""
        if len(written) == _SECONDS_DIGITS and written.isdecimal():
            self._second = float(written)
        else:
            self._second = moment(written.strip("\0\ufeff "), self._reading.zone)
        self._written = written
        self._lines.clear()
        self._counts.clear()
        if self._ended:
            self._ended.clear()
        if self._later:
            self._later.clear()
        return _NOTHING if self._roster.next_at() is None else self.due(self._second)

    def _odd(self, ident: str, line: str, head: list[str], data: list[str]) -> Told:
        """A line whose like there was in this second, or with names too long to be an id."""
        if any(len(name) > MAX_NAME for name in head):
            return Refused("bad_line", f"a name is longer than {MAX_NAME} characters")
        same = (one for one in reversed(self._lines) if one.split("|", 2)[1] == head[1])
        if next(same, None) == line:
            return _NOTHING  # a second process writes the same file
        self._lines.append(line)
        self._sequence = _SEQUENCES[len(self._lines) % len(_SEQUENCES)]
        count = self._counts[ident] = self._counts.get(ident, 0) + 1
        told = ident if count == 1 else f"{ident}#{count}"
        return self._verbs[head[4]](key(told) if len(told) > MAX_NAME - 8 else told, head, data)

    def _join(self, ident: str, head: list[str], data: list[str]) -> Told:
        _, call, queue, _, _ = head
        if call in NOBODY or queue in NOBODY:
            return _nameless(head)
        number = caller(data[1]) if len(data) > 1 else None
        customer = None if number is None else self._reading.hash_customer(number)
        if call in self._ended:
            self._later[call] = self._at(call) + HAIR_S
        second = self._second
        at = self._calls.joined(call, queue, self._at(call) if self._later else second)
        if at != second:
            self._later[call] = at
        return (self._event(ident, at, enqueued(queue, data, customer), call),)

    def _take(self, ident: str, head: list[str], data: list[str]) -> Told:
        _, call, queue, agent, _ = head
        if call in NOBODY or queue in NOBODY:
            return _nameless(head)
        if agent in NOBODY:
            agent = ""
        answered = connected(queue, agent or None, data)
        contact = self._calls.taken(call, queue, agent, self._second, answered.wait_s)
        event = self._event(ident, self._at(call), answered, contact)
        if agent and self._roster.seen(agent, queue):
            return (*self._changed(ident, agent), event)
        return (event,)

    def _end(self, ident: str, head: list[str], data: list[str]) -> Told:
        _, call, queue, agent, verb = head
        if call in NOBODY or queue in NOBODY:
            return _nameless(head)
        facts = ENDS[verb](queue, None if agent in NOBODY else agent, data)
        contact = call
        if verb == "ATTENDEDTRANSFER":
            contact, to_queue = self._calls.consulted(call, queue, agent)
            facts = (replace(facts[0], to_queue=to_queue), *facts[1:])
        contact, at = self._calls.ended(contact, queue, self._at(call))
        self._ended.add(call)
        if len(facts) == 1:
            return (self._event(ident, at, facts[0], contact),)
        return [self._event(ident + "+" * place, at, fact, contact) for place, fact in enumerate(facts)]

    def _offer(self, ident: str, head: list[str], data: list[str]) -> Told:
        _, call, queue, agent, verb = head
        if call in NOBODY or queue in NOBODY:
            return _nameless(head)
        fact = OFFERS[verb](queue, None if agent in NOBODY else agent, data)
        return (self._event(ident, self._at(call), fact, call),)

    def _change(self, ident: str, head: list[str], data: list[str]) -> Told:
        _, _, queue, agent, verb = head
        if agent in NOBODY:
            return Refused("bad_line", f"{verb} names no agent")
        AGENT_VERBS[verb](self._roster, agent, None if queue in NOBODY else queue, data, self._second)
        return self._changed(ident, agent)

    def _start(self, ident: str, _head: list[str], _data: list[str]) -> Told:
        self._calls.clear()
        self._roster.clear()
        return (self._event(ident, self._second, SourceStarted(), ""),)

    def _changed(self, ident: str, agent: str) -> Sequence[Event]:
        changed = self._roster.tell(agent)
        return _NOTHING if changed is None else (self._event(f"{ident}=", self._second, changed, agent),)

    def _at(self, call: str) -> float:
        """The second; a hair later for a call that has come back within it."""
        return self._later.get(call, self._second)

    def _event(self, ident: str, at: float, data: Data, subject: str) -> Event:
        return Event(ident, self._source, at, data, subject, self._site, self._sequence)


def _bad(line: str) -> Refused:
    return Refused("bad_line", f'"{clip(line)}" is not time|callid|queue|agent|verb')


def _nameless(head: list[str]) -> Refused:
    return Refused("bad_line", f"{head[4]} names no call or no queue")


def _unknown(verb: str) -> Refused:
    return Refused("unknown_verb", f'the verb "{clip(verb)}" means nothing here')
