"""What our texts say: discreet, in one segment, in the same few shapes.

Whoever picks up the phone learns a day, a time and a number that answers neutrally, and nothing
else (product.md §5). The wording itself lies in ``templates/messages/<kind>/default.txt``: a line
"version N", then the text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from string import Formatter

from programme_tracker.kernel.assets import templates_path
from programme_tracker.messaging.rules import MessageKind
from programme_tracker.messaging.texts import is_gsm7, problems_of

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: The kinds that speak of a session and so have a template.
SESSION_KINDS = (MessageKind.BOOKED, MessageKind.REMINDER, MessageKind.CHANGED, MessageKind.CANCELLED)

#: The placeholders, each at its longest, to see that a template always fits one segment.
LONGEST = {
    "when": "Wed 30 Sep 12.30pm",
    "callback": "+44 1632 960001",
    "moved_from": " on Wed 30 Sep 12.30pm",
}


class WordingError(Exception):
    """A text may not go to a participant; says why in a sentence or two."""


@dataclass(frozen=True)
class Template:
    """One kind's text with its placeholders, and the number of this version of it."""

    text: str
    version: int


@dataclass(frozen=True)
class Wording:
    """A text ready to go, and the version of the template it was made from."""

    body: str
    template_version: int


@cache
def default_templates() -> Mapping[MessageKind, Template]:
    """Return the templates that come with the product. Raises WordingError if one may not be used."""
    folder = templates_path() / "messages"
    return {kind: read_template(folder / kind / "default.txt") for kind in SESSION_KINDS}


def read_template(path: Path) -> Template:
    """Read one template and check it. Raises WordingError that names the file."""
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    word, _, number = first.partition(" ")
    if word != "version" or not number.isdecimal():
        raise WordingError(f"{path} must begin with a line like “version 1”.")
    text = rest.strip()
    try:
        check_template(text)
    except WordingError as error:
        raise WordingError(f"{path} cannot be used. {error}") from error
    return Template(text, int(number))


def check_template(text: str) -> None:
    """Raise WordingError if a template is longer than one text, tells too much or cannot be filled."""
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise WordingError("A placeholder is not closed.") from error
    strangers = sorted(names - LONGEST.keys())
    if strangers:
        raise WordingError(f"There is no placeholder {{{strangers[0]}}}.")
    _refuse_problems(text.format(**LONGEST))


def clock_words(moment: time) -> str:
    """Say a time of day as people text it: "6.30pm", "10am", "12 noon"."""
    if moment.minute == 0 and moment.hour in (0, 12):
        return "12 noon" if moment.hour else "12 midnight"
    hour = moment.hour % 12 or 12
    minutes = f".{moment.minute:02d}" if moment.minute else ""
    return f"{hour}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def day_and_time(local: datetime) -> str:
    """Say a London wall time as people text it: "Thu 26 Nov 6.30pm"."""
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {clock_words(local.time())}"


def render(
    kind: MessageKind,
    *,
    starts_local: datetime,
    callback: str,
    first_name: str | None = None,
    moved_from: datetime | None = None,
    templates: Mapping[MessageKind, Template] | None = None,
) -> Wording:
    """Write the text of one kind about a session that starts at a London wall time.

    ``moved_from`` is the wall time it had before, for ``changed``. A first name is left out when it
    would tell too much, fall outside GSM-7 or make a second segment. Raises WordingError when the
    text itself may not go.
    """
    template = (templates or default_templates())[kind]
    text = template.text.format(
        when=day_and_time(starts_local),
        callback=callback,
        moved_from=f" on {day_and_time(moved_from)}" if moved_from else "",
    )
    _refuse_problems(text)
    return Wording(_addressed(text, first_name), template.version)


def _refuse_problems(text: str) -> None:
    problems = problems_of(text)
    if problems:
        raise WordingError(" ".join(problems))


def _addressed(text: str, first_name: str | None) -> str:
    name = " ".join((first_name or "").split())
    addressed = f"{name}: {text}"
    return addressed if name and is_gsm7(name) and not problems_of(addressed) else text


def staff_alert(count: int, sign_in_url: str) -> Wording:
    """Write the alert that tells staff something waits for them, and nothing more (product.md §8)."""
    notices = "notice" if count == 1 else "notices"
    return Wording(f"You have {count} new {notices}. Sign in: {sign_in_url}", 1)
