"""Decisions as programs get them."""

from __future__ import annotations

import json

from queuewatch.senders.payload import encoded, told
from tests.decided import alert, voucher


def test_points_in_time_are_rfc_3339_and_all_else_is_as_decided() -> None:
    said = told(alert())
    assert (said["decision"], said["at"], said["since_at"]) == (
        "alert",
        "2026-11-21T12:00:00.000000Z",
        "2026-11-21T12:00:00.000000Z",
    )
    assert (said["oldest_wait_s"], said["chances"]) == (245.0, {"60": 0.62, "180": 0.3})


def test_money_is_text_so_that_no_cent_is_lost() -> None:
    said = json.loads(encoded(voucher()))
    assert said["benefit"] == {"amount": "10.00", "currency": "EUR", "percent": None, "text": {}}
