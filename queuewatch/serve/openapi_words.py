"""What descriptions of routes in OpenAPI are made of."""

from __future__ import annotations

from typing import Any

from queuewatch.serve import problems

Json = dict[str, Any]


def ref(name: str) -> Json:
    """One of the schemas, by name."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(kind: str = "text/plain") -> Json:
    """A body that is text."""
    return {kind: {"schema": {"type": "string"}}}


def problem(description: str) -> Json:
    """An answer that says what went wrong (RFC 9457)."""
    return {"description": description, "content": {problems.CONTENT_TYPE: {"schema": ref("Problem")}}}


def answer(description: str, schema: str) -> Json:
    """An answer in JSON."""
    return {"description": description, "content": {"application/json": {"schema": ref(schema)}}}


def query(name: str, description: str, **schema: Any) -> Json:
    """A parameter after the question mark: text, unless `schema` says otherwise."""
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "string", **schema},
    }


def path(name: str) -> Json:
    """A parameter that is part of the path."""
    description = "URL-encoded; any character may occur."
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }


SITE = query("site", "The site of the queue.", default="default")
LANG = query("lang", "Language of the notice (BCP 47); goes before Accept-Language.")
DENIED = {"401": problem("No token, or an unknown one."), "403": problem("The token lacks the scope.")}
PRESSED = {
    "429": problem("Too much is waiting to be written; see Retry-After."),
    "503": problem("The disk does not take it; see Retry-After."),
}
NO_QUEUE = {"404": problem("No such queue; `queues` names those that there are.")}


def get(summary: str, scope: str | None, responses: Json, parameters: tuple[Json, ...] = ()) -> Json:
    """A GET, for who has the scope; None: for everybody."""
    operation: Json = {"summary": summary, "responses": responses}
    if scope is not None:
        operation["security"] = [{"bearer": [scope]}]
        operation["responses"] = responses | DENIED
    if parameters:
        operation["parameters"] = list(parameters)
    return {"get": operation}


AGAIN: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key again is the same act, not a second one.",
    "schema": {"type": "string", "maxLength": 128},
}


def deed(summary: str, body: str | None, responses: Json, parameters: tuple[Json, ...] = ()) -> Json:
    """What a person does: a POST with the scope `act`, journalled before it is answered."""
    operation: Json = {
        "summary": f"{summary} Answered once it is durable.",
        "security": [{"bearer": ["act"]}],
        "parameters": [*parameters, AGAIN],
        "responses": {
            **responses,
            "400": problem("The body is not JSON."),
            **DENIED,
            "422": problem("A field is missing or wrong."),
            **PRESSED,
        },
    }
    if body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": ref(body)}}}
    return {"post": operation}


def listed(summary: str, schema: str, parameters: tuple[Json, ...]) -> Json:
    """A list for people: as JSON, or as CSV."""
    both = {"application/json": {"schema": ref(schema)}} | text("text/csv")
    return get(
        summary,
        "read",
        {
            "200": {"description": "The list.", "content": both},
            "400": problem("A filter cannot be read."),
            "406": problem("Neither JSON nor CSV is accepted."),
        },
        (
            query("since", "From then on (RFC 3339).", format="date-time"),
            query("site", "Only this site."),
            query("queue", "Only this queue."),
            query("format", "Goes before Accept.", enum=["json", "csv"]),
            *parameters,
        ),
    )
