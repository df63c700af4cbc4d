"""Writing partner records: sealed, only added to, and known to other rooms by yes or no."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import field_keys, seal
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.victim_safety.models import Partner, PartnerEntry, PartnerView
from programme_tracker.victim_safety.rules import VIEW_LASTS, EntryKind, ViewReason, identity_of


@dataclass(frozen=True)
class PartnerDetails:
    """What victim safety knows of a partner; ``number`` is E.164.

    ``message`` is how to leave a message, in the words the partner prefers.
    """

    name: str
    number: str | None = None
    safe_times: str | None = None
    worker_id: int | None = None
    message: str | None = None
    relationship: str | None = None
    address: str | None = None
    born_on: date | None = None


@dataclass(frozen=True)
class EntryDetails:
    """One entry to be added: its kind, what it says, and the entry that it corrects."""

    kind: EntryKind
    content: Mapping[str, Any]
    enrolment_id: int | None = None
    point: str | None = None
    corrects_id: int | None = None


def add_partner(participant_id: int, details: PartnerDetails, *, actor: Actor, now: datetime) -> Partner:
    """Make a partner record; every fact is sealed for its own row and column."""
    with transaction():
        partner = Partner(participant_id=participant_id, name_sealed="", created_at=now)
        db.session.add(partner)
        db.session.flush()
        _seal(partner, details)
        _keep_details(partner, details, actor=actor, now=now)
        audit.record("partner.added", partner, actor=actor, at=now)
        return partner


def change_partner(partner_id: int, details: PartnerDetails, *, actor: Actor, now: datetime) -> Partner:
    """Change what is known of a partner; what was known before stays in the file."""
    with transaction():
        partner = locked(Partner, partner_id)
        _seal(partner, details)
        _keep_details(partner, details, actor=actor, now=now)
        audit.record("partner.changed", partner, actor=actor, at=now)
        return partner


def _seal(partner: Partner, details: PartnerDetails) -> None:
    sealed = {
        "name": details.name,
        "number": details.number,
        "safe_times": details.safe_times,
        "message": details.message,
        "relationship": details.relationship,
        "address": details.address,
        "born_on": details.born_on.isoformat() if details.born_on else None,
    }
    for name, text in sealed.items():
        setattr(partner, f"{name}_sealed", seal(text, "partners", partner.id, name) if text else None)
    keys = field_keys()
    partner.number_index = keys.index(details.number) if details.number else None
    known = identity_of(details.name, details.born_on) if details.born_on else None
    partner.identity_index = keys.index(known) if known else None
    partner.worker_id = details.worker_id


def _keep_details(partner: Partner, details: PartnerDetails, *, actor: Actor, now: datetime) -> None:
    """Keep every version of the details, since the row itself holds only the newest."""
    content = {name: value for name, value in asdict(details).items() if value}
    _add(partner, EntryDetails(EntryKind.DETAILS, content), actor=actor, now=now)


def add_entry(partner_id: int, details: EntryDetails, *, actor: Actor, now: datetime) -> PartnerEntry:
    """Add an entry to a partner's file.

    Raises RefusedError when it corrects what is not in this file, is of another kind, or was
    corrected already.
    """
    with transaction():
        partner = locked(Partner, partner_id)
        _refuse_correction(partner, details)
        return _add(partner, details, actor=actor, now=now)


def _refuse_correction(partner: Partner, details: EntryDetails) -> None:
    if details.corrects_id is None:
        return
    wrong = db.session.get(PartnerEntry, details.corrects_id)
    if wrong is None or wrong.partner_id != partner.id or wrong.kind != details.kind:
        raise RefusedError(Code.NOT_ALLOWED, "What this corrects is not in this file. Open it again.")
    later = select(PartnerEntry.id).where(PartnerEntry.corrects_id == wrong.id)
    if db.session.scalar(later) is not None:
        raise RefusedError(Code.NOT_ALLOWED, "This was corrected meanwhile. Correct the newest one.")


def _add(partner: Partner, details: EntryDetails, *, actor: Actor, now: datetime) -> PartnerEntry:
    entry = PartnerEntry(
        partner_id=partner.id,
        kind=details.kind.value,
        point=details.point,
        enrolment_id=details.enrolment_id,
        content_sealed="",
        made_at=now,
        made_by=actor.staff_id,
        corrects_id=details.corrects_id,
    )
    db.session.add(entry)
    db.session.flush()
    text = json.dumps(dict(details.content), default=str, ensure_ascii=False)
    entry.content_sealed = seal(text, "partner_entries", entry.id, "content")
    audit.record(
        "partner.entry_added",
        partner,
        actor=actor,
        at=now,
        enrolment_id=details.enrolment_id,
        kind=details.kind.value,
        entry_id=entry.id,
        corrects=details.corrects_id,
    )
    return entry


@dataclass(frozen=True)
class Looking:
    """Why somebody opens a file, in which sign-in, and their own words if the reason needs any."""

    reason: ViewReason
    words: str | None = None
    sign_in_id: int | None = None


def open_file(partner_id: int, looking: Looking, *, actor: Actor, now: datetime) -> PartnerView:
    """Open a partner's file to one person for a while; the reason goes to the trail.

    Words that were typed may hold what the partner said, so the trail names the view and the words
    are sealed beside it. Raises RefusedError when "another reason" comes without words.
    """
    words = (looking.words or "").strip()
    if looking.reason in {ViewReason.OTHER, ViewReason.BREAK_GLASS} and not words:
        raise RefusedError(Code.NOT_ALLOWED, "Say why you open this file.", field="words")
    with transaction():
        partner = locked(Partner, partner_id)
        view = PartnerView(
            partner_id=partner.id,
            staff_id=actor.staff_id,
            sign_in_id=looking.sign_in_id,
            reason=looking.reason.value,
            viewed_at=now,
            ends_at=now + VIEW_LASTS,
        )
        db.session.add(view)
        db.session.flush()
        view.words_sealed = seal(words, "partner_views", view.id, "words") if words else None
        audit.record(
            "partner.opened", partner, actor=actor, at=now, reason=looking.reason.value, view_id=view.id
        )
        return view


def note_seen(view: PartnerView, page: str, *, actor: Actor, now: datetime) -> None:
    """Note that a page of an open file was read: ``page`` is an endpoint, never a fact."""
    with transaction():
        partner = db.session.get_one(Partner, view.partner_id)
        audit.record(
            "partner.viewed", partner, actor=actor, at=now, reason=view.reason, view_id=view.id, page=page
        )


def close_file(partner_id: int, sign_in_id: int | None, *, actor: Actor, now: datetime) -> None:
    """End one's own views of a file before their time."""
    with transaction():
        views = select(PartnerView).where(
            PartnerView.partner_id == partner_id,
            PartnerView.staff_id == actor.staff_id,
            PartnerView.sign_in_id == sign_in_id,
            PartnerView.ends_at > now,
        )
        for view in db.session.scalars(views):
            view.ends_at = now
            audit.record(
                "partner.closed",
                db.session.get_one(Partner, partner_id),
                actor=actor,
                at=now,
                view_id=view.id,
            )


