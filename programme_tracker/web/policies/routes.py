"""Reading policy versions, and making the next one: changed, compared, tried, saved."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.programmes.models import PolicyVersion
from programme_tracker.programmes.queries import newest_version, policy_at, policy_version
from programme_tracker.programmes.rules import Policy
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.policies import drafts, views
from programme_tracker.web.policies.drafts import Changes
from programme_tracker.web.policies.forms import SaveForm, SectionForm, section_form
from programme_tracker.web.policies.settings import GENERAL
from programme_tracker.workflows import policies
from programme_tracker.workflows.policy_trial import trial

bp = Blueprint("policies", __name__, url_prefix="/policies")


@bp.get("/")
@requires("policy.see")
def index() -> ResponseReturnValue:
    """List every version: which counts now, which is to come."""
    return render_template("policies/index.html", versions=views.version_lines(clock.now()))


@bp.get("/<int:number>")
@requires("policy.see")
def show(number: int) -> ResponseReturnValue:
    """Show one version as tables, and what it changed."""
    line = next((one for one in views.version_lines(clock.now()) if one.number == number), None)
    if line is None:
        abort(404)
    policy, before = policy_version(number), policies.version_before(number)
    changes = views.change_lines(policies.differences(before, policy), policy) if before else []
    return render_template("policies/show.html", version=line, tables=views.tables(policy), changes=changes)


@bp.get("/new")
@requires("policy.change")
def new() -> ResponseReturnValue:
    """Show the version in the making, and offer every section to be changed."""
    base, changes = _draft()
    sections = [(GENERAL, "All programmes"), *((code, one.title) for code, one in base.programmes.items())]
    return render_template(
        "policies/new.html",
        base=base,
        sections=sections,
        draft=drafts.write_draft(changes),
        changes=views.change_lines(policies.differences(base, _drafted(base, changes)), base),
    )


@bp.route("/new/<section>", methods=["GET", "POST"])
@requires("policy.change")
def change(section: str) -> ResponseReturnValue:
    """Change the numbers of one programme, or of all."""
    base, changes = _draft()
    if section != GENERAL and section not in base.programmes:
        abort(404)
    form = section_form(section, _drafted(base, changes))
    if form.validate_on_submit():
        after = _with_typed(form, base, changes)
        if after is not None:
            return redirect(_address(after), code=303)
    page = render_template(
        "policies/change.html",
        form=form,
        section=section,
        title=views.section_title(section, base),
        draft=drafts.write_draft(changes),
    )
    return page, 422 if form.errors else 200


def _with_typed(form: SectionForm, base: Policy, changes: Changes) -> Changes | None:
    """Return the draft with what was typed; None, with the refusal on the form, if it does not fit."""
    values = form.values()
    if values is None:
        return None
    after = drafts.with_section(changes, base, form.section, values)
    try:
        drafts.drafted(base, after)
    except RefusedError as error:
        form.refuse(error.message, error.field)
        return None
    return after


@bp.route("/new/check", methods=["GET", "POST"])
@requires("policy.change")
def check() -> ResponseReturnValue:
    """Show what differs and what it would have done; on POST save it from a day to come."""
    base, changes = _draft()
    if not changes:
        return redirect(url_for("policies.new"), code=303)
    form = SaveForm(seen_version=str(base.version))
    if form.validate_on_submit():
        made = _save(form, base, changes)
        if made is not None:
            return redirect(url_for("policies.show", number=made.number), code=303)
    return _check_page(form, base, changes)


def _save(form: SaveForm, base: Policy, changes: Changes) -> PolicyVersion | None:
    if form.seen_version.data != str(base.version):
        form.refuse("Another version was made meanwhile. Look at the differences again, then save.")
        form.seen_version.data = str(base.version)
        return None
    now, from_on = clock.now(), form.from_on.data
    assert from_on is not None  # the form asked for it
    try:
        made = policies.make_version(
            changes, from_on=from_on, note=form.note.data or "", actor=current_actor(), now=now
        )
    except RefusedError as error:
        form.refuse(error.message, error.field)
        return None
    say(
        f"Version {made.number} saved.",
        f"It counts from {views.start_words(made.in_force_at, now)}. Flags raised before keep their version.",
    )
    return made


def _check_page(form: SaveForm, base: Policy, changes: Changes) -> ResponseReturnValue:
    after, now = _drafted(base, changes), clock.now()
    lines = trial(after, now=now)
    page = render_template(
        "policies/check.html",
        form=form,
        draft=drafts.write_draft(changes),
        base=base,
        present=policy_at(now).version,
        changes=views.change_lines(policies.differences(base, after), base),
        said=views.trial_sentence(lines, after),
        tried=views.tried_rules(lines, after),
    )
    return page, 422 if form.errors else 200


def _draft() -> tuple[Policy, Changes]:
    """Return the newest version and the changes that the page's address holds."""
    base = newest_version()
    return base, drafts.read_draft(request.args.to_dict(), base)


def _drafted(base: Policy, changes: Changes) -> Policy:
    """Return the draft as a policy. One that fits no longer is given up, and the list shown anew."""
    try:
        return drafts.drafted(base, changes)
    except RefusedError as error:
        say("These changes no longer fit the newest version.", error.message, tone="warning")
        abort(redirect(url_for("policies.new"), code=303))


def _address(changes: Changes) -> str:
    """Return the page of a draft; its parameters hold dots, which no argument of a function may."""
    parameters: dict[str, Any] = dict(drafts.write_draft(changes))
    return url_for("policies.new", **parameters)
