"""History as CloudEvents in JSON, one a line: what `POST /v1/events` takes, kept in a file."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.core.facts.wire import RefusedError, decode
from queuewatch.ports import Refused
from queuewatch.sources.reading import MAX_LINE, Lines, Reading

# Stands for a time that is not there: RFC 3339 is read to the microsecond, so no event can bear it.
_NO_TIME = 1e-9
_BOM = b"\xef\xbb\xbf"


def read(lines: Lines, reading: Reading) -> Iterator[Event | Refused]:
    """The events of the lines, in their order, each with its own source. Blank lines are passed over."""
    for line in lines:
        if len(line) >= MAX_LINE:
            yield lines.refuse("too_long", f"this line is longer than {MAX_LINE} bytes")
            continue
        raw = line.removeprefix(_BOM).strip()
        if not raw:
            continue
        try:
            event = decode(raw, _NO_TIME)
        except RefusedError as error:
            yield lines.refuse(error.reason, str(error))
            continue
        if event.at == _NO_TIME:
            yield lines.refuse("no_time", f'event "{event.id}" has no time; history must say when')
        else:
            yield _without_identifier(event, reading)


def _without_identifier(event: Event, reading: Reading) -> Event:
    data = event.data
    if not isinstance(data, Enqueued) or data.customer is None:
        return event
    return replace(event, data=replace(data, customer=reading.hash_customer(data.customer)))
