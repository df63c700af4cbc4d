"""What a hold kept back is asked about until victim safety has decided: nothing waits unseen."""

import pytest

from programme_tracker.escalation.models import Decision
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows import deciding, finishing
from tests import ready
from tests.factories.cases import CaraCase, attend
from tests.factories.records import notice, refused, tasks
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


@pytest.fixture
def over(case: CaraCase, clock: SettableClock) -> CaraCase:
    """Give a case without a mandate whose hold has ended with no new decision."""
    with transaction():
        db.session.get_one(Enrolment, case.enrolment_id).is_mandated = False
    attend(case, case.session_a_id, "absent")
    deciding.decide(
        case.enrolment_id,
        Decision.HOLD,
        reason="she is moving house",
        hold_until=wall("2026-09-14 12:00"),
        cosigned_by=case.team.manager,
        actor=case.team.worker,
        now=clock.now(),
    )
    advance(clock, wall("2026-09-14 12:00"), RecordingProvider())
    return case


def test_task_about_what_waits_is_not_finished_by_a_note(over: CaraCase, clock: SettableClock) -> None:
    (asked,) = tasks("decide_hold", over.enrolment_id)
    with refused(Code.NOT_ALLOWED):
        finishing.finish(asked.id, "seen", actor=over.team.manager, now=clock.now())


def test_manager_is_asked_again_after_declining_another_hold(over: CaraCase, clock: SettableClock) -> None:
    team = over.team
    proposed = deciding.propose_hold(
        over.enrolment_id,
        reason="she asks for a day more",
        hold_until=wall("2026-09-15 12:00"),
        actor=team.worker,
        now=clock.now(),
    )
    deciding.cosign_hold(proposed.id, agree=False, actor=team.manager, now=clock.now())
    assert len(tasks("decide_hold", over.enrolment_id)) == 1
    deciding.decide(over.enrolment_id, Decision.PROCEED, actor=team.worker, now=clock.now())
    assert tasks("decide_hold", over.enrolment_id) == []
    assert notice(over.enrolment_id, "breach", "enforcement").released_at == clock.now()
