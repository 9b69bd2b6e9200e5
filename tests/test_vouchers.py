"""Codes of vouchers: unguessable, the same after a restart, forgiving to those who read them aloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.vouchers import ALPHABET, Codes, match, normalise

OURS, OTHERS = Codes(b"0123456789abcdef"), Codes(b"0123456789abcdeg")
KNOWN = {one: OURS.code(one) for one in "abc"}


def test_a_code_has_80_bits_in_four_groups_of_letters_that_are_not_taken_for_others() -> None:
    code = OURS.code("incentive/default/long-wait/sales/ada/1")
    groups = code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)
    assert len(ALPHABET) == 32


@given(st.text())
def test_a_code_is_the_same_after_a_restart_and_another_with_another_key(incentive: str) -> None:
    assert OURS.code(incentive) == Codes(b"0123456789abcdef").code(incentive)
    assert OURS.code(incentive) != OTHERS.code(incentive)


def test_codes_of_neighbours_have_nothing_in_common() -> None:
    codes = {OURS.code(f"incentive/default/long-wait/sales/c{number}/1") for number in range(1000)}
    assert len(codes) == 1000
    for place in (0, 8, 18):
        assert len({code[place] for code in codes}) == len(ALPHABET)


def test_a_code_is_found_however_it_was_read() -> None:
    code = OURS.code("b")
    assert match(code, KNOWN) == "b"
    assert match(f" {code.lower().replace('-', ' ')} ", KNOWN) == "b"
    assert normalise("oil-OIL 0U") == "0110110U"


@pytest.mark.parametrize("shown", ["", "ä", "0000-0000-0000-0000"])
def test_a_code_that_is_none_finds_none(shown: str) -> None:
    assert match(shown, KNOWN) is None
    assert match(shown, {}) is None


def test_a_key_too_short_to_keep_anything_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="the key for vouchers has 15 bytes"):
        Codes(b"0123456789abcde")
    assert "0123456789" not in repr(OURS)
