"""Tests of the mailbox as a source, against a server made by hand: news, loss, return, restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from queuewatch.core.facts.events import Event, QueueSnapshot
from queuewatch.ports import Incoming, Source
from queuewatch.sources.imap import Imap
from queuewatch.sources.imap_bookmark import Bookmark
from queuewatch.sources.imap_look import MailSettings
from queuewatch.sources.imap_memory import Arrival, Manners
from queuewatch.sources.imap_session import Where
from queuewatch.sources.webhook import Hook
from tests.clocks import HandClock, settle
from tests.sources.mailbox import TEN, MailServer, header

HOOK = Hook(source="mail", hash_customer=lambda raw: f"hash of {len(raw)}", queue="mail", channel="email")
WHERE = Where(host="mail.example", port=143, username="support@shop.example")
MANNERS = Manners(own=frozenset(("support@shop.example",)))


class Post:
    """A source at a server made by hand, and what it told so far."""

    def __init__(
        self, server: MailServer, bookmark: Path | None = None, *, clock: HandClock | None = None
    ) -> None:
        self.server = server
        self.clock = clock or HandClock(TEN + 3600.0)
        self.told: list[Incoming] = []
        self.arrived: list[Arrival] = []
        self.held = asyncio.Event()
        self.held.set()
        self.source = Imap(
            HOOK,
            MailSettings(where=WHERE),
            MANNERS,
            self.clock,
            secret=self._secret,
            chance=lambda: 0.0,
            bookmark=Bookmark(bookmark, "INBOX"),
            arrived=self.arrived.append,
            connect=server.connect,
        )

    async def _secret(self) -> str:
        return "t0ps3cret"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Post]:
        task = asyncio.create_task(self._run())
        try:
            await self.rest()
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        async for incoming in self.source.events():
            await self.held.wait()
            self.told.append(incoming)
            if incoming.done is not None:
                incoming.done()

    async def rest(self) -> None:
        """Let everybody go on until nobody has anything left to do."""
        asked = -1
        while asked < len(self.server.asked):
            asked = len(self.server.asked)
            await settle()

    async def later(self, seconds: float) -> None:
        await self.clock.move_by(seconds)
        await self.rest()

    @property
    def trouble(self) -> str | None:
        return self.source.trouble

    @property
    def events(self) -> list[Event]:
        return [event for incoming in self.told for event in incoming.events]

    @property
    def facts(self) -> list[str]:
        return [
            type(event.data).__name__ for event in self.events if not isinstance(event.data, QueueSnapshot)
        ]

    @property
    def reasons(self) -> list[str]:
        return [one.reason for incoming in self.told for one in incoming.refused]

    @property
    def listed(self) -> int:
        """How many wait by the last list."""
        lists = [event.data for event in self.events if isinstance(event.data, QueueSnapshot)]
        return len(lists[-1].waiting)


def test_it_is_a_source() -> None:
    source: Source = Post(MailServer()).source
    assert source.name == "mail"
    assert source.trouble == "mail.example:143 has not been reached yet"


async def test_who_waits_at_the_start_is_told_and_listed() -> None:
    server = MailServer()
    server.arrives(header("<a@x>"), TEN)
    async with Post(server).running() as post:
        assert post.facts == ["Enqueued"]
        assert post.events[0].at == TEN
        assert post.listed == 1
        assert post.source.trouble is None


async def test_it_never_selects_stores_or_reads_more_than_headers() -> None:
    server = MailServer()
    uid = server.arrives(header("<a@x>"), TEN)
    async with Post(server).running() as post:
        server.flag(uid, "\\Answered")
        await post.rest()
        server.goes(uid, "Archive")
        await post.later(700.0)
    verbs = {line.removeprefix("UID ").partition(" ")[0] for line in server.asked}
    assert verbs <= {
        "CAPABILITY", "LOGIN", "ENABLE", "LIST", "EXAMINE", "STATUS", "SEARCH", "FETCH", "IDLE", "DONE"
    }  # fmt: skip
    assert not [line for line in server.asked if "BODY" in line and "BODY.PEEK[HEADER.FIELDS (" not in line]


async def test_a_mail_that_comes_in_is_told_at_once_and_acknowledged_once_it_is_durable() -> None:
    server = MailServer()
    async with Post(server).running() as post:
        post.held.clear()
        server.arrives(header("<a@x>"), TEN + 3590.0)
        await post.rest()
        assert post.arrived == []
        post.held.set()
        await post.rest()
        assert post.facts == ["Enqueued"]
        assert [one.mail.sender for one in post.arrived] == ["ana@customer.example"]


async def test_our_answer_in_the_folder_of_sent_mail_ends_the_wait() -> None:
    server = MailServer()
    server.arrives(header("<a@x>"), TEN)
    async with Post(server).running() as post:
        ours = header("<r@shop>", From="support@shop.example", In_Reply_To="<a@x>", References="<a@x>")
        server.arrives(ours, TEN + 3600.0, "Sent")
        await post.later(60.0)
        assert post.facts == ["Enqueued", "MessageSent", "Answered", "Completed"]
        assert post.events[-1].at == TEN + 3600.0
        await post.later(600.0)
        assert post.listed == 0


async def test_the_flag_ends_the_wait_at_once() -> None:
    server = MailServer()
    uid = server.arrives(header("<a@x>"), TEN)
    async with Post(server).running() as post:
        server.flag(uid, "\\Seen")
        await post.rest()
        assert post.facts == ["Enqueued"]
        server.flag(uid, "\\Seen", "\\Answered")
        await post.rest()
        assert post.facts == ["Enqueued", "MessageSent", "Answered", "Completed"]


@pytest.mark.parametrize(
    ("to", "reason"), [("Archive", "closed"), ("Trash", "withdrawn"), (None, "withdrawn")]
)
async def test_a_mail_that_is_put_away_unanswered_leaves_with_the_reason(to: str | None, reason: str) -> None:
    server = MailServer()
    uid = server.arrives(header("<a@x>"), TEN)
    async with Post(server).running() as post:
        server.goes(uid, to)
        await post.rest()
        assert post.facts == ["Enqueued", "Left"]
        assert post.events[-1].data.reason == reason  # type: ignore[union-attr]


async def test_a_mail_that_goes_where_nobody_can_look_leaves_for_a_reason_unknown() -> None:
    server = MailServer()
    server.folders |= {f"Customers {n}": type(server.folders["INBOX"])() for n in range(40)}
    uid = server.arrives(header("<a@x>"), TEN)
    async with Post(server).running() as post:
        server.goes(uid, "Customers 39")
        await post.rest()
        assert post.events[-1].data.reason == "unknown"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "can",
    [
        "IMAP4rev1 IDLE",
        "IMAP4rev1",
        "IMAP4rev1 IDLE ENABLE CONDSTORE",
        "IMAP4rev1 IDLE ENABLE CONDSTORE QRESYNC SASL-IR",
    ],
)
async def test_whatever_the_server_can_the_facts_are_the_same(can: str) -> None:
    server = MailServer(can)
    first = server.arrives(header("<a@x>"), TEN)
    async with Post(server).running() as post:
        second = server.arrives(header("<b@x>", From="bob@customer.example"), TEN + 3600.0)
        await post.later(61.0)
        server.flag(first, "\\Answered")
        await post.later(61.0)
        server.goes(second)
        await post.later(61.0)
        assert post.facts == ["Enqueued", "Enqueued", "MessageSent", "Answered", "Completed", "Left"]


async def test_when_the_server_hangs_up_a_gap_is_told_once_and_nothing_is_missed() -> None:
    server = MailServer()
    uid = server.arrives(header("<a@x>"), TEN)
    with capture_logs() as logs:
        await _away_for_a_while(server, uid)
    told = [(one["event"], one.get("why", "")) for one in logs]
    assert told[0] == ("source connected", "")
    assert told[1] == ("source lost", "mail.example:143 closed the connection")
    assert told[-1] == ("source connected", "")
    assert len(told) == 4  # the third: it cannot be reached, once for all attempts


async def _away_for_a_while(server: MailServer, uid: int) -> None:
    async with Post(server).running() as post:
        server.away = True
        server.hangs_up()
        await post.rest()
        assert post.trouble == "mail.example:143 closed the connection"
        await post.later(30.0)
        assert post.facts.count("SourceGap") == 1
        assert post.reasons.count("no_connection") >= 2
        server.arrives(header("<b@x>"), TEN + 3620.0)
        server.goes(uid)
        server.away = False
        await post.later(60.0)
        assert post.source.trouble is None
        assert post.facts == ["Enqueued", "SourceGap", "Enqueued", "Left"]
        assert post.listed == 1


async def test_what_is_on_its_way_to_the_journal_when_the_service_ends_is_told_again(tmp_path: Path) -> None:
    server = MailServer()
    async with Post(server, tmp_path / "mark").running() as post:
        post.held.clear()
        server.arrives(header("<a@x>"), TEN + 3600.0)
        await post.rest()
    async with Post(server, tmp_path / "mark", clock=post.clock).running() as again:
        assert again.facts == ["Enqueued"]


async def test_a_slow_journal_holds_the_mailbox_back_and_nothing_is_lost() -> None:
    """While it takes nothing the server is not asked again; then all is told, each once."""
    server = MailServer()
    async with Post(server).running() as post:
        post.held.clear()
        server.arrives(header("<first@x>"), TEN + 3600.0)
        await post.rest()
        asked = len(server.asked)
        for n in range(30):
            server.arrives(header(f"<{n}@x>"), TEN + 3600.0)
            await settle()
        assert len(server.asked) == asked
        assert post.facts == []
        post.held.set()
        await post.rest()
        assert post.facts == ["Enqueued"] * 31
        assert len({one.subject for one in post.events if one.subject}) == 31


async def test_after_a_restart_what_happened_meanwhile_is_told(tmp_path: Path) -> None:
    server = MailServer()
    answered = server.arrives(header("<a@x>"), TEN)
    moved = server.arrives(header("<b@x>"), TEN + 1.0)
    server.arrives(header("<c@x>"), TEN + 3000.0)
    async with Post(server, tmp_path / "mark").running() as post:
        assert post.facts == ["Enqueued"] * 3
    server.flag(answered, "\\Answered")
    server.goes(moved, "Archive")
    server.arrives(header("<d@x>"), TEN + 3601.0)
    async with Post(server, tmp_path / "mark", clock=HandClock(TEN + 7000.0)).running() as again:
        assert sorted(again.facts) == ["Answered", "Completed", "Enqueued", "Left", "MessageSent"]
        assert again.listed == 2
        # Who waits may not have been acknowledged before the restart: whoever does that is told again.
        assert {one.mail.message_id for one in again.arrived} == {"<c@x>", "<d@x>"}


async def test_new_numbers_for_the_same_mails_change_nothing(tmp_path: Path) -> None:
    server = MailServer()
    server.arrives(header("<a@x>"), TEN)
    server.arrives(header("<o@x>", Auto_Submitted="auto-replied"), TEN)
    async with Post(server, tmp_path / "mark").running() as post:
        server.renumbers()
        server.hangs_up()
        await post.later(5.0)
        assert post.facts == ["Enqueued", "SourceGap"]
        assert post.listed == 1


async def test_old_mails_are_left_alone() -> None:
    server = MailServer()
    server.arrives(header("<old@x>"), TEN - 40 * 86_400.0)
    server.arrives(header("<new@x>"), TEN)
    async with Post(server).running() as post:
        assert post.facts == ["Enqueued"]


@pytest.mark.slow
async def test_a_long_backlog_comes_in_pieces() -> None:
    server = MailServer()
    for n in range(2_500):
        server.arrives(header(f"<{n}@x>"), TEN + n)
    async with Post(server).running() as post:
        assert len(post.told) == 2
        assert post.facts == ["Enqueued"] * 2_500
        assert post.listed == 2_500


@pytest.mark.parametrize(
    ("can", "greeting", "refuses", "reason"),
    [
        ("IMAP4rev1", "* BYE too many", "", "not_imap"),
        ("IMAP4rev1", "220 smtp ready", "", "not_imap"),
        ("IMAP4rev1", "* OK hello", "LOGIN", "login_refused"),
        ("IMAP4rev1 LOGINDISABLED", "* OK hello", "AUTHENTICATE", "login_refused"),
        ("IMAP4rev1", "* OK hello", "EXAMINE", "no_folder"),
        ("IMAP4rev1", "* OK hello", "STATUS", "no_folder"),
        ("IMAP4rev1", "* OK hello", "SEARCH", "refused"),
        ("IMAP4rev1 IDLE", "* OK hello", "IDLE", "refused"),
    ],
)
async def test_what_goes_wrong_is_counted_and_told_without_the_secret(
    can: str, greeting: str, refuses: str, reason: str
) -> None:
    server = MailServer(can)
    server.greeting = greeting
    server.refuses = {refuses}
    async with Post(server).running() as post:
        assert post.reasons == [reason]
        told = [str(post.source.trouble), *(one.detail for one in post.told[-1].refused)]
        assert not [one for one in told if "t0ps3cret" in one]


async def test_a_server_that_says_nothing_is_given_up() -> None:
    server = MailServer()
    server.greeting = None
    async with Post(server).running() as post:
        await post.later(29.0)
        assert post.reasons == []
        await post.later(1.0)
        assert post.reasons == ["no_answer"]
