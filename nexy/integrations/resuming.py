"""A session goes on in another process than the one in which it was, or after a restart.

It is in one process at a time: where a request of it begins, it is claimed from all others, which stop what
runs in it, store what was said, and hand over what was collected. What was said then comes from the database.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import trio

from nexy.errors import StorageError
from nexy.modules.interrupt_handling import Bus, Claim, Claimed, Handed
from nexy.modules.session_management import Notes, Sessions
from nexy.nursery.session import Turn, Why
from nexy.types import Exchange, HardwareId, SessionId

RESUME_SECONDS = 0.3  # that an answer waits at most for what was said elsewhere
OWN_NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")  # a uuid4


class Talked(Protocol):
    """Where turns are stored."""

    async def talk(self, who: HardwareId, session: SessionId, seconds: float) -> Sequence[Exchange]:
        """What was said in a session in the last `seconds`, oldest first. Raises StorageError."""
        ...

    async def recent_sessions(self, who: HardwareId, seconds: float) -> Sequence[SessionId]:
        """In which something was said in the last `seconds`, newest first. Raises StorageError."""
        ...


@dataclass(frozen=True, slots=True)
class Brought:
    """A session that is here now."""

    name: SessionId
    new: bool = False  # nothing was ever said in it
    talked: bool = False  # something was said in it elsewhere, meanwhile
    complete: bool = True  # False: a process could not be asked, and may still store something


@dataclass(frozen=True)
class Resuming:
    """Brings sessions here, with what was said and collected in them."""

    store: Talked
    bus: Bus
    sessions: Sessions
    settle: Callable[[HardwareId], Awaitable[None]]  # wait until all that was said here is stored
    idle_seconds: float  # after which a session is over, wherever it was
    most_chars: int  # of what is collected

    async def bring(
        self, who: HardwareId, asked: SessionId | None, turn: Turn, name: SessionId, *, draft_only: bool
    ) -> Brought:
        """Claim the session that `turn` is for; `name` is that of one in this process.

        A request without a session_id (`asked` is None) goes on where the last of them was. What was
        collected elsewhere is in the session's draft here, also when the client is gone by then: it asks
        again. Raises BadRequest when that is too long, and Refused when there is no room for the session.
        """
        session = self.sessions.find(who, name)
        if session is not None and session.notes.draft is not None:
            draft_only = False
        self.sessions.expect_room(who, name)
        with trio.CancelScope(shield=True):  # each step of it is bounded
            claimed = await self._claim(who, asked, turn, draft_only=draft_only)
            brought = Brought(
                await self._name(who, asked, turn, name, claimed.handed),
                talked=any(one.talked for one in claimed.handed),
                complete=claimed.complete,
            )
            await self._collect(who, name, brought.name, claimed.handed)
        new = asked is None and brought.name == name and session is None
        return replace(brought, new=new)

    async def _claim(
        self, who: HardwareId, asked: SessionId | None, turn: Turn, *, draft_only: bool
    ) -> Claimed:
        turn.claiming = True
        claimed = await self.bus.claim(who, Claim(asked, draft_only))
        if draft_only and any(one.parts for one in claimed.handed):  # it is a request: for all others, too
            more = await self.bus.claim(who, Claim(asked))
            claimed = Claimed([*claimed.handed, *more.handed], claimed.complete and more.complete)
        turn.claiming, turn.settled = False, True
        if any(one.newer for one in claimed.handed):
            turn.end(Why.NEWER)
        return claimed

    async def _name(
        self,
        who: HardwareId,
        asked: SessionId | None,
        turn: Turn,
        name: SessionId,
        handed: Sequence[Handed],
    ) -> SessionId:
        """Where a request without a session_id goes on: elsewhere, unless something was said here."""
        session = self.sessions.find(who, name)
        said_here = session is not None and (session.notes.resumed or any(session.notes.history))
        busy = self.sessions.unnamed_runs(who, but=turn) or any(one.busy for one in handed)
        if asked is not None or said_here or busy or turn.why is not None:
            return name
        last = next((one.session for one in handed if one.session), None) or await self._last(who)
        if last is None:
            return name
        self.sessions.go_on(who, turn, last)
        return last

    async def _last(self, who: HardwareId) -> SessionId | None:
        """Where the last request without a session_id was answered: in a session that Nexy has named."""
        names: Sequence[SessionId] = ()
        try:
            with trio.move_on_after(RESUME_SECONDS):
                names = await self.store.recent_sessions(who, self.idle_seconds)
        except StorageError:
            return None
        return next((name for name in names if OWN_NAME.fullmatch(name)), None)

    async def _collect(
        self, who: HardwareId, old: SessionId, name: SessionId, handed: Sequence[Handed]
    ) -> None:
        """Put what was collected, elsewhere and in a session that is left here, into the draft of `name`."""
        left = self.sessions.let_go(who, old) if name != old else None
        parts = [part for one in handed for part in one.parts] + list(left[0] if left else ())
        if parts:
            session = await self.sessions.open(who, name)
            for part in parts:
                self.sessions.take(session, part, self.most_chars)

    async def resume(self, who: HardwareId, brought: Brought, notes: Notes) -> None:
        """Have what was said before in its history; who cannot have all of it is answered all the same."""
        if brought.new or (notes.resumed and not brought.talked):
            notes.resumed = True
            return
        try:
            with trio.move_on_after(RESUME_SECONDS):
                if any(notes.history):  # said here, before the rest of it could be had
                    notes.history.cut_off(trio.current_time())
                    await self.settle(who)
                said = await self.store.talk(who, brought.name, self.idle_seconds)
                notes.history.become(said)
                notes.resumed = brought.complete
        except StorageError:
            return
