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


@dataclass
class Kept:
    """Whether a turn is stored by now."""

    over: trio.Event = field(default_factory=trio.Event)  # it is, or never will be
    stored: bool = False


@dataclass
class Keeper:
    """Stores turns in the order in which they ended, as far as one session goes."""

    store: Store
    memory: Memory
    clock: Callable[[], float] = time.time  # Unix seconds
    waiting: int = 0
    lost: int = 0  # turns that could not be kept

    async def keep(self, who: HardwareId, what: Record, exchange: Exchange | None, kept: Kept) -> None:
        """Store one turn, and try again while the database fails; tell who waits for it; learn from it."""
        try:
            if self.waiting < MOST_WAITING:
                kept.stored = await self._patiently(lambda: self.store.record(who, what))
        finally:
            kept.over.set()
            if not kept.stored:
                self.lost += 1
                log.warning("a turn could not be kept")
        if kept.stored and exchange is not None:
            await self._patiently(lambda: self.memory.remember(who, exchange, what.id))

    async def amend(self, who: HardwareId, exchange: str, heard: str, kept: Kept) -> None:
        """Only `heard` was heard of a turn that is stored, or will be."""
        await kept.over.wait()
        if kept.stored:
            await self._patiently(lambda: self.store.amend(who, exchange, heard))

    async def _patiently(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Whether it was done."""
        self.waiting += 1
        done = False
        try:
            for wait in WAITS:
                await trio.sleep(wait)
                done = await self._tried(work)
                if done:
                    break
        finally:
            self.waiting -= 1
            if not done and trio.current_effective_deadline() == -math.inf:  # the server goes: once more, now
                with trio.move_on_after(LAST_SECONDS, shield=True):
                    done = await self._tried(work)
        return done

    async def _tried(self, work: Callable[[], Awaitable[object]]) -> bool:
        try:
            await work()
        except StorageError:
            return False
        return True
