"""Reading partner records: answers by yes or no for other rooms, and open files for victim safety."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import field_keys, unseal
from programme_tracker.victim_safety.models import Partner, PartnerEntry, PartnerView
from programme_tracker.victim_safety.rules import EntryKind, identity_of
from programme_tracker.victim_safety.services import PartnerDetails


@dataclass(frozen=True)
class Written:
    """One entry of a file, opened. ``corrected_by`` is the entry that puts it right."""

    id: int
    kind: EntryKind
    content: dict[str, Any]
    at: datetime
    by: int | None
    point: str | None = None
    enrolment_id: int | None = None
    corrects_id: int | None = None
    corrected_by: int | None = None

    @property
    def stands(self) -> bool:
        """Tell whether nothing later corrects this."""
        return self.corrected_by is None


@dataclass(frozen=True)
class Looked:
    """Who opened a file, when and why; ``words`` are what they typed."""

    staff_id: int
    at: datetime
    reason: str
    words: str | None = None


@dataclass(frozen=True)
class PartnerFile:
    """A partner's file, opened: what is known now, and everything written in it, newest first."""

    partner_id: int
    participant_id: int
    version: int
    details: PartnerDetails
    entries: list[Written] = field(default_factory=list)

    def of_kind(self, *kinds: EntryKind) -> list[Written]:
        """Return the entries of these kinds, newest first."""
        return [entry for entry in self.entries if entry.kind in kinds]


def partners_like(name: str, born_on: date, number: str | None) -> list[Partner]:
    """Return the partners who are somebody of this name and birth date, or of this E.164 number."""
    keys = field_keys()
    conditions = [Partner.identity_index == keys.index(identity_of(name, born_on))]
    if number:
        conditions.append(Partner.number_index == keys.index(number))
    return list(db.session.scalars(select(Partner).where(or_(*conditions)).order_by(Partner.id)))


def partners_of(participant_ids: Iterable[int]) -> Sequence[Partner]:
    """Return the partners of these participants, still sealed, in the order in which they were added."""
    found = select(Partner).where(Partner.participant_id.in_(list(participant_ids))).order_by(Partner.id)
    return db.session.scalars(found).all()


def open_view(partner_id: int, staff_id: int, sign_in_id: int | None, now: datetime) -> PartnerView | None:
    """Return the leave that somebody has to look into a file now, in this sign-in."""
    found = (
        select(PartnerView)
        .where(
            PartnerView.partner_id == partner_id,
            PartnerView.staff_id == staff_id,
            PartnerView.sign_in_id == sign_in_id,
            PartnerView.viewed_at <= now,
            PartnerView.ends_at > now,
        )
        .order_by(PartnerView.ends_at.desc())
    )
    return db.session.scalars(found.limit(1)).first()


def read_file(partner: Partner) -> PartnerFile:
    """Open a file; whoever asks has noted that they look."""
    rows = select(PartnerEntry).where(PartnerEntry.partner_id == partner.id).order_by(PartnerEntry.id.desc())
    found = list(db.session.scalars(rows))
    later = {row.corrects_id: row.id for row in found if row.corrects_id is not None}
    return PartnerFile(
        partner_id=partner.id,
        participant_id=partner.participant_id,
        version=partner.version,
        details=read_details(partner),
        entries=[_written(row, later.get(row.id)) for row in found],
    )


def _written(row: PartnerEntry, corrected_by: int | None) -> Written:
    return Written(
        id=row.id,
        kind=EntryKind(row.kind),
        content=json.loads(unseal(row.content_sealed, "partner_entries", row.id, "content")),
        at=row.made_at,
        by=row.made_by,
        point=row.point,
        enrolment_id=row.enrolment_id,
        corrects_id=row.corrects_id,
        corrected_by=corrected_by,
    )


def read_details(partner: Partner) -> PartnerDetails:
    """Open what is known of a partner now."""

    def opened(name: str) -> str | None:
        sealed = getattr(partner, f"{name}_sealed")
        return unseal(sealed, "partners", partner.id, name) if sealed else None

    born_on = opened("born_on")
    return PartnerDetails(
        name=opened("name") or "",
        number=opened("number"),
        safe_times=opened("safe_times"),
        worker_id=partner.worker_id,
        message=opened("message"),
        relationship=opened("relationship"),
        address=opened("address"),
        born_on=date.fromisoformat(born_on) if born_on else None,
    )


def looked_into(partner_id: int, limit: int = 50) -> list[Looked]:
    """Return who opened a file, newest first."""
    rows = (
        select(PartnerView)
        .where(PartnerView.partner_id == partner_id)
        .order_by(PartnerView.id.desc())
        .limit(limit)
    )
    return [
        Looked(
            row.staff_id,
            row.viewed_at,
            row.reason,
            unseal(row.words_sealed, "partner_views", row.id, "words") if row.words_sealed else None,
        )
        for row in db.session.scalars(rows)
    ]


def points_answered(partner_ids: Iterable[int]) -> dict[int, set[tuple[int | None, str]]]:
    """Return which IMPACT points each partner has answered, as (enrolment, point)."""
    rows = select(PartnerEntry.partner_id, PartnerEntry.enrolment_id, PartnerEntry.point).where(
        PartnerEntry.partner_id.in_(list(partner_ids)), PartnerEntry.point.is_not(None)
    )
    found: dict[int, set[tuple[int | None, str]]] = {}
    for partner_id, enrolment_id, point in db.session.execute(rows):
        found.setdefault(partner_id, set()).add((enrolment_id, str(point)))
    return found
