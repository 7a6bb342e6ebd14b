"""Limits that hold over all processes: the protocol, and what there is without a bus."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from nexy.types import HardwareId


class SharedLimits(Protocol):
    """Counts the requests of all processes together."""

    @property
    def trouble(self) -> str:
        """Why each process counts for itself just now; empty when they count together."""
        ...

    def place(self, who: HardwareId) -> AbstractAsyncContextManager[None]:
        """Count one request of `who`, everywhere, while the block runs. Raises Refused over a limit."""
        ...


@dataclass(frozen=True)
class NotShared:
    """There is one process: its own admission counts everything."""

    trouble: str = ""

    @asynccontextmanager
    async def place(self, who: HardwareId) -> AsyncIterator[None]:
        yield
