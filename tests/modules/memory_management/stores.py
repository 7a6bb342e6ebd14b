"""A store that can be slow and can fail."""

from collections.abc import Sequence

import trio

from nexy.errors import StorageError
from nexy.modules.memory_management import Changes, Fact, MemoryInProcess
from nexy.types import HardwareId


class Store:
    """A MemoryStore that takes `seconds` for each call, and raises StorageError while it `fails`."""

    def __init__(self, seconds: float = 0.0, *, fails: bool = False) -> None:
        self.inner = MemoryInProcess()
        self.seconds = seconds
        self.fails = fails
        self.changes: list[Changes] = []

    async def recollect(self, who: HardwareId) -> tuple[Sequence[Fact], tuple[str, float] | None]:
        await self._work()
        return await self.inner.recollect(who)

    async def change(self, who: HardwareId, changes: Changes) -> None:
        await self._work()
        self.changes.append(changes)
        await self.inner.change(who, changes)

    async def forget(self, who: HardwareId) -> int:
        await self._work()
        return await self.inner.forget(who)

    async def forget_last(self, who: HardwareId) -> int:
        await self._work()
        return await self.inner.forget_last(who)

    async def _work(self) -> None:
        await trio.sleep(self.seconds)
        if self.fails:
            raise StorageError("the database is full")
