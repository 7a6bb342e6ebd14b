"""Connections to the one or the other database, set up as Nexy needs them."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

CONNECTIONS = 8  # as many threads work on them: more only wait for each other
STATEMENT_SECONDS = 2.0  # the longest a statement may take, a lock included; recall gives up long before
SCHEMA = "nexy"  # PostgreSQL's: the server before this one has tables of the same names in `public`
CONNECT_SECONDS = 3  # PostgreSQL: nobody is there


def open_engine(url: str) -> Engine:
    """An engine for sqlite:///FILE or postgresql://…; connects only when it is used.

    Raises ValueError for a URL that is neither.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed)
        case "postgresql" | "postgres":
            return _postgres(parsed.set(drivername="postgresql+psycopg"))
        case other:
            raise ValueError(f"{other} is neither sqlite nor postgresql")


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": STATEMENT_SECONDS},
    )

    @event.listens_for(engine, "do_connect")
    def make_private(*_: object) -> None:
        """SQLite would let everybody on this machine read what was said; its log gets the same rights."""
        if url.database and not Path(url.database).exists():
            with suppress(OSError):  # SQLite says better what is wrong
                os.close(os.open(url.database, os.O_CREAT | os.O_RDWR, 0o600))

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, below
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that begins as a reader is refused, instead of made to wait, when another one writes.
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def wipe(engine: Engine) -> None:
    """What was deleted is no longer in SQLite's log either."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execution_options(reads=True)
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _postgres(url: URL) -> Engine:
    milliseconds = round(STATEMENT_SECONDS * 1000)
    settings = {
        "statement_timeout": milliseconds,
        "lock_timeout": milliseconds,
        "search_path": SCHEMA,
    }
    return create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "application_name": "nexy",
        },
    )
