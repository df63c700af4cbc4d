"""The web application, put together."""

import logging
import os
import sys
from importlib import import_module

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

from programme_tracker.config import Settings, load_settings
from programme_tracker.kernel import clock as clocks
from programme_tracker.kernel.application import set_settings
from programme_tracker.kernel.assets import static_path, templates_path
from programme_tracker.kernel.clock import Clock, DemoClock, SystemClock, set_clock
from programme_tracker.kernel.database import init_database
from programme_tracker.kernel.logs import configure_logs
from programme_tracker.web import BLUEPRINTS
from programme_tracker.web.access import guard_every_request
from programme_tracker.web.compression import compress_static_files
from programme_tracker.web.errors import handle_errors
from programme_tracker.web.frame import give_frame
from programme_tracker.web.identity import init_identity
from programme_tracker.web.looking import note_every_read
from programme_tracker.web.presentation import add_filters
from programme_tracker.web.reading import PlainRequest, RowConverter
from programme_tracker.web.request_log import log_requests
from programme_tracker.web.security import check_form_tokens, send_security_headers
from programme_tracker.web.static_files import serve_by_build
from programme_tracker.workflows.tables import load_models

#: Forms and register submissions are small; nothing is uploaded.
LARGEST_REQUEST = 1024 * 1024


def create_app(
    settings: Settings | None = None, clock: Clock | None = None, sign_in_clock: Clock | None = None
) -> Flask:
    """Put the application together; settings come from the environment unless given.

    ``clock`` tells the time of the work, ``sign_in_clock`` (the same unless given) that of
    sign-ins. Without a clock it is the machine's; a demonstration's can be moved on, which signs
    nobody out. Raises ConfigError when a setting is missing or wrong.
    """
    settings = settings or load_settings(os.environ)
    if clock is None:
        clock = DemoClock() if settings.demo else SystemClock()
        sign_in_clock = sign_in_clock or SystemClock()
    app = Flask("programme_tracker", template_folder=str(templates_path()), static_folder=str(static_path()))
    app.request_class = PlainRequest
    app.url_map.converters["int"] = RowConverter
    app.config.from_mapping(_configuration(settings))
    set_settings(app, settings)
    set_clock(app, clock)
    # Somebody who tries the product at a terminal reads the sign-ins there, not a line a request.
    configure_logs(logging.WARNING if settings.demo and sys.stderr.isatty() else logging.INFO)
    load_models()
    init_database(app, settings.database_url)
    _stand_behind_proxies(app, settings.trusted_proxies)
    _open_doors(app, sign_in_clock or clock)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    is_https = settings.public_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "TRUSTED_HOSTS": list(settings.trusted_hosts),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        # What statements are given can be personal, so errors must not quote it.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "BOOTSTRAP_SERVE_LOCAL": True,
        # Flask's own session holds the forms' token and messages only, never who is signed in.
        "SESSION_COOKIE_NAME": "__Host-pt_form" if is_https else "pt_form",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        # A form lives as long as the sign-in it belongs to.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _stand_behind_proxies(app: Flask, count: int) -> None:
    """Believe exactly as many forwarding headers as there are proxies: one more can be forged."""
    if count:
        fixed = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
        app.wsgi_app = fixed  # type: ignore[method-assign]  # how Flask documents wrapping itself


def _open_doors(app: Flask, sign_in_clock: Clock) -> None:
    """Register what answers requests, in the order in which it must speak."""
    add_filters(app.jinja_env, clocks.now)
    Bootstrap5(app)
    serve_by_build(app)
    init_identity(app, sign_in_clock)
    handle_errors(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(name).bp)
    log_requests(app)
    # The guard before the forms' check: somebody signed out is asked to sign in, not told off.
    guard_every_request(app)
    check_form_tokens(app)
    give_frame(app)
    note_every_read(app)
    send_security_headers(app)
    compress_static_files(app)
