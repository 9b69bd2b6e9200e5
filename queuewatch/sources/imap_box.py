"""A shared mailbox as a queue: what was seen in it → who wrote, who waits, who was answered. Pure.

A contact is a thread, known by its first mail. It waits from the first of its mails that nobody answered,
and is answered by a mail of ours in the thread or by the flag that mail programs set. Each event's id comes
from the mail it speaks of, and of an id the first telling holds: a mailbox may be read again from the
beginning at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from queuewatch.core.facts.events import (
    Answered,
    Completed,
    Data,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Offered,
    QueueSnapshot,
    Waiting,
)
from queuewatch.core.facts.terms import LeftReason
from queuewatch.ports import Refused
from queuewatch.sources.imap_mail import Mail
from queuewatch.sources.imap_memory import Arrival, Glance, Letter, Manners, Memory, Seen, Stay, Whereabouts
from queuewatch.sources.webhook import Hook

_GONE = frozenset(("\\deleted", "$junk", "junk"))
_LISTED = frozenset(("mailing_list", "bulk"))
# How many mails' threads, and ended waits, are remembered; the oldest are forgotten.
_MOST_THREADS = 200_000
_MOST_ENDED = 20_000
_TICK_S = 0.001
_LEFT: dict[Whereabouts, LeftReason] = {"moved": "closed", "deleted": "withdrawn", "unknown": "unknown"}


class Box:
    """The mailbox: takes glances, gives events.

    Attributes:
        relist: Somebody waits again who was gone: the next list must say so.

    Args:
        hook: Names of source, site and queues, and the customers' hash.
        manners: What its owner knows.
        memory: What was known of it when it was last looked at; None: it is looked at for the first time.
    """

    def __init__(self, hook: Hook, manners: Manners, memory: Memory | None = None) -> None:
        self._hook = hook
        self._manners = manners
        self._new = memory is None
        self.relist = False
        self.memory = memory or Memory()
        self._by_uid: dict[int, str] = {}
        self._by_contact: dict[str, list[str]] = {}
        for name, letter in self.memory.letters.items():
            self._by_uid.update(dict.fromkeys(letter.uids, name))
            self._by_contact.setdefault(letter.contact, []).append(name)

    @property
    def watched(self) -> set[int]:
        """The numbers of the mails whose flags may still matter: those of the latest wait of each contact."""
        stays = self.memory.stays
        return {
            uid
            for letter in self.memory.letters.values()
            if letter.open or (letter.contact in stays and not stays[letter.contact].answered)
            for uid in letter.uids
        }

    @property
    def uids(self) -> set[int]:
        """The numbers that are known."""
        return {*self._by_uid, *self.memory.passed}

    def renumber(self) -> None:
        """The folder's numbers are void (another UIDVALIDITY): its mails are known by their ids alone."""
        self.memory.passed.clear()
        self._by_uid.clear()
        for letter in self.memory.letters.values():
            letter.uids.clear()

    def missing(self, glance: Glance) -> dict[str, str]:
        """Mails of contacts who wait that a glance no longer finds: digest → contact."""
        gone = {self._by_uid[uid] for uid in glance.vanished if uid in self._by_uid}
        found = {one.mail.id for one in glance.arrived}
        return {
            name: letter.contact
            for name, letter in self.memory.letters.items()
            if letter.open
            and name not in found
            and ((name in gone and letter.uids <= glance.vanished) or (glance.whole and not letter.uids))
        }

    def take(self, glance: Glance) -> tuple[list[Event], list[Refused], list[Arrival]]:
        """What a glance says: events, what was passed over and why, and who is to be acknowledged."""
        events: list[Event] = []
        refused: list[Refused] = []
        arrivals: list[Arrival] = []
        answers = self._answers(glance)
        for one, ours in sorted(_both(glance), key=lambda pair: (pair[0].at, pair[1])):
            if ours or self._is_ours(one.mail):
                events += self._sent(one, folder=not ours)
                if not ours:
                    self.memory.passed.add(one.uid)
            elif (why := self._no_customer(one.mail)) is not None:
                self.memory.passed.add(one.uid)
                refused.append(Refused(why, f"mail {one.uid} is no customer's: {why.replace('_', ' ')}"))
            else:
                told, again = self._received(one, answers, glance.at)
                events += told
                refused += again
                if told and isinstance(told[0].data, Enqueued):
                    arrivals.append(self._arrival(one, told[0]))
        for uid, flags in glance.flags.items():
            events += self._flagged(uid, flags, glance.at)
        events += self._missed(glance)
        self._forget(glance)
        self._new = self._new and not glance.whole
        return events, refused, [one for one in arrivals if self._waits(one.contact)]

    def waiting(self) -> list[tuple[str, Stay]]:
        """Who waits."""
        return [(contact, stay) for contact, stay in self.memory.stays.items() if stay.ended_at is None]

    def recent(self, since: float) -> dict[int, str]:
        """The mails with which the waits began that began since then: number → contact."""
        return {
            min(letter.uids): contact
            for contact, stay in self.waiting()
            if stay.at >= since and (letter := self.memory.letters.get(stay.mail)) is not None and letter.uids
        }

    def arrival(self, one: Seen, contact: str) -> Arrival | None:
        """Somebody who waits already, for whoever wants to acknowledge it after a restart."""
        stay = self.memory.stays.get(contact)
        if stay is None or stay.ended_at is not None or stay.mail != one.mail.id:
            return None
        return Arrival(
            contact=contact,
            queue=stay.queue,
            uid=one.uid,
            at=stay.at,
            mail=one.mail,
            writer=self._hook.hash_customer(self._writer(one.mail)),
        )

    def snapshots(self, as_of: float, queues: Iterable[str]) -> Iterator[Event]:
        """Who waits, queue by queue, as the authority: whom it does not list is gone."""
        by_queue: dict[str, list[Waiting]] = {queue: [] for queue in queues}
        for contact, stay in self.waiting():
            by_queue.setdefault(stay.queue, []).append(
                Waiting(contact=self._hook.own(contact), enqueued_at=stay.at)
            )
        for queue, waiting in by_queue.items():
            data = QueueSnapshot(queue=queue, channel="email", waiting=tuple(waiting), as_of=as_of)
            yield self._hook.event(f"list/{queue}/{as_of}", as_of, data)

    # ── a mail ────────────────────────────────────────────────────────────────────────────────────────

    def _answers(self, glance: Glance) -> dict[str, float]:
        """When we last wrote in each thread, by what is known and by this glance."""
        for one in sorted((*glance.sent, *glance.arrived), key=lambda one: one.at):
            self._thread(one.mail)
        last = dict(self.memory.answers)
        for one in glance.sent:
            if one.mail.automatic is None:
                contact = self._thread(one.mail)
                last[contact] = max(one.at, last.get(contact, 0.0))
        return last

    def _thread(self, mail: Mail) -> str:
        """The contact a mail belongs to: that of a mail it answers that is known, else the first it names."""
        threads = self.memory.threads
        known = next((threads[one] for one in (mail.id, *mail.parents) if one in threads), None)
        contact = known or (mail.parents[0] if mail.parents else mail.id)
        for one in (*mail.parents, mail.id):
            threads.setdefault(one, contact)
        return contact

    def _is_ours(self, mail: Mail) -> bool:
        """Whether we wrote it; a form on our own site writes for a customer, whom it names in Reply-To."""
        foreign = mail.reply_to and mail.reply_to not in self._manners.own
        return mail.sender in self._manners.own and not foreign

    def _no_customer(self, mail: Mail) -> str | None:
        if mail.automatic in _LISTED and mail.list_id and mail.list_id in self._manners.lists:
            return None
        if mail.automatic is not None:
            return mail.automatic
        return None if self._writer(mail) else "no_sender"

    def _writer(self, mail: Mail) -> str:
        """The customer's address."""
        named = mail.reply_to and (mail.from_no_reply or mail.sender in self._manners.own)
        return mail.reply_to if named else mail.sender

    def _received(
        self, one: Seen, answers: Mapping[str, float], now: float
    ) -> tuple[list[Event], list[Refused]]:
        memory, mail = self.memory, one.mail
        self._by_uid[one.uid] = mail.id
        known = memory.letters.get(mail.id)
        if known is not None:
            again = [Refused("duplicate", f"mail {one.uid} was delivered before")] if known.uids else []
            known.uids.add(one.uid)
            return self._flagged(one.uid, one.flags, now), again
        contact = self._thread(mail)
        place = self._hook.place(*(to for to in mail.recipients if to in self._hook.queues), usual="email")
        letter = Letter(contact, one.at, place["queue"], {one.uid}, mail.message_id)
        memory.letters[mail.id] = letter
        self._by_contact.setdefault(contact, []).append(mail.id)
        stay = memory.stays.get(contact)
        if stay is not None and stay.ended_at is None:
            if one.flags & _GONE:
                letter.open = False
                return [], []
            data = MessageReceived(queue=stay.queue, channel="email")
            told = self._event(stay, contact, "received", mail.id, one.at, data)
            return [told, *self._flagged(one.uid, one.flags, now)], []
        later = answers.get(contact, 0.0)
        put_away = bool(one.flags & _GONE) or "\\answered" in one.flags
        if put_away and later <= one.at:
            return self._late(one, letter), []
        answered_at = memory.answers.get(contact, 0.0)
        before = memory.stays.pop(contact, None)
        at = one.at
        if before is not None and before.ended_at is not None and answered_at <= one.at:
            # The server tells whole seconds, by its own clock: no wait begins before the last one ended.
            at = max(at, before.ended_at + _TICK_S)
        stay = memory.stays[contact] = Stay(mail.id, at, letter.queue)
        joined = Enqueued(
            queue=stay.queue,
            channel="email",
            customer=self._hook.customer(self._writer(mail)),
            language=mail.language,
        )
        events = [self._event(stay, contact, "enqueued", mail.id, at, joined)]
        if answered_at > one.at:  # an answer that was seen before the mail it answers
            return [*events, *self._end(contact, stay, answered_at, exact=True)], []
        return [*events, *self._assigned(one.flags, contact, stay, at)], []

    def _late(self, one: Seen, letter: Letter) -> list[Event]:
        """A mail that was answered before we first saw it, nobody knows when: its wait is not known."""
        letter.open = False
        if self._new or "\\answered" not in one.flags:
            return []
        stay = Stay(one.mail.id, one.at, letter.queue)
        self.memory.stays[letter.contact] = stay
        return self._end(letter.contact, stay, one.at, exact=False)

    def _arrival(self, one: Seen, joined: Event) -> Arrival:
        data = joined.data
        return Arrival(
            contact=self._thread(one.mail),
            queue=data.queue if isinstance(data, Enqueued) else "",
            uid=one.uid,
            at=one.at,
            mail=one.mail,
            writer=self._hook.hash_customer(self._writer(one.mail)),
        )

    def _sent(self, one: Seen, *, folder: bool) -> Iterator[Event]:
        """Somebody of ours wrote: whoever waited in the thread is answered."""
        contact = self._thread(one.mail)
        stay = self.memory.stays.get(contact)
        robot = one.mail.automatic is not None
        if not robot:
            self.memory.answers[contact] = max(one.at, self.memory.answers.get(contact, 0.0))
        if stay is None or (folder and not one.mail.parents) or one.at < stay.at:
            return
        data = MessageSent(queue=stay.queue, channel="email", by="bot" if robot else "agent", automatic=robot)
        yield self._event(stay, contact, "sent", one.mail.id, one.at, data)
        if robot:
            return
        if stay.ended_at is None or not stay.answered or (not stay.exact and one.at <= stay.ended_at):
            yield from self._end(contact, stay, one.at, exact=True)

    # ── what becomes of it ────────────────────────────────────────────────────────────────────────────

    def _flagged(self, uid: int, flags: frozenset[str], now: float) -> list[Event]:
        letter = self.memory.letters.get(self._by_uid.get(uid, ""))
        stay = None if letter is None else self.memory.stays.get(letter.contact)
        if letter is None or stay is None:
            return []
        if "\\answered" in flags:
            if not letter.open or stay.ended_at is not None:
                return []
            data = MessageSent(queue=stay.queue, channel="email")
            told = self._event(stay, letter.contact, "flagged", stay.mail, now, data)
            return [told, *self._end(letter.contact, stay, now, exact=False)]
        if flags & _GONE:
            return self._put_away(letter, now, "deleted") if letter.open else []
        if not letter.open and not stay.answered and letter.at >= stay.at:
            letter.open = True  # brought back: the next list says that it waits again
            stay.ended_at = None
            self.relist = True
        return self._assigned(flags, letter.contact, stay, now)

    def _assigned(self, flags: frozenset[str], contact: str, stay: Stay, now: float) -> list[Event]:
        if stay.offered or stay.ended_at is not None or not flags & self._manners.assigned:
            return []
        stay.offered = True
        return [
            self._event(stay, contact, "offered", stay.mail, now, Offered(queue=stay.queue, channel="email"))
        ]

    def _missed(self, glance: Glance) -> Iterator[Event]:
        missing = self.missing(glance)
        for uid in glance.vanished:
            self.memory.passed.discard(uid)
            name = self._by_uid.pop(uid, None)
            if name is not None:
                self.memory.letters[name].uids.discard(uid)
        for name in missing:
            where = glance.whereabouts.get(name, "unknown")
            yield from self._put_away(self.memory.letters[name], glance.at, where)
        if glance.whole or glance.vanished:
            for name in [name for name, one in self.memory.letters.items() if not one.uids]:
                self._drop(name)

    def _put_away(self, letter: Letter, now: float, where: Whereabouts) -> list[Event]:
        """A mail nobody answered is gone; the contact leaves with the last of its mails."""
        letter.open = False
        contact = letter.contact
        stay = self.memory.stays.get(contact)
        if stay is None or stay.ended_at is not None or any(one.open for one in self._letters(contact)):
            return []
        stay.ended_at = now
        data = Left(queue=stay.queue, channel="email", reason=_LEFT[where])
        return [self._event(stay, contact, "left", stay.mail, now, data)]

    def _end(self, contact: str, stay: Stay, at: float, *, exact: bool) -> list[Event]:
        """An answer: the wait is over, and so is the contact until its customer writes again."""
        stay.ended_at, stay.exact, stay.answered = at, exact, True
        for letter in self._letters(contact):
            letter.open = letter.open and letter.at > at
            letter.message_id = letter.message_id if letter.open else ""
        place: dict[str, Any] = {"queue": stay.queue, "channel": "email"}
        answered = Answered(**place)
        return [
            self._event(stay, contact, "answered", stay.mail, at, answered, exact=exact),
            self._event(stay, contact, "completed", stay.mail, at, Completed(**place), exact=exact),
        ]

    def _event(  # noqa: PLR0917
        self, stay: Stay, contact: str, what: str, mail: str, at: float, data: Data, *, exact: bool = False
    ) -> Event:
        """A fact of a contact; of one told twice the first telling holds, unless this one is exact."""
        version_at = stay.at + 1.0 if exact else stay.at
        return self._hook.event(f"{what}/{mail}", at, data, self._hook.own(contact), version_at)

    def _letters(self, contact: str) -> list[Letter]:
        return [self.memory.letters[name] for name in self._by_contact.get(contact, ())]

    def _drop(self, name: str) -> None:
        letter = self.memory.letters.pop(name)
        mates = self._by_contact[letter.contact]
        mates.remove(name)
        if not mates:
            del self._by_contact[letter.contact]
        for uid in letter.uids:
            del self._by_uid[uid]

    def _waits(self, contact: str) -> bool:
        stay = self.memory.stays.get(contact)
        return stay is not None and stay.ended_at is None

    def _forget(self, glance: Glance) -> None:
        """Drop the oldest of what only grows."""
        memory = self.memory
        if glance.whole:
            before = glance.at - self._manners.lookback_s
            for name in [name for name, one in memory.letters.items() if not one.open and one.at < before]:
                self._drop(name)
        for name in list(memory.threads)[: max(0, len(memory.threads) - _MOST_THREADS)]:
            del memory.threads[name]
        for name in list(memory.answers)[: max(0, len(memory.answers) - _MOST_ENDED)]:
            del memory.answers[name]
        ended = [name for name, stay in memory.stays.items() if stay.ended_at is not None]
        for name in ended[: max(0, len(ended) - _MOST_ENDED)]:
            del memory.stays[name]


def _both(glance: Glance) -> Iterator[tuple[Seen, bool]]:
    """All mails of a glance, and whether they are from the folder of sent mail."""
    yield from ((one, False) for one in glance.arrived)
    yield from ((one, True) for one in glance.sent)
