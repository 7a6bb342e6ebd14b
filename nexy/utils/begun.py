"""Streams that have begun: the first value is there, and each further one is waited for so long at most."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import trio

from nexy.types import Stream
from nexy.utils.patience import Patience

T = TypeVar("T")


class Begun(trio.abc.ReceiveChannel[T]):
    """The values of a stream, the first of which has come. No task and no queue of its own."""

    def __init__(
        self, first: list[T], values: trio.abc.ReceiveChannel[T], patience: Patience, idle_seconds: float
    ) -> None:
        self.first = first  # that value, or none when the stream was empty; taken out by who receives it
        self._values = values
        self._patience = patience
        self._idle_seconds = idle_seconds
        self._waited = 0.0  # seconds for the next value, by readers who went away before it came

    async def receive(self) -> T:
        if self.first:
            return self.first.pop()
        began = trio.current_time()
        self._patience.wait(self._idle_seconds - self._waited)
        try:
            value = await self._values.receive()
            self._patience.met()
        except trio.EndOfChannel:
            self._patience.met()  # an end can come too late like a value
            raise
        finally:
            self._patience.pause()  # it is not its doing when its reader is slow
            self._waited += trio.current_time() - began
        self._waited = 0.0
        return value

    async def aclose(self) -> None:
        self.first.clear()
        await self._values.aclose()


@asynccontextmanager
async def begun(
    stream: Stream[T], who: str, first_seconds: float, idle_seconds: float
) -> AsyncIterator[Begun[T]]:
    """`stream` from its first value on. Raises ProviderTimeout when one is not there in time.

    Entering a stream may wait for a turn: that is bounded by `first_seconds` as well, but it is not
    the other side's silence.
    """
    with Patience(first_seconds, who) as patience:
        async with stream as values:
            patience.met()
            patience.wait(first_seconds)
            try:
                first = [await values.receive()]
            except trio.EndOfChannel:
                # With a task behind it, a stream that failed ends first; the failure ends the next wait.
                await trio.lowlevel.checkpoint()
                first = []
            patience.met()
            yield Begun(first, values, patience, idle_seconds)
