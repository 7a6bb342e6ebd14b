"""Keeps what was said, when it has been said: never on an answer's path, and through a failing database."""

import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import trio

from nexy.errors import StorageError
from nexy.modules.database import Record
from nexy.modules.memory_management import Memory
from nexy.nursery.session import Work
from nexy.types import Exchange, HardwareId

LAST_SECONDS = 2.0  # for storing a turn while the server goes
WAITS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before each try: a minute in all
MOST_WAITING = 1_000  # turns that wait for the database; beyond it the newest are not kept

log = logging.getLogger("nexy.keeping")


class Store(Protocol):
    """Where turns are stored."""

    async def record(self, who: HardwareId, what: Record) -> bool:
        """Store one turn; storing it twice stores it once. Raises StorageError."""
        ...

    async def amend(self, who: HardwareId, exchange: str, heard: str) -> None:
        """Less was heard than was stored. Raises StorageError."""
        ...


@dataclass(eq=False)
class Kept:
    """Whether a turn is stored by now."""

    over: trio.Event = field(default_factory=trio.Event)  # it is, or never will be
    stored: bool = False
    forgotten: bool = False  # it shall not be, and nothing be learnt from it
    waiting: trio.CancelScope = field(default_factory=trio.CancelScope)  # left when it is forgotten
    trying: trio.Lock = field(default_factory=trio.Lock)  # held while it is being stored


@dataclass
class Keeper:
    """Stores turns in the order in which they ended, as far as one session goes."""

    store: Store
    memory: Memory
    clock: Callable[[], float] = time.time  # Unix seconds
    waiting: int = 0
    lost: int = 0  # turns that could not be kept
    _unkept: dict[HardwareId, list[Kept]] = field(default_factory=dict)  # on their way, oldest first
    _amending: dict[HardwareId, list[trio.Event]] = field(default_factory=dict)  # and what is changed of them

    def keep(self, who: HardwareId, what: Record, exchange: Exchange | None, kept: Kept) -> Work:
        """One turn is on its way; the work that is returned stores it, and learns from it.

        It tries again while the database fails, and tells who waits for it.
        """
        unkept = self._unkept.setdefault(who, [])
        unkept.append(kept)

        async def store_and_learn() -> None:
            try:
                with kept.waiting:
                    await self._keep(who, what, kept)
                    if kept.stored and exchange is not None:
                        await self._patiently(lambda: self.memory.remember(who, exchange, what.id), kept)
            finally:
                unkept.remove(kept)
                if not unkept:
                    del self._unkept[who]

        return store_and_learn

    async def _keep(self, who: HardwareId, what: Record, kept: Kept) -> None:
        async def store() -> None:
            async with kept.trying:
                if not kept.forgotten:
                    await self.store.record(who, what)
                    kept.stored = True

        try:
            if self.waiting < MOST_WAITING:
                await self._patiently(store, kept)
        finally:
            kept.over.set()
            if not (kept.stored or kept.forgotten):
                self.lost += 1
                log.warning("a turn could not be kept")

    async def forget(self, who: HardwareId, *, all_of_it: bool) -> int:
        """Keep the newest turn that is not stored yet, or none of them; how many will never be stored.

        Those that are stored by now are the database's to forget: nothing more is learnt from them.
        """
        unkept = self._unkept.get(who, [])
        forgotten = unkept[:] if all_of_it else unkept[-1:]
        for kept in forgotten:
            kept.forgotten = True
            if not kept.stored:
                kept.waiting.cancel()  # else the memory knows what it has learnt of it by now
        for kept in forgotten:
            async with kept.trying:
                pass  # one that is just being stored is stored now
        return sum(not kept.stored for kept in forgotten)

    def amend(self, who: HardwareId, exchange: str, heard: str, kept: Kept) -> Work:
        """Only `heard` was heard of a turn that is stored, or will be; the work that is returned tells it."""
        amended, amending = trio.Event(), self._amending.setdefault(who, [])
        amending.append(amended)

        async def shorten() -> None:
            try:
                await kept.over.wait()
                if kept.stored:
                    await self._patiently(lambda: self.store.amend(who, exchange, heard), kept)
            finally:
                amended.set()
                amending.remove(amended)
                if not amending:
                    del self._amending[who]

        return shorten

    async def settle(self, who: HardwareId) -> None:
        """Wait until all that was said of `who` by now is stored, as it was heard."""
        for kept in list(self._unkept.get(who, ())):
            await kept.over.wait()
        for amended in list(self._amending.get(who, ())):
            await amended.wait()

    async def _patiently(self, work: Callable[[], Awaitable[object]], kept: Kept) -> None:
        """Do it, and again while the database fails, unless the turn is forgotten by then."""
        self.waiting += 1
        done = False
        try:
            for wait in WAITS:
                await trio.sleep(wait)
                done = kept.forgotten or await self._tried(work)
                if done:
                    break
        finally:
            self.waiting -= 1
            going = trio.current_effective_deadline() == -math.inf and not kept.forgotten
            if going and not done:  # the server goes: once more, now
                with trio.move_on_after(LAST_SECONDS, shield=True):
                    await self._tried(work)

    async def _tried(self, work: Callable[[], Awaitable[object]]) -> bool:
        try:
            await work()
        except StorageError:
            return False
        return True
