"""/openapi.json is valid, names exactly the routes there are, and the answers are as it says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from queuewatch.serve.openapi import document
from tests.serve.conftest import Client
from tests.serve.desk import FakeDesk
from tests.serve.every import every


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(document()).validate()


async def test_it_names_the_routes_there_are_and_no_others(client: Client) -> None:
    described = {
        (method.upper(), path) for path, operations in document()["paths"].items() for method in operations
    }
    served = {
        (route.method, route.resource.canonical)
        for route in client.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert described == served


def test_whatever_writes_says_that_it_may_have_to_be_asked_again() -> None:
    writing = [
        (path, operation["responses"])
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
        if method in {"post", "delete"}
    ]
    assert len(writing) > 10
    assert [path for path, told in writing if not {"429", "503"} <= set(told)] == []


def test_it_asks_for_the_scope_that_the_route_does() -> None:
    described = {
        (method.upper(), path): operation.get("security", [{"bearer": [None]}])[0]["bearer"]
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }
    assert described == {(route.method, route.path): [route.scope] for route in every()}


async def test_it_is_served(client: Client) -> None:
    response = await client.get("/openapi.json")
    assert response.content_type == "application/json"
    assert await response.json() == document()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/v1/queues", 200),
        ("get", "/v1/queues/sales", 200),
        ("get", "/v1/queues/quiet", 200),
        ("get", "/v1/queues/nothing", 404),
        ("get", "/v1/queues/sales/contacts", 200),
        ("get", "/v1/queues/sales/contacts/c-1", 200),
        ("get", "/v1/queues/sales/contacts/c-9", 404),
        ("get", "/v1/queues/sales/notice", 200),
        ("get", "/v1/queues/sales/notice?format=xml", 400),
        ("get", "/v1/access", 200),
        ("get", "/v1/queues/sales/history", 200),
        ("get", "/v1/queues/sales/what-if?agents=+2", 200),
        ("get", "/v1/queues/sales/what-if?agents=x", 400),
        ("get", "/healthz", 200),
        ("get", "/readyz", 200),
        ("post", "/v1/events", 202),
        ("post", "/v1/events", 422),
        ("post", "/v1/events", 400),
    ],
)
async def test_answers_are_as_it_says(
    client: Client, desk: FakeDesk, method: str, path: str, status: int
) -> None:
    bodies = {202: b"[]", 422: b"[{}]", 400: b"["}
    headers = {"Content-Type": "application/json"}
    response = await client.request(method, path, data=bodies.get(status), headers=headers)
    assert response.status == status
    names = ["queue", "contact"] if "contacts/" in path else ["queue"]
    template = path.partition("?")[0]
    for name, part in zip(
        names, re.findall(r"(?<=queues/)[^/]+|(?<=contacts/)[^/]+", template), strict=False
    ):
        template = template.replace(f"/{part}", f"/{{{name}}}")
    described = document()
    content = described["paths"][template][method]["responses"][str(status)]["content"]
    schema: dict[str, Any] = {
        **content[response.content_type]["schema"],
        "components": described["components"],
    }
    answer = await response.json()
    OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER).validate(answer)
    if status == 200 and "$ref" in schema:
        named = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        assert set(answer) == set(named["properties"]), "a field is undescribed, or missing"
    assert desk.views


async def test_every_described_event_type_can_be_read() -> None:
    schemas = document()["components"]["schemas"]
    assert "queuewatch.contact.enqueued" in schemas["Event"]["properties"]["type"]["enum"]
    assert schemas["Notice"]["properties"]["since_at"]["anyOf"][0]["format"] == "date-time"
