"""Brings a database to the newest schema."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from nexy.modules.database.engine import SCHEMA

SCRIPTS = "nexy.modules.database:migrations"
# Two processes that start together must not migrate together. SQLite's writers wait by themselves.
_LOCK = text("SELECT pg_advisory_xact_lock(724309117)")
_SCHEMA = text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")


def config(connection: Connection) -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", SCRIPTS)
    made.attributes["connection"] = connection
    return made


def upgrade(engine: Engine) -> str:
    """Apply what is missing, all or nothing; the revision that the database has then."""
    with engine.connect() as connection:
        if _revision(connection) == _head(connection):
            return _head(connection)  # a database that may only be read will do
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK)
            connection.execute(_SCHEMA)
        command.upgrade(config(connection), "head")
        return _head(connection)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head(connection: Connection) -> str:
    head = ScriptDirectory.from_config(config(connection)).get_current_head()
    assert head is not None  # noqa: S101 - there is a first migration
    return head
