"""Decisions: which is which, and that each can be written down and read again."""

from __future__ import annotations

import msgspec
import pytest

from queuewatch.core.decisions import Decision, named, notices_among
from tests.decided import NOON, alert, notice, voucher


def test_notices_are_found_among_other_decisions_in_their_order() -> None:
    first, later = notice(), notice("normal", at=NOON + 5.0)
    assert notices_among([voucher(), first, alert(), later]) == [first, later]


@pytest.mark.parametrize("decision", [notice(), voucher(), alert()])
def test_a_decision_that_was_written_down_reads_as_it_was(decision: Decision) -> None:
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == decision


def test_a_key_is_made_of_names_and_no_two_are_the_same() -> None:
    assert named("a", "b/c") == "a/b%2Fc"
    assert named("a%2Fb") == "a%252Fb"
