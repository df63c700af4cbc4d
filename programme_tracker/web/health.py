"""Whether the process lives, and whether it can serve."""

import structlog
from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from programme_tracker.kernel import migration
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
    """Say whether the database answers and stands at this version's migration; 503 if not."""
    try:
        at_head = migration.current(db.engine) == migration.head()
    except SQLAlchemyError:
        log.error("database_unreachable", exc_info=True)
        return {"status": "database unreachable"}, 503
    if not at_head:
        return {"status": "database not migrated"}, 503
    return {"status": "ok"}
