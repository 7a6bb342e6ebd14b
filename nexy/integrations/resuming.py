"""A session that goes on in another process than the one in which it began, or after a restart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import trio

from nexy.errors import StorageError
from nexy.modules.session_management import History
from nexy.types import Exchange, HardwareId, SessionId

RESUME_SECONDS = 0.3  # that the first answer waits at most for what was said elsewhere


class Talked(Protocol):
    """Where turns are stored."""

    async def talk(self, who: HardwareId, session: SessionId, seconds: float) -> Sequence[Exchange]:
        """What was said in a session in the last `seconds`, oldest first. Raises StorageError."""
        ...


@dataclass(frozen=True)
class Resuming:
    """Brings into a session that is new here what was said in it before."""

    store: Talked
    idle_seconds: float  # after which a session is over, wherever it was

    async def resume(self, who: HardwareId, name: SessionId, history: History) -> None:
        """Raises nothing: who is not answered with all that was said is answered all the same."""
        said: Sequence[Exchange] = ()
        try:
            with trio.move_on_after(RESUME_SECONDS):
                said = await self.store.talk(who, name, self.idle_seconds)
        except StorageError:
            return
        if history.began == -math.inf and not any(history):  # nothing has begun meanwhile
            for exchange in said:
                history.add(exchange)
