"""The asker's Accept header decides, as RFC 9110 says."""

from __future__ import annotations

import pytest

from queuewatch.serve.negotiate import has, preferred

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


@pytest.mark.parametrize("if_none_match", ['"a1"', 'W/"a1"', '"b2", W/"a1"', "*"])
def test_who_has_it_already_is_told_so_also_by_a_weak_tag(if_none_match: str) -> None:
    assert has(if_none_match, '"a1"')


@pytest.mark.parametrize("if_none_match", ["", '"b2"', "a1"])
def test_who_has_another_or_none_is_given_it(if_none_match: str) -> None:
    assert not has(if_none_match, '"a1"')
