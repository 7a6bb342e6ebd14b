"""What is asked of the database. Each function is one piece of work inside a transaction of its caller's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from nexy.modules.database.rows import Change, Recollected, Record, StoredFact, Usage
from nexy.modules.database.schema import (
    exchanges,
    gists,
    memories,
    performance,
    sessions,
    token_usage,
    users,
)
from nexy.types import Exchange

Row = Mapping[str, Any]
MOST_TALK = 20  # exchanges: as many as a session's history holds
DONE = "done"  # why a turn ended that was not cut off


@cache
def _upsert(dialect: str, table: Table, add: tuple[str, ...], change: tuple[str, ...]) -> Insert:
    """Insert a row, or in the one that is there add to the columns `add` and set the columns `change`."""
    insert: Any = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    keys = list(table.primary_key)
    new = {name: table.c[name] + insert.excluded[name] for name in add}
    new |= {name: insert.excluded[name] for name in change}
    made: Insert = (
        insert.on_conflict_do_update(index_elements=keys, set_=new)
        if new
        else insert.on_conflict_do_nothing(index_elements=keys)
    )
    return made


def _put(
    connection: Connection, table: Table, row: Row, *, add: Sequence[str] = (), change: Sequence[str] = ()
) -> None:
    connection.execute(_upsert(connection.dialect.name, table, tuple(add), tuple(change)), row)


@cache
def _new_exchange(dialect: str) -> ReturningInsert[tuple[str]]:
    return _upsert(dialect, exchanges, (), ()).returning(exchanges.c.id)


def clock(connection: Connection) -> float | None:
    """What the server's clock shows, Unix seconds; None where there is no server."""
    if connection.dialect.name != "postgresql":
        return None
    return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())


def see_user(connection: Connection, user: str, now: float) -> None:
    """Note that the user was here."""
    _put(connection, users, {"key": user, "first_seen": now, "last_seen": now}, change=["last_seen"])


def record(connection: Connection, user: str, what: Record, day: str) -> bool:
    """Store one turn, with its user, session, figures and tokens; False when it is stored already."""
    see_user(connection, user, what.asked_at)
    session = {"user": user, "name": what.session, "began_at": what.asked_at, "last_at": what.asked_at}
    _put(connection, sessions, session, change=["last_at"])
    new = connection.execute(_new_exchange(connection.dialect.name), _exchange(user, what))
    if new.first() is None:  # PostgreSQL's driver does not count the rows of an insert
        return False
    _put(connection, performance, {"exchange": what.id} | asdict(what.figures))
    if what.input_tokens or what.output_tokens:
        source = "answer, estimated" if what.estimated else "answer"
        used = Usage(source, what.model, what.input_tokens, what.output_tokens)
        _add_tokens(connection, user, day, used)
    return True


def amend(connection: Connection, user: str, exchange: str, heard: str) -> None:
    """What of a turn was heard."""
    mine = (exchanges.c.user == user) & (exchanges.c.id == exchange)
    connection.execute(update(exchanges).where(mine).values(heard=heard))


_TALK = (
    select(exchanges.c.prompt, exchanges.c.heard, exchanges.c.why)
    .where(
        exchanges.c.user == bindparam("user"),
        exchanges.c.session == bindparam("session"),
        exchanges.c.asked_at >= bindparam("since"),
    )
    .order_by(exchanges.c.asked_at.desc(), exchanges.c.id)
    .limit(MOST_TALK)
)


def talk(connection: Connection, user: str, session: str, since: float) -> list[Exchange]:
    """The newest of what was said in a session since a time, oldest first."""
    rows = connection.execute(_TALK, {"user": user, "session": session, "since": since}).all()
    return [Exchange(prompt, heard, complete=why == DONE) for prompt, heard, why in reversed(rows)]


_SESSIONS = (
    select(exchanges.c.session)
    .where(exchanges.c.user == bindparam("user"), exchanges.c.asked_at >= bindparam("since"))
    .order_by(exchanges.c.asked_at.desc(), exchanges.c.id)
    .limit(MOST_TALK)
)


