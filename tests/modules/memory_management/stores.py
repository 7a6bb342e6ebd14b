"""Stores without a database: one that works, and one that can be slow and can fail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import trio

from nexy.errors import StorageError
from nexy.modules.memory_management import Changes, Fact
from nexy.types import HardwareId

Recollected = tuple[Sequence[Fact], tuple[str, float] | None]


@dataclass(slots=True)
class _Shelf:
    """What is stored of one user."""

    facts: dict[str, Fact] = field(default_factory=dict)  # those that hold, by id
    superseded: dict[str, list[Fact]] = field(default_factory=dict)  # by the id of what took their place
    gist: tuple[str, float] | None = None
    last: str = ""  # the id of the newest exchange


class MemoryInProcess:
    """A MemoryStore that lives as long as the process."""

    def __init__(self) -> None:
        self._shelves: dict[HardwareId, _Shelf] = {}

    async def recollect(self, who: HardwareId) -> Recollected:
        shelf = self._shelves.get(who)
        if shelf is None:
            return (), None
        return sorted(shelf.facts.values(), key=lambda fact: fact.said_at), shelf.gist

    async def change(self, who: HardwareId, decide: Callable[[Recollected], Changes]) -> None:
        changes = decide(await self.recollect(who))
        _change(self._shelves.setdefault(who, _Shelf()), changes)

    async def forget(self, who: HardwareId) -> int:
        shelf = self._shelves.pop(who, _Shelf())
        return len(shelf.facts) + sum(map(len, shelf.superseded.values())) + (shelf.gist is not None)

    async def forget_last(self, who: HardwareId) -> int:
        shelf = self._shelves.get(who)
        if shelf is None or not shelf.last:
            return 0
        gone = [fact.id for fact in shelf.facts.values() if fact.source == shelf.last]
        for learnt in gone:
            del shelf.facts[learnt]
            shelf.facts |= {old.id: old for old in shelf.superseded.pop(learnt, ())}
        shelf.last = ""
        return len(gone) + 1


def _change(shelf: _Shelf, changes: Changes) -> None:
    shelf.facts |= {fact.id: fact for fact in changes.add}
    for old_id, fact in changes.supersede:
        if old := shelf.facts.pop(old_id, None):
            shelf.superseded.setdefault(fact.id, []).append(old)
        shelf.facts[fact.id] = fact
    for confirmed in changes.confirm:
        if confirmed in shelf.facts:
            shelf.facts[confirmed] = replace(shelf.facts[confirmed], confirmed_at=changes.at)
    for dropped in changes.drop:
        shelf.facts.pop(dropped, None)
    if changes.gist is not None:
        shelf.gist = (changes.gist, changes.at)
    shelf.last = changes.source or shelf.last


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

    async def change(self, who: HardwareId, decide: Callable[[Recollected], Changes]) -> None:
        await self._work()

        def noted(stored: Recollected) -> Changes:
            self.changes.append(decide(stored))
            return self.changes[-1]

        await self.inner.change(who, noted)

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
