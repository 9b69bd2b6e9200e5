"""Every answer carries the headers that keep browsers from mischief."""

from __future__ import annotations

import pytest

from tests.serve.conftest import Client


@pytest.mark.parametrize("path", ["/", "/v1/queues", "/v1/stream", "/metrics", "/nothing", "/healthz"])
async def test_every_answer_is_hardened(client: Client, path: str) -> None:
    response = await client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Server"] == "queuewatch"
    response.close()


async def test_head_is_answered_like_get_without_a_body(client: Client) -> None:
    response = await client.head("/v1/queues")
    assert response.status == 200
    assert await response.read() == b""
