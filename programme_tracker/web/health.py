"""Whether the process lives, and whether it can serve."""

import structlog
from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from programme_tracker.jobs.health import standing
from programme_tracker.kernel import clock, migration
from programme_tracker.kernel.database import db
from programme_tracker.web.access import public

bp = Blueprint("health", __name__, url_prefix="/health")
log = structlog.get_logger(__name__)


@bp.get("/live")
@public
def live() -> ResponseReturnValue:
    """Say that the process answers."""
    return {"status": "ok"}


@bp.get("/ready")
@public
def ready() -> ResponseReturnValue:
    """Say whether the database answers at this version's migration, and due work gets done; 503 if not.

    Work counts as not done when a message or notice has been due for more than five minutes.
    Messages that a person holds do not count.
    """
    now = clock.now()
    try:
        if migration.current(db.engine) != migration.head():
            return {"status": "database not migrated"}, 503
        stands = standing(now)
    except SQLAlchemyError:
        log.error("database_unreachable", exc_info=True)
        return {"status": "database unreachable"}, 503
    sending = "held" if stands.holds else "on"
    if not stands.is_alive(now):
        return {"status": "due work is not done", "sending": sending}, 503
    return {"status": "ok", "sending": sending}
