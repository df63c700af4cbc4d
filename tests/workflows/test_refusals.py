"""Every refusal by its code, each leaving everything as it was."""

from datetime import date, datetime
from typing import Any

import pytest

from programme_tracker.escalation.models import Decision
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import to_local
from programme_tracker.people.models import Participant, SeparatedPair
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.referrals.rules import Gate, PoliceDecision, SuspensionReason
from programme_tracker.referrals.services import ReferralDetails
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.victim_safety.services import PartnerDetails, add_partner
from programme_tracker.workflows import booking, deciding, police, referring, sessions, suspending
from programme_tracker.workflows.changing_people import PersonChange, change_person
from programme_tracker.workflows.registers import submit_register
from programme_tracker.workflows.sessions import SessionPlan, create_session, move_session
from tests import ready
from tests.factories.accounts import make_staff
from tests.factories.cases import ELIGIBLE, CaraCase, attend, cara_case, cara_referral, sam
from tests.factories.records import enrolment, notices, refused
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


def naive(text: str) -> datetime:
    """Return a naive London wall time, as a person types it."""
    return datetime.fromisoformat(text)


def make(case: CaraCase, clock: SettableClock, starts: str, **given: Any) -> int:
    """Make a CARA session, run by somebody of its own unless given."""
    staff_ids = given.pop("staff_ids", None) or [make_staff().id]
    plan = SessionPlan(given.pop("programme", "cara"), naive(starts), staff_ids, **given)
    return create_session(plan, actor=case.team.lead, now=clock.now()).id


def book(
    case: CaraCase, clock: SettableClock, session_id: int | None, enrolment_id: int | None = None
) -> Any:
    return booking.book(
        session_id or 0, enrolment_id or case.enrolment_id, actor=case.team.lead, now=clock.now()
    )


def another(case: CaraCase, number: int = 1, **given: Any) -> CaraCase:
    """Refer and sign off somebody else, with nothing booked unless said otherwise."""
    person = sam(name=f"Invented {number}", mobile=f"07700 90030{number}")
    sessions = (case.session_a_id, case.session_b_id)
    return cara_case(case.team, person=person, sessions=sessions, booked=False, **given)


def keep_apart(one: CaraCase, other: CaraCase, clock: SettableClock) -> None:
    first, second = sorted((one.participant_id, other.participant_id))
    with transaction():
        db.session.add(SeparatedPair(first_id=first, second_id=second, created_at=clock.now()))


def test_gate_not_granted(case: CaraCase, clock: SettableClock) -> None:
    pending = another(case, signed_off=False)
    with refused(Code.GATE_NOT_GRANTED):
        book(case, clock, case.session_a_id, pending.enrolment_id)
    referring.sign_off(case.enrolment_id, Gate.WITHDRAWN, actor=case.team.worker, now=clock.now())
    later = make(case, clock, "2026-09-19 10:00", part="A")
    with refused(Code.GATE_NOT_GRANTED):
        book(case, clock, later)


def test_clash_participant_across_programmes(case: CaraCase, clock: SettableClock) -> None:
    person = db.session.get_one(Participant, case.participant_id)
    details = ReferralDetails("baseline", "other", case.team.lead.staff_id or 0)
    other = referring.refer(person, details, actor=case.team.lead, now=clock.now())
    assert other is not None
    other_id = other.id
    referring.sign_off(other_id, Gate.GRANTED, actor=case.team.worker, now=clock.now())
    during = make(case, clock, "2026-09-12 14:30", programme="baseline", kind="one_to_one")
    with refused(Code.CLASH_PARTICIPANT):
        book(case, clock, during, other_id)
    after = make(case, clock, "2026-09-12 15:00", programme="baseline", kind="one_to_one")
    book(case, clock, after, other_id)
    with refused(Code.CLASH_PARTICIPANT):
        move_session(after, naive("2026-09-12 14:59"), actor=case.team.lead, now=clock.now())


