"""Facts for the tests of the core, told in seconds after ten on a Saturday morning."""

from __future__ import annotations

from itertools import count
from typing import Any

from queuewatch.core.facts.acts import Act, PromiseTold
from queuewatch.core.facts.events import Data, Event, Sighting, Waiting, order
from queuewatch.core.state.journey import Misfit, fold
from queuewatch.core.state.visit import Visit
from tests.core.histories import MORNING

SALES: dict[str, Any] = {"queue": "sales", "channel": "phone"}
SUPPORT: dict[str, Any] = {"queue": "support", "channel": "phone"}
CHAT: dict[str, Any] = {"queue": "chat", "channel": "chat"}
MAIL: dict[str, Any] = {"queue": "mail", "channel": "email"}

_numbers = count(1)


def at(seconds: float) -> float:
    """So many seconds into the morning, as a point in time."""
    return MORNING + seconds


def event(
    seconds: float,
    data: Data | Act | PromiseTold | Sighting,
    subject: str = "ada",
    ident: str | None = None,
    **more: Any,
) -> Event:
    """A fact with an envelope of its own; of the PBX unless said otherwise."""
    more = {"source": "/pbx"} | more
    return Event(id=ident or f"n{next(_numbers)}", at=at(seconds), data=data, subject=subject, **more)


def journey(*facts: Event) -> tuple[list[Visit], list[Misfit]]:
    """The visits of a contact after these facts, and what did not fit."""
    return fold(sorted(facts, key=order))


def one_visit(*facts: Event) -> Visit:
    """The only visit of a contact after these facts, all of which fit."""
    visits, misfits = journey(*facts)
    assert not misfits
    (visit,) = visits
    return visit


def listed(seconds: float, since_s: float | None = None, grace_s: float = 1.0) -> Event:
    """A snapshot of sales lists Ada, waiting since then."""
    waiting = Waiting(contact="ada", enqueued_at=None if since_s is None else at(since_s))
    return event(seconds, Sighting(**SALES, listed=waiting, grace_s=grace_s))


def missing(seconds: float, grace_s: float = 1.0) -> Event:
    """A snapshot of sales does not list Ada."""
    return event(seconds, Sighting(**SALES, grace_s=grace_s))


def restarted(seconds: float) -> Event:
    """The PBX started anew, and so knows nothing of Ada in sales."""
    return event(seconds, Sighting(**SALES, talks_too=True))
