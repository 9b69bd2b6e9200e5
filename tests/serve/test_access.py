"""Tokens open what their scopes say; without tokens only loopback is answered."""

from __future__ import annotations

import logging

import pytest

from queuewatch.serve.access import Access, Token
from tests.serve.conftest import Client, Connect
from tests.serve.tokens import shown, token


@pytest.fixture
async def guarded(connect: Connect) -> Client:
    return await connect(
        Access([token("reader", "read"), token("pbx", "ingest"), token("boss", "read", "act")])
    )


READABLE = [
    "/v1/queues",
    "/v1/queues/sales",
    "/v1/queues/sales/contacts",
    "/v1/queues/sales/contacts/c-1",
    "/v1/queues/sales/notice",
    "/metrics",
]


@pytest.mark.parametrize("path", [*READABLE, "/v1/stream"])
async def test_reading_needs_a_token(guarded: Client, path: str) -> None:
    response = await guarded.get(path)
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="queuewatch"'
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("path", READABLE)
async def test_the_scope_read_reads(guarded: Client, path: str) -> None:
    assert (await guarded.get(path, headers=shown("reader"))).status == 200
    assert (await guarded.get(path, headers={"Authorization": "bearer boss"})).status == 200


@pytest.mark.parametrize("path", READABLE)
async def test_the_scope_ingest_does_not_read(guarded: Client, path: str) -> None:
    response = await guarded.get(path, headers=shown("pbx"))
    assert response.status == 403
    assert 'error="insufficient_scope", scope="read"' in response.headers["WWW-Authenticate"]


async def test_an_unknown_token_is_told_so(guarded: Client) -> None:
    response = await guarded.get("/v1/queues", headers=shown("wrong"))
    assert response.status == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


async def test_another_scheme_is_no_token(guarded: Client) -> None:
    response = await guarded.get("/v1/queues", headers={"Authorization": "Basic cmVhZGVy"})
    assert response.status == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/"])
async def test_health_description_and_page_are_open(guarded: Client, path: str) -> None:
    assert (await guarded.get(path)).status == 200


async def test_a_webhook_sender_may_put_its_token_into_the_query_and_it_is_not_logged(
    guarded: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        response = await guarded.post("/v1/events?access_token=pbx", json=[])
        assert response.status == 202
        response = await guarded.post("/v1/events?access_token=unknown-secret", json=[])
        assert response.status == 401
        assert "unknown-secret" not in await response.text()
    assert "unknown-secret" not in caplog.text


async def test_a_reader_may_not_put_it_there(guarded: Client) -> None:
    assert (await guarded.get("/v1/queues?access_token=reader")).status == 401


@pytest.mark.parametrize(
    "host", ["localhost:8080", "127.0.0.1", "127.8.9.1:80", "[::1]:8080", "board.localhost", "LOCALHOST."]
)
async def test_open_access_answers_to_loopback_names(client: Client, host: str) -> None:
    assert (await client.get("/v1/queues", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "[fe80::1]"]
)
@pytest.mark.parametrize("path", ["/", "/v1/queues", "/healthz"])
async def test_open_access_turns_other_names_away(client: Client, host: str, path: str) -> None:
    response = await client.get(path, headers={"Host": host})
    assert response.status == 403
    assert "loopback" in (await response.json())["detail"]


@pytest.mark.parametrize(
    ("origin", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 202), ("none", 202)]
)
async def test_open_access_takes_nothing_from_pages_of_others(
    client: Client, origin: str, status: int
) -> None:
    response = await client.post("/v1/events", json=[], headers={"Sec-Fetch-Site": origin})
    assert response.status == status


async def test_further_names_can_be_allowed(connect: Connect) -> None:
    client = await connect(Access(hosts=["Board.Example"]))
    assert (await client.get("/v1/queues", headers={"Host": "board.example:443"})).status == 200


async def test_with_tokens_any_name_will_do(guarded: Client) -> None:
    headers = {**shown("reader"), "Host": "queuewatch.example"}
    assert (await guarded.get("/v1/queues", headers=headers)).status == 200


@pytest.mark.parametrize("sha256", ["", "secret", "A" * 64, "a" * 63])
def test_a_hash_that_is_none_is_refused(sha256: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        Token("pbx", sha256, frozenset({"ingest"}))


def test_the_scopes_of_a_token_are_found_by_its_hash() -> None:
    access = Access([token("one", "ingest"), token("two", "read")])
    assert access.scopes("two") == frozenset({"read"})
    assert access.scopes("three") is None
    assert not access.is_open
