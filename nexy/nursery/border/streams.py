"""What is asyncio's, as Trio sees it: its loop, its generators, its coroutines, grpclib's client."""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import grpclib.client
import trio
from trio_asyncio import aio_as_trio, open_loop

from nexy.nursery.border.loop import mend

T = TypeVar("T")

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_asyncio() -> AsyncIterator[None]:
    """Make asyncio's side reachable inside the block, from this task and all that it starts."""
    async with open_loop() as loop:
        # The loop's own handler ends the whole program; one broken connection must not.
        loop.set_exception_handler(_log_foreign_error)
        mend(loop)
        yield


def _log_foreign_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.warning("asyncio: %s (%s)", context.get("message"), type(context.get("exception")).__name__)


@trio.as_safe_channel
async def open_stream(make: Callable[[], AsyncIterator[T]]) -> AsyncGenerator[T, None]:
    """A foreign asyncio generator as a Stream; it is closed on every way out of the block.

    Errors of the generator come out of the block as they are: the provider that opened it
    translates them.
    """
    items = cast("AsyncGenerator[T, None]", make())
    try:
        while True:
            try:
                item = await aio_as_trio(items.__anext__)()
            except StopAsyncIteration:
                return
            yield item
    finally:
        with trio.CancelScope(shield=True):
            await aio_as_trio(items.aclose)()


@asynccontextmanager
async def open_grpc_channel(
    host: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[grpclib.client.Channel]:
    """A client's connection, made at its first call. Call it inside `open_stream` or `call`."""
    channel = grpclib.client.Channel(host, port, ssl=tls)
    try:
        yield channel
    finally:
        channel.close()


async def call(make: Callable[[], Awaitable[T]]) -> T:
    """Await something of asyncio's from Trio."""

    async def awaited() -> T:
        return await make()

    result: T = await aio_as_trio(awaited)()
    return result
