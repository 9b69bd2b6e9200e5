"""The issuer outside: a key that makes it issue once, and a question where nobody is sure."""

from __future__ import annotations

import json

import pytest

from queuewatch.outgoing import Delivery
from queuewatch.ports import SendFailedError
from queuewatch.senders.issuer import HttpIssuer
from queuewatch.senders.web import Line
from tests.clocks import HandClock
from tests.decided import NOON, voucher
from tests.senders.battery import SECRET, FarSide, issuer

OWED = Delivery(key=voucher().key, kind="voucher", at=NOON, decision=voucher())


def made(url: str) -> HttpIssuer:
    sender = issuer(url, Line())
    assert isinstance(sender, HttpIssuer)
    return sender


async def test_it_is_asked_with_the_key_and_answers_with_the_code() -> None:
    async with FarSide(status=201).open() as far:
        assert await made(far.url).send(OWED) == "ABCD"
    method, path, headers, body = far.asked[0]
    assert (method, path, headers["Idempotency-Key"]) == ("POST", "/vouchers", OWED.key)
    assert headers["Authorization"] == f"Bearer {SECRET}"
    asked = json.loads(body)
    assert (asked["amount"], asked["currency"], asked["reason"]) == ("10.00", "EUR", "wait_passed")
    assert "contact" not in asked


async def test_a_name_with_a_line_end_in_it_is_asked_for_like_any_other() -> None:
    owed = Delivery(key="voucher/default/a\nb", kind="voucher", at=NOON, decision=voucher())
    async with FarSide(status=201).open() as far:
        assert await made(far.url).send(owed) == "ABCD"
    assert far.asked[0][2]["Idempotency-Key"] == r"voucher/default/a\x0ab"


async def test_without_a_token_none_is_shown() -> None:
    async with FarSide().open() as far:
        await HttpIssuer(far.url, f"{far.url}/{{key}}", None, HandClock(), Line()).send(OWED)
    assert "Authorization" not in far.asked[0][2]


async def test_it_tells_whether_there_is_one_under_the_key() -> None:
    async with FarSide().open() as far:
        assert await made(far.url).ask(OWED) == "ABCD"
        assert far.asked[0][:2] == ("GET", f"/vouchers/{OWED.key.replace('/', '%2F')}")
        far.status = 404
        assert await made(far.url).ask(OWED) is None


@pytest.mark.parametrize("status", [301, 401, 403, 410, 429, 500, 503])
async def test_an_issuer_that_does_not_say_is_asked_again_and_never_given_up(status: int) -> None:
    async with FarSide(status=status).open() as far:
        with pytest.raises(SendFailedError) as caught:
            await made(far.url).ask(OWED)
    assert not caught.value.permanent


async def test_a_conflict_means_that_there_may_be_one_so_it_is_asked() -> None:
    async with FarSide(status=409).open() as far:
        with pytest.raises(SendFailedError) as caught:
            await made(far.url).send(OWED)
    assert (caught.value.permanent, caught.value.unsure) == (False, True)


@pytest.mark.parametrize(("status", "unsure"), [(429, False), (500, True), (408, True), (503, True)])
async def test_only_who_is_turned_away_at_the_door_is_sure(status: int, unsure: bool) -> None:
    async with FarSide(status=status).open() as far:
        with pytest.raises(SendFailedError) as caught:
            await made(far.url).send(OWED)
    assert caught.value.unsure == unsure


@pytest.mark.parametrize("body", [b"", b"thanks", b"\xff", b"[]", b"[" * 9_999, b'{"code": 7}'])
async def test_an_answer_without_a_code_is_issued_all_the_same(body: bytes) -> None:
    async with FarSide(body=body).open() as far:
        assert await made(far.url).send(OWED) == ""


async def test_trying_asks_for_one_that_there_is_not() -> None:
    async with FarSide(status=404).open() as far:
        assert await made(far.url).probe() == "127.0.0.1 answers for vouchers"
        far.status = 401
        with pytest.raises(SendFailedError, match="401"):
            await made(far.url).probe()
