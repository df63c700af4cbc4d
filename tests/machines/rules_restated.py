"""The rules of product.md §7 worked out anew from our own account, and compared with the flags."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from programme_tracker.engagement.models import Flag
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment
from tests.engagement import naive
from tests.machines.model import Account, Person, wall

#: Flags that say that their rule was true: what a person cleared was true all the same.
STOOD = ("open", "cleared", "superseded")


def check_rules(account: Account, now: datetime) -> None:
    """See that every rule that holds has its flag, and that every flag has its rule."""
    flags: dict[int, list[Flag]] = defaultdict(list)
    found = select(Flag).where(Flag.state.in_(STOOD)).options(selectinload(Flag.findings))
    for flag in db.session.scalars(found):
        flags[flag.enrolment_id].append(flag)
    for person in account.people:
        _check_outcomes(account, person, flags[person.enrolment_id])
        _check_assessments(account, person, flags[person.enrolment_id])
        _check_silence(account, person, flags[person.enrolment_id], now)


def _check_outcomes(account: Account, person: Person, flags: list[Flag]) -> None:
    sittings = account.attended_by(person.enrolment_id)
    seen = [naive.Seen(wall(one.starts_at).date(), one.outcomes[person.enrolment_id]) for one in sittings]
    standing = {flag.rule for flag in flags}
    could_be: set[str] = set()
    for count in range(1, len(seen) + 1):
        risky = naive.caused_by_last(
            seen[:count], person.programme, is_high=True, is_mandated=person.is_mandated
        )
        calm = naive.caused_by_last(
            seen[:count], person.programme, is_high=False, is_mandated=person.is_mandated
        )
        ambers = naive.amber_of_last(seen[:count], person.programme)
        could_be |= {rule for rule, _ in risky | calm} | ambers
        must_be = {rule for rule, level in calm if level == "red"}
        missing = must_be - standing
        assert not missing, f"session {sittings[count - 1].session_id} should have raised {missing}"
        if not risky - calm and (missing := {rule for rule, _ in calm} - standing):
            raise AssertionError(f"session {sittings[count - 1].session_id} should have raised {missing}")
    for flag in flags:
        by_outcome = any(row.session_id for row in flag.findings if row.withdrawn_at is None)
        if by_outcome and flag.rule != "assessment_missed":
            assert flag.rule in could_be, f"what was behind the flag {flag.rule} does not stand"


def _check_assessments(account: Account, person: Person, flags: list[Flag]) -> None:
    sittings = account.attended_by(person.enrolment_id, assessments=True)
    missed = sum(one.outcomes[person.enrolment_id] in naive.UNEXPLAINED for one in sittings)
    standing = {flag.level for flag in flags if flag.rule == "assessment_missed"}
    assert ("red" in standing) == (missed >= 2), f"{missed} assessments missed, flags {standing}"
    assert bool(standing) == (missed >= 1), f"{missed} assessments missed, flags {standing}"


def _check_silence(account: Account, person: Person, flags: list[Flag], now: datetime) -> None:
    """Look at those whose clock has never stopped: suspensions and transfers have tests of their own."""
    rule = naive.SILENCE.get(person.programme, ("", 0))[0]
    enrolment = db.session.get_one(Enrolment, person.enrolment_id)
    is_over = person.left or enrolment.status in ("completed", "breach_reported", "withdrawn")
    if not rule or is_over or person.pauses or person.transferred or enrolment.enrolled_at is None:
        return
    sittings = [
        *account.attended_by(person.enrolment_id),
        *account.attended_by(person.enrolment_id, assessments=True),
    ]
    came = [one.starts_at for one in sittings if one.outcomes[person.enrolment_id] in naive.CAME]
    booked = [one.starts_at for one in account.sittings if person.enrolment_id in one.booked]
    due = naive.silent_from(
        person.programme,
        enrolled_at=enrolment.enrolled_at,
        first_session_at=min(booked, default=None),
        came_at=came,
        spoken_at=[person.spoken_at] if person.spoken_at else [],
    )
    # What police or a person decided a moment ago has the worker look again at its next tick.
    is_planned = enrolment.reassess_at is not None and enrolment.reassess_at == now
    if due is not None and account.at_work(due) <= now and not is_planned:
        assert rule in {flag.rule for flag in flags}, f"silence since before {due} raised nothing"
