"""Reading programmes and the policy in force."""

from datetime import datetime
from typing import cast

from flask import current_app
from sqlalchemy import func, select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import is_writing
from programme_tracker.programmes.models import PolicyVersion, Programme
from programme_tracker.programmes.rules import Policy, ProgrammePolicy, from_data


def policy_at(moment: datetime) -> Policy:
    """Return the policy in force at an instant. Raises LookupError before any was put in.

    Inside a transaction an instant is looked up once: what it finds is locked in by then.
    """
    if not is_writing():
        return policy_version(_number_at(moment))
    known: dict[datetime, int] = db.session.info.setdefault("policy_numbers", {})
    if moment not in known:
        known[moment] = _number_at(moment)
    return policy_version(known[moment])


def _number_at(moment: datetime) -> int:
    number = db.session.scalars(
        select(PolicyVersion.number)
        .where(PolicyVersion.in_force_at <= moment)
        .order_by(PolicyVersion.in_force_at.desc(), PolicyVersion.number.desc())
        .limit(1)
    ).first()
    if number is None:
        raise LookupError("No policy version is in force: run 'programme-tracker db upgrade'")
    return number


def policy_version(number: int) -> Policy:
    """Return one policy version. Versions never change, so each is read once per application."""
    kept = cast("dict[int, Policy]", current_app.extensions.setdefault("programme_tracker.policies", {}))
    if number not in kept:
        kept[number] = from_data(db.session.get_one(PolicyVersion, number).data)
    return kept[number]


def newest_version() -> Policy:
    """Return the version with the highest number, in force or still to come."""
    return policy_version(db.session.scalars(select(func.max(PolicyVersion.number))).one())


def programme_policy(code: str, moment: datetime) -> ProgrammePolicy:
    """Return what the policy in force at an instant says of one programme."""
    return policy_at(moment).programmes[code]


def active_programmes() -> list[Programme]:
    """Return the programmes that take referrals, by name."""
    return list(db.session.scalars(select(Programme).where(Programme.is_active).order_by(Programme.name)))
