"""The sections: what follows from their values."""

from __future__ import annotations

import pytest

from queuewatch.config import Mqtt, token_hash


def test_the_hash_is_sha_256_of_the_text() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180


@pytest.mark.parametrize(
    ("mqtt", "port"), [(Mqtt(), 1883), (Mqtt(tls=True), 8883), (Mqtt(tls=True, port=1884), 1884)]
)
def test_the_broker_is_at_mqtts_own_port_unless_told(mqtt: Mqtt, port: int) -> None:
    assert mqtt.broker_port == port
