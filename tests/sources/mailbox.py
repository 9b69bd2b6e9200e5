"""A mail server made by hand, in memory: folders of mails, as much of IMAP as is needed, and mishaps."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from queuewatch.core.facts.events import Event
from queuewatch.ports import Refused
from queuewatch.sources.imap_box import Box
from queuewatch.sources.imap_mail import read_mail
from queuewatch.sources.imap_memory import Glance, Manners, Seen
from queuewatch.sources.imap_session import Streams
from queuewatch.sources.imap_wire import (
    Response,
    Responses,
    WireError,
    internal_date,
    number,
    numbers,
    pairs,
    words,
)
from queuewatch.sources.webhook import Hook

TEN = 1_795_255_200.0  # 2026-11-21T10:00:00Z
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def header(message_id: str, **fields: str) -> bytes:
    """A header: from Ana to the team, unless it says otherwise."""
    told = {"From": "Ana <ana@customer.example>", "To": "support@shop.example", "Subject": "A question"}
    told |= {"Message-ID": message_id} if message_id else {}
    told |= {name.replace("_", "-"): value for name, value in fields.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in told.items() if value).encode() + b"\r\n"


@dataclass
class Kept:
    """A mail in a folder."""

    at: float
    header: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class Folder:
    """A folder: its mails by number, and how often its numbers became void."""

    mails: dict[int, Kept] = field(default_factory=dict)
    validity: int = 7
    next: int = 1


class MailServer:
    """What a server says; `can` is its capabilities, `refuses` the verbs it says NO to."""

    def __init__(self, can: str = "IMAP4rev1 SASL-IR IDLE ENABLE QRESYNC CONDSTORE SPECIAL-USE") -> None:
        self.can = can
        self.refuses: set[str] = set()
        self.greeting: str | None = "* OK ready"
        self.folders = {"INBOX": Folder(), "Sent": Folder(), "Archive": Folder(), "Trash": Folder()}
        self.asked: list[str] = []
        self.connections: list[Wire] = []
        self.away = False
        self.modseq = 1

    async def connect(self, _host: str, _port: int, _tls: ssl.SSLContext | None) -> Streams:
        if self.away:
            raise OSError(111, "Connection refused")
        wire = Wire(self)
        self.connections.append(wire)
        if self.greeting is not None:
            wire.says(self.greeting)
        return wire.reader, cast("asyncio.StreamWriter", wire)

    # ── what customers and the team do ────────────────────────────────────────────────────────────────

    def arrives(self, raw: bytes, at: float, folder: str = "INBOX", flags: str = "") -> int:
        """A mail comes in; returns its number."""
        box = self.folders[folder]
        uid, box.next = box.next, box.next + 1
        box.mails[uid] = Kept(at, raw, set(flags.split()))
        self._news(folder, f"* {len(box.mails)} EXISTS")
        return uid

    def flag(self, uid: int, *flags: str) -> None:
        box = self.folders["INBOX"]
        box.mails[uid].flags = set(flags)
        place = sorted(box.mails).index(uid) + 1
        named = f"UID {uid} " if "QRESYNC" in self.can else ""
        self._news("INBOX", f"* {place} FETCH ({named}FLAGS ({' '.join(flags)}))")

    def goes(self, uid: int, to: str | None = None) -> None:
        """A mail is moved, or deleted."""
        box = self.folders["INBOX"]
        place = sorted(box.mails).index(uid) + 1
        kept = box.mails.pop(uid)
        if to is not None:
            self.arrives(kept.header, kept.at, to)
        self._news("INBOX", f"* VANISHED {uid}" if "QRESYNC" in self.can else f"* {place} EXPUNGE")

    def renumbers(self) -> None:
        """The folder's numbers are given anew."""
        box = self.folders["INBOX"]
        box.mails = {uid + 100: mail for uid, mail in box.mails.items()}
        box.next, box.validity = box.next + 100, box.validity + 1

    def hangs_up(self) -> None:
        for wire in self.connections:
            wire.reader.feed_eof()

    def _news(self, folder: str, line: str) -> None:
        self.modseq += 1
        for wire in self.connections:
            if wire.folder == folder and wire.idle:
                wire.says(line)
                wire.count = len(self.folders[folder].mails)

    # ── what it answers ───────────────────────────────────────────────────────────────────────────────

    def answer(self, wire: Wire, tag: str, line: str) -> None:
        verb, _, rest = line.partition(" ")
        if verb == "UID":
            verb, _, rest = rest.partition(" ")
        if verb in self.refuses:
            wire.says(f"{tag} NO not today")
            return
        answers: dict[str, Callable[[Wire, str], list[str]]] = {
            "CAPABILITY": lambda _wire, _rest: [f"* CAPABILITY {self.can}"],
            "LIST": self._list,
            "EXAMINE": self._examine,
            "STATUS": self._status,
            "SEARCH": self._search,
            "FETCH": self._fetch,
        }
        if verb == "IDLE":
            wire.idle = tag
            wire.says("+ idling")
            count = len(self.folders[wire.folder].mails)
            if count > wire.count:  # what came in since the folder was opened is told now
                wire.says(f"* {count} EXISTS")
            wire.count = count
            return
        for told in answers[verb](wire, rest) if verb in answers else []:
            wire.says(told)
        wire.says(f"{tag} OK done")

    def _list(self, _wire: Wire, _rest: str) -> list[str]:
        marks = {"Sent": "\\Sent", "Archive": "\\Archive", "Trash": "\\Trash"}
        return [f'* LIST ({marks.get(name, "")}) "/" "{name}"' for name in self.folders]

    def _examine(self, wire: Wire, rest: str) -> list[str]:
        wire.folder = rest.split('"')[1]
        box = self.folders[wire.folder]
        wire.count = len(box.mails)
        return [
            f"* {len(box.mails)} EXISTS",
            f"* OK [UIDVALIDITY {box.validity}] numbers",
            f"* OK [UIDNEXT {box.next}] next",
            f"* OK [HIGHESTMODSEQ {self.modseq}] highest",
        ]

    def _status(self, _wire: Wire, rest: str) -> list[str]:
        name = rest.split('"')[1]
        box = self.folders[name]
        return [f'* STATUS "{name}" (UIDNEXT {box.next} UIDVALIDITY {box.validity})']

    def _search(self, wire: Wire, rest: str) -> list[str]:
        mails = self.folders[wire.folder].mails
        found = list(mails)
        if rest.startswith("UID "):
            first = int(rest.removeprefix("UID ").partition(":")[0])
            found = [uid for uid in mails if uid >= first] or list(mails)[-1:]
        elif rest.startswith("SINCE "):
            date, month, year = rest.removeprefix("SINCE ").split("-")
            since = datetime(int(year), MONTHS.index(month) + 1, int(date), tzinfo=UTC).timestamp()
            found = [uid for uid, mail in mails.items() if mail.at >= since]
        elif rest.startswith("HEADER "):
            wanted = rest.split('"')[1].encode()
            found = [uid for uid, mail in mails.items() if wanted in mail.header]
        return [f"* SEARCH {' '.join(map(str, found))}".rstrip()]

    def _fetch(self, wire: Wire, rest: str) -> list[str]:
        mails = self.folders[wire.folder].mails
        chosen, _, what = rest.partition(" ")
        asked = set(mails) if chosen == "1:*" else set(numbers(chosen.encode()))
        told = []
        for place, uid in enumerate(sorted(mails), 1):
            mail = mails[uid]
            if uid not in asked:
                continue
            more = f" INTERNALDATE {_date(mail.at)}" if "INTERNALDATE" in what else ""
            if "BODY" in what:
                raw = mail.header.decode("latin-1")
                more += f" BODY[HEADER.FIELDS (FROM TO)]<0> {{{len(mail.header)}}}\r\n{raw}"
            told.append(f"* {place} FETCH (UID {uid} FLAGS ({' '.join(sorted(mail.flags))}){more})")
        return told


