"""Who runs one session: cover for a night."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from programme_tracker.accounts.models import Staff, StaffLeave
from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.scheduling.models import Session
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.groups.forms import CoverForm
from programme_tracker.web.groups.routes import staff_who_deliver
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import counted
from programme_tracker.web.registers.sheet import session_or_404
from programme_tracker.web.sessions.wording import session_heading
from programme_tracker.workflows import staffing
from programme_tracker.workflows.visibility import group_for, session_for

bp = Blueprint("cover", __name__, url_prefix="/sessions/<int:session_id>/cover")


@bp.get("")
@requires("session.change")
def show(session_id: int) -> ResponseReturnValue:
    """Ask who runs the session."""
    session = session_or_404(session_id)
    return _page(session, _form(session))


@bp.post("")
@requires("session.change")
def change(session_id: int) -> ResponseReturnValue:
    """Change who runs the session, and say when too few still do."""
    session, now = session_or_404(session_id), clock.now()
    form = _form(session)
    if form.validate_on_submit() and form.is_about(session.id):
        try:
            done = staffing.set_staff(session.id, form.staff.data, actor=current_actor(), now=now)
        except RefusedError as refused:
            form.refuse(refused.message, refused.field)
        else:
            _say_changed(done, now)
            return _onwards(done)
    return _page(session, form)


def _say_changed(session: Session, now: datetime) -> None:
    names = " and ".join(person.name for person in session.staff)
    missing = staffing.missing_staff(session, now)
    short = f"{counted(missing, 'person is', 'people are').capitalize()} still missing." if missing else ""
    say(f"{names} will run it.", short or "Enough people run it.", "warning" if missing else "success")


def _onwards(session: Session) -> ResponseReturnValue:
    """Lead to the group, or the session; whoever took themselves off sees neither any more."""
    if session_for(current_actor(), session.id) is None:
        return redirect(url_for("groups.index"), code=303)
    if session.group_id is not None and group_for(current_actor(), session.group_id) is not None:
        return redirect(url_for("groups.show", group_id=session.group_id), code=303)
    return redirect(url_for("sessions.show", session_id=session.id), code=303)


def _form(session: Session) -> CoverForm:
    away = _away(session)
    form = CoverForm(staff=[person.id for person in session.staff])
    people = {person.id: person for person in (*staff_who_deliver(), *session.staff)}
    form.staff.set_choices(
        (one.id, f"{one.name} (away that day)" if one.id in away else one.name)
        for one in sorted(people.values(), key=lambda one: one.name)
    )
    if not form.is_submitted():
        form.about.data = str(session.id)
    return form


def _away(session: Session) -> Sequence[int]:
    day = local_date(session.starts_at)
    return db.session.scalars(
        select(StaffLeave.staff_id)
        .join(Staff, Staff.id == StaffLeave.staff_id)
        .where(StaffLeave.from_on <= day, StaffLeave.to_on >= day)
    ).all()


def _page(session: Session, form: CoverForm) -> ResponseReturnValue:
    now = clock.now()
    page = render_template(
        "groups/cover.html",
        session=session,
        heading=session_heading(session, now),
        form=form,
        needed=programme_policy(session.programme_code, now).facilitators,
        has_begun=session.starts_at <= now,
        group=group_for(current_actor(), session.group_id or 0),
    )
    return page, 422 if form.errors else 200
