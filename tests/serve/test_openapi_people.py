"""What people do, described: each act needs the scope for it."""

from __future__ import annotations

import pytest

from queuewatch.serve import openapi_people
from queuewatch.serve.openapi_words import Json


@pytest.mark.parametrize(
    "paths",
    [
        openapi_people.acts_paths(),
        openapi_people.incentives_paths(),
        openapi_people.deliveries_paths(),
        openapi_people.callbacks_paths(),
    ],
    ids=["queues", "incentives", "deliveries", "call-backs"],
)
def test_whoever_acts_needs_the_scope_act_and_whoever_reads_the_scope_read(paths: Json) -> None:
    asked = {
        (method, operation["security"][0]["bearer"][0])
        for methods in paths.values()
        for method, operation in methods.items()
    }
    assert asked <= {("get", "read"), ("post", "act")}
    assert ("post", "act") in asked
