"""What is seen of a mailbox at a glance, and what is remembered of it between two."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from queuewatch.sources.imap_mail import Mail

Whereabouts = Literal["moved", "deleted", "unknown"]


class Seen(Struct, frozen=True, kw_only=True):
    """A mail as it stands in a folder: its number, when the server took it in, its flags, its header."""

    uid: int
    at: float
    flags: frozenset[str]
    mail: Mail


class Glance(Struct, kw_only=True):
    """What one look at the mailbox showed that is new.

    Attributes:
        at: When it was looked, the present.
        arrived: Mails not seen before.
        flags: Flags of mails seen before, by number, as they are now.
        vanished: Numbers that are in the folder no more.
        sent: Mails of ours, from the folder of sent mail.
        whereabouts: What became of vanished mails, by their digest, where somebody looked.
        whole: Everything there is was looked at: whoever is not in it is gone.
    """

    at: float
    arrived: list[Seen] = field(default_factory=list)
    flags: dict[int, frozenset[str]] = field(default_factory=dict)
    vanished: set[int] = field(default_factory=set)
    sent: list[Seen] = field(default_factory=list)
    whereabouts: dict[str, Whereabouts] = field(default_factory=dict)
    whole: bool = False


class Letter(Struct):
    """A mail of a customer.

    Attributes:
        contact: Its thread.
        at: When the server took it in.
        queue: The queue it is for.
        uids: Its numbers in the folder: more than one where it was delivered twice.
        message_id: To find it by when it was moved; of mails that are open alone.
        open: Nobody has answered it, and nobody has put it away.
    """

    contact: str
    at: float
    queue: str
    uids: set[int] = field(default_factory=set)
    message_id: str = ""
    open: bool = True


class Stay(Struct):
    """One wait of a contact: the mail it began with, when, where; and how it ended.

    Attributes:
        mail: Digest of the mail it began with.
        ended_at: When it ended, None while it lasts.
        exact: The end is an answer whose own time is known.
        answered: The end is an answer.
    """

    mail: str
    at: float
    queue: str
    offered: bool = False
    ended_at: float | None = None
    exact: bool = False
    answered: bool = False


class Manners(Struct, frozen=True, kw_only=True):
    """What a mailbox's owner knows of it.

    Attributes:
        own: Addresses that are ours, small: what comes from them are no customers.
        lists: Mailing lists that are ours (their List-Id, small): what comes over them are customers.
        assigned: Keywords by which a mail program marks that somebody took a mail, small.
        lookback_s: Mails that are older when they are first seen, or were dealt with so long ago, are left
            alone, seconds.
    """

    own: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset(("$assigned",))
    lookback_s: float = 30 * 86_400.0


class Memory(Struct):
    """All that is known of the mailbox: small enough to be kept in a file, and without anybody's address.

    Attributes:
        letters: Customers' mails in the folder, by digest.
        passed: Numbers of mails that are no customers'.
        threads: Digest of a mail → the first of its thread.
        stays: The latest wait of each contact.
        answers: When we last wrote in a thread.
    """

    letters: dict[str, Letter] = field(default_factory=dict)
    passed: set[int] = field(default_factory=set)
    threads: dict[str, str] = field(default_factory=dict)
    stays: dict[str, Stay] = field(default_factory=dict)
    answers: dict[str, float] = field(default_factory=dict)


class Arrival(Struct, frozen=True, kw_only=True):
    """A customer who has just begun to wait, for whoever wants to acknowledge it."""

    contact: str
    queue: str
    uid: int
    at: float
    mail: Mail
    writer: str
