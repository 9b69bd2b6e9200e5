"""Every sender over HTTP is held to the same: what is tried again, what is final, and what is never told."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

import pytest

from queuewatch.outgoing import Issuer, Sender
from queuewatch.ports import SendFailedError
from queuewatch.senders.web import Line, header_text, host_of, retry_after_s
from tests.clocks import NOON
from tests.senders.battery import SECRET, SENDERS, FarSide, delivery, free_port

QUICK = Line(timeout_s=0.2)
PATIENT = Line(timeout_s=5.0)
STATUSES = sorted({int(status) for status in HTTPStatus if status >= 300 and status != 304})
LATER = {408, 425, 429}
ALL = pytest.mark.parametrize("name", SENDERS)


async def failed(sender: Sender) -> SendFailedError:
    with pytest.raises(SendFailedError) as caught:
        await sender.send(delivery(sender))
    return caught.value


@ALL
async def test_what_the_other_side_takes_is_sent(name: str) -> None:
    async with FarSide().open() as far:
        sender = SENDERS[name](far.url, PATIENT)
        await sender.send(delivery(sender))
    assert len(far.asked) == 1


@ALL
async def test_every_status_is_either_tried_again_or_final(name: str) -> None:
    async with FarSide(body=b"no").open() as far:
        sender = SENDERS[name](far.url, PATIENT)
        for status in STATUSES:
            far.status = status
            error = await failed(sender)
            later = status in LATER or status >= 500 or (name == "issuer" and status == 409)
            if name == "slack bot":
                later = later or status < 500  # Slack's API says no with a word, not with a status
            assert error.permanent == (not later), status
            assert str(status) in str(error) or status == 409
            assert SECRET not in str(error)


@ALL
async def test_a_pause_that_is_asked_for_is_kept(name: str) -> None:
    async with FarSide(
        status=429, headers={"Retry-After": "17"}, body=b'{"error": "ratelimited"}'
    ).open() as far:
        error = await failed(SENDERS[name](far.url, PATIENT))
    assert (error.permanent, error.retry_after_s) == (False, 17.0)


@ALL
async def test_silence_is_a_time_out_after_which_nobody_is_sure(name: str) -> None:
    line = Line(timeout_s=1.0) if name.startswith("slack") else QUICK  # slack_sdk counts in whole seconds
    async with FarSide(silent=True).open() as far:
        error = await failed(SENDERS[name](far.url, line))
    assert (error.permanent, error.unsure) == (False, True)
    assert "did not answer within" in str(error)
    assert SECRET not in str(error)


@ALL
async def test_where_nobody_listens_it_is_tried_again_and_the_host_is_named(name: str) -> None:
    error = await failed(SENDERS[name](f"http://127.0.0.1:{free_port()}", PATIENT))
    assert not error.permanent
    assert "127.0.0.1 cannot be reached" in str(error)
    assert SECRET not in str(error)


@ALL
async def test_a_connection_that_breaks_is_tried_again(name: str) -> None:
    async with FarSide(breaks=True).open() as far:
        error = await failed(SENDERS[name](far.url, PATIENT))
    assert (error.permanent, error.unsure) == (False, True)
    assert SECRET not in str(error)


@ALL
async def test_its_secret_is_in_nothing_that_it_says_of_itself(name: str) -> None:
    sender = SENDERS[name]("http://127.0.0.1:1", PATIENT)
    assert SECRET not in f"{sender!r} {sender.name} {sender.manner}"


@ALL
@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"7", b"[" * 9_999], ids=["none", "latin-1", "number", "deep"]
)
async def test_an_answer_that_nobody_can_read_ends_nothing(name: str, body: bytes, status: int) -> None:
    async with FarSide(status=status, body=body).open() as far:
        sender = SENDERS[name](far.url, PATIENT)
        with suppress(SendFailedError):
            await sender.send(delivery(sender))
    assert len(far.asked) == 1


@ALL
async def test_what_it_is_not_for_is_refused_for_good(name: str) -> None:
    from queuewatch.outgoing import Delivery  # noqa: PLC0415

    sender = SENDERS[name]("http://127.0.0.1:1", PATIENT)
    with pytest.raises(SendFailedError) as caught:
        await sender.send(Delivery(key="k", kind="alert", at=NOON))
    assert caught.value.permanent


@ALL
async def test_only_an_issuer_is_asked_before_it_is_asked_again(name: str) -> None:
    assert isinstance(SENDERS[name]("http://127.0.0.1:1", PATIENT), Issuer) == (name == "issuer")


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        (None, None),
        ("30", 30.0),
        (" 0 ", 0.0),
        ("99999", 3600.0),
        ("Sat, 21 Nov 2026 12:00:45 GMT", 45.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("Sat, 21 Nov 99999999999999999999 12:00:45 GMT", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, wait_s: float | None) -> None:
    assert retry_after_s(header, NOON) == wait_s


def test_a_key_fits_into_a_header_whatever_the_names_in_it() -> None:
    assert header_text("notice/default/grüße") == r"notice/default/gr\xfc\xdfe"
    assert header_text("notice/a\r\nX: y/\0\x7f\t") == r"notice/a\x0d\x0aX: y/\x00\x7f\x09"


def test_of_an_address_only_the_host_is_named() -> None:
    assert host_of("https://hooks.example/services/x?token=y") == "hooks.example"
    assert host_of("https://[") == "the other side"
    assert host_of("nonsense") == "the other side"
