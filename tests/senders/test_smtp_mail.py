"""Tests of the acknowledgement as a mail: its thread, its marks, and that nobody's words can break it."""

from __future__ import annotations

from contextlib import suppress
from email import message_from_bytes
from email.policy import default
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from queuewatch.ports import Letter, SendFailedError
from queuewatch.senders.smtp_mail import message
from queuewatch.sources.imap_mail import read_mail
from tests.core.histories import laws

NOON = 1_795_262_400.0


def letter(**more: Any) -> Letter:
    given: dict[str, Any] = {
        "site": "default",
        "queue": "mail",
        "contact": "mail:c1",
        "at": NOON - 5.0,
        "writer": "p1:ab",
        "address": "ana@customer.example",
        "subject": "Where is my parcel?",
        "message_id": "<q1@customer.example>",
    }
    return Letter(**(given | more))


def sent(one: Letter, text: str = "Grüße,\nwir haben Ihre Nachricht.") -> Any:
    mail = message(one, text, "de", at=NOON, sender="support@shop.example", name="Der Läden")
    return message_from_bytes(mail.as_bytes(), policy=default)


def test_it_stands_in_the_customers_thread() -> None:
    mail = sent(letter(references=("<q0@customer.example>", "<r0@shop.example>")))
    assert mail["In-Reply-To"] == "<q1@customer.example>"
    assert mail["References"] == "<q0@customer.example> <r0@shop.example> <q1@customer.example>"
    assert mail["Subject"] == "Re: Where is my parcel?"
    assert mail["To"] == "ana@customer.example"
    assert mail["From"] == "Der Läden <support@shop.example>"
    assert mail["Date"].datetime.timestamp() == NOON
    assert mail["Content-Language"] == "de"
    assert mail.get_content().splitlines() == ["Grüße,", "wir haben Ihre Nachricht."]


def test_it_is_marked_so_that_no_robot_answers() -> None:
    mail = sent(letter())
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"


def test_the_same_letter_gets_the_same_mail_and_another_another() -> None:
    assert sent(letter())["Message-ID"] == sent(letter())["Message-ID"]
    assert sent(letter())["Message-ID"] != sent(letter(at=NOON))["Message-ID"]
    assert sent(letter())["Message-ID"].endswith("@shop.example>")


def test_a_mail_without_an_id_is_answered_outside_any_thread() -> None:
    mail = sent(letter(message_id="", subject=""))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None
    assert mail["Subject"] == "Re:"


def test_a_reply_to_a_reply_does_not_pile_up_prefixes() -> None:
    assert sent(letter(subject="RE: Parcel"))["Subject"] == "RE: Parcel"


def test_of_a_long_thread_the_first_and_the_last_are_named() -> None:
    many = tuple(f"<{n:0200d}@customer.example>" for n in range(20))
    told = sent(letter(references=many))["References"].split()
    assert told[0] == many[0]
    assert told[-2:] == [many[-1], "<q1@customer.example>"]
    assert (
        max(
            len(line)
            for line in message(letter(references=many), "x", "en", at=NOON, sender="a@b")
            .as_bytes()
            .splitlines()
        )
        <= 998
    )


@laws
@given(st.text(st.sampled_from("aü.@-_[]{}!'+é\x7f "), max_size=12).map("a@{}".format) | st.text(max_size=30))
def test_whoever_writes_is_written_to_or_it_is_said_that_nobody_can(written: str) -> None:
    address = read_mail(f"From: {written}\r\n".encode()).sender
    with suppress(SendFailedError):
        assert sent(letter(address=address))["Auto-Submitted"] == "auto-replied"


@laws
@given(st.text(max_size=300), st.text(max_size=200))
def test_whatever_the_subject_it_stays_one_field(subject: str, text: str) -> None:
    mail = sent(letter(subject=subject), text.replace("\x00", ""))
    assert mail["Auto-Submitted"] == "auto-replied"
    assert {name.lower() for name in mail} == {
        "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted",
        "x-auto-response-suppress", "content-language", "content-type", "content-transfer-encoding",
        "mime-version",
    }  # fmt: skip
