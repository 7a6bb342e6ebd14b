"""The places that this process holds, and how the stream is brought to hold just these of it."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

import trio

from nexy.modules.session_management.providers.streams import ALL, Streams, Taken

SECOND_LOOK_SECONDS = 1.0  # after the first: a place may be on its way to its request
FEW = 16  # devices in doubt, that are looked at one by one


@dataclass(eq=False)
class Place:
    """What one request holds; nothing, where it was let in without being asked for."""

    who: str  # the device, as it is called on the bus
    name: str  # among those of its process
    number: int | None = None  # of its message in the stream; None while that is not known


class Held:
    """Places of requests that run, and those of others that are over and still to be freed."""

    def __init__(self, streams: Streams, node: str) -> None:
        self.places: set[Place] = set()
        self.all_in_doubt = False  # the stream may hold what nothing here holds, or the other way round
        self.in_doubt: set[str] = set()  # devices of which it may
        self._streams = streams
        self._node = node
        self._strays: dict[Taken, float] = {}  # places that nothing here holds, and since when
        self._freed, self._to_free = trio.open_memory_channel[Place](100_000)

    def __repr__(self) -> str:
        return f"<Held {len(self.places)} in_doubt={'all' if self.all_in_doubt else len(self.in_doubt)}>"

    def take(self, place: Place) -> None:
        self.places.add(place)
        if place.number is None:  # let in alone: it is counted later
            self.in_doubt.add(place.who)

    def give_back(self, place: Place) -> None:
        self.places.discard(place)
        if place.number is None:
            return
        try:
            self._freed.send_nowait(place)
        except trio.WouldBlock:
            self.in_doubt.add(place.who)

    def begin_anew(self) -> None:
        """Forget all numbers: a JetStream that began anew has other messages of the same numbers."""
        for place in self.places:
            place.number = None
        with suppress(trio.WouldBlock):
            while True:
                self._to_free.receive_nowait()

    async def free_next(self) -> None:
        """Wait until a request is over, and give its place back. Raises BusError."""
        await self._free(await self._to_free.receive())

    async def free_all(self) -> None:
        """Give back what is over by now. Raises BusError."""
        with suppress(trio.WouldBlock):
            while True:
                await self._free(self._to_free.receive_nowait())

    async def _free(self, place: Place) -> None:
        if place.number is not None:
            await self._streams.free(place.number)

    async def put_right(self) -> None:
        """Have the stream hold what is held here, and nothing else of this node, where that is in doubt.

        Places are taken again that were taken alone, that NATS lost when it began anew, or that others freed
        when this node was silent. Those are freed of which it was never heard whether they were taken, and
        those that could not be given back: at a second look, since one may be on its way to its request.
        Raises BusError.
        """
        looked_at = {ALL} if self.all_in_doubt or len(self.in_doubt) > FEW else self.in_doubt
        self.all_in_doubt, self.in_doubt = False, set()
        for who in looked_at:
            await self._look_at(who)

    async def _look_at(self, who: str) -> None:
        held = [one for one in self.places if who in (ALL, one.who)]  # before: nobody is missed meanwhile
        mine = {one.name: one async for one in self._streams.taken(who) if one.node == self._node}
        for place in held:
            if place.name in mine:
                place.number = mine[place.name].number
            elif place in self.places:
                place.number = (await self._streams.count("place", place.who, place.name)).number
                if place.number is None:  # there is no room: later
                    self.in_doubt.add(place.who)
            if place not in self.places:  # it is over by now, and had no number to give back
                self.give_back(place)
        await self._free_strays(who, mine.values())

    async def _free_strays(self, who: str, mine: Collection[Taken]) -> None:
        now, names, known = trio.current_time(), {place.name for place in self.places}, self._strays
        self._strays = {one: since for one, since in known.items() if who not in (ALL, one.who)}
        for one in mine:
            since = known.get(one, now)
            if one.name in names:
                continue
            if now - since >= SECOND_LOOK_SECONDS:
                await self._streams.free(one.number)
            else:
                self._strays[one] = since
                self.in_doubt.add(one.who)
