"""A page of help for each role."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel.actor import Role
from programme_tracker.web.access import requires
from programme_tracker.web.identity import require_person

bp = Blueprint("help", __name__, url_prefix="/help")


@dataclass(frozen=True)
class Picture:
    """A picture of a page: its file in ``static/help/``, what it shows, and its size in CSS pixels."""

    name: str
    shows: str
    width: int = 390
    height: int = 640

    @property
    def file(self) -> str:
        """The file below the static folder."""
        return f"help/{self.name}.webp"


#: Role → how its page is called, in the address too, and its pictures in order.
TITLES: dict[Role, str] = {
    Role.FACILITATOR: "Facilitators",
    Role.CASEWORKER: "Caseworkers",
    Role.VICTIM_SAFETY: "Victim-safety workers",
    Role.POLICE: "Police officers",
    Role.ENFORCEMENT: "Enforcement co-ordinators",
    Role.MANAGER: "Managers",
    Role.ADMIN: "Administrators",
}

PICTURES: dict[Role, tuple[Picture, ...]] = {
    Role.FACILITATOR: (
        Picture(
            "facilitator-register",
            "The register of a weekly group on a phone: one row a person, with the buttons Attended, Late "
            "and Absent, a field for the time they arrived, and Submit register at the foot.",
        ),
    ),
    Role.CASEWORKER: (
        Picture(
            "caseworker-week",
            "A week of appointments on a phone: each day with its times, whom it is with, and the buttons "
            "Record and No-show.",
        ),
        Picture(
            "caseworker-cautions",
            "The board of open cautions: a bar for each caution with parts A and B on it, the last day for "
            "part A, the expiry, and a line for today.",
        ),
    ),
    Role.VICTIM_SAFETY: (
        Picture(
            "victim-safety-notice",
            "A notice on a phone: whom it is about, what happened, and how late it is.",
        ),
        Picture(
            "victim-safety-case",
            "A case on a phone: whom it is about, who works it, and below it what happened.",
        ),
    ),
    Role.POLICE: (
        Picture(
            "police-notice",
            "A notice to the officer: name, caution reference, the day of the workshop, and whether it was "
            "attended.",
        ),
    ),
    Role.ENFORCEMENT: (
        Picture(
            "enforcement-monitoring",
            "Somebody who is monitored: since when, until when, and when the next review is due.",
        ),
    ),
    Role.MANAGER: (
        Picture("manager-overdue", "What is overdue: each line says what, whose it is and how late."),
    ),
    Role.ADMIN: (Picture("admin-accounts", "The list of accounts, each with its work and its state."),),
}


@bp.get("/")
@requires("account.own")
def own() -> ResponseReturnValue:
    """Lead to the help of one's own role."""
    roles = require_person().roles
    first = next(role for role in Role if role in roles)
    return redirect(url_for("help.page", role=first.value), code=303)


@bp.get("/<role>")
@requires("account.own")
def page(role: str) -> ResponseReturnValue:
    """Show the help of a role; everybody may read every role's, to know who does what."""
    if role not in set(Role):
        abort(404)
    shown = Role(role)
    return render_template(
        f"help/{shown.value}.html",
        title=TITLES[shown],
        pictures=PICTURES[shown],
        others=[(title, one.value) for one, title in TITLES.items() if one is not shown],
    )
