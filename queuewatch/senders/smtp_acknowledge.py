"""Tells customers who wrote that it came in and when to expect an answer: once, and never to a robot.

A crash may swallow an acknowledgement, but never doubles it: it is claimed in the ledger before it is sent,
and what may have been sent is not sent again. The customer's address lives in memory alone, from the mailbox
to the mail; after a restart the mailbox is asked for it again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from heapq import heappop, heappush
from typing import Any, NamedTuple, Protocol

from msgspec import Struct, field

from queuewatch.attempts import attempted
from queuewatch.backoff import back_off_s
from queuewatch.core.facts.events import Event
from queuewatch.core.hours import Hours
from queuewatch.core.trust.promises import telling
from queuewatch.core.view import ContactView, WaitView
from queuewatch.logs import logger
from queuewatch.ports import (
    Clock,
    JournalFailedError,
    Ledger,
    Letter,
    OverloadedError,
    Receipt,
    SendFailedError,
)
from queuewatch.senders.smtp_mail import message

_log = logger("senders.smtp_acknowledge")

NAME = "smtp"
TELLER = "/acknowledgements"
"""The source of what was told."""
_MOST_WAITING = 1_000
_FIRST_RETRY_S = 5.0
_LAST_RETRY_S = 300.0
_HOUR_S = 3600.0


class Said(Protocol):
    """What a customer is told."""

    @property
    def text(self) -> str:
        """The words."""
        ...

    @property
    def told_s(self) -> float | None:
        """The time still to wait that they tell, seconds; None where they tell none."""
        ...


class Words(Protocol):
    """What is said, and in which language."""

    def acknowledgement(
        self, language: str, wait: WaitView, closed: tuple[datetime, datetime] | None = None
    ) -> Said:
        """What to say."""
        ...

    def negotiate(self, wanted: str | None, available: tuple[str, ...], default: str) -> str:
        """The best of the available languages."""
        ...


class AckRule(Struct, frozen=True, kw_only=True):
    """How customers are acknowledged.

    Attributes:
        sender: Our address.
        name: What we are called.
        queues: The queues whose customers are, each with its language where a customer shows none.
        languages: In which there are words.
        hours: When each queue is open, where it has hours.
        every_s: In one thread, no second one within this long, seconds; it may be twice as long.
        per_writer: At most so many to one customer within that time, whatever the thread.
        per_hour: At most so many altogether.
        within_s: Who wrote longer ago is not acknowledged any more, seconds.
    """

    sender: str
    name: str = ""
    queues: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    every_s: float = 86_400.0
    per_writer: int = 3
    per_hour: int = 300
    within_s: float = 3600.0


Look = Callable[[str, str, str], ContactView | None]
"""A waiting contact by queue, contact and site; None when it does not wait there."""

Keep = Callable[[str, Sequence[Event]], Coroutine[Any, Any, Receipt]]
"""Journals events of a source; raises OverloadedError or JournalFailedError."""

Send = Callable[[EmailMessage, str], Coroutine[Any, Any, None]]
"""Hands a mail over to the one at this address; raises SendFailedError and nothing else."""


class Desk(NamedTuple):
    """Those whom an acknowledger asks and tells."""

    ledger: Ledger
    look: Look
    keep: Keep


class Acknowledger:
    """Takes letters, sends acknowledgements.

    Args:
        clock: The time.
        rule: To whom, how often.
        words: What is said.
        send: Hands a mail over.
        outcomes: Counts what became of them, by sender and outcome.
        chance: Random numbers in [0, 1), to spread retries.
    """

    def __init__(
        self,
        clock: Clock,
        rule: AckRule,
        words: Words,
        send: Send,
        outcomes: Counter[tuple[str, str]],
        *,
        chance: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._rule = rule
        self._words = words
        self._send = send
        self._outcomes = outcomes
        self._chance = chance
        self._letters: deque[Letter] = deque()
        self._later: list[tuple[float, int, Letter, int]] = []
        self._count = 0
        self._awake = asyncio.Event()
        self._sent_at: deque[float] = deque(maxlen=rule.per_hour)

    def arrived(self, letter: Letter) -> None:
        """Somebody wrote. When too many wait to be acknowledged, the one who wrote last is not."""
        if letter.queue not in self._rule.queues:
            return
        if len(self._letters) >= _MOST_WAITING:
            self._note(letter, "held_back", "too_many")
            return
        self._letters.append(letter)
        self._awake.set()

    async def run(self, ledger: Ledger, look: Look, keep: Keep) -> None:
        """Acknowledge whoever comes, and try again what failed; ends only when cancelled.

        Args:
            ledger: What was sent.
            look: Who waits, and for how long still.
            keep: Where the waits that were told are written down.
        """
        desk = Desk(ledger, look, keep)
        while True:
            self._awake.clear()
            try:
                while self._letters:
                    await self._take(self._letters.popleft(), desk)
                while self._later and self._later[0][0] <= self._clock.now():
                    _, _, letter, tries = heappop(self._later)
                    await self._attempt(letter, tries, desk)
            except JournalFailedError as error:
                _log.error("not acknowledged", why=str(error))
                self._outcomes[NAME, "failed"] += 1
            if self._later:
                await self._clock.sleep_until(self._later[0][0], self._awake)
            elif not self._letters:
                await self._awake.wait()

    async def _take(self, letter: Letter, desk: Desk) -> None:
        """One letter: claim it, see whether it may be answered, and answer it."""
        if not await desk.ledger.claim(_key(letter), NAME, self._clock.now()):
            return
        why_not = await self._why_not(letter, desk)
        if why_not is None:
            await self._attempt(letter, 0, desk)
        else:
            await self._done(letter, desk, "held_back", why_not)

    async def _why_not(self, letter: Letter, desk: Desk) -> str | None:
        """Why this letter is not acknowledged, in a word; None when it is to be, which is then marked."""
        rule, now = self._rule, self._clock.now()
        if letter.hush is not None:
            return letter.hush
        if letter.address == rule.sender.lower():
            return "ourselves"
        if now > letter.at + rule.within_s:
            return "too_late"
        if desk.look(letter.queue, letter.contact, letter.site) is None:
            return "answered"
        if len(self._sent_at) == rule.per_hour and self._sent_at[0] > now - _HOUR_S:
            return "too_many"
        if not await self._mark(desk.ledger, f"{letter.queue}/{letter.contact}", letter):
            return "told_before"
        for n in range(rule.per_writer):
            if await self._mark(desk.ledger, f"writer/{letter.writer}/{n}", letter):
                self._sent_at.append(now)
                return None
        return "told_often"

    async def _mark(self, ledger: Ledger, what: str, letter: Letter) -> bool:
        """Mark something as done in this period; False when it was, in this one or the one before.

        Periods are counted from 1970; with the one before, what was done at the end of one is not done again
        at the beginning of the next.
        """
        now = self._clock.now()
        period = int(now // self._rule.every_s)
        for one in (period - 1, period):
            key = f"acknowledgement/{letter.site}/{what}/{one}"
            if not await ledger.claim(key, NAME, now):
                return False
            await ledger.settle(key, NAME, now, "sent")
        return True

    async def _attempt(self, letter: Letter, tries: int, desk: Desk) -> None:
        """Send it, or have it sent later, for as long as that makes sense."""
        view = desk.look(letter.queue, letter.contact, letter.site)
        if view is None:
            await self._done(letter, desk, "held_back", "answered")
            return
        language, said = self._words_for(letter, view)
        now = self._clock.now()
        try:
            await attempted(self._write(letter, said.text, language, now), NAME, _key(letter))
        except SendFailedError as error:
            pause_s = back_off_s(tries + 1, _FIRST_RETRY_S, _LAST_RETRY_S, self._chance())
            due_at = self._clock.now() + max(pause_s, error.retry_after_s or 0.0)
            if error.permanent or error.unsure or due_at > letter.at + self._rule.within_s:
                await self._done(letter, desk, "refused" if error.permanent else "failed", str(error))
                return
            _log.warning("not acknowledged yet", contact=letter.contact, why=str(error))
            self._count += 1
            heappush(self._later, (due_at, self._count, letter, tries + 1))
        else:
            await self._done(letter, desk, "sent", "acknowledged")
            await self._keep(letter, _promise(letter, view, language, said, now), desk)

    async def _write(self, letter: Letter, text: str, language: str, now: float) -> None:
        own = self._rule
        mail = message(letter, text, language, at=now, sender=own.sender, name=own.name)
        await self._send(mail, letter.address)

    async def _done(self, letter: Letter, desk: Desk, outcome: str, why: str) -> None:
        self._note(letter, outcome, why)
        failed = outcome in {"refused", "failed"}
        await desk.ledger.settle(_key(letter), NAME, self._clock.now(), "failed" if failed else "sent")

    async def _keep(self, letter: Letter, told: Event, desk: Desk) -> None:
        """Write down what was told, so that it is seen whether it is kept; the mail is out in any case."""
        try:
            await desk.keep(NAME, (told,))
        except (OverloadedError, JournalFailedError) as error:
            _log.warning("promise not on record", contact=letter.contact, why=str(error))

    def _words_for(self, letter: Letter, view: ContactView) -> tuple[str, Said]:
        """In which language, and what to say."""
        rule, now = self._rule, self._clock.now()
        language = self._words.negotiate(letter.language, rule.languages, rule.queues[letter.queue])
        hours = rule.hours.get(letter.queue)
        opens_at = None if hours is None else hours.opens_at(now)
        closed = None
        if hours is not None and opens_at is not None and opens_at > now:
            here, then = (datetime.fromtimestamp(one, UTC).astimezone(hours.zone) for one in (now, opens_at))
            closed = (here, then)
        return language, self._words.acknowledgement(language, view.wait, closed)

    def _note(self, letter: Letter, outcome: str, why: str) -> None:
        self._outcomes[NAME, outcome] += 1
        _log.info("acknowledgement", contact=letter.contact, queue=letter.queue, outcome=outcome, why=why)


def _key(letter: Letter) -> str:
    """The same for the same mail, however often it is told of."""
    return f"acknowledgement/{letter.site}/{letter.queue}/{letter.contact}/{letter.at:.0f}/mail"


def _promise(letter: Letter, view: ContactView, language: str, said: Said, now: float) -> Event:
    """What a customer was told, as a fact."""
    data = telling(view, language, said.text, said.told_s)
    return Event(_key(letter), TELLER, now, data, site=letter.site)
