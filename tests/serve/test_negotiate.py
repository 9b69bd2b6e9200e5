"""The asker's Accept header decides, as RFC 9110 says."""

from __future__ import annotations

import pytest

from queuewatch.serve.negotiate import preferred

OFFERED = ("application/json", "text/plain", "application/ssml+xml")


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/plain", "text/plain"),
        ("TEXT/*", "text/plain"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("application/json;q=0.5, application/ssml+xml", "application/ssml+xml"),
        ("application/*;q=0.2, text/plain;q=0.3", "text/plain"),
        ("*/*, application/json;q=0", "text/plain"),
        ("text/plain;format=flowed; q=1", "text/plain"),
        ("image/png", None),
        ("text/plain;q=0", None),
        ("text/plain;q=much", None),
        ("text/plain;q=7, application/json", "application/json"),
    ],
)
def test_the_best_liked_type_is_given(accept: str, given: str | None) -> None:
    assert preferred(accept, OFFERED) == given
