"""The digest of the week to Slack: at its moment each week, once, also when the service restarts around it.

A digest comes once or, after a crash in the seconds in which it is posted, not at all: it is made, claimed,
posted, and settled in the ledger. What was claimed before a restart may be posted, and is not posted again;
the log says how to do so by hand. What cannot be made, or what Slack does not take, is tried again until the
day is over; then nobody wants it any more: it is settled as failed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Literal

from queuewatch.attempts import attempted
from queuewatch.backoff import back_off_s
from queuewatch.core.facts.wire import rfc3339
from queuewatch.core.hours import Hours
from queuewatch.logs import logger
from queuewatch.ports import Clock, JournalFailedError, Ledger, SendFailedError

_log = logger("service.weekly")

FIRST_RETRY_S = 30.0
LAST_RETRY_S = 1800.0

Attempted = tuple[float, Literal["sent", "failed"] | None]
"""Seconds to wait at least before the next attempt, and what became of this one; None: to be tried again."""


class NoDigestError(Exception):
    """The digest could not be made; the text is one sentence that says why."""


class Weekly:
    """Posts the digest.

    Args:
        clock: The time.
        ledger: What was posted.
        when: Each span begins at the moment of a digest, and ends when it is too late for it.
        compose: Makes the text for the time that ends at the given moment; raises NoDigestError.
        post: Posts it; raises SendFailedError.
        sender: Through whom: its name in the ledger, metrics and logs.
        outcomes: Counts what became of it, by sender and outcome.
        chance: Random numbers in [0, 1), to spread the retries of many.
    """

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger,
        when: Hours,
        compose: Callable[[float], Awaitable[str]],
        post: Callable[[str], Awaitable[object]],
        *,
        sender: str,
        outcomes: Counter[tuple[str, str]],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._when = when
        self._compose = compose
        self._post = post
        self._sender = sender
        self._outcomes = outcomes
        self._chance = chance
        self._claimed = ""

    async def run(self) -> None:
        """Post one digest after the other; ends only when cancelled."""
        since_at = self._clock.now()
        while True:
            begins_at, ends_at = next(self._when.spans(since_at))
            while self._clock.now() < begins_at:
                await self._clock.sleep_until(begins_at)
            await self._see_through(begins_at, ends_at)
            since_at = ends_at

    async def _see_through(self, begins_at: float, ends_at: float) -> None:
        """Try until it is settled."""
        tries = 0
        while (asked_s := await self._try(begins_at, ends_at)) is not None:
            tries += 1
            pause_s = max(back_off_s(tries, FIRST_RETRY_S, LAST_RETRY_S, self._chance()), asked_s)
            await self._clock.sleep_until(self._clock.now() + pause_s)

    async def _try(self, begins_at: float, ends_at: float) -> float | None:
        """One attempt; None when nothing more is to be done, else how many seconds at least to wait."""
        key = f"digest/{rfc3339(begins_at)}"
        try:
            if await self._ledger.is_settled(key, self._sender):
                return None
            if self._clock.now() >= ends_at:
                await self._ledger.claim(key, self._sender, self._clock.now())
                asked_s, outcome = self._give_up(key, "the day is over")
            else:
                asked_s, outcome = await self._attempt(key, begins_at)
            if outcome is None:
                return asked_s
            await self._ledger.settle(key, self._sender, self._clock.now(), outcome)
        except JournalFailedError as error:
            _log.error("not in the ledger", sender=self._sender, key=key, why=str(error))
            return 0.0 if self._clock.now() < ends_at else None
        return None

    def _give_up(self, key: str, why: str) -> Attempted:
        self._outcomes[self._sender, "given_up"] += 1
        _log.error("given up", sender=self._sender, keys=[key], why=why)
        return 0.0, "failed"

    async def _attempt(self, key: str, begins_at: float) -> Attempted:
        """Make it, claim it, and post it."""
        try:
            text = await self._compose(begins_at)
            ours = await self._ledger.claim(key, self._sender, self._clock.now()) or self._claimed == key
            if not ours:
                return self._give_up(
                    key,
                    "it may have been posted before a crash; `queuewatch report --slack` posts it by hand",
                )
            self._claimed = key
            await attempted(self._post(text), self._sender, key)
        except SendFailedError as error:
            self._outcomes[self._sender, "refused" if error.permanent else "failed"] += 1
            _log.warning("not sent", sender=self._sender, key=key, why=str(error), final=error.permanent)
            return error.retry_after_s or 0.0, "failed" if error.permanent else None
        except NoDigestError as error:
            _log.warning("no digest", key=key, why=str(error))
            return 0.0, None
        self._outcomes[self._sender, "sent"] += 1
        return 0.0, "sent"
