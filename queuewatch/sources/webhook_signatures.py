"""Who sent a webhook: shared secrets and signatures, each compared in a time that tells nothing."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Literal
from urllib.parse import parse_qs

from msgspec import Struct

from queuewatch.ports import Refused
from queuewatch.sources.reading import moment

Digest = Literal["sha1", "sha256"]


class Call(Struct, frozen=True):
    """One request, as far as a signature goes.

    Attributes:
        headers: By name in lower case.
        body: As it came.
        url: As the sender calls it, with its query.
        now: The present.
        max_age_s: How far a signed time may be from the present, seconds.
    """

    headers: Mapping[str, str]
    body: bytes
    url: str
    now: float
    max_age_s: float = 300.0


Verify = Callable[[Call, str], Refused | None]
"""A check of a request against a secret: None where it fits, else why it is refused."""


def octets(written: str) -> bytes:
    """A header or URL as it came: what is no UTF-8 in it is kept as it is."""
    return written.encode("utf-8", "surrogateescape")


def query(url: str) -> dict[str, list[str]]:
    """The parameters in a URL, however odd the rest of it is."""
    return parse_qs(url.partition("#")[0].partition("?")[2])


def same(shown: str, wanted: str) -> bool:
    """Whether two texts are equal, in a time that does not tell how far."""
    return hmac.compare_digest(shown.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))


def bad(sentence: str) -> Refused:
    """Refuse a signature."""
    return Refused("bad_signature", sentence)


def stale(call: Call, stamp: str) -> Refused | None:
    """Refuse a signed time (RFC 3339 or epoch seconds) that is too far from the present."""
    try:
        at = moment(stamp, UTC)
    except ValueError:
        return bad("the signature's timestamp is no time")
    if abs(call.now - at) > call.max_age_s:
        return Refused(
            "stale_signature",
            f"the signature is {abs(call.now - at):.0f} s away from our clock; "
            "set the clocks, or raise max_age_s",
        )
    return None


def hexed(secret: str, signed: bytes, digest: Digest) -> str:
    """The HMAC, in hexadecimal."""
    return hmac.digest(octets(secret), signed, digest).hex()


def based(secret: str, signed: bytes, digest: Digest) -> str:
    """The HMAC, in base64."""
    return base64.b64encode(hmac.digest(octets(secret), signed, digest)).decode()


def hub_sha1(call: Call, secret: str) -> Refused | None:
    """`X-Hub-Signature: sha1=<hex HMAC of the body>`, as Intercom and Zammad sign."""
    shown = call.headers.get("x-hub-signature", "")
    if same(shown, f"sha1={hexed(secret, call.body, 'sha1')}"):
        return None
    return bad("X-Hub-Signature does not fit the body and the secret")


def body_hmac(header: str, digest: Digest) -> Verify:
    """A check of a header that holds the body's HMAC in hexadecimal or base64, `sha…=` before it or not."""

    def verify(call: Call, secret: str) -> Refused | None:
        shown = call.headers.get(header.lower(), "").strip().removeprefix(f"{digest}=")
        fits_hex = same(shown.lower(), hexed(secret, call.body, digest))
        fits_base64 = same(shown, based(secret, call.body, digest))
        return None if fits_hex or fits_base64 else bad(f"{header} does not fit the body and the secret")

    return verify


def token(header: str = "X-Api-Key") -> Verify:
    """A check of a secret that is shown as it is.

    It may be shown in `header`, as `Authorization: Bearer` or as the password of `Authorization: Basic`, or,
    by those who can set no headers, as `token` in the URL.
    """

    def verify(call: Call, secret: str) -> Refused | None:
        scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
        shown = [call.headers.get(header.lower(), ""), *query(call.url).get("token", [])]
        if scheme.lower() == "bearer":
            shown.append(credentials.strip())
        elif scheme.lower() == "basic":
            shown.append(_password(credentials))
        fits = [same(one, secret) for one in shown]
        return None if any(fits) else bad(f"the secret is not shown, or not the right one ({header})")

    return verify


def _password(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
