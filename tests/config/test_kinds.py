"""What single settings may be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from queuewatch.config import kinds


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (kinds.Language, "de-AT", "de_AT"),
        (kinds.Level, "north", "north/south"),
        (kinds.OpenTimes, "08:00-12:00, 13:00-18:00", "8-12"),
        (kinds.OpenTimes, "closed", ""),
        (kinds.Host, "broker", "broker:1883"),
        (kinds.Host, "fe80::1%eth0", "[fe80::1]"),
        (kinds.Host, "::", "*"),
        (kinds.Host, "127.0.0.1", "127.0.0.1:8080"),
        (kinds.Host, "münchen.example", "mqtt://broker"),
        (kinds.Port, 65535, 65536),
        (kinds.Share, 1.0, 0.0),
        (kinds.Currency, "EUR", "Euro"),
        (kinds.WallTime, "17:00", "5 pm"),
    ],
)
def test_a_setting_takes_what_it_means_and_nothing_near_it(kind: Any, good: object, bad: object) -> None:
    assert msgspec.convert(good, kind) == good
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, kind)
