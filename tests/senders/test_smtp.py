"""Tests of handing mail to a server: empty envelope sender, logins, TLS, refusals, and no secrets told."""

from __future__ import annotations

import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from queuewatch.ports import SendFailedError
from queuewatch.senders.smtp import SmtpServer, send, try_out
from tests.real.mailserver import make_certificate
from tests.senders.mailbox import Taker, mail_server

TO = "ana@customer.example"


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Re: parcel"
    mail.set_content("Grüße")
    return mail


def to(taker: Taker, **more: Any) -> SmtpServer:
    return SmtpServer(host="127.0.0.1", port=taker.port, **more)


async def refusal(server: SmtpServer, address: str = TO) -> SendFailedError:
    with pytest.raises(SendFailedError) as caught:
        await send(server, a_mail(), address)
    for unseen in (TO, "t0ps3cret", "wr0ng"):
        assert unseen not in str(caught.value)
    return caught.value


async def test_a_mail_goes_out_with_an_empty_envelope_sender() -> None:
    async with mail_server() as taker:
        await send(to(taker), a_mail(), TO)
    (envelope,) = taker.taken
    assert envelope.mail_from == "<>"
    assert envelope.rcpt_tos == [TO]


async def test_it_logs_in() -> None:
    async with mail_server(login=True) as taker:
        await send(to(taker, username="support", password="t0ps3cret"), a_mail(), TO)
        assert await try_out(to(taker, username="support", password="t0ps3cret")) == (
            f'127.0.0.1:{taker.port} lets in "support" in the clear; nothing was sent'
        )
    assert len(taker.taken) == 1


async def test_a_wrong_password_is_told_without_it() -> None:
    async with mail_server(login=True) as taker:
        server = to(taker, username="support", password="wr0ng")
        error = await refusal(server)
        assert error.permanent
        assert not error.unsure
        assert "check username and password" in str(error)
        with pytest.raises(SendFailedError, match="check username and password"):
            await try_out(server)
    assert "wr0ng" not in repr(server)


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("451 4.7.1 try again later", False), ("550 5.1.1 <ana@customer.example> unknown", True)],
)
async def test_an_address_that_is_not_taken_is_told_without_it(answer: str, *, permanent: bool) -> None:
    async with mail_server() as taker:
        taker.to_recipient = answer
        error = await refusal(to(taker))
    assert error.permanent is permanent
    assert not error.unsure


@pytest.mark.parametrize(
    ("answer", "permanent"), [("452 full", False), ("554 no thanks, ana@customer.example", True)]
)
async def test_a_mail_that_is_refused_is_told_with_the_reason(answer: str, *, permanent: bool) -> None:
    async with mail_server() as taker:
        taker.to_data = answer
        error = await refusal(to(taker))
    assert error.permanent is permanent
    assert not error.unsure


async def test_nobody_there_is_told() -> None:
    error = await refusal(SmtpServer(host="127.0.0.1", port=9))
    assert not error.permanent
    assert not error.unsure
    with pytest.raises(SendFailedError, match="cannot be reached"):
        await try_out(SmtpServer(host="127.0.0.1", port=9))


async def test_an_address_beyond_ascii_is_not_written_to() -> None:
    async with mail_server() as taker:
        error = await refusal(to(taker), "änä@customer.example")
    assert error.permanent


async def test_without_a_name_it_just_takes_mail() -> None:
    async with mail_server() as taker:
        assert "takes mail from us in the clear" in await try_out(to(taker))


@pytest.mark.real
@pytest.mark.parametrize("starttls", [False, True])
async def test_over_tls_and_only_to_whom_its_authority_vouches_for(tmp_path: Path, *, starttls: bool) -> None:
    make_certificate(tmp_path)
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    known = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    async with mail_server(tls=own, starttls=starttls) as taker:
        await send(to(taker, tls=known, starttls=starttls), a_mail(), TO)
        assert "over TLS" in await try_out(to(taker, tls=known, starttls=starttls))
        error = await refusal(to(taker, tls=ssl.create_default_context(), starttls=starttls))
        assert "name its CA in tls_ca" in str(error)
    assert len(taker.taken) == 1


async def test_a_server_without_starttls_is_told_nothing() -> None:
    async with mail_server() as taker:
        error = await refusal(to(taker, tls=ssl.create_default_context(), starttls=True))
        assert "see tls" in str(error)
    assert taker.taken == []
