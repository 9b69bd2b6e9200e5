"""What a source that we go to is told besides its section of the config, and how it says that it cannot."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from queuewatch.ports import Clock, Letter
from queuewatch.sources.reading import Reading


class UnusableError(Exception):
    """What a source's section names cannot be used; the text is one sentence with the cure, and no secret."""


class Context(Struct, frozen=True, kw_only=True):
    """Where a source stands.

    Attributes:
        name: Its name in config, metrics and logs, and the `source` of its events.
        site: The routing domain of its events.
        clock: The time.
        hash_customer: Turns a customer's identifier into its keyed hash; the identifier itself is dropped.
        data_dir: Where it may keep how far it has read.
        arrived: Is to be told of customers who wrote and may be written to; None: nobody wants to know.
    """

    name: str
    site: str
    clock: Clock
    hash_customer: Callable[[str], str]
    data_dir: Path
    arrived: Callable[[Letter], None] | None = None

    @property
    def reading(self) -> Reading:
        """The same, as those who read lines are told it."""
        return Reading(hash_customer=self.hash_customer, source=self.name, site=self.site)

    def kept(self, what: str) -> Path:
        """Where the source may keep something over a restart; its directory is made when it is not there.

        Raises:
            UnusableError: It cannot be made.
        """
        path = self.data_dir / "sources" / f"{self.name}.{what}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnusableError(
                f"{path.parent} cannot be made ({error.strerror}); mend the rights of service.data_dir"
            ) from None
        return path


def tls_context(authority: Path | None) -> ssl.SSLContext:
    """How to make sure of the other side.

    Args:
        authority: The PEM file of who signed its certificate, or of the certificate itself; None trusts whom
            the system trusts.

    Raises:
        UnusableError: The file holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise UnusableError(
            f"tls_ca {authority} cannot be read as a certificate in PEM form ({error}); name another file"
        ) from None
