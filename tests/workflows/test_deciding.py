"""Acknowledging, deciding, holding, chasing: every notice moves on, in order, to a named person."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from programme_tracker.accounts.models import Staff, StaffLeave
from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import Case, CaseDecision, Decision
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows import deciding, police
from tests import ready
from tests.factories.accounts import make_staff
from tests.factories.cases import CaraCase, attend
from tests.factories.records import (
    enrolment,
    events,
    flags,
    is_whole,
    notice,
    notices,
    refused,
    tasks,
    times_audited,
)
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

#: Part A ends at 15:00 on Saturday 12 September; its register comes ten minutes later.
RECORDED = wall("2026-09-12 15:10")
DEADLINE = wall("2026-09-14 17:00")


def go(clock: SettableClock, until: str) -> None:
    advance(clock, wall(until), RecordingProvider())


def others_than(case: CaraCase, *names: str) -> list[Actor]:
    """Return everybody of the team but these."""
    return [actor for name, actor in vars(case.team).items() if name not in names]


def decide(
    case: CaraCase, clock: SettableClock, decision: Decision = Decision.PROCEED, **given: object
) -> None:
    content = {"actor": case.team.worker, "now": clock.now()} | given
    deciding.decide(case.enrolment_id, decision, **content)  # type: ignore[arg-type]  # as given by the test


def hold(case: CaraCase, clock: SettableClock, until: str, cosigned_by: Actor | None = None) -> None:
    decide(
        case,
        clock,
        Decision.HOLD,
        reason="she is moving house",
        hold_until=wall(until),
        cosigned_by=cosigned_by or case.team.manager,
    )


def make_voluntary(case: CaraCase, risk: str = "medium") -> None:
    """Let the same chain run for somebody without a mandate, whom the miss concerns all the same."""
    with transaction():
        db.session.get_one(Enrolment, case.enrolment_id).is_mandated = False
        db.session.get_one(Participant, case.participant_id).risk = risk


def away(staff_id: int | None, start: date, end: date, deputy: Role | None = None) -> int | None:
    """Put somebody on leave, with a deputy of this role if given; return the deputy's id."""
    deputy_id = make_staff(deputy).id if deputy else None
    with transaction():
        db.session.get_one(Staff, staff_id).deputy_id = deputy_id
        db.session.add(StaffLeave(staff_id=staff_id, from_on=start, to_on=end))
    return deputy_id


