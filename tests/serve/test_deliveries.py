"""/v1/deliveries: what did not get out can be seen, resent and dropped."""

from __future__ import annotations

import pytest

from queuewatch.outgoing import Posted
from tests.decided import NOON, alert
from tests.serve.conftest import Client
from tests.serve.desk import FakeDesk


def posted(number: int, state: str = "dead") -> Posted:
    return Posted(
        number=number,
        key=alert().key,
        sender="slack",
        kind="alert",
        thread=alert().alert,
        site="default",
        state=state,  # type: ignore[arg-type]
        decided_at=NOON,
        queued_at=NOON,
        due_at=NOON,
        claimed_at=NOON + 1,
        settled_at=None,
        attempts=3,
        unsure=True,
        why="no such channel",
        receipt="",
        decision=alert(),
    )


async def test_they_are_listed_with_the_reason_of_their_failure(client: Client, desk: FakeDesk) -> None:
    desk.rows = [posted(2), posted(1, "sent")]
    (row,) = (await (await client.get("/v1/deliveries?state=dead")).json())["deliveries"]
    assert (row["number"], row["why"], row["claimed_at"]) == (2, "no such channel", "2026-11-21T12:00:01Z")
    everything = await (await client.get("/v1/deliveries?limit=1")).json()
    assert [one["number"] for one in everything["deliveries"]] == [2]


@pytest.mark.parametrize("query", ["state=lost", "state=dead,gone", "limit=0", "limit=x", "limit=1001"])
async def test_what_cannot_be_read_is_told(client: Client, query: str) -> None:
    assert (await client.get(f"/v1/deliveries?{query}")).status == 400


async def test_dead_letters_are_resent_and_dropped(client: Client, desk: FakeDesk) -> None:
    desk.rows = [posted(2), posted(1, "sent")]
    resent = await client.post("/v1/deliveries/resend", json={"numbers": [1, 2]})
    assert (await resent.json(), desk.resent) == ({"changed": 1}, [2])
    both = await client.post("/v1/deliveries/resend", json={"notices": True})
    assert await both.json() == {"changed": 3}
    dropped = await client.post("/v1/deliveries/drop", json={"numbers": [2], "by": "ada"})
    assert (await dropped.json(), desk.dropped) == ({"changed": 1}, [(2, "ada")])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ('{"numbers": "all"}', 422),
        ('{"numbers": [0]}', 422),
        (f'{{"numbers": [{2**63}]}}', 422),
        ('{"which": 1}', 422),
    ],
)
async def test_a_body_that_says_nothing_of_use_is_refused(client: Client, body: str, status: int) -> None:
    assert (await client.post("/v1/deliveries/resend", data=body)).status == status
