"""What a user may ask of the database: to have it all, and to have it gone. And what goes by itself."""

from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, insert, select, update

from nexy.errors import StorageError
from nexy.modules.database import issued
from nexy.modules.database.schema import (
    exchanges,
    gists,
    memories,
    metadata,
    performance,
    sessions,
    token_usage,
    users,
)

Export = dict[str, list[dict[str, Any]]]


def _rows_of(table: Table, user: str) -> Select[Any]:
    """Every row of the user's in a table."""
    if table is users:
        return select(users).where(users.c.key == user)
    if table is performance:
        mine = select(exchanges.c.id).where(exchanges.c.user == user)
        return select(performance).where(performance.c.exchange.in_(mine))
    return select(table).where(table.c.user == user)


def export(connection: Connection, user: str) -> Export:
    """All that is stored of a user, by table; the tables are there also when they are empty."""
    return {
        table.name: [dict(row._mapping) for row in connection.execute(_rows_of(table, user))]
        for table in metadata.sorted_tables
    }


def count(connection: Connection, user: str) -> int:
    """How many rows a user has in all tables."""
    totals = [
        connection.execute(select(func.count()).select_from(_rows_of(table, user).subquery())).scalar_one()
        for table in metadata.sorted_tables
    ]
    return sum(totals)


def forget(connection: Connection, user: str) -> int:
    """Delete every row of a user; how many there were. Raises StorageError if one is left.

    The row of a token stays, as one that is nobody's: it must still be known whether it was revoked.
    """
    rows = count(connection, user)
    connection.execute(delete(users).where(users.c.key == user))  # and what hangs on it
    issued.forget(connection, user)
    if count(connection, user):
        raise StorageError("the database kept rows that it should have deleted")
    return rows


def forget_last(connection: Connection, user: str) -> int:
    """Delete the newest turn and what was learnt from it; how many rows there were."""
    newest = (
        select(exchanges.c.id)
        .where(exchanges.c.user == user)
        .order_by(exchanges.c.asked_at.desc(), exchanges.c.id)
        .limit(1)
    )
    exchange = connection.execute(newest).scalar()
    if exchange is None:
        return 0
    mine = memories.c.user == user
    gone = select(memories.c.id).where(mine, memories.c.source == exchange)
    again = update(memories).where(mine, memories.c.superseded_by.in_(gone.scalar_subquery()))
    connection.execute(again.values(superseded_by=None))  # what they had taken the place of holds again
    learnt = delete(memories).where(mine, memories.c.source == exchange)
    said = delete(exchanges).where(exchanges.c.user == user, exchanges.c.id == exchange)
    return connection.execute(learnt).rowcount + connection.execute(said).rowcount


def try_writing(connection: Connection) -> None:
    """Raises an error of SQLAlchemy's when nothing can be written."""
    with connection.begin_nested() as undone:
        connection.execute(insert(users).values(key="", first_seen=0.0, last_seen=0.0))
        undone.rollback()


def clean(connection: Connection, before: float) -> int:
    """Delete what was said before a time, facts excepted that still hold; how many turns there were."""
    old = connection.execute(delete(exchanges).where(exchanges.c.asked_at < before)).rowcount
    connection.execute(delete(sessions).where(sessions.c.last_at < before))
    connection.execute(delete(gists).where(gists.c.written_at < before))
    superseded = memories.c.superseded_by.is_not(None)
    said_last = (memories.c.said_at < before) & (memories.c.confirmed_at < before)
    connection.execute(delete(memories).where(superseded, said_last))
    kept = [select(table.c.user) for table in (exchanges, memories, token_usage)]
    gone = users.c.last_seen < before
    for one in kept:
        gone &= users.c.key.not_in(one)
    connection.execute(delete(users).where(gone))
    return old