def recent_sessions(connection: Connection, user: str, since: float) -> list[str]:
    """In which something was said since a time, newest first."""
    return list(dict.fromkeys(connection.execute(_SESSIONS, {"user": user, "since": since}).scalars()))


_EXCHANGE = tuple(column.name for column in exchanges.columns if column.name != "user")


def _exchange(user: str, what: Record) -> Row:
    row = {name: getattr(what, name) for name in _EXCHANGE}
    return {"user": user, **row}


def add_tokens(connection: Connection, user: str, day: str, usage: Usage, now: float) -> None:
    see_user(connection, user, now)
    _add_tokens(connection, user, day, usage)


def set_tokens(connection: Connection, user: str, day: str, usage: Usage) -> None:
    """Not added to what is there, but put in its place."""
    row = {"user": user, "day": day, **asdict(usage)}
    _put(connection, token_usage, row, change=["input_tokens", "output_tokens"])


def _add_tokens(connection: Connection, user: str, day: str, usage: Usage) -> None:
    row = {"user": user, "day": day, **asdict(usage)}
    _put(connection, token_usage, row, add=["input_tokens", "output_tokens"])


_USAGE = (
    select(
        token_usage.c.source,
        token_usage.c.model,
        func.sum(token_usage.c.input_tokens),
        func.sum(token_usage.c.output_tokens),
    )
    .group_by(token_usage.c.source, token_usage.c.model)
    .order_by(token_usage.c.source, token_usage.c.model)
)
_USAGE_OF = _USAGE.where(token_usage.c.user == bindparam("user"))


def usage(connection: Connection, user: str | None) -> list[Usage]:
    """Tokens by source and model: of one user, or of all."""
    rows = connection.execute(_USAGE) if user is None else connection.execute(_USAGE_OF, {"user": user})
    return [Usage(source, model, int(given), int(taken)) for source, model, given, taken in rows]


_FACTS = (
    select(
        memories.c.id,
        memories.c.subject,
        memories.c.text,
        memories.c.language,
        memories.c.source,
        memories.c.said_at,
        memories.c.confirmed_at,
    )
    .where(memories.c.user == bindparam("user"), memories.c.superseded_by.is_(None))
    .order_by(memories.c.said_at, memories.c.id)
)


def facts(connection: Connection, user: str) -> list[StoredFact]:
    """What holds of a user, oldest first."""
    return [StoredFact(*row) for row in connection.execute(_FACTS, {"user": user})]


_GIST = select(gists.c.text, gists.c.written_at).where(gists.c.user == bindparam("user"))


def gist(connection: Connection, user: str) -> tuple[str, float] | None:
    """What recent talk was about, and when that was written."""
    row = connection.execute(_GIST, {"user": user}).first()
    return None if row is None else (row[0], row[1])


def recollect(connection: Connection, user: str) -> Recollected:
    """Both of them."""
    return facts(connection, user), gist(connection, user)


def rework(connection: Connection, user: str, decide: Callable[[Recollected], Change], now: float) -> None:
    """Change what is known of a user in the light of it.

    Two processes may learn of one user at the same time. Noting that the user was here comes first: with it
    the user's row is ours until the change is made, and the other one decides by what we have made of it.
    """
    see_user(connection, user, now)
    _make(connection, user, decide(recollect(connection, user)))


def change(connection: Connection, user: str, what: Change) -> None:
    """Do all of it. What names a fact of another user, or one that is gone, does nothing."""
    see_user(connection, user, what.at)
    _make(connection, user, what)


def _make(connection: Connection, user: str, what: Change) -> None:
    for fact in what.add:
        _put(connection, memories, {"user": user, **asdict(fact)})
    mine = memories.c.user == user
    for old, new in what.supersede:
        connection.execute(update(memories).where(mine, memories.c.id == old).values(superseded_by=new))
    if what.confirm:
        confirmed = update(memories).where(mine, memories.c.id.in_(what.confirm))
        connection.execute(confirmed.values(confirmed_at=what.at))
    if what.drop:
        connection.execute(delete(memories).where(mine, memories.c.id.in_(what.drop)))
    if what.gist is not None:
        row = {"user": user, "text": what.gist, "written_at": what.at}
        _put(connection, gists, row, change=["text", "written_at"])
