"""`GET /openapi.json`: the API described in OpenAPI 3.1; its schemas come from the answers themselves."""

from __future__ import annotations

from functools import cache

import msgspec
from aiohttp import web

from queuewatch import __version__
from queuewatch.core.facts.wire import TYPES
from queuewatch.serve import (
    answers,
    callbacks,
    cloudevents,
    deliveries,
    entitled,
    history,
    incentives,
    ingest,
    openapi_people,
    openapi_planner,
    openapi_promises,
    override,
    plan,
    vouchers_told,
    webhooks,
)
from queuewatch.serve.notice import TYPES as NOTICE_TYPES
from queuewatch.serve.openapi_words import (
    DENIED,
    LANG,
    NO_QUEUE,
    PRESSED,
    SITE,
    Json,
    answer,
    get,
    path,
    problem,
    query,
    ref,
    text,
)

_SCHEMAS = (
    answers.Board,
    answers.Queue,
    answers.Contacts,
    answers.Contact,
    answers.NoticeInForce,
    answers.Promise,
    answers.QueuePromises,
    answers.SitePromises,
    answers.WhatIf,
    answers.Health,
    answers.Source,
    answers.Sources,
    callbacks.Abandoned,
    vouchers_told.Incentives,
    incentives.Grant,
    incentives.Touch,
    ingest.Accepted,
    ingest.Refusal,
    override.Override,
    plan.PlanBody,
    plan.PlanTaken,
    history.History,
    entitled.Entitlement,
    deliveries.Rows,
    deliveries.Which,
    deliveries.Changed,
    webhooks.Noted,
)

_EVENT: Json = {
    "type": "object",
    "description": "A CloudEvent 1.0. The same `source` and `id` again is a repetition or a correction.",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 256},
        "source": {"type": "string", "minLength": 1, "maxLength": 256},
        "type": {"enum": sorted(TYPES.values())},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string", "description": "`contact/<id>` or `agent/<id>`"},
        "site": {"type": "string", "default": "default"},
        "sequence": {"type": "string"},
        "recordedtime": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    },
}
_PROBLEM: Json = {
    "type": "object",
    "description": "What is wrong and how to mend it (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "refused": {"type": "array", "items": {"$ref": "#/components/schemas/Refusal"}},
        "accepted": {"type": "integer"},
        "repeated": {"type": "integer"},
        "queues": {"type": "array", "items": {"type": "string"}},
        "reasons": {"type": "array", "items": {"type": "string"}},
        "reason": {"type": "string"},
    },
}


def _events() -> Json:
    event = ref("Event")
    batch = {"type": "array", "items": event}
    return {
        "post": {
            "summary": "Tell what happened; answered once it is durable.",
            "security": [{"bearer": ["ingest"]}],
            "requestBody": {
                "required": True,
                "description": "CloudEvents, structured, binary (`ce-*` headers) or batched, also gzip.",
                "content": {
                    "application/cloudevents+json": {"schema": event},
                    "application/cloudevents-batch+json": {"schema": batch},
                    "application/json": {"schema": {"anyOf": [event, batch, {"type": "object"}]}},
                },
            },
            "responses": {
                "202": answer("All are durable.", "Accepted"),
                "400": problem("The body cannot be read."),
                **DENIED,
                "413": problem("The body is too large."),
                "415": problem(
                    f"Not one of {', '.join(cloudevents.TAKEN)}; or packed otherwise than with gzip, deflate."
                ),
                "422": problem("`refused` names the events that were refused; the others are durable."),
                **PRESSED,
            },
        },
        "options": {
            "summary": "The validation handshake of CloudEvents webhooks.",
            "responses": {"200": {"description": "Events may be sent."}},
        },
    }


def _sources() -> Json:
    told = answer("Whether it speaks, what it told, and the last of what could not be used.", "Source")
    return {
        **get(
            "One source.", "read", {"200": told, "404": problem("Nothing has come from it.")}, (path("name"),)
        ),
        "post": {
            "summary": "A system's own webhook; it proves itself by its signature or secret, not by a token.",
            "parameters": [path("name")],
            "requestBody": {
                "required": True,
                "description": "As the system sends it.",
                "content": {
                    "application/json": {"schema": {}},
                    "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
                },
            },
            "responses": {
                "200": answer("What it says is durable; what says nothing of queues is counted.", "Noted"),
                "400": problem("The body cannot be read."),
                "401": problem("The signature or secret is wrong, or too old."),
                "404": problem("No such source in the config."),
                "413": problem("The body is too large."),
                **PRESSED,
            },
        },
    }


