"""Facts in this process's memory: for a server without a database, and for tests."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from nexy.modules.memory_management.facts import Changes, Fact
from nexy.modules.memory_management.promise import Recollected
from nexy.types import HardwareId

MOST_USERS = 10_000  # some 100 MB when all memories are full; beyond it who was longest away is forgotten


@dataclass(slots=True)
class _Shelf:
    """What is stored of one user."""

    facts: dict[str, Fact] = field(default_factory=dict)  # those that hold, by id
    superseded: dict[str, list[Fact]] = field(default_factory=dict)  # by the id of what took their place
    gist: tuple[str, float] | None = None
    last: str = ""  # the id of the newest exchange


class MemoryInProcess:
    """A MemoryStore that lives as long as the process."""

    def __init__(self, most: int = MOST_USERS) -> None:
        self._shelves: OrderedDict[HardwareId, _Shelf] = OrderedDict()
        self._most = most

    def __repr__(self) -> str:
        return f"<MemoryInProcess: {len(self._shelves)} users>"

    async def recollect(self, who: HardwareId) -> Recollected:
        shelf = self._shelves.get(who)
        if shelf is None:
            return (), None
        return sorted(shelf.facts.values(), key=lambda fact: fact.said_at), shelf.gist

    async def change(self, who: HardwareId, changes: Changes) -> None:
        shelf = self._shelves.setdefault(who, _Shelf())
        self._shelves.move_to_end(who)
        _change(shelf, changes)
        if len(self._shelves) > self._most:
            self._shelves.popitem(last=False)

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
