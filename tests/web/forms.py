"""A small application with one form of every kind of control, for the tests beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from typing import Any

from flask import Flask, render_template_string
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from werkzeug.datastructures import MultiDict

from programme_tracker.kernel.assets import static_path, templates_path
from programme_tracker.kernel.working_time import at_local
from programme_tracker.web import fields
from programme_tracker.web.presentation import add_filters

NOW = at_local(date(2026, 11, 25), time(15, 2))
OFFICERS = [("1", "Samira Łukasz-O'Neill, Northtown"), ("2", "Sam Example, Southport")]


def small_app() -> Flask:
    """Return an application that can draw the components and nothing else."""
    app = Flask("components", template_folder=str(templates_path()), static_folder=str(static_path()))
    app.config.update(SECRET_KEY="for tests", WTF_CSRF_ENABLED=False, TESTING=True)
    Bootstrap5(app)
    CSRFProtect(app)
    add_filters(app.jinja_env, lambda: NOW)
    return app


class EveryField(fields.PageForm):
    """One of each."""

    name = fields.TextField("Full name", [fields.Required()], description="As on the caution.", longest=60)
    mobile = fields.PhoneNumberField("Mobile number")
    expires_on = fields.DayMonthYearField(
        "Date the caution expires", [fields.Required()], what="the date the caution expires"
    )
    starts = fields.ClockTimeField("Start time", near=time(18, 30))
    dash = fields.OneOfField(
        "DASH level", [fields.Required()], choices=[("standard", "Standard"), ("high", "High")]
    )
    tools = fields.AnyOfField("What was agreed", choices=[("a", "Victim contacted"), ("b", "Admission made")])
    venue = fields.DropDownField("Venue", choices=[("1", "Room 1"), ("2", "Room 2")])
    officer = fields.SearchableSelectField("Officer", choices=OFFICERS)
    places = fields.WholeNumberField("Places", least=1, most=12)
    notes = fields.LongTextField("Anything else")
    sure = fields.BooleanField("The victim agrees")


GOOD = {
    "name": "Sam Example",
    "expires_on-day": "31",
    "expires_on-month": "12",
    "expires_on-year": "2026",
    "dash": "high",
}


@contextmanager
def sent(**typed: str) -> Iterator[Any]:
    """Give the form as it comes back with ``typed`` over good answers; "" leaves one out."""
    with small_app().test_request_context("/", method="POST"):
        answers = GOOD | {name.replace("__", "-"): text for name, text in typed.items()}
        yield EveryField(MultiDict(answers))


def drawn(template: str, **variables: Any) -> str:
    """Return a piece of template, drawn."""
    with small_app().test_request_context("/"):
        return render_template_string(template, **variables)
