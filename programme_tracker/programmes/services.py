"""Writing programmes and policy versions."""

from datetime import UTC, datetime

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.programmes.models import PolicyVersion, Programme
from programme_tracker.programmes.rules import DEFAULT_POLICY, Policy, to_data

#: Policy version 1 governs everything before a manager made another.
SINCE_EVER = datetime(2000, 1, 1, tzinfo=UTC)

NAMES = {
    "radar": "RADAR",
    "cara": "CARA",
    "baseline": "Baseline",
    "linx": "LINX",
    "young_adults": "Young adults",
    "awareness": "Awareness",
}


def seed_programmes(*, now: datetime, policy: Policy = DEFAULT_POLICY) -> None:
    """Put in the six programmes and policy version 1, if they are not there."""
    with transaction():
        if db.session.get(PolicyVersion, policy.version) is not None:
            return
        for code in policy.programmes:
            db.session.add(Programme(code=code, name=NAMES.get(code, code), is_active=True))
        version = PolicyVersion(
            number=policy.version,
            in_force_at=SINCE_EVER,
            data=to_data(policy),
            note="The defaults",
            created_at=now,
        )
        db.session.add(version)
        audit.record("policy.version_made", version, actor=SYSTEM, at=now)
