"""Limits that hold over all processes, counted by NATS JetStream.

A request that runs is a message in a stream that holds so many messages as there may be requests, and so many
of one subject as one device may have; NATS refuses the next one. When the request is over, its message is
deleted. A second stream forgets its messages after a minute: it is the limit on requests in a minute. So one
step of one server decides, by its own clock; no two processes can take the last place, and no clock of theirs
matters.
"""

import itertools
import math
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import trio

from nexy.errors import BusError, Limit, Refused
from nexy.modules.session_management.admission import Admission, Limits
from nexy.modules.session_management.providers.streams import ASK_SECONDS, LIFE_SECONDS, Line, Streams
from nexy.monitoring import logger
from nexy.types import HardwareId

REST_SECONDS = 1.0  # that JetStream is not asked for, when it did not answer: this process counts alone
BEAT_SECONDS = 3.0
TOO_MANY = 10077  # JetStream's error: the stream or the subject is full
OF_ONE = "per subject"  # in its words

log = logger("nexy.limits")


@dataclass(eq=False)
class _Place:
    """What one request holds; nothing, where it was let in without being asked for."""

    who: str  # the device, as it is called on the bus
    name: str  # among those of its process
    number: int | None = None  # of its message in the stream; None while that is not known


class JetStreamLimits:
    """Counts with NATS; by itself, as any single process, while NATS does not answer."""

    def __init__(
        self,
        line: Line,
        node: str,
        limits: Limits,
        admission: Admission,
        name_of: Callable[[HardwareId], str],
        prefix: str,
    ) -> None:
        """`node` names this process, and no other that ever was. `name_of` hides who the device is."""
        self.alone = 0  # requests that were let in without being counted together, since the start
        self._line = line
        self._node = node
        self._streams = Streams(line, prefix, node)
        self._limits = limits
        self._admission = admission
        self._name_of = name_of
        self._held: set[_Place] = set()
        self._places = itertools.count()
        self._beaten_at = -math.inf
        self._in_doubt = False  # the stream may hold what nothing here holds, or the other way round
        self._strays: dict[str, float] = {}  # names of places that nothing here holds, and since when
        self._rests_until = 0.0
        self._trouble = "not asked yet"
        self._lost_times = 0  # of the bus, when all was as it should be
        self._known: frozenset[str] | None = None  # nodes that live, as last seen
        self._reaps_from = 0.0  # a NATS that began anew knows of nobody's life until all have said so
        self._freed, self._to_free = trio.open_memory_channel[int](100_000)
        line.on_connected.append(self._begin_anew)
        self._anew = trio.Event()

    def __repr__(self) -> str:
        return f"<JetStreamLimits {self._node} held={len(self._held)} {self._trouble or 'shared'}>"

    @property
    def trouble(self) -> str:
        if not self._line.connected:
            return "the bus is away"
        return self._trouble or ("the bus was away" if self._line.lost_times != self._lost_times else "")

    @asynccontextmanager
    async def place(self, who: HardwareId) -> AsyncIterator[None]:
        place = _Place(self._name_of(who) if who else "nobody", str(next(self._places)))
        await self._take(place, who)
        self._held.add(place)
        try:
            yield
        finally:
            self._held.discard(place)
            self._give_back(place)

    async def _take(self, place: _Place, who: HardwareId) -> None:
        """Raises Refused."""
        place.number = await self._count("place", place, Limit.USER if who else None, Limit.ACTIVE)
        try:
            await self._count("minute", place, Limit.USER_RATE if who else None, Limit.RATE)
        except BaseException:
            self._give_back(place)
            raise

    async def _count(self, what: str, place: _Place, of_one: Limit | None, of_all: Limit) -> int | None:
        """The number of its message; None when it was not asked for. Raises Refused when there is no room."""
        if not self._line.connected or trio.current_time() < self._rests_until:
            self.alone += 1
            return None
        told: dict[str, Any] | None = None
        try:
            told = await self._streams.count(what, place.who, place.name)
        except BusError as error:
            self._rest(str(error))
            self.alone += 1
            return None
        finally:
            if told is None:  # it may have been counted all the same; also when its client is gone by now
                self._in_doubt = True
        failure = told.get("error")
        if failure is None:
            self._trouble = ""
            return int(told["seq"])
        if failure.get("err_code") != TOO_MANY:
            self._rest(f"JetStream says {failure.get('err_code')}")
            self.alone += 1
            return None
        if OF_ONE in str(failure.get("description")):
            raise self._refused(of_one or of_all)
        raise self._refused(of_all)

    def _refused(self, limit: Limit) -> Refused:
        if limit is Limit.USER:
            return self._admission.refusal("too many requests of this hardware_id are running", limit)
        if limit is Limit.USER_RATE:
            return self._admission.refusal("too many requests of this hardware_id in a minute", limit)
        return self._admission.crowded(limit)

    def _rest(self, why: str) -> None:
        self._rests_until = trio.current_time() + REST_SECONDS
        if not self._trouble:
            log.warning("limits are those of this process alone until JetStream answers", why=why)
        self._trouble = why
        self._anew.set()

    def _give_back(self, place: _Place) -> None:
        if place.number is None:
            return
        try:
            self._freed.send_nowait(place.number)
        except trio.WouldBlock:
            self._in_doubt = True

    # What goes on beside the requests.

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Make the streams, say that this process lives, give back places; until cancelled."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self._live)
            nursery.start_soon(self._free_places)
            task_status.started()

    async def _live(self, task_status: trio.TaskStatus[None]) -> None:
        told = False
        while True:
            self._anew = trio.Event()
            if self._line.connected:
                try:
                    lost_times = self._line.lost_times
                    if self.trouble:
                        self._known, self._reaps_from = None, trio.current_time() + LIFE_SECONDS
                        await self._streams.make(self._limits)
                        self._in_doubt = True
                    await self._beat()
                    if trio.current_time() >= self._reaps_from:
                        await self._reap()
                    if self._in_doubt:
                        await self._put_right()
                    self._lost_times = lost_times
                    self._trouble, self._rests_until = "", 0.0
                except BusError as error:
                    self._rest(str(error))
                    self._in_doubt = True
                    self._anew = trio.Event()
            if not told:
                task_status.started()
                told = True
            seconds = BEAT_SECONDS if not self.trouble else REST_SECONDS
            with trio.move_on_after(seconds * random.uniform(0.9, 1.1)):
                await self._anew.wait()

    def _begin_anew(self) -> None:
        self._rests_until = 0.0
        for place in self._held:  # a JetStream that began anew has other messages of the same numbers
            place.number = None
        with suppress(trio.WouldBlock):
            while True:
                self._to_free.receive_nowait()
        self._anew.set()

    async def _put_right(self) -> None:
        """Have the stream hold what is held here, and nothing else of this node.

        Places are taken again that were taken alone, that NATS lost when it began anew, or that others freed
        when this node was silent. Those are freed of which it was never heard whether they were taken, and
        those that could not be given back: at a second look, since one may be on its way to its request.
        """
        self._in_doubt = False
        held = list(self._held)  # before: who is let in while we look is not missed
        mine = {name: number async for number, node, name in self._streams.taken() if node == self._node}
        for place in held:
            if place.name in mine:
                place.number = mine[place.name]
            else:
                told = await self._streams.count("place", place.who, place.name)
                place.number = told.get("seq")
            if place not in self._held:  # it is over by now
                self._give_back(place)
        await self._free_strays(mine)

    async def _free_strays(self, mine: Mapping[str, int]) -> None:
        now, names = trio.current_time(), {place.name for place in self._held}
        self._strays = {name: self._strays.get(name, now) for name in mine if name not in names}
        for name, since in list(self._strays.items()):
            if now - since >= REST_SECONDS:
                await self._streams.free(mine[name])
                del self._strays[name]
        self._in_doubt |= bool(self._strays)

    async def _beat(self) -> None:
        if trio.current_time() > self._beaten_at + LIFE_SECONDS:  # others may have taken this node for dead
            self._in_doubt = True
        await self._streams.beat()
        self._beaten_at = trio.current_time()

    async def _reap(self) -> None:
        """Free what nodes held that are gone."""
        alive = await self._streams.alive()
        before, self._known = self._known, alive
        if before is None or before - alive:
            freed = await self._free_of_the_dead(alive)
            if freed:
                log.warning("places of processes that are gone are free again", places=freed)

    async def _free_of_the_dead(self, alive: frozenset[str]) -> int:
        freed = 0
        async for number, node, _ in self._streams.taken():
            if node not in alive:
                await self._streams.free(number)
                freed += 1
        return freed

    async def _free_places(self) -> None:
        """Give back the places of requests that are over, in their order."""
        async for number in self._to_free:
            try:
                await self._streams.free(number)
            except BusError as error:
                self._in_doubt = True
                if self._line.connected:
                    self._rest(str(error))

    async def close(self) -> None:
        """Say that this process is gone, and what it holds is free, as far as that is possible."""
        with trio.move_on_after(ASK_SECONDS, shield=True):  # noqa: ASYNC912 - it has one for each place
            try:
                while True:
                    await self._streams.free(self._to_free.receive_nowait())
            except (BusError, trio.WouldBlock):
                pass