def test_clash_staff_and_venue(case: CaraCase, clock: SettableClock) -> None:
    fay, lead = case.team.facilitator.staff_id or 0, case.team.lead
    with refused(Code.CLASH_STAFF):
        make(case, clock, "2026-09-12 14:00", staff_ids=[fay], part="A")
    make(case, clock, "2026-09-19 10:00", venue="Old Library", part="A")
    ann, bob = make_staff().id, make_staff().id
    with refused(Code.CLASH_VENUE):
        make(case, clock, "2026-09-19 14:00", staff_ids=[ann], venue="Old Library", part="A")
    later = make(case, clock, "2026-09-19 15:00", staff_ids=[bob], venue="Old Library", part="A")
    with refused(Code.CLASH_VENUE):
        move_session(later, naive("2026-09-19 14:30"), actor=lead, now=clock.now())


def test_full_counts_only_places_that_are_taken(case: CaraCase, clock: SettableClock) -> None:
    other = another(case)
    with transaction():
        db.session.get_one(Session, case.session_a_id).capacity = 1
    with refused(Code.FULL):
        book(case, clock, case.session_a_id, other.enrolment_id)
    (first, *_) = live_bookings(case.enrolment_id)
    booking.unbook(first.id, "cannot come", actor=case.team.lead, now=clock.now())
    book(case, clock, case.session_a_id, other.enrolment_id)


def test_not_eligible_is_kept_with_its_reason(case: CaraCase, clock: SettableClock) -> None:
    failing = [{question: "no"} for question in ELIGIBLE if question != "dash_level"] + [
        {"dash_level": "high"}
    ]
    too_young = sam(born_on=date(2008, 9, 2))
    for person, answer in [(too_young, {}), *((sam(), answer) for answer in failing)]:
        details = cara_referral(case.team, answers={**ELIGIBLE, **answer})
        with pytest.raises(RefusedError) as caught:
            referring.refer(person, details, actor=case.team.officer, now=clock.now())
        assert caught.value.code is Code.NOT_ELIGIBLE
        referral = db.session.query(Referral).order_by(Referral.id.desc()).first()
        assert referral is not None and referral.status == "rejected" and len(referral.reasons) == 1
    assert db.session.query(Enrolment).count() == 1


def test_answer_not_known_holds_the_referral(case: CaraCase, clock: SettableClock) -> None:
    details = cara_referral(case.team, answers={**ELIGIBLE, "admission": "unknown"})
    assert referring.refer(sam(), details, actor=case.team.officer, now=clock.now()) is None
    assert db.session.query(Enrolment).count() == 1


def test_part_b_too_soon_too_late_or_first(case: CaraCase, clock: SettableClock) -> None:
    too_soon = make(case, clock, "2026-10-09 10:00", part="B")
    just_right = make(case, clock, "2026-10-10 16:00", part="B")
    too_late = make(case, clock, "2026-12-29 10:00", part="B")
    for session_id, code in (
        (too_soon, Code.TOO_SOON_AFTER_PART_A),
        (too_late, Code.AFTER_CAUTION_EXPIRES),
    ):
        with refused(code):
            book(case, clock, session_id)
    book(case, clock, just_right)
    other = another(case)
    with refused(Code.PART_A_FIRST):
        book(case, clock, case.session_b_id, other.enrolment_id)


def test_part_a_too_late_for_a_part_b(case: CaraCase, clock: SettableClock) -> None:
    last_day = make(case, clock, "2026-11-30 10:00", part="A")
    day_after = make(case, clock, "2026-12-01 10:00", part="A")
    with refused(Code.AFTER_CAUTION_EXPIRES):
        book(case, clock, day_after)
    book(case, clock, last_day)


def test_order_and_gap_hold_without_an_expiry_too(case: CaraCase, clock: SettableClock) -> None:
    other = another(case, caution_expires_on=None)
    with refused(Code.PART_A_FIRST):
        book(case, clock, case.session_b_id, other.enrolment_id)
    book(case, clock, case.session_a_id, other.enrolment_id)
    too_soon = make(case, clock, "2026-10-09 10:00", part="B")
    with refused(Code.TOO_SOON_AFTER_PART_A):
        book(case, clock, too_soon, other.enrolment_id)


