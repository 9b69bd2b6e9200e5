"""From `[smtp]` and the queues' settings to what acknowledges customers' mails."""

from __future__ import annotations

import random
import ssl
from collections import Counter
from functools import partial

from queuewatch import words
from queuewatch.config import Settings
from queuewatch.config.sections import SmtpSection
from queuewatch.ports import Clock, SendFailedError
from queuewatch.senders.smtp import SmtpServer, send
from queuewatch.senders.smtp_acknowledge import Acknowledger, AckRule

_PORTS = {"on": 465, "starttls": 587, "off": 25}


def acknowledger(settings: Settings, clock: Clock, outcomes: Counter[tuple[str, str]]) -> Acknowledger | None:
    """What acknowledges mails; None where no queue wants that.

    Args:
        settings: What the administrator decided.
        clock: The time.
        outcomes: Counts what became of acknowledgements, by sender and outcome.

    Raises:
        SendFailedError: A file that the section names cannot be used.
    """
    own = settings.smtp
    rule = None if own is None else rule_of(settings, own)
    if own is None or rule is None:
        return None
    deliver = partial(send, server_of(own))
    return Acknowledger(clock, rule, words, deliver, outcomes, chance=random.random)


def rule_of(settings: Settings, own: SmtpSection) -> AckRule | None:
    """To whom acknowledgements go, how often, and in which languages; None: to nobody."""
    queues = [name for name, queue in settings.queues.items() if queue.acknowledge]
    if not queues:
        return None
    rules = settings.rules()
    return AckRule(
        sender=own.sender,
        name=own.name or "",
        queues={name: settings.language(name) for name in queues},
        languages=settings.notice.languages,
        hours={name: hours for name in queues if (hours := rules.of(name).hours) is not None},
        every_s=own.every_s,
        per_writer=own.per_writer,
        per_hour=own.per_hour,
        within_s=own.within_s,
    )


def server_of(own: SmtpSection) -> SmtpServer:
    """The section, as the sender takes it. Raises SendFailedError."""
    tls = None
    if own.tls != "off":
        try:
            tls = ssl.create_default_context(cafile=own.tls_ca)
        except (OSError, ssl.SSLError) as error:
            raise SendFailedError(
                f"tls_ca {own.tls_ca} cannot be read as a certificate in PEM form ({error}); name another",
                permanent=True,
            ) from None
    return SmtpServer(
        host=own.host,
        port=own.port or _PORTS[own.tls],
        tls=tls,
        starttls=own.tls == "starttls",
        username=own.username,
        password=None if own.password is None else own.password.reveal(),
    )