def _queues() -> Json:
    queue, contact = path("queue"), path("contact")
    notice = {
        "description": "The notice; empty text where there is nothing to say.",
        "content": {"application/json": {"schema": ref("NoticeInForce")}}
        | {kind: {"schema": {"type": "string"}} for kind in NOTICE_TYPES if kind != "application/json"},
    }
    kinds = query("format", "Goes before Accept.", enum=list(NOTICE_TYPES.values()))
    return {
        "/v1/queues": get(
            "All queues, and the sources they hang on.",
            "read",
            {"200": answer("The board.", "Board")},
            (query("site", "Only this site."), LANG),
        ),
        "/v1/queues/{queue}": get(
            "One queue.", "read", {"200": answer("The queue.", "Queue"), **NO_QUEUE}, (queue, SITE, LANG)
        ),
        "/v1/queues/{queue}/contacts": get(
            "Those who wait, in line.",
            "read",
            {"200": answer("Those who wait.", "Contacts"), **NO_QUEUE},
            (queue, SITE),
        ),
        "/v1/queues/{queue}/contacts/{contact}": get(
            "Place and wait of one contact.",
            "read",
            {"200": answer("The contact.", "Contact"), "404": problem("It does not wait there.")},
            (queue, contact, SITE),
        ),
        "/v1/queues/{queue}/notice": get(
            "What to tell customers now.",
            "read",
            {
                "200": notice,
                "304": {"description": "Unchanged (If-None-Match)."},
                "400": problem("Unknown format."),
                **NO_QUEUE,
                "406": problem("None of the accepted types can be had."),
            },
            (queue, SITE, LANG, kinds),
        ),
    }


_READY: Json = {
    "200": answer("It can.", "Health"),
    "503": problem("It cannot; `reasons` says what is not well, with the scope `read` also why."),
}


def _others() -> Json:
    page = {"200": {"description": "The file.", "content": text("text/html")}}
    stream = {
        "200": {
            "description": "Server-sent events named `board`, each with a Board as its data:"
            " whenever it changed, at most four a second, at least one in five seconds.",
            "content": text("text/event-stream"),
        },
        "503": problem("Too many readers."),
    }
    metrics = {
        "200": {
            "description": "Metrics, as Prometheus or OpenMetrics text.",
            "content": text() | text("application/openmetrics-text"),
        }
    }
    description = {
        "200": {
            "description": "OpenAPI 3.1.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    }
    return {
        "/v1/access": get("What the bearer may do.", "read", {"200": answer("The scopes.", "Entitlement")}),
        "/v1/stream": get("The board, live.", "read", stream, (LANG,)),
        "/metrics": get("Metrics.", "read", metrics),
        "/healthz": get("Whether the process answers.", None, {"200": answer("It does.", "Health")}),
        "/readyz": get("Whether it can be relied on.", None, _READY),
        "/openapi.json": get("This description.", None, description),
        "/": get("The wall board.", None, page),
        "/banner.js": get(
            "A script that shows a queue's notice on a help page.",
            None,
            {"200": {"description": "The script.", "content": text("text/javascript")}},
            (
                query("queue", "Of this queue; read by the script."),
                query("lang", "In this language; else the visitor's."),
                query("show", "`always`: on quiet days, too."),
            ),
        ),
        "/static/{file}": get(
            "Files of the wall board.", None, page | {"404": problem("No such file.")}, (path("file"),)
        ),
    }


def document() -> Json:
    """The whole description."""
    _, schemas = msgspec.json.schema_components(_SCHEMAS, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "queuewatch",
            "version": __version__,
            "description": "Queues and waits. Points in time are RFC 3339, durations are seconds.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/v1/events": _events(),
            "/v1/sources": get("All sources.", "read", {"200": answer("Their state.", "Sources")}),
            "/v1/sources/{name}": _sources(),
            **_queues(),
            **openapi_people.acts_paths(),
            **openapi_people.incentives_paths(),
            **openapi_people.deliveries_paths(),
            **openapi_people.callbacks_paths(),
            **openapi_promises.promises_paths(),
            **openapi_people.customers_paths(),
            **openapi_planner.planner_paths(),
            **_others(),
        },
        "components": {
            "schemas": {**schemas, "Event": _EVENT, "Problem": _PROBLEM},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Scopes: ingest, read, promise, act (with promise).",
                }
            },
        },
    }


async def described(_request: web.Request) -> web.Response:
    """The description."""
    return web.Response(body=_body(), content_type="application/json")


@cache
def _body() -> bytes:
    """Made when somebody first asks: it takes a while, and many a service is never asked."""
    return msgspec.json.encode(document())
