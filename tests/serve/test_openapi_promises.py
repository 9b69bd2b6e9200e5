"""Promises, described: telling needs the scope for it."""

from __future__ import annotations

from queuewatch.serve.openapi_promises import promises_paths


def test_telling_needs_the_scope_act_and_reading_the_scope_read() -> None:
    scopes = {
        (path, method): operation["security"][0]["bearer"]
        for path, methods in promises_paths().items()
        for method, operation in methods.items()
    }
    assert scopes == {
        ("/v1/queues/{queue}/contacts/{contact}/promises", "post"): ["promise"],
        ("/v1/queues/{queue}/promises", "get"): ["read"],
        ("/v1/promises", "get"): ["read"],
    }
