"""What a token allows is told to its bearer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.serve.conftest import Client, Connect
from tests.serve.tokens import only, shown


async def test_where_there_are_no_tokens_everybody_may_do_all(client: Client) -> None:
    told = await (await client.get("/v1/access")).json()
    assert told == {"open": True, "name": None, "scopes": ["ingest", "read", "promise", "act"]}


@pytest.mark.parametrize(
    "scopes", [["read"], ["read", "promise"], ["read", "promise", "act"], ["ingest", "read"]]
)
async def test_a_bearer_is_told_the_name_and_the_scopes_of_the_token(
    connect: Connect, scopes: list[Any]
) -> None:
    client = await connect(only("t", *scopes))
    told = await (await client.get("/v1/access", headers=shown("t"))).json()
    assert told == {"open": False, "name": "t", "scopes": scopes}


async def test_who_may_act_may_also_tell_waits(connect: Connect) -> None:
    client = await connect(only("t", "read", "act"))
    told = await (await client.get("/v1/access", headers=shown("t"))).json()
    assert told["scopes"] == ["read", "promise", "act"]


async def test_a_stranger_is_told_nothing(connect: Connect) -> None:
    client = await connect(only("t", "read"))
    assert (await client.get("/v1/access")).status == 401
