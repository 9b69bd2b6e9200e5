"""The whole service between a real Dovecot and a real mail server: customers are told, once."""

from __future__ import annotations

import asyncio
import email
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from queuewatch.app import running
from queuewatch.clock import SystemClock
from queuewatch.config import Http, ImapSource, Secret, Service, Settings
from queuewatch.config.sections import Queue, SmtpSection
from tests.real.mailserver import PASSWORD, USER, Dovecot, dovecot, mail
from tests.senders.mailbox import Taker, mail_server

pytestmark = pytest.mark.real
PATIENCE_S = 30.0


def settings(server: Dovecot, taker: Taker, data_dir: Path) -> Settings:
    inbox = ImapSource(
        kind="imap",
        host="127.0.0.1",
        port=server.port,
        username=USER,
        password=Secret(PASSWORD),
        tls="off",
        queue="mail",
        poll_s=0.5,
    )
    return Settings(
        service=Service(data_dir=data_dir),
        http=Http(port=0),
        sources={"inbox": inbox},
        queues={"mail": Queue(acknowledge=True)},
        smtp=SmtpSection(host="127.0.0.1", port=taker.port, tls="off", sender=USER),
    )


async def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


@asynccontextmanager
async def serving(own: Settings) -> AsyncIterator[str]:
    async with running(own, SystemClock()) as url:
        yield url


async def asked(url: str, path: str) -> Any:
    async with aiohttp.ClientSession() as client, client.get(f"{url}{path}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json() if path != "/metrics" else await answer.text()


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_customers_are_told_once_that_their_mail_came_in_and_nobodys_address_is_kept(
    tmp_path: Path,
) -> None:
    with dovecot() as server:
        async with mail_server() as taker:
            own = settings(server, taker, tmp_path)
            team = await server.team()
            async with serving(own) as url:
                team.arrives(mail("<q1@customer.example>", Content_Language="de"))
                team.arrives(
                    mail("<o1@customer.example>", sender="r@robot.example", Auto_Submitted="auto-replied")
                )
                await until(lambda: len(taker.taken) == 1)
                assert (await asked(url, "/v1/queues/mail"))["waiting"] == 1
                metrics = (await asked(url, "/metrics")).splitlines()
                assert 'queuewatch_deliveries_total{sender="smtp",outcome="sent"} 1' in metrics
                refused = 'queuewatch_events_refused_total{source="inbox",reason="auto_submitted"} 1'
                assert refused in metrics
                promises = (await asked(url, "/v1/queues/mail/promises"))["promises"]
                assert [one["language"] for one in promises] == ["de"]
            async with serving(own) as url:  # after a restart nobody is told twice
                team.arrives(mail("<q2@customer.example>", sender="Bob <bob@customer.example>"))
                await until(lambda: len(taker.taken) == 2)
    (first, second) = (
        email.message_from_bytes(one.original_content or b"", policy=default) for one in taker.taken
    )
    assert first["To"] == "ana@customer.example"
    assert first["In-Reply-To"] == "<q1@customer.example>"
    assert first["Auto-Submitted"] == "auto-replied"
    assert "Danke" in first.get_content()
    assert second["To"] == "bob@customer.example"
    kept = everything(tmp_path)
    assert kept
    for address in (b"ana@", b"bob@", b"r@robot"):
        assert address not in kept
