"""The sessions of this process: each is opened once, found again, counted and let go."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import trio

from nexy.errors import Limit, Refused
from nexy.modules.session_management.admission import Admission, AtEase, Limits, Vitals
from nexy.modules.session_management.identity import new_session_id
from nexy.modules.session_management.notes import DRAFT_SECONDS, Notes
from nexy.nursery.session import Session, Turn, Why, host
from nexy.types import HardwareId, Part, SessionId

AT_EASE = AtEase()
OWN_SESSIONS = 4  # a device may have so many times as many as it may have requests running
SPARED_SECONDS = 60.0  # a session that was silent for so long makes room for a new one

Talk: TypeAlias = Session[Notes]


@dataclass(slots=True)
class _Device:
    """The sessions of one device, and its requests for an answer: running, waiting, or being read."""

    sessions: dict[SessionId, Talk] = field(default_factory=dict)
    admitted: dict[Turn, SessionId] = field(default_factory=dict)
    opening: Counter[SessionId] = field(default_factory=Counter)  # sessions that are being opened
    unnamed: SessionId | None = None  # where requests without a session_id go on
    nameless: set[Turn] = field(default_factory=set)  # such requests, of those admitted


class Sessions:
    """Who is here. The sessions live in `nursery`, which outlives every caller."""

    def __init__(
        self, nursery: trio.Nursery, limits: Limits, idle_seconds: float, vitals: Vitals = AT_EASE
    ) -> None:
        self.admission = Admission(limits, vitals)
        self.gone: Callable[[HardwareId], None] = lambda _: None  # told of a device that has nothing here now
        self._nursery = nursery
        self._limits = limits
        self._idle_seconds = idle_seconds
        self._devices: dict[HardwareId, _Device] = {}
        self._opening = trio.Lock()
        self._closing = False
        self._all_gone = trio.Event()  # set when closing, once the last session and request have ended

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
        return self.admission.running

    @property
    def closing(self) -> bool:
        return self._closing

    @contextmanager
    def admit(self, who: HardwareId, asked: SessionId | None, turn: Turn) -> Iterator[SessionId]:
        """Let in one request of `who` for an answer, while the block runs; yields its session's name.

        `who` may be NOBODY, for what no device asks for. The turn is over when the block is left.
        Raises Refused over a limit.
        """
        with self.counted(who):
            self.admission.count_in_minute(who)
            device = self._devices.setdefault(who, _Device())
            name = device.admitted[turn] = self.name(who, asked)
            if asked is None:
                device.unnamed = name
                device.nameless.add(turn)
            try:
                yield name
            finally:
                del device.admitted[turn]
                device.nameless.discard(turn)
                turn.over.set()

    @contextmanager
    def counted(self, who: HardwareId) -> Iterator[None]:
        """Count one request of `who` while the block runs. Raises Refused over a limit."""
        if self._closing:
            raise self.admission.closing()
        try:
            with self.admission.counted(who):
                yield
        finally:
            self._tidy(who)

    def expect(self) -> bool:
        """Whether one more request may come just now; if so, a place is kept for it for a moment."""
        return not self._closing and self.admission.expect()

    def refusal(self) -> Refused:
        """Why nobody at all is let in just now, counted as a refusal."""
        return (
            self.admission.closing()
            if self._closing
            else self.admission.crowded(self.admission.full or Limit.ACTIVE)
        )

    def name(self, who: HardwareId, asked: SessionId | None) -> SessionId:
        """The session that a request belongs to.

        A request without a session_id goes on in the device's last unnamed session, so that old
        clients, which never send one, have a conversation; while that one is answering, it gets
        one of its own.
        """
        if asked is not None:
            return asked
        device = self._devices.get(who, _Device())
        last = device.unnamed
        if last is None or (self.find(who, last) is None and not device.opening[last]):
            return new_session_id()
        busy = any(name == last and turn.why is None for turn, name in device.admitted.items())
        return new_session_id() if busy else last

    def unnamed(self, who: HardwareId) -> SessionId | None:
        """Where requests of `who` without a session_id go on; None when that is nowhere, or busy."""
        last = self._devices.get(who, _Device()).unnamed
        return last if last is not None and self.name(who, None) == last else None

    def unnamed_runs(self, who: HardwareId, but: Turn | None = None) -> bool:
        """Whether a request without a session_id runs, beside that one."""
        nameless = self._devices.get(who, _Device()).nameless
        return any(turn.why is None for turn in nameless if turn is not but)

    def go_on(self, who: HardwareId, turn: Turn, name: SessionId) -> None:
        """A request without a session_id that was let in goes on in that session, which began elsewhere."""
        device = self._devices[who]
        device.admitted[turn] = device.unnamed = name

    def find(self, who: HardwareId, name: SessionId) -> Talk | None:
        """The session, if it is open."""
        session = self._devices.get(who, _Device()).sessions.get(name)
        return session if session is not None and session.open else None

    async def open(self, who: HardwareId, name: SessionId) -> Talk:
        """The session of that name, opened if it is new. Raises Refused over the limit."""
        device = self._devices.setdefault(who, _Device())
        device.opening[name] += 1
        try:
            async with self._opening:
                session = self.find(who, name)
                if session is None:
                    self._make_room_among(device)
                    self._make_room()
                    session = device.sessions[name] = await self._nursery.start(self._host, who, name)
                    if self._closing:
                        session.retire()
                return session
        finally:
            device.opening[name] -= 1
            self._tidy(who)

    async def collect(self, who: HardwareId, asked: SessionId | None, part: Part, most_chars: int) -> None:
        """Keep a part of what the user is still saying. Raises BadRequest or Refused."""
        name = self.name(who, asked)
        if asked is None:
            self._devices.setdefault(who, _Device()).unnamed = name
        self.take(await self.open(who, name), part, most_chars)

    def expect_room(self, who: HardwareId, name: SessionId) -> None:
        """Have room for that session, before it is opened. Raises Refused."""
        if self.find(who, name) is None:
            self._make_room_among(self._devices.get(who, _Device()))
            self._make_room()

    def let_go(self, who: HardwareId, name: SessionId) -> tuple[tuple[Part, ...], bool] | None:
        """End a session that goes on elsewhere: what was collected, and whether something was said in it.

        None when it is not here, or something runs in it.
        """
        session, device = self.find(who, name), self._devices.get(who, _Device())
        if session is None or any(at == name and turn.why is None for turn, at in device.admitted.items()):
            return None
        draft, talked = session.notes.draft, session.notes.resumed
        session.notes.drop_draft()
        session.retire()
        return draft.parts if draft else (), talked

    def take(self, session: Talk, part: Part, most_chars: int) -> None:
        """Put it into the session's draft. Raises BadRequest when that grows too long."""
        session.stay(DRAFT_SECONDS)
        notes = session.notes
        if notes.draft is None:
            self._nursery.start_soon(notes.begin_draft())
        else:
            notes.prolong_draft()
        if notes.draft is not None:
            notes.draft.add(part, most_chars)

    def _make_room_among(self, device: _Device) -> None:
        """One device does not take all the places: its own session that was silent longest goes."""
        most = OWN_SESSIONS * self._limits.max_requests_per_user
        silent = [one for one in device.sessions.values() if one.silent_seconds and one.open]
        if len(device.sessions) >= most and silent:
            max(silent, key=lambda session: session.silent_seconds).retire()

    def _make_room(self) -> None:
        if self._closing:
            raise self.admission.closing()
        if len(self) < self._limits.max_sessions:
            return
        longest = max(self, key=lambda session: session.silent_seconds)
        if longest.silent_seconds < SPARED_SECONDS:
            raise self.admission.crowded(Limit.SESSIONS, max(1.0, SPARED_SECONDS - longest.silent_seconds))
        longest.retire()

    async def _host(self, who: HardwareId, name: SessionId, *, task_status: trio.TaskStatus[Talk]) -> None:
        try:
            await host(self._idle_seconds, Notes(), task_status=task_status)
        finally:
            self._forget(who, name)

    def _forget(self, who: HardwareId, name: SessionId) -> None:
        sessions = self._devices.get(who, _Device()).sessions
        if (
            name in sessions and not sessions[name].open
        ):  # a new one of the same name may have taken its place
            sessions.pop(name).notes.drop_draft()
        self._tidy(who)

    def _tidy(self, who: HardwareId) -> None:
        """Forget a device that has nothing here any more."""
        device = self._devices.get(who)
        if device is None or not (device.sessions or device.admitted or device.opening.total()):
            self._devices.pop(who, None)
            self.gone(who)
        if self._closing and not self._devices and not self.active:
            self._all_gone.set()

    async def stop(
        self, who: HardwareId, played_seconds: float | None = None, why: Why = Why.INTERRUPTED
    ) -> list[SessionId]:
        """Stop every answer of `who`, also one that has not begun; returns the sessions of those.

        What its user has not heard by now of these and earlier answers is not going to be heard. A
        client may know how much was played of the answer whose sound began last.
        """
        device = self._devices.get(who, _Device())
        histories = [session.notes.history for session in device.sessions.values()]
        newest = max(histories, key=lambda history: history.began, default=None)
        for history in histories:
            history.cut_off(trio.current_time(), played_seconds if history is newest else None)
        return await _stop(device.admitted, why)

    async def give_way(self, who: HardwareId, name: SessionId | None, *, always: bool) -> bool:
        """Stop what runs in a session, or (None) all of the device, for a newer request elsewhere.

        Requests that claim their own session just now give way only if they must `always`; those that have
        not begun to will be newer than this one. True when one does not give way.
        """
        device = self._devices.get(who, _Device())
        running = {turn: at for turn, at in device.admitted.items() if name in (None, at)}
        going_on = [turn for turn in running if turn.claiming and turn.why is None and not always]
        if going_on:
            return True
        for at, session in device.sessions.items():
            if name in (None, at):
                session.notes.history.cut_off(trio.current_time())
        for turn in running:
            if turn.claiming:  # its work never begins: nothing need be waited for
                turn.end(Why.NEWER)
        await _stop({turn: at for turn, at in running.items() if turn.settled}, Why.NEWER)
        return False

    def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> None:
        """Forget the newest exchange of each session of `who`, or all of them."""
        for session in self._devices.get(who, _Device()).sessions.values():
            if all_of_it:
                session.notes.history.clear()
            else:
                session.notes.history.drop_newest()

    async def forget(self, who: HardwareId) -> None:
        """End the sessions of `who`, with what was said in them, once their last turns are kept."""
        sessions = list(self._devices.get(who, _Device()).sessions.values())
        for session in sessions:
            session.notes.history.clear()
            session.retire()
        for session in sessions:
            await session.ended.wait()

    async def drain(self) -> None:
        """Take no new work and wait until every request, turn and remembering is done."""
        self._closing = True
        for session in self:
            session.retire()
        if self._devices or self.active:
            await self._all_gone.wait()

    async def stop_all(self) -> None:
        """Stop every answer because the server goes."""
        everyone = {turn: name for device in self._devices.values() for turn, name in device.admitted.items()}
        await _stop(everyone, Why.CLOSING)


async def _stop(admitted: Mapping[Turn, SessionId], why: Why) -> list[SessionId]:
    turns = list(admitted)
    stopped = [admitted[turn] for turn in turns if turn.end(why)]
    for turn in turns:
        await turn.over.wait()
    return stopped
