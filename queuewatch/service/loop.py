"""The one owner of the core: facts through the journal into the core, decisions out of it, views for all.

One event loop owns the core. Facts reach it only through the journal, in commits; between commits it is woken
when the core asked to be. Wakes that fall before a commit come before it, here as in every later recovery:
so the journal alone determines the state, the decisions and their keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from uuid import uuid4

import msgspec

from queuewatch.core import turn as core
from queuewatch.core import views as views_of
from queuewatch.core.decisions import Decision
from queuewatch.core.facts.acts import CustomerForgotten
from queuewatch.core.facts.events import Event
from queuewatch.core.freeze import SCHEMA, freeze, thaw
from queuewatch.core.rules import Rules
from queuewatch.logs import logger
from queuewatch.outgoing import Outbox
from queuewatch.ports import (
    SNAPSHOTS_KEPT,
    Clock,
    FaultError,
    Group,
    Incoming,
    Journal,
    JournalFailedError,
    Ledger,
    OverloadedError,
    Receipt,
    Refused,
    Snapshot,
    Source,
)
from queuewatch.service.dispatch import Dispatch
from queuewatch.service.refusals import NOT_WRITTEN
from queuewatch.service.window import Window

_log = logger("service.loop")

# How long a commit may take before it is looked whether it has failed, seconds.
WRITING_S = 0.05
# How often a disk that failed is tried again, seconds.
PROBE_S = 5.0
# A disk that does not take what a source brought is tried again after this long, seconds.
JOURNAL_RETRY_S = 5.0
# The source of the events by which customers are forgotten.
FORGETTING = "/people"


class SnapshotEvery(msgspec.Struct, frozen=True):
    """How often the state is written down whole: after so many events or seconds, whichever comes first.

    In a flood not sooner than `least_s` after the last time: while the state is written down, all wait, and
    longer the more of it there is; what came in since then, a restart repeats about as fast as it came.
    """

    events: int = 50_000
    seconds: float = 300.0
    least_s: float = 10.0


class Service(Window):
    """`ports.Desk`: the one owner of the core."""

    def __init__(
        self,
        clock: Clock,
        rules: Rules,
        dispatch: Dispatch,
        sources: Sequence[Source] = (),
        snapshot_every: SnapshotEvery | None = None,
    ) -> None:
        """Make the service; nothing happens before `start`.

        Args:
            clock: The time.
            rules: The rules in force.
            dispatch: Takes decisions to the senders.
            sources: What facts come in from, other than through `take`.
            snapshot_every: How often the state is written down whole.
        """
        super().__init__(clock, rules, dispatch, sources)
        self._every = snapshot_every or SnapshotEvery()
        self._position = 0
        self._unsaved = 0
        self._saved_at = 0.0
        self._saving: asyncio.Future[None] | None = None
        self._alarm = asyncio.Event()

    # ── coming up and going down ──────────────────────────────────────────────────────────────────────

    async def start(self, journal: Journal, ledger: Ledger, outbox: Outbox) -> None:
        """Recover the state from the journal, then see to what was decided and not yet sent.

        The journal must call `heed` with each group it commits.
        """
        self._journal = journal
        self._ledger = ledger
        self._outbox = outbox
        snapshot = journal.latest_snapshot(SCHEMA)
        if snapshot is not None:
            self._thaw(snapshot)
        repeated = 0
        decisions: list[Decision] = []
        for group in journal.read(after=self._position):
            decisions += self._take_in(group)
            repeated += len(group.recorded)
            await asyncio.sleep(0)  # noqa: TID251  # lets a long recovery be interrupted; waits for nothing
        core.heed_schedules(self._core, self._rules, self._recorded_at)
        self._saved_at = self._clock.now()
        self._unsaved = repeated
        _log.info("recovered", position=self._position, snapshot=bool(snapshot), repeated=repeated)
        core.looked_at(self._core)
        in_force = views_of.notices_in_force(self._core)
        await self._dispatch.start(ledger, outbox, self._look, in_force, decisions)
        self._changed()

    def _thaw(self, snapshot: Snapshot) -> None:
        try:
            self._core = thaw(snapshot.state)
        except msgspec.DecodeError as error:
            _log.warning("snapshot passed over", why=str(error), position=snapshot.position)
            return
        self._position = snapshot.position
        self._recorded_at = snapshot.taken_at

    async def run(self) -> None:
        """Wake the core when it asked to be; ends only when cancelled.

        Not while events are being written: they may bear an earlier time, and wakes come in order of time.
        """
        while True:
            self._alarm.clear()
            due_at = core.wake_at(self._core)
            if due_at is None:
                await self._alarm.wait()
            elif self._journal.pending:
                await self._clock.sleep_until(max(due_at, self._clock.now() + WRITING_S), self._alarm)
            elif not await self._clock.sleep_until(due_at, self._alarm) and not self._journal.pending:
                self._hand_over(self._wakes_until(self._clock.now()))
                self._changed()

    async def mend(self) -> None:
        """Try the disk at first, so that a full one is told at once; then now and then while it fails."""
        await self._journal.probe()
        while True:
            await self._clock.sleep_until(self._clock.now() + PROBE_S)
            if self._journal.failure is not None:
                await self._journal.probe()

    async def run_source(self, source: Source) -> None:
        """Take in what a source brings, one journalled piece after the other; ends only when cancelled."""
        async with aclosing(source.events()) as coming:
            async for incoming in coming:
                await self._take_patiently(source.name, incoming)
                if incoming.done is not None:
                    incoming.done()

    async def _take_patiently(self, name: str, incoming: Incoming) -> None:
        while True:
            try:
                await self._take(incoming.events, held=True)
            except OverloadedError as error:
                pause_s = error.retry_after_s
            except FaultError as error:
                await self._take_without_fault(name, incoming, str(error))
                return
            except JournalFailedError:  # the journal has said why in the log
                pause_s = JOURNAL_RETRY_S
            else:
                self._refusals.note(name, incoming.refused, self._clock.now())
                return
            await self._clock.sleep_until(self._clock.now() + pause_s)

    async def _take_without_fault(self, name: str, incoming: Incoming, why: str) -> None:
        """All but the events that we make a mistake with: a source would bring those again for ever."""
        events = incoming.events
        if len(events) == 1:
            detail = f"event {events[0].id!r}: {why}"
            self._refusals.note(name, (Refused("fault", detail), *incoming.refused), self._clock.now())
            return
        middle = len(events) // 2
        await self._take_patiently(name, Incoming(events[:middle]))
        await self._take_patiently(name, Incoming(events[middle:], refused=incoming.refused))

    async def stop(self) -> None:
        """Write the state down whole, so that the next start is quick."""
        with suppress(JournalFailedError):
            await self._dispatch.room.flush()
        if self._position and self._unsaved and self._journal.failure is None:
            self._save()
        if self._saving is not None:
            with suppress(JournalFailedError):  # it is logged; the journal has all that the snapshot would
                await self._saving

    # ── facts in ──────────────────────────────────────────────────────────────────────────────────────

    async def take(self, source: str, events: Sequence[Event], refused: Sequence[Refused] = ()) -> Receipt:
        """Journal and apply; returns once durable and visible.

        Raises:
            OverloadedError: Too much is waiting to be written.
            JournalFailedError: The disk does not take it; or, as FaultError, we made a mistake with it.
        """
        try:
            receipt = await self._take(events)
        except JournalFailedError as error:
            reason = "fault" if isinstance(error, FaultError) else NOT_WRITTEN
            now = self._clock.now()
            self._refusals.note(source, (Refused(reason, str(error)),), now, times=len(events))
            raise
        self._refusals.note(source, refused, self._clock.now())
        return receipt

    async def _take(self, events: Sequence[Event], *, held: bool = False) -> Receipt:
        if not events:
            return Receipt(0, 0)
        try:
            return await self._journal.append(events, held=held)
        except JournalFailedError:
            self._alarm.set()  # no commit will come that takes the wakes along
            raise

    async def forget_customer(self, customer: str, stand_in: str) -> None:
        """Forget a customer: first in the state, then in what a restart begins with, then in the events.

        Who is interrupted in between asks again: it does no harm to forget somebody twice.

        Raises:
            OverloadedError: Too much is waiting to be written.
            JournalFailedError: The disk does not take it.
        """
        word = CustomerForgotten(customer=customer, stand_in=stand_in)
        event = Event(id=uuid4().hex, source=FORGETTING, at=self._clock.now(), data=word)
        await self.take("http", (event,))
        upto = self._position
        for _ in range(SNAPSHOTS_KEPT):
            state = freeze(self._core)
            await self._journal.save_snapshot(Snapshot(self._position, self._recorded_at, SCHEMA, state))
        await self._journal.anonymise(customer, stand_in, upto)

    def heed(self, group: Group) -> None:
        """Take in what the journal committed; it calls this, in order, in the loop."""
        self._hand_over(self._take_in(group))
        self._unsaved += len(group.recorded)
        every, saved_s = self._every, self._clock.now() - self._saved_at
        many = self._unsaved >= every.events and saved_s >= every.least_s
        if many or (self._unsaved and saved_s >= every.seconds):
            self._save()
        self._changed()

    def _take_in(self, group: Group) -> list[Decision]:
        decisions = self._wakes_until(group.recorded_at)
        events = [recorded.event for recorded in group.recorded]
        decisions += core.turn(self._core, self._rules, group.recorded_at, events)
        if group.recorded:
            self._position = group.recorded[-1].position
        self._recorded_at = group.recorded_at
        return decisions

    def _hand_over(self, decisions: list[Decision]) -> None:
        looked_at = core.looked_at(self._core)
        self._drawn.touch(looked_at)
        self._dispatch.hand_over(decisions, looked_at)

    def reached(self, sender: str) -> None:
        """A sender reached its other side: at first, or again after that may have forgotten everything."""
        places = [(site.name, queue) for site in self._core.sites.values() for queue in site.queues]
        self._dispatch.reached(sender, views_of.notices_in_force(self._core), places)

    def _wakes_until(self, now: float) -> list[Decision]:
        decisions: list[Decision] = []
        while (due_at := core.wake_at(self._core)) is not None and due_at <= now:
            decisions += core.turn(self._core, self._rules, due_at)
        return decisions

    def _save(self) -> None:
        if self._saving is not None and not self._saving.done():
            return
        if not self._dispatch.room.is_written:
            return  # what the snapshot has behind it is not decided again
        state = freeze(self._core)
        self._saving = self._journal.save_snapshot(Snapshot(self._position, self._recorded_at, SCHEMA, state))
        self._saving.add_done_callback(_tell_of_failure)
        self._unsaved = 0
        self._saved_at = self._clock.now()

    def _changed(self) -> None:
        self._version += 1
        self._board = None
        news, self._news = self._news, asyncio.Event()
        news.set()
        self._alarm.set()


def _tell_of_failure(saving: asyncio.Future[None]) -> None:
    """A snapshot that fails costs nothing but a longer recovery: say so, and go on."""
    if not saving.cancelled() and (error := saving.exception()) is not None:
        _log.warning("snapshot failed", why=str(error))
