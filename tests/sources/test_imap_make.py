"""Tests of a mailbox named in the config: the source it makes, who may be written to, and the trial of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from queuewatch.config import ImapSource, Secret, load
from queuewatch.ports import Letter
from queuewatch.sources.context import Context, UnusableError
from queuewatch.sources.imap_mail import read_mail
from queuewatch.sources.imap_make import letter_of, make, manners_of, probe, settings_of
from queuewatch.sources.imap_memory import Arrival
from queuewatch.sources.webhook import Hook
from tests.clocks import HandClock
from tests.sources.mailbox import TEN, MailServer, header

HOOK = Hook(source="mail", hash_customer=lambda raw: f"hash of {len(raw)}", queue="mail")


def own(**more: Any) -> ImapSource:
    given = {
        "host": "mail.example",
        "username": "support@shop.example",
        "password": Secret("t0ps3cret"),
        "tls": "off",
    }
    return ImapSource(kind="imap", **{**given, **more})


def context(tmp_path: Path) -> Context:
    return Context(
        name="mail", site="default", clock=HandClock(TEN), hash_customer=lambda raw: raw, data_dir=tmp_path
    )


def letter(**fields: str) -> Letter:
    mail = read_mail(header("<a@x>", **fields))
    arrival = Arrival(contact="c1", queue="mail", uid=1, at=TEN, mail=mail, writer="p1:ab")
    return letter_of(arrival, HOOK, manners_of(own(addresses=("help@shop.example",))))


@pytest.mark.parametrize("page", ["sources/imap.md", "acknowledgements.md"])
def test_the_config_on_its_page_is_taken(page: str, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / page).read_text()
    toml = next(one for one in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "[sources.inbox]" in one)
    path = tmp_path / "queuewatch.toml"
    path.write_text(re.sub(r"(?m)^   ", "", toml))
    own = load(path, dict.fromkeys(re.findall(r'env = "([A-Z_]+)"', toml), "a secret")).sources["inbox"]
    assert isinstance(own, ImapSource)
    assert make(own, context(tmp_path)).name == "mail"


def test_the_source_bears_its_name(tmp_path: Path) -> None:
    assert make(own(), context(tmp_path)).name == "mail"


def test_ports_follow_tls_unless_given() -> None:
    assert [settings_of(own(tls=tls)).where.port for tls in ("on", "starttls", "off")] == [993, 143, 143]
    assert settings_of(own(port=1143)).where.port == 1143


def test_our_addresses_are_those_named_those_of_queues_and_the_mailboxs_own() -> None:
    manners = manners_of(own(addresses=("Help@Shop.example",), by_address={"sales@shop.example": "sales"}))
    assert manners.own == {"help@shop.example", "sales@shop.example", "support@shop.example"}


def test_a_letter_says_whom_to_answer_and_in_which_thread_and_shows_nobodys_address() -> None:
    told = letter(References="<r@us>", Return_Path="<ana+bounces@customer.example>", Content_Language="de")
    assert told.address == "ana+bounces@customer.example"
    assert told.contact == "mail:c1"
    assert told.hush is None
    assert (told.message_id, told.references, told.language) == ("<a@x>", ("<r@us>",), "de")
    assert "ana" not in repr(told)


def test_a_letter_names_its_queue_as_it_is_shown() -> None:
    mail = read_mail(header("<a@x>"))
    arrival = Arrival(contact="c1", queue="mail", uid=1, at=TEN, mail=mail, writer="p1:ab")
    assert letter_of(arrival, HOOK, manners_of(own()), {"mail": "support"}).queue == "support"
    assert letter_of(arrival, HOOK, manners_of(own()), {"sales": "shop"}).queue == "mail"


@pytest.mark.parametrize(
    ("fields", "hush"),
    [
        ({}, None),
        ({"X_Auto_Response_Suppress": "All"}, "asked_for_none"),
        ({"From": "no-reply@customer.example"}, "no_reply"),
        ({"From": "no-reply@customer.example", "Reply_To": "ana@customer.example"}, None),
        ({"From": "help@shop.example", "Reply_To": "support@shop.example"}, "ourselves"),
        ({"Return_Path": "<Help@Shop.example>"}, "ourselves"),
        ({"List_Id": "<us.shop.example>"}, "mailing_list"),
        ({"Auto_Submitted": "auto-replied"}, "auto_submitted"),
        ({"From": "nobody"}, "no_address"),
    ],
)
def test_why_nobody_may_be_written_to(fields: dict[str, str], hush: str | None) -> None:
    assert letter(**fields).hush == hush


async def test_the_trial_says_what_works(tmp_path: Path) -> None:
    server = MailServer()
    server.arrives(header("<a@x>"), TEN)
    assert await probe(own(), context(tmp_path), connect=server.connect) == (
        'mail.example:143 lets in "support@shop.example" in the clear; INBOX holds 1 mail; it tells news by '
        "itself (IDLE), QRESYNC; our replies are seen in the folder of sent mail"
    )


async def test_the_trial_says_what_the_server_lacks(tmp_path: Path) -> None:
    server = MailServer("IMAP4rev1")
    del server.folders["Sent"]
    said = await probe(own(), context(tmp_path), connect=server.connect)
    assert "without IDLE: asked every 60 s, neither CONDSTORE nor QRESYNC" in said
    assert "only the flag tells what was answered: set sent" in said


@pytest.mark.parametrize(
    ("refuses", "more", "said"),
    [
        ("LOGIN", {}, "check username and password"),
        ("EXAMINE", {"folder": "Kunden"}, "no folder Kunden that can be opened"),
        ("STATUS", {"sent": ("Gesendet",)}, "no folder Gesendet of sent mail"),
        ("LIST", {}, "not today"),
    ],
)
async def test_the_trial_says_what_to_mend(
    tmp_path: Path, refuses: str, more: dict[str, Any], said: str
) -> None:
    server = MailServer()
    server.refuses = {refuses}
    with pytest.raises(UnusableError, match=said) as caught:
        await probe(own(**more), context(tmp_path), connect=server.connect)
    assert "t0ps3cret" not in str(caught.value)
