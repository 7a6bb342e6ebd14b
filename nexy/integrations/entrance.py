"""Where requests that are answered with sound are let in, and counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from nexy.modules.interrupt_handling import Bus
from nexy.modules.session_management import NOBODY, NotShared, Sessions, SharedLimits
from nexy.nursery.session import Turn
from nexy.types import HardwareId, SessionId


@dataclass(frozen=True)
class Entrance:
    """Of this process, and of all processes together."""

    sessions: Sessions
    bus: Bus
    shared: SharedLimits = field(default_factory=NotShared)

    @asynccontextmanager
    async def admitted(
        self, who: HardwareId, asked: SessionId | None, turn: Turn
    ) -> AsyncIterator[SessionId]:
        """Let it in while the block runs; yields its session's name. Raises Refused over a limit.

        Here first, which costs nothing; then where all processes are counted together. It can be
        interrupted from then on, over any of them.
        """
        with self.sessions.admit(who, asked, turn) as name:
            if who != NOBODY:
                await self.bus.attend(who)
            async with self.shared.place(who):
                yield name
