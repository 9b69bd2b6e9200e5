"""A shared mailbox over IMAP, live: looks, waits for news, looks again; it never changes anything there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from queuewatch.backoff import back_off_s
from queuewatch.core.facts.events import Event, SourceGap
from queuewatch.logs import logger
from queuewatch.ports import Clock, Incoming, Refused
from queuewatch.sources.imap_bookmark import Bookmark
from queuewatch.sources.imap_box import Box
from queuewatch.sources.imap_look import Look, MailSettings
from queuewatch.sources.imap_memory import Arrival, Glance, Manners
from queuewatch.sources.imap_session import Connect, LostError, RefusedByServerError, Session, open_stream
from queuewatch.sources.webhook import Hook

_log = logger("sources.imap")

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 300.0
_RENEW_S = 24 * 60.0
"""Servers may hang up on who waits for half an hour: waiting is begun anew before that."""
_EVENTS_AT_ONCE = 2_000

Secret = Callable[[], Coroutine[Any, Any, str]]


class Imap:
    """The source: one mailbox, for as long as it is asked.

    Args:
        hook: Names of source, site and queues, and the customers' hash; its `queue` must be set.
        settings: Which mailbox.
        manners: What its owner knows of it.
        clock: The time.
        secret: Fetches the password or access token, anew for each connection.
        chance: A number in [0, 1) at random, to share out reconnections.
        bookmark: Where what is known of the mailbox is kept over restarts.
        arrived: Is told of everybody who began to wait, once the journal has it.
        connect: Opens the stream.
    """

    def __init__(
        self,
        hook: Hook,
        settings: MailSettings,
        manners: Manners,
        clock: Clock,
        *,
        secret: Secret,
        chance: Callable[[], float],
        bookmark: Bookmark,
        arrived: Callable[[Arrival], None] | None = None,
        connect: Connect = open_stream,
    ) -> None:
        self._hook = hook
        self._settings = settings
        self._clock = clock
        self._secret = secret
        self._chance = chance
        self._connect = connect
        self._arrived = arrived
        self._bookmark = bookmark
        self._place, memory = bookmark.load()
        self._box = Box(hook, manners, memory)
        self._manners = manners
        self._greeted = arrived is None
        self._settled = True
        self._trouble: str | None = f"{settings.where} has not been reached yet"

    @property
    def name(self) -> str:
        """The source's name in config, metrics and logs."""
        return self._hook.source

    @property
    def trouble(self) -> str | None:
        """Why the mailbox cannot be seen right now, in one sentence; None while it can."""
        return self._trouble

    async def events(self) -> AsyncGenerator[Incoming, None]:
        """What happens in the mailbox; a gap is told when it cannot be seen, once each time."""
        tries, cut = 0, False
        try:
            while True:
                session = Session(self._settings.where, self._clock, self._connect)
                try:
                    async with aclosing(self._follow(session)) as news:
                        async for incoming in news:
                            tries, cut = 0, False
                            yield incoming
                except LostError as error:
                    if self._trouble != (why := str(error)):  # the same at every attempt is no news
                        _log.warning("source lost", source=self.name, why=why)
                    self._trouble = why
                    gap = () if cut else (self._gap(error),)
                    tries, cut = tries + 1, True
                    yield Incoming(gap, refused=(Refused(error.reason, str(error)),))
                finally:
                    session.close()
                pause_s = back_off_s(tries, _FIRST_PAUSE_S, _LONGEST_PAUSE_S, self._chance())
                await self._clock.sleep_until(self._clock.now() + pause_s)
        finally:
            if self._settled:
                self._bookmark.save(self._place, self._box.memory, None)

    def _gap(self, error: LostError) -> Event:
        now = self._clock.now()
        return self._hook.event(f"gap/{now}", now, SourceGap(reason=error.reason))

    async def _follow(self, session: Session) -> AsyncGenerator[Incoming, None]:
        """One connection, from login to loss; raises LostError."""
        settings = self._settings
        await session.open(self._secret)
        look = Look(session, self._clock, settings, self._box, self._place, self._manners.lookback_s)
        try:
            await look.begin()
            whole_at = sent_at = self._clock.now()
            while True:
                now = self._clock.now()
                glance = await look.at(now, whole=now >= whole_at, sent=now >= sent_at)
                self._settled = False
                look.keep()
                whole_at = now + settings.resync_s if now >= whole_at else whole_at
                sent_at = now + settings.poll_s if now >= sent_at else sent_at
                events, refused, arrivals = self._translate(glance)
                arrivals = [*await self._again(look, now), *arrivals]
                for incoming in _pieces(events, refused, partial(self._tell, arrivals)):
                    yield incoming
                if self._trouble is not None:
                    _log.info("source connected", source=self.name, address=str(settings.where))
                self._trouble, self._settled = None, True
                self._bookmark.save(self._place, self._box.memory, now)
                await look.wait(min(whole_at, sent_at, self._clock.now() + _RENEW_S))
        except RefusedByServerError as error:
            raise LostError("refused", f"{settings.where} does not do what it is asked: {error}") from None

    async def _again(self, look: Look, now: float) -> list[Arrival]:
        """After a restart: who waits and may not have been acknowledged, with the mail's header read anew."""
        if self._greeted:
            return []
        self._greeted = True
        waiting = self._box.recent(now - self._settings.arrivals_s)
        seen = await look.fetch(waiting)
        told = (self._box.arrival(one, waiting[one.uid]) for one in seen if one.uid in waiting)
        return [one for one in told if one is not None]

    def _translate(self, glance: Glance) -> tuple[list[Event], list[Refused], list[Arrival]]:
        """What a glance says, and who waits, where the whole was looked at."""
        events, refused, arrivals = self._box.take(glance)
        if glance.whole or self._box.relist:
            self._box.relist = False
            queues = {self._hook.queue or self._hook.source, *self._hook.queues.values()}
            events += self._box.snapshots(glance.at, sorted(queues))
        return events, refused, arrivals

    def _tell(self, arrivals: Iterable[Arrival]) -> None:
        if self._arrived is not None:
            since = self._clock.now() - self._settings.arrivals_s
            for one in {one.contact: one for one in arrivals if one.at >= since}.values():
                self._arrived(one)


def _pieces(
    events: Sequence[Event], refused: Sequence[Refused], done: Callable[[], None]
) -> Iterator[Incoming]:
    start = 0
    while len(events) - start > _EVENTS_AT_ONCE:
        yield Incoming(tuple(events[start : start + _EVENTS_AT_ONCE]))
        start += _EVENTS_AT_ONCE
    if events or refused:
        yield Incoming(tuple(events[start:]), done, tuple(refused))
    else:
        done()
