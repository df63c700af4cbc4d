"""Flags as rows: raised by the system, ended by a person, one open one a rule."""

import pytest
from sqlalchemy.exc import IntegrityError

from programme_tracker.engagement.models import FlagFinding, FlagState
from programme_tracker.engagement.queries import found_before, open_flags
from programme_tracker.engagement.rules import Finding, Level, Rule
from programme_tracker.engagement.services import (
    add_finding,
    clear_flag,
    end_flag,
    raise_flag,
    supersede,
    withdraw_finding,
)
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.errors import Code
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import flags, is_whole, refused, times_audited

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

NOW = ready.START


def found(case: CaraCase, level: Level = Level.RED) -> Finding:
    session_id = case.session_a_id or 0
    return Finding(rule=Rule.ASSESSMENT_MISSED, level=level, session_id=session_id, evidence=(session_id,))


def raised(case: CaraCase, level: Level = Level.RED) -> FlagFinding:
    return raise_flag(case.enrolment_id, found(case, level), "Missed.", 1, now=NOW)


def test_one_open_flag_a_rule(case: CaraCase) -> None:
    row = raised(case)
    with pytest.raises(IntegrityError):
        raised(case)
    add_finding(row.flag, found(case), "Missed again.", now=NOW)
    assert len(open_flags(case.enrolment_id)[0].findings) == 2
    assert times_audited("flag.raised") == times_audited("flag.found_again") == 1


def test_flag_is_cleared_by_a_person_with_a_reason_once(case: CaraCase, clock: SettableClock) -> None:
    flag = raised(case).flag
    for actor, reason in ((SYSTEM, "x"), (case.team.lead, " ")):
        with refused(Code.NOT_ALLOWED):
            clear_flag(flag, reason, actor=actor, now=NOW)
    clear_flag(flag, "spoken", actor=case.team.lead, now=NOW)
    with refused(Code.NOT_ALLOWED):
        clear_flag(flag, "spoken", actor=case.team.lead, now=NOW)
    assert (flag.ended_by, flag.end_reason) == (case.team.lead.staff_id, "spoken")
    assert open_flags(case.enrolment_id) == []


def test_amber_that_became_red_makes_room_for_it(case: CaraCase) -> None:
    supersede(raised(case, Level.AMBER).flag, now=NOW)
    raised(case)
    assert flags(case.enrolment_id) == [
        ("assessment_missed", "amber", "superseded"),
        ("assessment_missed", "red", "open"),
    ]


def test_finding_withdrawn_may_be_made_again(case: CaraCase) -> None:
    row = raised(case)
    key = ("assessment_missed", "red", case.session_a_id, None)
    assert found_before(case.enrolment_id) == {key}
    withdraw_finding(row, now=NOW)
    end_flag(row.flag, FlagState.RECORDED_IN_ERROR, "corrected", actor=SYSTEM, now=NOW)
    assert found_before(case.enrolment_id) == frozenset()
    raised(case)
    assert is_whole()


def test_what_has_ended_stays_ended(case: CaraCase) -> None:
    flag = raised(case).flag
    end_flag(flag, FlagState.RECORDED_IN_ERROR, "corrected", actor=SYSTEM, now=NOW)
    end_flag(flag, FlagState.CLEARED, "spoken", actor=case.team.lead, now=NOW)
    assert flag.state == FlagState.RECORDED_IN_ERROR
    assert times_audited("flag.ended") == 1
