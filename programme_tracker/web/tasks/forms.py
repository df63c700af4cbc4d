"""Saying how a task was done."""

from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.web.fields import BooleanField, LongTextField, PageForm, Required

#: Tasks that are often done by speaking to the participant.
BY_SPEAKING = frozenset({TaskKind.CALL_PARTICIPANT, TaskKind.FOLLOW_UP_ABSENCE, TaskKind.FIRST_CONTACT})


class FinishForm(PageForm):
    """What was done, in a few words."""

    how = LongTextField("What did you do?", [Required("Say what you did")], longest=1000)


class SpokenForm(FinishForm):
    """What was done, and whether the participant was spoken to."""

    spoke = BooleanField("I spoke to the participant")


def form_for(task: Task) -> FinishForm:
    """Return the form that suits a task."""
    form = SpokenForm() if task.kind in BY_SPEAKING else FinishForm()
    if not form.is_submitted():
        form.about.data = str(task.id)
    return form
