"""Tests of what a source that we go to is told."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from queuewatch.sources.context import Context, UnusableError, tls_context
from tests.clocks import HandClock


def context(data_dir: Path) -> Context:
    return Context(name="pbx", site="north", clock=HandClock(), hash_customer=str.upper, data_dir=data_dir)


def test_a_reader_is_told_the_same(tmp_path: Path) -> None:
    reading = context(tmp_path).reading
    assert (reading.source, reading.site, reading.hash_customer("a")) == ("pbx", "north", "A")


def test_what_is_kept_has_a_directory_by_then(tmp_path: Path) -> None:
    kept = context(tmp_path / "var").kept("position")
    kept.write_text("here")
    assert kept == tmp_path / "var/sources/pbx.position"
    assert context(tmp_path / "var").kept("position") == kept


def test_a_data_dir_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(UnusableError, match=r"var/sources cannot be made \(.*\); mend the rights"):
        context(tmp_path / "var").kept("position")


def test_without_an_authority_the_systems_are_trusted() -> None:
    assert tls_context(None).verify_mode is ssl.CERT_REQUIRED


def test_a_file_that_holds_no_certificate_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pbx.pem"
    path.write_text("hello")
    with pytest.raises(UnusableError, match=r"tls_ca .*pbx\.pem cannot be read as a certificate"):
        tls_context(path)
