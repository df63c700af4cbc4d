"""Sessions and bookings as rows: one live place a person, a version for every move."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code
from programme_tracker.kernel.transaction import transaction
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.scheduling.queries import (
    booked_on,
    clash_for_participant,
    live_booking,
    live_bookings,
    places_taken,
    voided_bookings,
)
from programme_tracker.scheduling.services import (
    add_booking,
    confirm,
    end_booking,
    set_cancelled,
    set_start,
    venue_named,
)
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import is_whole, refused, times_audited
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


def part_a(case: CaraCase) -> Session:
    return db.session.get_one(Session, case.session_a_id)


def test_second_live_booking_is_refused_by_us_and_by_the_database(
    case: CaraCase, clock: SettableClock
) -> None:
    enrolment_id = case.enrolment_id
    with refused(Code.NOT_ALLOWED):
        enrolment = db.session.get_one(Enrolment, enrolment_id)
        add_booking(part_a(case), enrolment, actor=SYSTEM, now=clock.now())
    with pytest.raises(IntegrityError), transaction():
        db.session.add(
            Booking(session_id=case.session_a_id, enrolment_id=enrolment_id, booked_at=clock.now())
        )


def test_place_given_up_is_kept_with_its_reason_and_taken_anew(case: CaraCase, clock: SettableClock) -> None:
    booking = live_booking(case.session_a_id or 0, case.enrolment_id)
    assert booking is not None
    for why in ("cannot come", "never mind"):
        end_booking(booking, why, actor=SYSTEM, now=clock.now())
    assert booking.end_reason == "cannot come"
    assert times_audited("booking.ended") == 1
    assert places_taken(case.session_a_id or 0) == 0
    assert [one.id for one in voided_bookings(case.enrolment_id, "cannot come")] == [booking.id]
    add_booking(part_a(case), booking.enrolment, actor=SYSTEM, now=clock.now())
    assert [one.session_id for one in live_bookings(case.enrolment_id)] == [
        case.session_a_id,
        case.session_b_id,
    ]


def test_move_makes_a_version_and_moves_the_registers_moment(case: CaraCase, clock: SettableClock) -> None:
    session = part_a(case)
    assert (session.version, session.register_due_at) == (1, wall("2026-09-14 12:00"))
    set_start(session, wall("2026-12-24 10:00"), actor=SYSTEM, now=clock.now())
    assert (session.version, session.register_due_at) == (2, wall("2026-12-29 12:00"))
    assert times_audited("session.moved") == 1


def test_cancelled_session_asks_for_nothing_more(case: CaraCase, clock: SettableClock) -> None:
    session = part_a(case)
    set_cancelled(session, "flooded", actor=SYSTEM, now=clock.now())
    assert (session.version, session.register_due_at, session.staffing_due_at) == (2, None, None)
    assert clash_for_participant(case.participant_id, session.starts_at, 60) is None


def test_clash_begins_and_ends_with_the_minute(case: CaraCase) -> None:
    starts_at = part_a(case).starts_at
    before, after = starts_at - timedelta(minutes=60), starts_at + timedelta(minutes=300)
    assert clash_for_participant(case.participant_id, before, 60) is None
    assert clash_for_participant(case.participant_id, before, 61) is not None
    assert clash_for_participant(case.participant_id, after, 60) is None
    assert clash_for_participant(case.participant_id, starts_at, 60, but=[case.session_a_id or 0]) is None


def test_confirmation_is_kept_and_audited(case: CaraCase, clock: SettableClock) -> None:
    (booking,) = booked_on(case.session_a_id or 0)
    confirm(booking, now=clock.now())
    assert booking.confirmed_at == clock.now()
    assert times_audited("booking.confirmed", session_id=case.session_a_id) == 1
    assert is_whole()


def test_venue_of_one_name_is_one(case: CaraCase) -> None:
    with transaction():
        assert venue_named("Old Library").id == venue_named("Old Library").id
