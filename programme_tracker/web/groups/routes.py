"""Groups: the list, one group, making and closing one, and its waiting list."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import staff_with_role
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Group, Venue
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.groups.candidates import candidates_for
from programme_tracker.web.groups.forms import BESIDE, GroupForm, TakeOffForm
from programme_tracker.web.groups.listing import groups_listed
from programme_tracker.web.groups.matrix import matrix_of
from programme_tracker.web.groups.planning import preview_of, programmes_with_groups, twin_of
from programme_tracker.web.groups.views import group_page
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import counted, day_words, moment_words
from programme_tracker.workflows import groups
from programme_tracker.workflows.group_places import standings
from programme_tracker.workflows.groups import GroupPlan
from programme_tracker.workflows.visibility import enrolment_for, group_for

bp = Blueprint("groups", __name__, url_prefix="/groups")


def group_or_404(group_id: int) -> Group:
    """Return a group of one's own; for everybody else there is none."""
    return group_for(current_actor(), group_id) or abort(404)


def staff_who_deliver() -> list[Staff]:
    """Return who may run a session, by name."""
    found = {one.id: one for role in (Role.FACILITATOR, Role.CASEWORKER) for one in staff_with_role(role)}
    return sorted(found.values(), key=lambda one: one.name)


@bp.get("/")
@requires("session.see")
def index() -> ResponseReturnValue:
    """List the groups: running, to come, ended."""
    return render_template("groups/index.html", found=groups_listed(current_actor(), clock.now()))


@bp.get("/<int:group_id>")
@requires("session.see")
def show(group_id: int) -> ResponseReturnValue:
    """Show one group: schedule, people, who waits, and the attendance matrix."""
    group, now = group_or_404(group_id), clock.now()
    page = group_page(group, current_actor(), now)
    return render_template("groups/show.html", group=group, page=page, matrix=matrix_of(page, now))


@bp.get("/new")
@requires("session.make")
def new() -> ResponseReturnValue:
    """Ask what group is to be made."""
    return _new_page(_form())


@bp.post("/new")
@requires("session.make")
def make() -> ResponseReturnValue:
    """Show the dates first; make the group once they were seen."""
    form, now = _form(), clock.now()
    if not (form.validate_on_submit() and form.fits()) or "change" in request.form:
        return _new_page(form)
    plan = form.plan(programmes_with_groups(now)[form.programme.data].title)
    made = twin_of(plan, now)
    try:
        if made is None and "confirmed" not in request.form:
            return _preview_page(form, plan, now)
        group = made or groups.create_group(plan, actor=current_actor(), now=now)
    except RefusedError as refused:
        form.refuse(refused.message, _beside(refused))
        return _new_page(form)
    _say_made(group, now)
    return redirect(url_for("groups.show", group_id=group.id), code=303)


def _preview_page(form: GroupForm, plan: GroupPlan, now: datetime) -> ResponseReturnValue:
    groups.refuse_plan(plan, now)
    preview = preview_of(plan, now)
    return render_template("groups/preview.html", plan=plan, preview=preview, values=form.values())


def _beside(refused: RefusedError) -> str | None:
    if refused.code is Code.CLASH_STAFF:
        return "first"
    return BESIDE.get(refused.field or "", refused.field)


def _say_made(group: Group, now: datetime) -> None:
    count = counted(len(group.sessions), "session")
    first = moment_words(group.sessions[0].starts_at, now)
    say(f"{group.name} made: {count}, first {first}.", "Next: enrol somebody.")


@bp.get("/<int:group_id>/close")
@requires("session.make")
def close(group_id: int) -> ResponseReturnValue:
    """Ask once before a group is closed to newcomers."""
    group, now = group_or_404(group_id), clock.now()
    standing = standings([group.id], now)[group.id]
    to_come = len(groups.sessions_to_come(group.id, now))
    return render_template("groups/close.html", group=group, waiting=standing.waiting, to_come=to_come)


@bp.post("/<int:group_id>/close")
@requires("session.make")
def closed(group_id: int) -> ResponseReturnValue:
    """Close a group; closing it twice closes it once."""
    group = groups.close_group(group_or_404(group_id).id, actor=current_actor(), now=clock.now())
    say(f"{group.name} takes nobody new.", "Its sessions stay, and its people keep their places.")
    return _back(group_id)


