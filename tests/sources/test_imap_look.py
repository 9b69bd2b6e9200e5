"""Tests of looking at a mailbox: what a glance holds, and how little is asked for."""

from __future__ import annotations

from queuewatch.sources.imap_bookmark import Place
from queuewatch.sources.imap_box import Box
from queuewatch.sources.imap_look import Look, MailSettings
from queuewatch.sources.imap_memory import Glance, Manners
from queuewatch.sources.imap_session import Session, Where
from queuewatch.sources.webhook import Hook
from tests.clocks import HandClock
from tests.sources.mailbox import TEN, MailServer, header

HOOK = Hook(source="mail", hash_customer=str, queue="mail", channel="email")
WHERE = Where(host="mail.example", port=143, username="support@shop.example")
DAY_S = 86_400.0


class Looking:
    """A look at a server, after the login."""

    def __init__(self, server: MailServer, **settings: object) -> None:
        self.server = server
        self.clock = HandClock(TEN + 3600.0)
        self.session = Session(WHERE, self.clock, server.connect)
        self.box = Box(HOOK, Manners())
        self.place = Place()
        own = MailSettings(where=WHERE, **settings)  # type: ignore[arg-type]
        self.look = Look(self.session, self.clock, own, self.box, self.place, 30 * DAY_S)

    async def begin(self) -> Looking:
        async def secret() -> str:
            return "word"

        await self.session.open(secret)
        await self.look.begin()
        return self

    async def glance(self, *, whole: bool = False) -> Glance:
        glance = await self.look.at(self.clock.now(), whole=whole, sent=whole)
        self.look.keep()
        self.box.take(glance)
        return glance


async def test_the_first_glance_holds_everything_of_late() -> None:
    server = MailServer()
    server.arrives(header("<a@x>"), TEN)
    server.arrives(header("<old@x>"), TEN - 31 * DAY_S)
    server.arrives(header("<r@us>", References="<a@x>"), TEN + 5.0, "Sent")
    looking = await Looking(server).begin()
    glance = await looking.glance(whole=True)
    assert [one.mail.message_id for one in glance.arrived] == ["<a@x>"]
    assert [one.mail.message_id for one in glance.sent] == ["<r@us>"]
    assert looking.place.validity == 7
    assert looking.place.sent == {'"Sent"': (7, 2)}
    looking.session.close()


async def test_sent_mails_are_read_once_and_the_folder_opened_only_when_it_grew() -> None:
    server = MailServer()
    looking = await Looking(server).begin()
    await looking.glance(whole=True)
    server.asked.clear()
    assert (await looking.glance(whole=True)).sent == []
    assert 'EXAMINE "Sent"' not in server.asked
    server.arrives(header("<r@us>", References="<a@x>"), TEN + 5.0, "Sent")
    assert len((await looking.glance(whole=True)).sent) == 1
    assert (await looking.glance(whole=True)).sent == []
    looking.session.close()


async def test_only_what_changed_is_asked_for_where_the_server_can_say() -> None:
    server = MailServer()
    server.arrives(header("<a@x>"), TEN)
    looking = await Looking(server).begin()
    await looking.glance(whole=True)
    server.asked.clear()
    await looking.glance(whole=True)
    assert [line for line in server.asked if "CHANGEDSINCE" in line]
    looking.session.close()


async def test_a_folder_of_sent_mail_can_be_named() -> None:
    server = MailServer()
    server.folders["Gesendet"] = server.folders.pop("Sent")
    looking = await Looking(server, sent=("Gesendet",)).begin()
    server.arrives(header("<r@us>"), TEN, "Gesendet")
    assert len((await looking.glance(whole=True)).sent) == 1
    looking.session.close()


async def test_a_time_ahead_of_ours_is_now() -> None:
    server = MailServer()
    server.arrives(header("<a@x>"), TEN + 9999.0)
    looking = await Looking(server).begin()
    (one,) = (await looking.glance(whole=True)).arrived
    assert one.at == TEN + 3600.0
    looking.session.close()
