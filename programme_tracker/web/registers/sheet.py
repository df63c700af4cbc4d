"""A register as it is filled in: drawn, read back, and laid beside one submitted meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from programme_tracker.attendance.models import Mark, RegisterSubmission
from programme_tracker.attendance.queries import submission_of
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.working_time import to_local
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.scheduling.models import Session
from programme_tracker.web.identity import current_actor
from programme_tracker.web.registers.forms import TOKEN, DifferencesForm, RegisterForm
from programme_tracker.web.registers.marks import ReadRow, Sitting, hidden_fields, prefix_of, read_rows
from programme_tracker.web.registers.receipt import remarks_of, staff_names, standing_marks
from programme_tracker.web.registers.views import RegisterPerson
from programme_tracker.web.registers.wording import OUTCOME_WORDS, REASONS, outcome_words, outcomes_offered
from programme_tracker.web.sessions.wording import session_heading
from programme_tracker.workflows.visibility import session_for

Rows = Mapping[int, ReadRow]


@dataclass(frozen=True)
class Difference:
    """One person on both registers: theirs as submitted, yours as typed."""

    enrolment_id: int
    name: str
    theirs: str
    their_remarks: tuple[str, ...]
    yours: str
    your_remarks: tuple[str, ...]
    #: What a correction would say; none where both agree or yours is not complete.
    correction: MarkDetails | None
    fault: str = ""

    @property
    def field_name(self) -> str:
        """The name of the tick box that asks for the correction."""
        return f"{prefix_of(self.enrolment_id)}-apply"


def session_or_404(session_id: int) -> Session:
    """Return a session of one's own; for everybody else there is none."""
    session = session_for(current_actor(), session_id)
    if session is None:
        abort(404)
    return session


def draft_key(session: Session, actor: Actor) -> str:
    """Name the draft a browser keeps of one person's sheet of one session."""
    return f"register-{session.id}-v{session.version}-{actor.staff_id}"


def token_of(submission: RegisterSubmission) -> str:
    """Return the id that a phone or a sheet gave a submission."""
    return submission.token.partition(":")[2]


def settled_token() -> str | None:
    """Return the id of a submission that was laid beside this register, and chosen from."""
    token = request.args.get("settled", "")
    return token if TOKEN.fullmatch(token) else None


def read_sheet(
    session: Session, people: Sequence[RegisterPerson], sent: Mapping[str, str] | None = None
) -> Rows:
    """Read what was sent for everybody who needs a mark, by a form unless ``sent`` is given."""
    now = clock.now()
    grace = programme_policy(session.programme_code, now).late_grace_minutes
    sitting = Sitting(session.starts_at, grace, current_actor().staff_id, now)
    sent = request.form if sent is None else sent
    return read_rows(sent, [one.enrolment_id for one in people if one.locked is None], sitting)


def sheet_page(
    session: Session, form: RegisterForm, people: Sequence[RegisterPerson], rows: Rows
) -> ResponseReturnValue:
    """Draw the register with what was typed; 422 where something is to be put right."""
    now = clock.now()
    grace = programme_policy(session.programme_code, now).late_grace_minutes
    first, more = outcomes_offered(grace)
    page = render_template(
        "registers/sheet.html",
        session=session,
        heading=session_heading(session, now),
        now=now,
        ends_at=session.starts_at + timedelta(minutes=session.minutes),
        form=form,
        people=people,
        rows=rows,
        problems=problems_of(people, rows),
        first=first,
        more=more,
        reasons=REASONS,
        grace=grace,
        starts_at=f"{to_local(session.starts_at):%H:%M}",
        draft_key=draft_key(session, current_actor()),
    )
    return page, 422 if form.errors or any(row.errors for row in rows.values()) else 200


def problems_of(people: Sequence[RegisterPerson], rows: Rows) -> list[tuple[str, str]]:
    """Return what is to be put right as (sentence, address of the field)."""
    return [
        (f"{one.name}: {message}", f"#{one.prefix}-{field}")
        for one in people
        if one.enrolment_id in rows
        for field, message in rows[one.enrolment_id].errors.items()
    ]


def refuse_other_sheet(form: RegisterForm, session: Session) -> None:
    """Refuse a sheet made for another session, or one without its token."""
    if not (form.is_about(session.id) and form.has_token):
        raise RefusedError(
            Code.NOT_ALLOWED, "This sheet belongs to another session. Open the register again."
        )


def differences(session: Session, rows: Rows) -> list[Difference]:
    """Lay the register that stands beside one as typed, person by person."""
    return [
        _difference(mark, rows[mark.enrolment_id])
        for mark in standing_marks(session.id)
        if mark.enrolment_id in rows
    ]


def _difference(mark: Mark, row: ReadRow) -> Difference:
    details = row.details
    wanted = details if details is not None and _differs(mark, details) else None
    typed = (row.typed.reason, row.typed.evidence, row.typed.note)
    return Difference(
        enrolment_id=mark.enrolment_id,
        name=mark.enrolment.participant.name,
        theirs=outcome_words(mark.outcome),
        their_remarks=remarks_of(mark),
        yours=OUTCOME_WORDS[details.outcome] if details else "Not marked",
        your_remarks=tuple(text for text in typed if text),
        correction=wanted,
        fault="" if details or row.typed.is_empty else " ".join(row.errors.values()),
    )


def says_the_same(rows: Rows, marks: Sequence[Mark]) -> bool:
    """Tell whether a sheet says what these marks say; what the system set was nobody's to say."""
    by_people = {one.enrolment_id: one for one in marks if not OUTCOMES[Outcome(one.outcome)].system_only}
    said = {enrolment_id: row.details for enrolment_id, row in rows.items() if enrolment_id in by_people}
    return all(details and not _differs(by_people[one], details) for one, details in said.items())


def _differs(mark: Mark, details: MarkDetails) -> bool:
    """Tell whether mine says something that theirs does not; what I left empty is no difference."""
    if mark.outcome != details.outcome.value:
        return True
    pairs = ((details.reason, mark.reason), (details.evidence, mark.evidence), (details.note, mark.note))
    return any(mine and mine != theirs for mine, theirs in pairs)


def both_page(session: Session, form: DifferencesForm, rows: Rows, status: int) -> ResponseReturnValue:
    """Show both registers side by side; nothing typed is lost."""
    now, submission = clock.now(), submission_of(session.id)
    assert submission is not None
    page = render_template(
        "registers/both.html",
        session=session,
        heading=session_heading(session, now),
        form=form,
        submission=submission,
        by=staff_names([submission.submitted_by]).get(submission.submitted_by or 0, "the system"),
        differences=differences(session, rows),
        carried=hidden_fields(rows),
    )
    return page, status
