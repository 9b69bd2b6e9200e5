"""The what-if route: what may be asked, how it reaches the core, and what comes back."""

from __future__ import annotations

import pytest

from queuewatch.core.seen.whatif import Ask
from tests.serve.conftest import Client
from tests.serve.desk import FakeDesk


@pytest.mark.parametrize(
    ("query", "ask"),
    [
        ("", Ask()),
        ("?agents=+2", Ask(more=2.0)),
        ("?agents=%2B2", Ask(more=2.0)),
        ("?agents=-1", Ask(more=-1.0)),
        ("?agents=12", Ask(agents=12.0)),
        ("?agents=0", Ask(agents=0.0)),
        ("?agents=10000", Ask(agents=10_000.0)),
        ("?arrivals_per_hour=90.5&handling_s=240", Ask(arrivals_per_hour=90.5, handling_s=240.0)),
    ],
)
async def test_what_is_asked_reaches_the_core(client: Client, desk: FakeDesk, query: str, ask: Ask) -> None:
    response = await client.get(f"/v1/queues/sales/what-if{query}")
    assert response.status == 200
    assert desk.asked == [ask]


@pytest.mark.parametrize(
    "query",
    [
        "agents=two",
        "agents=",
        "agents=++2",
        "agents=2.5",
        "agents=10001",
        "arrivals_per_hour=0",
        "arrivals_per_hour=nan",
        "handling_s=-1",
        "handling_s=long",
        "handling_s=inf",
    ],
)
async def test_what_cannot_be_read_is_refused_with_the_cure(
    client: Client, desk: FakeDesk, query: str
) -> None:
    response = await client.get(f"/v1/queues/sales/what-if?{query}")
    told = await response.json()
    assert response.status == 400
    assert query.partition("=")[0] in told["detail"]
    assert desk.asked == []


async def test_the_line_comes_without_identity(client: Client) -> None:
    told = await (await client.get("/v1/queues/sales/what-if?agents=+2")).json()
    assert (told["agents"], told["agents_then"]) == (2.0, 4.0)
    assert [one["place"] for one in told["line"]] == [1, 2]
    assert not any("contact" in one for one in told["line"])


async def test_an_unknown_queue_is_answered_with_those_that_exist(client: Client) -> None:
    response = await client.get("/v1/queues/slaes/what-if")
    assert response.status == 404
    assert (await response.json())["queues"] == ["quiet", "sales"]
