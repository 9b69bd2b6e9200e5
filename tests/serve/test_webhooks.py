"""`POST /v1/sources/{name}`: who may speak, what is counted, and that an answer comes after the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.core.facts.wire import AHEAD_S
from queuewatch.ports import Refused
from queuewatch.serve.access import Access, Token
from queuewatch.serve.http import make_app
from tests.clocks import HandClock
from tests.serve.conftest import Client
from tests.serve.desk import CUSTOMERS, NOON, FakeDesk, FakeWording

EVENT = Event("e-1", "chat", NOON, Enqueued(queue="web", channel="chat"), "c-1")


@dataclass
class FakeHook:
    """Lets in whoever says please, and finds what it was told to find."""

    found: list[Event | Refused] = field(default_factory=lambda: [EVENT])
    name: str = "chat"
    asked: list[tuple[bytes, str, float]] = field(default_factory=list)

    def verify(self, headers: Mapping[str, str], body: bytes, url: str, now: float) -> Refused | None:
        self.asked.append((body, url, now))
        return None if headers.get("X-Word") == "please" else Refused("bad_signature", "say please")

    def parse(self, body: bytes, content_type: str) -> list[Event | Refused]:
        assert content_type == "application/json"
        return self.found if body else []


@pytest.fixture
def hook() -> FakeHook:
    return FakeHook()


@pytest.fixture
async def hooked(desk: FakeDesk, hook: FakeHook) -> Client:  # type: ignore[misc]
    tokens = Access([Token("pbx", "0" * 64, frozenset({"read"}))])
    app = make_app(
        desk,
        tokens,
        clock=HandClock(NOON),
        customers=CUSTOMERS,
        wording=FakeWording(),
        max_body=1000,
        hooks=[hook],
    )
    server = TestServer(app)
    await server.start_server(auto_decompress=False)
    client = TestClient(server)
    await client.start_server()
    yield client
    await client.close()


PLEASE = {"X-Word": "please", "Content-Type": "application/json"}


async def test_what_is_proven_needs_no_token_and_is_durable_when_answered(
    hooked: Client, desk: FakeDesk
) -> None:
    response = await hooked.post("/v1/sources/chat", data=b"{}", headers=PLEASE)
    assert response.status == 200
    assert desk.taken == [EVENT]
    assert await response.json() == {"accepted": 1, "repeated": 0, "refused": 0}


async def test_a_retry_is_harmless(hooked: Client, desk: FakeDesk) -> None:
    for _ in range(2):
        response = await hooked.post("/v1/sources/chat", data=b"{}", headers=PLEASE)
    assert desk.taken == [EVENT]
    assert await response.json() == {"accepted": 0, "repeated": 1, "refused": 0}


async def test_the_signature_is_checked_over_the_body_and_the_url_as_they_came(
    hooked: Client, hook: FakeHook
) -> None:
    await hooked.post("/v1/sources/chat?a=%2B1&b", data=b" {}\n", headers=PLEASE | {"Host": "q.example"})
    assert hook.asked == [(b" {}\n", "http://q.example/v1/sources/chat?a=%2B1&b", NOON)]


async def test_a_wrong_signature_is_told_and_counted(hooked: Client, desk: FakeDesk) -> None:
    response = await hooked.post("/v1/sources/chat", data=b"{}")
    assert response.status == 401
    assert response.content_type == "application/problem+json"
    assert "WWW-Authenticate" in response.headers
    assert (await response.json())["reason"] == "bad_signature"
    assert not desk.taken
    assert [one.reason for one in desk.refused] == ["bad_signature"]


async def test_nobody_else_can_be_named(hooked: Client, desk: FakeDesk) -> None:
    response = await hooked.post("/v1/sources/fax", data=b"{}", headers=PLEASE)
    assert response.status == 404
    assert "[sources.fax]" in (await response.json())["detail"]
    assert not desk.refused


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ([Refused("not_json", "no")], 400),
        ([Refused("bad_payload", "no")], 400),
        ([Refused("bad_payload", "no"), EVENT], 200),
        ([Refused("unknown_event", "no")], 200),
        ([Refused("bad_field", "no")], 200),
        ([], 200),
    ],
)
async def test_only_what_cannot_be_read_at_all_is_an_error(
    hooked: Client, hook: FakeHook, desk: FakeDesk, found: list[Event | Refused], status: int
) -> None:
    hook.found = found
    response = await hooked.post("/v1/sources/chat", data=b"{}", headers=PLEASE)
    assert response.status == status
    assert desk.refused == [one for one in found if isinstance(one, Refused)]
    assert desk.taken == [one for one in found if isinstance(one, Event)]


@pytest.mark.parametrize(("ahead_s", "reasons"), [(AHEAD_S, []), (AHEAD_S + 1.0, ["in_the_future"])])
async def test_a_fact_of_tomorrow_is_refused(
    hooked: Client, hook: FakeHook, desk: FakeDesk, ahead_s: float, reasons: list[str]
) -> None:
    hook.found = [replace(EVENT, at=NOON + ahead_s)]
    response = await hooked.post("/v1/sources/chat", data=b"{}", headers=PLEASE)
    assert response.status == 200
    assert [one.reason for one in desk.refused] == reasons
    assert len(desk.taken) == 1 - len(reasons)


async def test_a_body_too_large_is_counted_before_anybody_looks_at_it(
    hooked: Client, hook: FakeHook, desk: FakeDesk
) -> None:
    response = await hooked.post("/v1/sources/chat", data=b"x" * 1001, headers=PLEASE)
    assert response.status == 413
    assert [one.reason for one in desk.refused] == ["too_large"]
    assert not hook.asked


@pytest.mark.parametrize(("coding", "status"), [("gzip", 400), ("br", 415)])
async def test_a_body_not_encoded_as_it_says_or_in_an_unknown_way_is_counted(
    hooked: Client, desk: FakeDesk, coding: str, status: int
) -> None:
    headers = PLEASE | {"Content-Encoding": coding}
    response = await hooked.post("/v1/sources/chat", data=b"plain", headers=headers)
    assert response.status == status
    assert (await response.json())["reason"] == "bad_encoding"
    assert [one.reason for one in desk.refused] == ["bad_encoding"]


async def test_a_slow_journal_sends_the_sender_away_for_a_while(hooked: Client, desk: FakeDesk) -> None:
    desk.overloaded = 2.5
    response = await hooked.post("/v1/sources/chat", data=b"{}", headers=PLEASE)
    assert response.status == 429
    assert response.headers["Retry-After"] == "3"
    assert not desk.taken