def test_victim_safety_is_chased_after_four_working_hours(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    assert notice(case.enrolment_id, "breach", "victim_safety").acknowledge_by == wall("2026-09-14 13:00")
    go(clock, "2026-09-14 12:59")
    assert notices(case.enrolment_id, "chase") == []
    go(clock, "2026-09-14 13:00")
    chases = notices(case.enrolment_id, "chase")
    assert [(one.to_role, one.staff_id) for one in chases] == [("victim_safety", None), ("manager", None)]
    go(clock, "2026-09-14 16:00")
    assert len(notices(case.enrolment_id, "chase")) == 2, "chased once"


def test_victim_safety_is_chased_after_one_clock_hour_at_high_risk(
    case: CaraCase, clock: SettableClock
) -> None:
    with transaction():
        db.session.get_one(Participant, case.participant_id).risk = "high"
    attend(case, case.session_a_id, "absent")
    go(clock, "2026-09-12 16:10")
    assert len(notices(case.enrolment_id, "chase")) == 2


def test_acknowledged_in_time_chases_nobody(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    assert deciding.acknowledge(case.enrolment_id, actor=case.team.worker, now=clock.now()) == 1
    with refused(Code.NOT_ALLOWED):
        deciding.acknowledge(case.enrolment_id, actor=case.team.worker, now=clock.now())
    go(clock, "2026-09-14 16:59")
    assert notices(case.enrolment_id, "chase") == []
    assert notice(case.enrolment_id, "breach", "police").released_at is None, "reading is not deciding"


def test_deputy_who_was_chased_may_acknowledge(case: CaraCase, clock: SettableClock) -> None:
    deputy = make_staff(Role.VICTIM_SAFETY)
    with transaction():
        db.session.get_one(Staff, case.team.worker.staff_id).deputy_id = deputy.id
    attend(case, case.session_a_id, "absent")
    with refused(Code.NOT_ALLOWED):
        deciding.acknowledge(case.enrolment_id, actor=deputy.actor, now=clock.now())
    go(clock, "2026-09-14 13:00")
    assert notice(case.enrolment_id, "chase", "victim_safety").staff_id == deputy.id
    deciding.acknowledge(case.enrolment_id, actor=deputy.actor, now=clock.now())
    breach = notice(case.enrolment_id, "breach", "victim_safety")
    assert breach.acknowledged_by == deputy.id
    assert is_whole()


def test_notice_is_acknowledged_by_whom_it_is_for_alone(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    theirs = notice(case.enrolment_id, "breach", "victim_safety").id
    for actor in others_than(case, "worker"):
        with refused(Code.NOT_ALLOWED):
            deciding.acknowledge_one(theirs, actor=actor, now=clock.now())


def test_police_are_chased_after_a_day_and_the_manager_after_two(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    decide(case, clock)
    go(clock, "2026-09-13 15:09")
    assert notices(case.enrolment_id, "chase") == []
    go(clock, "2026-09-13 15:10")
    assert notice(case.enrolment_id, "chase", "police").staff_id == case.team.officer.staff_id
    go(clock, "2026-09-14 15:10")
    assert notice(case.enrolment_id, "chase", "manager").released_at == wall("2026-09-14 15:10")
    deciding.acknowledge(case.enrolment_id, actor=case.team.officer, now=clock.now())
    go(clock, "2026-09-20 12:00")
    assert len(notices(case.enrolment_id, "chase")) == 2


def test_deadline_jumps_weekends_and_bank_holidays(case: CaraCase, clock: SettableClock) -> None:
    """Recorded late on Thursday 24 December: Friday is Christmas Day, Monday the substitute."""
    clock.set(wall("2026-12-24 20:30"))
    attend(case, case.session_a_id, "absent", after=clock.now() - wall("2026-09-12 15:00"))
    assert notice(case.enrolment_id, "breach", "police").release_at == wall("2026-12-29 17:00")
    assert notice(case.enrolment_id, "breach", "victim_safety").acknowledge_by == wall("2026-12-29 13:00")


def test_deadline_is_five_in_london_after_the_clocks_go_back(case: CaraCase, clock: SettableClock) -> None:
    clock.set(wall("2026-10-23 23:50"))
    attend(case, case.session_a_id, "absent", after=clock.now() - wall("2026-09-12 15:00"))
    release_at = notice(case.enrolment_id, "breach", "police").release_at
    assert release_at == wall("2026-10-26 17:00")
    assert release_at is not None and release_at.hour == 17, "UTC and London agree in winter"


def test_hold_keeps_a_mandated_notice_until_its_review_time_and_no_longer(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    hold(case, clock, "2026-09-14 17:00")
    go(clock, "2026-09-14 16:59")
    assert notice(case.enrolment_id, "breach", "police").released_at is None
    go(clock, "2026-09-14 17:00")
    assert notice(case.enrolment_id, "breach", "police").released_at == DEADLINE
    assert enrolment(case.enrolment_id).status == "breach_reported"
    assert is_whole()


def test_hold_past_the_deadline_shows_as_overdue(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    clock.set(wall("2026-09-14 10:00"))
    hold(case, clock, "2026-09-15 17:00")
    go(clock, "2026-09-14 18:00")
    waiting = notice(case.enrolment_id, "breach", "police")
    assert (waiting.released_at, waiting.deadline_at) == (None, DEADLINE)
    go(clock, "2026-09-15 17:00")
    assert notice(case.enrolment_id, "breach", "police").released_at == wall("2026-09-15 17:00")


def test_hold_that_may_not_be(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    for cosigner in (case.team.lead, case.team.worker, case.team.facilitator):
        with refused(Code.NEEDS_COSIGNATURE):
            hold(case, clock, "2026-09-14 12:00", cosigned_by=cosigner)
    with refused(Code.NEEDS_COSIGNATURE):
        decide(case, clock, Decision.HOLD, reason="x", hold_until=DEADLINE)
    for until in ("2026-09-14 17:01", "2026-09-12 15:10"):
        with refused(Code.NOT_ALLOWED):
            hold(case, clock, until)
    with refused(Code.NOT_ALLOWED):
        decide(case, clock, Decision.HOLD, reason=" ", hold_until=DEADLINE, cosigned_by=case.team.manager)
    with refused(Code.NOT_ALLOWED):
        decide(case, clock, Decision.HOLD, reason="x", cosigned_by=case.team.manager)


def test_hold_when_everybody_was_told_is_refused(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    decide(case, clock)
    with refused(Code.NOT_ALLOWED):
        hold(case, clock, "2026-09-14 12:00")
    with refused(Code.NOT_ALLOWED):
        deciding.propose_hold(
            case.enrolment_id, reason="x", hold_until=DEADLINE, actor=case.team.worker, now=clock.now()
        )


def test_voluntary_hold_that_runs_out_goes_to_the_manager_as_a_task(
    case: CaraCase, clock: SettableClock
) -> None:
    make_voluntary(case)
    attend(case, case.session_a_id, "absent")
    hold(case, clock, "2026-09-16 12:00")
    go(clock, "2026-09-18 12:00")
    assert [one.to_role for one in tasks("decide_hold", case.enrolment_id)] == ["manager"]
    assert [one.to_role for one in notices(case.enrolment_id, "breach") if one.released_at] == [
        "victim_safety"
    ]
    decide(case, clock, Decision.PROCEED_WITH_PLAN)
    assert notice(case.enrolment_id, "breach", "enforcement").released_at == clock.now()
    assert tasks("decide_hold", case.enrolment_id) == []


def test_old_hold_does_not_withhold_what_was_found_after_it(case: CaraCase, clock: SettableClock) -> None:
    make_voluntary(case)
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "absent")
    hold(case, clock, "2026-10-12 12:00")
    go(clock, "2026-10-12 13:00")
    assert len(tasks("decide_hold", case.enrolment_id)) == 1
    with transaction():
        (waiting,) = notices(case.enrolment_id, "breach", "enforcement")
        waiting.release_at = wall("2026-10-20 17:00")  # as one found since the hold would have it
    go(clock, "2026-10-20 17:00")
    assert notice(case.enrolment_id, "breach", "enforcement").released_at == clock.now()


def test_proposed_hold_holds_nothing_until_it_is_signed(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    clock.set(wall("2026-09-14 09:00"))
    team = case.team
    proposed = deciding.propose_hold(
        case.enrolment_id,
        reason="she is moving house",
        hold_until=wall("2026-09-15 12:00"),
        actor=team.worker,
        now=clock.now(),
    )
    proposed_id = proposed.id
    assert notice(case.enrolment_id, "breach", "police").release_at == DEADLINE
    with refused(Code.NOT_ALLOWED):
        deciding.cosign_hold(proposed_id, agree=True, actor=team.worker, now=clock.now())
    deciding.cosign_hold(proposed_id, agree=True, actor=team.manager, now=clock.now())
    assert notice(case.enrolment_id, "breach", "police").release_at == wall("2026-09-15 12:00")
    with refused(Code.NOT_ALLOWED):
        deciding.cosign_hold(proposed_id, agree=True, actor=team.manager, now=clock.now())
    assert is_whole()


def test_proposed_hold_that_is_declined_or_overtaken_holds_nothing(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    given = {"reason": "x", "hold_until": wall("2026-09-14 12:00"), "actor": case.team.worker}
    first = deciding.propose_hold(case.enrolment_id, now=clock.now(), **given).id  # type: ignore[arg-type]  # as named
    deciding.cosign_hold(first, agree=False, actor=case.team.manager, now=clock.now())
    assert times_audited("case.hold_declined") == 1
    assert notice(case.enrolment_id, "breach", "police").release_at == DEADLINE
    second = deciding.propose_hold(case.enrolment_id, now=clock.now(), **given).id  # type: ignore[arg-type]  # as named
    decide(case, clock)
    with refused(Code.NOT_ALLOWED):
        deciding.cosign_hold(second, agree=True, actor=case.team.manager, now=clock.now())


def test_only_victim_safety_decides(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    for actor in others_than(case, "worker"):
        with refused(Code.NOT_ALLOWED):
            decide(case, clock, actor=actor)


def test_nothing_to_decide_without_a_case(case: CaraCase, clock: SettableClock) -> None:
    with refused(Code.NOT_ALLOWED):
        decide(case, clock)


def test_voluntary_red_goes_to_enforcement_at_medium_risk_or_more(case: CaraCase) -> None:
    make_voluntary(case, "medium")
    attend(case, case.session_a_id, "absent")
    told = [one.to_role for one in notices(case.enrolment_id, "breach")]
    assert told == ["victim_safety", "enforcement", "lead", "referrer"]


def test_voluntary_red_at_standard_risk_goes_to_no_enforcement(case: CaraCase) -> None:
    make_voluntary(case, "standard")
    attend(case, case.session_a_id, "absent")
    told = [one.to_role for one in notices(case.enrolment_id, "breach")]
    assert told == ["victim_safety", "lead", "referrer"]


def test_worker_on_leave_is_stood_in_for(case: CaraCase) -> None:
    deputy_id = away(
        case.team.worker.staff_id, date(2026, 9, 12), date(2026, 9, 12), deputy=Role.VICTIM_SAFETY
    )
    attend(case, case.session_a_id, "absent")
    assert notice(case.enrolment_id, "breach", "victim_safety").staff_id == deputy_id


def test_worker_on_leave_without_a_deputy_means_the_whole_role(case: CaraCase, clock: SettableClock) -> None:
    away(case.team.worker.staff_id, date(2026, 9, 12), date(2026, 9, 20))
    attend(case, case.session_a_id, "absent")
    assert notice(case.enrolment_id, "breach", "victim_safety").staff_id is None
    colleague = make_staff(Role.VICTIM_SAFETY).actor
    assert deciding.acknowledge(case.enrolment_id, actor=colleague, now=clock.now()) == 1


def test_lead_on_leave_when_the_notice_goes_is_stood_in_for(case: CaraCase, clock: SettableClock) -> None:
    deputy_id = away(case.team.lead.staff_id, date(2026, 9, 14), date(2026, 9, 27), deputy=Role.CASEWORKER)
    attend(case, case.session_a_id, "absent")
    go(clock, "2026-09-14 17:00")
    assert notice(case.enrolment_id, "breach", "lead").staff_id == deputy_id


def test_officer_on_leave_without_a_deputy_keeps_the_notice(case: CaraCase, clock: SettableClock) -> None:
    away(case.team.officer.staff_id, date(2026, 9, 12), date(2026, 9, 20))
    attend(case, case.session_a_id, "absent")
    go(clock, "2026-09-16 17:00")
    assert notice(case.enrolment_id, "breach", "police").staff_id == case.team.officer.staff_id
    assert len(notices(case.enrolment_id, "chase", "manager")) == 2, "so a manager hears of it"


def test_danger_tells_everybody_at_once_and_says_that_order_was_waived(
    case: CaraCase, clock: SettableClock
) -> None:
    police.danger(case.enrolment_id, "threat to kill", actor=case.team.facilitator, now=clock.now())
    told = notices(case.enrolment_id, "danger")
    assert [one.to_role for one in told] == ["victim_safety", "police", "enforcement", "lead", "manager"]
    assert all(one.released_at == clock.now() for one in told)
    assert [one.must_acknowledge for one in told] == [True, True, True, False, False]
    assert times_audited("notice.released", kind="danger", order_waived=True) == 5
    assert all("threat to kill" in one.facts.values() for one in told)
    assert not {"reason", "risk"} & set(told[1].facts), "police learn the danger and no more"
    with refused(Code.NOT_ALLOWED):
        police.danger(case.enrolment_id, " ", actor=case.team.facilitator, now=clock.now())
    assert is_whole()


def test_clearing_a_mandated_flag_does_not_keep_it_from_police(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    (flag_id,) = db.session.scalars(select(Flag.id))
    for actor, reason in ((case.team.facilitator, "x"), (case.team.lead, "  ")):
        with refused(Code.NOT_ALLOWED):
            deciding.clear(flag_id, reason, actor=actor, now=clock.now())
    deciding.clear(flag_id, "spoken with him", actor=case.team.lead, now=clock.now())
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "cleared")]
    go(clock, "2026-09-14 17:00")
    assert notice(case.enrolment_id, "breach", "police").released_at == DEADLINE


def test_every_step_leaves_its_row_in_the_trail(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    hold(case, clock, "2026-09-14 12:00")
    decide(case, clock)
    deciding.acknowledge(case.enrolment_id, actor=case.team.officer, now=clock.now())
    wanted = {
        "register.submitted",
        "mark.made",
        "booking.ended",
        "flag.raised",
        "case.opened",
        "notice.planned",
        "notice.released",
        "notice.acknowledged",
        "case.decided",
        "case.hold_cosigned",
        "enrolment.status",
    }
    assert wanted <= set(events())
    assert len(db.session.scalars(select(CaseDecision.id)).all()) == 2
    assert db.session.scalars(select(Case.hold_until)).all() == [None]
    assert clock.now() - RECORDED == timedelta(0)
    assert is_whole()
