"""The words of facts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from queuewatch.core.facts import terms


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (terms.Channel, "email", "fax"),
        (terms.Name, "a", ""),
        (terms.Name, "a" * 256, "a" * 257),
        (terms.Seconds, 1e9, 1.1e9),
        (terms.Seconds, 0.0, -0.1),
        (terms.Whole, 2**31 - 1, 2**31),
        (terms.LeftReason, "timed_out", "bored"),
    ],
)
def test_a_word_is_one_of_the_list_and_a_number_one_that_can_be(kind: Any, good: object, bad: object) -> None:
    assert msgspec.convert(good, kind) == good
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, kind)


def test_the_channels_are_listed() -> None:
    assert terms.CHANNELS == ("phone", "chat", "email")
