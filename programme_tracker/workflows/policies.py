"""Policy versions: made for a day to come, compared, and tried on the last 90 days without writing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.queries import current_marks
from programme_tracker.audit import services as audit
from programme_tracker.engagement.rules import Finding, findings
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import serialised, transaction
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.programmes.models import PolicyVersion, Programme
from programme_tracker.programmes.queries import newest_version, policy_at, policy_version
from programme_tracker.programmes.rules import Policy, PolicyError, from_data, to_data, with_overrides
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.standing import sittings_of, standing_of

TRIAL_DAYS = 90


@dataclass(frozen=True)
class Difference:
    """One number that differs between two versions."""

    programme: str
    key: str
    before: object
    after: object


@dataclass(frozen=True)
class TrialLine:
    """What one rule would have done differently on one programme in the last 90 days."""

    programme: str
    rule: str
    level: str
    raised_now: int
    would_raise: int

    @property
    def more(self) -> int:
        """How many more flags there would have been; negative for fewer."""
        return self.would_raise - self.raised_now


def make_version(
    overrides: Mapping[str, Mapping[str, object]],
    *,
    from_on: date,
    note: str,
    actor: Actor,
    now: datetime,
) -> PolicyVersion:
    """Make the next policy version, in force from 00:00 London on a day to come.

    It starts from the newest version. Past flags keep the version that raised them. Raises
    RefusedError for a bad value or a day that is not to come.
    """
    require(actor, Role.MANAGER, why="A manager changes the policy.")
    if from_on <= local_date(now):
        raise RefusedError(Code.IN_THE_PAST, "Choose a day to come, from tomorrow on.", field="from_on")
    if not note.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why the policy changes.", field="note")
    with transaction():
        serialised("policy")
        return _store(changed(newest_version(), overrides), at_local(from_on, _MIDNIGHT), note, actor, now)


_MIDNIGHT = datetime.min.time()


def changed(policy: Policy, overrides: Mapping[str, Mapping[str, object]]) -> Policy:
    """Return ``policy`` as the next version with some numbers changed, or refuse in words."""
    try:
        return replace(with_overrides(policy, overrides), version=policy.version + 1)
    except PolicyError as error:
        raise RefusedError(Code.NOT_ALLOWED, str(error)) from None


def add_programme(
    code: str,
    title: str,
    like: str,
    *,
    from_on: date,
    actor: Actor,
    now: datetime,
) -> PolicyVersion:
    """Add a programme whose numbers start as another's; no code is needed (product.md §2)."""
    require(actor, Role.MANAGER, why="A manager adds programmes.")
    if not code.isidentifier() or code != code.lower():
        raise RefusedError(
            Code.NOT_ALLOWED, "Use small letters and underscores, such as young_fathers.", field="code"
        )
    with transaction():
        serialised("policy")
        policy = newest_version()
        if code in policy.programmes:
            raise RefusedError(Code.NOT_ALLOWED, "There is a programme with this code.", field="code")
        data = to_data(policy)
        data["programmes"][code] = {**data["programmes"][like], "title": title}
        data["version"] = policy.version + 1
        db.session.add(Programme(code=code, name=title, is_active=True))
        start = max(at_local(from_on, _MIDNIGHT), now)
        return _store(from_data(data), start, f"Added {title}", actor, now)


def _store(policy: Policy, in_force_at: datetime, note: str, actor: Actor, now: datetime) -> PolicyVersion:
    version = PolicyVersion(
        number=policy.version,
        in_force_at=in_force_at,
        data=to_data(policy),
        note=note,
        created_at=now,
        created_by=actor.staff_id,
    )
    db.session.add(version)
    db.session.flush()
    audit.record(
        "policy.version_made", version, actor=actor, at=now, number=policy.version, in_force_at=in_force_at
    )
    return version


def differences(before: Policy, after: Policy) -> list[Difference]:
    """Return every number that differs between two versions, by programme."""
    old, new = _flat(before), _flat(after)
    keys = dict.fromkeys([*old, *new])
    return [
        Difference(programme, key, old.get((programme, key)), new.get((programme, key)))
        for programme, key in keys
        if old.get((programme, key)) != new.get((programme, key))
    ]


def _flat(policy: Policy) -> dict[tuple[str, str], object]:
    data = to_data(policy)
    flat = {("general", key): value for key, value in data["general"].items()}
    for code, numbers in data["programmes"].items():
        flat |= {(code, key): value for key, value in numbers.items()}
    return flat


def trial(policy: Policy, *, now: datetime) -> list[TrialLine]:
    """Say which flags ``policy`` would have raised in the last 90 days, against the one in force.

    Reads real marks and writes nothing. Rules that time alone fulfils are left out: what they
    would have done depends on contacts that a different policy would have brought about.
    """
    since = now - timedelta(days=TRIAL_DAYS)
    in_force, tried = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for enrolment in _active_since(since):
        marks = current_marks(enrolment.id)
        in_force.update(_raised(enrolment, marks, policy_at(now), since, now))
        if enrolment.programme_code in policy.programmes:
            tried.update(_raised(enrolment, marks, policy, since, now))
    keys = sorted({*in_force, *tried})
    return [TrialLine(*key, in_force[key], tried[key]) for key in keys]


def _active_since(since: datetime) -> list[Enrolment]:
    recent = select(Mark.enrolment_id).where(Mark.recorded_at >= since, Mark.is_current)
    return list(db.session.scalars(select(Enrolment).where(Enrolment.id.in_(recent))))


def _raised(
    enrolment: Enrolment, marks: list[Mark], policy: Policy, since: datetime, now: datetime
) -> list[tuple[str, str, str]]:
    """Return the flags one enrolment would have got: a rule once in each run of findings."""
    standing = standing_of(enrolment, marks, now, policy)
    held = {mark.session_id: mark.session.starts_at for mark in marks}
    kept: dict[tuple[str, str], Finding] = {}
    for finding in findings(sittings_of(marks), standing):
        if finding.session_id is not None and held[finding.session_id] >= since:
            kept.setdefault((finding.rule.value, finding.level.value), finding)
    return [(enrolment.programme_code, rule, level) for rule, level in kept]


def versions() -> list[PolicyVersion]:
    """Return every policy version, newest first."""
    return list(db.session.scalars(select(PolicyVersion).order_by(PolicyVersion.number.desc())))


def version_before(number: int) -> Policy | None:
    """Return the version before this one, or None for the first."""
    return policy_version(number - 1) if number > 1 else None
