"""The guard of the journal: tells a team that its disk is full, nearly full or slow, and when that is over.

What is decided goes out through an outbox in the journal's own database, which is just what does not work
then. So this one alert goes straight to those who send alerts, and is kept in memory until they have it; in
quiet hours, too, for what comes in meanwhile may be lost. What a crash may do: it is told once more.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from queuewatch.attempts import attempted
from queuewatch.backoff import back_off_s
from queuewatch.core.decisions import AlertChanged
from queuewatch.core.teams.alarm import CRITICAL, Alarm, Facts, Manner, Want
from queuewatch.logs import logger
from queuewatch.outgoing import Bulletin, Delivery, Sender
from queuewatch.ports import Clock, SendFailedError

_log = logger("service.guard")

LOOK_EVERY_S = 5.0
# A disk that lets us wait for so long, look after look for so long, is slow, seconds.
SLOW_S = 2.0
SLOW_HOLD_S = 30.0
# It is well when it has been so for a minute; trouble within an hour after that goes on with the old alert.
END_HOLD_S = 60.0
REOPEN_S = 3600.0
FIRST_RETRY_S = 2.0
LAST_RETRY_S = 60.0


class Watched(Protocol):
    """A journal as far as it can be in trouble."""

    @property
    def failure(self) -> str | None:
        """Why the last transaction could not be written; None when it could."""
        ...

    @property
    def slow_s(self) -> float:
        """How long the disk lets us wait, seconds."""
        ...

    def free_bytes(self) -> int:
        """How much room is left on its disk; raises OSError."""
        ...

    async def probe(self) -> str | None:
        """Write something, to see whether the disk takes it."""
        ...


class _Mouth:
    """One sender, what it said last of the journal, and what it is to say now."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.awake = asyncio.Event()
        self.news: AlertChanged | None = None
        self.receipt: str | None = None


class Guard:
    """Looks after the journal.

    Args:
        clock: The time.
        journal: What is looked after.
        senders: All of them; those that send alerts are told.
        outcomes: Counts what became of deliveries, by sender and outcome.
        site: In whose name.
        low_mb: With less room on the disk than this it is nearly full, megabytes.
        chance: Random numbers in [0, 1), to spread the retries of many.
    """

    def __init__(
        self,
        clock: Clock,
        journal: Watched,
        senders: Sequence[Sender],
        outcomes: Counter[tuple[str, str]],
        *,
        site: str,
        low_mb: float,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._mouths = tuple(_Mouth(one) for one in senders if "alert" in one.manner.kinds)
        self._site = site
        self._low_mb = low_mb
        self._outcomes = outcomes
        self._chance = chance
        self._alarm = Alarm(
            kind="journal_trouble", manner=Manner(), facts=Facts(subject="journal", reason="")
        )

    async def run(self) -> None:
        """Look now and then, and tell; ends only when cancelled."""
        async with asyncio.TaskGroup() as group:
            for mouth in self._mouths:
                group.create_task(self._speak(mouth), name=f"guard-{mouth.sender.name}")
            while True:
                await self._look()
                await self._clock.sleep_until(self._clock.now() + LOOK_EVERY_S)

    async def _look(self) -> None:
        want, reason, detail = await self._condition()
        manner = Manner(
            hold_s=SLOW_HOLD_S if reason == "slow" else 0.0, end_hold_s=END_HOLD_S, reopen_s=REOPEN_S
        )
        now = self._clock.now()
        self._alarm.ask(want, Facts(subject="journal", reason=reason, detail=detail), manner, now)
        while (happened := self._alarm.step(self._site, now)) is not None:
            change = self._alarm.told(self._site, *happened, now)
            _log.warning("journal trouble", phase=change.phase, reason=change.reason, detail=detail)
            for mouth in self._mouths:
                mouth.news = change
                mouth.awake.set()

    async def _condition(self) -> tuple[Want, str, str]:
        """Whether something is wrong with the journal, what, and what the machine says of it."""
        if self._alarm.active and self._journal.failure is None:
            await self._journal.probe()  # with nothing to write, nobody would see that it is well again
        if self._journal.failure is not None:
            return CRITICAL, "cannot_write", self._journal.failure
        slow_s = self._journal.slow_s
        if slow_s >= SLOW_S:
            return 1, "slow", f"{slow_s:.1f} s"
        try:
            free_mb = self._journal.free_bytes() / 1e6
        except OSError:
            return 0, "", ""  # where it cannot be told, writing will tell
        if free_mb < self._low_mb:
            return 1, "disk_nearly_full", f"{free_mb:.0f} MB"
        return 0, "", ""

    async def _speak(self, mouth: _Mouth) -> None:
        """Tell one sender what is new, again and again until it has it; ends only when cancelled."""
        failures = 0
        while True:
            await mouth.awake.wait()
            mouth.awake.clear()
            news = mouth.news
            if news is None or (news.phase == "resolved" and mouth.receipt is None):
                continue  # nobody was told that it began
            try:
                delivery = _delivery(mouth, news)
                receipt = await attempted(mouth.sender.send(delivery), mouth.sender.name, delivery.key)
            except SendFailedError as error:
                failures += 1
                await self._failed(mouth, news, error, failures)
            else:
                failures = 0
                self._outcomes[mouth.sender.name, "sent"] += 1
                mouth.receipt = None if news.phase == "resolved" else receipt or "sent"

    async def _failed(self, mouth: _Mouth, news: AlertChanged, error: SendFailedError, failures: int) -> None:
        """What is refused for good is left; all else is tried again, unless there is newer by then."""
        name = mouth.sender.name
        self._outcomes[name, "refused" if error.permanent else "failed"] += 1
        _log.warning("not sent", sender=name, key=news.key, why=str(error), final=error.permanent)
        if error.permanent:
            return
        back_s = back_off_s(failures, FIRST_RETRY_S, LAST_RETRY_S, self._chance())
        await self._clock.sleep_until(self._clock.now() + max(back_s, error.retry_after_s or 0.0))
        mouth.awake.set()


def _delivery(mouth: _Mouth, news: AlertChanged) -> Delivery:
    if not mouth.sender.manner.bulletins:
        return Delivery(key=news.key, kind="alert", at=news.at, decision=news)
    bulletin = Bulletin(site=news.site, alerts=(news,), news=(news,), receipt=mouth.receipt or "")
    return Delivery(key=news.key, kind="alert", at=news.at, bulletin=bulletin)
