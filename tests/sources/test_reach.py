"""Tests of why another machine cannot be reached, in a sentence with its cure."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from queuewatch.sources.reach import unreachable

SELF_SIGNED = "self-signed certificate"
WHOM_TO_TRUST = "name who signed it in tls_ca, and host as it says"


def untrusted() -> OSError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] (_ssl.c:1006)")
    error.verify_message = SELF_SIGNED
    return error


def other_protocol() -> OSError:
    error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('10.0.0.9', 5038)"),
            "pbx:5038 cannot be reached (Connection refused); is it up?",
        ),
        (
            OSError("Multiple exceptions: two"),
            "pbx:5038 cannot be reached (Multiple exceptions: two); is it up?",
        ),
        (
            socket.gaierror(-2, "Name or service not known"),
            "pbx:5038: no such host is known (Name or service not known); mend host",
        ),
        (
            untrusted(),
            f"pbx:5038: its certificate is not trusted ({SELF_SIGNED}); {WHOM_TO_TRUST}",
        ),
        (
            other_protocol(),
            "pbx:5038: TLS fails (WRONG_VERSION_NUMBER); set tls and port to what is spoken there",
        ),
        (ssl.SSLError("odd"), "pbx:5038: TLS fails (('odd',)); set tls and port to what is spoken there"),
    ],
)
def test_each_way_not_to_be_reached_has_its_cure(error: OSError, sentence: str) -> None:
    assert unreachable("pbx:5038", error, "is it up?") == sentence
