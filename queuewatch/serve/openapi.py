"""`GET /openapi.json`: the API described in OpenAPI 3.1; its schemas come from the answers themselves."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from queuewatch import __version__
from queuewatch.core.wire import TYPES
from queuewatch.serve import (
    answers,
    callbacks,
    cloudevents,
    deliveries,
    entitled,
    history,
    incentives,
    ingest,
    override,
    problems,
    webhooks,
)
from queuewatch.serve.notice import TYPES as NOTICE_TYPES

Json = dict[str, Any]

_SCHEMAS = (
    answers.Board,
    answers.Queue,
    answers.Contacts,
    answers.Contact,
    answers.NoticeInForce,
    answers.WhatIf,
    answers.Health,
    callbacks.Abandoned,
    incentives.Incentives,
    incentives.Grant,
    incentives.Touch,
    ingest.Accepted,
    ingest.Refusal,
    override.Override,
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


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _text(kind: str = "text/plain") -> Json:
    return {kind: {"schema": {"type": "string"}}}


def _problem(description: str) -> Json:
    return {"description": description, "content": {problems.CONTENT_TYPE: {"schema": _ref("Problem")}}}


def _answer(description: str, schema: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": _ref(schema)}}}


def _query(name: str, description: str, **schema: Any) -> Json:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "string", **schema},
    }


def _path(name: str) -> Json:
    description = "URL-encoded; any character may occur."
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }


_SITE = _query("site", "The site of the queue.", default="default")
_LANG = _query("lang", "Language of the notice (BCP 47); goes before Accept-Language.")
_DENIED = {"401": _problem("No token, or an unknown one."), "403": _problem("The token lacks the scope.")}
_NO_QUEUE = {"404": _problem("No such queue; `queues` names those that there are.")}


def _get(summary: str, scope: str | None, responses: Json, parameters: tuple[Json, ...] = ()) -> Json:
    operation: Json = {"summary": summary, "responses": responses}
    if scope is not None:
        operation["security"] = [{"bearer": [scope]}]
        operation["responses"] = responses | _DENIED
    if parameters:
        operation["parameters"] = list(parameters)
    return {"get": operation}


def _events() -> Json:
    event = _ref("Event")
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
                "202": _answer("All are durable.", "Accepted"),
                "400": _problem("The body cannot be read."),
                **_DENIED,
                "413": _problem("The body is too large."),
                "415": _problem(f"Not one of {', '.join(cloudevents.TAKEN)}."),
                "422": _problem("`refused` names the events that were refused; the others are durable."),
                "429": _problem("Too much is waiting to be written; see Retry-After."),
            },
        },
        "options": {
            "summary": "The validation handshake of CloudEvents webhooks.",
            "responses": {"200": {"description": "Events may be sent."}},
        },
    }


def _sources() -> Json:
    return {
        "post": {
            "summary": "A system's own webhook; it proves itself by its signature or secret, not by a token.",
            "parameters": [_path("name")],
            "requestBody": {
                "required": True,
                "description": "As the system sends it.",
                "content": {
                    "application/json": {"schema": {}},
                    "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
                },
            },
            "responses": {
                "200": _answer("What it says is durable; what says nothing of queues is counted.", "Noted"),
                "400": _problem("The body cannot be read."),
                "401": _problem("The signature or secret is wrong, or too old."),
                "404": _problem("No such source in the config."),
                "413": _problem("The body is too large."),
                "429": _problem("Too much is waiting to be written; see Retry-After."),
            },
        }
    }


def _queues() -> Json:
    queue, contact = _path("queue"), _path("contact")
    notice = {
        "description": "The notice; empty text where there is nothing to say.",
        "content": {"application/json": {"schema": _ref("NoticeInForce")}}
        | {kind: {"schema": {"type": "string"}} for kind in NOTICE_TYPES if kind != "application/json"},
    }
    kinds = _query("format", "Goes before Accept.", enum=list(NOTICE_TYPES.values()))
    return {
        "/v1/queues": _get(
            "All queues, and the sources they hang on.",
            "read",
            {"200": _answer("The board.", "Board")},
            (_query("site", "Only this site."), _LANG),
        ),
        "/v1/queues/{queue}": _get(
            "One queue.", "read", {"200": _answer("The queue.", "Queue"), **_NO_QUEUE}, (queue, _SITE, _LANG)
        ),
        "/v1/queues/{queue}/contacts": _get(
            "Those who wait, in line.",
            "read",
            {"200": _answer("Those who wait.", "Contacts"), **_NO_QUEUE},
            (queue, _SITE),
        ),
        "/v1/queues/{queue}/contacts/{contact}": _get(
            "Place and wait of one contact.",
            "read",
            {"200": _answer("The contact.", "Contact"), "404": _problem("It does not wait there.")},
            (queue, contact, _SITE),
        ),
        "/v1/queues/{queue}/notice": _get(
            "What to tell customers now.",
            "read",
            {
                "200": notice,
                "304": {"description": "Unchanged (If-None-Match)."},
                "400": _problem("Unknown format."),
                **_NO_QUEUE,
                "406": _problem("None of the accepted types can be had."),
            },
            (queue, _SITE, _LANG, kinds),
        ),
    }


def _acts() -> Json:
    """What a supervisor tries and says."""
    queue = _path("queue")
    agents = _query(
        "agents", "So many more (+2), fewer (-1) or altogether (12) on duty.", pattern="[+ -]?[0-9]+"
    )
    positive = {"type": "number", "exclusiveMinimum": 0}
    arrivals = _query("arrivals_per_hour", "Contacts an hour, in place of the recent ones.", **positive)
    handling = _query("handling_s", "Mean handling time, seconds, in place of the recent one.", **positive)
    override_notice: Json = {
        "summary": "Set the notice of a queue by hand, or give it back to the rules; answered once durable.",
        "security": [{"bearer": ["act"]}],
        "parameters": [queue, _SITE, _LANG],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref("Override")}},
        },
        "responses": {
            "200": _answer("The notice now in force.", "NoticeInForce"),
            "400": _problem("The body is not JSON."),
            **_DENIED,
            **_NO_QUEUE,
            "422": _problem("A field is missing or wrong, or `until_at` is past."),
            "429": _problem("Too much is waiting to be written; see Retry-After."),
        },
    }
    return {
        "/v1/queues/{queue}/history": _get(
            "How its waits went over the day, a value a minute; begins with the last start of the service.",
            "read",
            {"200": _answer("The day so far.", "History"), **_NO_QUEUE},
            (queue, _SITE),
        ),
        "/v1/queues/{queue}/what-if": _get(
            "The queue with other staffing: its next contact, its line, and the steady picture.",
            "read",
            {
                "200": _answer("The queue as it would be.", "WhatIf"),
                "400": _problem("A number cannot be read."),
                **_NO_QUEUE,
            },
            (queue, _SITE, agents, arrivals, handling),
        ),
        "/v1/queues/{queue}/notice/override": {"post": override_notice},
    }


_AGAIN: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key again is the same act, not a second one.",
    "schema": {"type": "string", "maxLength": 128},
}


def _deed(summary: str, body: str | None, responses: Json, parameters: tuple[Json, ...] = ()) -> Json:
    """What a person does: a POST with the scope `act`, journalled before it is answered."""
    operation: Json = {
        "summary": f"{summary} Answered once it is durable.",
        "security": [{"bearer": ["act"]}],
        "parameters": [*parameters, _AGAIN],
        "responses": {
            **responses,
            "400": _problem("The body is not JSON."),
            **_DENIED,
            "422": _problem("A field is missing or wrong."),
            "429": _problem("Too much is waiting to be written; see Retry-After."),
        },
    }
    if body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": _ref(body)}}}
    return {"post": operation}


def _listed(summary: str, schema: str, parameters: tuple[Json, ...]) -> Json:
    """A list for people: as JSON, or as CSV."""
    both = {"application/json": {"schema": _ref(schema)}} | _text("text/csv")
    return _get(
        summary,
        "read",
        {
            "200": {"description": "The list.", "content": both},
            "400": _problem("A filter cannot be read."),
            "406": _problem("Neither JSON nor CSV is accepted."),
        },
        (
            _query("since", "From then on (RFC 3339).", format="date-time"),
            _query("site", "Only this site."),
            _query("queue", "Only this queue."),
            _query("format", "Goes before Accept.", enum=["json", "csv"]),
            *parameters,
        ),
    )


def _incentives() -> Json:
    code = _path("code")
    unknown = {"404": _problem("No voucher has this code.")}
    touched = {"200": _answer("The voucher.", "Incentive"), **unknown}
    ended = {**touched, "409": _problem("It is redeemed, expired or revoked already; `reason` says which.")}
    get = _listed(
        "Vouchers and refusals: why, who decided, what became of each. Codes only for the scope `act`.",
        "Incentives",
        (
            _query("until", "Before then (RFC 3339).", format="date-time"),
            _query("state", "Only these.", enum=list(incentives.STATES)),
            _query("customer", "Only this customer, as the sources name them or by keyed hash."),
            _query("contact", "Only this contact."),
            _query("rule", "Only by this rule; `by-hand` for what people granted."),
            _query("why", "Only for this reason."),
        ),
    )
    grant = _deed(
        "Grant a voucher by hand, within a limit of one's own a day.",
        "Grant",
        {
            "201": _answer("The voucher.", "Incentive"),
            "404": _problem("No such queue; `queues` names those that there are."),
            "409": _problem("It is more than may be granted; `reason` says whose limit."),
        },
    )
    return {
        "/v1/incentives": get | grant,
        "/v1/incentives/{code}/redeem": _deed("Use a voucher, once.", "Touch", ended, (code,)),
        "/v1/incentives/{code}/revoke": _deed("Take a voucher back.", "Touch", ended, (code,)),
        "/v1/incentives/{code}/follow-up": _deed(
            "Note that somebody asked the customer how it went.", "Touch", touched, (code,)
        ),
    }


def _deliveries() -> Json:
    """What goes out, and what did not get out."""

    def act(summary: str) -> Json:
        return {
            "post": {
                "summary": summary,
                "security": [{"bearer": ["act"]}],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": _ref("Which")}},
                },
                "responses": {
                    "200": _answer("To how many it was done.", "Changed"),
                    "400": _problem("The body is not JSON."),
                    **_DENIED,
                    "422": _problem("A field is missing or wrong."),
                },
            }
        }

    return {
        "/v1/deliveries": _get(
            "Decisions on their way out, newest first.",
            "read",
            {"200": _answer("They.", "Rows"), "400": _problem("`state` or `limit` cannot be read.")},
            (
                _query("state", "Only of these states, with commas between them."),
                _query("limit", "At most so many.", pattern="[0-9]+"),
            ),
        ),
        "/v1/deliveries/resend": act("Have dead letters sent once more."),
        "/v1/deliveries/drop": act("Send these no more."),
    }


def _callbacks() -> Json:
    callback = _path("callback")
    responses = {
        "200": _answer("The entry.", "Callback"),
        "404": _problem("Nobody is to be called back because of this contact."),
        "409": _problem(
            "Somebody else is at it, it is done, or the customer was served; `reason` says which."
        ),
    }
    listed = _listed(
        "The call-back list: who gave up or timed out and was not served since, the longest wait first.",
        "Abandoned",
        (_query("state", "Only these; unless set, those not done.", enum=["open", "claimed", "done"]),),
    )
    deeds = {
        "queue": "Put the customer into the line again, in the place of the first wait.",
        "claim": "Say that one is calling the customer back.",
        "done": "Say that the customer was reached.",
        "failed": "Say that the customer was not reached; the next one may try.",
    }
    return {"/v1/abandoned": listed} | {
        f"/v1/callbacks/{{callback}}/{deed}": _deed(summary, "Touch", responses, (callback, _SITE))
        for deed, summary in deeds.items()
    }


def _others() -> Json:
    page = {"200": {"description": "The file.", "content": _text("text/html")}}
    stream = {
        "200": {
            "description": "Server-sent events named `board`, each with a Board as its data:"
            " whenever it changed, at most four a second, at least one in five seconds.",
            "content": _text("text/event-stream"),
        },
        "503": _problem("Too many readers."),
    }
    metrics = {
        "200": {
            "description": "Metrics, as Prometheus or OpenMetrics text.",
            "content": _text() | _text("application/openmetrics-text"),
        }
    }
    description = {
        "200": {
            "description": "OpenAPI 3.1.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    }
    return {
        "/v1/access": _get("What the bearer may do.", "read", {"200": _answer("The scopes.", "Entitlement")}),
        "/v1/stream": _get("The board, live.", "read", stream, (_LANG,)),
        "/metrics": _get("Metrics.", "read", metrics),
        "/healthz": _get("Whether the process answers.", None, {"200": _answer("It does.", "Health")}),
        "/readyz": _get(
            "Whether it can be relied on.",
            None,
            {"200": _answer("It can.", "Health"), "503": _problem("It cannot; `reasons` says why.")},
        ),
        "/openapi.json": _get("This description.", None, description),
        "/": _get("The wall board.", None, page),
        "/static/{file}": _get(
            "Files of the wall board.", None, page | {"404": _problem("No such file.")}, (_path("file"),)
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
            "/v1/sources/{name}": _sources(),
            **_queues(),
            **_acts(),
            **_incentives(),
            **_deliveries(),
            **_callbacks(),
            **_others(),
        },
        "components": {
            "schemas": {**schemas, "Event": _EVENT, "Problem": _PROBLEM},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Scopes: ingest, read, act. Without configured tokens none is needed.",
                }
            },
        },
    }


class Described:
    """Serves the description, made once."""

    def __init__(self) -> None:
        self._body = msgspec.json.encode(document())

    async def openapi(self, _request: web.Request) -> web.Response:
        """The description."""
        return web.Response(body=self._body, content_type="application/json")
