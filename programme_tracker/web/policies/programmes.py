"""Adding a programme without code: what it is called, which one it is like, then its numbers."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.programmes.queries import newest_version
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.policies.forms import ProgrammeForm, SectionForm, section_form
from programme_tracker.workflows.policies import add_programme, refuse_programme

bp = Blueprint("programmes", __name__, url_prefix="/policies/programmes")


@bp.route("/new", methods=["GET", "POST"])
@requires("policy.change")
def new() -> ResponseReturnValue:
    """Ask what the programme is called and which one it is like."""
    form = ProgrammeForm()
    form.like.set_choices((code, one.title) for code, one in newest_version().programmes.items())
    if form.validate_on_submit():
        code, title, like = form.code.data or "", form.title.data or "", form.like.data or ""
        try:
            refuse_programme(code, title, like)
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            address = url_for("programmes.numbers", code=code, title=title, like=like)
            return redirect(address, code=303)
    return render_template("policies/programme.html", form=form), 422 if form.errors else 200


@bp.route("/new/numbers", methods=["GET", "POST"])
@requires("policy.change")
def numbers() -> ResponseReturnValue:
    """Ask for the programme's numbers, filled in with those of the one it is like; then add it."""
    code, title, like = _named()
    policy = newest_version()
    form = section_form(like, policy)
    if form.validate_on_submit() and _added(form, code, title, like):
        say(f"{title} added.", "It can be chosen for referrals, groups and sessions from now on.")
        return redirect(url_for("policies.index"), code=303)
    page = render_template(
        "policies/programme_numbers.html", form=form, title=title, like=policy.programmes[like].title
    )
    return page, 422 if form.errors else 200


def _named() -> tuple[str, str, str]:
    """Return what the first page asked for; an address that somebody made up is no page of ours."""
    named = tuple(request.args.get(name, "") for name in ("code", "title", "like"))
    code, title, like = named
    try:
        refuse_programme(code, title, like)
    except RefusedError:
        abort(404)
    return code, title, like


def _added(form: SectionForm, code: str, title: str, like: str) -> bool:
    values = form.values()
    if values is None:
        return False
    try:
        add_programme(code, title, like, numbers=values, actor=current_actor(), now=clock.now())
    except RefusedError as error:
        form.refuse(error.message, error.field)
        return False
    return True
