"""What every response tells the browser not to do."""

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from programme_tracker.web.identity import is_https
from programme_tracker.web.static_files import may_be_kept

#: Reviewed: every unsafe route that no form of ours leads to, each with a proof of its own instead.
WITHOUT_FORM_TOKEN = ("webhooks.status", "webhooks.inbound")

POLICY = "; ".join(
    (
        "default-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

#: A year: browsers then refuse to come back without TLS.
_STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


def send_security_headers(app: Flask) -> None:
    """Put the security headers on every response, and keep all but static files out of caches."""
    app.after_request(_secure)


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if is_https():
        response.headers.setdefault("Strict-Transport-Security", _STRICT_TRANSPORT)
    if (request.endpoint or "").endswith("static"):
        may_be_kept(response)
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def check_form_tokens(app: Flask) -> None:
    """Ask every unsafe request for its form's token, but those of ``WITHOUT_FORM_TOKEN``."""
    protection = CSRFProtect(app)
    for endpoint in WITHOUT_FORM_TOKEN:
        protection.exempt(app.view_functions[endpoint])
