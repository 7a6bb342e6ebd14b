"""asyncio's loop beside Trio: trio-asyncio's, where it would be slow or leave things behind mended."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import trio
from trio_asyncio import BaseTrioEventLoop
from trio_asyncio._handles import AsyncHandle

CALLBACKS_AT_ONCE = 1000  # an end, should they go on and on to ask for others


def mend(loop: BaseTrioEventLoop) -> None:
    """Let asyncio's callbacks run together, and Trio's functions begin at once and leave nothing behind."""
    loop._main_loop_one = partial(_run_many, loop._main_loop_one)
    loop.trio_as_future = partial(trio_as_future, loop)


async def _run_many(run_one: Callable[..., Awaitable[None]], no_wait: bool = False) -> None:
    """Run what waits in asyncio's queue as asyncio does: all of it, and then the others' turn.

    trio-asyncio runs one callback in each round of Trio's loop. A call that begins needs some ten, and a
    round takes 5 ms where a hundred sessions speak: 200 clients who came in one second waited for seconds,
    while half of the processor was free.
    """
    await run_one(no_wait)
    for _ in range(CALLBACKS_AT_ONCE):
        try:
            await run_one(no_wait=True)
        except trio.WouldBlock:
            return


def trio_as_future(
    loop: BaseTrioEventLoop, function: Callable[..., Awaitable[Any]], *args: Any
) -> "asyncio.Future[Any]":
    """Run a Trio function; the future has its result, and cancelling it cancels the function.

    trio-asyncio's own puts the function into asyncio's queue, and starts nothing else of that queue until the
    function has begun, two rounds of Trio's loop later: 33 calls a second where a hundred sessions speak, and
    a second of waiting for all others. Here it begins at once.

    What trio-asyncio hangs on the future, so that its cancellation goes the same way, holds the future:
    each call with its screenshot, and each connection for which aiohttp asked a thread, would wait for the
    garbage collector.
    """
    future: asyncio.Future[Any] = loop.create_future()
    handle = AsyncHandle(function, args, loop, result_future=future)
    handle._context.run(partial(loop._nursery.start_soon, handle._run, name=function))
    future.add_done_callback(_untie)
    return future


def _untie(future: "asyncio.Future[Any]") -> None:
    del future.cancel
