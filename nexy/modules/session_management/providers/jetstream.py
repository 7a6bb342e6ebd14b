"""Limits that hold over all processes, counted by NATS JetStream.

A request that runs is a message in a stream that holds so many messages as there may be requests, and so many
of one subject as one device may have; NATS refuses the next one. When the request is over, its message is
deleted. A second stream forgets its messages after a minute: it is the limit on requests in a minute. So one
step of one server decides, by its own clock; no two processes can take the last place, and no clock of theirs
matters.
"""

import base64
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import trio

from nexy.errors import BusError, Limit, Refused
from nexy.modules.session_management.admission import Admission, Limits
from nexy.monitoring import logger
from nexy.types import HardwareId

ASK_SECONDS = 0.25  # a request waits for its place no longer: then this process counts alone
REST_SECONDS = 1.0  # and does not ask for so long
BEAT_SECONDS = 3.0
LIFE_SECONDS = 10  # a node that was silent for so long is gone, and what it held is free
MINUTE = 60  # seconds
TOO_MANY = 10077  # JetStream's error: the stream or the subject is full
IN_USE = (10058, 10065)  # and: a stream of this name, or of these subjects, is there already
OF_ONE = "per subject"  # in the words of the same error

log = logger("nexy.limits")


class Line(Protocol):
    """The connection to NATS."""

    on_connected: list[Callable[[], None]]
    lost_times: int

    @property
    def connected(self) -> bool: ...
    async def ask(self, subject: str, data: bytes, seconds: float, *, kind: str = "") -> bytes: ...


@dataclass(eq=False)
class _Place:
    """What one request holds; nothing, where it was let in without being asked for."""

    subject: str
    number: int | None = None  # of its message in the stream


