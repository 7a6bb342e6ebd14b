"""The database, for those who live in Trio: each piece of work in a thread, as one transaction."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

import trio
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from nexy.errors import StorageError
from nexy.modules.database import issued, queries, rights
from nexy.modules.database.engine import CONNECTIONS, open_engine, wipe
from nexy.modules.database.identity import Keys
from nexy.modules.database.migrate import upgrade
from nexy.modules.database.rights import Export
from nexy.modules.database.rows import Change, Issued, Recollected, Record, StoredFact, Usage
from nexy.types import Exchange, HardwareId, SessionId

T = TypeVar("T")
P = ParamSpec("P")
Query = Callable[Concatenate[Connection, P], T]

AGAIN_SECONDS = 5.0  # between tries to bring a database up that could not be had
log = logging.getLogger("nexy.database")


def day_of(seconds: float) -> str:
    """The day, UTC, of a Unix time: 2026-11-26."""
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


class Database:
    """Reads may be left before they are done; a write that has begun is finished or undone.

    Every method raises StorageError. It works by itself again once the database does.
    """

    def __init__(self, engine: Engine, keys: Keys, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._ahead = 0.0  # seconds that the clock of the database's server is before ours
        self._limiter = trio.CapacityLimiter(CONNECTIONS)  # a thread that runs has a connection
        self._ready = False
        self._tried_at = -AGAIN_SECONDS
        self._migrating = trio.Lock()
        self.trouble = ""  # why it cannot be used just now

    def __repr__(self) -> str:
        return f"<Database {self._engine.dialect.name} {self.trouble or 'ready'}>"

    @property
    def connections_in_use(self) -> int:
        pool = self._engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    async def prepare(self) -> None:
        """Bring it to the newest schema, unless that is done."""
        if self._ready:
            return
        async with self._migrating:
            if self._ready:
                return
            if trio.current_time() < self._tried_at + AGAIN_SECONDS:
                raise StorageError(self.trouble)
            self._tried_at = trio.current_time()
            await self._in_thread(self._bring_up, leave=False)
            self._ready = True

    def _bring_up(self) -> None:
        upgrade(self._engine)
        self._transact(True, self._look_at_clock)

    def _look_at_clock(self, connection: Connection) -> None:
        """See how far the server's clock is from ours: several nodes agree only on that one."""
        began = self._clock()
        theirs = queries.clock(connection)
        if theirs is not None:
            self._ahead = theirs - (began + self._clock()) / 2

    def now(self) -> float:
        """Unix seconds by the clock of the database's server, as last seen; by ours where it is a file.

        What was said last is found by the times that are stored with it, and it may have been said to
        another node, whose clock is another one.
        """
        return self._clock() + self._ahead

    async def check(self) -> None:
        """Whether it can be written: what belongs to no user is written and taken back."""
        await self._write(rights.try_writing)
        await self._read(self._look_at_clock)

    def key_of(self, who: HardwareId) -> str:
        """What `who` is stored under: 64 hexadecimal digits, by which nobody finds who it is."""
        return self._keys.of(who)

    async def record(self, who: HardwareId, what: Record) -> bool:
        """Store one turn; False when it was stored before."""
        return await self._write_again(queries.record, self._keys.of(who), what, day_of(what.asked_at))

    async def amend(self, who: HardwareId, exchange: str, heard: str) -> None:
        """Less was heard of a stored turn than was thought."""
        await self._write_again(queries.amend, self._keys.of(who), exchange, heard)

    async def talk(self, who: HardwareId, session: SessionId, seconds: float) -> list[Exchange]:
        """What was said in a session in the last `seconds`, oldest first, as far as it is stored by now."""
        return await self._read(queries.talk, self._keys.of(who), session, self.now() - seconds)

    async def recent_sessions(self, who: HardwareId, seconds: float) -> list[SessionId]:
        """In which something was said in the last `seconds`, newest first, as far as it is stored by now."""
        found = await self._read(queries.recent_sessions, self._keys.of(who), self.now() - seconds)
        return [SessionId(name) for name in found]

    async def add_tokens(self, who: HardwareId, usage: Usage) -> None:
        """Count tokens that were used now."""
        now = self.now()
        await self._write(queries.add_tokens, self._keys.of(who), day_of(now), usage, now)

    async def usage(self, who: HardwareId | None = None) -> list[Usage]:
        """Tokens by source and model: of one user, or of all."""
        return await self._read(queries.usage, None if who is None else self._keys.of(who))

    async def facts(self, who: HardwareId) -> list[StoredFact]:
        """What holds of a user, oldest first."""
        return await self._read(queries.facts, self._keys.of(who))

    async def recollect(self, who: HardwareId) -> Recollected:
        """What holds of a user, and the gist of recent talk with its time: both in one go."""
        return await self._read(queries.recollect, self._keys.of(who))

    async def change(self, who: HardwareId, decide: Callable[[Recollected], Change]) -> None:
        """Change what is known of a user as `decide` says of what is known by then: all of it or nothing.

        `decide` runs in a thread, and nobody else changes anything of this user meanwhile. It is asked once
        more when the connection was lost, perhaps after the change: doing it twice must be as doing it once.
        """
        await self._write_again(queries.rework, self._keys.of(who), decide, self.now())

    async def export(self, who: HardwareId) -> Export:
        """All that is stored of a user, by table."""
        return await self._read(rights.export, self._keys.of(who))

    async def forget(self, who: HardwareId) -> int:
        """Delete every row of a user; how many there were. Raises StorageError also if one is left."""
        rows = await self._write_again(rights.forget, self._keys.of(who))
        await self._in_thread(partial(wipe, self._engine), leave=False)
        return rows

    async def forget_last(self, who: HardwareId) -> int:
        """Delete the user's newest turn and what was learnt from it; how many rows there were."""
        return await self._write(rights.forget_last, self._keys.of(who))

    async def clean(self, before: float) -> int:
        """Delete what was said before a Unix time; how many turns there were."""
        return await self._write(rights.clean, before)

    async def add_token(self, who: HardwareId | None, token: Issued) -> None:
        """Note that a token was issued: for a device, or for an operator (None)."""
        await self._write(issued.add, None if who is None else self._keys.of(who), token)

    async def tokens(self) -> list[Issued]:
        """All that were ever issued, oldest first."""
        return await self._read(issued.every)

    async def revoke_token(self, token: str) -> bool:
        """From now on it does not hold; False when there is none of this id."""
        return await self._write_again(issued.revoke, token, self.now())

    async def revoked_tokens(self) -> frozenset[str]:
        """The ids of those that were revoked and have not ended by themselves."""
        return await self._read(issued.revoked, self.now())

    async def _read(self, query: Query[P, T], /, *args: P.args, **more: P.kwargs) -> T:
        await self.prepare()
        return await self._in_thread(partial(self._transact, True, query, *args, **more), leave=True)

    async def _write(self, query: Query[P, T], /, *args: P.args, **more: P.kwargs) -> T:
        await self.prepare()
        return await self._in_thread(partial(self._transact, False, query, *args, **more), leave=False)

    async def _write_again(self, query: Query[P, T], /, *args: P.args, **more: P.kwargs) -> T:
        """A write that may be done twice is, when the connection was lost: perhaps it was done."""
        try:
            return await self._write(query, *args, **more)
        except StorageError as error:
            lost = error.__cause__
            if not (isinstance(lost, DBAPIError) and lost.connection_invalidated):
                raise
        return await self._write(query, *args, **more)

    def _transact(self, reads: bool, query: Callable[..., T], *args: object, **more: object) -> T:
        with self._engine.connect() as connection:
            if reads:
                connection = connection.execution_options(reads=True)
            with connection.begin():
                return query(connection, *args, **more)

    async def _in_thread(self, work: Callable[[], T], *, leave: bool) -> T:
        try:
            result = await trio.to_thread.run_sync(work, limiter=self._limiter, abandon_on_cancel=leave)
        except (SQLAlchemyError, OSError) as error:
            self._note(_what_is_wrong(error))
            raise StorageError(self.trouble) from error
        self._note("")
        return result

    def _note(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.warning("the database %s", trouble or "can be used again")
        self.trouble = trouble


def _what_is_wrong(error: Exception) -> str:
    """In words that quote nothing: an error of a driver has the statement and its values in it."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "is gone"
    cause = str(getattr(error, "orig", error)).lower()
    for sign, words in _SIGNS.items():
        if sign in cause:
            return words
    return f"failed: {type(error).__name__}"


_SIGNS = {
    "readonly": "can only be read",
    "read-only": "can only be read",
    "full": "is full",
    "no space left": "is full",
    "locked": "is busy",
    "timeout": "is busy",
    "unable to open": "cannot be opened",
    "malformed": "is damaged",
    "not a database": "is no database",
    "refused": "cannot be reached",
    "starting up": "is starting",
    "password": "does not let us in",
    "does not exist": "does not exist",
}


@asynccontextmanager
async def open_database(url: str, keys: Keys) -> AsyncIterator[Database]:
    """The database at `url`. It need not be there yet. Raises ValueError for a URL that is none."""
    engine = open_engine(url)
    try:
        yield Database(engine, keys)
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(engine.dispose)
