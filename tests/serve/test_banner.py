"""The banner: any page may have the script, pages that the config names may read the notice with it."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient, TestServer

from queuewatch.serve.http import make_app
from tests.clocks import HandClock
from tests.serve.conftest import Client
from tests.serve.desk import CUSTOMERS, FakeDesk, FakeWording
from tests.serve.tokens import only

HELP = "https://help.example"
NOTICE = "/v1/queues/sales/notice"


async def test_any_page_may_load_the_script(client: Client) -> None:
    response = await client.get("/banner.js?queue=sales")
    assert (response.status, response.content_type) == (200, "text/javascript")
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Cache-Control"] == "max-age=300"


@pytest.mark.parametrize(("origin", "status"), [(HELP, 200), ("https://evil.example", 401), (None, 401)])
async def test_only_pages_that_are_named_read_the_notice_without_a_token(
    desk: FakeDesk, origin: str | None, status: int
) -> None:
    app = make_app(
        desk,
        only("t", "read"),
        clock=HandClock(),
        customers=CUSTOMERS,
        wording=FakeWording(),
        origins=[HELP],
    )
    async with TestClient(TestServer(app)) as client:
        headers = {} if origin is None else {"Origin": origin}
        response = await client.get(NOTICE, headers=headers)
        assert response.status == status
        assert response.headers.get("Access-Control-Allow-Origin") == (HELP if status == 200 else None)
        assert (await client.get("/v1/queues", headers=headers)).status == 401
