"""The key that customers' identifiers are hashed with."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from queuewatch.config import ConfigError, Secret, Service, Settings, customer_key, voucher_key
from queuewatch.config.care import BudgetSection
from queuewatch.config.customers import key_is_to_be_made
from queuewatch.config.sections import Customers


def test_a_configured_key_is_used_and_none_is_made(tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path), customers=Customers(key=Secret("ours")))
    assert customer_key(settings).reveal() == "ours"
    assert list(tmp_path.iterdir()) == []


def test_without_one_a_key_is_made_once_and_kept_for_the_service_alone(tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path / "var"))
    key = customer_key(settings)
    assert len(key.reveal()) == 64
    assert customer_key(settings) == key
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["customers.key"]
    assert stat.S_IMODE((tmp_path / "var/customers.key").stat().st_mode) == 0o600


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    one, other = (Settings(service=Service(data_dir=tmp_path / name)) for name in ("one", "other"))
    assert customer_key(one) != customer_key(other)


def test_an_empty_key_is_refused_rather_than_used(tmp_path: Path) -> None:
    (tmp_path / "customers.key").write_text("\n")
    with pytest.raises(ConfigError, match=r"customers\.key: the key is empty; restore it"):
        customer_key(Settings(service=Service(data_dir=tmp_path)))


@pytest.mark.parametrize("kept", [b"x\n", b"\xff" * 64])
def test_a_damaged_key_is_refused_rather_than_used(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "customers.key").write_bytes(kept)
    with pytest.raises(ConfigError, match=r"customers\.key: the key is damaged; restore it"):
        customer_key(Settings(service=Service(data_dir=tmp_path)))


def test_a_key_is_to_be_made_where_none_is_configured_or_kept(tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path))
    assert key_is_to_be_made(settings)
    customer_key(settings)
    assert not key_is_to_be_made(settings)
    ours = Settings(service=Service(data_dir=tmp_path / "other"), customers=Customers(key=Secret("ours")))
    assert not key_is_to_be_made(ours)


def test_where_no_key_can_be_kept_the_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, not a directory")
    with pytest.raises(ConfigError, match=r"var/customers\.key: the key .* cannot be kept here"):
        customer_key(Settings(service=Service(data_dir=tmp_path / "var")))


def test_a_kept_key_that_this_user_may_not_read_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "customers.key").mkdir()  # what cannot be read, by root either
    with pytest.raises(
        ConfigError, match=r"cannot be read \(.*\); mend the rights of this file, or set cust"
    ):
        customer_key(Settings(service=Service(data_dir=tmp_path)))


def test_the_key_for_vouchers_is_another_and_kept_beside_it(tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path))
    assert voucher_key(settings) == voucher_key(settings) != customer_key(settings)
    assert {path.name for path in tmp_path.iterdir()} == {"customers.key", "vouchers.key"}


def test_a_configured_key_for_vouchers_is_used(tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path), budget=BudgetSection(code_key=Secret("ours")))
    assert voucher_key(settings).reveal() == "ours"
    assert list(tmp_path.iterdir()) == []
