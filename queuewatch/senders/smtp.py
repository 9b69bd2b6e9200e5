"""Mail out over SMTP: one connection a mail, and an empty envelope sender, so that nothing bounces back."""

from __future__ import annotations

import ssl
from email.message import EmailMessage

import aiosmtplib
from msgspec import Struct

from queuewatch.ports import SendFailedError
from queuewatch.senders.smtp_mail import NO_ADDRESS

TIMEOUT_S = 30.0
_BUSY = 400
_REFUSED = 500
_LONGEST = 120


class SmtpServer(Struct, frozen=True, kw_only=True):
    """Which server takes our mail.

    Attributes:
        tls: With what to trust it; None speaks in the clear.
        starttls: Begin in the clear and turn to TLS before anything is told.
        username, password: Whom we say we are; None: nobody.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    starttls: bool = False
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port})"


def _client(server: SmtpServer) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        timeout=TIMEOUT_S,
        use_tls=server.tls is not None and not server.starttls,
        start_tls=server.starttls,
        tls_context=server.tls,
    )


async def send(server: SmtpServer, mail: EmailMessage, to: str) -> None:
    """Hand a mail over.

    Args:
        server: To whom.
        mail: The mail.
        to: For whom.

    Raises:
        SendFailedError: It was not taken; `unsure` where it may have been all the same. The text holds
            neither the password nor the customer's address.
    """
    where = f"{server.host}:{server.port}"
    client = _client(server)
    try:
        await client.connect()
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _unreached(where, server, error) from None
    try:
        await client.sendmail("", [to], mail.as_bytes())
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [one.code for one in error.recipients]
        raise SendFailedError(
            f"{where} does not take this customer's address ({max(codes, default=0)})",
            permanent=max(codes, default=_REFUSED) >= _REFUSED,
            unsure=False,
        ) from None
    except aiosmtplib.SMTPResponseException as error:
        said = _said(error.message, to)
        final = error.code >= _REFUSED
        raise SendFailedError(
            f"{where} refuses the mail ({error.code} {said})", permanent=final, unsure=False
        ) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise SendFailedError(f"{where} broke off ({type(error).__name__})", unsure=True) from None
    except (UnicodeError, ValueError):
        raise SendFailedError(NO_ADDRESS, permanent=True, unsure=False) from None
    finally:
        client.close()


async def try_out(server: SmtpServer) -> str:
    """Connect and log in, send nothing; says in one sentence what works.

    Raises:
        SendFailedError: What does not, with the cure.
    """
    where = f"{server.host}:{server.port}"
    client = _client(server)
    try:
        await client.connect()
        greeted = await client.noop()
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _unreached(where, server, error) from None
    finally:
        client.close()
    how = "in the clear" if server.tls is None else "over TLS"
    who = f'lets in "{server.username}"' if server.username else "takes mail from us"
    busy = "" if greeted.code < _BUSY else f", though it answers {greeted.code}"
    return f"{where} {who} {how}{busy}; nothing was sent"


def _unreached(where: str, server: SmtpServer, error: Exception) -> SendFailedError:
    """Why no connection came about, with the cure."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return SendFailedError(
            f'{where} refused user "{server.username}" ({error.code}); check username and password',
            permanent=error.code >= _REFUSED,
            unsure=False,
        )
    if isinstance(error, aiosmtplib.SMTPNotSupported) or "STARTTLS" in str(error):
        return SendFailedError(
            f"{where} cannot do what is asked of it: {_said(str(error))}; see tls", unsure=False
        )
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return SendFailedError(f"{where}: TLS fails; name its CA in tls_ca, or mend tls", unsure=False)
    return SendFailedError(f"{where} cannot be reached ({type(error).__name__}); is it up?", unsure=False)


def _said(words: str, secret: str = "") -> str:
    """A server's own words, on one line, not too long, and without whom the mail is for."""
    plain = " ".join(words.split())
    if secret:
        plain = plain.replace(secret, "…")
    return plain[:_LONGEST]
