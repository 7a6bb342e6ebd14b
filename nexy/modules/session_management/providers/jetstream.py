"""Limits that hold over all processes, counted by NATS JetStream.

A request that runs is a message in a stream that holds so many messages as there may be requests, and so many
of one subject as one device may have; NATS refuses the next one. When the request is over, its message is
deleted. A second stream forgets its messages after a minute: it is the limit on requests in a minute. So one
step of one server decides, by its own clock; no two processes can take the last place, and no clock of theirs
matters (but for the `retry-after` of who asked too often in a minute).
"""

import itertools
import math
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import trio

from nexy.errors import BusError, Limit, Refused
from nexy.modules.session_management.admission import MINUTE, SOONEST_SECONDS, Admission, Limits
from nexy.modules.session_management.providers.held import Held, Place
from nexy.modules.session_management.providers.reaper import Reaper
from nexy.modules.session_management.providers.streams import (
    ALL,
    ASK_SECONDS,
    LIFE_SECONDS,
    Counted,
    Line,
    Streams,
)
from nexy.monitoring import logger
from nexy.types import HardwareId

REST_SECONDS = 1.0  # that JetStream is not asked for, when it did not answer: this process counts alone
BEAT_SECONDS = 3.0
OLDEST_SECONDS = 1.0  # that is held for known how old the minute's oldest request is

