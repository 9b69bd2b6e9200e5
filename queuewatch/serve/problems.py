"""Errors as `application/problem+json` (RFC 9457): what is wrong and how to mend it, in one sentence."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from queuewatch.logs import logger
from queuewatch.ports import FaultError, JournalFailedError, OverloadedError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTENT_TYPE = "application/problem+json"
# A disk that does not take what was sent is tried again after so long, seconds.
AGAIN_S = 5
_log = logger("serve")


class ProblemError(Exception):
    """Ends a request with a problem: its status, its sentence, further headers and members."""

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.members = members


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
) -> web.Response:
    """The response that says it."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type=CONTENT_TYPE, headers=headers
    )


@web.middleware
async def as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong in a handler leaves as a problem."""
    try:
        return await handler(request)
    except ProblemError as error:
        return problem(error.status, error.detail, headers=error.headers, **error.members)
    except OverloadedError as error:
        seconds = max(1, math.ceil(error.retry_after_s))
        return problem(429, str(error), headers={"Retry-After": str(seconds)})
    except FaultError:  # the journal has told it in the log, with its traceback
        return problem(
            500,
            "queuewatch made a mistake writing this down, and its log has the details; of a list nothing is"
            " written: send its events one by one, and leave out the one that is answered like this",
        )
    except JournalFailedError:  # the journal has said why in the log
        return problem(
            503,
            "nothing can be written down at the moment; send it again later",
            headers={"Retry-After": str(AGAIN_S)},
        )
    except web.HTTPException as error:
        return _from_aiohttp(request, error)
    except Exception:  # noqa: BLE001 - a bug in one answer must be told and logged, and must not end the service
        # The route, not the path: paths name contacts.
        resource = request.match_info.route.resource
        _log.exception("http_failed", method=request.method, route=resource.canonical if resource else "")
        return problem(500, "queuewatch made a mistake answering this; its log has the details")


def _from_aiohttp(request: web.Request, error: web.HTTPException) -> web.Response:
    """What aiohttp raises by itself, in our words."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return problem(
            405, f"{error.method} is not possible here; possible are {allowed}", headers={"Allow": allowed}
        )
    if isinstance(error, web.HTTPNotFound):
        return problem(404, f"there is nothing at {request.path}; /openapi.json lists what there is")
    return problem(error.status, error.text or error.reason)