@dataclass(frozen=True)
class _Streams:
    """Their names and subjects, below a prefix of this installation."""

    prefix: str

    def stream(self, what: str) -> str:
        return f"{self.prefix}-{what}".replace(".", "-")

    def subject(self, what: str, name: str) -> str:
        return f"{self.prefix}.{what}.{name}"


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
        self._limits = limits
        self._admission = admission
        self._name_of = name_of
        self._names = _Streams(prefix)
        self._held: set[_Place] = set()
        self._late: set[int] = set()  # numbers of places that are still to be given back
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
        name = self._name_of(who) if who else "nobody"
        place = _Place(self._names.subject("place", name))
        await self._take(place, who)
        self._held.add(place)
        try:
            yield
        finally:
            self._held.discard(place)
            if place.number is not None:
                self._give_back(place.number)

    async def _take(self, place: _Place, who: HardwareId) -> None:
        """Raises Refused."""
        place.number = await self._count(place.subject, Limit.USER if who else None, Limit.ACTIVE)
        try:
            rate = self._names.subject("minute", place.subject.rpartition(".")[2])
            await self._count(rate, Limit.USER_RATE if who else None, Limit.RATE)
        except BaseException:
            if place.number is not None:
                self._give_back(place.number)
            raise

    async def _count(self, subject: str, of_one: Limit | None, of_all: Limit) -> int | None:
        """The number of its message; None when it was not asked for. Raises Refused when there is no room."""
        if not self._line.connected or trio.current_time() < self._rests_until:
            self.alone += 1
            return None
        try:
            told = await self._ask(subject, self._node.encode(), kind="limits")
        except BusError as error:
            self._rest(str(error))
            self.alone += 1
            return None
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

    def _give_back(self, number: int) -> None:
        try:
            self._freed.send_nowait(number)
        except trio.WouldBlock:  # the reaper's work, when this process is gone
            log.warning("a place could not be given back")

    async def _ask(self, subject: str, data: bytes, *, kind: str) -> dict[str, Any]:
        """Raises BusError."""
        try:
            found = json.loads(await self._line.ask(subject, data, ASK_SECONDS, kind=kind))
        except ValueError as error:
            raise BusError("JetStream cannot be understood") from error
        if not isinstance(found, dict):
            raise BusError("JetStream cannot be understood")
        return found

    async def _api(self, what: str, stream: str, request: object = None) -> dict[str, Any]:
        data = json.dumps(request).encode() if request is not None else b""
        return await self._ask(f"$JS.API.STREAM.{what}.{self._names.stream(stream)}", data, kind="jetstream")

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
                        await self._make_streams()
                        await self._restore()
                    await self._beat()
                    if trio.current_time() >= self._reaps_from:
                        await self._reap()
                    await self._free_late()
                    self._lost_times = lost_times
                    self._trouble, self._rests_until = "", 0.0
                except BusError as error:
                    self._rest(str(error))
                    self._anew = trio.Event()
            if not told:
                task_status.started()
                told = True
            seconds = BEAT_SECONDS if not self.trouble else REST_SECONDS
            with trio.move_on_after(seconds * random.uniform(0.9, 1.1)):
                await self._anew.wait()

    def _begin_anew(self) -> None:
        self._rests_until = 0.0
        self._anew.set()

    async def _make_streams(self) -> None:
        """Or change them to the limits that are configured here. Raises BusError."""
        limits = self._limits
        kept = {"storage": "memory", "retention": "limits", "num_replicas": 1, "duplicate_window": 0}
        full = {"discard": "new", "discard_new_per_subject": True, "max_bytes": -1}
        await self._make(
            "place",
            kept
            | full
            | {
                "max_msgs": limits.max_active_sessions,
                "max_msgs_per_subject": min(limits.max_requests_per_user, limits.max_active_sessions),
            },
        )
        await self._make(
            "minute",
            kept
            | full
            | {
                "max_msgs": limits.max_requests_per_minute,
                "max_msgs_per_subject": min(
                    limits.max_requests_per_minute_per_user, limits.max_requests_per_minute
                ),
                "max_age": MINUTE * 1_000_000_000,
            },
        )
        await self._make(
            "alive",
            kept | {"discard": "old", "max_msgs_per_subject": 1, "max_age": LIFE_SECONDS * 1_000_000_000},
        )

    async def _make(self, what: str, config: dict[str, Any]) -> None:
        whole = {"name": self._names.stream(what), "subjects": [self._names.subject(what, ">")], **config}
        made = await self._api("CREATE", what, whole)
        if made.get("error", {}).get("err_code") in IN_USE:
            made = await self._api("UPDATE", what, whole)
        if "error" in made:
            raise BusError(f"JetStream says {made['error'].get('description')}")

    async def _restore(self) -> None:
        """A NATS that began anew holds no places: those of the requests that run here are taken again."""
        for place in list(self._held):
            if place.number is not None and await self._is_ours(place.number, place.subject):
                continue
            told = await self._ask(place.subject, self._node.encode(), kind="limits")
            if place in self._held:
                place.number = told.get("seq")  # none when others have all: it runs on, uncounted
            elif "seq" in told:
                self._give_back(told["seq"])

    async def _is_ours(self, number: int, subject: str = "") -> bool:
        """Whether the stream holds that message, and it is of this process: after a new start it may not."""
        told = await self._api("MSG.GET", "place", {"seq": number})
        message = told.get("message")
        return (
            message is not None
            and _text(message.get("data")) == self._node
            and subject in {"", message.get("subject")}
        )

    async def _beat(self) -> None:
        told = await self._ask(self._names.subject("alive", self._node), b"", kind="alive")
        if "error" in told:
            raise BusError("JetStream does not keep who lives")

    async def _reap(self) -> None:
        """Free what nodes held that are gone."""
        told = await self._api("INFO", "alive", {"subjects_filter": ">"})
        subjects = told.get("state", {}).get("subjects") or {}
        alive = frozenset(str(one).rpartition(".")[2] for one in subjects)
        before, self._known = self._known, alive
        if before is None or before - alive:
            freed = await self._free_of_the_dead(alive)
            if freed:
                log.warning("places of processes that are gone are free again", places=freed)

    async def _free_of_the_dead(self, alive: frozenset[str]) -> int:
        number, freed = 1, 0
        while True:
            told = await self._api(
                "MSG.GET", "place", {"seq": number, "next_by_subj": self._names.subject("place", ">")}
            )
            message = told.get("message")
            if message is None:
                return freed
            number = int(message["seq"])
            if _text(message.get("data")) not in alive:
                await self._free(number)
                freed += 1
            number += 1

    async def _free_places(self) -> None:
        """Give back the places of requests that are over."""
        async for number in self._to_free:
            if self.trouble:
                self._late.add(number)
                continue
            try:
                await self._free(number)
            except BusError as error:
                self._late.add(number)
                self._rest(str(error))

    async def _free(self, number: int) -> None:
        await self._api("MSG.DELETE", "place", {"seq": number, "no_erase": True})

    async def _free_late(self) -> None:
        """Those that could not be given back in their time; their numbers may be somebody else's by now."""
        for number in list(self._late):
            running = {place.number for place in self._held}
            if number not in running and await self._is_ours(number):
                await self._free(number)
            self._late.discard(number)

    async def close(self) -> None:
        """Say that this process is gone, and what it holds is free, as far as that is possible."""
        with trio.move_on_after(ASK_SECONDS, shield=True):
            try:
                while True:
                    await self._free(self._to_free.receive_nowait())
            except (BusError, trio.WouldBlock):
                pass


def _text(data: object) -> str:
    """As JetStream tells it: base64."""
    try:
        return base64.b64decode(str(data), validate=True).decode()
    except ValueError:
        return ""
