"""Every route there is, for tests of the table of routes and of what describes it."""

from __future__ import annotations

from queuewatch.serve.access import Access
from queuewatch.serve.history import Histories
from queuewatch.serve.people import People
from queuewatch.serve.planner import NoPlanning
from queuewatch.serve.reads import Reads
from queuewatch.serve.routes import Given, Route, routes
from queuewatch.serve.stream import Stream
from queuewatch.vouchers import Codes
from tests.clocks import HandClock
from tests.serve.desk import CUSTOMERS, NOON, FakeDesk, FakeWording


def every() -> tuple[Route, ...]:
    """The routes of an application in which nobody is known."""
    desk, access, clock, wording = FakeDesk(), Access(), HandClock(NOON), FakeWording()
    reads = Reads(desk, wording, "en")
    return routes(
        Given(
            desk=desk,
            access=access,
            clock=clock,
            customers=CUSTOMERS,
            wording=wording,
            hooks=(),
            histories=Histories(desk, clock),
            codes=Codes(CUSTOMERS.key),
            audit=None,
            outside=False,
            planning=NoPlanning(),
            reads=reads,
            people=People(desk, access, clock),
            stream=Stream(desk, clock, reads, wording),
        )
    )
