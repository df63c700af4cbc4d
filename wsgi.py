"""The application for a WSGI server: ``gunicorn wsgi:app``. Settings come from the environment."""

import os
import sys

from programme_tracker.app import create_app
from programme_tracker.config import ConfigError, load_settings

try:
    app = create_app(load_settings(os.environ))
except ConfigError as error:
    sys.exit(str(error))