def delete_file(partner_id: int) -> None:
    """Delete a partner's file whole; the caller has asked and noted why, and holds the row."""
    with transaction():
        for model in (PartnerView, PartnerEntry):
            # What puts something right goes before what it puts right.
            rows = select(model).where(model.partner_id == partner_id).order_by(model.id.desc())
            for row in db.session.scalars(rows).all():
                db.session.delete(row)
                db.session.flush()
        db.session.delete(db.session.get_one(Partner, partner_id))
        db.session.flush()


def protected_numbers(numbers: Collection[str]) -> set[str]:
    """Return those of these E.164 numbers that are a partner's safe number, by the blind index."""
    by_index = {field_keys().index(number): number for number in numbers}
    found = select(Partner.number_index).where(Partner.number_index.in_(by_index))
    return {by_index[index] for index in db.session.scalars(found) if index is not None}


@dataclass(frozen=True)
class Guard:
    """Who is told of a protected number, and whose partner it concerns; nothing about the partner."""

    worker_id: int | None
    participant_id: int


def guards_of(number: str) -> list[Guard]:
    """Tell other rooms whom to tell of an E.164 number; empty when it is no partner's (product.md §9)."""
    return [Guard(partner.worker_id, partner.participant_id) for partner in partners_with_number(number)]


def partners_with_number(number: str) -> list[Partner]:
    """Return the partners whose safe number this E.164 number is, by the blind index."""
    index = field_keys().index(number)
    return list(db.session.scalars(select(Partner).where(Partner.number_index == index)))
