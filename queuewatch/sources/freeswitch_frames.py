"""Frames of FreeSWITCH's event socket: cut out of the stream, and read into fields.

A frame is lines of `Name: value` ended by an empty line, then a body of as many bytes as `Content-Length`
says. The body of an event is again such lines, with values encoded as in URLs.
"""

from __future__ import annotations

from urllib.parse import unquote

from msgspec import Struct

from queuewatch.ports import Refused

MAX_HEAD = 1 << 16
"""Bytes of the longest head that is waited for."""

MAX_BODY = 1 << 22
"""Bytes of the longest body that is kept: a list of ten thousand callers has two million."""

_END = b"\n\n"
_FREE_TEXT = frozenset({"cid_name", "contact"})
Fields = dict[str, str]


class Frame(Struct, frozen=True):
    """One frame: its head's fields by their names in small letters, and its body."""

    head: Fields
    body: bytes = b""

    @property
    def kind(self) -> str:
        """Its content type, such as `text/event-plain`."""
        return self.head.get("content-type", "")


class Frames:
    """Cuts a stream into frames."""

    def __init__(self) -> None:
        self._rest = b""
        self._skip = 0

    def feed(self, chunk: bytes) -> list[Frame | Refused]:
        """The frames that are whole now, and a refusal for what is too long or no frame."""
        found: list[Frame | Refused] = []
        data, start = self._rest + chunk, 0
        while True:
            if self._skip:
                passed = min(self._skip, len(data) - start)
                start, self._skip = start + passed, self._skip - passed
            while data.startswith(b"\n", start):
                start += 1
            end = data.find(_END, start)
            if end < 0:
                break
            head = parse(data[start:end])
            length = _length(head)
            begins = end + len(_END)
            if length is None or length > MAX_BODY:
                found.append(_too_long() if length else Refused("bad_frame", "a frame's length is no number"))
                self._skip, start = length or 0, begins
                continue
            if len(data) < begins + length:
                break
            found.append(Frame(head, data[begins : begins + length]))
            start = begins + length
        self._rest = data[start:]
        if end < 0 and len(self._rest) > MAX_HEAD:
            self._rest = b""
            found.append(_too_long())
        return found


def parse(lines: bytes) -> Fields:
    """The fields of an event or of a head; of a name that comes again the first value counts.

    Lines without a colon are no fields, and what is no UTF-8 is read as far as it is.
    """
    fields: Fields = {}
    for line in lines.decode(errors="replace").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), unquote(value.strip(), errors="replace"))
    return fields


def rows(body: bytes) -> list[Fields]:
    """A list as `callcenter_config` gives it: names between bars, then a row a line, then +OK.

    An empty list has no names. A row that has fewer values than there are names is none; one that has more
    has bars in a caller's name or an agent's contact.
    """
    lines = [line for line in body.decode(errors="replace").splitlines() if line and line != "+OK"]
    if not lines:
        return []
    names = lines[0].split("|")
    free = next((place for place, name in enumerate(names) if name in _FREE_TEXT), len(names) - 1)
    found = []
    for line in lines[1:]:
        cells = line.split("|")
        more = len(cells) - len(names)
        if more >= 0:
            cells[free : free + more + 1] = ["|".join(cells[free : free + more + 1])]
            found.append(dict(zip(names, cells, strict=True)))
    return found


def _length(head: Fields) -> int | None:
    """The length of the body, bytes; None where it is no number."""
    written = head.get("content-length", "0")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 16 else None  # noqa: PLR2004  # digits


def _too_long() -> Refused:
    return Refused("too_long", f"a frame is longer than {MAX_HEAD} bytes of head or {MAX_BODY} of body")
