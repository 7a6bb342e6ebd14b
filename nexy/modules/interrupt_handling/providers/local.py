"""The bus of one process: nobody else can be answering."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nexy.types import HardwareId, SessionId


@dataclass(frozen=True)
class Local:
    """Asks the sessions of this process."""

    stop_here: Callable[[HardwareId, float | None], Awaitable[list[SessionId]]]

    async def stop(self, hardware_id: HardwareId, played_seconds: float | None) -> list[SessionId]:
        return await self.stop_here(hardware_id, played_seconds)
