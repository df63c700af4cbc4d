"""Everything that a process of the application imports or works out at its start, done once."""

from datetime import date
from importlib import import_module

import psycopg
from sqlalchemy.orm import configure_mappers

import tests.processes
from programme_tracker.kernel.working_time import is_english_bank_holiday
from programme_tracker.web import BLUEPRINTS

__all__ = ["psycopg", "tests"]

for _name in BLUEPRINTS:
    import_module(_name)
configure_mappers()
is_english_bank_holiday(date(2026, 9, 1))
is_english_bank_holiday(date(2027, 1, 1))
