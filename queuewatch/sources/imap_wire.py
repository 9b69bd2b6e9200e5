"""IMAP on the wire (RFC 3501, 9051, 7162): octets → responses, and arguments → octets. No connection here."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

Item: TypeAlias = "bytes | list[Item] | None"
"""What a response is made of: an atom or string, NIL, or a list."""

MAX_RESPONSE = 1 << 23
"""Octets of the longest response taken: a list of half a million numbers, or of the largest headers."""

_LITERAL = re.compile(rb"\{(\d{1,10})\}\Z")
_DEEPEST = 20
_STATUSES = frozenset((b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH"))
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
# An atom; what stands in brackets within it (`BODY[HEADER.FIELDS (FROM)]`) belongs to it, blanks and all.
_ATOM = re.compile(rb"(?:[^\s()\"\[\]]|\[[^\]]*\]|\])+")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_NUMBERS = 1_000_000


class WireError(Exception):
    """What came is no IMAP; the text says what is wrong with it."""


class Response(Struct, frozen=True):
    """One response of the server.

    Attributes:
        tag: The command's that it ends; `*` for what is told in between, `+` for "go on".
        kind: `OK`, `NO`, `FETCH`, `EXISTS`, …, in capitals.
        number: Which message, or how many; None where the kind has none.
        items: What it says.
        code: What a status says in brackets: its name in capitals, then its arguments.
        text: A status in words.
    """

    tag: str
    kind: str
    number: int | None = None
    items: tuple[Item, ...] = ()
    code: tuple[Item, ...] = ()
    text: str = ""


class Responses:
    """Takes octets as they come and gives whole responses."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._parts: list[bytes] = []
        self._held = 0
        self._wanted: int | None = None

    def feed(self, octets: bytes) -> list[Response]:
        """The responses that these octets complete.

        Raises:
            WireError: What came is no IMAP, or too long; nothing more can be read from this connection.
        """
        self._buffer += octets
        found = []
        while (whole := self._take()) is not None:
            found.append(read(whole))
        if len(self._buffer) + self._held > MAX_RESPONSE:
            raise WireError(f"a response is longer than {MAX_RESPONSE} octets")
        return found

    def _take(self) -> list[bytes] | None:
        """The parts of the next whole response: text and literals in turn; None while it is not whole."""
        while True:
            if self._wanted is not None:
                if len(self._buffer) < self._wanted:
                    return None
                self._part(self._wanted)
                self._wanted = None
            end = self._buffer.find(b"\n")
            if end < 0:
                return None
            line = self._part(end + 1).rstrip(b"\r\n")
            self._parts[-1] = line
            literal = _LITERAL.search(line)
            if literal is None:
                whole, self._parts, self._held = self._parts, [], 0
                return whole
            self._parts[-1] = line[: literal.start()]
            self._wanted = int(literal.group(1))
            if self._wanted > MAX_RESPONSE:
                raise WireError(f"a literal is longer than {MAX_RESPONSE} octets")

    def _part(self, length: int) -> bytes:
        part = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._held += length
        self._parts.append(part)
        return part


def read(parts: list[bytes]) -> Response:
    """One response from its parts: text and literals in turn, beginning and ending with text.

    Raises:
        WireError: It is none.
    """
    tag, _, rest = parts[0].partition(b" ")
    if not tag:
        raise WireError("a response begins with nothing")
    name = tag.decode("ascii", "replace")
    if name == "+":
        return Response(name, "+", text=_words(rest))
    word, _, after = rest.partition(b" ")
    if word.upper() in _STATUSES:
        return _status(name, word.upper().decode(), [after, *parts[1:]])
    number = int(word) if word.isdigit() and len(word) < 11 else None  # noqa: PLR2004  # numbers have 32 bits
    if number is not None:
        word, _, after = after.partition(b" ")
    items = _items([after, *parts[1:]])
    return Response(name, word.upper().decode("ascii", "replace"), number, tuple(items))


def _status(tag: str, kind: str, parts: list[bytes]) -> Response:
    line = b"".join(parts)
    code: tuple[Item, ...] = ()
    if line.startswith(b"["):
        inside, _, line = line[1:].partition(b"]")
        code = tuple(_items([inside]))
        if code and isinstance(code[0], bytes):
            code = (code[0].upper(), *code[1:])
    return Response(tag, kind, code=code, text=_words(line))


def _words(octets: bytes) -> str:
    return octets.decode("utf-8", "replace").strip()