def test_part_a_cannot_be_moved_too_near_a_booked_part_b(case: CaraCase, clock: SettableClock) -> None:
    for starts in ("2026-09-13 10:00", "2026-10-03 10:00"):
        with refused(Code.TOO_SOON_AFTER_PART_A):
            move_session(case.session_a_id or 0, naive(starts), actor=case.team.lead, now=clock.now())
    move_session(case.session_b_id or 0, naive("2026-10-11 10:00"), actor=case.team.lead, now=clock.now())
    move_session(case.session_a_id or 0, naive("2026-09-13 10:00"), actor=case.team.lead, now=clock.now())


def test_part_b_cannot_be_moved_out_of_its_window(case: CaraCase, clock: SettableClock) -> None:
    for starts, code in (
        ("2026-10-09 10:00", Code.TOO_SOON_AFTER_PART_A),
        ("2026-12-29 10:00", Code.AFTER_CAUTION_EXPIRES),
        ("2026-09-11 10:00", Code.PART_A_FIRST),
    ):
        with refused(code):
            move_session(case.session_b_id or 0, naive(starts), actor=case.team.lead, now=clock.now())


def test_bank_holidays_and_the_past(case: CaraCase, clock: SettableClock) -> None:
    lead = case.team.lead
    with refused(Code.BANK_HOLIDAY):
        make(case, clock, "2026-12-28 10:00", staff_ids=[lead.staff_id], part="A")
    with refused(Code.BANK_HOLIDAY):
        move_session(case.session_b_id or 0, naive("2026-12-25 10:00"), actor=lead, now=clock.now())
    with refused(Code.IN_THE_PAST):
        make(case, clock, "2026-09-01 09:00", staff_ids=[lead.staff_id], part="A")
    other = another(case)
    clock.set(wall("2026-09-12 10:00"))
    with refused(Code.IN_THE_PAST):
        book(case, clock, case.session_a_id, other.enrolment_id)
    with refused(Code.IN_THE_PAST):
        move_session(case.session_a_id or 0, naive("2026-09-20 10:00"), actor=lead, now=clock.now())
    with refused(Code.IN_THE_PAST):
        booking.unbook(live_bookings(case.enrolment_id)[0].id, "late", actor=lead, now=clock.now())


def test_separated_share_no_session_day_venue_or_staff(case: CaraCase, clock: SettableClock) -> None:
    other = another(case)
    keep_apart(case, other, clock)
    fay = case.team.facilitator.staff_id or 0
    shares = {
        "session": case.session_a_id,
        "day": make(case, clock, "2026-09-12 16:00", part="A", minutes=60),
        "staff": make(case, clock, "2026-09-19 10:00", part="A", staff_ids=[fay]),
    }
    for session_id in shares.values():
        with refused(Code.SEPARATED) as caught:
            book(case, clock, session_id, other.enrolment_id)
        assert "separat" not in caught.value.message and "meet" not in caught.value.message
    apart = make(case, clock, "2026-09-26 10:00", part="A")
    book(case, clock, apart, other.enrolment_id)
    with refused(Code.SEPARATED):
        move_session(apart, naive("2026-10-10 16:00"), actor=case.team.lead, now=clock.now())


def test_separated_by_venue(case: CaraCase, clock: SettableClock) -> None:
    other = another(case)
    keep_apart(case, other, clock)
    mine = make(case, clock, "2026-09-19 10:00", part="A", venue="Old Library")
    theirs = make(case, clock, "2026-09-26 10:00", part="A", venue="Old Library")
    for one in live_bookings(case.enrolment_id):
        booking.unbook(one.id, "another day", actor=case.team.lead, now=clock.now())
    book(case, clock, mine)
    with refused(Code.SEPARATED):
        book(case, clock, theirs, other.enrolment_id)


def test_booking_is_not_for_everybody(case: CaraCase, clock: SettableClock) -> None:
    team, a = case.team, case.session_a_id or 0
    for actor in (team.officer, team.worker, team.enforcement, team.admin):
        with refused(Code.NOT_ALLOWED):
            booking.book(a, case.enrolment_id, actor=actor, now=clock.now())
        with refused(Code.NOT_ALLOWED):
            sessions.cancel_session(a, None, actor=actor, now=clock.now())
        with refused(Code.NOT_ALLOWED):
            submit_register(a, {}, token="t", actor=actor, now=clock.now())


