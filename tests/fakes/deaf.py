"""Somebody who takes a connection and then neither reads nor speaks: a TLS handshake with them never ends."""

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import trio

MOST_BYTES = 1_000_000  # read at once


@dataclass(eq=False)
class Deaf:
    """Takes one connection and its first byte, and does nothing more until it is told to."""

    taken: trio.Event = field(default_factory=trio.Event)
    enough: trio.Event = field(default_factory=trio.Event)  # set it, and the rest is read
    closed: trio.Event = field(default_factory=trio.Event)  # the other side has closed
    port: int = 0

    async def serve(self, stream: trio.SocketStream) -> None:
        await stream.receive_some(1)
        self.taken.set()
        await self.enough.wait()
        with suppress(trio.BrokenResourceError):
            while await stream.receive_some(MOST_BYTES):
                pass
        self.closed.set()


@asynccontextmanager
async def open_deaf() -> AsyncIterator[Deaf]:
    """Listen on loopback while the block runs."""
    deaf = Deaf()
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, deaf.serve, 0, host="127.0.0.1"))
        deaf.port = listeners[0].socket.getsockname()[1]
        yield deaf
        nursery.cancel_scope.cancel()


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the garbage collector, which would close what is forgotten."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
