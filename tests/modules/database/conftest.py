"""Databases to test with: SQLite always, PostgreSQL where one answers."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from nexy.modules.database.database import Database, open_database
from nexy.modules.database.engine import SCHEMA
from nexy.modules.database.identity import Keys

POSTGRES = os.environ.get("NEXY_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
MUST = bool(os.environ.get("NEXY_TEST_POSTGRES_URL"))  # who names one wants it to be tested
KEYS = Keys(b"pepper")


@contextmanager
def own_postgres() -> Iterator[str]:
    """The URL of an empty database that is dropped afterwards. Skips the test when no server answers."""
    server = sa.create_engine(
        sa.make_url(POSTGRES).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": 2},
    )
    name = f"nexy_test_{uuid.uuid4().hex[:12]}"
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
    except sa.exc.OperationalError:
        server.dispose()
        if MUST:
            raise
        pytest.skip("no PostgreSQL answers at 127.0.0.1:5432; NEXY_TEST_POSTGRES_URL names another")
    try:
        yield sa.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """One for all tests of this process."""
    with own_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without rows."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'nexy.db'}"
    given: str = request.getfixturevalue("postgres")
    engine = sa.create_engine(sa.make_url(given).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
    engine.dispose()
    return given


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with open_database(url, KEYS) as opened:
        await opened.prepare()
        yield opened