def test_booking_of_what_cannot_be_booked(case: CaraCase, clock: SettableClock) -> None:
    with refused(Code.NOT_ALLOWED):
        book(case, clock, case.session_a_id)
    baseline = make(case, clock, "2026-09-20 10:00", programme="baseline", kind="one_to_one")
    with refused(Code.NOT_ALLOWED):
        book(case, clock, baseline)
    later = make(case, clock, "2026-09-19 10:00", part="A")
    sessions.cancel_session(later, None, actor=case.team.lead, now=clock.now())
    with refused(Code.NOT_ALLOWED):
        book(case, clock, later)
    other = make(case, clock, "2026-09-19 10:00", part="A")
    suspending.suspend(case.enrolment_id, SuspensionReason.ILLNESS, actor=case.team.lead, now=clock.now())
    with refused(Code.NOT_ALLOWED):
        book(case, clock, other)


def test_places_held_while_police_decide_are_given_up_by_a_charge(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    deciding.decide(case.enrolment_id, Decision.PROCEED, actor=case.team.worker, now=clock.now())
    again = make(case, clock, "2026-09-26 10:00", part="A")
    book(case, clock, again)
    assert enrolment(case.enrolment_id).status == "breach_reported"
    police.police_decision(
        case.enrolment_id, PoliceDecision.CHARGED, actor=case.team.officer, now=clock.now()
    )
    assert [one.session_id for one in live_bookings(case.enrolment_id)] == [case.session_a_id]
    yet_another = make(case, clock, "2026-10-03 10:00", part="A")
    with refused(Code.NOT_ALLOWED):
        book(case, clock, yet_another)


def test_offered_refusals_are_those_of_booking(case: CaraCase, clock: SettableClock) -> None:
    too_soon = make(case, clock, "2026-10-09 10:00", part="B")
    session = db.session.get_one(Session, too_soon)
    shown = booking.refusal_for(session, enrolment(case.enrolment_id), clock.now())
    assert shown is not None and shown.code is Code.TOO_SOON_AFTER_PART_A


def test_number_that_no_text_may_go_to(case: CaraCase, clock: SettableClock) -> None:
    team = case.team
    for number in ("020 7946 0018", "07700", "nonsense"):
        with refused(Code.NUMBER_UNUSABLE) as caught:
            change_person(case.participant_id, PersonChange(mobile=number), actor=team.lead, now=clock.now())
        assert caught.value.field == "mobile"
        with refused(Code.NUMBER_UNUSABLE):
            referring.receive(sam(mobile=number), cara_referral(team), actor=team.officer, now=clock.now())


def test_partners_number_is_refused_without_a_reason_and_victim_safety_is_told(
    case: CaraCase, clock: SettableClock
) -> None:
    details = PartnerDetails("Invented Partner", "+447700900777", worker_id=case.team.worker.staff_id)
    add_partner(case.participant_id, details, actor=case.team.worker, now=clock.now())
    with pytest.raises(RefusedError) as caught:
        change_person(
            case.participant_id, PersonChange(mobile="07700 900777"), actor=case.team.lead, now=clock.now()
        )
    assert caught.value.code is Code.NUMBER_UNUSABLE
    assert "partner" not in caught.value.message.lower()
    assert db.session.get_one(Participant, case.participant_id).mobile == "+447700900101"
    (told,) = notices(case.enrolment_id, "number_conflict")
    assert (told.to_role, told.staff_id) == ("victim_safety", case.team.worker.staff_id)
    assert "900777" not in str(told.facts)


def test_warning_beyond_35_days_is_no_refusal(case: CaraCase, clock: SettableClock) -> None:
    within = make(case, clock, "2026-10-17 10:00", part="B")
    beyond = make(case, clock, "2026-10-18 10:00", part="B")
    assert book(case, clock, within).warning is None
    assert "36 days" in book(case, clock, beyond).warning
    assert [to_local(one.session.starts_at).day for one in live_bookings(case.enrolment_id)] == [12, 18]


def test_part_a_booked_later_gives_up_a_part_b_that_is_now_too_soon(
    case: CaraCase, clock: SettableClock
) -> None:
    later = make(case, clock, "2026-09-19 10:00", part="A")
    book(case, clock, later)
    assert [one.session_id for one in live_bookings(case.enrolment_id)] == [later]
