"""Policy versions, made for a day to come, and programmes, added without code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import serialised, transaction
from programme_tracker.kernel.working_time import at_local, local_date, to_local
from programme_tracker.programmes.models import PolicyVersion, Programme
from programme_tracker.programmes.queries import newest_version, policy_at, policy_version
from programme_tracker.programmes.rules import Policy, PolicyError, from_data, to_data, with_overrides
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.policy_sense import refuse_nonsense

#: What a programme may be called in the data: small letters, figures and underscores.
_CODE = re.compile(r"[a-z][a-z0-9_]{1,29}")


@dataclass(frozen=True)
class Difference:
    """One number that differs between two versions."""

    programme: str
    key: str
    before: object
    after: object


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
        in_force_at = at_local(from_on, _MIDNIGHT)
        _refuse_before_newest(in_force_at)
        policy = changed(newest_version(), overrides)
        if not differences(newest_version(), policy):
            raise RefusedError(Code.NOT_ALLOWED, "Nothing differs from the newest version. Change a number.")
        return _store(policy, in_force_at, note.strip(), actor, now)


def _refuse_before_newest(in_force_at: datetime) -> None:
    """Refuse a start before the newest version's: that one would take back what this one changes."""
    newest = versions()[0]
    if in_force_at < newest.in_force_at:
        day = f"{to_local(newest.in_force_at):%-d %B %Y}"
        raise RefusedError(
            Code.NOT_ALLOWED,
            f"Version {newest.number} starts on {day}. Choose that day or a later one.",
            field="from_on",
        )


_MIDNIGHT = datetime.min.time()


def changed(policy: Policy, overrides: Mapping[str, Mapping[str, object]]) -> Policy:
    """Return ``policy`` as the next version with some numbers changed, or refuse in words."""
    try:
        made = replace(with_overrides(policy, overrides), version=policy.version + 1)
    except PolicyError as error:
        raise RefusedError(Code.NOT_ALLOWED, str(error)) from None
    refuse_nonsense(made)
    return made


def add_programme(
    code: str,
    title: str,
    like: str,
    *,
    actor: Actor,
    now: datetime,
    numbers: Mapping[str, object] | None = None,
) -> Programme:
    """Add a programme whose numbers start as another's; no code is needed (product.md §2).

    It may be chosen at once: the policy in force is made again with it, and so is every version
    still to come, each from its own day. Raises RefusedError for a code or title that is taken,
    and for a bad number.
    """
    require(actor, Role.MANAGER, why="A manager adds programmes.")
    with transaction():
        serialised("policy")
        refuse_programme(code, title, like)
        programme = Programme(code=code, name=title.strip(), is_active=True)
        db.session.add(programme)
        db.session.flush()
        note = f"Added {title.strip()}"
        for policy, in_force_at in _in_force_and_to_come(now):
            number = newest_version().version + 1
            with_it = _with_programme(policy, code, title.strip(), like, numbers or {})
            _store(replace(with_it, version=number), in_force_at, note, actor, now)
        audit.record("programme.added", programme, actor=actor, at=now, code=code, like=like)
        return programme


def refuse_programme(code: str, title: str, like: str) -> None:
    """Refuse a programme that cannot be added, beside the field at fault; takes no lock."""
    known = newest_version().programmes
    if not _CODE.fullmatch(code):
        raise RefusedError(
            Code.NOT_ALLOWED, "Use small letters, figures and underscores, such as bbr.", field="code"
        )
    if code in known or code == "general":
        raise RefusedError(Code.NOT_ALLOWED, "Another programme has this code.", field="code")
    if not title.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Enter what the programme is called.", field="title")
    if title.strip().casefold() in {one.title.casefold() for one in known.values()}:
        raise RefusedError(Code.NOT_ALLOWED, "Another programme is called that.", field="title")
    if like not in known:
        raise RefusedError(Code.NOT_ALLOWED, "Choose the programme it is like.", field="like")


def _in_force_and_to_come(now: datetime) -> list[tuple[Policy, datetime]]:
    """Return the policy in force, from now, and every one that will yet be in force, from its day."""
    to_come: dict[datetime, int] = {}
    for version in reversed(versions()):
        if version.in_force_at > now:
            to_come[version.in_force_at] = version.number
    later = [(policy_version(number), at) for at, number in sorted(to_come.items())]
    return [(policy_at(now), now), *later]


def _with_programme(
    policy: Policy, code: str, title: str, like: str, numbers: Mapping[str, object]
) -> Policy:
    data = to_data(policy)
    data["programmes"][code] = {**data["programmes"][like], "title": title}
    try:
        made = with_overrides(from_data(data), {code: numbers})
    except PolicyError as error:
        raise RefusedError(Code.NOT_ALLOWED, str(error)) from None
    refuse_nonsense(made)
    return made


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


def versions() -> list[PolicyVersion]:
    """Return every policy version, newest first."""
    return list(db.session.scalars(select(PolicyVersion).order_by(PolicyVersion.number.desc())))


def version_before(number: int) -> Policy | None:
    """Return the version before this one, or None for the first."""
    return policy_version(number - 1) if number > 1 else None
