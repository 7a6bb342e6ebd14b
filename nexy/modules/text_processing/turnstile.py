"""Who calls a model when no more calls may be made at once: the users take turns."""

from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from nexy.errors import Fault, ProviderError

RETRY_AFTER_SECONDS = 5.0  # who had no turn is asked to wait for about as long as an answer takes


class Turnstile:
    """Lets `most` in at once. Whoever waits, waits `patience_seconds` at most.

    Each user who waits is let in once before any is let in twice, however many requests one of
    them has; the requests of one user come in their order.
    """

    def __init__(self, most: int, patience_seconds: float) -> None:
        self.refused = 0  # those who had no turn in time, since the start
        self._most = most
        self._patience_seconds = patience_seconds
        self._inside = 0
        self._waiting: OrderedDict[str, deque[trio.Event]] = OrderedDict()  # the next user first

    def __repr__(self) -> str:
        return f"<Turnstile {self._inside} of {self._most} inside, {self.waiting} wait>"

    @property
    def inside(self) -> int:
        return self._inside

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Run the block when it is the turn of `who`. Raises ProviderError (CROWDED) without one in time."""
        await self._enter(who)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, who: str) -> None:
        if self._inside < self._most:
            self._inside += 1
            return
        admitted, stayed = trio.Event(), False
        self._waiting.setdefault(who, deque()).append(admitted)
        try:
            with trio.move_on_after(self._patience_seconds):
                await admitted.wait()
            stayed = True
        finally:
            if not admitted.is_set():
                self._withdraw(who, admitted)
            elif not stayed:
                self._leave()  # let in and cancelled in the same moment
        if not admitted.is_set():
            self.refused += 1
            raise ProviderError(
                "no turn at the model came in time", Fault.CROWDED, retry_after_seconds=RETRY_AFTER_SECONDS
            )

    def _withdraw(self, who: str, admitted: trio.Event) -> None:
        """Wait no more."""
        self._waiting[who].remove(admitted)
        if not self._waiting[who]:
            del self._waiting[who]

    def _leave(self) -> None:
        """Hand the place on, to the user who has waited longest for one."""
        if not self._waiting:
            self._inside -= 1
            return
        who, requests = self._waiting.popitem(last=False)
        requests.popleft().set()
        if requests:
            self._waiting[who] = requests  # behind the others
