"""A session goes on in another process than the one in which it was, or after a restart.

It is in one process at a time: where a request of it begins, it is claimed from all others, which stop what
runs in it, store what was said, and hand over what was collected. What was said then comes from the database.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import trio

from nexy.errors import StorageError
from nexy.modules.interrupt_handling import Bus, Claim
from nexy.modules.session_management import Notes, Sessions
from nexy.nursery.session import Turn, Why
from nexy.types import Exchange, HardwareId, Part, SessionId

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
    parts: tuple[Part, ...] = ()  # collected elsewhere
    new: bool = False  # nothing was ever said in it
    talked: bool = False  # something was said in it elsewhere, meanwhile


@dataclass(frozen=True)
class Resuming:
    """Brings sessions here, with what was said in them."""

    store: Talked
    bus: Bus
    sessions: Sessions
    idle_seconds: float  # after which a session is over, wherever it was

    async def bring(
        self, who: HardwareId, asked: SessionId | None, turn: Turn, name: SessionId, *, draft_only: bool
    ) -> Brought:
        """Claim the session that `turn` is for; `name` is that of one in this process.

        A request without a session_id (`asked` is None) goes on where the last of them was. Raises nothing.
        """
        turn.claiming = True
        handed = await self.bus.claim(who, Claim(asked, draft_only))
        turn.claiming, turn.settled = False, True
        if any(one.newer for one in handed):
            turn.end(Why.NEWER)
        new = asked is None and self.sessions.begins(who, name)
        if new:
            last = next((one.session for one in handed if one.session), None) or await self._last(who)
            if last is not None:
                self.sessions.go_on(who, turn, last)
                name, new = last, False
        parts = tuple(part for one in handed for part in one.parts)
        return Brought(name, parts, new, any(one.talked for one in handed))

    async def _last(self, who: HardwareId) -> SessionId | None:
        """Where the last request without a session_id was answered: in a session that Nexy has named."""
        names: Sequence[SessionId] = ()
        try:
            with trio.move_on_after(RESUME_SECONDS):
                names = await self.store.recent_sessions(who, self.idle_seconds)
        except StorageError:
            return None
        return next((name for name in names if OWN_NAME.fullmatch(name)), None)

    async def resume(self, who: HardwareId, brought: Brought, notes: Notes) -> None:
        """Have what was said before in its history; who cannot have all of it is answered all the same."""
        if brought.talked and notes.resumed:
            notes.history.cut_off(trio.current_time())
            notes.history.clear()
            notes.resumed = False
        if notes.resumed or brought.new:
            notes.resumed = True
            return
        try:
            with trio.move_on_after(RESUME_SECONDS):
                said = await self.store.talk(who, brought.name, self.idle_seconds)
                notes.history.put_before([one for one in said if one not in notes.history])
                notes.resumed = True
        except StorageError:
            return
