"""A new key for the blind indexes: every digest is made again from the sealed fact."""

from datetime import date

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import field_keys, unseal
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.rules import identity_of

BATCH = 100


def index_anew() -> int:
    """Make every digest again that the present index key did not make; return how many rows changed.

    Until it has finished, a partner's number is not recognised under the new key: stop sending first.
    """
    changed, last = 0, 0
    while True:
        with transaction():
            ids = db.session.scalars(
                select(Partner.id).where(Partner.id > last).order_by(Partner.id).limit(BATCH)
            ).all()
            changed += sum(_index(locked(Partner, partner_id)) for partner_id in ids)
        if not ids:
            return changed
        last = ids[-1]


def _index(partner: Partner) -> bool:
    keys, before = field_keys(), (partner.number_index, partner.identity_index)

    def opened(name: str) -> str | None:
        sealed = getattr(partner, f"{name}_sealed")
        return unseal(sealed, "partners", partner.id, name) if sealed else None

    number, born_on = opened("number"), opened("born_on")
    partner.number_index = keys.index(number) if number else None
    known = identity_of(opened("name") or "", date.fromisoformat(born_on)) if born_on else None
    partner.identity_index = keys.index(known) if known else None
    return (partner.number_index, partner.identity_index) != before
