"""The description of the planner's routes."""

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
    ref,
    text,
)
from queuewatch.serve.planner import MINUTES, SHORT, XLSX

_INTERVALS = [f"{minutes}{unit}" for minutes in MINUTES for unit in ("", "min")]
_PARAMETERS = (
    query("interval", "Length of an interval, minutes; `30min` is 30.", enum=_INTERVALS),
    query("horizon", "Days ahead, today included, 1 to 56; `14d` is 14.", pattern="^[0-9]+d?$"),
    query("format", "Goes before Accept.", enum=list(SHORT)),
    query("volume", "What if so many times as many came.", type="number", minimum=0.01, maximum=10),
    query("handling", "What if each took so many times as long.", type="number", minimum=0.01, maximum=10),
    query("shrinkage", "What if this share is not at work.", type="number", minimum=0, maximum=0.95),
    query(
        "past_first",
        "What if this share may wait past the first threshold; for later ones alike.",
        type="number",
        minimum=0.001,
        maximum=0.9,
    ),
)


def planner_paths() -> Json:
    """Forecast and staffing of a queue, and what can be planned."""
    plan = {
        "200": {
            "description": "The plan: days, intervals, what it rests on, how good last week's was.",
            "content": {
                "application/json": {"schema": {"type": "object"}},
                **text("text/csv"),
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            },
        },
        "400": problem("What was asked for cannot be."),
        "406": problem("A plan is had as JSON, CSV or a workbook."),
        "422": problem("There is no forecast, and why."),
        **NO_QUEUE,
    }
    asked = (path("queue"), SITE, *_PARAMETERS)
    listed = {
        "200": {
            "description": "Queues and pools of queues, and how they are planned unless asked otherwise.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    }
    bring: Json = {
        "summary": "Bring in the agents planned per interval; all rows or none. Answered once durable.",
        "security": [{"bearer": ["act"]}],
        "parameters": [query("by", "With CSV: whose plan it is; else whose token it is.")],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref("PlanBody")}, **text("text/csv")},
        },
        "responses": {
            "200": answer("What was taken in, by queue.", "PlanTaken"),
            "400": problem("The body is neither JSON nor UTF-8 text."),
            **DENIED,
            "415": problem("A plan is taken as CSV or JSON."),
            "422": problem("Rows cannot be taken: which, why, and the cure. Nothing was taken."),
            **PRESSED,
        },
    }
    page = {"200": {"description": "A page.", "content": text("text/html")}}
    return {
        "/v1/planner": get("What can be planned.", "read", listed),
        "/v1/queues/{queue}/forecast": get("Contacts per interval for the days ahead.", "read", plan, asked),
        "/v1/queues/{queue}/staffing": get("Agents per interval for the days ahead.", "read", plan, asked),
        "/v1/plan": {"post": bring},
        "/planner": get("The planner page.", None, page),
    }
