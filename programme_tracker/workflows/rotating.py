"""New keys for everything that is sealed, noted in the trail."""

from collections.abc import Callable

from programme_tracker.audit import services as audit
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.encryption import field_keys
from programme_tracker.kernel.rotation import rotate
from programme_tracker.kernel.transaction import transaction
from programme_tracker.referrals.services import seal_old_reasons
from programme_tracker.victim_safety.rotation import index_anew


def rotate_keys(
    *, with_indexes: bool = False, told: Callable[[str, int], None] = lambda _table, _values: None
) -> int:
    """Seal everything anew with the newest key, and the blind indexes if asked; return how many values."""
    seal_old_reasons()
    indexed = index_anew() if with_indexes else 0
    values = sum(one.values for one in rotate(told=told))
    with transaction():
        audit.record(
            "secrets.rotated",
            actor=SYSTEM,
            at=clock.now(),
            key=field_keys().sealing_id,
            values=values,
            indexed=indexed,
        )
    return values
