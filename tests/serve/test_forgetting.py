"""DELETE /v1/customers: the raw name goes no further, and the answer tells nobody whether we knew them."""

from __future__ import annotations

import pytest

from queuewatch.core.state.forgetting import PREFIX
from tests.serve.conftest import Client
from tests.serve.desk import CUSTOMERS, FakeDesk

ADA = CUSTOMERS.pseudonym("ada@example.com")


@pytest.mark.parametrize("named", ["ada@example.com", " ADA@example.com", ADA])
async def test_a_customer_is_forgotten_however_they_are_named(
    client: Client, desk: FakeDesk, named: str
) -> None:
    response = await client.delete(f"/v1/customers/{named}")
    assert (response.status, await response.text()) == (204, "")
    ((customer, stand_in),) = desk.forgotten
    assert customer == ADA
    assert stand_in.startswith(PREFIX)


async def test_each_time_another_stands_in(client: Client, desk: FakeDesk) -> None:
    for _ in range(2):
        assert (await client.delete("/v1/customers/ada@example.com")).status == 204
    assert len({stand_in for _, stand_in in desk.forgotten}) == 2


async def test_nobody_is_no_customer(client: Client, desk: FakeDesk) -> None:
    response = await client.delete("/v1/customers/%20")
    assert response.status == 400
    assert desk.forgotten == []


async def test_what_the_disk_does_not_take_is_not_said_to_be_forgotten(
    client: Client, desk: FakeDesk
) -> None:
    desk.broken = "disk full"
    response = await client.delete("/v1/customers/ada@example.com")
    assert response.status == 503
    assert response.headers["Retry-After"] == "5"
    assert (await response.json())["detail"] == "not forgotten, ask again: disk full"


async def test_after_a_mistake_of_ours_nobody_is_told_to_ask_again(client: Client, desk: FakeDesk) -> None:
    desk.mistaken = True
    response = await client.delete("/v1/customers/ada@example.com")
    assert response.status == 500
    assert "Retry-After" not in response.headers
