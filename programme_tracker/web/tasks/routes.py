"""My tasks, one task, and finishing it."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.tasks.models import Task
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import Undo, say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import current_actor
from programme_tracker.web.tasks.forms import form_for
from programme_tracker.web.tasks.views import own_tasks, task_page
from programme_tracker.workflows.finishing import finish as finish_by_hand
from programme_tracker.workflows.undoing import reopen as reopen_task
from programme_tracker.workflows.visibility import task_for

bp = Blueprint("tasks", __name__, url_prefix="/tasks")


@bp.get("/")
@requires("task.finish")
def index() -> ResponseReturnValue:
    """Show my open tasks."""
    return render_template("tasks/index.html", tasks=own_tasks(current_actor(), local_date(clock.now())))


@bp.get("/<int:task_id>")
@requires("task.finish")
def show(task_id: int) -> ResponseReturnValue:
    """Show one task and what is needed to do it."""
    task = _own(task_id)
    return _page(task, form_for(task))


@bp.post("/<int:task_id>")
@requires("task.finish")
def finish(task_id: int) -> ResponseReturnValue:
    """Finish a task, saying how."""
    task = _own(task_id)
    form = form_for(task)
    if form.validate_on_submit() and form.is_about(task.id):
        spoke = bool(form.spoke.data) if "spoke" in form else False
        try:
            finish_by_hand(task.id, form.how.data or "", spoke=spoke, actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            # A contact that was noted is written down for good, so then there is nothing to undo.
            undo = None if spoke else Undo("Undo: open it again", url_for("tasks.reopen", task_id=task_id))
            say("Task finished.", "The contact is noted as well." if spoke else "", undo=undo)
            return redirect(url_for("today.show"), code=303)
    return _page(_own(task_id), form)


@bp.post("/<int:task_id>/reopen")
@requires("task.finish")
def reopen(task_id: int) -> ResponseReturnValue:
    """Open a task again that one has just finished."""
    task = _own(task_id)
    try:
        reopen_task(task.id, actor=current_actor(), now=clock.now())
    except RefusedError as refused:
        say(refused.message, tone="warning")
    else:
        say("Task opened again.", "It is on Today until it is finished.", "info")
    return redirect(url_for("tasks.show", task_id=task_id), code=303)


def _page(task: Task, form: PageForm) -> ResponseReturnValue:
    page = task_page(task, current_actor(), clock.now())
    return render_template("tasks/show.html", page=page, form=form), 422 if form.errors else 200


def _own(task_id: int) -> Task:
    task = task_for(current_actor(), task_id, local_date(clock.now()))
    if task is None:
        abort(404)
    return task
