"""A mail's header as far as a queue needs it: who wrote, in which thread, and whether a person did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.header import decode_header
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr
from hashlib import blake2b

from msgspec import Struct

from queuewatch.sources.reading import clip

FIELDS = (
    "FROM",
    "REPLY-TO",
    "TO",
    "CC",
    "DELIVERED-TO",
    "X-ORIGINAL-TO",
    "SUBJECT",
    "MESSAGE-ID",
    "IN-REPLY-TO",
    "REFERENCES",
    "RETURN-PATH",
    "CONTENT-TYPE",
    "CONTENT-LANGUAGE",
    "AUTO-SUBMITTED",
    "PRECEDENCE",
    "LIST-ID",
    "LIST-POST",
    "LIST-UNSUBSCRIBE",
    "X-AUTOREPLY",
    "X-AUTORESPOND",
    "X-AUTO-RESPONSE-SUPPRESS",
    "X-LOOP",
    "X-FAILED-RECIPIENTS",
    "FEEDBACK-ID",
)
"""The fields that are asked for; nothing else of a mail is ever read."""

MAX_HEADER = 65_536
"""Octets of a header that are asked for."""

_MOST_REFERENCES = 100
_LONGEST = 998  # characters of a line of mail (RFC 5322)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,512}>")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\x00-\x1f]{1,64}@[^\s@<>\"(),:;\\\x00-\x1f]{1,253}")
_PLAIN = r"[A-Za-z0-9][A-Za-z0-9._+\-]{0,63}@[A-Za-z0-9][A-Za-z0-9.\-]{0,252}"
_USUAL = re.compile(rf"[A-Za-z0-9=][^<>@\"(),:;\\\[\]\r\n]*<({_PLAIN})>|({_PLAIN})")
"""A name and an address, or an address alone, as nearly all are written: read without the library's help."""

