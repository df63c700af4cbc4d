"""Every migration goes up and down on both stores, and ends at the models' schema."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from programme_tracker.kernel import migration
from programme_tracker.kernel.database import prepare_engine
from programme_tracker.workflows.tables import load_models
from tests.stores import Store

pytestmark = pytest.mark.each_store


@pytest.fixture
def engine(empty_store: Store) -> Iterator[Engine]:
    engine = create_engine(empty_store.url)
    prepare_engine(engine)
    yield engine
    engine.dispose()


def test_upgrade_ends_at_the_schema_of_the_models(engine: Engine) -> None:
    load_models()
    migration.upgrade(engine)
    assert migration.current(engine) == migration.head()
    assert migration.differences(engine) == []


def test_downgrade_to_the_base_leaves_nothing(engine: Engine) -> None:
    migration.upgrade(engine)
    migration.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migration.upgrade(engine)
    assert migration.current(engine) == migration.head()


def test_database_of_a_newer_version_is_recognised(engine: Engine) -> None:
    migration.upgrade(engine)
    assert not migration.is_newer(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    assert migration.is_newer(engine)
