"""Streams made of values that are already at hand, or that need no task behind them."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

import trio

T = TypeVar("T")


class _Values(trio.abc.ReceiveChannel[T]):
    """A receive channel over an iterator: no task, no queue, one checkpoint a value."""

    def __init__(self, values: Iterable[T]) -> None:
        self._values = iter(values)

    async def receive(self) -> T:
        await trio.lowlevel.checkpoint()
        for value in self._values:
            return value
        raise trio.EndOfChannel

    async def aclose(self) -> None:
        self._values = iter(())
        await trio.lowlevel.checkpoint()


@asynccontextmanager
async def stream_of(values: Iterable[T]) -> AsyncIterator[trio.abc.ReceiveChannel[T]]:
    """A Stream of `values`, taken one by one as they are asked for."""
    yield _Values(values)
