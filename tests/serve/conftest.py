"""The application under test: a fake desk behind the real routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from queuewatch.serve.incentives import Audit
from tests.clocks import HastyClock
from tests.serve.desk import CUSTOMERS, NOON, FakeDesk, FakeWording, contact, queue, quiet

Client = TestClient[Request, Application]
Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk(views=[queue(), quiet()], line=(contact("c-1", 1), contact("c-2", 2)))


@pytest.fixture
async def connect(desk: FakeDesk) -> AsyncIterator[Connect]:
    """Connects to an application made with the given access (open by default)."""
    clients = []

    async def connected(
        access: Access | None = None,
        *,
        max_body: int = 100_000,
        audit: Audit | None = None,
        outside: bool = False,
    ) -> Client:
        app = make_app(
            desk,
            access or Access(),
            clock=HastyClock(NOON),
            customers=CUSTOMERS,
            wording=FakeWording(),
            max_body=max_body,
            audit=audit,
            outside=outside,
        )
        server = TestServer(app)
        await server.start_server(auto_decompress=False)
        client = TestClient(server)
        await client.start_server()
        clients.append(client)
        return client

    yield connected
    for client in clients:
        await client.close()


@pytest.fixture
async def client(connect: Connect) -> Client:
    return await connect()
