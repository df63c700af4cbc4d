"""The application for a WSGI server: ``gunicorn wsgi:app``. Settings come from the environment."""

import os
import sys

from programme_tracker.app import create_app
from programme_tracker.config import ConfigError, load_settings

#: By this status gunicorn knows that trying again is of no use.
APPLICATION_FAILED = 4

try:
    app = create_app(load_settings(os.environ))
except ConfigError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(APPLICATION_FAILED)
