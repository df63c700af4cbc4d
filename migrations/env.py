"""How Alembic reaches the database: on a connection handed over, or by the settings."""

import os
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.types import TypeDecorator

from programme_tracker.config import demo_by_default, load_settings
from programme_tracker.kernel.database import Base, prepare_engine, writing
from programme_tracker.kernel.migration import prepare
from programme_tracker.workflows.tables import load_models


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain types they store.

    A migration must go on working when the class it was made from is gone.
    """
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__.startswith("programme_"):
        return f"sa.{item.impl_instance!r}"
    return False


def run(connection: Connection) -> None:
    """Migrate on ``connection``, inside its transaction if it has one."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_by_settings() -> None:
    """Migrate the database that the environment names: for the ``alembic`` command."""
    environ = {"PT_DEMO": "1", **os.environ} if demo_by_default(os.environ) else os.environ
    engine = create_engine(load_settings(environ).database_url)
    prepare_engine(engine)
    writing.set(True)
    with engine.begin() as connection:
        prepare(connection)
        run(connection)


load_models()
handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is None:
    run_by_settings()
else:
    run(handed_over)
