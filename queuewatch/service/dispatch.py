"""From decisions to senders: each notice once, the state of queues as it changes, and what became of it.

A notice may rather come twice than never: it is claimed, sent, and settled in the ledger after. What the
ledger has as sent is not sent again after a restart; a crash between sending and settling sends it once more,
which a retained message does not mind. What was refused for good is settled, too, and stays unsent until
somebody who has mended it has it resent. The state of queues is not in the ledger: the next replaces it.

All else that is decided goes through the post room and its outbox.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from queuewatch.attempts import attempted
from queuewatch.backoff import back_off_s
from queuewatch.core.decisions import AlertChanged, Decision, NoticeChanged, notices_among
from queuewatch.core.view import QueueView
from queuewatch.logs import logger
from queuewatch.outgoing import Delivery, DeliveryKind, Outbox, Sender
from queuewatch.ports import Clock, JournalFailedError, Ledger, SendFailedError
from queuewatch.service.postroom import PostRoom

_log = logger("service.dispatch")

# The state of one queue goes out at most this often, seconds; boards that need more use the event stream.
STATE_EVERY_S = 1.0
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 60.0
LEDGER_RETRY_S = 5.0

_NO_NEWS = "updated"  # the phase of an alert that only tells its latest figures

OF_QUEUES: frozenset[DeliveryKind] = frozenset(("notice", "queue_state"))
Place = tuple[str, str]
Look = Callable[[str, str], QueueView | None]
Outcome = Literal["sent", "failed"]


class Post:
    """What waits for one sender: the latest notice and state of each queue."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.notices: dict[Place, str] = {}
        self.states: dict[Place, None] = {}
        self.repeat: dict[Place, str] = {}
        self.awake = asyncio.Event()
        self.reached = False
        self.failures = 0
        self.why = ""

    def put(self, notices: Iterable[tuple[Place, str]], states: Iterable[Place]) -> None:
        """Have notices (by key) and states sent; a newer one of a queue takes the older one's place."""
        if "notice" in self.sender.manner.kinds:
            self.notices.update(notices)
        if "queue_state" in self.sender.manner.kinds:
            self.states.update(dict.fromkeys(states))
        if self.notices or self.states:
            self.awake.set()


