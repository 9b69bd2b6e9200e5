"""Tests of reading a mail's header: threads, people and robots, odd encodings, and anything at all."""

from __future__ import annotations

import re
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.sources.imap_mail import FIELDS, Mail, digest, read_mail
from tests.core.histories import laws
from tests.sources.mailbox import header


def told(**fields: str) -> Mail:
    return read_mail(header("<m1@customer.example>", **fields))


def test_a_question_is_known_by_its_id_and_its_writer() -> None:
    mail = told(Content_Language="es, en")
    assert mail.id == digest("<m1@customer.example>")
    assert mail.sender == "ana@customer.example"
    assert mail.recipients == ("support@shop.example",)
    assert mail.subject == "A question"
    assert mail.language == "es"
    assert mail.automatic is None
    assert mail.parents == ()


def test_a_reply_names_its_thread_from_the_first_mail_to_the_last() -> None:
    mail = told(References="<a@x>\r\n <b@x>", In_Reply_To="<c@x>")
    assert mail.references == ("<a@x>", "<b@x>", "<c@x>")
    assert mail.parents == tuple(digest(one) for one in ("<a@x>", "<b@x>", "<c@x>"))
    assert told(In_Reply_To="Your message of Monday <a@x>").references == ("<a@x>",)
    assert told(References="<m1@customer.example> <a@x>").references == ("<a@x>",)


def test_of_many_references_the_first_and_the_latest_are_kept() -> None:
    many = " ".join(f"<{n}@x>" for n in range(500))
    assert told(References=many).references[0] == "<0@x>"
    assert told(References=many).references[-1] == "<499@x>"
    assert len(told(References=many).references) == 100


def test_without_an_id_the_same_header_is_the_same_mail() -> None:
    assert read_mail(header("")).id == read_mail(header("")).id
    assert read_mail(header("")).id != read_mail(header("", Subject="Another")).id


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_submitted"),
        ({"Auto_Submitted": "auto-generated; type=x"}, "auto_submitted"),
        ({"Auto_Submitted": "no"}, None),
        ({"Auto_Submitted": "No (really)"}, "auto_submitted"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"Precedence": "Junk"}, "bulk"),
        ({"Precedence": "first-class"}, None),
        ({"Return_Path": "<>"}, "bounce"),
        ({"Return_Path": "<ana@customer.example>"}, None),
        ({"List_Id": "News <news.shop.example>"}, "mailing_list"),
        ({"List_Unsubscribe": "<mailto:x@y>"}, "mailing_list"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"X_Autorespond": "on holiday"}, "auto_reply"),
        ({"X_Failed_Recipients": "x@y.example"}, "bounce"),
        ({"Content_Type": "multipart/report; report-type=delivery-status"}, "bounce"),
        ({"Content_Type": "multipart/report; report-type=disposition-notification"}, "bounce"),
        ({"Content_Type": "multipart/mixed"}, None),
        ({"From": "Mail Delivery <MAILER-DAEMON@customer.example>"}, "bounce"),
        ({"From": "postmaster@customer.example"}, "bounce"),
        ({"X_Auto_Response_Suppress": "All"}, None),
        ({"X_Loop": "support@shop.example"}, None),
    ],
)
def test_what_robots_write_is_known_by_its_header(fields: dict[str, str], why: str | None) -> None:
    assert told(**fields).automatic == why


@pytest.mark.parametrize(
    ("fields", "suppress"),
    [
        ({"X_Auto_Response_Suppress": "DR, AutoReply"}, True),
        ({"X_Auto_Response_Suppress": "All"}, True),
        ({"X_Auto_Response_Suppress": "DR"}, False),
        ({"X_Loop": "x"}, True),
        ({}, False),
    ],
)
def test_who_wants_no_automatic_answer_is_heeded(fields: dict[str, str], suppress: bool) -> None:
    assert told(**fields).suppress is suppress


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("no-reply@shop.example", True),
        ("noreply+17@shop.example", True),
        ("do.not.reply@shop.example", True),
        ("donotreply@shop.example", True),
        ("nonreply@shop.example", True),
        ("norbert@customer.example", False),
        ("note@customer.example", False),
        ("replies@customer.example", False),
    ],
)
def test_addresses_that_nobody_reads_are_known(address: str, is_one: bool) -> None:
    assert told(From=address).from_no_reply is is_one


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?iso-8859-1?q?Caf=E9?= today", "Café today"),
        ("=?no-such-charset?q?x?=", "=?no-such-charset?q?x?="),
        ("=?utf-8?b?w?=", "=?utf-8?b?w?="),
        ("one\r\n two", "one two"),
        ("tab\there\x07", "tab here"),
    ],
)
def test_a_subject_is_one_line_of_words(written: str, subject: str) -> None:
    assert told(Subject=written).subject == subject


def test_octets_beyond_ascii_are_utf_8_or_else_latin_1() -> None:
    assert read_mail("Subject: Grüße\r\n\r\n".encode()).subject == "Grüße"
    assert read_mail("Subject: Grüße\r\n\r\n".encode("latin-1")).subject == "Grüße"


@pytest.mark.parametrize("written", ["nobody", "a b@c", "<>", "", "x@", "@x", "x@y\x00.example"])
def test_what_is_no_address_is_none(written: str) -> None:
    assert told(From=written).sender == ""


def test_a_list_is_known_by_its_id() -> None:
    assert told(List_Id="The team <Support.Shop.Example>").list_id == "support.shop.example"
    assert told(List_Id="support.shop.example").list_id == "support.shop.example"
    assert told().list_id == ""


_NAMES = st.sampled_from([name.title() for name in FIELDS])
_VALUES = st.text(max_size=80) | st.sampled_from(["<>", "<a@b>", "=?utf-8?b?" + "A" * 60 + "?=", "a@b," * 40])


@laws
@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=8), st.binary(max_size=60))
def test_any_header_can_be_read(fields: list[tuple[str, str]], rest: bytes) -> None:
    raw = "".join(f"{name}: {value}\r\n" for name, value in fields).encode("utf-8", "surrogatepass")
    for octets in (raw, raw + rest, rest):
        mail = read_mail(octets)
        assert mail.id
        assert "\n" not in mail.subject
        assert read_mail(octets) == mail


WRITTEN = st.lists(
    st.sampled_from(
        ["Ana", "a.b@shop.example", "<", ">", '"', " ", ".", "=?utf-8?q?J=C3?=", "@", "\\", "[1]", "-", "ü"]
    ),
    max_size=5,
).map("".join)


@laws
@given(WRITTEN)
def test_an_address_is_the_one_that_the_library_reads(written: str) -> None:
    """The usual ones are read without it."""
    read = read_mail(header("<m@x.example>", From=written, To=written))
    _, theirs = parseaddr(written.strip())
    if read.sender:
        assert read.sender == theirs.lower()
    if re.fullmatch(r"[a-z.]+@[a-z.]+", theirs):
        assert read.sender == theirs
