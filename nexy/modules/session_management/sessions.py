"""The sessions of this process: each is opened once, found again, counted and let go."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import trio

from nexy.errors import Closing, Refused
from nexy.modules.session_management.draft import Draft, Part
from nexy.modules.session_management.history import Notes
from nexy.modules.session_management.identity import new_session_id
from nexy.nursery.session import Session, Why, host
from nexy.types import HardwareId, SessionId

SPARED_SECONDS = 60.0  # a session that was silent for so long makes room for a new one
DRAFT_SECONDS = 120.0  # what is never committed is forgotten then
MINUTE = 60.0  # seconds

Talk: TypeAlias = Session[Notes]


class Limits(Protocol):
    """How much is let in."""

    max_sessions: int
    max_active_sessions: int
    max_requests_per_minute: int
    max_requests_per_user: int


@dataclass(slots=True)
class _Device:
    """The sessions of one device."""

    sessions: dict[SessionId, Talk] = field(default_factory=dict)
    unnamed: SessionId | None = None  # where requests without a session_id go on


class Sessions:
    """Who is here. The sessions live in `nursery`, which outlives every caller."""

    def __init__(self, nursery: trio.Nursery, limits: Limits, idle_seconds: float) -> None:
        self._nursery = nursery
        self._limits = limits
        self._idle_seconds = idle_seconds
        self._devices: dict[HardwareId, _Device] = {}
        self._opening = trio.Lock()
        self._requests: Counter[HardwareId] = Counter()  # running and waiting
        self._recent: deque[float] = deque()  # when the requests of the last minute came
        self._closing = False
        self._all_gone = trio.Event()  # set when closing, once the last session has ended

    def __repr__(self) -> str:
        return f"<Sessions open={len(self)} requests={self.active}>"

    def __len__(self) -> int:
        return sum(len(device.sessions) for device in self._devices.values())

    def __iter__(self) -> Iterator[Talk]:
        for device in list(self._devices.values()):
            yield from list(device.sessions.values())

    @property
    def active(self) -> int:
        """Requests that are running or waiting."""
        return self._requests.total()

    @property
    def closing(self) -> bool:
        return self._closing

    @contextmanager
    def admit(self, who: HardwareId) -> Iterator[None]:
        """Count one request of `who` while the block runs. Raises Refused over a limit."""
        self._check_limits(who)
        self._recent.append(trio.current_time())
        self._requests[who] += 1
        try:
            yield
        finally:
            self._requests[who] -= 1
            if not self._requests[who]:
                del self._requests[who]

    def _check_limits(self, who: HardwareId) -> None:
        now = trio.current_time()
        while self._recent and self._recent[0] <= now - MINUTE:
            self._recent.popleft()
        if self._closing:
            raise Closing("the server is closing")
        if self._requests[who] >= self._limits.max_requests_per_user:
            raise Refused("too many requests of this hardware_id are running")
        if self.active >= self._limits.max_active_sessions:
            raise Refused("too many answers are running")
        if len(self._recent) >= self._limits.max_requests_per_minute:
            raise Refused("too many requests in a minute", retry_after_seconds=self._recent[0] + MINUTE - now)

    def name(self, who: HardwareId, asked: SessionId | None) -> SessionId:
        """The session that a request belongs to.

        A request without a session_id goes on in the device's last unnamed session, so that old
        clients, which never send one, have a conversation; while that one is speaking, it gets
        one of its own.
        """
        if asked is not None:
            return asked
        device = self._devices.get(who, _Device())
        last = device.sessions.get(device.unnamed) if device.unnamed else None
        if device.unnamed and last is not None and last.open and not last.speaking:
            return device.unnamed
        return new_session_id()

    async def open(self, who: HardwareId, asked: SessionId | None) -> tuple[SessionId, Talk]:
        """The session that a request belongs to, opened if it is new. Raises Refused over the limit."""
        async with self._opening:
            name = self.name(who, asked)
            session = self._devices.get(who, _Device()).sessions.get(name)
            if session is None or not session.open:
                self._make_room()
                session = await self._nursery.start(self._host, who, name)
                # Only now: meanwhile the device's last session may have ended, and the device with it.
                self._devices.setdefault(who, _Device()).sessions[name] = session
                if self._closing:
                    session.retire()
            if asked is None:
                self._devices[who].unnamed = name
            return name, session

    async def collect(self, who: HardwareId, asked: SessionId | None, part: Part, most_chars: int) -> None:
        """Keep a part of what the user is still saying. Raises BadRequest or Refused."""
        _, session = await self.open(who, asked)
        draft = session.notes.draft
        if draft is None:
            draft = session.notes.draft = Draft()
            self._nursery.start_soon(self._expire, session, draft)
        draft.add(part, most_chars)

    async def _expire(self, session: Talk, draft: Draft) -> None:
        await trio.sleep(DRAFT_SECONDS)
        if session.notes.draft is draft:
            session.notes.draft = None

    def take_draft(self, who: HardwareId, asked: SessionId | None) -> Draft:
        """What was collected in this session, which forgets it; an empty draft when there is nothing."""
        session = self._devices.get(who, _Device()).sessions.get(self.name(who, asked))
        if session is None or session.notes.draft is None:
            return Draft()
        draft, session.notes.draft = session.notes.draft, None
        return draft

    def _make_room(self) -> None:
        if self._closing:
            raise Closing("the server is closing")
        if len(self) < self._limits.max_sessions:
            return
        longest = max(self, key=lambda session: session.silent_seconds)
        if longest.silent_seconds < SPARED_SECONDS:
            raise Refused(
                "too many sessions are open",
                retry_after_seconds=max(1.0, SPARED_SECONDS - longest.silent_seconds),
            )
        longest.retire()

    async def _host(self, who: HardwareId, name: SessionId, *, task_status: trio.TaskStatus[Talk]) -> None:
        try:
            await host(self._idle_seconds, Notes(), task_status=task_status)
        finally:
            self._forget(who, name)

    def _forget(self, who: HardwareId, name: SessionId) -> None:
        device = self._devices.get(who, _Device())
        session = device.sessions.get(name)
        if session is not None and not session.open:  # a new one of the same name may have taken its place
            del device.sessions[name]
        if not device.sessions:
            self._devices.pop(who, None)
        if self._closing and not self._devices:
            self._all_gone.set()

    async def stop(self, who: HardwareId, why: Why = Why.INTERRUPTED) -> list[SessionId]:
        """Stop every running answer of `who`; returns the sessions whose answers this has stopped."""
        stopped: list[SessionId] = []

        async def stop_one(name: SessionId, session: Talk) -> None:
            if await session.stop(why):
                stopped.append(name)

        async with trio.open_nursery() as nursery:
            for name, session in self._devices.get(who, _Device()).sessions.items():
                nursery.start_soon(stop_one, name, session)
        return stopped

    async def drain(self) -> None:
        """Take no new work and wait until every session's turn and remembering is done."""
        self._closing = True
        for session in self:
            session.retire()
        if self._devices:
            await self._all_gone.wait()

    async def stop_all(self) -> None:
        """Stop every running answer because the server goes."""
        async with trio.open_nursery() as nursery:
            for session in self:
                nursery.start_soon(session.stop, Why.CLOSING)