@bp.get("/<int:group_id>/enrol")
@requires("booking.make")
def candidates(group_id: int) -> ResponseReturnValue:
    """List who may be enrolled: accepted, signed off, and without a place."""
    group = group_or_404(group_id)
    people = candidates_for(group, current_actor(), clock.now())
    return render_template("groups/candidates.html", group=group, people=people)


@bp.post("/<int:group_id>/waiting/offer")
@requires("booking.make")
def offer(group_id: int) -> ResponseReturnValue:
    """Offer a free place to the first who waits."""
    group = group_or_404(group_id)
    try:
        place = groups.offer_next_place(group.id, actor=current_actor(), now=clock.now())
    except RefusedError as refused:
        say(refused.message, tone="warning")
    else:
        name = place.enrolment.participant.name
        say(
            f"The free place is kept for {name}.",
            "Their lead has a task for today: offer it, then enrol them.",
        )
    return _back(group_id)


@bp.post("/<int:group_id>/waiting/<int:enrolment_id>/enrol")
@requires("booking.make")
def enrol(group_id: int, enrolment_id: int) -> ResponseReturnValue:
    """Give somebody who waits a place, from the next session on."""
    group, person, now = group_or_404(group_id), _waits(group_id, enrolment_id), clock.now()
    if person is None:
        return _back(group_id)
    name = person.participant.name
    try:
        sessions = groups.join_group(person.id, group.id, actor=current_actor(), now=now)
    except RefusedError as refused:
        say(f"{name} was not enrolled. {refused.message}", tone="warning")
    else:
        first = day_words(sessions[0].starts_at, local_date(now))
        say(f"{name} is enrolled.", f"First session {first}: one text goes, reminders follow.")
    return _back(group_id)


@bp.get("/<int:group_id>/waiting/<int:enrolment_id>/take-off")
@requires("booking.make")
def take_off(group_id: int, enrolment_id: int) -> ResponseReturnValue:
    """Ask why somebody is taken off the waiting list."""
    group, person = group_or_404(group_id), _waits(group_id, enrolment_id)
    if person is None:
        return _back(group_id)
    return _take_off_page(group, person, TakeOffForm(about=str(person.id)))


@bp.post("/<int:group_id>/waiting/<int:enrolment_id>/take-off")
@requires("booking.make")
def taken_off(group_id: int, enrolment_id: int) -> ResponseReturnValue:
    """Take somebody off the waiting list; a place kept for them goes to the next."""
    group, person, form = group_or_404(group_id), _waits(group_id, enrolment_id), TakeOffForm()
    if person is None:
        return _back(group_id)
    if not form.validate_on_submit() or not form.is_about(person.id):
        return _take_off_page(group, person, form)
    name = person.participant.name
    groups.leave_waiting_list(
        person.id, group.id, form.why.data or "", actor=current_actor(), now=clock.now()
    )
    say(f"{name} waits no longer.", "A place kept for them is offered to the next.")
    return _back(group_id)


def _waits(group_id: int, enrolment_id: int) -> Enrolment | None:
    """Return who waits for a place; None when they no longer do, 404 when they are not ours to see."""
    person = enrolment_for(current_actor(), enrolment_id) or abort(404)
    waiting = {place.enrolment_id for place in groups.waiting_list(group_id)}
    return person if person.id in waiting else None


def _back(group_id: int) -> ResponseReturnValue:
    return redirect(url_for("groups.show", group_id=group_id), code=303)


def _form() -> GroupForm:
    form = GroupForm()
    form.offer(programmes_with_groups(clock.now()), staff_who_deliver())
    return form


def _new_page(form: GroupForm) -> ResponseReturnValue:
    venues = db.session.scalars(select(Venue.name).order_by(Venue.name)).all()
    return render_template("groups/new.html", form=form, venues=venues), 422 if form.errors else 200


def _take_off_page(group: Group, person: Enrolment, form: PageForm) -> ResponseReturnValue:
    page = render_template("groups/take_off.html", group=group, person=person.participant, form=form)
    return page, 422 if form.errors else 200
