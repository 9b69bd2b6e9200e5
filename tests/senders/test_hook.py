"""Generic webhooks: signed as Standard Webhooks has it, the same id at every attempt."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from queuewatch.outgoing import Delivery, DeliveryKind
from queuewatch.senders.hook import Hook, signature
from queuewatch.senders.web import Line
from tests.clocks import HandClock
from tests.decided import NOON, alert
from tests.senders.battery import SECRET, FarSide, hook
from tests.senders.spoken import Words, view


async def test_who_gets_it_can_check_that_we_sent_it() -> None:
    async with FarSide().open() as far:
        await hook(far.url, Line()).send(Delivery(key=alert().key, kind="alert", at=NOON, decision=alert()))
    _, _, headers, body = far.asked[0]
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["Webhook-Signature"] == f"v1,{wanted}"
    assert headers["Webhook-Id"] == headers["Idempotency-Key"] == alert().key
    assert json.loads(body)["decision"] == "alert"


def test_the_signature_is_that_of_the_standard() -> None:
    """The example that the standard's own libraries are tested with."""
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature("s", "a", 1, b"x") != signature("s", "a", 1, b"y")


async def test_what_is_signed_is_the_id_that_is_sent_also_of_a_queue_with_an_umlaut() -> None:
    async with FarSide().open() as far:
        await hook(far.url, Line()).send(Delivery(key="alert/grüße", kind="alert", at=NOON, decision=alert()))
    _, _, headers, body = far.asked[0]
    assert headers["Webhook-Signature"] == signature(
        SECRET, headers["Webhook-Id"], int(headers["Webhook-Timestamp"]), body
    )


async def test_a_notice_goes_out_with_its_texts_and_without_a_secret_nothing_is_signed() -> None:
    async with FarSide().open() as far:
        kinds: frozenset[DeliveryKind] = frozenset(("notice",))
        sender = Hook(
            "widget",
            far.url,
            None,
            kinds,
            HandClock(),
            line=Line(),
            wording=Words(),
            languages=["en", "nl"],
        )
        await sender.send(Delivery(key="notice/grüße", kind="notice", at=NOON, view=view()))
    _, _, headers, body = far.asked[0]
    assert set(json.loads(body)["text"]) == {"en", "nl"}
    assert "Webhook-Signature" not in headers
    assert headers["Webhook-Id"].isascii()


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\0b", "tab\there"])
async def test_a_name_with_a_line_end_in_it_is_sent_like_any_other(name: str) -> None:
    async with FarSide().open() as far:
        await hook(far.url, Line()).send(
            Delivery(key=f"alert/{name}", kind="alert", at=NOON, decision=alert())
        )
    headers = far.asked[0][2]
    assert headers["Webhook-Id"] == headers["Idempotency-Key"]
    assert headers["Webhook-Id"].isprintable()


async def test_trying_sends_nothing() -> None:
    async with FarSide(status=405).open() as far:
        sender = hook(far.url, Line())
        assert isinstance(sender, Hook)
        assert "nothing was sent" in await sender.probe()
    assert [one[0] for one in far.asked] == ["HEAD"]
