"""The call-back list over HTTP: who is on it, as what, and what people do with it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from msgspec.structs import replace

from queuewatch.core.care import Care
from queuewatch.core.customers.callbacks import Callbacks, Caller, Miss
from queuewatch.core.facts.acts import CallbackClaimed
from queuewatch.core.facts.wire import rfc3339
from queuewatch.serve.access import Scope
from tests.serve.conftest import Client, Connect
from tests.serve.desk import NOON, FakeDesk
from tests.serve.tokens import only, shown
from tests.serve.vouchers import ADA

ROUTE = "/v1/abandoned"


def missed(contact: str, since_s: float, until_s: float, queue: str = "sales") -> Miss:
    return Miss(queue, "phone", contact, NOON + since_s, NOON + until_s, "abandoned")


def caller(*misses: Miss, **more: Any) -> Caller:
    known = {f"{one.queue}/{one.contact}/1": one for one in misses}
    return Caller(**{"customer": None, "tier": None, "language": None, "misses": known, **more})


@pytest.fixture
def called(desk: FakeDesk) -> Callbacks:
    """Ada waited twice, Bob longer; Cyd was reached; Dan waits again."""
    found = Callbacks()
    people = {
        ADA: caller(missed("a1", -600, -500), missed("a2", -300, -250), customer=ADA, tier="existing"),
        "contact/b1": caller(missed("b1", -500, -300, "support")),
        "contact/c1": caller(missed("c1", -500, -100), state="done", by="Grace", moved_at=NOON - 50),
        "contact/d1": caller(missed("d1", -500, -100)),
    }
    for person, one in people.items():
        found.callers[person] = one
        found.persons |= {miss.contact: person for miss in one.misses.values()}
    found.waiting["sales/d2/1"] = "contact/d1"
    desk.owed["default"] = Care(callbacks=found)
    return found


async def listed(client: Client, query: str = "", **more: Any) -> list[dict[str, Any]]:
    response = await client.get(f"{ROUTE}{query}", **more)
    assert response.status == 200
    found: list[dict[str, Any]] = (await response.json())["callbacks"]
    return found


@pytest.mark.usefixtures("called")
async def test_those_who_waited_longest_come_first_with_how_long_and_how_often(client: Client) -> None:
    bob, ada = await listed(client)
    assert (bob["callback"], bob["waited_s"], bob["tries"], bob["queue"]) == ("b1", 200.0, 1, "support")
    assert (ada["callback"], ada["waited_s"], ada["tries"]) == ("a1", 100.0, 2)
    assert (ada["contact"], ada["contacts"], ada["customer"]) == ("a2", ["a1", "a2"], ADA)
    assert ada["lost_at"] == rfc3339(NOON - 250).replace(".000000", "")
    assert (ada["state"], ada["in_line"], ada["by"], ada["moved_at"]) == ("open", False, None, None)


@pytest.mark.parametrize(
    ("query", "callbacks"),
    [
        ("?state=open", ["b1", "a1"]),
        ("?state=done", ["c1"]),
        ("?state=claimed", []),
        ("?queue=support", ["b1"]),
        ("?site=berlin", []),
        (f"?since={rfc3339(NOON - 250)}", ["a1"]),
    ],
)
@pytest.mark.usefixtures("called")
async def test_the_list_can_be_filtered(client: Client, query: str, callbacks: list[str]) -> None:
    assert [one["callback"] for one in await listed(client, query)] == callbacks


@pytest.mark.usefixtures("called")
async def test_the_list_comes_as_a_table(client: Client) -> None:
    response = await client.get(f"{ROUTE}?format=csv")
    first, second = list(csv.DictReader(io.StringIO(await response.text())))
    assert (first["callback"], second["contacts"], second["waited_s"]) == ("b1", "a1 a2", "100.0")


@pytest.mark.usefixtures("called")
async def test_one_claims_it_and_somebody_else_is_told_so(client: Client, desk: FakeDesk) -> None:
    first = await client.post("/v1/callbacks/a1/claim", json={"by": "Grace"})
    assert (first.status, (await first.json())["state"]) == (200, "claimed")
    second = await client.post("/v1/callbacks/a2/claim", json={"by": "Hugo"})
    answer = await second.json()
    assert (second.status, answer["reason"]) == (409, "claimed")
    assert answer["detail"] == "Grace is calling this customer back already"
    assert desk.taken[0].data == CallbackClaimed(contact="a1", by="Grace")
    done = await client.post("/v1/callbacks/a1/done", json={"by": "Grace", "note": "all well"})
    assert (await done.json())["note"] == "all well"
    late = await client.post("/v1/callbacks/a1/failed", json={"by": "Hugo"})
    assert (late.status, (await late.json())["reason"]) == (409, "done")


@pytest.mark.usefixtures("called")
async def test_a_call_back_that_failed_is_open_again(client: Client) -> None:
    response = await client.post("/v1/callbacks/b1/failed", json={"by": "Grace"})
    answer = await response.json()
    assert (answer["state"], answer["failed"]) == ("open", 1)


@pytest.mark.usefixtures("called")
async def test_a_customer_is_put_into_the_line_again_once(client: Client) -> None:
    response = await client.post("/v1/callbacks/b1/queue", json={"by": "Grace"})
    assert (await response.json())["in_line"] is True
    again = await client.post("/v1/callbacks/b1/queue", json={"by": "Hugo"})
    assert (again.status, (await again.json())["detail"]) == (409, "this customer stands in line already")


async def test_who_was_served_while_one_was_asking_is_gone(
    client: Client, desk: FakeDesk, called: Callbacks
) -> None:
    take = desk.take

    async def serve_first(*given: Any) -> Any:
        """Somebody serves the customer just before the act is heeded."""
        called.callers.pop("contact/b1")
        return await take(*given)

    desk.take = serve_first  # type: ignore[assignment,method-assign]
    response = await client.post("/v1/callbacks/b1/claim", json={"by": "Grace"})
    assert (response.status, (await response.json())["reason"]) == (409, "gone")


@pytest.mark.usefixtures("called")
async def test_nobody_is_called_back_because_of_a_contact_that_is_not_on_the_list(client: Client) -> None:
    for where in ("nobody/claim", "a1/claim?site=berlin"):
        assert (await client.post(f"/v1/callbacks/{where}", json={"by": "Grace"})).status == 404


@pytest.mark.parametrize("what", ["queue", "claim", "done", "failed"])
@pytest.mark.usefixtures("called")
async def test_acting_takes_the_scope_act(connect: Connect, what: str) -> None:
    scope: Scope = "read"
    client = await connect(only("reader", scope))
    headers = shown("reader")
    assert (await client.post(f"/v1/callbacks/a1/{what}", json={"by": "x"}, headers=headers)).status == 403
    assert len(await listed(client, headers=headers)) == 2


async def test_the_list_is_in_the_metrics(client: Client, desk: FakeDesk, called: Callbacks) -> None:
    called.counts["sales"] = {"done": 3}
    desk.views[0] = replace(desk.views[0], callbacks=2)
    text = await (await client.get("/metrics")).text()
    assert 'queuewatch_callbacks_open{site="default"} 3.0' in text
    assert 'queuewatch_callbacks_total{site="default",queue="sales",outcome="done"} 3.0' in text
    assert 'queuewatch_callbacks_waiting{site="default",queue="sales",channel="phone"} 2' in text
