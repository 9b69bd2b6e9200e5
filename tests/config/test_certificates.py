"""Certificates that the config names are tried when it is read, not when somebody calls at night."""

from __future__ import annotations

from pathlib import Path

import pytest

from queuewatch.config import ConfigError, load
from queuewatch.config.certificates import unusable

HELD = Path(__file__).parents[1] / "data" / "certificates"
OWN, KEY, OTHER = HELD / "own.crt", HELD / "own.key", HELD / "other.key"


def told(tmp_path: Path, text: str) -> str:
    """What a config with these lines is refused with."""
    path = tmp_path / "queuewatch.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(path)
    return str(refused.value)


def test_a_certificate_and_its_own_key_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text(f'[mqtt]\ntls = true\ntls_ca = "{OWN}"\ntls_cert = "{OWN}"\ntls_key = "{KEY}"\n')
    mqtt = load(path).mqtt
    assert mqtt is not None
    assert (mqtt.tls_ca, mqtt.tls_cert, mqtt.tls_key) == (OWN, OWN, KEY)
    assert unusable(OWN, KEY) is None


@pytest.mark.parametrize("section", ["http", "mqtt"])
def test_a_key_of_another_certificate_is_told_with_both_files(tmp_path: Path, section: str) -> None:
    tls = "tls = true\n" if section == "mqtt" else ""
    said = told(tmp_path, f'[{section}]\n{tls}tls_cert = "{OWN}"\ntls_key = "{OTHER}"\n')
    assert f"{section}.tls_cert {OWN} and {section}.tls_key {OTHER} cannot be used together" in said
    assert said.endswith("give a certificate and its own key in PEM, the key without a passphrase")


def test_a_file_that_is_no_certificate_is_told(tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("certificate and key\n")
    assert "cannot be used together" in told(
        tmp_path, f'[http]\ntls_cert = "{rubbish}"\ntls_key = "{rubbish}"\n'
    )
    said = told(tmp_path, f'[mqtt]\ntls = true\ntls_ca = "{rubbish}"\n')
    assert f"mqtt.tls_ca names {rubbish}, which holds no certificate" in said
