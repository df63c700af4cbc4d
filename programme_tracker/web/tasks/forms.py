"""Saying how a task was done."""

from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.web.fields import BooleanField, LongTextField, OneOfField, PageForm, Required

#: Tasks that are often done by speaking to the participant.
BY_SPEAKING = frozenset({TaskKind.CALL_PARTICIPANT, TaskKind.FOLLOW_UP_ABSENCE, TaskKind.FIRST_CONTACT})

#: What may be said here of a contact with a partner: nothing that the partner said.
PARTNER_ANSWERS = (
    ("Spoke to the partner", "Spoke to the partner"),
    ("Could not reach the partner after several tries", "Could not reach the partner after several tries"),
    ("Not safe to contact at present", "Not safe to contact at present"),
)


class FinishForm(PageForm):
    """What was done, in a few words."""

    how = LongTextField("What did you do?", [Required("Say what you did")], longest=1000)


class SpokenForm(FinishForm):
    """What was done, and whether the participant was spoken to."""

    spoke = BooleanField("I spoke to the participant")


class PartnerContactForm(PageForm):
    """How a contact with a partner went, and nothing that was said."""

    how = OneOfField("How did it go?", [Required("Choose how it went")], choices=PARTNER_ANSWERS)


def form_for(task: Task) -> FinishForm | PartnerContactForm:
    """Return the form that suits a task."""
    form: FinishForm | PartnerContactForm
    if task.kind == TaskKind.PARTNER_CONTACT:
        form = PartnerContactForm()
    else:
        form = SpokenForm() if task.kind in BY_SPEAKING else FinishForm()
    if not form.is_submitted():
        form.about.data = str(task.id)
    return form
