"""Who frees the places of processes that are gone."""

import trio

from nexy.modules.session_management.providers.streams import LIFE_SECONDS, Streams


class Reaper:
    """One of all that live does it: the one whose name is the smallest."""

    def __init__(self, streams: Streams, node: str) -> None:
        self._streams = streams
        self._node = node
        self._known: frozenset[str] | None = None  # nodes that live, as last seen; None: nothing is known
        self._begins_at = 0.0

    def __repr__(self) -> str:
        return f"<Reaper {self._node} of {len(self._known or ())}>"

    def begin_anew(self) -> None:
        """A NATS that began anew knows of nobody's life until all have said so."""
        self._known, self._begins_at = None, trio.current_time() + LIFE_SECONDS

    async def reap(self) -> int:
        """How many places are free again. Raises BusError."""
        alive = await self._streams.alive()
        if min(alive, default="") != self._node:
            self._known = None  # whoever does it may go in the middle: then all is looked at here
            return 0
        if trio.current_time() < self._begins_at:
            return 0
        freed = await self._free_of_the_dead(self._known, alive)
        self._known = alive
        return freed

    async def _free_of_the_dead(self, before: frozenset[str] | None, alive: frozenset[str]) -> int:
        if before is not None and not before - alive:
            return 0
        taken = [one async for one in self._streams.taken() if one.node not in alive]
        if before is not None:
            dead = before - alive
        else:  # nor is anybody dead who began to live meanwhile
            dead = frozenset(one.node for one in taken) - await self._streams.alive()
        taken = [one for one in taken if one.node in dead]
        for one in taken:
            await self._streams.free(one.number)
        return len(taken)
