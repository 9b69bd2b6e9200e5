"""The acknowledgement of a customer's mail: in its thread, and marked so that no robot answers it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import blake2b

from queuewatch.ports import Letter, SendFailedError

NO_ADDRESS = "this customer's address cannot be written to"
_LONGEST_SUBJECT = 150
_MOST_REFERENCES = 900  # characters; a line of mail has at most 998
# Without folding: Python would write long ids as encoded words, which no mail program knows as ids.
_POLICY = SMTP.clone(max_line_length=998)


def message(
    letter: Letter, text: str, language: str, *, at: float, sender: str, name: str = ""
) -> EmailMessage:
    """The mail that acknowledges a letter.

    Args:
        letter: The customer's mail.
        text: What to say.
        language: BCP 47 tag of the text.
        at: The present.
        sender: Our address.
        name: What we are called.

    Returns:
        The mail; the same letter always gets one of the same Message-ID.

    Raises:
        SendFailedError: The customer's address is none that mail can be written to.
    """
    mail = EmailMessage(_POLICY)
    mail["From"] = Address(display_name=name, addr_spec=sender)
    mail["To"] = _to(letter.address)
    mail["Subject"] = _subject(letter.subject)
    mail["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    mail["Message-ID"] = f"<{_id(letter)}@{sender.rpartition('@')[2]}>"
    thread = _thread(letter)
    if thread:
        mail["In-Reply-To"] = thread[-1]
        mail["References"] = " ".join(thread)
    mail["Auto-Submitted"] = "auto-replied"  # RFC 3834: what is marked so is not answered by robots
    mail["X-Auto-Response-Suppress"] = "All"  # what Exchange heeds instead
    mail.set_content(text, cte="quoted-printable")
    mail["Content-Language"] = language
    return mail


def _to(written: str) -> Address:
    """Some write from addresses that no header may hold, such as `a..b@customer.example`."""
    try:
        return Address(addr_spec=written)
    except (MessageError, ValueError, IndexError, AttributeError):  # the library stumbles over some itself
        raise SendFailedError(NO_ADDRESS, permanent=True, unsure=False) from None


def _subject(told: str) -> str:
    """`Re:` and the customer's own words, cut, on one line."""
    plain = "".join(one if one.isprintable() else " " for one in told)[:_LONGEST_SUBJECT]
    return plain if plain[:3].lower() == "re:" else f"Re: {plain}".rstrip()


def _id(letter: Letter) -> str:
    key = f"{letter.site}/{letter.queue}/{letter.contact}/{letter.at}/{letter.message_id}"
    return blake2b(key.encode(errors="replace"), digest_size=15).hexdigest()


def _thread(letter: Letter) -> list[str]:
    """The thread's ids, the mail's own last; of a long one the first, and what there is room for."""
    if not letter.message_id or not letter.message_id.isascii():
        return []
    earlier = [one for one in letter.references if one.isascii()]
    last = [letter.message_id]
    room = _MOST_REFERENCES - sum(len(one) + 1 for one in [*earlier[:1], *last])
    for one in reversed(earlier[1:]):
        room -= len(one) + 1
        if room < 0:
            break
        last.insert(0, one)
    return [*earlier[:1], *last]
