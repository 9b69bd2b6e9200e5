"""From `[sources.NAME]` with `kind = "imap"` to the source, and the trial that `queuewatch check` makes."""

from __future__ import annotations

import random
from collections.abc import Mapping

from msgspec import structs

from queuewatch.config import ImapSource
from queuewatch.ports import Letter
from queuewatch.sources.context import Context, UnusableError, tls_context
from queuewatch.sources.imap import Imap
from queuewatch.sources.imap_access import secret_of
from queuewatch.sources.imap_bookmark import Bookmark
from queuewatch.sources.imap_look import MailSettings
from queuewatch.sources.imap_mail import Mail
from queuewatch.sources.imap_memory import Arrival, Manners
from queuewatch.sources.imap_session import (
    Connect,
    LostError,
    RefusedByServerError,
    Session,
    Where,
    open_stream,
)
from queuewatch.sources.imap_wire import folder, words
from queuewatch.sources.webhook import Hook

_DAY_S = 86_400.0


def make(own: ImapSource, context: Context) -> Imap:
    """The source of a section.

    Raises:
        UnusableError: What it names cannot be used.
    """
    hook = Hook(
        source=context.name,
        hash_customer=context.hash_customer,
        site=context.site,
        queue=own.queue or context.name,
        channel="email",
        queues={address.lower(): queue for address, queue in own.by_address.items()},
    )
    manners = manners_of(own)
    arrived = context.arrived
    return Imap(
        hook,
        settings_of(own),
        manners,
        context.clock,
        secret=secret_of(own),
        chance=random.random,
        bookmark=Bookmark(context.kept("mailbox"), f"{own.host} {own.username} {own.folder}"),
        arrived=None if arrived is None else lambda one: arrived(letter_of(one, hook, manners, own.queues)),
    )


def settings_of(own: ImapSource) -> MailSettings:
    """The section, as the source takes it. Raises UnusableError."""
    usual = 993 if own.tls == "on" else 143
    where = Where(
        host=own.host,
        port=own.port or usual,
        username=own.username,
        tls=None if own.tls == "off" else tls_context(own.tls_ca),
        starttls=own.tls == "starttls",
        oauth=own.password is None,
    )
    return MailSettings(
        where=where, folder=own.folder, sent=own.sent, poll_s=own.poll_s, resync_s=own.resync_s
    )


def manners_of(own: ImapSource) -> Manners:
    """What the section says of the mailbox; its own name is among its addresses where it is one."""
    ours = {one.lower() for one in (*own.addresses, *own.by_address)}
    if "@" in own.username:
        ours.add(own.username.lower())
    return Manners(
        own=frozenset(ours),
        lists=frozenset(one.lower().strip("<>") for one in own.lists),
        assigned=frozenset(one.lower() for one in own.assigned),
        lookback_s=own.lookback_days * _DAY_S,
    )


def letter_of(
    arrival: Arrival, hook: Hook, manners: Manners, names: Mapping[str, str] | None = None
) -> Letter:
    """An arrival, as those who acknowledge it are told.

    Args:
        arrival: Who wrote.
        hook: Names of source and site.
        manners: What the mailbox's owner knows of it.
        names: Queues that are shown under other names: the source's = ours.
    """
    mail = arrival.mail
    address = _answer_to(mail, manners)
    return Letter(
        site=hook.site,
        queue=(names or {}).get(arrival.queue, arrival.queue),
        contact=hook.own(arrival.contact),
        at=arrival.at,
        writer=arrival.writer,
        address=address,
        hush=_hush(mail, address, manners),
        language=mail.language,
        subject=mail.subject,
        message_id=mail.message_id,
        references=mail.references,
    )


def _answer_to(mail: Mail, manners: Manners) -> str:
    """Where an automatic answer goes: whom a form names, else the envelope's sender (RFC 3834, 4)."""
    if mail.reply_to and (mail.from_no_reply or mail.sender in manners.own):
        return mail.reply_to
    return mail.return_path or mail.sender


def _hush(mail: Mail, address: str, manners: Manners) -> str | None:
    """Why no automatic answer may go out, in a word; None where one may."""
    if not address:
        return "no_address"
    if mail.automatic is not None:
        return mail.automatic
    if mail.suppress:
        return "asked_for_none"
    if address in manners.own:
        return "ourselves"
    no_reply = structs.replace(mail, sender=address).from_no_reply
    return "no_reply" if no_reply else None


async def probe(own: ImapSource, context: Context, *, connect: Connect = open_stream) -> str:
    """Log in, open the folder and see what the server can.

    Returns:
        One sentence that says what works.

    Raises:
        UnusableError: What does not, with the cure.
    """
    settings = settings_of(own)
    where = settings.where
    session = Session(where, context.clock, connect)
    try:
        await session.open(secret_of(own))
        listed = await session.command('LIST "" "*"')
        try:
            told = await session.command(f"EXAMINE {folder(own.folder)}")
        except RefusedByServerError as error:
            raise UnusableError(
                f"{where} has no folder {own.folder} that can be opened ({error}); set folder"
            ) from None
        for name in own.sent or ():
            try:
                await session.command(f"STATUS {folder(name)} (UIDNEXT)")
            except RefusedByServerError as error:
                raise UnusableError(
                    f"{where} has no folder {name} of sent mail ({error}); set sent"
                ) from None
    except (LostError, RefusedByServerError) as error:
        raise UnusableError(str(error)) from None
    finally:
        session.close()
    mails = next((one.number for one in told if one.kind == "EXISTS"), 0)
    marked = any(one.kind == "LIST" and one.items and "\\sent" in words(one.items[0]) for one in listed)
    return _sentence(session, where, own, mails or 0, sent=bool(own.sent) or marked)


def _sentence(session: Session, where: Where, own: ImapSource, mails: int, *, sent: bool) -> str:
    how = "in the clear" if where.tls is None else "over TLS"
    tells = (
        "it tells news by itself (IDLE)" if session.idles else f"without IDLE: asked every {own.poll_s:g} s"
    )
    can = (
        "QRESYNC"
        if session.qresync
        else "CONDSTORE"
        if session.condstore
        else "neither CONDSTORE nor QRESYNC"
    )
    replies = (
        "our replies are seen in the folder of sent mail"
        if sent
        else "no folder is marked as that of sent mail, so only the flag tells what was answered: set sent"
    )
    several = "" if mails == 1 else "s"
    return (
        f'{where} lets in "{where.username}" {how}; {own.folder} holds {mails} mail{several}; '
        f"{tells}, {can}; {replies}"
    )
