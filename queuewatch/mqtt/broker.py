"""Which broker to speak to, as whom, and how to be sure that it is the right one."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable

from msgspec import Struct

from queuewatch.backoff import back_off_s
from queuewatch.config import Mqtt

_FIRST_S = 1.0
_LONGEST_S = 30.0
_STABLE_S = 60.0


class BrokerError(Exception):
    """The broker cannot be used (any more). The text is one sentence with the cure, and holds no secret."""


class Tls(Struct, frozen=True, kw_only=True):
    """How the broker proves who it is, and we who we are. The host's name is always checked.

    Attributes:
        ca_file: PEM file with the authority that signed the broker's certificate; None trusts the system's.
        cert_file: PEM file with our own certificate, for brokers that want one.
        key_file: PEM file with its key, not encrypted; None where the certificate's file holds both.
    """

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None


class Broker(Struct, frozen=True, kw_only=True):
    """An MQTT 5 broker and how to speak to it.

    Attributes:
        client_id: Our name there. The broker keeps our session under it, so no two may share one.
        tls: None speaks in the clear.
        keep_alive_s: After so many silent seconds the connection is taken for dead.
        session_expiry_s: For how long the broker keeps what is published while we are away, seconds.
        receive_max: How many unacknowledged messages the broker may have on the way to us, 1 to 65,535. More
            than fit into one commit are of no use, and Mosquitto gets slower with thousands.
        timeout_s: How long connecting, and each acknowledgement, may take.
    """

    host: str = "localhost"
    port: int = 1883
    client_id: str = "queuewatch"
    username: str | None = None
    password: str | None = None
    tls: Tls | None = None
    keep_alive_s: int = 30
    session_expiry_s: int = 7 * 86_400
    receive_max: int = 1000
    timeout_s: float = 10.0

    @property
    def address(self) -> str:
        """Host and port, as people write them."""
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        """What may stand in a log: not the password."""
        return f"Broker({self.address!r}, client_id={self.client_id!r}, tls={self.tls is not None})"


def broker_of(section: Mqtt) -> Broker:
    """The broker that `[mqtt]` of the config names."""
    ca, cert, key = (
        None if path is None else str(path) for path in (section.tls_ca, section.tls_cert, section.tls_key)
    )
    return Broker(
        host=section.host,
        port=section.broker_port,
        client_id=section.client_id,
        username=section.username,
        password=None if section.password is None else section.password.reveal(),
        tls=Tls(ca_file=ca, cert_file=cert, key_file=key) if section.tls else None,
        keep_alive_s=section.keepalive_s,
        receive_max=section.max_inflight,
    )


def tls_context(tls: Tls) -> ssl.SSLContext:
    """The TLS settings, read from their files.

    Raises:
        BrokerError: A file cannot be read or does not hold what it should.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BrokerError(f"{tls.ca_file} cannot be read as a CA certificate in PEM form ({error})") from None
    if tls.cert_file is not None:
        try:
            context.load_cert_chain(tls.cert_file, tls.key_file, password=lambda: b"")
        except (OSError, ssl.SSLError) as error:
            files = tls.cert_file if tls.key_file is None else f"{tls.cert_file} and {tls.key_file}"
            raise BrokerError(
                f"{files} cannot be read as a certificate and its unencrypted key in PEM form ({error})"
            ) from None
    return context


class BackOff:
    """How long to wait before trying again: doubling up to 30 s, spread so that not all come at once.

    A connection that does not last is a failed attempt too: two clients under one id would otherwise throw
    each other out twice a second.
    """

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        """Begin with the shortest pause.

        Args:
            chance: Random numbers in [0, 1).
        """
        self._chance = chance
        self._failed = 0
        self._connected_at: float | None = None

    def connected(self, at: float) -> None:
        """A connection stands."""
        self._connected_at = at

    def next_s(self, at: float) -> float:
        """The pause after a connection that ended, or did not come about, at `at`.

        Returns:
            Seconds, between half and all of 1, 2, 4, 8, 16, 30, 30, …; from 1 again once one lasted a minute.
        """
        if self._connected_at is not None and at - self._connected_at >= _STABLE_S:
            self._failed = 0
        self._connected_at = None
        self._failed += 1
        return back_off_s(self._failed, _FIRST_S, _LONGEST_S, self._chance())
