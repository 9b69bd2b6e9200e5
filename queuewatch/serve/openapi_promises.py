"""What people who wait are told, and what became of it, described in OpenAPI."""

from __future__ import annotations

from queuewatch.serve.openapi_words import (
    DENIED,
    NO_QUEUE,
    PRESSED,
    SITE,
    Json,
    answer,
    get,
    path,
    problem,
    query,
)


def promises_paths() -> Json:
    """What people who wait are told, and what became of it."""
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key for this contact again gets what was told the first time.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 256},
    }
    queue, lang = path("queue"), query("lang", "Language of the text (BCP 47); before Accept-Language.")
    tell: Json = {
        "summary": "What to tell this contact about its wait now; answered once it is on record as told.",
        "security": [{"bearer": ["promise"]}],
        "parameters": [queue, path("contact"), SITE, lang, key],
        "responses": {
            "200": answer("What was told with this key before.", "Promise"),
            "201": answer("What to tell; `told_s` is null where there is no estimate.", "Promise"),
            "400": problem("The key is too long."),
            **DENIED,
            "404": problem("It does not wait there."),
            **PRESSED,
        },
    }
    return {
        "/v1/queues/{queue}/contacts/{contact}/promises": {"post": tell},
        "/v1/queues/{queue}/promises": get(
            "The latest promises of a queue, what became of them, and how right the estimates have been.",
            "read",
            {"200": answer("The promises.", "QueuePromises"), **NO_QUEUE},
            (queue, SITE),
        ),
        "/v1/promises": get(
            "The latest promises of all queues of a site.",
            "read",
            {"200": answer("The promises.", "SitePromises")},
            (SITE,),
        ),
    }
