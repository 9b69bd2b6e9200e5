"""Tests of signatures and shared secrets; the digests are those of RFC 2202 and RFC 4231."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from queuewatch.ports import Refused
from queuewatch.sources.webhook_signatures import Call, based, body_hmac, hexed, hub_sha1, same, stale

KEY, SIGNED = "Jefe", b"what do ya want for nothing?"
SHA1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
SHA256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def call(now: float = 0.0, **headers: str) -> Call:
    return Call({name.replace("_", "-"): value for name, value in headers.items()}, SIGNED, "http://x/", now)


def test_the_digests_are_those_of_the_rfcs() -> None:
    assert hexed(KEY, SIGNED, "sha1") == SHA1
    assert hexed(KEY, SIGNED, "sha256") == SHA256
    assert based(KEY, SIGNED, "sha256") == base64.b64encode(bytes.fromhex(SHA256)).decode()


def test_a_hub_signature_fits_or_does_not() -> None:
    assert hub_sha1(call(x_hub_signature=f"sha1={SHA1}"), KEY) is None
    for shown in ("", SHA1, f"sha1={SHA1[:-1]}0", "sha1=", f"sha256={SHA256}"):
        assert isinstance(hub_sha1(call(x_hub_signature=shown), KEY), Refused)


@pytest.mark.parametrize(
    ("shown", "fits"),
    [
        (SHA256, True),
        (SHA256.upper(), True),
        (f"sha256={SHA256}", True),
        (base64.b64encode(bytes.fromhex(SHA256)).decode(), True),
        (SHA1, False),
        ("", False),
        ("é", False),
    ],
)
def test_an_hmac_of_the_body_may_be_written_in_each_usual_way(shown: str, fits: bool) -> None:
    refused = body_hmac("X-Sig", "sha256")(call(x_sig=shown), KEY)
    assert (refused is None) is fits


def test_comparing_takes_any_text() -> None:
    assert same("ä\udcff", "ä\udcff")
    assert not same("ä", "a")


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        ("1000", None),
        ("1970-01-01T00:16:40Z", None),
        ("699", "stale_signature"),
        ("700", None),
        ("1300", None),
        ("1301", "stale_signature"),
        ("", "bad_signature"),
        ("soon", "bad_signature"),
    ],
)
def test_a_signed_time_holds_for_five_minutes_either_way(stamp: str, reason: Any) -> None:
    refused = stale(call(1000.0), stamp)
    assert (refused and refused.reason) == reason
