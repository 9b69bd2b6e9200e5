"""Looking at a mailbox over one connection: which mails came, went, were flagged, and what we sent."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice

from msgspec import Struct

from queuewatch.ports import Clock
from queuewatch.sources.imap_bookmark import Place
from queuewatch.sources.imap_box import Box
from queuewatch.sources.imap_mail import FIELDS, MAX_HEADER, read_mail
from queuewatch.sources.imap_memory import Glance, Seen, Whereabouts
from queuewatch.sources.imap_session import LostError, RefusedByServerError, Session, Where
from queuewatch.sources.imap_wire import (
    Response,
    day,
    folder,
    internal_date,
    number,
    number_set,
    numbers,
    pairs,
    quoted,
    words,
)

_AT_ONCE = 200
_MOST_FOLDERS = 30
_HEADER = f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})]<0.{MAX_HEADER}>"


class MailSettings(Struct, frozen=True, kw_only=True):
    """Which mailbox, and how it is looked at.

    Attributes:
        where: How to reach it.
        folder: The folder that customers' mails come into.
        sent: The folders of mails that we sent; None: those the server marks as such.
        poll_s: How often to look for our answers, and for everything where the server tells no news, seconds.
        resync_s: How often to look at everything, seconds.
        arrivals_s: Who began to wait so long ago is told to `arrived` again after a restart, seconds.
    """

    where: Where
    folder: str = "INBOX"
    sent: tuple[str, ...] | None = None
    poll_s: float = 60.0
    resync_s: float = 600.0
    arrivals_s: float = 14_400.0


class Look:
    """Looks at the mailbox over one connection, and collects what is new."""

    def __init__(  # noqa: PLR0917
        self,
        session: Session,
        clock: Clock,
        settings: MailSettings,
        box: Box,
        place: Place,
        lookback_s: float,
    ) -> None:
        self._session = session
        self._clock = clock
        self._settings = settings
        self._box = box
        self._place = place
        self._lookback_s = lookback_s
        self._sent: tuple[str, ...] = ()
        self._others: list[tuple[str, Whereabouts]] = []
        self._all_listed = True
        self._here = ""
        self._renumbered = False
        self._flags_as_of = place.flags_as_of
        self._read: dict[str, tuple[int, int]] = {}

    def keep(self) -> None:
        """What was seen is in good hands: next time, go on from here."""
        self._place.flags_as_of = self._flags_as_of
        self._place.sent.update(self._read)
        self._read.clear()

    async def begin(self) -> None:
        """Find the folders, and go where the mails come in."""
        settings = self._settings
        told = await self._session.command('LIST "" "*"')
        marked: list[str] = []
        for one in told:
            if one.kind != "LIST" or not one.items or not isinstance(one.items[-1], bytes):
                continue
            marks, name = words(one.items[0]), one.items[-1].decode("latin-1")
            if "\\sent" in marks:
                marked.append(name)
            if not marks & {"\\noselect", "\\nonexistent", "\\sent", "\\drafts"}:
                gone = bool(marks & {"\\trash", "\\junk"}) or name.lower() in ("trash", "junk")
                self._others.append((name, "deleted" if gone else "moved"))
        wire = folder(settings.folder)
        self._others = [one for one in self._others if quoted(one[0]) != wire]
        self._all_listed = len(self._others) <= _MOST_FOLDERS
        self._sent = tuple(quoted(one) for one in marked)
        if settings.sent is not None:
            self._sent = tuple(folder(one) for one in settings.sent)
        await self._go_home()

    async def wait(self, until: float) -> None:
        """Wait for news, or until a point in time."""
        if self._session.news:
            return
        if self._session.idles:
            await self._session.idle(until)
        else:
            await self._clock.sleep_until(until)
            await self._session.command("NOOP")  # for the server to see what is new

    async def at(self, now: float, *, whole: bool, sent: bool) -> Glance:
        """Look: at everything, or at what the server told is new.

        Args:
            now: The present.
            whole: At everything.
            sent: At our own mails in any case; they are looked at too when something else happened.
        """
        whole = whole or self._renumbered
        self._renumbered = False
        glance = Glance(at=now, whole=whole)
        news = self._news()
        if whole:
            await self._everything(glance, now)
        else:
            await self._new(glance, news)
        if sent or glance.vanished or glance.flags or glance.arrived:
            for name in self._sent:
                await self._our_mails(glance, name, now)
        missing = self._box.missing(glance)
        if missing:
            await self._search(glance, missing)
        await self._go_home()
        return glance

    async def fetch(self, uids: Iterable[int]) -> list[Seen]:
        """The headers of mails in the folder where we are, as they are now."""
        seen: list[Seen] = []
        left = iter(sorted(uids))
        while some := list(islice(left, _AT_ONCE)):
            told = await self._session.command(
                f"UID FETCH {number_set(some)} (UID FLAGS INTERNALDATE {_HEADER})"
            )
            seen += (one for one in map(self._seen, told) if one is not None)
        return seen

    # ── within ────────────────────────────────────────────────────────────────────────────────────────

    def _news(self) -> list[Response]:
        news, self._session.news = self._session.news, []
        return news

    async def _go_home(self) -> None:
        """Open the folder that mails come into, and note what changed there meanwhile."""
        place, session = self._place, self._session
        name = folder(self._settings.folder)
        if self._here == name:
            return
        known = place.validity and place.modseq
        resume = f" (QRESYNC ({place.validity} {place.modseq}))" if session.qresync and known else ""
        if not resume and session.condstore:
            resume = " (CONDSTORE)"
        told = await self._open(name, resume)
        before, place.next = place.next, 0
        for one in told:
            match one.code:
                case (b"UIDVALIDITY", value):
                    if place.validity not in (0, number(value)):
                        self._box.renumber()
                        place.modseq, before, self._flags_as_of = 0, 0, 0
                        self._renumbered = True
                    place.validity = number(value) or 0
                case (b"UIDNEXT", value):
                    place.next = number(value) or 0
        self._keep_modseq(told)
        session.news += [one for one in told if one.kind in ("FETCH", "VANISHED")]
        if before and place.next != before:
            session.news.append(Response("*", "EXISTS"))

    async def _open(self, name: str, how: str = "") -> list[Response]:
        self._here = ""
        try:
            told = await self._session.command(f"EXAMINE {name}{how}")
        except RefusedByServerError as error:
            raise LostError(
                "no_folder",
                f"{self._settings.where} does not open the folder {name} ({error}); check its name",
            ) from None
        self._here = name
        return told

    def _keep_modseq(self, told: Iterable[Response]) -> None:
        for one in told:
            match one.code:
                case (b"HIGHESTMODSEQ", value):
                    self._place.modseq = max(self._place.modseq, number(value) or 0)

    async def _everything(self, glance: Glance, now: float) -> None:
        """Which mails there are, which of them are new, and how they are flagged."""
        session, place = self._session, self._place
        since = day(datetime.fromtimestamp(max(0.0, now - self._lookback_s), UTC))
        there = _found(await session.command("UID SEARCH ALL"))
        recent = _found(await session.command(f"UID SEARCH SINCE {since}"))
        known = self._box.uids
        glance.vanished = known - there
        glance.arrived = await self.fetch((recent & there) - known)
        modseq = place.modseq if session.condstore else 0
        await self._all_flags(glance, there)
        self._flags_as_of = modseq

    async def _all_flags(self, glance: Glance, there: set[int]) -> None:
        """How the mails that were known already are flagged, or what has changed of that."""
        told: list[Response] = []
        if self._flags_as_of and there:
            changed = f"UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE {self._flags_as_of})"
            told = await self._session.command(changed)
        else:
            left = iter(sorted(self._box.watched & there))
            while some := list(islice(left, _AT_ONCE)):
                told += await self._session.command(f"UID FETCH {number_set(some)} (UID FLAGS)")
        self._flags(glance, told)
        known = self._box.uids
        glance.flags = {uid: flags for uid, flags in glance.flags.items() if uid in known}

    async def _new(self, glance: Glance, news: list[Response]) -> None:
        """What the server told: mails that came, went, or were flagged."""
        session, place = self._session, self._place
        self._keep_modseq(news)
        kinds = {one.kind for one in news}
        known = self._box.uids
        for one in news:
            if one.kind == "VANISHED" and one.items:
                glance.vanished.update(known.intersection(numbers(one.items[-1])))
        if "EXPUNGE" in kinds or not session.idles:
            glance.vanished |= known - _found(await session.command("UID SEARCH ALL"))
        nameless = self._flags(glance, news)
        if nameless or not session.idles:
            await self._all_flags(glance, known)
        if "EXISTS" in kinds or not session.idles or any(uid not in known for uid in glance.flags):
            found = _found(await session.command(f"UID SEARCH UID {max(1, place.next)}:*"))
            glance.arrived = await self.fetch(uid for uid in found - known if uid >= place.next)
            place.next = max([place.next, *(one.uid + 1 for one in glance.arrived)])
        glance.flags = {uid: flags for uid, flags in glance.flags.items() if uid in known}

    def _flags(self, glance: Glance, told: Iterable[Response]) -> bool:
        """Note flags; whether some came without the mail's number."""
        nameless = False
        for one in told:
            if one.kind == "FETCH" and one.items:
                fields = pairs(one.items[0])
                uid = number(fields.get("UID"))
                if "FLAGS" in fields and uid is not None:
                    glance.flags[uid] = words(fields["FLAGS"])
                nameless = nameless or ("FLAGS" in fields and uid is None)
        return nameless

    async def _our_mails(self, glance: Glance, name: str, now: float) -> None:
        """What we sent since it was last looked."""
        place, session = self._place, self._session
        try:
            told = await session.command(f"STATUS {name} (UIDNEXT UIDVALIDITY)")
        except RefusedByServerError as error:
            raise LostError(
                "no_folder", f"there is no folder {name} of sent mail ({error}); set sent"
            ) from None
        status = next((pairs(one.items[-1]) for one in told if one.kind == "STATUS" and one.items), {})
        following, validity = number(status.get("UIDNEXT")) or 0, number(status.get("UIDVALIDITY")) or 0
        known = self._read.get(name) or place.sent.get(name)
        if known == (validity, following):
            return
        await self._open(name)
        first = known[1] if known and known[0] == validity else 0
        since = day(datetime.fromtimestamp(max(0.0, now - self._lookback_s), UTC))
        asked = f"UID SEARCH UID {first}:*" if first else f"UID SEARCH SINCE {since}"
        found = {uid for uid in _found(await session.command(asked)) if uid >= first}
        seen = await self.fetch(found)
        glance.sent += seen
        self._read[name] = validity, max([following, *(one.uid + 1 for one in seen)])

    async def _search(self, glance: Glance, missing: dict[str, str]) -> None:
        """Where mails went that are no longer in the folder: to another one, to the bin, or out of sight."""
        ids = {name: self._box.memory.letters[name].message_id for name in missing}
        for name in missing:
            glance.whereabouts[name] = "deleted" if self._all_listed else "unknown"
        for other, what in self._others[:_MOST_FOLDERS]:
            with suppress(LostError):
                await self._open(quoted(other))
                for name, message_id in ids.items():
                    if message_id and glance.whereabouts[name] != "moved":
                        asked = f"UID SEARCH HEADER Message-ID {quoted(message_id)}"
                        if _found(await self._session.command(asked)):
                            glance.whereabouts[name] = what

    def _seen(self, told: Response) -> Seen | None:
        """One mail of a FETCH; None where it is not whole."""
        if told.kind != "FETCH" or not told.items:
            return None
        fields = pairs(told.items[0])
        uid, at = number(fields.get("UID")), internal_date(fields.get("INTERNALDATE"))
        header = next((value for name, value in fields.items() if name.startswith("BODY[")), None)
        if uid is None or at is None or not isinstance(header, bytes):
            return None
        return Seen(
            uid=uid, at=min(at, self._clock.now()), flags=words(fields.get("FLAGS")), mail=read_mail(header)
        )


def _found(told: Iterable[Response]) -> set[int]:
    return {
        uid for one in told if one.kind == "SEARCH" for item in one.items if (uid := number(item)) is not None
    }
