"""Whatever goes wrong is told as problem+json."""

from __future__ import annotations

import pytest

from tests.serve.conftest import Client
from tests.serve.desk import FakeDesk


async def test_an_unknown_route_is_told(client: Client) -> None:
    response = await client.get("/v2/nothing?access_token=x")
    assert response.status == 404
    assert response.content_type == "application/problem+json"
    assert await response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is nothing at /v2/nothing; /openapi.json lists what there is",
    }


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/events", "OPTIONS, POST"),
        ("DELETE", "/v1/queues/sales", "GET, HEAD"),
        ("POST", "/metrics", "GET, HEAD"),
    ],
)
async def test_another_method_is_told_which_are_possible(
    client: Client, method: str, path: str, allowed: str
) -> None:
    response = await client.request(method, path)
    assert response.status == 405
    assert response.headers["Allow"] == allowed
    assert response.content_type == "application/problem+json"


async def test_a_bug_is_a_problem_that_names_no_details(client: Client, desk: FakeDesk) -> None:
    del desk.state
    response = await client.get("/readyz")
    assert response.status == 500
    assert response.content_type == "application/problem+json"
    assert "state" not in (await response.json())["detail"].replace("mistake", "")
