"""A LINX term across a sixteenth birthday: whose texts they are, from the first week to the last."""

from flask import Flask

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers.recording import RecordingProvider
from programme_tracker.messaging.rules import MessageState
from programme_tracker.workflows.groups import join_group
from tests.factories import records
from tests.factories.groups import weekly_group
from tests.factories.voluntary import Enrolled, enrolled, move_on, wall, young_person

GUARDIAN, OWN = "+447700900111", "+447700900110"


def numbers(provider: RecordingProvider) -> list[str]:
    """Take what was sent since the last look."""
    sent = [text.to for text in provider.sent]
    provider.sent.clear()
    return sent


def blocked(case: Enrolled) -> list[str]:
    """Return why texts about this enrolment did not go."""
    rows = db.session.query(Message).filter_by(enrolment_id=case.enrolment_id, state=MessageState.BLOCKED)
    return [row.blocked_reason.value for row in rows if row.blocked_reason]


def test_texts_go_to_the_guardian_then_to_nobody_then_to_the_young_person(app: Flask) -> None:
    with app.app_context():
        case = enrolled("linx", person=young_person())
        starts = wall(9, 9, 16, 30)
        group_id = weekly_group(case.team, starts, programme_code="linx", name="Wednesday LINX")
        join_group(case.enrolment_id, group_id, actor=case.team.lead, now=clock.now())
        path = f"/enrolments/{case.enrolment_id}/guardian/"

        # Six weeks under 16: every text is the guardian's.
        sent = move_on(wall(10, 15, 12))
        assert set(numbers(sent)) == {GUARDIAN}
        assert "Texts go to Gil Guardian until Tue 20 Oct." in case.client(app).get(path).text

        # The birthday, the day of a reminder: nothing goes, and the lead is asked.
        move_on(wall(10, 20, 12), sent)
        assert numbers(sent) == []
        assert "reconsent" in blocked(case)
        (task,) = records.tasks("reconsent", case.enrolment_id)
        assert task.staff_id == case.team.lead.staff_id
        client = case.client(app)
        assert "16 now, and they have not been asked" in client.get(path).text
        assert "young person" in client.get(path).text

        # Agreed: from then on every text goes to the own number, none to the guardian.
        answer = client.post(
            f"{path}own-consent",
            data={"about": str(case.enrolment_id), "agrees": "yes"},
            follow_redirects=True,
        )
        assert "Texts still to come go to their own number." in answer.text
        assert records.tasks("reconsent", case.enrolment_id) == []
        move_on(wall(11, 25, 12), sent)
        assert set(numbers(sent)) == {OWN}
        assert case.client(app).get(path).status_code == 200
