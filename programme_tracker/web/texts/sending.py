"""How texts are sent: the rate, a pause, and what each of the provider's signals means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.messaging.providers import SignalKind
from programme_tracker.messaging.providers.signals import DEFAULT_SIGNAL, KINDS, ROWS, SignalRow
from programme_tracker.messaging.queries import held_for_person, sending_control, signal_table
from programme_tracker.messaging.services import change_signal, resume_sending, set_sending_rate
from programme_tracker.messaging.services.control import DEFAULT_RATE, MOST_RATE
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import DropDownField, PageForm, Required, TextField, WholeNumberField
from programme_tracker.web.fields.base import lower_first
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import length_words

bp = Blueprint("sending", __name__, url_prefix="/messages/sending")

#: What a class is called where it is chosen.
CLASSES: Mapping[SignalKind, str] = {
    SignalKind.NEVER_PROCESSED: "Too many at once",
    SignalKind.SAFE: "Certainly not sent",
    SignalKind.AMBIGUOUS: "May have been sent",
    SignalKind.CONFIGURATION: "Our account",
    SignalKind.SENDER: "Our sender cannot reach it",
    SignalKind.QUEUE_FULL: "Queue full",
    SignalKind.NUMBER: "The number",
    SignalKind.STOPPED: "They stopped texts",
    SignalKind.DEFECT: "Our mistake",
    SignalKind.UNREACHABLE: "Phone out of reach",
    SignalKind.PASSING: "Passing fault",
    SignalKind.FILTERED: "Filtered",
    SignalKind.PERMANENT: "For good",
}

#: Signals of our own, and the one that stands for all others.
SIGNALS: Mapping[str, str] = {
    DEFAULT_SIGNAL: "Any other code",
    "not_connected": "No connection",
    "no_answer": "No answer",
}


class RateForm(PageForm):
    """How many texts a second."""

    per_second = WholeNumberField(
        "Texts a second, all workers together", [Required("Enter how many")], least=1, most=MOST_RATE
    )


class SignalForm(PageForm):
    """The class of one signal."""

    signal = TextField("Code", [Required("Enter the provider’s code, for example 30003")], longest=20)
    kind = DropDownField(
        "What it means",
        [Required("Choose what it means")],
        choices=[(one.value, words) for one, words in CLASSES.items()],
    )


@dataclass(frozen=True)
class Signal:
    """One signal: its code, what it is called, and whether somebody changed what it means."""

    code: str
    name: str
    is_changed: bool


@dataclass(frozen=True)
class ClassLine:
    """One class of signals: what it is called, which they are, and what follows in words."""

    name: str
    signals: list[Signal]
    follows: str


@bp.get("/")
@requires("text.settings")
def show() -> ResponseReturnValue:
    """Show how texts are sent."""
    asked = request.args.get("signal", "")
    form = SignalForm(formdata=None, signal=asked, kind=signal_table().get(asked))
    return _page(_rate_form(), form)


@bp.post("/rate")
@requires("text.settings")
def rate() -> ResponseReturnValue:
    """Set how many texts go in a second."""
    form = RateForm()
    if form.validate_on_submit():
        set_sending_rate(form.per_second.data or 0, actor=current_actor(), now=clock.now())
        say("Rate saved.", "Every worker goes by it from the next text on.")
        return redirect(url_for("sending.show"), code=303)
    return _page(form, SignalForm(formdata=None))


@bp.post("/resume")
@requires("text.settings")
def resume() -> ResponseReturnValue:
    """Let texts go again before a pause ends by itself."""
    if resume_sending(actor=current_actor(), now=clock.now()):
        say("Sending goes on.", "If the cause is still there, it will be held again.")
    else:
        say("Nothing held it.", tone="info")
    return redirect(url_for("sending.show"), code=303)


@bp.post("/signals")
@requires("text.settings")
def signals() -> ResponseReturnValue:
    """Give a signal another class."""
    form = SignalForm()
    if form.validate_on_submit():
        name, kind = (form.signal.data or "").strip(), SignalKind(form.kind.data)
        try:
            changed = change_signal(name, kind, actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            follows = f"{SIGNALS.get(name, name)}: {lower_first(action_words(ROWS[kind]))}"
            say("Saved." if changed else "It meant that already.", follows)
            return redirect(url_for("sending.show"), code=303)
    return _page(_rate_form(), form)


def _rate_form() -> RateForm:
    control = sending_control()
    return RateForm(formdata=None, per_second=control.per_second if control else DEFAULT_RATE)


def _page(rate_form: RateForm, form: SignalForm) -> ResponseReturnValue:
    control, now = sending_control(), clock.now()
    paused = control if control and control.paused_until and control.paused_until > now else None
    page = render_template(
        "texts/sending.html",
        rate=rate_form,
        form=form,
        lines=class_lines(),
        paused=paused,
        held=held_for_person(),
    )
    return page, 422 if form.errors or rate_form.errors else 200


def class_lines() -> list[ClassLine]:
    """Return every class with its signals as they stand now; the default stands last in its own."""
    table = {DEFAULT_SIGNAL: SignalKind.PERMANENT, **signal_table()}
    codes: dict[SignalKind, list[str]] = {}
    for code in sorted(table, key=lambda one: (one == DEFAULT_SIGNAL, one)):
        codes.setdefault(table[code], []).append(code)
    return [
        ClassLine(CLASSES[kind], [_signal(code, kind) for code in codes.get(kind, [])], action_words(row))
        for kind, row in ROWS.items()
    ]


def _signal(code: str, kind: SignalKind) -> Signal:
    return Signal(code, SIGNALS.get(code, code), kind is not KINDS.get(code, SignalKind.PERMANENT))


def _wait_words(delay: timedelta) -> str:
    seconds = int(delay.total_seconds())
    return f"{seconds} seconds" if seconds < 60 else length_words(delay)


def action_words(row: SignalRow) -> str:
    """Say in sentences what follows from a class of signals ."""
    said = []
    if row.kind is SignalKind.AMBIGUOUS:
        said.append("Ask the provider before anything goes again.")
    elif row.delays:
        waits = ", then ".join(_wait_words(delay) for delay in row.delays)
        said.append(f"Try again after {waits}{', doubling,' if row.doubling else ''} while it is of use.")
    else:
        said.append("Not tried again.")
    if row.pause:
        said.append(f"All sending pauses for {length_words(row.pause)}.")
    if row.suppress:
        said.append("The number is not used any more.")
    if row.alarm:
        said.append("The manager is told.")
    if row.task:
        said.append("The lead is asked to ring.")
    return " ".join(said)
