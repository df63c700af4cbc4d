"""The pieces that every form is made of: what a control accepts, and what it says when it cannot.

Messages ask for what is needed ("Enter the date the caution expires, for example 31 12 2026");
they never call anything invalid.
"""

from wtforms import BooleanField, HiddenField, PasswordField

from programme_tracker.web.fields.base import PageForm, Required
from programme_tracker.web.fields.choices import AnyOfField, DropDownField, OneOfField, SearchableSelectField
from programme_tracker.web.fields.texts import LongTextField, PhoneNumberField, TextField, WholeNumberField
from programme_tracker.web.fields.times import ClockTimeField, DayMonthYearField, read_clock_time, read_date

__all__ = [
    "AnyOfField",
    "BooleanField",
    "ClockTimeField",
    "DayMonthYearField",
    "DropDownField",
    "HiddenField",
    "LongTextField",
    "OneOfField",
    "PageForm",
    "PasswordField",
    "PhoneNumberField",
    "Required",
    "SearchableSelectField",
    "TextField",
    "WholeNumberField",
    "read_clock_time",
    "read_date",
]
