"""Asterisk's queue_log: its lines, or the rows of the database table of that name, into events.

The log has whole seconds, no ids, and no order within a second but that of its lines. An event's id is the
line without its data (who did what when, but not the customer's number), counted where a second holds it more
than once: the same whenever the line is read again, in a rotated copy too.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from queuewatch.core.events import Data, Event, SourceStarted, Transferred
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

Told = list[Event] | Refused

_FIELDS = 5
_NOTHING: list[Event] = []


def read(lines: Lines, reading: Reading) -> Iterator[Event | Refused]:
    """The events of the lines, in their order; lines of several files in a row are one log."""
    translator = Translator(reading)
    columns: list[str] | None = None
    for line in lines:
        if len(line) >= MAX_LINE:
            yield lines.refuse("too_long", f"this line is longer than {MAX_LINE} bytes")
            continue
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


class _Line(NamedTuple):
    verb: str
    call: str
    queue: str
    agent: str | None
    data: list[str]


class Translator:
    """Lines into events, one after the other, with what a line alone does not say."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._source = reading.source
        self._site = reading.site
        self._calls_verbs: dict[str, Callable[[str, _Line], list[Event]]] = {
            "ENTERQUEUE": self._join,
            "CONNECT": self._take,
            **dict.fromkeys(ENDS, self._end),
            **dict.fromkeys(OFFERS, self._offer),
        }
        self._calls = Calls()
        self._roster = Roster()
        self._written = ""
        self._second = 0.0
        self._line = 0
        self._last: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._ended: set[str] = set()
        self._later: dict[str, float] = {}

    def line(self, line: str) -> Told:
        """The events of a line `time|callid|queue|agent|verb|data…`, or why it is refused."""
        return self._record(line.split("|"), line)

    def row(self, columns: list[str], line: str) -> Told:
        """The events of a row of the database table under these columns, as `header` gave them."""
        delimiter, *names = columns
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error as error:
            return Refused("bad_line", f"this is no row of a table: {error}")
        row = dict(zip(names, cells, strict=False))
        data = row["data"].split("|") if "data" in row else [row.get(f"data{n}", "") for n in range(1, 6)]
        queue = "queuename" if "queuename" in row else "queue"
        record = [row.get(name, "") for name in ("time", "callid", queue, "agent", "event")]
        return self._record([*record, *data], line)

    def due(self, now: float) -> list[Event]:
        """What comes of time alone: wrap-ups that are over by now."""
        events = []
        for at, agent in self._roster.wrapped_up(now):
            changed = self._roster.tell(agent)
            if changed is not None:
                events.append(self._event(f"{at:.6f}|{agent}|WRAPUPEND", at, changed, agent))
        return events

    def next_at(self) -> float | None:
        """When `due` has something to say next."""
        return self._roster.next_at()

    def _record(self, fields: list[str], line: str) -> Told:
        if len(fields) < _FIELDS:
            return _NOTHING if not line.strip("\0 ") else _bad(line)
        written, call, queue, agent = fields[: _FIELDS - 1]
        over = _NOTHING
        if written != self._written:
            try:
                over = self._turn(written.strip("\0\ufeff "))
            except ValueError as error:
                return Refused("bad_time", str(error))
            self._written = written
        if self._last.get(call) == line:
            return over  # a second process writes the same file
        if len(line) > MAX_NAME and max(len(call), len(queue), len(agent)) > MAX_NAME:
            return Refused("bad_line", f"a name is longer than {MAX_NAME} characters")
        self._last[call] = line
        self._line += 1
        told = self._told(fields)
        return over + told if over and not isinstance(told, Refused) else told

    def _turn(self, written: str) -> list[Event]:
        """Another second begins; raises ValueError where it is none."""
        self._second = moment(written, self._reading.zone)
        self._line = 0
        self._last.clear()
        self._counts.clear()
        self._ended.clear()
        self._later.clear()
        return self.due(self._second) if self._roster.next_at() is not None else _NOTHING

    def _told(self, fields: list[str]) -> Told:
        """What the line says, by its verb."""
        call, queue, agent, verb = fields[1:_FIELDS]
        data = fields[_FIELDS:]
        handle = self._calls_verbs.get(verb)
        if handle is not None:
            if call in NOBODY or queue in NOBODY:
                return Refused("bad_line", f"{verb} names no call or no queue")
            return handle(
                self._ident(fields), _Line(verb, call, queue, None if agent in NOBODY else agent, data)
            )
        change = AGENT_VERBS.get(verb)
        if change is not None:
            if agent in NOBODY:
                return Refused("bad_line", f"{verb} names no agent")
            change(self._roster, agent, None if queue in NOBODY else queue, data, self._second)
            return self._changed(self._ident(fields), agent)
        if verb == "QUEUESTART":
            self._calls.clear()
            self._roster.clear()
            return [self._event(self._ident(fields), self._second, SourceStarted(), "")]
        if verb in SILENT:
            return _NOTHING
        return Refused("unknown_verb", f'the verb "{clip(verb)}" means nothing here')

    def _join(self, ident: str, line: _Line) -> list[Event]:
        call, data = line.call, line.data
        number = caller(data[1]) if len(data) > 1 else None
        customer = None if number is None else self._reading.hash_customer(number)
        if call in self._ended:
            self._later[call] = self._at(call) + HAIR_S
        at = self._calls.joined(call, line.queue, self._at(call))
        if at != self._second:
            self._later[call] = at
        return [self._event(ident, at, enqueued(line.queue, data, customer), call)]

    def _take(self, ident: str, line: _Line) -> list[Event]:
        answered = connected(line.queue, line.agent, line.data)
        agent = line.agent or ""
        contact = self._calls.taken(line.call, line.queue, agent, self._second, answered.wait_s)
        event = self._event(ident, self._at(line.call), answered, contact)
        if agent and self._roster.seen(agent, line.queue):
            return [*self._changed(ident, agent), event]
        return [event]

    def _end(self, ident: str, line: _Line) -> list[Event]:
        facts = ENDS[line.verb](line.queue, line.agent, line.data)
        contact = line.call
        if isinstance(facts[0], Transferred) and facts[0].kind == "attended":
            contact, to_queue = self._calls.consulted(line.call, line.queue, line.agent or "")
            facts = (replace(facts[0], to_queue=to_queue), *facts[1:])
        contact, at = self._calls.ended(contact, line.queue, self._at(line.call))
        self._ended.add(line.call)
        return [self._event(ident + "+" * place, at, fact, contact) for place, fact in enumerate(facts)]

    def _offer(self, ident: str, line: _Line) -> list[Event]:
        fact = OFFERS[line.verb](line.queue, line.agent, line.data)
        return [self._event(ident, self._at(line.call), fact, line.call)]

    def _changed(self, ident: str, agent: str) -> list[Event]:
        changed = self._roster.tell(agent)
        return [] if changed is None else [self._event(f"{ident}|{agent}", self._second, changed, agent)]

    def _at(self, call: str) -> float:
        """The second; a hair later for a call that has come back within it."""
        return self._later.get(call, self._second)

    def _ident(self, fields: list[str]) -> str:
        ident = "|".join(fields[:_FIELDS])
        count = self._counts.get(ident, 0) + 1
        self._counts[ident] = count
        return ident if count == 1 else f"{ident}#{count}"

    def _event(self, ident: str, at: float, data: Data, subject: str) -> Event:
        return Event(
            ident if len(ident) <= MAX_NAME else key(ident),
            self._source,
            at,
            data,
            subject,
            self._site,
            f"{self._line:06}",
        )


def _bad(line: str) -> Refused:
    return Refused("bad_line", f'"{clip(line)}" is not time|callid|queue|agent|verb')