def _date(at: float) -> str:
    when = datetime.fromtimestamp(at, UTC)
    return f'"{when.day:2}-{MONTHS[when.month - 1]}-{when.year} {when:%H:%M:%S} +0000"'


def looked_at(pieces: Sequence[bytes]) -> list[Event | Refused]:
    """What becomes of what a server says of the mails in a folder, looked at once."""
    hook = Hook(source="mail", hash_customer=lambda _: "hash", queue="mail", channel="email")
    box, responses = Box(hook, Manners()), Responses()
    glance, broken = Glance(at=TEN + 86_400.0), []
    for piece in pieces:
        try:
            glance.arrived += [one for told in responses.feed(piece) if (one := _seen(told)) is not None]
        except WireError as error:
            broken.append(Refused("not_imap", str(error)))
            responses = Responses()
    found, refused, _ = box.take(glance)
    return [*found, *refused, *broken]


def _seen(told: Response) -> Seen | None:
    fields = pairs(told.items[0]) if told.kind == "FETCH" and told.items else {}
    uid, at = number(fields.get("UID")), internal_date(fields.get("INTERNALDATE"))
    raw = next((value for name, value in fields.items() if name.startswith("BODY[")), None)
    if uid is None or at is None or not isinstance(raw, bytes):
        return None
    return Seen(uid=uid, at=at, flags=words(fields.get("FLAGS")), mail=read_mail(raw))


def fetched(uid: int) -> bytes:
    """A mail as a server tells of it: every third is a second one in its thread."""
    thread = {"References": f"<{uid - 1}@customer.example>"} if uid % 3 == 2 else {}
    raw = header(f"<{uid}@customer.example>", From=f"Ana <ana{uid // 3}@customer.example>", **thread)
    about = f"UID {uid} FLAGS (\\Seen) INTERNALDATE {_date(TEN + 60.0 * uid)} BODY[HEADER.FIELDS (FROM)]<0>"
    return f"* {uid} FETCH ({about} {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"


class Wire:
    """The server's end of one connection."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.reader = asyncio.StreamReader()
        self.folder = ""
        self.count = 0  # mails in it, as far as was told
        self.idle = ""
        self.closed = False

    def says(self, line: str) -> None:
        if not self.closed:
            self.reader.feed_data(line.encode("latin-1") + b"\r\n")

    def write(self, octets: bytes) -> None:
        for line in octets.decode().removesuffix("\r\n").split("\r\n"):
            self.server.asked.append(re.sub(r"^q\d+ ", "", line))
            if line == "DONE":
                self.says(f"{self.idle} OK done")
                self.idle = ""
            elif line:
                tag, _, rest = line.partition(" ")
                self.server.answer(self, tag, rest)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed
