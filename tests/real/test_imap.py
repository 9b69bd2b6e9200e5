"""A shared mailbox on a real Dovecot: what a team does in it becomes the right facts."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from queuewatch.clock import SystemClock
from queuewatch.config import ImapSource, Secret
from queuewatch.core.facts.events import Event, Left, QueueSnapshot
from queuewatch.core.rules import Ages
from queuewatch.core.state.apply import apply
from queuewatch.core.state.site import Site
from queuewatch.ports import Letter
from queuewatch.sources.context import Context, UnusableError
from queuewatch.sources.imap import Imap
from queuewatch.sources.imap_make import make, probe
from tests.real.mailserver import PASSWORD, USER, Dovecot, dovecot, mail, make_certificate

pytestmark = pytest.mark.real

ALL = ""
PLAIN = "IMAP4rev1 SASL-IR LITERAL+ IDLE UIDPLUS MOVE"
CONDSTORE = "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE UIDPLUS MOVE CONDSTORE SPECIAL-USE"
MUTE = "IMAP4rev1 LITERAL+ UIDPLUS MOVE SPECIAL-USE"
PATIENCE_S = 30.0


def section(server: Dovecot, **more: Any) -> ImapSource:
    given: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": USER,
        "password": Secret(PASSWORD),
        "tls": "off",
        "poll_s": 0.5,
        "sent": ("Sent",),
    }
    return ImapSource(kind="imap", **(given | more))


class Watcher:
    """The source at work, and the core's picture of what it tells."""

    def __init__(self, own: ImapSource, data_dir: Path) -> None:
        self.letters: list[Letter] = []
        self.events: list[Event] = []
        self.reasons: list[str] = []
        self.context = Context(
            name="mail",
            site="default",
            clock=SystemClock(),
            hash_customer=lambda raw: hashlib.sha256(raw.encode()).hexdigest(),
            data_dir=data_dir,
            arrived=self.letters.append,
        )
        self.source: Imap = make(own, self.context)
        self.site = Site("default")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Watcher]:
        task = asyncio.create_task(self._run())
        try:
            await self.until(lambda: self.source.trouble is None)
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        async for incoming in self.source.events():
            for event in incoming.events:
                self.events.append(event)
                apply(self.site, event, time.time(), Ages())
            self.reasons += [one.reason for one in incoming.refused]
            if incoming.done is not None:
                incoming.done()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to be so."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"{self.source.trouble} {self.reasons} {self.facts}"
            await asyncio.sleep(0.02)

    async def after(self, doing: Callable[[], None], *facts: str) -> None:
        """Somebody does something; it becomes just these facts."""
        before = len(self.facts)
        await asyncio.to_thread(doing)
        await self.until(lambda: self.facts[before:] == list(facts))

    @property
    def facts(self) -> list[str]:
        return [type(one.data).__name__ for one in self.events if not isinstance(one.data, QueueSnapshot)]

    @property
    def waiting(self) -> int:
        return len(self.site.queues["mail"].line)


ANSWERED = ("MessageSent", "Answered", "Completed")


@pytest.mark.parametrize(
    "capability", [ALL, CONDSTORE, PLAIN, MUTE], ids=["all", "condstore", "plain", "mute"]
)
async def test_a_teams_day_becomes_its_facts_whatever_the_server_can(tmp_path: Path, capability: str) -> None:
    with dovecot(capability=capability) as server:
        team = await server.team()
        team.arrives(mail("<a1@customer.example>"))
        async with Watcher(section(server), tmp_path).running() as watcher:
            assert watcher.facts == ["Enqueued"]
            bob = mail("<b1@customer.example>", sender="Bob <bob@customer.example>")
            await watcher.after(lambda: team.arrives(bob), "Enqueued")
            team.arrives(bob)
            team.arrives(mail("<o1@customer.example>", Auto_Submitted="auto-replied"))
            team.arrives(mail("<m1@shop.example>", sender="MAILER-DAEMON@shop.example", Return_Path="<>"))
            await watcher.until(lambda: sorted(watcher.reasons) == ["auto_submitted", "bounce", "duplicate"])
            reply = mail("<r1@shop.example>", sender=USER, answers="<a1@customer.example>")
            await watcher.after(lambda: team.arrives(reply, "Sent"), *ANSWERED)
            again = mail("<a2@customer.example>", answers="<a1@customer.example> <r1@shop.example>")
            await watcher.after(lambda: team.arrives(again), "Enqueued")
            await watcher.after(lambda: team.flag("<b1@customer.example>", "(\\Answered)"), *ANSWERED)
            await watcher.after(lambda: team.move("<a2@customer.example>", "Archive"), "Left")
            await watcher.after(lambda: team.arrives(mail("<c1@customer.example>")), "Enqueued")
            await watcher.after(lambda: team.delete("<c1@customer.example>"), "Left")
            await watcher.after(lambda: team.arrives(mail("<d1@customer.example>")), "Enqueued")
            left = [one.data.reason for one in watcher.events if isinstance(one.data, Left)]
            assert left == ["closed", "withdrawn"]
            assert watcher.waiting == 1
            # Ana wrote twice, the second time in a closed thread: one contact, two visits.
            assert len({one.subject for one in watcher.events if one.subject}) == 4
            assert watcher.site.queues["mail"].tally.published()["offered"] == 5
            assert len(watcher.letters) == 5


def picture(folder: Path) -> dict[str, bytes]:
    """Every mail's file by its place and name, which tells its flags; without Dovecot's own notes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in (folder / "mail").rglob("*")
        if path.is_file() and path.parent.name in {"cur", "new"}
    }


async def flags(server: Dovecot) -> list[Any]:
    team = await server.team()
    told = []
    for folder in ("INBOX", "Sent", "Archive"):
        team.imap.select(folder, readonly=True)
        told.append(team.imap.uid("FETCH", "1:*", "(UID FLAGS)"))
    return told


async def test_the_mailbox_is_as_it_was(tmp_path: Path) -> None:
    with dovecot() as server:
        team = await server.team()
        for n in range(5):
            team.arrives(mail(f"<{n}@customer.example>"))
        team.flag("<1@customer.example>", "(\\Answered)")
        team.arrives(mail("<r@shop.example>", sender=USER, answers="<2@customer.example>"), "Sent")
        team.move("<3@customer.example>", "Archive")
        before = await flags(server)
        files = picture(server.folder)
        async with Watcher(section(server), tmp_path).running() as watcher:
            assert watcher.waiting == 2
        assert picture(server.folder) == files
        assert await flags(server) == before


async def test_nothing_is_missed_when_the_server_is_away_nor_when_we_are(tmp_path: Path) -> None:
    with dovecot() as server:
        team = await server.team()
        for name in "abcd":
            team.arrives(mail(f"<{name}@customer.example>"))
        own = section(server)
        async with Watcher(own, tmp_path).running() as watcher:
            assert watcher.waiting == 4
            await asyncio.to_thread(server.stop)
            await watcher.until(lambda: watcher.source.trouble is not None)
            assert watcher.facts[-1] == "SourceGap"
            await asyncio.to_thread(server.server.start)
            team = await server.team()
            team.delete("<a@customer.example>")
            await watcher.until(lambda: watcher.waiting == 3)
        # Now we are away.
        team.flag("<b@customer.example>", "(\\Answered)")
        team.move("<c@customer.example>", "Archive")
        team.arrives(mail("<e@customer.example>"))
        async with Watcher(own, tmp_path).running() as again:
            assert sorted(again.facts) == ["Answered", "Completed", "Enqueued", "Left", "MessageSent"]
            for event in [*watcher.events, *again.events]:
                apply(again.site, event, time.time(), Ages())
            assert again.waiting == 2


@pytest.mark.parametrize("tls", ["on", "starttls"])
async def test_over_tls_and_only_to_whom_its_authority_vouches_for(tmp_path: Path, tls: str) -> None:
    certificate = make_certificate(tmp_path)
    with dovecot(certificate=certificate) as server:
        port = server.tls_port if tls == "on" else server.port
        own = section(server, tls=tls, port=port, tls_ca=tmp_path / "cert.pem")
        watcher = Watcher(own, tmp_path)
        said = await probe(own, watcher.context)
        assert "over TLS; INBOX holds 0 mails; it tells news by itself (IDLE), QRESYNC" in said
        async with watcher.running():
            team = await server.team()
            await watcher.after(lambda: team.arrives(mail("<a@customer.example>")), "Enqueued")
        with pytest.raises(UnusableError, match=r"is not trusted .* name who signed it in tls_ca"):
            await probe(section(server, tls=tls, port=port), watcher.context)


async def test_with_an_access_token_that_is_refreshed(tmp_path: Path) -> None:
    async def refresh(request: web.Request) -> web.Response:
        form = await request.post()
        known = form["refresh_token"] == "r3fresh"
        return web.json_response({"access_token": "t0ken"} if known else {"error": "invalid_grant"})

    async def introspect(request: web.Request) -> web.Response:
        known = request.query["token"] == "t0ken"
        return web.json_response({"active": known, "email": USER} if known else {"error": "no"})

    app = web.Application()
    app.router.add_post("/token", refresh)
    app.router.add_get("/introspect", introspect)
    async with TestServer(app) as issuer:
        with dovecot(introspect=str(issuer.make_url("/introspect"))) as server:
            token: dict[str, Any] = {
                "password": None,
                "token_url": str(issuer.make_url("/token")),
                "client_id": "queuewatch",
            }
            own = section(server, **token, refresh_token=Secret("r3fresh"))
            async with Watcher(own, tmp_path).running() as watcher:
                assert watcher.source.trouble is None
            (tmp_path / "token").write_text("stale")
            stale = section(server, password=None, token_file=tmp_path / "token")
            with pytest.raises(UnusableError, match="fetch a new access token"):
                await probe(stale, watcher.context)


async def test_a_wrong_password_is_told_without_it(tmp_path: Path) -> None:
    with dovecot() as server:
        own = section(server, password=Secret("wr0ng"))
        with pytest.raises(UnusableError, match="check username and password") as caught:
            await probe(own, Watcher(own, tmp_path).context)
        assert "wr0ng" not in str(caught.value)


async def test_a_folder_with_a_foreign_name_is_found(tmp_path: Path) -> None:
    with dovecot() as server:
        team = await server.team()
        team.imap.create('"Kundenw&APw-nsche"')
        own = section(server, folder="Kundenwünsche")
        async with Watcher(own, tmp_path).running() as watcher:
            await watcher.after(lambda: team.arrives(mail("<a@x>"), '"Kundenw&APw-nsche"'), "Enqueued")


async def test_a_folder_made_anew_is_read_anew(tmp_path: Path) -> None:
    with dovecot() as server:
        team = await server.team()
        team.imap.create("Queue")
        team.arrives(mail("<a@x>"), "Queue")
        own = section(server, folder="Queue")
        async with Watcher(own, tmp_path).running() as watcher:
            assert watcher.facts == ["Enqueued"]
        team.imap.delete("Queue")
        team.imap.create("Queue")
        team.arrives(mail("<b@x>"), "Queue")
        team.arrives(mail("<a@x>"), "Queue")
        async with Watcher(own, tmp_path).running() as again:
            assert again.facts == ["Enqueued"]
            assert again.waiting == 2


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"port": 9}, "127.0.0.1:9 cannot be reached (Connection refused); is it up, and the port right?"),
        ({"tls": "on"}, "TLS fails (WRONG_VERSION_NUMBER); set tls and port to what is spoken there"),
        ({"folder": "Support"}, "has no folder Support that can be opened"),
        ({"sent": ("Gesendet",)}, "has no folder Gesendet of sent mail"),
    ],
)
async def test_each_usual_mistake_is_told_with_its_cure(
    tmp_path: Path, more: dict[str, Any], sentence: str
) -> None:
    with dovecot() as server:
        own = section(server, **more)
        with pytest.raises(UnusableError, match=re.escape(sentence)):
            await probe(own, Watcher(own, tmp_path).context)
