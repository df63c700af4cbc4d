"""One log line a request: which view, how long, by whom (an id), and nothing they typed."""

import secrets
import time

import structlog
from flask import Flask, Response, g, request

from programme_tracker.web.identity import current_person

log = structlog.get_logger(__name__)


def log_requests(app: Flask) -> None:
    """Write a line after every request but static files and health checks."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=secrets.token_hex(8))


def _end(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    if endpoint.endswith("static") or endpoint.startswith("health."):
        return response
    person = current_person() if "_login_user" in g else None
    log.info(
        "request",
        method=request.method,
        endpoint=endpoint,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.request_began) * 1000, 1),
        staff_id=person.staff_id if person else None,
    )
    return response
