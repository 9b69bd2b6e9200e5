"""Settings of a broker: what they show, what TLS files are accepted, how long the pauses are."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.config import Mqtt, Secret
from queuewatch.mqtt.broker import BackOff, Broker, BrokerError, Tls, broker_of, tls_context


def test_the_password_is_in_no_text_about_a_broker() -> None:
    broker = Broker(username="queue", password="geheim")
    assert "geheim" not in f"{broker!r} {broker} {broker.address}"


def test_an_address_is_host_and_port() -> None:
    assert Broker(host="mqtt.example.org", port=8883, tls=Tls()).address == "mqtt.example.org:8883"


def test_a_section_of_the_config_names_a_broker() -> None:
    section = Mqtt(
        host="mqtt.example.org",
        username="queue",
        password=Secret("geheim"),
        tls=True,
        tls_ca=Path("/etc/ca.crt"),
        client_id="qw",
        keepalive_s=7,
        max_inflight=9,
    )
    assert broker_of(section) == Broker(
        host="mqtt.example.org",
        port=8883,
        username="queue",
        password="geheim",
        tls=Tls(ca_file="/etc/ca.crt"),
        client_id="qw",
        keep_alive_s=7,
        receive_max=9,
    )
    assert broker_of(Mqtt()).tls is None
    assert broker_of(Mqtt()).address == "127.0.0.1:1883"


def test_tls_checks_the_certificate_and_the_hosts_name() -> None:
    context = tls_context(Tls())
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_ca_file_that_is_not_there_is_named() -> None:
    with pytest.raises(BrokerError, match=r"^/nowhere/ca\.crt cannot be read as a CA certificate"):
        tls_context(Tls(ca_file="/nowhere/ca.crt"))


def test_a_client_certificate_that_holds_none_is_named_with_its_key(tmp_path: Path) -> None:
    cert, key = tmp_path / "client.crt", tmp_path / "client.key"
    cert.write_text("no certificate")
    key.write_text("no key")
    with pytest.raises(BrokerError, match=r"client\.crt and .*client\.key cannot be read as a certificate"):
        tls_context(Tls(cert_file=str(cert), key_file=str(key)))
    with pytest.raises(BrokerError, match=r"client\.crt cannot be read as a certificate"):
        tls_context(Tls(cert_file=str(cert)))


def test_pauses_double_up_to_half_a_minute() -> None:
    shortest, longest = BackOff(lambda: 0.0), BackOff(lambda: 1.0)
    assert [longest.next_s(0.0) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert [shortest.next_s(0.0) for _ in range(7)] == [0.5, 1, 2, 4, 8, 15, 15]


@pytest.mark.parametrize(("stood_s", "pause_s"), [(59.9, 4.0), (60.0, 1.0)])
def test_pauses_begin_anew_only_after_a_connection_that_lasted_a_minute(
    stood_s: float, pause_s: float
) -> None:
    back_off = BackOff(lambda: 1.0)
    assert [back_off.next_s(0.0), back_off.next_s(0.0)] == [1.0, 2.0]
    back_off.connected(100.0)
    assert back_off.next_s(100.0 + stood_s) == pause_s


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=2000))
def test_a_pause_is_between_half_a_second_and_half_a_minute(chances: list[float]) -> None:
    numbers = iter(chances)
    back_off = BackOff(lambda: next(numbers))
    assert all(0.5 <= back_off.next_s(0.0) <= 30 for _ in chances)
