"""The post room: decisions into the outbox in the order they were made, and a courier for each sender.

A decision is written down before the next snapshot of the state is: a restart repeats what was decided since
the last snapshot, so that what a crash kept from being written is decided, and written, again.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence

from queuewatch.core.decisions import Decision, NoticeChanged
from queuewatch.logs import logger
from queuewatch.outgoing import DeliveryKind, Outbox, OutboxView, Sender
from queuewatch.ports import Clock, JournalFailedError
from queuewatch.service.courier import Courier

_log = logger("service.postroom")

THROUGH_OUTBOX: frozenset[DeliveryKind] = frozenset(("alert", "incentive", "voucher"))
WRITE_RETRY_S = 5.0
PRUNE_EVERY_S = 86_400.0
KEPT_S = 90 * 86_400.0
_AT_ONCE = 500


class PostRoom:
    """Keeps the outbox.

    Args:
        clock: The time.
        senders: All of them; those that send nothing through the outbox get no courier.
        outcomes: Counts what became of deliveries, by sender and outcome.
        chance: Random numbers in [0, 1), to spread the retries of many.
    """

    def __init__(
        self,
        clock: Clock,
        senders: Sequence[Sender],
        outcomes: Counter[tuple[str, str]],
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.couriers = tuple(
            Courier(clock, sender, outcomes, chance=chance)
            for sender in senders
            if sender.manner.kinds & THROUGH_OUTBOX
        )
        self._wanted = {one.name: one.sender.manner.kinds & THROUGH_OUTBOX for one in self.couriers}
        self._clock = clock
        self._unwritten: deque[Decision] = deque()
        self._awake = asyncio.Event()
        self._outbox: Outbox | None = None
        self._pruned_at = float("-inf")

    @property
    def is_written(self) -> bool:
        """Whether all that was decided is written down; until then no snapshot may be taken."""
        return not self._unwritten

    def open(self, outbox: Outbox, decisions: Iterable[Decision]) -> None:
        """Begin, with what a restart decided anew."""
        self._outbox = outbox
        self.put(decisions)

    def put(self, decisions: Iterable[Decision]) -> None:
        """Have decisions written down and sent."""
        self._unwritten.extend(one for one in decisions if not isinstance(one, NoticeChanged))
        if self._unwritten:
            self._awake.set()

    async def run(self) -> None:
        """Write down what is put in; ends only when cancelled."""
        told = False
        while True:
            await self._awake.wait()
            self._awake.clear()
            try:
                await self.flush()
                await self._prune()
                told = False
            except JournalFailedError as error:
                if not told:  # once, however often it is tried
                    _log.error("decisions not written", count=len(self._unwritten), why=str(error))
                told = True
                self._awake.set()
                await self._clock.sleep_until(self._clock.now() + WRITE_RETRY_S)

    async def flush(self) -> None:
        """Write down what is not yet.

        Raises:
            JournalFailedError: The disk does not take it; then it is still to be written.
        """
        while self._unwritten and self._outbox is not None:
            batch = [self._unwritten[place] for place in range(min(_AT_ONCE, len(self._unwritten)))]
            await self._outbox.write(batch, self._wanted)
            for _ in batch:
                self._unwritten.popleft()
            for courier in self.couriers:
                courier.awake.set()

    async def carry(self, courier: Courier) -> None:
        """Run one courier; ends only when cancelled."""
        assert self._outbox is not None  # noqa: S101  # open comes first
        await courier.run(self._outbox)

    def views(self) -> dict[str, OutboxView]:
        """How each sender's outbox stands."""
        return {one.name: one.view for one in self.couriers}

    def wake(self) -> None:
        """Somebody changed the outbox: look again."""
        for courier in self.couriers:
            courier.awake.set()

    async def _prune(self) -> None:
        now = self._clock.now()
        if self._outbox is not None and now >= self._pruned_at + PRUNE_EVERY_S:
            self._pruned_at = now
            await self._outbox.prune(now - KEPT_S)