_FOLD = re.compile(r"[\r\n]+[ \t]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
_BULK = frozenset(("bulk", "list", "junk", "auto_reply"))
_ROBOTS = frozenset(("mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon"))
_NO_REPLY = re.compile(
    r"(do|please)?[-_.]?(not|no|non|ne)[-_.]?(reply|respond|responder|repondre)|noreply|no-?antwoord"
)


class Mail(Struct, frozen=True, kw_only=True):
    """One mail's header.

    Attributes:
        id: Digest of its Message-ID, or of the header where it has none: the same for every copy.
        parents: Digests of the mails it answers: the thread's first, the one it answers last.
        sender: Address it is from, small; "" where there is none.
        reply_to: Address that answers should go to, small; "" where there is none.
        return_path: Address that bounces go to, small; "" where the mail says that there is none (`<>`), None
            where it says nothing.
        recipients: Addresses it went to, small.
        subject: As its writer wrote it, on one line.
        language: BCP 47; None where it does not say.
        automatic: Why it was not written by a person, in a word; None where it seems to have been.
        list_id: The mailing list it came over, small; "" where it came over none.
        suppress: Its sender asks for no automatic answers.
        message_id, references: As they stand there, for an answer; "" and () where there are none.
    """

    id: str
    parents: tuple[str, ...] = ()
    sender: str = ""
    reply_to: str = ""
    return_path: str | None = None
    recipients: tuple[str, ...] = ()
    subject: str = ""
    language: str | None = None
    automatic: str | None = None
    list_id: str = ""
    suppress: bool = False
    message_id: str = ""
    references: tuple[str, ...] = ()

    @property
    def from_no_reply(self) -> bool:
        """Whether nobody reads what is sent to its sender."""
        return bool(_NO_REPLY.match(self.sender.partition("@")[0]))


Header = dict[str, list[str]]
_parser = BytesHeaderParser(policy=policy.compat32)  # the one that takes any header without complaint


def read_mail(header: bytes) -> Mail:
    """A header as it stands in the mailbox, however odd; never an exception.

    Args:
        header: The fields, as octets.
    """
    fields = _fields(header)
    ids = _MESSAGE_ID.findall(_one(fields, "message-id"))
    own = ids[0] if ids else ""
    references = _references(fields, own)
    return Mail(
        id=digest(own or header.decode("latin-1")),
        parents=tuple(digest(one) for one in references),
        sender=_address(_one(fields, "from")),
        reply_to=_address(_one(fields, "reply-to")),
        return_path=_return_path(fields),
        recipients=tuple(dict.fromkeys(_recipients(fields))),
        subject=_plain(_one(fields, "subject")),
        language=_language(_one(fields, "content-language")),
        automatic=_automatic(fields),
        list_id=_list_id(fields),
        suppress=_suppresses(fields),
        message_id=own,
        references=references,
    )


def digest(written: str) -> str:
    """A Message-ID as it is kept: two are the same mail when their digests are; nothing else can be read."""
    return blake2b(written.encode("utf-8", "surrogateescape"), digest_size=10).hexdigest()


def _fields(header: bytes) -> Header:
    fields: Header = {}
    try:
        parsed = _parser.parsebytes(header)
        for name, value in parsed.raw_items():
            fields.setdefault(name.lower(), []).append(_unfold(str(value)))
    except (
        ValueError,
        IndexError,
        LookupError,
        RecursionError,
        MessageError,
    ):  # headers the parser stumbles over
        return fields
    return fields


def _unfold(value: str) -> str:
    """One line: octets beyond ASCII are UTF-8 or else Latin-1, as mail programs guess too."""
    octets = value.encode("ascii", "surrogateescape") if not _clean(value) else None
    if octets is not None:
        try:
            value = octets.decode()
        except UnicodeDecodeError:
            value = octets.decode("latin-1")
    return (_FOLD.sub(" ", value) if "\n" in value or "\r" in value else value).strip()


def _clean(value: str) -> bool:
    return value.isascii() or not any("\udc80" <= one <= "\udcff" for one in value)


def _one(fields: Header, name: str) -> str:
    return fields.get(name, [""])[0]


def _references(fields: Header, own: str) -> tuple[str, ...]:
    """The thread, its first mail first; In-Reply-To stands in for, or behind, References."""
    listed = _MESSAGE_ID.findall(_one(fields, "references"))
    if len(listed) > _MOST_REFERENCES:
        listed = [listed[0], *listed[1 - _MOST_REFERENCES :]]
    listed += [one for one in _MESSAGE_ID.findall(_one(fields, "in-reply-to"))[:1] if one not in listed]
    return tuple(one for one in dict.fromkeys(listed) if one != own)


def _address(written: str) -> str:
    """The first address, small; "" where there is none."""
    usual = _USUAL.fullmatch(written[:_LONGEST])
    if usual is not None:
        return (usual.group(1) or usual.group(2)).lower()
    try:
        _, address = parseaddr(written[:_LONGEST])
    except (ValueError, IndexError):
        return ""
    return address.lower() if _ADDRESS.fullmatch(address) else ""


def _return_path(fields: Header) -> str | None:
    if "return-path" not in fields:
        return None
    written = _one(fields, "return-path")
    return "" if written.strip() in ("<>", "") else _address(written) or None


def _recipients(fields: Header) -> Iterator[str]:
    for name in ("delivered-to", "x-original-to", "to", "cc"):
        given = fields.get(name, [])
        if len(given) == 1 and _USUAL.fullmatch(given[0]):
            yield _address(given[0])
            continue
        try:
            found = getaddresses([one[: 32 * _LONGEST] for one in given])
        except (ValueError, IndexError):
            continue
        yield from (address.lower() for _, address in found[:100] if _ADDRESS.fullmatch(address))


def _plain(written: str) -> str:
    """Encoded words as what they stand for, on one line, not too long."""
    if "=?" not in written and written.isprintable():
        return clip(" ".join(written.split()), 200)
    try:
        parts = decode_header(written[: 4 * _LONGEST])
        told = "".join(
            part if isinstance(part, str) else part.decode(charset or "latin-1", "replace")
            for part, charset in parts
        )
    except (ValueError, LookupError, IndexError, MessageError):
        told = written
    shown = "".join(one if one.isprintable() else " " for one in told)
    return clip(" ".join(shown.split()), 200)


def _language(written: str) -> str | None:
    tag = written.partition(",")[0].strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def _automatic(fields: Header) -> str | None:
    """Why no person wrote this (RFC 3834, and what older programs write instead)."""
    submitted = _one(fields, "auto-submitted").partition(";")[0].strip().lower()
    kind = _one(fields, "content-type").partition(";")[0].strip().lower()
    local = _address(_one(fields, "from")).partition("@")[0]
    if kind == "multipart/report" or "x-failed-recipients" in fields or local in _ROBOTS:
        return "bounce"
    if _return_path(fields) == "" and submitted != "no":  # None says nothing, "" says there is none
        return "bounce"
    if submitted and submitted != "no":
        return "auto_submitted"
    if any(name in fields for name in ("x-autoreply", "x-autorespond")):
        return "auto_reply"
    if any(name in fields for name in ("list-id", "list-post", "list-unsubscribe", "feedback-id")):
        return "mailing_list"
    if _one(fields, "precedence").strip().lower() in _BULK:
        return "bulk"
    return None


def _list_id(fields: Header) -> str:
    written = _one(fields, "list-id").strip().lower()
    return clip(written.rpartition("<")[2].rstrip("> ")) if written else ""


def _suppresses(fields: Header) -> bool:
    asked = {one.strip().lower() for one in _one(fields, "x-auto-response-suppress").split(",")}
    return bool(asked & {"all", "autoreply", "oof"}) or "x-loop" in fields
