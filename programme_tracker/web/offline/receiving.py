"""A register that a phone hands in: taken once, refused with a code, or laid beside the one that stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from programme_tracker.attendance.models import RegisterSubmission
from programme_tracker.attendance.queries import submission_of
from programme_tracker.attendance.services import submission_with
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.scheduling.models import Session
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import moment_words, time_words
from programme_tracker.web.reading import whole_number
from programme_tracker.web.registers.forms import TOKEN
from programme_tracker.web.registers.receipt import first_marks, staff_names
from programme_tracker.web.registers.sheet import Rows, differences, read_sheet, says_the_same
from programme_tracker.web.registers.views import RegisterPerson, people_on
from programme_tracker.workflows import registers

Answer = tuple[dict[str, Any], int]

#: More fields than the largest register has, and more letters than its longest note.
MOST_FIELDS, LONGEST = 500, 4000

_FIELD = re.compile(r"m-(\d{1,10})-(outcome|arrived|reason|evidence|note)", re.ASCII)


@dataclass(frozen=True)
class Handed:
    """What a phone handed in: the id it gave the submission, the version it saw, and its marks by field."""

    token: str
    seen_version: int
    fields: Mapping[str, str]

    @property
    def marked(self) -> set[int]:
        """The enrolments of which the phone says how it went."""
        found = ((_FIELD.fullmatch(name), value) for name, value in self.fields.items())
        return {
            int(field[1])
            for field, value in found
            if field and field[2] in {"outcome", "arrived"} and value.strip()
        }


def read_handed(session_id: int) -> Handed | None:
    """Read the request's body: one object of texts about this session, or None."""
    try:
        sent = request.get_json(silent=True)
    except RecursionError:
        return None
    if not isinstance(sent, dict) or len(sent) > MOST_FIELDS:
        return None
    if not all(isinstance(value, str) and len(value) <= LONGEST for value in sent.values()):
        return None
    plain = {name: _storable(value) for name, value in sent.items()}
    try:
        version = whole_number(plain.get("seen_version", ""))
    except ValueError:
        return None
    token = plain.get("token", "")
    if not TOKEN.fullmatch(token) or plain.get("about") != str(session_id):
        return None
    return Handed(token, version, plain)


def _storable(text: str) -> str:
    """Replace what no database keeps: a NUL, and half of a letter that takes two."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def receive(session_id: int, handed: Handed) -> Answer:
    """Take a register from a phone, once however often it comes; never over one that stands."""
    try:
        # Held from the first look, so that nobody is booked or marked between looking and taking.
        with transaction():
            return _receive(locked(Session, session_id), handed)
    except RefusedError as refused:
        return _refused(refused.code.value, refused.message)


def _receive(session: Session, handed: Handed) -> Answer:
    people = people_on(session)
    rows = read_sheet(session, people, handed.fields)
    known = submission_with(f"{session.id}:{handed.token}")
    if known is not None and says_the_same(rows, first_marks(session.id)):
        return _taken(known)
    submission = submission_of(session.id)
    if submission is not None:
        return _beside(session, submission, rows, handed)
    refused = _refusal(session, handed) or _incomplete(people, rows, handed)
    if refused is not None:
        return refused
    done = registers.submit_register(
        session.id,
        {one: row.details for one, row in rows.items() if row.details is not None},
        token=f"{session.id}:{handed.token}",
        actor=current_actor(),
        now=clock.now(),
    )
    return _taken(done.submission)


def _taken(submission: RegisterSubmission, by: str | None = None) -> Answer:
    """Say that the server holds these marks; ``by`` names who submitted the same ones before."""
    return {
        "state": "taken",
        "by": by,
        "receipt": submission.id,
        "url": url_for("registers.receipt", submission_id=submission.id),
        "at": time_words(submission.submitted_at),
    }, 200


def _beside(session: Session, submission: RegisterSubmission, rows: Rows, handed: Handed) -> Answer:
    """Lay both registers side by side; where they say the same there is nothing to choose."""
    found = differences(session, rows)
    elsewhere = handed.marked - {one.enrolment_id for one in found}
    names = staff_names([submission.submitted_by])
    is_own = submission.submitted_by == current_actor().staff_id
    who = "you" if is_own else names.get(submission.submitted_by or 0, "the system")
    is_whole = all(row.details for row in rows.values()) and not elsewhere
    if is_whole and not any(one.correction for one in found):
        return _taken(submission, by=who)
    when = moment_words(submission.submitted_at, clock.now())
    said, status = _refused(
        "submitted_meanwhile", f"{who[0].upper()}{who[1:]} submitted this register {when}, with other marks."
    )
    lines = [
        {"id": one.enrolment_id, "theirs": one.theirs, "yours": one.yours, "differs": bool(one.correction)}
        for one in found
    ]
    lines += [
        {"id": one, "theirs": "Not on this register any more", "yours": "Marked", "differs": True}
        for one in sorted(elsewhere)
    ]
    return said | {"by": who, "receipt": submission.id, "differences": lines}, status


def _refusal(session: Session, handed: Handed) -> Answer | None:
    """Refuse what the session itself does not allow any more, or not yet."""
    now = clock.now()
    when = moment_words(session.starts_at, now)
    if session.cancelled_at is not None:
        return _refused("session_cancelled", "This session was cancelled, so it has no register.")
    if session.version != handed.seen_version:
        return _refused(
            "session_changed", f"This session was moved: it is now {when}. Look whether the marks still hold."
        )
    if session.starts_at > now:
        return _refused("not_begun", f"This session has not begun: the register can be sent from {when}.")
    return None


def _incomplete(people: list[RegisterPerson], rows: Rows, handed: Handed) -> Answer | None:
    """Say what is to be put right, person by person; a mark that nobody asked for is not thrown away."""
    problems = {one: dict(row.errors) for one, row in rows.items() if row.errors}
    locked = {one.enrolment_id: one.locked for one in people if one.locked}
    for one in handed.marked - set(rows):
        why = locked.get(one, "Not on this register any more.")
        problems[one] = {"outcome": f"{why} Take the mark out"}
    if not problems:
        return None
    said, _ = _refused("incomplete", "Some marks are to be put right first.")
    return said | {"problems": {str(one): told for one, told in problems.items()}}, 422


def _refused(code: str, message: str) -> Answer:
    return {"error": code, "message": message}, 409