def _items(parts: list[bytes]) -> list[Item]:
    """The items of a response, whose parts are text and literals in turn."""
    top: list[Item] = []
    stack = [top]
    for place, part in enumerate(parts):
        if place % 2:
            stack[-1].append(part)
        else:
            _text(part, stack)
    if len(stack) > 1:
        raise WireError("a list is not closed")
    return top


def _text(part: bytes, stack: list[list[Item]]) -> None:
    """Put the items of one part's text onto the innermost open list, opening and closing lists."""
    at = 0
    while at < len(part):
        here = part[at : at + 1]
        at += 1
        if here == b"(":
            if len(stack) > _DEEPEST:
                raise WireError("lists are nested too deeply")
            inner: list[Item] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif here == b")":
            if len(stack) == 1:
                raise WireError("a list is closed that was not opened")
            stack.pop()
        elif not here.isspace():
            found = (_QUOTED if here == b'"' else _ATOM).match(part, at - 1)
            if found is None:
                raise WireError("a string is not closed")
            at = found.end()
            stack[-1].append(_value(found))


def _value(found: re.Match[bytes]) -> Item:
    if found.re is _QUOTED:
        return _ESCAPED.sub(rb"\1", found.group(1))
    atom = found.group()
    return None if atom.upper() == b"NIL" else atom


def pairs(items: Item) -> dict[str, Item]:
    """A list of names and values in turn, as FETCH and STATUS tell them; names in capitals."""
    if not isinstance(items, list):
        return {}
    names = (one.decode("ascii", "replace").upper() if isinstance(one, bytes) else "" for one in items[::2])
    return dict(zip(names, items[1::2], strict=False))


def number(item: Item) -> int | None:
    """An item as a whole number; None where it is none."""
    if isinstance(item, list):  # MODSEQ stands in a list of its own
        item = item[0] if len(item) == 1 else None
    return int(item) if isinstance(item, bytes) and item.isdigit() and len(item) < 20 else None  # noqa: PLR2004


def words(item: Item) -> frozenset[str]:
    """A list of flags or capabilities, in small letters."""
    listed = item if isinstance(item, list) else []
    return frozenset(one.decode("ascii", "replace").lower() for one in listed if isinstance(one, bytes))


def numbers(written: Item) -> Iterator[int]:
    """The numbers of a set such as `1,3:5`; a set beyond reason is cut."""
    left = _MOST_NUMBERS
    for part in (written if isinstance(written, bytes) else b"").split(b","):
        first, _, last = part.partition(b":")
        if not first.isdigit() or not (last or first).isdigit():
            continue
        low, high = sorted((int(first), int(last or first)))
        for one in range(low, min(high, low + left - 1) + 1):
            left -= 1
            yield one


def number_set(chosen: Iterable[int]) -> str:
    """Numbers as a set: `1:3,5`."""
    runs: list[list[int]] = []
    for one in sorted(chosen):
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in runs)


def quoted(written: str) -> str:
    """A text as a quoted string; what would end the line is dropped."""
    plain = written.translate({0: None, 10: None, 13: None})
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def folder(name: str) -> str:
    """A folder's name as the wire has it: modified UTF-7 (RFC 3501, 5.1.3), quoted."""
    told, foreign = "", ""
    for one in f"{name}\0":
        if " " <= one <= "~" or one == "\0":
            if foreign:
                octets = b64encode(foreign.encode("utf-16-be", "surrogatepass")).decode()
                told += f"&{octets.rstrip('=').replace('/', ',')}-"
                foreign = ""
            told += "&-" if one == "&" else one
        else:
            foreign += one
    return quoted(told)


def day(when: datetime) -> str:
    """A date as SEARCH wants it, whatever the machine's language: `21-Nov-2026`."""
    return f"{when.day}-{_MONTHS[when.month - 1]}-{when.year}"


def internal_date(item: Item) -> float | None:
    """INTERNALDATE (`"21-Nov-2026 19:50:11 +0000"`) as seconds since the epoch; None where it is none."""
    if not isinstance(item, bytes):
        return None
    found = re.fullmatch(r" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (.{8}) ([+-]\d{4})", _words(item))
    if found is None or found.group(2).title() not in _MONTHS:
        return None
    date, month, year, clock, zone = found.groups()
    iso = f"{year}-{_MONTHS.index(month.title()) + 1:02}-{int(date):02}T{clock}{zone}"
    try:
        at = datetime.fromisoformat(iso).timestamp()
    except (ValueError, OverflowError):
        return None
    return at if at > 0 else None
