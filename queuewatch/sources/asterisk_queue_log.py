"""Asterisk's queue_log: its lines, or the rows of the database table of that name, into events.

The log has whole seconds, no ids, and no order within a second but that of its lines. An event's id is the
line without its data (who did what when, but not the customer's number), counted where a second holds it more
than once: the same whenever the line is read again, in a rotated copy too.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import NoReturn

from msgspec import Struct, field

from queuewatch.core.facts.events import Data, Event, Left, OfferFailed, SourceStarted, Transferred
from queuewatch.ports import Refused
from queuewatch.sources.asterisk_calls import HAIR_S, Calls
from queuewatch.sources.asterisk_roster import Roster
from queuewatch.sources.asterisk_verbs import (
    AGENT_VERBS,
    ENDS,
    NOBODY,
    OFFERS,
    SILENT,
    TRANSFERS,
    answered,
    enqueued,
    handed_on,
)
from queuewatch.sources.reading import MAX_LINE, MAX_NAME, TOO_LONG, Lines, Reading, clip, key, moment, texts

Told = list[Event | Refused]
Columns = list[str] | None
Place = Callable[[str, str, int], Refused]
_Handler = Callable[[str, str, str, str, str, str], None]

_FIELDS = 5
_SECONDS_DIGITS = 10  # from 2001 to 2286
_LONG = MAX_NAME - 8  # of an id to which a count may have to be added
_NO_ROW = "\0this is no row of a table: "
_LEAVING = frozenset({*ENDS, *TRANSFERS})
_MOST = 2000
_SEQUENCES = tuple(f"{n:04}" for n in range(1, _MOST))
_LAST = f"{_MOST:04}"
"""Places in a second, as text that sorts; the lines of a second beyond that many share the last."""


class _RefusedError(Exception):
    """A line that is refused: the reason, and a sentence; without them it is passed over."""


def _unplaced(reason: str, detail: str, _number: int) -> Refused:
    return Refused(reason, detail)


def read(lines: Lines, reading: Reading) -> Iterator[Event | Refused]:
    """The events of the lines, in their order; lines of several files in a row are one log."""
    return chain.from_iterable(_told(lines, reading))


def _told(lines: Lines, reading: Reading) -> Iterator[Sequence[Event | Refused]]:
    translator = Translator(reading)
    columns: Columns = None
    for batch in lines.batches():
        written = texts(batch)
        if lines.number == 0:
            columns = header(written[0])
            if columns is not None:
                written[0] = ""
        yield translator.feed(written, lines.refuse, columns)
    yield translator.due(math.inf)


def header(line: str) -> Columns:
    """The columns of a dump of the database table, the delimiter first; None where this is no header."""
    if "callid" not in line.lower() or "|" in line:
        return None
    delimiter = max(",;\t", key=line.count)
    return [delimiter, *(name.strip(' "\ufeff').lower() for name in line.split(delimiter))]


class _Further(Struct):
    """The lines of a call that has several in one second.

    Attributes:
        idents: Their ids.
        counts: How often one was there, where more than once.
        last: Id and data of the latest.
        ended: One of them has ended the call's stay.
    """

    idents: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    last: tuple[str, str] = ("", "")
    ended: bool = False

    @classmethod
    def after(cls, first: str | None) -> _Further:
        """What is further after the first line."""
        if first is None:
            return cls()
        *head, data = f"{first}|".split("|", _FIELDS)
        ident, queue, verb = "|".join(head), head[2], head[4]
        ended = queue not in NOBODY and verb in _LEAVING
        return cls({ident}, last=(ident, data.removesuffix("|")), ended=ended)

    def place(self, ident: str, data: str) -> str | None:
        """The id of another line, counted where it was there; None for one that is there twice in a row."""
        if (ident, data) == self.last:
            return None
        self.last = ident, data
        if ident in self.idents:
            count = self.counts[ident] = self.counts.get(ident, 1) + 1
            return f"{ident}#{count}"
        self.idents.add(ident)
        return ident


class Translator:
    """Lines into events, one after the other, with what a line alone does not say.

    Years of history pass through `feed`, so it looks up little and makes little.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._source = reading.source
        self._site = reading.site
        self._calls = Calls()
        self._roster = Roster()
        self._verbs: dict[str, _Handler] = {
            "ENTERQUEUE": self._join,
            "CONNECT": self._take,
            **dict.fromkeys(ENDS, self._end),
            "ABANDON": self._abandon,
            **dict.fromkeys(TRANSFERS, self._hand_on),
            **dict.fromkeys(OFFERS, self._offer),
            **dict.fromkeys(AGENT_VERBS, self._change),
            "QUEUESTART": self._start,
        }
        self._told: Told = []
        self._written = ""
        self._second = 0.0
        self._places = iter(_SEQUENCES)  # of the lines in this second
        self._sequence = ""
        self._at = 0.0  # when what the line tells happened: this second, or a hair later
        self._firsts: dict[str, str] = {}  # call → its first line in this second
        self._further: dict[str, _Further] = {}
        self._later: dict[str, float] = {}  # call that has come back within this second → when

    def feed(self, lines: Iterable[str], place: Place = _unplaced, columns: Columns = None) -> Told:
        """The events of lines `time|callid|queue|agent|verb|data…`, and why some are refused.

        Args:
            lines: Whole lines, without their ends.
            place: Makes a refusal of a reason, a sentence, and the line's number among these, from 1.
            columns: What `header` gave, where these are rows of the database table.
        """
        told = self._told = []
        verbs, firsts = self._verbs, self._firsts
        if columns is not None:
            lines = map(partial(_as_line, columns), lines)
        for number, line in enumerate(lines, 1):
            try:
                try:
                    written, call, queue, agent, verb, data = line.split("|", _FIELDS)
                except ValueError:
                    written, call, queue, agent, verb, data = _short(line)
                if written != self._written:
                    self._turn(written)
                try:
                    handle = verbs[verb]
                except KeyError:
                    _unknown(verb)
                    continue
                ident = line.removesuffix("|" + data)
                if len(ident) > _LONG or firsts.setdefault(call, line) is not line:
                    self._odd(line, ident, call, queue, agent, verb, data)
                    continue
                self._sequence = next(self._places, _LAST)
                handle(ident, call, queue, agent, verb, data)
            except _RefusedError as error:
                if error.args:
                    reason, sentence = error.args
                    told.append(place(reason, sentence, number))
        return told

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

    def _turn(self, written: str) -> None:
        """Another second begins."""
        if len(written) == _SECONDS_DIGITS and written.isdecimal():
            self._second = self._at = float(written)
        else:
            try:
                self._second = self._at = moment(written.strip("\0\ufeff "), self._reading.zone)
            except ValueError as error:
                raise _RefusedError("bad_time", str(error)) from None
        self._written = written
        self._places = iter(_SEQUENCES)
        self._firsts.clear()
        if self._further:
            self._further.clear()
        if self._later:
            self._later.clear()
        if self._roster.wrapping:
            self._told += self.due(self._second)

    def _odd(self, line: str, ident: str, call: str, queue: str, agent: str, verb: str, data: str) -> None:  # noqa: PLR0917 (the columns)
        """A line of a call that has others in this second, or with names too long to be an id."""
        if max(len(call), len(queue), len(agent)) > MAX_NAME:
            raise _RefusedError("bad_line", f"a name is longer than {MAX_NAME} characters")
        first = self._firsts.setdefault(call, line)
        further = self._further.get(call)
        if further is None:
            further = self._further[call] = _Further.after(None if first is line else first)
        place = further.place(ident, data)
        if place is None:
            return  # a second process writes the same file
        self._sequence = next(self._places, _LAST)
        self._at = self._later.get(call, self._second)
        if further.ended and verb == "ENTERQUEUE":
            self._at += HAIR_S
        try:
            self._verbs[verb](key(place) if len(place) > _LONG else place, call, queue, agent, verb, data)
        finally:
            self._at = self._second
        further.ended |= verb in _LEAVING

    def _join(self, ident: str, call: str, queue: str, _agent: str, verb: str, data: str) -> None:
        if call in NOBODY or queue in NOBODY:
            _nameless(verb)
        at, before = self._calls.joined(call, queue, self._at)
        if at != self._second:
            self._later[call] = at
        if before is not None:
            self._tell(f"{ident}-", at, Left(queue=before, channel="phone"), call)
        fact = enqueued(queue, data, self._reading.hash_customer)
        self._told.append(Event(ident, self._source, at, fact, call, self._site, self._sequence))

    def _take(self, ident: str, call: str, queue: str, agent: str, verb: str, data: str) -> None:  # noqa: PLR0917 (the columns)
        if call in NOBODY or queue in NOBODY:
            _nameless(verb)
        if agent in NOBODY:
            agent = ""
        fact = answered(queue, agent, data)
        contact = self._calls.taken(call, queue, agent, self._second, fact.wait_s)
        if agent and self._roster.seen(agent, queue):
            self._changed(ident, agent)
        self._told.append(Event(ident, self._source, self._at, fact, contact, self._site, self._sequence))

    def _end(self, ident: str, call: str, queue: str, _agent: str, verb: str, data: str) -> None:
        if call in NOBODY or queue in NOBODY:
            _nameless(verb)
        contact, at = self._calls.ended(call, queue, self._at)
        fact = ENDS[verb](queue, data)
        self._told.append(Event(ident, self._source, at, fact, contact, self._site, self._sequence))

    def _abandon(self, ident: str, call: str, queue: str, agent: str, verb: str, data: str) -> None:  # noqa: PLR0917 (the columns)
        """An agent stands there who was about to take the call, hearing of it, when the caller hung up."""
        if agent not in NOBODY and call not in NOBODY and queue not in NOBODY:
            fact = OfferFailed(queue=queue, channel="phone", agent=agent, reason="withdrawn")
            self._tell(ident, self._at, fact, call)
            ident += "+"
        self._end(ident, call, queue, agent, verb, data)

    def _hand_on(self, ident: str, call: str, queue: str, agent: str, verb: str, data: str) -> None:  # noqa: PLR0917 (the columns)
        """The agent hands the call on: that is how the talk in this queue ends."""
        if call in NOBODY or queue in NOBODY:
            _nameless(verb)
        kind = TRANSFERS[verb]
        contact, to_queue = self._calls.consulted(call, queue, agent) if kind == "attended" else (call, None)
        contact, at = self._calls.ended(contact, queue, self._at)
        fact = Transferred(queue=queue, channel="phone", kind=kind, to_queue=to_queue)
        self._tell(ident, at, fact, contact)
        self._tell(f"{ident}+", at, handed_on(queue, kind, data), contact)

    def _offer(self, ident: str, call: str, queue: str, agent: str, verb: str, _data: str) -> None:
        if call in NOBODY or queue in NOBODY:
            _nameless(verb)
        named = None if agent in NOBODY else agent
        fact = OfferFailed(queue=queue, channel="phone", agent=named, reason=OFFERS[verb])
        self._tell(ident, self._at, fact, call)

    def _change(self, ident: str, _call: str, queue: str, agent: str, verb: str, data: str) -> None:
        if agent in NOBODY:
            raise _RefusedError("bad_line", f"{verb} names no agent")
        AGENT_VERBS[verb](self._roster, agent, None if queue in NOBODY else queue, data, self._second)
        self._changed(ident, agent)

    def _start(self, ident: str, *_names: str) -> None:
        self._calls.clear()
        self._roster.clear()
        self._tell(ident, self._second, SourceStarted(), "")

    def _changed(self, ident: str, agent: str) -> None:
        changed = self._roster.tell(agent)
        if changed is not None:
            self._tell(f"{ident}=", self._second, changed, agent)

    def _tell(self, ident: str, at: float, data: Data, subject: str) -> None:
        self._told.append(Event(ident, self._source, at, data, subject, self._site, self._sequence))


