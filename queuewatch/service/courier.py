"""One sender's courier: takes what the outbox holds for it and sees each through to sent, or given up.

What a crash may do is the sender's choice. One that may rather say a thing twice than never is simply asked
again for what was claimed. An Issuer must never do a thing twice: what it may have been given already (it was
claimed, and nobody said no) it is asked about first, after a crash as after a time-out, and only what it
never got is sent, under the same key.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import structs

from queuewatch.attempts import attempted
from queuewatch.backoff import back_off_s
from queuewatch.core.decisions import AlertChanged
from queuewatch.logs import logger
from queuewatch.outgoing import Bulletin, Delivery, Issuer, Outbox, OutboxView, Posted, Sender
from queuewatch.ports import Clock, JournalFailedError, SendFailedError

_log = logger("service.courier")

FIRST_RETRY_S = 1.0
LAST_RETRY_S = 300.0
# After so many failures in a row a sender is left alone for a while, so long, seconds; then one try decides.
FAILURES_IN_A_ROW = 5
LEFT_ALONE_S = 60.0
# Alerts of one site that come within so long share a message, seconds.
TOGETHER_S = 1.0
JOURNAL_RETRY_S = 5.0
_NEWS = ("raised", "escalated")


class Courier:
    """Sees to one sender.

    Args:
        clock: The time.
        sender: Whose.
        outcomes: Counts what became of deliveries, by sender and outcome.
        chance: Random numbers in [0, 1), to spread the retries of many.
    """

    def __init__(
        self,
        clock: Clock,
        sender: Sender,
        outcomes: Counter[tuple[str, str]],
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.sender = sender
        self.awake = asyncio.Event()
        self._clock = clock
        self._outcomes = outcomes
        self._chance = chance
        self._failures = 0
        self._not_before_at = float("-inf")
        self._allowed_at = float("-inf")
        self._view = OutboxView()

    @property
    def name(self) -> str:
        """The sender's."""
        return self.sender.name

    @property
    def view(self) -> OutboxView:
        """How its outbox stood when it was looked at last."""
        return structs.replace(self._view, up=self._failures < FAILURES_IN_A_ROW)

    async def run(self, outbox: Outbox) -> None:
        """Send what there is to send; ends only when cancelled."""
        told = False
        while True:
            self.awake.clear()
            try:
                due_at = await self._round(outbox)
                self._view = await outbox.view(self.name)
                told = False
            except JournalFailedError as error:
                if not told:  # once, however often it is tried
                    _log.error("outbox not written", sender=self.name, why=str(error))
                told = True
                due_at = self._clock.now() + JOURNAL_RETRY_S
            if due_at is None:
                await self.awake.wait()
            else:
                await self._clock.sleep_until(due_at, self.awake)

    async def _round(self, outbox: Outbox) -> float | None:
        """Send one thing that is due; returns when to look again, None when nothing waits."""
        waiting = await outbox.waiting(self.name)
        if not waiting:
            return None
        now = self._clock.now()
        held_until_at = max(self._not_before_at, self._allowed_at)
        if now < held_until_at:
            return held_until_at
        groups = self._groups(waiting)
        due_at, rows = min(((self._due_at(rows), rows) for rows in groups), key=lambda one: one[0])
        if now < due_at:
            return due_at
        old = [row for row in rows if self._is_too_old(row, now)]
        if old:
            await self._give_up(outbox, old, old[-1].why or "it could not be sent in time")
        elif rows[0].kind == "alert" and self.sender.manner.bulletins:
            await self._bulletin(outbox, rows)
        else:
            await self._one(outbox, rows[0])
        return self._clock.now()

    def _is_too_old(self, row: Posted, now: float) -> bool:
        """What an issuer may have taken is never given up before it was asked about."""
        if row.unsure and isinstance(self.sender, Issuer):
            return False
        return now >= row.queued_at + self.sender.manner.give_up_s

    def _groups(self, waiting: Sequence[Posted]) -> list[list[Posted]]:
        """What is sent together: alerts of one site where the sender keeps one message of them."""
        if not self.sender.manner.bulletins:
            return [[row] for row in waiting]
        groups: dict[str, list[Posted]] = {}
        for row in waiting:
            groups.setdefault(row.site if row.kind == "alert" else row.key, []).append(row)
        return list(groups.values())

    def _due_at(self, rows: Sequence[Posted]) -> float:
        if not self.sender.manner.bulletins:
            return rows[0].due_at
        # A row that has just come does not go out before one of the same message that has to wait.
        return max(rows[0].queued_at + TOGETHER_S, *(row.due_at for row in rows))

    async def _one(self, outbox: Outbox, row: Posted) -> None:
        delivery = Delivery(key=row.key, kind=row.kind, at=row.decided_at, decision=row.decision)
        if row.unsure and isinstance(self.sender, Issuer):
            known, receipt = await self._asked(outbox, row, delivery)
            if not known:
                return
            if receipt is not None:
                await self._settle(outbox, [row], receipt)
                return
        await outbox.claim([row.number], self._clock.now())
        receipt, sent = await self._attempt(outbox, [row], delivery)
        if sent:
            await self._settle(outbox, [row], receipt or "")

    async def _asked(self, outbox: Outbox, row: Posted, delivery: Delivery) -> tuple[bool, str | None]:
        """Whether the issuer answered, and what it calls what it has."""
        assert isinstance(self.sender, Issuer)  # noqa: S101  # whoever calls has looked
        try:
            self._count_attempt()
            receipt = await attempted(self.sender.ask(delivery), self.name, row.key)
        except SendFailedError as error:
            await outbox.claim([row.number], self._clock.now())
            await self._failed(outbox, [row], error, unsure=True)
            return False, None
        self._failures = 0
        return True, receipt

    async def _bulletin(self, outbox: Outbox, rows: Sequence[Posted]) -> None:
        site, last = rows[0].site, rows[-1].number
        receipt, spoken = await outbox.bulletin(self.name, site)
        news = tuple(row.decision for row in rows if isinstance(row.decision, AlertChanged))
        latest: dict[str, AlertChanged] = {}
        for row in spoken:
            if isinstance(row.decision, AlertChanged) and row.number <= last and row.state != "dropped":
                latest[row.decision.alert] = row.decision
        bulletin = Bulletin(site=site, alerts=tuple(latest.values()), news=news, receipt=receipt)
        numbers = [row.number for row in rows]
        if not self._is_worth_sending(bulletin):
            await outbox.settle(numbers, self._clock.now(), "merged")
            if not bulletin.open:
                await outbox.keep_bulletin(self.name, site, "", last)
            return
        await outbox.claim(numbers, self._clock.now())
        delivery = Delivery(key=rows[-1].key, kind="alert", at=rows[-1].decided_at, bulletin=bulletin)
        kept, sent = await self._attempt(outbox, rows, delivery)
        if sent:
            after = None if bulletin.open else last
            await outbox.keep_bulletin(self.name, site, "" if after is not None else kept or "sent", after)
            await self._settle(outbox, rows, kept or "")

    def _is_worth_sending(self, bulletin: Bulletin) -> bool:
        """What is over before anybody was told of it is not told; nor are small news worth a new message."""
        if not bulletin.receipt:
            return bool(bulletin.open)
        if self.sender.manner.edits or not bulletin.open:
            return True
        return any(one.phase in _NEWS for one in bulletin.news)

    async def _attempt(
        self, outbox: Outbox, rows: Sequence[Posted], delivery: Delivery
    ) -> tuple[str | None, bool]:
        """One attempt at what is claimed; what the other side calls it, and whether it was sent."""
        self._count_attempt()
        try:
            receipt = await attempted(self.sender.send(delivery), self.name, delivery.key)
        except SendFailedError as error:
            await self._failed(outbox, rows, error, unsure=error.unsure)
            return None, False
        self._failures = 0
        return receipt, True

    def _count_attempt(self) -> None:
        """The rate limit: so many a minute in the long run, `burst` of them at once."""
        every_s = 60.0 / self.sender.manner.per_minute
        now = self._clock.now()
        self._allowed_at = max(self._allowed_at, now - every_s * (self.sender.manner.burst - 1)) + every_s

    async def _failed(
        self, outbox: Outbox, rows: Sequence[Posted], error: SendFailedError, *, unsure: bool
    ) -> None:
        now = self._clock.now()
        if error.permanent:
            self._outcomes[self.name, "refused"] += len(rows)
            if not unsure:  # it said no: whoever resends it need not wonder whether it was taken
                await outbox.postpone([row.number for row in rows], now, str(error), unsure=False)
            await self._give_up(outbox, rows, str(error), counted=True)
            return
        self._outcomes[self.name, "failed"] += 1
        self._failures += 1
        attempts = max(row.attempts for row in rows)
        back_s = back_off_s(attempts + 1, FIRST_RETRY_S, LAST_RETRY_S, self._chance())
        pause_s = max(back_s, error.retry_after_s or 0.0)
        if error.retry_after_s is not None:
            self._not_before_at = now + error.retry_after_s
        if self._failures >= FAILURES_IN_A_ROW:
            self._not_before_at = max(self._not_before_at, now + LEFT_ALONE_S)
        _log.warning(
            "not sent", sender=self.name, key=rows[-1].key, why=str(error), again_in_s=round(pause_s, 1)
        )
        await outbox.postpone([row.number for row in rows], now + pause_s, str(error), unsure=unsure)

    async def _give_up(
        self, outbox: Outbox, rows: Sequence[Posted], why: str, *, counted: bool = False
    ) -> None:
        if not counted:
            self._outcomes[self.name, "given_up"] += len(rows)
        _log.error("given up", sender=self.name, keys=[row.key for row in rows], why=why)
        await outbox.settle([row.number for row in rows], self._clock.now(), "dead", why=why)

    async def _settle(self, outbox: Outbox, rows: Sequence[Posted], receipt: str) -> None:
        self._outcomes[self.name, "sent"] += 1
        await outbox.settle([row.number for row in rows], self._clock.now(), "sent", receipt=receipt)
