"""Every way to fail has its sentence, with the cure in it and no secret."""

from __future__ import annotations

import socket
import ssl

import pytest
from mqtt5 import (
    ConnAckPacket,
    ConnAckReasonCode,
    DisconnectPacket,
    DisconnectReasonCode,
    PubAckReasonCode,
    SubAckReasonCode,
)

from queuewatch.mqtt import trouble
from queuewatch.mqtt.broker import Broker, Tls
from tests.mqtt.fakes import BROKER


def not_verified(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] something (_ssl.c:1)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (socket.gaierror(-2, "Name or service not known"), "the name broker.example is not known"),
        (ConnectionRefusedError(), "nothing listens at broker.example:1883"),
        (TimeoutError(), "did not answer within 10 s"),
        (OSError(113, "No route to host"), "broke (No route to host)"),
        (not_verified(18, "self-signed certificate"), "set tls_ca to the certificate of the authority"),
        (not_verified(62, "Hostname mismatch"), "is for another name"),
        (not_verified(64, "IP address mismatch"), "is for another name"),
        (alert("WRONG_VERSION_NUMBER"), "use its TLS port"),
        (alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "wants a client certificate"),
        (alert("TLSV1_ALERT_UNKNOWN_CA"), "check cert_file and key_file"),
    ],
)
def test_what_keeps_us_from_connecting_is_told_with_the_cure(error: OSError, sentence: str) -> None:
    assert sentence in trouble.unreached(error, BROKER)


def test_a_wordless_end_is_told_by_when_it_came() -> None:
    assert 'or another client uses the client id "qw"' in trouble.hung_up(BROKER, greeted=True)
    assert "perhaps it speaks TLS" in trouble.hung_up(BROKER, greeted=False)
    assert "wants a client certificate" in trouble.hung_up(Broker(tls=Tls()), greeted=False)
    assert "does not trust own.crt" in trouble.hung_up(Broker(tls=Tls(cert_file="own.crt")), greeted=False)


def test_tls_that_is_broken_off_is_told_apart_from_another_broken_connection() -> None:
    assert "perhaps it speaks plain MQTT" in trouble.unreached(ConnectionResetError(), Broker(tls=Tls()))
    assert "broke (reset)" in trouble.unreached(ConnectionResetError(104, "reset"), BROKER)


@pytest.mark.parametrize(
    "reason", [ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD, ConnAckReasonCode.NOT_AUTHORIZED]
)
def test_a_bad_login_is_told_without_the_password(reason: ConnAckReasonCode) -> None:
    sentence = trouble.not_welcome(ConnAckPacket(reason_code=reason), BROKER)
    assert 'refuses user "queue": check username and password' in sentence
    assert "geheim" not in sentence
    assert "a client without a user name" in trouble.not_welcome(ConnAckPacket(reason_code=reason), Broker())


def test_another_refusal_is_told_in_the_brokers_words() -> None:
    busy = ConnAckPacket(reason_code=ConnAckReasonCode.SERVER_BUSY, reason_str="come back tomorrow")
    assert trouble.not_welcome(busy, BROKER).endswith("refuses us: server busy (come back tomorrow)")


def test_two_services_with_one_client_id_are_told_so() -> None:
    packet = DisconnectPacket(reason_code=DisconnectReasonCode.SESSION_TAKEN_OVER)
    assert 'uses the client id "qw": give each queuewatch its own' in trouble.sent_away(packet, BROKER)
    packet = DisconnectPacket(reason_code=DisconnectReasonCode.SERVER_SHUTTING_DOWN)
    assert trouble.sent_away(packet, BROKER).endswith("ended the connection: server shutting down")


def test_a_missing_right_names_who_and_where() -> None:
    assert 'does not let user "queue" publish to a/b' in trouble.not_allowed("publish to", "a/b", BROKER)
    assert "anonymous clients subscribe to a/#" in trouble.not_allowed("subscribe to", "a/#", Broker())


def test_reasons_from_128_on_say_no() -> None:
    assert not trouble.says_no(PubAckReasonCode.NO_MATCHING_SUBSCRIBERS)
    assert not trouble.says_no(SubAckReasonCode.GRANTED_QOS_EXACTLY_ONCE)
    assert trouble.says_no(PubAckReasonCode.UNSPECIFIED_ERROR)
    assert trouble.says_no(SubAckReasonCode.UNSPECIFIED_ERROR)
