"""The sections: what follows from their values."""

from __future__ import annotations

import hashlib

import pytest

from queuewatch.config import Mqtt, Token, token_hash

TOKEN = Token(name="pbx", scopes=("ingest",), sha256=hashlib.sha256(b"qw_right").hexdigest())


def test_the_hash_is_sha_256_of_the_text() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180


@pytest.mark.parametrize(
    ("shown", "fits"),
    [("qw_right", True), ("qw_wrong", False), ("", False), (TOKEN.sha256, False), ("qw_right\udcff", False)],
)
def test_only_the_token_itself_fits(shown: str, fits: bool) -> None:
    assert TOKEN.matches(shown) is fits


@pytest.mark.parametrize(
    ("mqtt", "port"), [(Mqtt(), 1883), (Mqtt(tls=True), 8883), (Mqtt(tls=True, port=1884), 1884)]
)
def test_the_broker_is_at_mqtts_own_port_unless_told(mqtt: Mqtt, port: int) -> None:
    assert mqtt.broker_port == port