log = logger("nexy.limits")


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
        self._held = Held(self._streams, node)
        self._reaper = Reaper(self._streams, node)
        self._places = itertools.count()
        self._beaten_at = -math.inf
        self._made = False  # the streams, since anything was wrong
        self._leaving = False
        self._rests_until = 0.0
        self._trouble = "not asked yet"
        self._lost_times = 0  # of the bus, when all was as it should be
        self._in_minute: int | None = None
        self._room_at: dict[str, float] = {}  # in the minute, for a device or for all
        self._room_looked_at = -math.inf
        self._anew = trio.Event()  # the streams are to be made
        self._untidy = trio.Event()
        line.on_connected.append(self._begin_anew)

    def __repr__(self) -> str:
        return f"<JetStreamLimits {self._node} {self._held} {self._trouble or 'shared'}>"

    @property
    def trouble(self) -> str:
        if not self._line.connected:
            return "the bus is away"
        return self._trouble or ("the bus was away" if self._line.lost_times != self._lost_times else "")

    @property
    def in_last_minute(self) -> int | None:
        """Requests of all processes, as of some seconds ago; None while this one counts alone."""
        return None if self.trouble else self._in_minute

    @asynccontextmanager
    async def place(self, who: HardwareId) -> AsyncIterator[None]:
        place = Place(self._name_of(who) if who else "nobody", str(next(self._places)))
        await self._take(place, who)
        self._held.take(place)
        try:
            yield
        finally:
            self._held.give_back(place)

    async def _take(self, place: Place, who: HardwareId) -> None:
        """Raises Refused."""
        counted = await self._count("place", place)
        if counted is not None:
            place.number = counted.number
            if counted.number is None:
                raise self._no_place(Limit.USER if who and counted.of_one else Limit.ACTIVE)
        try:
            counted = await self._count("minute", place)
            if counted is not None and counted.number is None:
                seconds = await self._until_room(place.who if counted.of_one else ALL)
                raise self._no_minute(Limit.USER_RATE if who and counted.of_one else Limit.RATE, seconds)
        except BaseException:
            self._held.give_back(place)
            raise

    async def _count(self, what: str, place: Place) -> Counted | None:
        """None when it was not asked for, or not answered: it is let in."""
        if not self._line.connected or trio.current_time() < self._rests_until:
            self.alone += 1
            return None
        counted = None
        try:
            counted = await self._streams.count(what, place.who, place.name)
        except BusError as error:
            self._rest(str(error))
            self.alone += 1
        finally:
            if counted is None:  # it may have been counted all the same; also when its client is gone by now
                self._held.in_doubt.add(place.who)
        return counted

    def _no_place(self, limit: Limit) -> Refused:
        if limit is Limit.USER:
            return self._admission.refusal("too many requests of this hardware_id are running", limit)
        return self._admission.crowded(limit)

    def _no_minute(self, limit: Limit, seconds: float) -> Refused:
        if limit is Limit.USER_RATE:
            reason = "too many requests of this hardware_id in a minute"
            return self._admission.refusal(reason, limit, seconds)
        return self._admission.crowded(limit, seconds)

    async def _until_room(self, who: str) -> float:
        """Seconds until the minute's oldest request, of all devices or of one, is a minute ago."""
        now = trio.current_time()
        if now - self._room_looked_at > OLDEST_SECONDS:
            self._room_at.clear()
            self._room_looked_at = now
        if who not in self._room_at:
            try:
                self._room_at[who] = now + MINUTE - await self._streams.oldest_seconds(who)
            except BusError:
                return SOONEST_SECONDS
        return min(max(self._room_at[who] - now, SOONEST_SECONDS), MINUTE)

    def _rest(self, why: str) -> None:
        self._rests_until = trio.current_time() + REST_SECONDS
        if not self._trouble:
            log.warning("limits are those of this process alone until JetStream answers", why=why)
        self._trouble = why
        self._made = False
        self._anew.set()

    # What goes on beside the requests.

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Make the streams, say that this process lives, give back places; until cancelled."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self._live)
            await nursery.start(self._tidy)
            nursery.start_soon(self._free_places)
            task_status.started()

    def _begin_anew(self) -> None:
        self._rests_until = 0.0
        self._made = False
        self._held.begin_anew()
        self._anew.set()

    async def _live(self, task_status: trio.TaskStatus[None]) -> None:
        """Make the streams, where anything was wrong, and say that this process lives."""
        told = False
        while True:
            self._anew = trio.Event()
            if self._line.connected and not self._leaving:
                try:
                    if not self._made:
                        await self._make()
                    await self._beat()
                    self._in_minute = await self._streams.in_minute()
                except BusError as error:
                    self._rest(str(error))
                    self._anew = trio.Event()
            if not told:
                task_status.started()
                told = True
            await self._pause(self._anew)

    async def _pause(self, end: trio.Event) -> None:
        seconds = BEAT_SECONDS if not self.trouble else REST_SECONDS
        with trio.move_on_after(seconds * random.uniform(0.9, 1.1)):
            await end.wait()

    async def _make(self) -> None:
        self._made = True  # until anything goes wrong, also meanwhile
        self._held.all_in_doubt = True
        self._reaper.begin_anew()
        await self._streams.make(self._limits)
        self._untidy.set()

    async def _beat(self) -> None:
        now = trio.current_time()
        if now + ASK_SECONDS > self._beaten_at + LIFE_SECONDS:  # others may have taken this node for dead
            self._held.all_in_doubt = True
        await self._streams.beat()
        self._beaten_at = now

    async def _tidy(self, task_status: trio.TaskStatus[None]) -> None:
        """Free what is nobody's, count what is not counted. This may take long, and must hold up no beat."""
        told = False
        while True:
            self._untidy = trio.Event()
            if self._line.connected and self._made:
                try:
                    await self._tidy_once()
                except BusError as error:
                    self._held.all_in_doubt = True
                    self._rest(str(error))
            if not told:
                task_status.started()
                told = True
            if self._held.all_in_doubt:  # not at once again, also when the streams are made at once
                await trio.sleep(REST_SECONDS)
            await self._pause(self._untidy)

    async def _tidy_once(self) -> None:
        lost_times = self._line.lost_times
        freed = await self._reaper.reap()
        if freed:
            log.warning("places of processes that are gone are free again", places=freed)
        await self._held.put_right()
        if self._made and not self._held.all_in_doubt:  # nothing went wrong meanwhile
            self._lost_times = lost_times
            self._trouble, self._rests_until = "", 0.0

    async def _free_places(self) -> None:
        """Give back the places of requests that are over, in their order."""
        while True:  # noqa: ASYNC913 - it waits for the next one inside
            try:
                await self._held.free_next()
            except BusError as error:
                if self._line.connected:
                    self._rest(str(error))

    async def close(self) -> None:
        """Say that this process is gone, and free what it held, as far as that is possible."""
        self._leaving = True
        with trio.move_on_after(ASK_SECONDS, shield=True), suppress(BusError):
            await self._held.free_all()
            await self._streams.leave()