def _short(line: str) -> list[str]:
    """The columns of a line without data, not even an empty field of it.

    Raises:
        _RefusedError: It is none; a blank one is passed over.
    """
    if line == TOO_LONG:
        raise _RefusedError("too_long", f"this line is longer than {MAX_LINE} bytes")
    if line.startswith(_NO_ROW):
        raise _RefusedError("bad_line", line.removeprefix("\0"))
    columns = f"{line}|".split("|", _FIELDS)
    if len(columns) > _FIELDS:
        return columns
    if not line.strip("\0 "):
        raise _RefusedError
    raise _RefusedError("bad_line", f'"{clip(line)}" is not time|callid|queue|agent|verb')


def _as_line(columns: list[str], line: str) -> str:
    """A row of the database table as the line of the log that it stands for; one that is no row says so."""
    if line == TOO_LONG:
        return line
    delimiter, *names = columns
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        return f"{_NO_ROW}{error}".replace("|", "/")
    if not any(cells):
        return ""
    row = dict(zip(names, cells, strict=False))
    queue = "queuename" if "queuename" in row else "queue"
    data = [row["data"]] if "data" in row else [row.get(f"data{n}", "") for n in range(1, 6)]
    head = [row.get(name, "").replace("|", "/") for name in ("time", "callid", queue, "agent", "event")]
    return "|".join([*head, *data])


def _nameless(verb: str) -> NoReturn:
    raise _RefusedError("bad_line", f"{verb} names no call or no queue")


def _unknown(verb: str) -> None:
    if verb not in SILENT:
        raise _RefusedError("unknown_verb", f'the verb "{clip(verb)}" means nothing here')