class Dispatch:
    """Takes decisions to every sender; a sender that is slow or away holds up no other."""

    def __init__(
        self, clock: Clock, senders: Sequence[Sender], *, chance: Callable[[], float] = random.random
    ) -> None:
        """Nothing is sent before `start`.

        Args:
            clock: The time.
            senders: Where to.
            chance: Random numbers in [0, 1), to spread the retries of many.
        """
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.posts = tuple(Post(sender) for sender in senders if sender.manner.kinds & OF_QUEUES)
        self.room = PostRoom(clock, senders, self.outcomes, chance=chance)
        self._clock = clock
        self._chance = chance

    async def start(
        self,
        ledger: Ledger,
        outbox: Outbox,
        look: Look,
        in_force: Iterable[tuple[Place, str]],
        decisions: Iterable[Decision] = (),
    ) -> None:
        """Begin: the notices in force that were decided but not sent before the restart go out now.

        Args:
            ledger: What was sent.
            outbox: What has to go out.
            look: A queue by site and name, as it is now.
            in_force: The notice in force at each queue, by its key.
            decisions: What a restart decided anew.
        """
        self._ledger = ledger
        self._look = look
        self.room.open(outbox, decisions)
        in_force = tuple(in_force)
        try:
            await self.catch_up(in_force)
        except JournalFailedError:  # the journal has said why; before one is sent, the ledger is asked again
            for post in self.posts:
                post.put(in_force, ())

    async def catch_up(self, in_force: Iterable[tuple[Place, str]]) -> None:
        """Have the notices in force sent by those senders that have not settled them."""
        for place, key in in_force:
            for post in self.posts:
                if not await self._ledger.is_settled(key, post.sender.name):
                    post.put([(place, key)], ())

    def hand_over(self, decisions: Iterable[Decision], looked_at: Iterable[Place]) -> None:
        """Have decisions sent, and the state of the queues that were looked at."""
        decisions = list(decisions)
        self.room.put(decisions)
        changes = notices_among(decisions)
        notices = [((one.site, one.queue), one.key) for one in changes]
        states = list(looked_at)
        for post in self.posts:
            post.put(notices, states)
        _write_down(decisions)

    def reached(self, name: str, in_force: Iterable[tuple[Place, str]], queues: Iterable[Place]) -> None:
        """A sender reached its other side.

        The first time, what is missing there is the state, which is not in the ledger. Any further time the
        other side may have lost everything: then the notices in force are sent once more as well.
        """
        for post in self.posts:
            if post.sender.name == name:
                post.repeat = dict(in_force) if post.reached else {}
                post.put(post.repeat.items(), queues)
                post.reached = True

    async def run(self, post: Post) -> None:
        """Send what waits for one sender; ends only when cancelled."""
        states_due_at = 0.0
        while True:
            await post.awake.wait()
            while post.notices:
                await self._send_patiently(post, *post.notices.popitem())
            if post.states and self._clock.now() < states_due_at:
                await self._clock.sleep_until(states_due_at)
                continue
            states_due_at = self._clock.now() + STATE_EVERY_S
            states, post.states = post.states, {}
            post.awake.clear()
            for place in states:
                if await self._send(post, place, f"state/{place[0]}/{place[1]}", "queue_state") is None:
                    post.put((), [place])

    async def _send_patiently(self, post: Post, place: Place, key: str) -> None:
        """A ledger that cannot be written holds notices up; it does not end the service."""
        try:
            await self._send_notice(post, place, key)
        except JournalFailedError as error:
            _log.error("not in the ledger", sender=post.sender.name, key=key, why=str(error))
            post.notices.setdefault(place, key)
            await self._clock.sleep_until(self._clock.now() + LEDGER_RETRY_S)

    async def _send_notice(self, post: Post, place: Place, key: str) -> None:
        name = post.sender.name
        claimed = await self._ledger.claim(key, name, self._clock.now())
        repeated = post.repeat.pop(place, None) == key
        if not claimed and not repeated and await self._ledger.is_settled(key, name):
            return
        outcome = await self._send(post, place, key, "notice")
        if outcome is None:
            post.notices.setdefault(place, key)
        else:
            await self._ledger.settle(key, name, self._clock.now(), outcome)

    async def _send(self, post: Post, place: Place, key: str, kind: DeliveryKind) -> Outcome | None:
        """One attempt; None when it has to be made again, after the pause that it has already kept."""
        view = self._look(*place)
        if view is None:
            return "failed"
        try:
            delivery = Delivery(key=key, kind=kind, at=self._clock.now(), view=view)
            await attempted(post.sender.send(delivery), post.sender.name, key, permanent=True)
        except SendFailedError as error:
            self.outcomes[post.sender.name, "refused" if error.permanent else "failed"] += 1
            if error.permanent or post.why != str(error):  # the same at every attempt is no news
                _log.warning(
                    "not sent", sender=post.sender.name, key=key, why=str(error), final=error.permanent
                )
            if error.permanent:
                return "failed"
            await self._pause(post, error)
            return None
        post.failures, post.why = 0, ""
        self.outcomes[post.sender.name, "sent"] += 1
        return "sent"

    async def _pause(self, post: Post, error: SendFailedError) -> None:
        """Back off; for as long as the other side asks for, if it does."""
        post.failures, post.why = post.failures + 1, str(error)
        back_s = back_off_s(post.failures, FIRST_RETRY_S, LAST_RETRY_S, self._chance())
        await self._clock.sleep_until(self._clock.now() + max(back_s, error.retry_after_s or 0.0))


def _write_down(decisions: Iterable[Decision]) -> None:
    """Notices and alerts in the log. Not vouchers: whose they are is for the audit alone."""
    for one in decisions:
        match one:
            case NoticeChanged():  # not `level`: that is the line's own
                _log.info("notice", site=one.site, queue=one.queue, notice_level=one.level, reason=one.reason)
            case AlertChanged() if one.phase != _NO_NEWS:
                _log.info(
                    "alert",
                    kind=one.kind,
                    phase=one.phase,
                    severity=one.severity,
                    site=one.site,
                    subject=one.subject,
                    reason=one.reason,
                )
            case _:
                pass
