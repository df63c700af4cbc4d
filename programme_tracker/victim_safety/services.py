"""Writing partner records: sealed, and known to other rooms only by yes or no."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import FieldKeys
from programme_tracker.kernel.transaction import transaction
from programme_tracker.victim_safety.models import Partner


@dataclass(frozen=True)
class PartnerDetails:
    """What victim safety knows of a partner; ``number`` is E.164."""

    name: str
    number: str | None = None
    safe_times: str | None = None
    worker_id: int | None = None


def field_keys() -> FieldKeys:
    """Return the keys of the running application."""
    settings = current_settings()
    return FieldKeys(keys=dict(settings.field_keys), index_key=settings.blind_index_key)


def add_partner(participant_id: int, details: PartnerDetails, *, actor: Actor, now: datetime) -> Partner:
    """Make a partner record; every fact is sealed for its own row and column."""
    with transaction():
        partner = Partner(
            participant_id=participant_id, worker_id=details.worker_id, name_sealed="", created_at=now
        )
        db.session.add(partner)
        db.session.flush()
        _seal(partner, details)
        audit.record("partner.added", partner, actor=actor, at=now)
        return partner


def _seal(partner: Partner, details: PartnerDetails) -> None:
    keys = field_keys()
    partner.name_sealed = keys.seal(details.name, f"partners:{partner.id}:name")
    partner.number_sealed = (
        keys.seal(details.number, f"partners:{partner.id}:number") if details.number else None
    )
    partner.number_index = keys.index(details.number) if details.number else None
    partner.safe_times_sealed = (
        keys.seal(details.safe_times, f"partners:{partner.id}:safe_times") if details.safe_times else None
    )


def partners_with_number(number: str) -> list[Partner]:
    """Return the partners whose safe number this E.164 number is, by the blind index."""
    index = field_keys().index(number)
    return list(db.session.scalars(select(Partner).where(Partner.number_index == index)))
