"""What people do, and the lists they work from, described in OpenAPI."""

from __future__ import annotations

from queuewatch.serve import vouchers_told
from queuewatch.serve.openapi_words import (
    DENIED,
    LANG,
    NO_QUEUE,
    PRESSED,
    SITE,
    Json,
    answer,
    deed,
    get,
    listed,
    path,
    problem,
    query,
    ref,
)


def acts_paths() -> Json:
    """What a supervisor tries and says."""
    queue = path("queue")
    agents = query(
        "agents", "So many more (+2), fewer (-1) or altogether (12) on duty.", pattern="[+ -]?[0-9]+"
    )
    positive = {"type": "number", "exclusiveMinimum": 0}
    arrivals = query("arrivals_per_hour", "Contacts an hour, in place of the recent ones.", **positive)
    handling = query("handling_s", "Mean handling time, seconds, in place of the recent one.", **positive)
    override_notice: Json = {
        "summary": "Set the notice of a queue by hand, or give it back to the rules; answered once durable.",
        "security": [{"bearer": ["act"]}],
        "parameters": [queue, SITE, LANG],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref("Override")}},
        },
        "responses": {
            "200": answer("The notice now in force.", "NoticeInForce"),
            "400": problem("The body is not JSON."),
            **DENIED,
            **NO_QUEUE,
            "422": problem("A field is missing or wrong, or `until_at` is past."),
            **PRESSED,
        },
    }
    return {
        "/v1/queues/{queue}/history": get(
            "How its waits went over the day, a value a minute; begins with the last start of the service.",
            "read",
            {"200": answer("The day so far.", "History"), **NO_QUEUE},
            (queue, SITE),
        ),
        "/v1/queues/{queue}/what-if": get(
            "The queue with other staffing: its next contact, its line, and the steady picture.",
            "read",
            {
                "200": answer("The queue as it would be.", "WhatIf"),
                "400": problem("A number cannot be read."),
                **NO_QUEUE,
            },
            (queue, SITE, agents, arrivals, handling),
        ),
        "/v1/queues/{queue}/notice/override": {"post": override_notice},
    }


def incentives_paths() -> Json:
    """Vouchers: the list, and what people do with one."""
    code = path("code")
    unknown = {"404": problem("No voucher has this code.")}
    touched = {"200": answer("The voucher.", "Incentive"), **unknown}
    ended = {**touched, "409": problem("It is redeemed, expired or revoked already; `reason` says which.")}
    all_of_them = listed(
        "Vouchers and refusals: why, who decided, what became of each. Codes only for the scope `act`.",
        "Incentives",
        (
            query("until", "Before then (RFC 3339).", format="date-time"),
            query("state", "Only these.", enum=list(vouchers_told.STATES)),
            query("follow_up", "Only these: whom to ask how it went.", enum=list(vouchers_told.FOLLOW_UPS)),
            query("customer", "Only this customer, as the sources name them or by keyed hash."),
            query("contact", "Only this contact."),
            query("rule", "Only by this rule; `by-hand` for what people granted."),
            query("why", "Only for this reason."),
        ),
    )
    grant = deed(
        "Grant a voucher by hand, within a limit of one's own a day.",
        "Grant",
        {
            "201": answer("The voucher.", "Incentive"),
            "404": problem("No such queue; `queues` names those that there are."),
            "409": problem("It is more than may be granted; `reason` says whose limit."),
        },
    )
    return {
        "/v1/incentives": all_of_them | grant,
        "/v1/incentives/{code}/redeem": deed("Use a voucher, once.", "Touch", ended, (code,)),
        "/v1/incentives/{code}/revoke": deed("Take a voucher back.", "Touch", ended, (code,)),
        "/v1/incentives/{code}/follow-up": deed(
            "Note that somebody asked the customer how it went.", "Touch", touched, (code,)
        ),
    }


def deliveries_paths() -> Json:
    """What goes out, and what did not get out."""

    def act(summary: str) -> Json:
        return {
            "post": {
                "summary": summary,
                "security": [{"bearer": ["act"]}],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": ref("Which")}},
                },
                "responses": {
                    "200": answer("To how many it was done.", "Changed"),
                    "400": problem("The body is not JSON."),
                    **DENIED,
                    "422": problem("A field is missing or wrong."),
                    **PRESSED,
                },
            }
        }

    return {
        "/v1/deliveries": get(
            "Decisions on their way out, newest first.",
            "read",
            {"200": answer("They.", "Rows"), "400": problem("`state` or `limit` cannot be read.")},
            (
                query("state", "Only of these states, with commas between them."),
                query("limit", "At most so many.", pattern="[0-9]+"),
            ),
        ),
        "/v1/deliveries/resend": act("Have dead letters sent once more."),
        "/v1/deliveries/drop": act("Send these no more."),
    }


def callbacks_paths() -> Json:
    """The call-back list, and what people do with an entry."""
    callback = path("callback")
    responses = {
        "200": answer("The entry.", "Callback"),
        "404": problem("Nobody is to be called back because of this contact."),
        "409": problem(
            "Somebody else is at it, it is done, or the customer was served; `reason` says which."
        ),
    }
    listing = listed(
        "The call-back list: who gave up or timed out and was not served since, the longest wait first.",
        "Abandoned",
        (query("state", "Only these; unless set, those not done.", enum=["open", "claimed", "done"]),),
    )
    deeds = {
        "queue": "Put the customer into the line again, in the place of the first wait.",
        "claim": "Say that one is calling the customer back.",
        "done": "Say that the customer was reached.",
        "failed": "Say that the customer was not reached; the next one may try.",
    }
    return {"/v1/abandoned": listing} | {
        f"/v1/callbacks/{{callback}}/{name}": deed(summary, "Touch", responses, (callback, SITE))
        for name, summary in deeds.items()
    }


def customers_paths() -> Json:
    """What a customer has a right to."""
    forget: Json = {
        "summary": "Forget a customer, in the state and on disk; the same answer where nobody knew them.",
        "security": [{"bearer": ["act"]}],
        "parameters": [path("customer")],
        "responses": {
            "204": {"description": "Nothing leads to the customer any more."},
            "400": problem("No customer is named."),
            **DENIED,
            **PRESSED,
        },
    }
    return {"/v1/customers/{customer}": {"delete": forget}}
