"""What people see when something goes wrong: one calm page that says what to do next."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from jinja2 import Template
from markupsafe import escape
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from programme_tracker.kernel.errors import RefusedError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Trouble:
    """What went wrong, in words for a person: the heading, and what to do."""

    status: int
    title: str
    text: str


_NOT_THERE = Trouble(404, "This page is not there", "Check the address, or start again from Today.")
_TROUBLES = {
    trouble.status: trouble
    for trouble in (
        Trouble(400, "That could not be read", "Go back, load the page again and try once more."),
        Trouble(403, "This page is not there", "Check the address, or start again from Today."),
        _NOT_THERE,
        Trouble(405, "That cannot be done here", "Go back and use the buttons on the page."),
        Trouble(413, "That is too much at once", "Shorten the text, or send a smaller file."),
        Trouble(415, "That could not be read", "Go back, load the page again and use its form."),
        Trouble(429, "Too many tries", "Wait a minute, then try again."),
        Trouble(
            500,
            "Something went wrong on our side",
            "Nothing was saved. Try again. If it goes wrong again, tell your administrator what you did.",
        ),
        Trouble(503, "Back in a moment", "The service is starting or being looked after. Try again soon."),
    )
}
_FORM_TOO_OLD = Trouble(
    400,
    "The page was open too long",
    "Nothing was saved. Go back, load the page again and send it once more.",
)
_CHANGED_MEANWHILE = Trouble(
    409,
    "Somebody else changed this meanwhile",
    "Nothing of yours was saved. Go back, load the page again to see what it says now, and then decide.",
)


def wants_json() -> bool:
    """Tell whether a script asks rather than a person."""
    accept = request.accept_mimetypes
    return request.is_json or accept["application/json"] > accept["text/html"]


def handle_errors(app: Flask) -> None:
    """Give every error its page."""
    app.register_error_handler(CSRFError, lambda _: _answer(_FORM_TOO_OLD))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(StaleDataError, lambda _: _answer(_CHANGED_MEANWHILE))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    status = error.code
    trouble = _TROUBLES.get(status) or Trouble(status, HTTPStatus(status).phrase, _TROUBLES[400].text)
    response = _answer(trouble)
    if error.response is None and status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers.extend(error.get_headers())
        response.content_type = "text/html; charset=utf-8"
    return response


def _refused(error: RefusedError) -> ResponseReturnValue:
    """Show a refusal that its page did not show beside the field."""
    return _answer(Trouble(409, "This was not done", error.message), code=error.code.value)


def _answer(trouble: Trouble, code: str | None = None) -> Response:
    if wants_json():
        response = jsonify({"error": code or trouble.status, "message": trouble.text})
    else:
        response = current_app.make_response(_page(trouble))
    response.status_code = trouble.status
    return response


def _page(trouble: Trouble) -> str:
    """Render the page; fall back to a bare one when even that fails.

    Without a known host there are no addresses, and without a database nobody is signed in.
    """
    try:
        names: list[str | Template] = [f"errors/{trouble.status}.html", "errors/error.html"]
        return render_template(
            names, trouble=trouble, status=trouble.status, title=trouble.title, text=trouble.text
        )
    except Exception:
        if trouble.status < 500 and request.routing_exception is None:
            raise
        log.error("error_page_failed", exc_info=True)
        title, text = escape(trouble.title), escape(trouble.text)
        return f'<!doctype html><html lang="en-GB"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>'
