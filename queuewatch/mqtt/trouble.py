"""What goes wrong with a broker, each in one sentence that names the cure."""

from __future__ import annotations

import socket
import ssl

from mqtt5 import (
    ConnAckPacket,
    ConnAckReasonCode,
    DisconnectPacket,
    DisconnectReasonCode,
    PubAckReasonCode,
    SubAckReasonCode,
)

from queuewatch.mqtt.broker import Broker

_NAME_MISMATCH = 62  # X509_V_ERR_HOSTNAME_MISMATCH of OpenSSL
_ADDRESS_MISMATCH = 64  # X509_V_ERR_IP_ADDRESS_MISMATCH
# A tuple: the library's reasons cannot be hashed, nor compared with numbers but for equality.
_LOGIN = (ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD, ConnAckReasonCode.NOT_AUTHORIZED)
_FIRST_REFUSAL = 128


def says_no(reason: PubAckReasonCode | SubAckReasonCode) -> bool:
    """Whether a reason code is a refusal."""
    return reason.value >= _FIRST_REFUSAL


def unreached(error: OSError, broker: Broker) -> str:
    """Why no connection came about."""
    at = broker.address
    match error:
        case ssl.SSLCertVerificationError():
            return _not_trusted(error, broker)
        case ssl.SSLError() if "CERTIFICATE_REQUIRED" in str(error) or "HANDSHAKE_FAILURE" in str(error):
            return f"{at} wants a client certificate: set cert_file and key_file to one that it trusts"
        case ssl.SSLError() if "ALERT" in str(error):
            return f"{at} does not accept our TLS ({error.reason}): check cert_file and key_file"
        case ssl.SSLError():
            return f"{at} does not speak TLS ({error.reason}): use its TLS port, often 8883, or no TLS"
        case socket.gaierror():
            return f"the name {broker.host} is not known ({error.strerror}): check the host"
        case ConnectionRefusedError():
            return f"nothing listens at {at}: check host and port, and that the broker runs"
        case TimeoutError():
            return f"{at} did not answer within {broker.timeout_s:g} s: check host, port and firewalls"
        case ConnectionResetError() if broker.tls is not None:
            return f"{at} breaks TLS off: perhaps it speaks plain MQTT on this port, and TLS on 8883"
        case _:
            return broke(error, broker)


def _not_trusted(error: ssl.SSLCertVerificationError, broker: Broker) -> str:
    why = error.verify_message.rstrip(".")
    if error.verify_code in {_NAME_MISMATCH, _ADDRESS_MISMATCH}:
        return (
            f"the certificate of {broker.address} is for another name ({why}): use the name it was made for"
        )
    return (
        f"the certificate of {broker.address} is not trusted ({why}): "
        "set tls_ca to the certificate of the authority that signed it"
    )


def broke(error: OSError, broker: Broker) -> str:
    """A connection that had come about broke."""
    return f"the connection to {broker.address} broke ({error.strerror or error})"


def hung_up(broker: Broker, *, greeted: bool) -> str:
    """The broker closed the connection without a word."""
    if greeted:
        return (
            f"{broker.address} closed the connection: it stopped, "
            f'or another client uses the client id "{broker.client_id}"'
        )
    if broker.tls is None:
        perhaps = "it speaks TLS on this port"
    elif broker.tls.cert_file is None:
        perhaps = "it wants a client certificate: set cert_file and key_file"
    else:
        perhaps = f"it does not trust {broker.tls.cert_file}"
    return f"{broker.address} closed the connection before answering: perhaps {perhaps}"


def no_mqtt(error: ValueError, broker: Broker) -> str:
    """What came back is not MQTT 5."""
    return f"{broker.address} does not answer in MQTT 5 ({error}): check the port and the broker's version"


def silent(broker: Broker) -> str:
    """Not even an answer to a ping."""
    return f"{broker.address} has been silent for {broker.keep_alive_s} s: the connection is taken for dead"


def not_welcome(answer: ConnAckPacket, broker: Broker) -> str:
    """The broker refused us."""
    if answer.reason_code in _LOGIN:
        who = "a client without a user name" if broker.username is None else f'user "{broker.username}"'
        return f"{broker.address} refuses {who}: check username and password, and the broker's password file"
    return f"{broker.address} refuses us: {_words(answer.reason_code, answer.reason_str)}"


def sent_away(packet: DisconnectPacket, broker: Broker) -> str:
    """The broker ended the conversation and said why."""
    if packet.reason_code == DisconnectReasonCode.SESSION_TAKEN_OVER:
        return (
            f'another client of {broker.address} uses the client id "{broker.client_id}": '
            "give each queuewatch its own"
        )
    return f"{broker.address} ended the connection: {_words(packet.reason_code, packet.reason_str)}"


def unacknowledged(broker: Broker) -> str:
    """The broker owes us an answer."""
    return f"{broker.address} did not acknowledge within {broker.timeout_s:g} s"


def not_allowed(doing: str, topic: str, broker: Broker) -> str:
    """The broker's access list does not let us."""
    who = "anonymous clients" if broker.username is None else f'user "{broker.username}"'
    return f"{broker.address} does not let {who} {doing} {topic}: add it to the broker's access list"


def not_taken(reason: PubAckReasonCode, broker: Broker) -> str:
    """The broker did not take a message, this time."""
    return f"{broker.address} did not take the message: {_words(reason)}"


def _words(
    reason: ConnAckReasonCode | DisconnectReasonCode | PubAckReasonCode, said: str | None = None
) -> str:
    words = reason.name.replace("_", " ").lower()
    return f"{words} ({said})" if said else words
