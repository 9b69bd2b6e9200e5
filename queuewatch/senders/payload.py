"""A decision as the JSON that programs get: points in time as RFC 3339, numbers as numbers."""

from __future__ import annotations

from typing import Any

import msgspec

from queuewatch.core.decisions import Decision
from queuewatch.core.wire import rfc3339


def told(decision: Decision) -> dict[str, Any]:
    """The decision's fields; what ends in `_at`, and `at`, is a point in time."""
    fields: dict[str, Any] = msgspec.to_builtins(decision)
    return {
        name: rfc3339(value) if isinstance(value, float) and (name == "at" or name.endswith("_at")) else value
        for name, value in fields.items()
    }


def encoded(decision: Decision) -> bytes:
    """The decision as JSON."""
    return msgspec.json.encode(told(decision))
